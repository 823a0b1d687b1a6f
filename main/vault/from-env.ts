import type { KeyProtector } from '../host.ts';
import { keyFileProtector } from './key-file.ts';
import { passphraseProtector } from './passphrase.ts';

/**
 * The protector that the environment names: `HEADGATE_PASSPHRASE` holds a passphrase, `HEADGATE_KEY_FILE` names a key
 * file. Both hosts understand them, so a workspace made by one opens in the other. Null when neither is set. The
 * passphrase is taken out of the environment, so that nothing started from here inherits it.
 */
export function protectorFromEnv(
  env: Record<string, string | undefined>,
  random: (bytes: number) => Buffer,
): KeyProtector | null {
  const passphrase = env['HEADGATE_PASSPHRASE'];
  delete env['HEADGATE_PASSPHRASE'];
  if (passphrase) return passphraseProtector(passphrase, random);
  const file = env['HEADGATE_KEY_FILE'];
  return file ? keyFileProtector(file, random, env['CREDENTIALS_DIRECTORY']) : null;
}
