import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { KeyProtector } from '../../main/host.ts';
import { plain } from '../../preload/contract/said.ts';
import { keptProtector, rawDb, temporaryFolder, vaultIn } from '../support/parts.ts';

/** A keychain that got a newer key: what it sealed before still opens, and should be sealed again. */
function renewed(kept: KeyProtector, change: Partial<KeyProtector> = {}): KeyProtector & { sealed: number } {
  let wanted = false;
  let since = 0;
  return {
    kind: kept.kind,
    label: kept.label,
    sealed: 0,
    get resealWanted() {
      return wanted;
    },
    async seal(key) {
      this.sealed += 1;
      since += 1;
      return change.seal ? change.seal(key) : kept.seal(key);
    },
    async open(sealed) {
      const opened = await kept.open(sealed);
      wanted = since === 0;
      return opened;
    },
  };
}

const rowOf = (file: string): { version: number; protector: string; sealed: Buffer; created_at: string } => {
  using db = rawDb(file);
  return db
    .prepare('SELECT version, kind AS protector, sealed, s.created_at FROM data_key, key_slots s')
    .get() as ReturnType<typeof rowOf>;
};

describe('a keychain with a newer key', () => {
  it('seals the same data key again and replaces nothing but its seal', async () => {
    using folder = temporaryFolder();
    const kept = keptProtector();
    const first = await vaultIn(folder.path, { protector: kept });
    await first.vault.put('one', { password: 'kept over it' });
    const before = rowOf(first.file);
    first.vault.close();

    const protector = renewed(kept);
    const { vault, file, lines } = await vaultIn(folder.path, { protector });
    const after = rowOf(file);
    expect(protector.sealed).toBe(1);
    expect(after.sealed.equals(before.sealed)).toBe(false);
    expect({ ...after, sealed: null }).toEqual({ ...before, sealed: null });
    expect(await vault.get('one')).toEqual({ password: 'kept over it' });
    expect(lines.join()).toContain('vault.resealed');
    vault.close();

    const third = await vaultIn(folder.path, { protector: kept });
    expect(await third.vault.get('one')).toEqual({ password: 'kept over it' });
    third.vault.close();
  });

  it.each([
    ['refuses', () => Promise.reject(new AppError('VAULT_UNAVAILABLE', plain('not now')))],
    ['seals something else', () => keptProtector().seal(new Uint8Array(32))],
  ])('keeps the old seal when the keychain %s', async (_, seal) => {
    using folder = temporaryFolder();
    const kept = keptProtector();
    const first = await vaultIn(folder.path, { protector: kept });
    await first.vault.put('one', { password: 'kept over it' });
    const before = rowOf(first.file);
    first.vault.close();

    const { vault, file, lines } = await vaultIn(folder.path, { protector: renewed(kept, { seal }) });
    expect(rowOf(file)).toEqual(before);
    expect(vault.status()).toMatchObject({ state: 'protected', explanation: null });
    expect(await vault.get('one')).toEqual({ password: 'kept over it' });
    expect(lines.join()).toContain('vault.reseal_failed');
    vault.close();
  });

  it('leaves a data key alone that another process has rotated meanwhile', async () => {
    using folder = temporaryFolder();
    const kept = keptProtector();
    const first = await vaultIn(folder.path, { protector: kept });
    await first.vault.put('one', { password: 'kept over it' });
    const seal = async (key: Uint8Array): Promise<Uint8Array> => {
      await first.vault.rotate();
      return kept.seal(key);
    };
    const second = await vaultIn(folder.path, { protector: renewed(kept, { seal }) });
    expect(rowOf(second.file).version).toBe(2);
    expect(second.lines.join()).not.toContain('vault.resealed');
    expect(await second.vault.get('one')).toEqual({ password: 'kept over it' });
    expect(await first.vault.get('one')).toEqual({ password: 'kept over it' });
    first.vault.close();
    second.vault.close();
  });
});
