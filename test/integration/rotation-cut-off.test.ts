import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { Services } from '../../main/services/context.ts';
import { createRotations } from '../../main/services/rotation-work.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startMutedLine } from '../support/muted-line.ts';
import { keptLog, rawDb, storedConnection, storeIn, temporaryFolder, vaultIn } from '../support/parts.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* Whatever cuts a rotation off, and wherever: the password that the server took is never lost. */

let db: TestDatabase;
let ws: Workspace;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});

const never = new AbortController().signal;
const works = async (id: string): Promise<boolean> => (await ws.api.connections.test({ id })).ok;
/** As a power cut leaves it: `next` is written down, and the server may have been told. */
async function cutOff(role: TestRole, ids: readonly [string, ...string[]], password: string): Promise<void> {
  const { vault } = await vaultIn(ws.folder);
  await vault.patch(ids[0], { 'next.user': role.name, 'next.password': password });
  vault.close();
  using store = rawDb(`${ws.folder}/headgate.db`);
  const long = '2020-01-01T00:00:00.000Z';
  store
    .prepare('UPDATE database_connections SET rotation = ? WHERE id = ?')
    .run(JSON.stringify({ until: long, onServer: true, ids, pendingSince: long }), ids[0]);
}
/** Every field of a connection's record, as text. */
async function secretsOf(id: string): Promise<Record<string, string>> {
  const { vault } = await vaultIn(ws.folder);
  const fields = await vault.get(id);
  vault.close();
  return { ...fields };
}

describe('the new password is kept', () => {
  it('when the answer of the server never comes', async () => {
    using folder = temporaryFolder();
    const role = await createRole(db);
    const line = await startMutedLine(db.postgres.port);
    const store = storeIn(folder.path);
    const { vault } = await vaultIn(folder.path);
    const { log, redactor } = keptLog();
    const host = { clock: systemClock, homeFolder: folder.path, sshAgent: null, log, redactor };
    const services = {
      ...{ store, vault, host, readers: { forget() {} } },
      now: () => new Date().toISOString(),
    } as unknown as Services;
    const rotations = createRotations(services, { telling: 700 });
    store.people.create('p', 'Owner', ['dba'], services.now());
    store.connections.create(
      storedConnection({ id: 'one', host: '127.0.0.1', port: line.port, database: db.database }),
      'p',
      services.now(),
    );
    await vault.put('one', { user: role.name, password: role.password });
    const from = { user: role.name, password: Buffer.from(role.password) };
    const to = { user: role.name, password: Buffer.from(randomBytes(9).toString('hex')) };
    // The server commits; nobody hears of it.
    // The whole word: a transaction begins with “READ COMMITTED”.
    line.muteAfter('COMMIT\0');
    const failed = rotations.change([store.connections.get('one')], from, to, true, never);
    await expect(failed).rejects.toMatchObject({
      code: 'DB_TIMEOUT',
      message:
        'The server of “main” did not answer within 0.7 seconds. Whether it took the new password is not known yet.',
      advice: expect.stringContaining('Both passwords are kept.'),
    });
    expect((await vault.get('one'))?.['next.password']).toBe(to.password.toString());
    line.unmute();
    await rotations.settle(store.connections.get('one'), never);
    expect(await vault.get('one')).toMatchObject({ password: to.password.toString() });
    expect(rotations.isOpen('one')).toBe(false);
    vault.close();
    store.close();
    await line.close();
  });

  it('when a second rotation is started before the first is settled', async () => {
    const role = await createRole(db);
    const line = await startMutedLine(db.postgres.port);
    const { id } = await ws.api.connections.create(
      role.input({ port: line.port, pool: { connectTimeoutSeconds: 1 } as never }),
    );
    await db.query(`ALTER ROLE ${role.name} PASSWORD 'the server took it'`);
    await cutOff(role, [id], 'the server took it');
    line.mute();
    await expect(ws.api.connections.rotate({ id, onServer: true })).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
    });
    line.unmute();
    expect((await ws.api.connections.rotate({ id, onServer: true })).done).toBe(true);
    expect(await works(id)).toBe(true);
    await line.close();
  });

  it('while neither password is let in, e.g. from another network', async () => {
    const role = await createRole(db);
    const { id } = await ws.api.connections.create(role.input());
    await db.query(`ALTER ROLE ${role.name} PASSWORD 'taken too'`);
    await cutOff(role, [id], 'taken too');
    await db.query(`ALTER ROLE ${role.name} NOLOGIN`);
    await expect(ws.api.connections.rotate({ id, onServer: true })).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
    });
    await db.query(`ALTER ROLE ${role.name} LOGIN`);
    expect((await ws.api.connections.rotate({ id, onServer: true })).done).toBe(true);
    expect(await works(id)).toBe(true);
  });
});

it('one that the server never took is forgotten, with what an earlier one left', async () => {
  const role = await createRole(db);
  const { id } = await ws.api.connections.create(role.input());
  await cutOff(role, [id], 'never told');
  await expect(ws.api.connections.rotate({ id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(Object.keys(await secretsOf(id)).sort()).toEqual(['password', 'user']);
  expect(await works(id)).toBe(true);
});

it('all connections that were to be switched together are, also when it was cut off in between', async () => {
  const role = await createRole(db);
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push((await ws.api.connections.create(role.input())).id);
  const other = await createRole(db);
  const foreign = await ws.api.connections.create(other.input());
  await db.query(`ALTER ROLE ${role.name} PASSWORD 'for all of them'`);
  await cutOff(role, [ids[0] as string, ids[1] as string, ids[2] as string, foreign.id], 'for all of them');
  ws.app.startTimetable();
  await expect.poll(() => works(ids[0] as string)).toBe(true);
  expect([await works(ids[1] as string), await works(ids[2] as string)]).toEqual([true, true]);
  expect(await works(foreign.id)).toBe(true);
});

it('a second rotation at the same time is refused', async () => {
  const role = await createRole(db);
  const { id } = await ws.api.connections.create(role.input());
  const both = await Promise.allSettled([
    ws.api.connections.rotate({ id, onServer: true }),
    ws.api.connections.rotate({ id, onServer: true }),
  ]);
  expect(both.map((each) => (each.status === 'fulfilled' ? each.value.done : each.reason.code))).toEqual([
    true,
    'IN_USE',
  ]);
  expect(await works(id)).toBe(true);
});
