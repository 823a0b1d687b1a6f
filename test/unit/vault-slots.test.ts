import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../main/store/db.ts';
import { sealBytes } from '../../main/vault/aead.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { vaultMigrations } from '../../main/vault/migrations.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { keySlot } from '../../preload/contract/models.ts';
import {
  codeOf,
  keptProtector,
  random,
  rawDb,
  temporaryFolder,
  type VaultParts,
  vaultIn,
} from '../support/parts.ts';
import { entries, fill, holding, none, phrase, records, sealedIn } from '../support/vaults.ts';

const expectAll = async ({ vault }: VaultParts): Promise<void> => {
  for (const [id, secrets] of Object.entries(records)) expect(await vault.get(id)).toEqual(secrets);
};
const brief = async ({ vault }: VaultParts) =>
  (await vault.slots()).map(({ kind, opens, leaving, inUse }) => [kind, opens, leaving, inUse]);
const idOf = async ({ vault }: VaultParts, kind: string): Promise<string> =>
  (await vault.slots()).find((slot) => slot.kind === kind)?.id as string;
/** A recovery key of this vault, as the person has it on paper. */
const recoveryOf = async ({ vault }: VaultParts): Promise<string> => {
  let paper = '';
  await vault.addRecovery(async (key) => {
    paper = key;
    return true;
  });
  return paper;
};

describe('several ways to open one vault', () => {
  it('let the desktop and a server open the same, each with its own', async () => {
    using folder = temporaryFolder();
    const desktop = { protector: keptProtector('safe_storage') };
    const one = await vaultIn(folder.path, desktop);
    await fill(one);
    const server = keyFileProtector(join(folder.path, 'server.key'), random);
    await one.vault.addSlot({ to: 'key_file', file: join(folder.path, 'server.key') });
    await one.vault.addSlot({ to: 'passphrase', passphrase: phrase });
    for (const slot of await one.vault.slots()) keySlot.parse(slot);
    one.vault.close();

    const headless = await vaultIn(folder.path, { protector: server });
    expect(headless.vault.status()).toMatchObject({ state: 'key_file', sealedBy: 'key_file' });
    await expectAll(headless);
    expect((await brief(headless)).map(String).sort()).toEqual([
      'key_file,here,false,true',
      'passphrase,ask,false,false',
      'safe_storage,elsewhere,false,false',
    ]);
    await headless.vault.put('three', { password: 'from the server' });
    headless.vault.close();

    const started = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    expect(started.vault.status()).toMatchObject({ state: 'passphrase' });
    started.vault.close();
    const again = await vaultIn(folder.path, desktop);
    expect(again.vault.status()).toMatchObject({ state: 'protected' });
    expect(await again.vault.get('three')).toEqual({ password: 'from the server' });
    again.vault.close();
  });

  it('never lose the last one that was seen to open', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    const first = await idOf(parts, 'os_keyring');
    expect(await codeOf(() => parts.vault.removeSlot(first))).toBe('LAST_SLOT');
    // Nobody has shown yet that they have the paper.
    const paper = await recoveryOf(parts);
    expect(await codeOf(() => parts.vault.removeSlot(first))).toBe('LAST_SLOT');
    await parts.vault.recover(paper);
    await parts.vault.addSlot({ to: 'passphrase', passphrase: phrase });
    const [old] = sealedIn(parts.file).filter((sealed) => keyring.kept.has(sealed.toString())) as [Buffer];
    await parts.vault.removeSlot(first);
    expect(holding(folder.path, old)).toEqual([]);
    expect(keyring.kept.size).toBe(0);
    expect(await codeOf(() => parts.vault.removeSlot(first))).toBe('NOT_FOUND');
    await expectAll(parts);
    parts.vault.close();
    const again = await vaultIn(folder.path, { protector: keyring });
    expect(again.vault.status().state).toBe('locked');
    await again.vault.unlock(phrase);
    await expectAll(again);
    again.vault.close();
  });

  it('are not counted where they were tried and failed', async () => {
    using folder = temporaryFolder();
    const lost = entries();
    const first = await vaultIn(folder.path, { protector: lost });
    await fill(first);
    await first.vault.addSlot({ to: 'passphrase', passphrase: phrase });
    first.vault.close();
    lost.kept.clear();
    const parts = await vaultIn(folder.path, { protector: lost });
    expect(parts.vault.status()).toMatchObject({
      state: 'locked',
      explanation:
        'The key of this vault is not in the keyring of this session. Unlock the keychain or enter the vault passphrase, then try again. It also opens with a passphrase.',
    });
    await parts.vault.unlock(phrase);
    expect(await brief(parts)).toContainEqual(['os_keyring', 'fails', false, false]);
    expect(await codeOf(async () => parts.vault.removeSlot(await idOf(parts, 'passphrase')))).toBe(
      'LAST_SLOT',
    );
    await parts.vault.removeSlot(await idOf(parts, 'os_keyring'));
    await expectAll(parts);
    parts.vault.close();
  });
});

describe('a change of protection', () => {
  it('keeps the old way until the new one has opened after a restart', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: phrase });
    expect(parts.vault.status()).toMatchObject({ state: 'passphrase', sealedBy: 'passphrase' });
    expect((await brief(parts)).map(String).sort()).toEqual([
      'os_keyring,here,true,false',
      'passphrase,here,false,true',
    ]);
    // Whoever made it has it in mind still, and so has this process: entering it here shows nothing.
    await parts.vault.unlock(phrase);
    await expectAll(parts);
    expect((await brief(parts)).map(String)).toContain('os_keyring,here,true,false');
    parts.vault.close();

    // The passphrase was mistyped twice, or is forgotten: the old way still opens it, when it is asked to.
    const second = await vaultIn(folder.path, { protector: keyring });
    expect(second.vault.status()).toMatchObject({
      state: 'locked',
      explanation: expect.stringContaining('It also opens with the keyring of the system') as unknown,
    });
    expect(await codeOf(() => second.vault.unlock('what was it'))).toBe('PASSPHRASE_WRONG');
    await second.vault.unlock();
    await expectAll(second);
    expect(keyring.kept.size).toBe(1);
    second.vault.close();

    const third = await vaultIn(folder.path, { protector: keyring });
    await third.vault.unlock(phrase);
    expect(await brief(third)).toEqual([['passphrase', 'here', false, true]]);
    expect(keyring.kept.size).toBe(0);
    await expectAll(third);
    third.vault.close();
  });

  it('twice before a restart leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const parts = await vaultIn(folder.path, { protector: keyring });
    await fill(parts);
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: phrase });
    await parts.vault.changeProtector({ to: 'passphrase', passphrase: 'another phrase' });
    parts.vault.close();
    const again = await vaultIn(folder.path, { protector: keyring });
    await again.vault.unlock('another phrase');
    expect(await brief(again)).toEqual([['passphrase', 'here', false, true]]);
    expect(keyring.kept.size).toBe(0);
    again.vault.close();
  });
});

describe('a recovery key', () => {
  it('opens a vault whose passphrase is forgotten, and a new passphrase is set after it', async () => {
    using folder = temporaryFolder();
    const parts = await vaultIn(folder.path, { protector: passphraseProtector(phrase, random) });
    await fill(parts);
    const paper = await recoveryOf(parts);
    parts.vault.close();
    expect(holding(folder.path, paper)).toEqual([]);

    const lost = await vaultIn(folder.path, none);
    expect(lost.vault.status().explanation).toContain('It also opens with the recovery key.');
    const [at, sign] = [paper.length - 3, paper.at(-3) === '7' ? '8' : '7'];
    await expect(lost.vault.recover(paper.slice(0, at) + sign + paper.slice(at + 1))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'The recovery key was not typed as it was written: look at group 13 again.',
    });
    await lost.vault.recover(paper.toLowerCase().replaceAll('-', ' '));
    expect(lost.vault.status()).toMatchObject({
      state: 'recovered',
      sealedBy: 'recovery',
      explanation: null,
    });
    await expectAll(lost);
    await lost.vault.changeProtector({ to: 'passphrase', passphrase: 'a new phrase' });
    expect(lost.vault.status()).toMatchObject({ state: 'passphrase' });
    lost.vault.close();

    const after = await vaultIn(folder.path, none);
    await after.vault.unlock('a new phrase');
    await expectAll(after);
    // The forgotten one went with the new one's first opening; the paper is still good.
    expect((await brief(after)).map(([kind]) => kind).sort()).toEqual(['passphrase', 'recovery']);
    after.vault.close();
    const old = await vaultIn(folder.path, none);
    expect(await codeOf(() => old.vault.unlock(phrase))).toBe('PASSPHRASE_WRONG');
    await old.vault.recover(paper);
    await expectAll(old);
    old.vault.close();
  });

  it('is stored only when the person has it, and not where there is no key to recover', async () => {
    using folder = temporaryFolder();
    const parts = await vaultIn(folder.path);
    await fill(parts);
    let paper = '';
    const refuse = async (key: string): Promise<boolean> => {
      paper = key;
      return false;
    };
    expect(await codeOf(() => parts.vault.addRecovery(refuse))).toBe('CANCELLED');
    expect(await brief(parts)).toEqual([['key_file', 'here', false, true]]);
    expect(await codeOf(() => parts.vault.recover(paper))).toBe('PASSPHRASE_WRONG');
    // What is open stays open.
    expect(parts.vault.status()).toMatchObject({ state: 'key_file', explanation: null });
    parts.vault.close();
    using other = temporaryFolder();
    const session = await vaultIn(other.path, none);
    expect(await codeOf(() => recoveryOf(session))).toBe('VAULT_UNAVAILABLE');
    session.vault.close();
    // A keychain that did not answer when the first key was to be made.
    using third = temporaryFolder();
    const keyring = keptProtector();
    keyring.fault = new Error('not now');
    const locked = await vaultIn(third.path, { protector: keyring });
    expect(await codeOf(() => recoveryOf(locked))).toBe('VAULT_LOCKED');
    expect(await brief(locked)).toEqual([]);
    keyring.fault = null;
    await recoveryOf(locked);
    expect((await brief(locked)).map(([kind]) => kind)).toEqual(['os_keyring', 'recovery']);
    locked.vault.close();
  });
});

describe('a rotation', () => {
  it('seals every slot that opens here, and drops another only where it was named', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const first = await vaultIn(folder.path, { protector: keyring });
    await fill(first);
    await first.vault.addSlot({ to: 'passphrase', passphrase: phrase });
    const paper = await recoveryOf(first);
    // All of them were made here.
    await first.vault.rotate();
    first.vault.close();

    const parts = await vaultIn(folder.path, { protector: keyring });
    await expect(parts.vault.rotate()).rejects.toMatchObject({
      code: 'SLOTS_DROPPED',
      message:
        'A new key would no longer open with: Passphrase (of 2026-03-01), the recovery key (of 2026-03-01).',
    });
    expect(parts.vault.status().keyVersion).toBe(2);
    await parts.vault.unlock(phrase);
    await parts.vault.rotate([await idOf(parts, 'recovery')]);
    expect((await parts.vault.slots()).map(({ kind }) => kind).sort()).toEqual(['os_keyring', 'passphrase']);
    expect(keyring.kept.size).toBe(1);
    await expectAll(parts);
    parts.vault.close();

    const again = await vaultIn(folder.path, none);
    expect(await codeOf(() => again.vault.recover(paper))).toBe('PASSPHRASE_WRONG');
    await again.vault.unlock(phrase);
    await expectAll(again);
    again.vault.close();
  });
});

describe('the file of an older Headgate', () => {
  it('opens by its one seal, which is the first slot', async () => {
    using folder = temporaryFolder();
    const keyring = entries();
    const key = random(32);
    const sealed = await keyring.seal(key);
    {
      using db = rawDb(join(folder.path, 'vault.db'));
      migrate(db, vaultMigrations.slice(0, 2), 'vault.db');
      db.prepare('INSERT INTO data_key VALUES (1, 4, ?, ?, ?, ?)').run(
        ...['os_keyring', sealed, '2025-01-01T00:00:00.000Z', '2025-06-01T00:00:00.000Z'],
      );
      for (const [id, fields] of Object.entries(records))
        for (const [field, value] of Object.entries(fields)) {
          const context = JSON.stringify(['headgate secret', id, field, 4]);
          db.prepare('INSERT INTO secrets VALUES (?, ?, 4, ?)').run(
            ...[id, field, sealBytes(key, Buffer.from(value), context, random)],
          );
        }
    }
    const parts = await vaultIn(folder.path, { protector: keyring });
    expect(parts.vault.status()).toMatchObject({ state: 'protected', keyVersion: 4 });
    await expectAll(parts);
    expect(await parts.vault.slots()).toMatchObject([
      {
        kind: 'os_keyring',
        label: 'Test keyring',
        createdAt: '2025-06-01T00:00:00.000Z',
        openedAt: '2026-03-01T08:00:00.000Z',
      },
    ]);
    keySlot.parse((await parts.vault.slots())[0]);
    await parts.vault.rotate();
    await expectAll(parts);
    parts.vault.close();
  });
});
