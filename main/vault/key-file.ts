import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import { readPlainFileSync } from '../plain-file.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';

/** A key of 32 bytes in base64, and what an editor may have put around it. */
const longestKeyFile = 4096;

/**
 * Bits of a file's mode that open it to others. systemd hands credentials over in a folder that only the service may enter,
 * and lets it read them by an access list, whose mask is shown where the group's bits are.
 */
const openBits = (file: string, credentials: string | undefined): number =>
  credentials && dirname(resolve(file)) === resolve(credentials) ? 0o037 : 0o077;

/**
 * A protector whose key is a file that the person named, for servers without a keychain. The file is made with mode
 * 0600 when it does not exist; one that others can read is refused. `credentials` is the folder in which the service manager
 * hands over credentials (`CREDENTIALS_DIRECTORY`), where there is one.
 */
export function keyFileProtector(
  file: string,
  random: (bytes: number) => Buffer,
  credentials?: string,
): KeyProtector {
  const readKey = (): Buffer => {
    let text: string;
    try {
      text = readPlainFileSync(file, longestKeyFile, ({ mode }) => {
        // Windows has no such bits; there the folder's access list decides.
        if (process.platform !== 'win32' && (mode & openBits(file, credentials)) !== 0) {
          throw new AppError('VAULT_WRONG_KEY', say('vault.keyFileCanRead', { file }), {
            advice: say('vault.keyFileCanRead.advice', { file }),
          });
        }
      }).toString('utf8');
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('VAULT_LOCKED', say('vault.keyFileCanNot', { file }), { cause });
    }
    const key = Buffer.from(text.trim(), 'base64');
    if (key.byteLength !== keyBytes)
      throw new AppError('VAULT_WRONG_KEY', say('vault.notHeadgateKeyFile', { file }));
    return key;
  };
  /** The file appears complete or not at all, and never in the place of one that is there. */
  const makeKey = (): void => {
    if (existsSync(file)) return;
    const draft = `${file}.${random(6).toString('hex')}.new`;
    try {
      const handle = openSync(draft, 'wx', 0o600);
      try {
        writeSync(handle, `${random(keyBytes).toString('base64')}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      linkSync(draft, file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw new AppError('VAULT_UNAVAILABLE', say('vault.keyFileCanNotWritten', { file }), { cause });
    } finally {
      rmSync(draft, { force: true });
    }
  };
  return {
    kind: 'key_file',
    label: `Key file ${file}`,
    async seal(key) {
      makeKey();
      return sealBytes(readKey(), key, 'headgate key file', random);
    },
    async open(sealed) {
      const key = readKey();
      try {
        return openBytes(key, sealed, 'headgate key file');
      } catch (cause) {
        throw new AppError('VAULT_WRONG_KEY', say('vault.keyFileDoesNot', { file }), { cause });
      }
    },
  };
}
