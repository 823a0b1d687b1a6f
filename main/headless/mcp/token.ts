import { AppError } from '../../errors.ts';
import { readPlainFileSync } from '../../plain-file.ts';

const longestToken = 200;
const longestFile = 10 * longestToken;

/**
 * The token of an agent, from a file of its own, or out of the environment, so that nothing started from here inherits it.
 * Fails with INPUT_INVALID where others may read the file, and with LOCKED where there is no token.
 */
export function tokenFrom(env: NodeJS.ProcessEnv, file: string | undefined): string {
  const given = env['HEADGATE_AGENT_TOKEN'];
  delete env['HEADGATE_AGENT_TOKEN'];
  const token = (file === undefined ? (given ?? '') : read(file)).trim();
  if (token !== '' && token.length <= longestToken) return token;
  throw new AppError('LOCKED', 'There is no token of an agent.', {
    advice:
      'Make one with headgate mcp grant, and give it in HEADGATE_AGENT_TOKEN or with --token-file FILE.',
  });
}

function read(file: string): string {
  try {
    const bytes = readPlainFileSync(file, longestFile, ({ mode }) => {
      if (process.platform === 'win32' || (mode & 0o077) === 0) return;
      throw new AppError('INPUT_INVALID', `Others than its owner may read the file ${file}.`, {
        advice: `Take that right away: chmod 600 ${file}`,
      });
    });
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INPUT_INVALID', `The file ${file} can not be read.`, { cause });
  }
}
