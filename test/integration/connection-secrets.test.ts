import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { KeyProtector } from '../../main/host.ts';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
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
