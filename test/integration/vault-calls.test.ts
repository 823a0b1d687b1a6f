import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle, sealBundle } from '../../main/vault/bundle/bundle.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { codeOf, filesIn, random, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

const password = 'canary-of-the-vault-calls';
const phrase = 'correct horse battery canary';

const connect = (ws: Workspace) =>
  ws.api.connections.create({ name: 'target', host: 'db.example.org', database: 'app', user: 'u', password });
const keyFile = (folder: string) => keyFileProtector(join(folder, 'vault.key'), random);
/** Not in any file, log line or event: neither the secret nor the passphrase. */
function expectSilence(ws: Workspace): void {
  for (const canary of [password, phrase]) {
    for (const { path, bytes } of filesIn(ws.folder)) expect(bytes.includes(canary), path).toBe(false);
    expect(ws.logs.join()).not.toContain(canary);
    expect(JSON.stringify(ws.events)).not.toContain(canary);
  }
}

describe('the calls of the vault', () => {
  it('keep the secrets of a session by a passphrase, and open them again with it', async () => {
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path, protector: 'none' });
      const { id } = await connect(ws);
      expect(await ws.api.vault.status()).toMatchObject({
        state: 'session_only',
        secrets: 1,
        sealedBy: null,
      });
      expect(await codeOf(() => ws.api.vault.changeProtector({ to: 'keychain' }))).toBe('VAULT_UNAVAILABLE');
      expect(
        await codeOf(() => ws.api.vault.changeProtector({ to: 'passphrase', passphrase: 'short' })),
      ).toBe('INPUT_INVALID');
      expect(await ws.api.vault.changeProtector({ to: 'passphrase', passphrase: phrase })).toMatchObject({
        state: 'passphrase',
        secrets: 1,
      });
      expect(ws.events).toContainEqual({ name: 'store.changed', payload: { entity: 'vault' } });
      expect((await ws.api.connections.get({ id })).hasSecret).toBe(true);
      expectSilence(ws);
    }
    await using ws = await openWorkspace({ folder: folder.path, protector: keyFile(folder.path) });
    expect(await ws.api.vault.status()).toMatchObject({
      state: 'locked',
      sealedBy: 'passphrase',
      available: 'key_file',
    });
    expect(await codeOf(() => ws.api.vault.unlock({}))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => ws.api.vault.unlock({ passphrase: `${phrase}!` }))).toBe('PASSPHRASE_WRONG');
    expect(await ws.api.vault.unlock({ passphrase: phrase })).toMatchObject({ state: 'passphrase' });
    expect(await ws.api.vault.changeProtector({ to: 'keychain' })).toMatchObject({
      state: 'key_file',
      secrets: 1,
    });
    expect(await ws.api.vault.rotate({})).toMatchObject({ state: 'key_file', keyVersion: 2 });
    expectSilence(ws);
  });

  it('give a public key to which others seal what only this vault opens', async () => {
    await using ws = await openWorkspace();
    const key = await ws.api.vault.publicKey();
    expect(await ws.api.vault.publicKey()).toEqual(key);
    const text = await sealBundle(Buffer.from('x'), key, random);
    expect(await codeOf(() => openBundle(text, { privateKey: random(32) }))).toBe('BUNDLE_WRONG_KEY');
  });

  it('destroy everything only with the word for it, and asked again where there is a passphrase', async () => {
    await using ws = await openWorkspace();
    const { id } = await connect(ws);
    for (const input of [{}, { confirm: 'wipe' }, { confirm: 'WIPE', more: 1 }])
      expect(await codeOf(() => ws.api.vault.wipe(input as { confirm: 'WIPE' }))).toBe('INPUT_INVALID');
    const { person } = await ws.api.session.state();
    await ws.api.people.setPassphrase({ id: person?.id as string, next: phrase });
    expect(await codeOf(() => ws.api.vault.wipe({ confirm: 'WIPE' }))).toBe('PASSPHRASE_NEEDED');
    expect(await codeOf(() => ws.api.vault.wipe({ confirm: 'WIPE', passphrase: 'wrong one' }))).toBe(
      'PASSPHRASE_WRONG',
    );
    expect((await ws.api.connections.get({ id })).hasSecret).toBe(true);
    expect(await ws.api.vault.wipe({ confirm: 'WIPE', passphrase: phrase })).toMatchObject({
      state: 'key_file',
      secrets: 0,
      keyVersion: 2,
    });
    // Nothing else is gone, and a new secret is kept again.
    expect(await ws.api.connections.get({ id })).toMatchObject({ name: 'target', hasSecret: false });
    await ws.api.connections.update({ id, user: 'u', password });
    expect(await ws.api.vault.status()).toMatchObject({ secrets: 1 });
    const entries = await ws.api.audit.list({ action: 'vault.wipe' });
    expect(entries.slice(0, 3)).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'refused', details: expect.stringContaining('PASSPHRASE_WRONG') as unknown },
      { outcome: 'failed', details: expect.stringContaining('PASSPHRASE_NEEDED') as unknown },
    ]);
    expectSilence(ws);
  });
});
