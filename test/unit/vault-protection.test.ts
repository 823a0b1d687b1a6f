import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { KeyProtector } from '../../main/host.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { plain } from '../../preload/contract/said.ts';
import {
  codeOf,
  inProcess,
  random,
  rawDb,
  temporaryFolder,
  type VaultParts,
  vaultIn,
} from '../support/parts.ts';
import { canary, entries, fill, holding, none, phrase, records, sealedIn } from '../support/vaults.ts';

/** Everything that opens the vault now, to be named when it should go at once. */
const idsOf = async ({ vault }: VaultParts): Promise<string[]> => (await vault.slots()).map(({ id }) => id);
const expectAll = async ({ vault }: VaultParts): Promise<void> => {
  for (const [id, secrets] of Object.entries(records)) expect(await vault.get(id)).toEqual(secrets);
};

describe('a change of protection', () => {
  it('keeps what only the session had', async () => {
    using folder = temporaryFolder();
    const parts = await vaultIn(folder.path, none);
    await fill(parts);
    expect(parts.vault.status()).toMatchObject({ state: 'session_only', sealedBy: null, secrets: 2 });
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: phrase });
    expect(parts.vault.status()).toMatchObject({
      state: 'passphrase',
      sealedBy: 'passphrase',
      available: null,
      keyVersion: 1,
      secrets: 2,
      explanation: null,
    });
    await expectAll(parts);
    await parts.vault.put('three', { password: 'added later' });
    parts.vault.close();
    const again = await vaultIn(folder.path, none);
    await again.vault.unlock(phrase);
    await expectAll(again);
    expect(await again.vault.get('three')).toEqual({ password: 'added later' });
    again.vault.close();
    for (const text of [canary, 'canary-token', phrase]) expect(holding(folder.path, text)).toEqual([]);
  });

  it('seals the same key by something else, and nothing of an old seal that was named is left', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    const [before] = sealedIn(parts.file).slice(-1) as [Buffer];
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: phrase }, await idsOf(parts));
    expect(parts.vault.status()).toMatchObject({
      state: 'passphrase',
      keyVersion: 1,
      available: 'os_keyring',
    });
    expect(keyring.kept.size).toBe(0);
    expect(holding(folder.path, before)).toEqual([]);
    await expectAll(parts);
    parts.vault.close();

    // And back, in a Headgate that has to be told the passphrase first.
    const again = await vaultIn(folder.path, { protector: keyring });
    expect(await codeOf(() => again.vault.changeProtector({ to: 'keychain' }))).toBe('VAULT_LOCKED');
    await again.vault.unlock(phrase);
    await again.vault.changeProtector({ to: 'keychain' }, await idsOf(again));
    expect(again.vault.status()).toMatchObject({ state: 'protected', sealedBy: 'os_keyring', keyVersion: 1 });
    again.vault.close();
    const last = await vaultIn(folder.path, { protector: keyring });
    await expectAll(last);
    expect(keyring.kept.size).toBe(1);
    last.vault.close();
  });

  it('to another passphrase makes the old one useless where that is named', async () => {
    using folder = temporaryFolder();
    const parts = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await fill(parts);
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: 'another phrase' }, await idsOf(parts));
    parts.vault.close();
    const old = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    expect(old.vault.status().state).toBe('locked');
    await old.vault.unlock('another phrase');
    await expectAll(old);
    old.vault.close();
  });

  it('is refused where there is nothing to change to, and says why', async () => {
    using folder = temporaryFolder();
    const parts = await vaultIn(folder.path, none);
    await expect(parts.vault.changeProtector({ to: 'keychain' })).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
      message: 'This Headgate can not use a keychain: no session bus.',
    });
    parts.vault.close();
    const started = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await expect(started.vault.changeProtector({ to: 'keychain' })).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
      message:
        'This Headgate can not use a keychain: it was started with HEADGATE_PASSPHRASE, and looks for no keychain then.',
    });
    expect(await codeOf(() => started.vault.changeProtector({ to: 'passphrase', passphrase: ' ' }))).toBe(
      'VAULT_UNAVAILABLE',
    );
    started.vault.close();
  });

  it.each([
    ['refuses', { seal: () => Promise.reject(new AppError('VAULT_LOCKED', plain('not now'))) }],
    ['gives back something else', { open: async () => Buffer.alloc(32) }],
    [
      'does not open what it sealed',
      { open: () => Promise.reject(new AppError('VAULT_WRONG_KEY', plain('never'))) },
    ],
  ])('leaves everything as it was when the new keychain %s', async (_, fault) => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await fill(first);
    first.vault.close();
    const before = sealedIn(first.file);
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: { ...keyring, ...fault } });
    await parts.vault.unlock(phrase);
    expect(await codeOf(() => parts.vault.changeProtector({ to: 'keychain' }))).toMatch(/^VAULT_/);
    await expectAll(parts);
    expect(parts.vault.status()).toMatchObject({ state: 'passphrase', explanation: null });
    expect(sealedIn(parts.file)).toEqual(before);
    // What was sealed on the way is not left in it.
    expect(keyring.kept.size).toBe(0);
    parts.vault.close();
  });

  it('is noticed by another Headgate at its next start, and disturbs none that is open', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const [one, two] = [
      await vaultIn(folder.path, { protector: keyring }),
      await vaultIn(folder.path, { protector: keyring }),
    ];
    await fill(one);
    await expectAll(two);
    await one.vault.changeProtector({ to: 'passphrase', passphrase: phrase });
    await expectAll(two);
    expect(two.vault.status()).toMatchObject({
      state: 'passphrase',
      sealedBy: 'passphrase',
      explanation: null,
    });
    await two.vault.put('two', { accessToken: 'changed by the second' });
    expect(await one.vault.get('two')).toEqual({ accessToken: 'changed by the second' });
    // A new key sealed by the keyring would undo the change.
    expect(await codeOf(() => two.vault.rotate())).toBe('SLOTS_DROPPED');
    await one.vault.rotate();
    expect(await codeOf(() => two.vault.get('one'))).toBe('VAULT_LOCKED');
    await two.vault.unlock(phrase);
    expect(await two.vault.get('one')).toEqual(records.one);
    one.vault.close();
    two.vault.close();
  });

  it('to another passphrase is not undone by a rotation that began before it', async () => {
    using folder = temporaryFolder();
    const old = passphraseProtector(phrase, random);
    let time = 0;
    const now = (): string => {
      time += 1;
      return new Date(Date.UTC(2026, 2, 1) + time).toISOString();
    };
    const one = await vaultIn(folder.path, { protector: old, now });
    await fill(one);
    let sealing = false;
    const slow: KeyProtector = {
      ...old,
      async seal(key) {
        if (sealing) await one.vault.changeProtector({ to: 'passphrase', passphrase: 'another phrase' });
        return old.seal(key);
      },
    };
    const two = await vaultIn(folder.path, { protector: slow, now });
    sealing = true;
    expect(await codeOf(() => two.vault.rotate())).toBe('VAULT_LOCKED');
    two.vault.close();
    one.vault.close();
    const again = await vaultIn(folder.path, { protector: passphraseProtector('another phrase', random) });
    await expectAll(again);
    again.vault.close();
  });

  it('is done or not when the process is killed in the middle, and the vault opens', async () => {
    // Killed when the new seal was made, when it was proved, and when the old one is to be forgotten.
    for (const step of ['seal', 'open', 'forget']) {
      using folder = temporaryFolder();
      const parts = await vaultIn(folder.path);
      await fill(parts);
      parts.vault.close();
      const died = await codeOf(() =>
        inProcess(`
          import { random, vaultIn } from 'test/support/parts.ts';
          import { keyFileProtector } from 'main/vault/key-file.ts';
          const kept = keyFileProtector('${folder.path}/vault.key', random);
          const die = () => process.kill(process.pid, 'SIGKILL');
          let changing = false;
          const protector = {
            ...kept,
            async seal(key) { const sealed = await kept.seal(key); if (changing && '${step}' === 'seal') die(); return sealed; },
            async open(sealed) { const key = await kept.open(sealed); if (changing && '${step}' === 'open') die(); return key; },
            async forget() { if (changing && '${step}' === 'forget') die(); },
          };
          const { vault } = await vaultIn('${folder.path}', { protector });
          changing = true;
          await vault.changeProtector({ to: 'keychain' }, (await vault.slots()).map(({ id }) => id));
          console.log('survived');`),
      );
      expect(died, step).not.toBe('did not fail');
      const after = await vaultIn(folder.path);
      await expectAll(after);
      expect(after.vault.status()).toMatchObject({ state: 'key_file', keyVersion: 1 });
      after.vault.close();
    }
  });
});

describe('what a keyring keeps for a vault', () => {
  it('is one entry, whatever is done, and a failure to remove one is only written down', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    for (let n = 0; n < 3; n += 1) await parts.vault.rotate();
    expect(keyring.kept.size).toBe(1);
    await parts.vault.changeProtector({ to: 'keychain' }, await idsOf(parts));
    expect(keyring.kept.size).toBe(1);
    await parts.vault.wipe();
    expect(keyring.kept.size).toBe(1);
    keyring.fault = new Error('keyring gone');
    await parts.vault.rotate();
    expect(parts.lines.join()).toContain('vault.forget_failed');
    expect(parts.vault.status()).toMatchObject({ state: 'protected', keyVersion: 6 });
    parts.vault.close();
  });

  it('is none of a rotation that failed', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    using db = rawDb(parts.file);
    db.exec("UPDATE secrets SET sealed = zeroblob(40) WHERE record_id = 'two'");
    expect(await codeOf(() => parts.vault.rotate())).toBe('VAULT_DAMAGED');
    expect(keyring.kept.size).toBe(1);
    expect(await parts.vault.get('one')).toEqual(records.one);
    parts.vault.close();
  });

  it('may be replaced by another process while it is asked for', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const one = await vaultIn(folder.path, { protector: keyring });
    await fill(one);
    let asked = 0;
    // The entry that the second one read of is gone when it looks.
    const slow: KeyProtector = {
      ...keyring,
      async open(sealed) {
        asked += 1;
        if (asked === 1) await one.vault.rotate();
        return keyring.open(sealed);
      },
    };
    const two = await vaultIn(folder.path, { protector: slow });
    expect(two.vault.status()).toMatchObject({ state: 'protected', keyVersion: 2 });
    await expectAll(two);
    one.vault.close();
    two.vault.close();
  });
});
