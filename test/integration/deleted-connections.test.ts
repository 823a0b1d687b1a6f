import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { removeOverdue } from '../../main/services/connections/deleted.ts';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { codeOf, instant, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* Connections that were deleted: what is gone at once, what can be restored, by whom, and when the rest goes. */

const input = (more: Partial<ConnectionInput> = {}): ConnectionInput => ({
  name: `c ${randomUUID()}`,
  host: 'db.example.org',
  database: 'field',
  user: 'etl',
  password: 'canary-password',
  ...more,
});
const words = 'a-long-canary-passphrase';
const last = async (ws: Workspace, action: string) => {
  const [entry] = await ws.api.audit.list({ action, limit: 1 });
  return entry;
};

describe('a connection that is deleted', () => {
  it('is gone from everywhere, its secrets are destroyed at once, and it can be restored without them', async () => {
    await using ws = await openWorkspace();
    const { id, ssh, name } = await ws.api.connections.create(
      input({
        description: 'for the clinics',
        ssh: [{ host: 'inner', user: 'ops', auth: 'password', password: 'hop-canary' }],
      }),
    );
    await ws.api.connections.delete({ id });
    expect(await last(ws, 'connections.delete')).toMatchObject({
      subject: `id=${id}`,
      details: `name=${name} for=development`,
    });
    using vault = rawDb(`${ws.folder}/vault.db`);
    expect(vault.prepare('SELECT field FROM secrets WHERE record_id = ?').pluck().all(id)).toEqual([]);
    expect((await ws.api.connections.list()).total).toBe(0);
    for (const call of [
      () => ws.api.connections.get({ id }),
      () => ws.api.connections.update({ id, description: 'x' }),
      () => ws.api.connections.test({ id }),
      () => ws.api.connections.delete({ id }),
      () => ws.api.connections.duplicate({ id, name: 'copy' }),
      () => ws.api.connections.export({ ids: [id] }),
      () => ws.api.connections.usage({ id }),
      () => ws.api.projects.create({ name: 'P', connectionId: id, dbSchema: 'public' }),
    ])
      expect(await codeOf(call)).toBe('NOT_FOUND');
    expect((await ws.api.connections.export({})).text).not.toContain(name);

    const [deleted] = await ws.api.connections.deleted();
    expect(deleted).toMatchObject({ id, name, host: 'db.example.org' });
    expect(Date.parse(deleted?.removedAt ?? '') - Date.parse(deleted?.deletedAt ?? '')).toBe(30 * 86_400_000);
    const back = await ws.api.connections.restore({ id });
    expect(back).toMatchObject({ id, name, description: 'for the clinics', hasSecret: false, ssh });
    expect(await ws.api.connections.deleted()).toEqual([]);
    expect(await codeOf(() => ws.api.connections.test({ id }))).toBe('SECRET_MISSING');
    // Its secrets are asked for again, all of them, wherever it leads.
    await expect(ws.api.connections.update({ id, password: 'new-canary' })).rejects.toMatchObject({
      message: expect.stringMatching(/^user: /),
    });
    const [hop] = ssh;
    await expect(
      ws.api.connections.update({
        ...{ id, user: 'etl', password: 'new-canary' },
        ssh: [{ id: hop?.id as string, host: 'inner', user: 'ops', auth: 'password' }],
      }),
    ).rejects.toMatchObject({ message: 'ssh: the password for inner is missing.' });
    const login = { id, user: 'etl', password: 'new-canary' };
    expect((await ws.api.connections.update(login)).hasSecret).toBe(true);
    expect(await last(ws, 'connections.restore')).toMatchObject({ details: `name=${name} for=development` });
  });

  it('leaves its name to others, and comes back under another where that is taken', async () => {
    await using ws = await openWorkspace();
    const first = await ws.api.connections.create(input({ name: 'Main' }));
    await ws.api.connections.delete({ id: first.id });
    const second = await ws.api.connections.create(input({ name: 'Main' }));
    expect(await codeOf(() => ws.api.connections.restore({ id: first.id }))).toBe('NAME_TAKEN');
    expect(await ws.api.connections.deleted()).toHaveLength(1);
    // Two of one name can be deleted.
    await ws.api.connections.delete({ id: second.id });
    expect((await ws.api.connections.deleted()).map(({ name }) => name)).toEqual(['Main', 'Main']);
    await ws.api.connections.restore({ id: second.id });
    const back = await ws.api.connections.restore({ id: first.id, name: 'Main (2)' });
    expect(back.name).toBe('Main (2)');
    expect((await ws.api.connections.list({ search: 'main' })).total).toBe(2);
    const moved = await ws.api.connections.list({ search: '(2)' });
    expect(moved.items.map(({ id }) => id)).toEqual([first.id]);
    expect(await codeOf(() => ws.api.connections.restore({ id: first.id }))).toBe('NOT_FOUND');
  });

  it('is for those to restore who may delete it', async () => {
    await using ws = await openWorkspace();
    const { person: owner } = await ws.api.app.info();
    await ws.api.people.setPassphrase({ id: owner.id, next: words });
    const ada = await ws.api.people.create({ name: 'Ada', roles: ['analyst'], passphrase: words });
    const bob = await ws.api.people.create({ name: 'Bob', roles: ['analyst'], passphrase: words });
    const [hers, other] = [
      await ws.api.connections.create(input({ access: 'granted' })),
      await ws.api.connections.create(input()),
    ];
    await ws.api.grants.set({ connectionId: hers.id, personId: ada.id, level: 'manage' });
    await ws.api.connections.delete({ id: other.id });
    await ws.api.session.signIn({ personId: ada.id, passphrase: words });
    await ws.api.connections.delete({ id: hers.id });
    expect((await ws.api.connections.deleted()).map(({ id, deletedBy }) => [id, deletedBy])).toEqual([
      [hers.id, 'Ada'],
    ]);
    expect(await codeOf(() => ws.api.connections.restore({ id: other.id }))).toBe('PERMISSION_DENIED');
    await ws.api.session.signIn({ personId: bob.id, passphrase: words });
    expect(await ws.api.connections.deleted()).toEqual([]);
    expect(await codeOf(() => ws.api.connections.restore({ id: hers.id }))).toBe('PERMISSION_DENIED');
    await ws.api.session.signIn({ personId: ada.id, passphrase: words });
    expect(await ws.api.connections.restore({ id: hers.id })).toMatchObject({
      access: 'granted',
      may: 'manage',
    });
    await ws.api.session.signIn({ personId: owner.id, passphrase: words });
    expect(await ws.api.connections.deleted()).toHaveLength(1);
  });

  it('is met by an import as one that is not there, with a word about it', async () => {
    await using ws = await openWorkspace();
    const { id, name } = await ws.api.connections.create(input());
    const { text } = await ws.api.connections.export({ ids: [id] });
    await ws.api.connections.delete({ id });
    const plan = await ws.api.imports.preview({ kind: 'headgate', text: text ?? '' });
    const [planned] = plan.connections;
    expect(planned).toMatchObject({ name, status: 'incomplete', existingId: null });
    expect(planned?.notes.join(' ')).toContain('was deleted');
    await ws.api.imports.apply({
      planId: plan.planId,
      connections: [{ key: planned?.key as string, action: 'create' }],
    });
    expect((await ws.api.connections.list()).total).toBe(1);
    expect(await ws.api.connections.deleted()).toHaveLength(1);
  });

  it('is there after all secrets of the workspace were destroyed', async () => {
    await using ws = await openWorkspace();
    const { id } = await ws.api.connections.create(input());
    await ws.api.connections.delete({ id });
    await ws.api.vault.wipe({ confirm: 'WIPE' });
    expect(await ws.api.connections.deleted()).toHaveLength(1);
    expect((await ws.api.connections.restore({ id })).hasSecret).toBe(false);
  });

  it('goes for good by the clock, which is written down', async () => {
    await using ws = await openWorkspace();
    const { id, name } = await ws.api.connections.create(input());
    await ws.api.connections.delete({ id });
    {
      using db = rawDb(`${ws.folder}/headgate.db`);
      const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
      db.prepare('UPDATE database_connections SET created_at = ?, deleted_at = ?, over_since = ?').run(
        ...[ago(90), ago(40), ago(2)],
      );
    }
    ws.app.startTimetable();
    await expect.poll(() => ws.api.connections.deleted()).toEqual([]);
    expect(await codeOf(() => ws.api.connections.restore({ id }))).toBe('NOT_FOUND');
    expect(await last(ws, 'background.removed')).toMatchObject({
      ...{ person: 'Headgate', subject: `connectionId=${id}`, details: `name=${name} days=30` },
    });
  });
});

describe('the days of a deleted connection', () => {
  const day = 86_400_000;
  const begin = Date.parse(instant);

  function kept() {
    const folder = temporaryFolder();
    const store = storeIn(folder.path);
    store.people.create('ada', 'Ada', ['dba'], instant);
    store.connections.create(storedConnection({ id: 'c' }), 'ada', instant);
    const sealed = new Set<string>();
    const services = {
      store,
      vault: { has: (id: string) => sealed.has(id), delete: (id: string) => void sealed.delete(id) },
      access: { background: { did: () => {} } },
      emit: () => {},
    };
    return {
      ...{ store, sealed },
      delete: (at: number) => store.deletedConnections.delete('c', 'Ada', new Date(at).toISOString()),
      look: (at: number) => removeOverdue(services as never, at),
      isThere: () => store.deletedConnections.rows().length === 1,
      [Symbol.dispose]: () => {
        store.close();
        folder[Symbol.dispose]();
      },
    };
  }

  it('are thirty, and a day that both looks agree on', () => {
    using one = kept();
    one.delete(begin);
    for (const days of [0, 1, 29.9, 30, 30.9]) expect(one.look(begin + days * day)).toBe(0);
    expect(one.look(begin + 31 * day)).toBe(1);
    expect(one.isThere()).toBe(false);
  });

  it('are not cut short by a clock that is ahead for a while', () => {
    using one = kept();
    one.delete(begin);
    expect(one.look(begin + 400 * day)).toBe(0);
    // Put right again; what was seen meanwhile does not count.
    expect(one.look(begin + 2 * day)).toBe(0);
    expect(one.look(begin + 30 * day)).toBe(0);
    expect(one.look(begin + 31 * day)).toBe(1);
  });

  it('begin when the clock is put right, of one that was deleted while it was ahead', () => {
    using one = kept();
    one.delete(begin + 4000 * day);
    expect(one.look(begin + day)).toBe(0);
    expect(one.look(begin + 30 * day)).toBe(0);
    expect(one.look(begin + 31 * day)).toBe(0);
    expect(one.look(begin + 32 * day)).toBe(1);
  });

  it('are not counted by a clock from before it was made', () => {
    using one = kept();
    one.delete(begin + day);
    expect(one.look(0)).toBe(0);
    expect(one.store.deletedConnections.rows()[0]?.deletedAt).toBe(new Date(begin + day).toISOString());
    expect(one.look(begin + 30.5 * day)).toBe(0);
    expect(one.look(begin + 31 * day)).toBe(0);
    expect(one.look(begin + 32 * day)).toBe(1);
  });

  it('end the secrets that a process which was killed left', () => {
    using one = kept();
    one.delete(begin);
    one.sealed.add('c');
    one.look(begin);
    expect(one.sealed.size).toBe(0);
  });
});

it('nothing new refers to a connection that another process deleted a moment ago', async () => {
  using folder = temporaryFolder();
  const store = storeIn(folder.path);
  store.people.create('ada', 'Ada', ['dba'], instant);
  store.connections.create(storedConnection({ id: 'c' }), 'ada', instant);
  store.connections.create(storedConnection({ id: 'd', name: 'other' }), 'ada', instant);
  store.projects.create({ id: 'p', name: 'P', connectionId: 'd', dbSchema: 'public' }, 'ada', instant);
  const login = { personId: 'ada', personName: 'Ada', user: 'r', createdAt: instant, validUntil: instant };
  store.leases.create({ id: 'l', connectionId: 'c', ...login });
  expect(await codeOf(() => store.deletedConnections.delete('c', 'Ada', instant))).toBe('IN_USE');
  store.leases.setState('l', 'ended');
  store.deletedConnections.delete('c', 'Ada', instant);
  expect(await codeOf(() => store.leases.create({ id: 'm', connectionId: 'c', ...login }))).toBe('NOT_FOUND');
  const project = { id: 'q', name: 'Q', connectionId: 'c', dbSchema: 'public' };
  expect(await codeOf(() => store.projects.create(project, 'ada', instant))).toBe('NOT_FOUND');
  expect(await codeOf(() => store.projects.update('p', { connectionId: 'c' }, instant))).toBe('NOT_FOUND');
  store.close();
});
