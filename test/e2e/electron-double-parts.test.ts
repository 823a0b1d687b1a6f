import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openableUrl } from '../../main/electron/openable.ts';
import { createSafeStorageProtector } from '../../main/electron/safe-storage.ts';
import { createLogger } from '../../main/log.ts';
import { createLogFile } from '../../main/log-file.ts';
import { createRedactor } from '../../main/redact.ts';
import { temporaryFolder } from '../electron-double/launch.ts';

describe('what the desktop shell opens in a browser', () => {
  test('https, and http of this computer; nothing else', () => {
    for (const good of [
      'https://www.commcarehq.org/a',
      'http://127.0.0.1:8123/callback',
      'http://[::1]:1/',
      'http://localhost/',
    ]) {
      expect(openableUrl(good)).toBe(good);
    }
    for (const bad of [
      'http://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://host/share',
      'https://user:pass@example.com/',
      'C:\\Windows\\System32\\calc.exe',
      'ms-settings:',
      '',
    ]) {
      expect(() => openableUrl(bad), bad).toThrow(/Only https/);
    }
  });
});

describe('the log file', () => {
  let folder: { path: string; remove: () => void };
  beforeEach(() => {
    folder = temporaryFolder('log');
  });
  afterEach(() => folder.remove());

  test('is private, and rotates by size', () => {
    const log = createLogFile({ folder: folder.path, name: 'headgate', maxBytes: 100, files: 3 });
    for (let n = 0; n < 20; n += 1) log.write(`${String(n).padStart(29, '.')}\n`);
    const files = readdirSync(folder.path).sort();
    expect(files).toEqual(['headgate.1.log', 'headgate.2.log', 'headgate.log']);
    for (const file of files) {
      expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600);
      expect(statSync(join(folder.path, file)).size).toBeLessThanOrEqual(100);
    }
    expect(readFileSync(log.path, 'utf8')).toContain('19\n');
    // Goes on with what is there.
    createLogFile({ folder: folder.path, name: 'headgate', maxBytes: 100, files: 3 }).write('more\n');
    expect(readFileSync(log.path, 'utf8')).toContain('19\nmore\n');
  });

  test('gives back its last whole lines, over the end of a file too', () => {
    const log = createLogFile({ folder: folder.path, name: 'headgate', maxBytes: 100, files: 3 });
    expect(log.recent(1000)).toBe('');
    for (let n = 0; n < 8; n += 1) log.write(`${String(n).padStart(29, '.')}\n`);
    const numbers = (most: number): number[] =>
      log
        .recent(most)
        .split('\n')
        .slice(0, -1)
        .map((line) => Number(line.replaceAll('.', '')));
    expect(numbers(1000)).toEqual([3, 4, 5, 6, 7]);
    expect(numbers(100)).toEqual([5, 6, 7]);
    expect(numbers(20)).toEqual([]);
  });

  test('never throws, whatever the disk says', () => {
    const log = createLogFile({ folder: join(folder.path, 'missing'), name: 'headgate' });
    expect(() => log.write('line\n')).not.toThrow();
    expect(log.recent(1000)).toBe('');
    mkdirSync(join(folder.path, 'missing'));
    log.write('later\n');
    expect(readFileSync(log.path, 'utf8')).toBe('later\n');
  });
});

describe('the key protector on safeStorage', () => {
  type Storage = Parameters<typeof createSafeStorageProtector>[0]['safeStorage'];
  const log = createLogger({ sink: { write: () => {} }, redactor: createRedactor(), now: () => 0 });
  const unavailable = new Error('safeStorage is temporarily unavailable. Please try again.');

  /** A storage that "seals" with the tag and the text itself; what it does can be changed on the way. */
  const storage = (changes: { tag?: string; available?: boolean; fails?: Error; stale?: boolean } = {}) => {
    const state = { tag: 'v11', available: true, stale: false, ...changes };
    const fail = (): void => {
      if (state.fails) throw state.fails;
    };
    const safeStorage: Storage = {
      isAsyncEncryptionAvailable: () => Promise.resolve(state.available),
      encryptStringAsync: async (text) => {
        fail();
        return Buffer.from(state.tag + text);
      },
      decryptStringAsync: async (sealed) => {
        fail();
        return { result: sealed.subarray(3).toString(), shouldReEncrypt: state.stale };
      },
    };
    return { state, safeStorage };
  };
  const make = (safeStorage: Storage, platform = 'linux') =>
    createSafeStorageProtector({ safeStorage, platform, log });

  test('names what guards the key, and seals with it', async () => {
    for (const [platform, tag, label] of [
      ['linux', 'v11', 'Secret Service (GNOME Keyring, KWallet)'],
      ['darwin', 'v10', 'macOS Keychain'],
      ['win32', 'v10', 'Windows Data Protection'],
    ] as const) {
      const { protector, problem } = await make(storage({ tag }).safeStorage, platform);
      expect(problem).toBeNull();
      expect(protector).toMatchObject({ kind: 'safe_storage', label });
      const key = Buffer.from([0, 255, 128, 7]);
      expect(await protector?.open((await protector.seal(key)) ?? key)).toEqual(key);
    }
  });

  test('refuses a key that is the same everywhere, whenever it appears', async () => {
    const constant = await make(storage({ tag: 'v10' }).safeStorage);
    expect(constant.protector).toBeNull();
    expect(constant.problem).toMatch(/the same on every computer/);
    const { state, safeStorage } = storage();
    const { protector } = await make(safeStorage);
    state.tag = 'v10';
    await expect(protector?.seal(Buffer.alloc(4))).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });

  test('tells locked from lost', async () => {
    expect((await make(storage({ available: false }).safeStorage)).problem).toMatch(/not available/);
    expect((await make(storage({ fails: new Error('broken') }).safeStorage)).problem).toMatch(
      /does not work/,
    );
    const { state, safeStorage } = storage({ fails: unavailable });
    const { protector, problem } = await make(safeStorage);
    expect(problem).toBeNull();
    await expect(protector?.seal(Buffer.alloc(4))).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    await expect(protector?.open(Buffer.alloc(4))).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    state.fails = new Error('Error while decrypting the ciphertext');
    await expect(protector?.open(Buffer.alloc(4))).rejects.toMatchObject({ code: 'VAULT_WRONG_KEY' });
    await expect(protector?.seal(Buffer.alloc(4))).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });

  test('knows when the key should be sealed anew', async () => {
    const { state, safeStorage } = storage({ stale: true });
    const { protector } = await make(safeStorage);
    const sealed = (await protector?.seal(Buffer.alloc(4))) ?? Buffer.alloc(0);
    expect(protector?.resealWanted).toBe(false);
    await protector?.open(sealed);
    expect(protector?.resealWanted).toBe(true);
    state.stale = false;
    await protector?.seal(Buffer.alloc(4));
    expect(protector?.resealWanted).toBe(false);
  });
});
