import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { KeyProtector } from '../../main/host.ts';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { makeCertificate } from '../support/certificates.ts';
import { codeOf, keptProtector, rawDb, vaultIn } from '../support/parts.ts';
import { openWorkspace } from '../support/workspace.ts';

/* Where a stored secret can get to, and where it must not: by detours, while the vault is shut, and as a copy. */

const input = (more: Partial<ConnectionInput> = {}): ConnectionInput => ({
  name: `c ${randomUUID()}`,
  host: 'db.example.org',
  database: 'field',
  user: 'etl',
  password: 'canary-password',
  ...more,
});
const keyPair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const fieldsOf = (folder: string, id: string): unknown[] => {
  using db = rawDb(`${folder}/vault.db`);
  return db.prepare('SELECT field FROM secrets WHERE record_id = ? ORDER BY 1').pluck().all(id);
};

describe('the password of a jump host', () => {
  it('does not follow it to another host by way of another kind of sign-in', async () => {
    await using ws = await openWorkspace();
    const { id, ssh } = await ws.api.connections.create(
      input({ ssh: [{ host: 'inner', user: 'ops', auth: 'password', password: 'hop-canary' }] }),
    );
    const hop = { id: ssh[0]?.id as string, host: 'elsewhere', user: 'ops' };
    await ws.api.connections.update({ id, ssh: [{ ...hop, auth: 'agent' }] });
    await expect(
      ws.api.connections.update({ id, ssh: [{ ...hop, auth: 'password' }] }),
    ).rejects.toMatchObject({ message: 'ssh: the password for elsewhere is missing.' });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'user']);
  });
});

describe('a new address with a new password', () => {
  it('is not taken over without it: the old password would go there', async () => {
    const kept = keptProtector();
    let shut = false;
    const protector: KeyProtector = {
      ...kept,
      seal: (key) => kept.seal(key),
      async open(sealed) {
        if (shut) throw new AppError('VAULT_LOCKED', plain('The keychain is locked.'));
        return kept.open(sealed);
      },
    };
    await using first = await openWorkspace({ protector });
    const made = await first.api.connections.create(input());
    shut = true;
    // Another process on the same workspace, which can't open the vault.
    await using second = await openWorkspace({ folder: first.folder, protector });
    const change = { id: made.id, host: 'db.elsewhere.org', password: 'another-canary' };
    expect(await codeOf(() => second.api.connections.update(change))).toBe('VAULT_LOCKED');
    expect((await first.api.connections.get({ id: made.id })).host).toBe('db.example.org');
  });

  it('changes nothing when the name is taken', async () => {
    await using ws = await openWorkspace();
    const [one, other] = [await ws.api.connections.create(input()), await ws.api.connections.create(input())];
    const before = fieldsOf(ws.folder, one.id);
    const change = { id: one.id, name: other.name, tlsKeyPassphrase: 'new-canary' };
    expect(await codeOf(() => ws.api.connections.update(change))).toBe('NAME_TAKEN');
    expect(fieldsOf(ws.folder, one.id)).toEqual(before);
    await ws.api.connections.update({ ...change, name: one.name });
  });
});

it('a login that was rotated away does not come back at another address', async () => {
  await using ws = await openWorkspace();
  const made = await ws.api.connections.create(input());
  const until = new Date(Date.now() + 3_600_000).toISOString();
  {
    using store = rawDb(`${ws.folder}/headgate.db`);
    const rotation = JSON.stringify({ until, onServer: false, ids: [made.id] });
    store.prepare('UPDATE database_connections SET rotation = ? WHERE id = ?').run(rotation, made.id);
    const { vault } = await vaultIn(ws.folder);
    await vault.patch(made.id, { 'previous.user': 'etl', 'previous.password': 'old-canary' });
    vault.close();
  }
  expect((await ws.api.connections.update({ id: made.id, description: 'x' })).undoableUntil).toBe(until);
  const moved = await ws.api.connections.update({
    id: made.id,
    host: 'db.elsewhere.org',
    password: 'p-canary',
  });
  expect(moved.undoableUntil).toBeNull();
  expect(fieldsOf(ws.folder, made.id)).toEqual(['password', 'user']);
  expect(await codeOf(() => ws.api.connections.undoRotation({ id: made.id }))).toBe('NOT_FOUND');
});

it('a copy has no login that was rotated away: nothing would ever remove it there', async () => {
  await using ws = await openWorkspace();
  const made = await ws.api.connections.create(input());
  const { vault } = await vaultIn(ws.folder);
  await vault.patch(made.id, {
    'previous.user': 'etl',
    'previous.password': 'old-canary',
    'next.user': 'etl',
    'next.password': 'new-canary',
  });
  vault.close();
  const copy = await ws.api.connections.duplicate({ id: made.id, name: 'copy' });
  expect(fieldsOf(ws.folder, copy.id)).toEqual(['password', 'user']);
});

describe('a secret whose meaning changes', () => {
  const databricks = (more: Partial<ConnectionInput> = {}): ConnectionInput =>
    input({
      ...{ engine: 'databricks', port: 443, database: 'main', user: '-', password: 'token-canary' },
      settings: { signIn: 'token', warehouse: 'abc' },
      ...more,
    });
  const asClient = { signIn: 'client_secret', warehouse: 'abc' };

  it('is asked for when the way of signing in changes, and the old one is gone once it is given', async () => {
    await using ws = await openWorkspace();
    const { id } = await ws.api.connections.create(databricks());
    await expect(ws.api.connections.update({ id, settings: asClient })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/^password: /),
    });
    // Left out, the usual way is meant: of a token that is no change.
    await ws.api.connections.update({ id, settings: { warehouse: 'abc' } });
    await expect(
      ws.api.connections.update({ id, settings: asClient, password: 'client-canary' }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(/^user: /) });
    expect((await ws.api.connections.get({ id })).settings).toEqual({ warehouse: 'abc' });
    await ws.api.connections.update({ id, settings: asClient, user: 'client', password: 'client-canary' });
    const { vault } = await vaultIn(ws.folder);
    {
      using secrets = await vault.open(id);
      expect([secrets?.text('user'), secrets?.text('password')]).toEqual(['client', 'client-canary']);
    }
    vault.close();
    // The name of a client means nothing to a token.
    await ws.api.connections.update({ id, settings: { warehouse: 'abc' }, password: 'token-canary-2' });
    const again = await vaultIn(ws.folder);
    {
      using secrets = await again.vault.open(id);
      expect(secrets?.text('user')).toBe('-');
    }
    again.vault.close();
  });

  it('takes the passphrase of a key and the logins of a rotation along', async () => {
    await using ws = await openWorkspace();
    const { privateKey } = keyPair();
    const { id } = await ws.api.connections.create(
      input({
        ...{ engine: 'snowflake', port: 443, settings: { signIn: 'private_key' } },
        ...{ password: privateKey, keyPassphrase: 'passphrase-canary' },
      }),
    );
    const { vault } = await vaultIn(ws.folder);
    await vault.patch(id, { 'previous.user': 'etl', 'previous.password': 'old-canary' });
    vault.close();
    await ws.api.connections.update({ id, settings: { signIn: 'token' }, password: 'token-canary' });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'user']);
  });

  it('takes the passphrase of a key that is replaced along', async () => {
    await using ws = await openWorkspace();
    const settings = { signIn: 'private_key' };
    const { id } = await ws.api.connections.create(
      input({
        ...{ engine: 'snowflake', port: 443, settings },
        ...{ password: keyPair().privateKey, keyPassphrase: 'passphrase-canary' },
      }),
    );
    await ws.api.connections.update({ id, password: keyPair().privateKey });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'user']);
  });

  it('goes with the client certificate it is the key of', async () => {
    await using ws = await openWorkspace();
    const [one, other] = [makeCertificate('one'), makeCertificate('other')];
    const { id } = await ws.api.connections.create(
      input({ tlsCert: one.cert, tlsKey: one.key, tlsKeyPassphrase: 'passphrase-canary' }),
    );
    await expect(ws.api.connections.update({ id, tlsCert: other.cert })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/^tlsKey: /),
    });
    // The same key, in another certificate: it was only renewed.
    await ws.api.connections.update({ id, tlsCert: `${one.cert}\n${other.cert}` });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'tlsKey', 'tlsKeyPassphrase', 'user']);
    await ws.api.connections.update({ id, tlsCert: other.cert, tlsKey: other.key });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'tlsKey', 'user']);
    await ws.api.connections.update({ id, tlsCert: null });
    expect(fieldsOf(ws.folder, id)).toEqual(['password', 'user']);
  });

  it('of a jump host goes when that signs in in another way, or with another key', async () => {
    await using ws = await openWorkspace();
    const { privateKey } = keyPair();
    const made = await ws.api.connections.create(
      input({ ssh: [{ host: 'inner', user: 'ops', auth: 'password', password: 'hop-canary' }] }),
    );
    const { id } = made;
    const hop = { id: made.ssh[0]?.id as string, host: 'inner', user: 'ops' };
    const kept = async (): Promise<string[]> =>
      (fieldsOf(ws.folder, id) as string[])
        .filter((field) => field.startsWith('ssh.'))
        .map((field) => field.split('.')[2] as string);
    await ws.api.connections.update({
      id,
      ssh: [{ ...hop, auth: 'key', key: privateKey, keyPassphrase: 'passphrase-canary' }],
    });
    expect(await kept()).toEqual(['key', 'passphrase']);
    await ws.api.connections.update({ id, ssh: [{ ...hop, auth: 'key', key: keyPair().privateKey }] });
    expect(await kept()).toEqual(['key']);
    await ws.api.connections.update({ id, ssh: [{ ...hop, auth: 'key', keyFile: '~/.ssh/id' }] });
    expect(await kept()).toEqual([]);
  });
});
