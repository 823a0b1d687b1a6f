import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { plain } from '../../preload/contract/said.ts';
import {
  codeOf,
  filesIn,
  inProcess,
  keptProtector,
  random,
  rawDb,
  temporaryFolder,
  vaultIn,
} from '../support/parts.ts';

const canary = 'canary-4f1d9c!"\\/ü';
const secrets = { user: 'sync_user_7731', password: canary };

const contains = (folder: string, text: string): string[] =>
  filesIn(folder)
    .filter(({ bytes }) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')))
    .map(({ path }) => path);

describe('what a vault keeps', () => {
  it('gives back what it was given, also after it was closed', async () => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path);
    await first.vault.put('one', secrets);
    await first.vault.put('two', { accessToken: 'a'.repeat(5000), refreshToken: '' });
    expect(await first.vault.get('one')).toEqual(secrets);
    first.vault.close();
    const { vault } = await vaultIn(folder.path);
    expect(await vault.get('one')).toEqual(secrets);
    expect(await vault.get('two')).toEqual({ accessToken: 'a'.repeat(5000), refreshToken: '' });
    expect(await vault.get('three')).toBeNull();
    expect(vault.has('one')).toBe(true);
    expect(vault.status()).toMatchObject({ state: 'key_file', secrets: 2, keyVersion: 1, explanation: null });
    vault.close();
  });

  it('writes no secret in clear, neither to the file nor to what SQLite puts beside it', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await vaultIn(folder.path);
    await vault.put('one', secrets);
    await vault.put('one', { ...secrets, password: `${canary}2` });
    expect(contains(folder.path, 'canary-4f1d9c')).toEqual([]);
    expect(contains(folder.path, secrets.user)).toEqual([]);
    expect(contains(folder.path, Buffer.from(canary).toString('base64').slice(0, 12))).toEqual([]);
    // The search itself finds what is there: the id of the record.
    expect(contains(folder.path, 'one').length).toBeGreaterThan(0);
    for (const ending of ['', '-wal', '-shm']) expect(statSync(file + ending).mode & 0o777).toBe(0o600);
    vault.close();
  });

  it('replaces all fields of a record', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path);
    await vault.put('one', { a: '1111', b: '2222' });
    await vault.put('one', { b: '3333' });
    expect(await vault.get('one')).toEqual({ b: '3333' });
    vault.close();
  });

  it('keeps the old secret when a new one can not be written', async () => {
    using folder = temporaryFolder();
    let left = Number.POSITIVE_INFINITY;
    const failing = (bytes: number): Buffer => {
      left -= 1;
      if (left < 0) throw new Error('no more randomness');
      return random(bytes);
    };
    const { vault, redactor } = await vaultIn(folder.path, { random: failing });
    await vault.put('one', secrets);
    // The first field is sealed, the second fails: neither may remain.
    left = 1;
    await expect(vault.put('one', { user: 'other', password: 'other-password' })).rejects.toThrow(
      'randomness',
    );
    expect(await vault.get('one')).toEqual(secrets);
    // However often it fails, what is stored stays known to the redactor, and so does what was on its way.
    for (let n = 0; n < 5; n += 1) {
      await vault.put('one', { password: `never-stored-${n}` }).catch(() => {});
    }
    expect(redactor.text(`x ${canary} never-stored-4 y`)).toBe('x •••• •••• y');
    vault.close();
  });

  it('destroys a secret: its bytes are gone from every file, without the vault being closed', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await vaultIn(folder.path);
    await vault.put('gone', { password: canary });
    await vault.put('stays', { password: canary });
    using db = rawDb(file);
    const sealedOf = (id: string): Buffer =>
      (db.prepare('SELECT sealed FROM secrets WHERE record_id = ?').get(id) as { sealed: Buffer }).sealed;
    const [gone, stays] = [sealedOf('gone'), sealedOf('stays')];
    const holding = (bytes: Buffer): number =>
      filesIn(folder.path).filter((f) => f.bytes.includes(bytes)).length;
    expect(holding(gone)).toBeGreaterThan(0);
    vault.delete('gone');
    expect(holding(gone)).toBe(0);
    expect(holding(stays)).toBeGreaterThan(0);
    expect(await vault.get('gone')).toBeNull();
    expect(vault.has('gone')).toBe(false);
    // Replacing leaves no old ciphertext either.
    await vault.put('stays', { password: 'another one' });
    expect(holding(stays)).toBe(0);
    vault.close();
  });

  it('tells the redactor what is in use, and keeps what was replaced for work under way', async () => {
    using folder = temporaryFolder();
    const { vault, redactor } = await vaultIn(folder.path);
    await vault.put('one', { user: 'postgres', password: 'first-password' });
    await vault.put('one', { user: 'postgres', password: 'second-password' });
    for (let n = 0; n < 10; n += 1) await vault.get('one');
    expect(redactor.text('first-password second-password')).toBe('•••• ••••');
    // A user name is a word that stands everywhere; taking it out of texts would only break them.
    expect(redactor.text('postgres on /var/lib/postgres')).toBe('postgres on /var/lib/postgres');
    vault.delete('one');
    expect(redactor.text('second-password')).toBe('••••');
    vault.close();
    const again = await vaultIn(folder.path);
    expect(again.redactor.text('second-password')).toBe('second-password');
    // What was only read here, and then replaced, is remembered as well.
    await again.vault.put('two', { password: 'third-password' });
    again.vault.close();
    const last = await vaultIn(folder.path);
    await last.vault.get('two');
    await last.vault.put('two', { password: 'fourth-password' });
    expect(last.redactor.text('third-password fourth-password')).toBe('•••• ••••');
    last.vault.close();
  });
});

describe('a sealed value is bound to its place', () => {
  const setups: [string, string][] = [
    ['another record', "UPDATE secrets SET record_id = 'other' WHERE record_id = 'one'"],
    ['another field', "UPDATE secrets SET field = 'refreshToken' WHERE record_id = 'one'"],
    ['another key version', "UPDATE secrets SET key_version = 2 WHERE record_id = 'one'"],
    [
      'the value of another record',
      "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE record_id = 'two')",
    ],
    ['nothing at all', "UPDATE secrets SET sealed = x'' WHERE record_id = 'one'"],
  ];
  it.each(setups)('moved to %s it does not open', async (_, sql) => {
    using folder = temporaryFolder();
    const { vault, file } = await vaultIn(folder.path);
    await vault.put('one', { token: 'first-value' });
    await vault.put('two', { token: 'other-value' });
    using db = rawDb(file);
    db.exec(sql);
    const id = db.prepare("SELECT 1 FROM secrets WHERE record_id = 'one'").get() ? 'one' : 'other';
    expect(await codeOf(() => vault.get(id))).toBe('VAULT_DAMAGED');
    vault.close();
  });

  it('does not open with any single bit flipped', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await vaultIn(folder.path);
    await vault.put('one', { t: 'abcdefgh' });
    using db = rawDb(file);
    const { sealed } = db.prepare('SELECT sealed FROM secrets').get() as { sealed: Buffer };
    const write = db.prepare('UPDATE secrets SET sealed = ?');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const other = Buffer.from(sealed);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      write.run(other);
      expect(await codeOf(() => vault.get('one')), `bit ${bit}`).toBe('VAULT_DAMAGED');
    }
    write.run(sealed);
    expect(await vault.get('one')).toEqual({ t: 'abcdefgh' });
    vault.close();
  });
});

describe('a vault fails closed', () => {
  it('keeps secrets for this session only when nothing protects a key', async () => {
    using folder = temporaryFolder();
    const none = { protector: null, protectorProblem: 'no keyring here' };
    const { vault, file, redactor } = await vaultIn(folder.path, none);
    await vault.put('one', { password: canary });
    expect(await vault.get('one')).toEqual({ password: canary });
    expect(vault.status()).toMatchObject({
      state: 'session_only',
      protector: 'none',
      secrets: 1,
      sealedBy: null,
      available: null,
      explanation:
        'Nothing protects a key here: no keyring here. Set a passphrase under Settings › Vault › Change protection, or unlock or install a keychain and start Headgate again.',
    });
    expect(contains(folder.path, 'canary-4f1d9c')).toEqual([]);
    expect(redactor.text(canary)).toBe('••••');
    expect(await codeOf(() => vault.rotate())).toBe('VAULT_UNAVAILABLE');
    vault.close();
    using db = rawDb(file);
    expect(db.prepare('SELECT count(*) AS n FROM secrets').get()).toEqual({ n: 0 });
    expect(db.prepare('SELECT count(*) AS n FROM data_key').get()).toEqual({ n: 0 });
    const next = await vaultIn(folder.path, none);
    expect(await next.vault.get('one')).toBeNull();
    next.vault.close();
  });

  it('still has what the session was given when another process makes the first key', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path, { protector: null, protectorProblem: 'none' });
    await vault.put('one', { password: canary });
    const other = await vaultIn(folder.path);
    await other.vault.put('two', secrets);
    expect(await vault.get('one')).toEqual({ password: canary });
    // And from then on nothing can be added without the key.
    expect(await codeOf(() => vault.put('three', secrets))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => vault.get('two'))).toBe('VAULT_LOCKED');
    other.vault.close();
    vault.close();
  });

  it('stays shut when it was sealed by something that is not there now, and leaves what it holds alone', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const first = await vaultIn(folder.path, { protector: keyring });
    await first.vault.put('one', secrets);
    first.vault.close();
    const bytes = (): unknown => {
      using db = rawDb(first.file);
      return db.prepare('SELECT k.sealed AS key, s.* FROM key_slots k, secrets s ORDER BY field').all();
    };
    const before = bytes();

    const other = await vaultIn(folder.path);
    expect(other.vault.status()).toMatchObject({ state: 'locked', secrets: 1, keyVersion: 1 });
    expect(other.vault.status()).toMatchObject({
      protector: 'the keyring of the system (Secret Service, Keychain or Credential Manager)',
      sealedBy: 'os_keyring',
      available: 'key_file',
      explanation: `This vault was sealed by the keyring of the system (Secret Service, Keychain or Credential Manager) on 2026-03-01; this computer now offers Key file ${folder.path}/vault.key. Open it with the headgate command, in a session where that keyring is unlocked, then choose Settings › Vault › Change protection.`,
    });
    for (const work of [
      () => other.vault.get('one'),
      () => other.vault.put('two', secrets),
      () => other.vault.rotate(),
      () => other.vault.unlock(),
    ]) {
      expect(await codeOf(work)).toBe('VAULT_WRONG_KEY');
    }
    other.vault.close();
    const none = await vaultIn(folder.path, { protector: null, protectorProblem: 'no session bus' });
    expect(none.vault.status()).toMatchObject({
      state: 'locked',
      sealedBy: 'os_keyring',
      available: null,
      explanation:
        'This vault was sealed by the keyring of the system (Secret Service, Keychain or Credential Manager) on 2026-03-01; nothing here can open it: no session bus. Open it with the headgate command, in a session where that keyring is unlocked, then choose Settings › Vault › Change protection.',
    });
    expect(await codeOf(() => none.vault.put('two', secrets))).toBe('VAULT_LOCKED');
    none.vault.close();
    expect(bytes()).toEqual(before);

    const back = await vaultIn(folder.path, { protector: keyring });
    expect(await back.vault.get('one')).toEqual(secrets);
    back.vault.close();
  });

  it('opens without a restart once the keyring is unlocked', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    (await vaultIn(folder.path, { protector: keyring })).vault.close();
    keyring.fault = new AppError('VAULT_LOCKED', plain('The vault is locked: the keyring is locked.'));
    const { vault } = await vaultIn(folder.path, { protector: keyring });
    expect(vault.status()).toMatchObject({
      state: 'locked',
      explanation:
        'The vault is locked: the keyring is locked. Unlock the keychain or enter the vault passphrase, then try again.',
    });
    expect(await codeOf(() => vault.put('one', secrets))).toBe('VAULT_LOCKED');
    expect(vault.has('one')).toBe(false);
    expect(await codeOf(() => vault.unlock())).toBe('VAULT_LOCKED');
    keyring.fault = null;
    await vault.unlock();
    expect(vault.status()).toMatchObject({ state: 'protected', explanation: null });
    await vault.put('one', secrets);
    expect(await vault.get('one')).toEqual(secrets);
    vault.close();
  });

  it('destroys secrets while it is locked', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const first = await vaultIn(folder.path, { protector: keyring });
    await first.vault.put('one', secrets);
    first.vault.close();
    keyring.fault = new Error('keyring crashed');
    const { vault } = await vaultIn(folder.path, { protector: keyring });
    expect(await codeOf(() => vault.get('one'))).toBe('VAULT_LOCKED');
    expect(vault.has('one')).toBe(true);
    vault.delete('one');
    expect(vault.has('one')).toBe(false);
    vault.close();
  });

  it('does not trust a protector that gives back something else', async () => {
    using folder = temporaryFolder();
    const forgetful = { ...keptProtector(), open: async () => Buffer.alloc(32) };
    const { vault } = await vaultIn(folder.path, { protector: forgetful });
    expect(vault.status()).toMatchObject({ state: 'locked', keyVersion: 0 });
    expect(await codeOf(() => vault.put('one', secrets))).toBe('VAULT_UNAVAILABLE');
    vault.close();
  });

  it('opens its key once, however many ask for a secret at the same time', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const first = await vaultIn(folder.path, { protector: keyring });
    await first.vault.put('one', secrets);
    first.vault.close();
    keyring.fault = new AppError('VAULT_LOCKED', plain('locked'));
    const { vault } = await vaultIn(folder.path, { protector: keyring });
    keyring.fault = null;
    keyring.opened = 0;
    const all = await Promise.all(Array.from({ length: 50 }, () => vault.get('one')));
    expect(all.every((one) => one?.['password'] === canary)).toBe(true);
    expect(keyring.opened).toBe(1);
    vault.close();
  });
});

describe('the first key', () => {
  it('is one for two vaults that open the same new file at the same time', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => vaultIn(folder.path, { protector: keyring })),
    );
    // Whoever came second has the key of the first, and no failure to show.
    for (const { vault } of opened)
      expect(vault.status()).toMatchObject({ state: 'protected', explanation: null });
    await Promise.all(opened.map(({ vault }, n) => vault.put(`record ${n}`, { password: `secret ${n}` })));
    for (const { vault } of opened) {
      expect(vault.status()).toMatchObject({ state: 'protected', keyVersion: 1, secrets: 4 });
      for (let n = 0; n < 4; n += 1)
        expect(await vault.get(`record ${n}`)).toEqual({ password: `secret ${n}` });
    }
    for (const { vault } of opened) vault.close();
  });

  it('is one for processes that start at the same moment', async () => {
    using folder = temporaryFolder();
    const script = (n: number): string => `
      import { vaultIn } from 'test/support/parts.ts';
      const { vault } = await vaultIn(${JSON.stringify(folder.path)});
      await vault.put('record ${n}', { password: 'secret ${n}' });
      console.log(vault.status().state);
      vault.close();`;
    const answers = await Promise.all([1, 2, 3].map((n) => inProcess(script(n))));
    expect(answers).toEqual(['key_file\n', 'key_file\n', 'key_file\n']);
    const { vault } = await vaultIn(folder.path);
    for (const n of [1, 2, 3]) expect(await vault.get(`record ${n}`)).toEqual({ password: `secret ${n}` });
    vault.close();
  });

  it('is not made by reading', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'vault.key');
    const { vault } = await vaultIn(folder.path, { protector: keyFileProtector(file, random) });
    expect(await vault.get('nothing')).toBeNull();
    vault.close();
    // A second protector of the same kind but another key never replaces what the first sealed.
    const wrong = await vaultIn(folder.path, {
      protector: keyFileProtector(join(folder.path, 'other.key'), random),
    });
    expect(wrong.vault.status().state).toBe('locked');
    wrong.vault.close();
    expect(await codeOf(() => passphraseProtector(' ', random).seal(Buffer.alloc(32)))).toBe(
      'VAULT_UNAVAILABLE',
    );
  });
});
