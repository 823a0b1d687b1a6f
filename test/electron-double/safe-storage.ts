import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import type { Core } from './core.ts';
import { strict } from './strict.ts';

/**
 * `secret-service`: a keychain is there, ciphertext starts with v11. `basic`: none is, and Chromium falls back to
 * a key that is the same everywhere, v10. `unavailable`: the keychain does not answer now. `absent`: no
 * encryption at all.
 */
export type KeychainMode = 'secret-service' | 'basic' | 'unavailable' | 'absent';

export interface Keychain {
  mode: KeychainMode;
  /** A new key from now on; what the old one sealed still opens, with `shouldReEncrypt`. */
  rotate(): void;
}

const tagLength = 3;
const ivLength = 12;
const authLength = 16;
/** The same for everybody, which is the point of it. */
const basicKey = Buffer.alloc(32, 'peanuts');

/** The keys of the emulated keychain, newest last. With a folder they outlive the process. */
function createKeys(folder: string | undefined): { all(): Buffer[]; add(): void } {
  const memory: Buffer[] = [];
  const file = folder === undefined ? undefined : join(folder, 'keychain.json');
  const read = (): Buffer[] => {
    if (!file) return memory;
    if (!existsSync(file)) return [];
    return (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((key) => Buffer.from(key, 'base64'));
  };
  const add = (): void => {
    const keys = [...read(), randomBytes(32)];
    if (!file || folder === undefined) {
      memory.splice(0, memory.length, ...keys);
      return;
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(keys.map((key) => key.toString('base64'))), { mode: 0o600 });
    chmodSync(`${file}.new`, 0o600);
    renameSync(`${file}.new`, file);
  };
  return {
    all() {
      if (read().length === 0) add();
      return read();
    },
    add,
  };
}

function seal(tag: string, key: Buffer, text: string): Buffer {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([
    Buffer.from(tag),
    iv,
    cipher.update(text, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

function open(key: Buffer, sealed: Buffer): string | undefined {
  const iv = sealed.subarray(tagLength, tagLength + ivLength);
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(sealed.subarray(-authLength));
  try {
    return `${decipher.update(sealed.subarray(tagLength + ivLength, -authLength), undefined, 'utf8')}${decipher.final('utf8')}`;
  } catch {
    return undefined;
  }
}

type Checked = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** The asynchronous API only: the other one goes away with Electron 46. */
export function createSafeStorage(
  core: Core,
  settings: { mode: KeychainMode; folder: string | undefined },
): { safeStorage: Checked; keychain: Keychain } {
  const keys = createKeys(settings.folder);
  const keychain: Keychain = { mode: settings.mode, rotate: () => keys.add() };
  const check = (method: string): void => {
    if (!core.state.ready) throw new Error(`safeStorage.${method} cannot be used before app is ready`);
    if (keychain.mode === 'unavailable') {
      throw new Error(`safeStorage.${method} is temporarily unavailable. Please try again.`);
    }
    if (keychain.mode === 'absent')
      throw new Error(`Error while calling safeStorage.${method}: not available.`);
  };
  const failed = (): never => {
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.');
  };
  const safeStorage = strict('safeStorage', {
    isAsyncEncryptionAvailable: () => Promise.resolve(core.state.ready && keychain.mode !== 'absent'),
    async encryptStringAsync(text) {
      check('encryptStringAsync');
      if (keychain.mode === 'basic') return seal('v10', basicKey, text);
      return seal('v11', keys.all().at(-1) ?? failed(), text);
    },
    async decryptStringAsync(sealed) {
      check('decryptStringAsync');
      const tag = sealed.subarray(0, tagLength).toString();
      if (sealed.length < tagLength + ivLength + authLength) return failed();
      if (tag === 'v10') {
        return { result: open(basicKey, sealed) ?? failed(), shouldReEncrypt: keychain.mode !== 'basic' };
      }
      if (tag !== 'v11' || keychain.mode === 'basic') return failed();
      const known = keys.all();
      for (const [index, key] of known.entries()) {
        const result = open(key, sealed);
        if (result !== undefined) return { result, shouldReEncrypt: index < known.length - 1 };
      }
      return failed();
    },
    getSelectedStorageBackend() {
      if (!core.state.ready) return 'unknown';
      return keychain.mode === 'basic' ? 'basic_text' : 'gnome_libsecret';
    },
  } satisfies Checked);
  return { safeStorage, keychain };
}
