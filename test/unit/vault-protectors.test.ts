import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBytes, sealBytes } from '../../main/vault/aead.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { codeOf, filesIn, inProcess, random, temporaryFolder, vaultIn } from '../support/parts.ts';

describe('AES-256-GCM', () => {
  it('never seals the same way twice, and opens only with the same key and context', () => {
    const [key, other] = [random(32), random(32)];
    const plain = Buffer.from('a secret');
    const sealed = sealBytes(key, plain, 'here', random);
    expect(sealed.equals(sealBytes(key, plain, 'here', random))).toBe(false);
    expect(openBytes(key, sealed, 'here')).toEqual(plain);
    expect(() => openBytes(other, sealed, 'here')).toThrow();
    expect(() => openBytes(key, sealed, 'there')).toThrow();
    for (const length of [0, 11, 12, 27, sealed.length - 1]) {
      expect(() => openBytes(key, sealed.subarray(0, length), 'here')).toThrow();
    }
  });
});

describe('passphrase', () => {
  it('opens a vault with the same passphrase only, derived once, however often it is tried', async () => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path, { protector: passphraseProtector('caf\u00e9 sesame', random) });
    await first.vault.put('one', { password: 'hidden' });
    first.vault.close();

    const wrong = passphraseProtector('cafe sesame', random);
    const started = performance.now();
    const locked = await vaultIn(folder.path, { protector: wrong });
    const once = performance.now() - started;
    // Memory-hard: not something that can be tried thousands of times a second.
    expect(once).toBeGreaterThan(50);
    expect(locked.vault.status()).toMatchObject({
      state: 'locked',
      sealedBy: 'passphrase',
      available: 'passphrase',
      explanation:
        'The passphrase does not open this vault. Open it with the keychain, passphrase or key file that this vault was made with. The secrets in it were not changed.',
    });
    const again = performance.now();
    for (let n = 0; n < 20; n += 1) {
      expect(await codeOf(() => locked.vault.get('one'))).toBe('VAULT_WRONG_KEY');
      expect(await codeOf(() => locked.vault.put('one', { password: 'replaced' }))).toBe('VAULT_WRONG_KEY');
    }
    expect(performance.now() - again).toBeLessThan(once);
    locked.vault.close();

    // The same letters, typed on another keyboard.
    const right = await vaultIn(folder.path, { protector: passphraseProtector('cafe\u0301 sesame', random) });
    expect(right.vault.status().state).toBe('passphrase');
    expect(await right.vault.get('one')).toEqual({ password: 'hidden' });
    right.vault.close();
    for (const { bytes } of filesIn(folder.path)) expect(bytes.includes('sesame')).toBe(false);
  });

  it('refuses what it never made, and to seal with nothing', async () => {
    const protector = passphraseProtector('open sesame', random);
    for (const blob of ['', '{"v":1}', 'HGP1', `HGP1${'s'.repeat(16)}`]) {
      expect(await codeOf(() => protector.open(Buffer.from(blob)))).toBe('VAULT_WRONG_KEY');
    }
    for (const empty of ['', '  \n']) {
      expect(await codeOf(() => passphraseProtector(empty, random).seal(random(32)))).toBe(
        'VAULT_UNAVAILABLE',
      );
    }
  });
});

describe('key file', () => {
  it('is made for its owner only, complete, and with nothing left beside it', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'key');
    const sealed = await keyFileProtector(file, random).seal(random(32));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(readdirSync(folder.path)).toEqual(['key']);
    const before = readFileSync(file);
    await keyFileProtector(file, random).seal(random(32));
    expect(readFileSync(file)).toEqual(before);
    expect(Buffer.from(sealed).includes(Buffer.from(before.toString(), 'base64'))).toBe(false);
  });

  it('is one, whole, for processes that make it at the same moment', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'key');
    const at = Date.now() + 700;
    const script = `
      import { keyFileProtector } from 'main/vault/key-file.ts';
      import { randomBytes } from 'node:crypto';
      while (Date.now() < ${at});
      const sealed = await keyFileProtector(${JSON.stringify(file)}, (n) => randomBytes(n)).seal(Buffer.alloc(32, 7));
      console.log(Buffer.from(sealed).toString('base64'));`;
    const sealed = await Promise.all([inProcess(script), inProcess(script), inProcess(script)]);
    const protector = keyFileProtector(file, random);
    for (const text of sealed) {
      expect(Buffer.from(await protector.open(Buffer.from(text, 'base64')))).toEqual(Buffer.alloc(32, 7));
    }
    expect(readdirSync(folder.path)).toEqual(['key']);
  });

  it.each([0o644, 0o640, 0o604, 0o610])('is refused with mode %o', async (mode) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'key');
    const protector = keyFileProtector(file, random);
    const sealed = await protector.seal(random(32));
    chmodSync(file, mode);
    await expect(protector.open(sealed)).rejects.toMatchObject({
      code: 'VAULT_WRONG_KEY',
      message: expect.stringContaining('can be read by other users'),
      advice: `Run: chmod 600 ${file}`,
    });
    expect(await codeOf(() => protector.seal(random(32)))).toBe('VAULT_WRONG_KEY');
    chmodSync(file, 0o600);
    expect((await protector.open(sealed)).byteLength).toBe(32);
  });

  it('must be the one the vault was sealed with', async () => {
    using folder = temporaryFolder();
    const [one, two, bad] = ['one', 'two', 'bad'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    const sealed = await keyFileProtector(one, random).seal(random(32));
    await keyFileProtector(two, random).seal(random(32));
    writeFileSync(bad, 'not a key\n', { mode: 0o600 });
    expect(await codeOf(() => keyFileProtector(two, random).open(sealed))).toBe('VAULT_WRONG_KEY');
    expect(await codeOf(() => keyFileProtector(bad, random).open(sealed))).toBe('VAULT_WRONG_KEY');
    expect(readFileSync(bad, 'utf8')).toBe('not a key\n');
  });

  it('is waited for when it is not there, and not made anew by opening', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'key');
    const sealed = await keyFileProtector(file, random).seal(random(32));
    const missing = keyFileProtector(join(folder.path, 'elsewhere'), random);
    expect(await codeOf(() => missing.open(sealed))).toBe('VAULT_LOCKED');
    expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false);
    const nowhere = keyFileProtector(join(folder.path, 'no', 'such', 'folder', 'key'), random);
    expect(await codeOf(() => nowhere.seal(random(32)))).toBe('VAULT_UNAVAILABLE');
  });
});
