import { linkSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { NotPlain, readPlainFileSync } from '../../plain-file.ts';

/** Where the token of a workspace's health port is. */
export const healthTokenFile = (folder: string): string => join(folder, 'health.token');

const form = /^[0-9a-f]{64}$/;

function insistOwn({ uid, mode }: Stats): void {
  // Windows has no such bits; there the folder's access list decides.
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o077) !== 0))
    throw new NotPlain('others can write or read it');
}

/**
 * The token that monitoring has to show, in a file of the workspace's folder that only this user can read; made at the first
 * start, and anew where somebody removed the file. Fails with INPUT_INVALID where the file is not as it was made.
 */
export function healthToken(folder: string, random: (bytes: number) => Buffer): string {
  const file = healthTokenFile(folder);
  const draft = `${file}.${random(6).toString('hex')}.new`;
  try {
    // It appears complete or not at all, and never in the place of one that is there.
    writeFileSync(draft, `${random(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(draft, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new AppError('STORE_UNAVAILABLE', say('command.fileCanNotMade', { file }), { cause });
  } finally {
    rmSync(draft, { force: true });
  }
  let token = '';
  try {
    token = readPlainFileSync(file, 200, insistOwn).toString('utf8').trim();
  } catch (cause) {
    throw new AppError('INPUT_INVALID', say('command.tokenCanNotUsed', { file }), {
      ...{ cause, advice: say('command.tokenCanNotUsed.advice', { file }) },
    });
  }
  if (form.test(token)) return token;
  throw new AppError('INPUT_INVALID', say('command.noToken', { file }), {
    advice: say('command.tokenCanNotUsed.advice', { file }),
  });
}
