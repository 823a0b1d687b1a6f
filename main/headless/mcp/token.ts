import { say } from '../../../preload/messages/said.ts';
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
  throw new AppError('LOCKED', say('command.noTokenAgent'), {
    advice: say('command.noTokenAgent.advice'),
  });
}

function read(file: string): string {
  try {
    const bytes = readPlainFileSync(file, longestFile, ({ mode }) => {
      if (process.platform === 'win32' || (mode & 0o077) === 0) return;
      throw new AppError('INPUT_INVALID', say('command.othersThanOwnerMay', { file }), {
        advice: say('command.othersThanOwnerMay.advice', { file }),
      });
    });
    return bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('INPUT_INVALID', say('command.fileCanNotRead', { file }), { cause });
  }
}
