import { describe, expect, it } from 'vitest';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { filesIn, random, temporaryFolder, type VaultParts, vaultIn } from '../support/parts.ts';
import { entries, fill, holding, none, phrase, records, sealedIn } from '../support/vaults.ts';

const expectAll = async ({ vault }: VaultParts): Promise<void> => {
  for (const [id, secrets] of Object.entries(records)) expect(await vault.get(id)).toEqual(secrets);
};

describe('wiping a vault', () => {
  it('destroys every secret and the key, leaves no byte of them, and goes on under a new key', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    for (let n = 0; n < 100; n += 1) await parts.vault.put(`many ${n}`, { password: `canary-many-${n}` });
    const before = sealedIn(parts.file);
    expect(before).toHaveLength(104);
    expect(holding(folder.path, before[0] as Buffer).length).toBeGreaterThan(0);
    await parts.vault.wipe();
    const disk = Buffer.concat(filesIn(folder.path).map(({ bytes }) => bytes));
    for (const sealed of before) expect(disk.includes(sealed)).toBe(false);
    expect(disk.includes('canary')).toBe(false);
    // The ids of the records are gone too.
    expect(disk.includes('many 17')).toBe(false);
    expect(parts.vault.status()).toMatchObject({
      state: 'protected',
      secrets: 0,
      keyVersion: 2,
      explanation: null,
    });
    expect(await parts.vault.get('one')).toBeNull();
    expect(keyring.kept.size).toBe(1);
    await fill(parts);
    parts.vault.close();
    const again = await vaultIn(folder.path, { protector: keyring });
    await expectAll(again);
    again.vault.close();
    expect(parts.lines.join()).not.toContain('canary');
  });

  it('is the way out when the passphrase is forgotten', async () => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await fill(first);
    first.vault.close();
    const parts = await vaultIn(folder.path);
    expect(parts.vault.status().state).toBe('locked');
    await parts.vault.wipe();
    expect(parts.vault.status()).toMatchObject({
      state: 'key_file',
      sealedBy: 'key_file',
      secrets: 0,
      keyVersion: 2,
    });
    await fill(parts);
    await expectAll(parts);
    parts.vault.close();
  });

  it('takes what the session had, and leaves a session where nothing protects a key', async () => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path);
    await fill(first);
    first.vault.close();
    const parts = await vaultIn(folder.path, none);
    await parts.vault.wipe();
    expect(parts.vault.status()).toMatchObject({
      state: 'session_only',
      sealedBy: null,
      keyVersion: 0,
      secrets: 0,
    });
    await fill(parts);
    await expectAll(parts);
    await parts.vault.wipe();
    expect(await parts.vault.get('one')).toBeNull();
    expect(parts.vault.has('two')).toBe(false);
    parts.vault.close();
  });

  it('is noticed by another Headgate, whose key of before seals nothing any more', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const [one, two] = [
      await vaultIn(folder.path, { protector: keyring }),
      await vaultIn(folder.path, { protector: keyring }),
    ];
    await fill(one);
    await expectAll(two);
    await one.vault.wipe();
    expect(await two.vault.get('one')).toBeNull();
    await two.vault.put('one', { password: 'after the wipe' });
    expect(await one.vault.get('one')).toEqual({ password: 'after the wipe' });
    // Also when the key in between was never made, because nothing protected it.
    const open = await vaultIn(folder.path, none);
    await open.vault.wipe();
    open.vault.close();
    await two.vault.put('two', { password: 'once more' });
    expect(await one.vault.get('two')).toEqual({ password: 'once more' });
    expect(one.vault.status().keyVersion).toBe(3);
    one.vault.close();
    two.vault.close();
  });
});
