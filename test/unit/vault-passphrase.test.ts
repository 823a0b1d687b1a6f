import { describe, expect, it } from 'vitest';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import {
  codeOf,
  keptProtector,
  random,
  temporaryFolder,
  type VaultParts,
  vaultIn,
} from '../support/parts.ts';
import { fill, holding, none, phrase, records } from '../support/vaults.ts';

const expectAll = async ({ vault }: VaultParts): Promise<void> => {
  for (const [id, secrets] of Object.entries(records)) expect(await vault.get(id)).toEqual(secrets);
};

describe('a vault sealed with a passphrase', () => {
  const sealedWith = async (folder: string): Promise<void> => {
    const first = await vaultIn(folder, { protector: passphraseProtector(phrase, random) });
    await fill(first);
    first.vault.close();
  };

  it.each([
    ['nothing', none, null],
    ['a keyring', { protector: keptProtector() }, 'os_keyring'],
  ])('waits for it in a Headgate that has %s, and opens with it', async (_, change, available) => {
    using folder = temporaryFolder();
    await sealedWith(folder.path);
    const parts = await vaultIn(folder.path, change);
    expect(parts.vault.status()).toMatchObject({
      state: 'locked',
      protector: 'a passphrase',
      sealedBy: 'passphrase',
      available,
      keyVersion: 1,
      secrets: 2,
      explanation:
        'This vault was sealed by a passphrase on 2026-03-01; it was not entered yet. Enter it under Settings › Vault › Unlock, or start Headgate with HEADGATE_PASSPHRASE.',
    });
    expect(await codeOf(() => parts.vault.get('one'))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => parts.vault.unlock())).toBe('VAULT_LOCKED');
    expect(await codeOf(() => parts.vault.unlock('wrong'))).toBe('PASSPHRASE_WRONG');
    expect(parts.vault.status()).toMatchObject({
      state: 'locked',
      explanation:
        'The passphrase does not open this vault. Check the keyboard layout and caps lock, then try again.',
    });
    await parts.vault.unlock(phrase);
    expect(parts.vault.status()).toMatchObject({
      state: 'passphrase',
      protector: 'Passphrase',
      explanation: null,
    });
    await expectAll(parts);
    // It stays with the passphrase, also under a new key.
    await parts.vault.rotate();
    await expectAll(parts);
    expect(parts.vault.status()).toMatchObject({ state: 'passphrase', keyVersion: 2 });
    parts.vault.close();
    const again = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await expectAll(again);
    again.vault.close();
    expect(holding(folder.path, phrase)).toEqual([]);
    expect(parts.lines.join()).not.toContain(phrase);
  });

  it('opens with the right one where Headgate was started with a wrong one', async () => {
    using folder = temporaryFolder();
    await sealedWith(folder.path);
    const parts = await vaultIn(folder.path, { protector: passphraseProtector('an old one', random) });
    expect(parts.vault.status().state).toBe('locked');
    await parts.vault.unlock(phrase);
    await expectAll(parts);
    parts.vault.close();
  });

  it('looks at five wrong ones a minute, counted also when they come at once', async () => {
    using folder = temporaryFolder();
    await sealedWith(folder.path);
    let time = Date.parse('2026-03-01T08:00:00.000Z');
    const parts = await vaultIn(folder.path, { ...none, now: () => new Date(time).toISOString() });
    const codes = await Promise.all(
      Array.from({ length: 7 }, (_, n) => codeOf(() => parts.vault.unlock(`wrong ${n}`))),
    );
    expect(codes).toEqual([...Array(5).fill('PASSPHRASE_WRONG'), 'TOO_MANY_TRIES', 'TOO_MANY_TRIES']);
    time += 59_000;
    // Not even the right one is looked at, and the answer names the time.
    await expect(parts.vault.unlock(phrase)).rejects.toMatchObject({
      code: 'TOO_MANY_TRIES',
      message: 'Too many wrong passphrases. The next one is looked at 2026-03-01T08:01:00.000Z.',
    });
    expect(await codeOf(() => parts.vault.get('one'))).toBe('VAULT_LOCKED');
    time += 1000;
    await parts.vault.unlock(phrase);
    await expectAll(parts);
    parts.vault.close();
  });

  it('waits no longer than a minute when the clock is set back', async () => {
    using folder = temporaryFolder();
    await sealedWith(folder.path);
    let time = Date.parse('2026-03-01T08:00:00.000Z');
    const parts = await vaultIn(folder.path, { ...none, now: () => new Date(time).toISOString() });
    for (let n = 0; n < 5; n += 1) await codeOf(() => parts.vault.unlock(`wrong ${n}`));
    time -= 24 * 3_600_000;
    expect(await codeOf(() => parts.vault.unlock(phrase))).toBe('TOO_MANY_TRIES');
    time += 60_000;
    await parts.vault.unlock(phrase);
    parts.vault.close();
  });
});
