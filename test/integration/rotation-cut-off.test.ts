import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../main/access/audit.ts';
import { createBackground } from '../../main/access/background.ts';
import { systemClock } from '../../main/clock.ts';
import { createRotations } from '../../main/services/connections/rotation-work.ts';
import type { Services } from '../../main/services/context.ts';
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
      access: {
        background: createBackground({ audit: createAudit(store, () => new Date().toISOString()), host }),
      },
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
    const failed = rotations.change([store.connections.get('one')], from, to, {
      ...{ onServer: true, signal: never },
    });
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

describe('one password of several connections, cut off at any point', () => {
  /** A workspace's own parts with three connections of one role, of which everything may end at some step. */
  const three = async (folder: string, role: TestRole, port = db.postgres.port) => {
    const store = storeIn(folder);
    const { vault } = await vaultIn(folder);
    store.people.create('p', 'Owner', ['dba'], new Date().toISOString());
    for (const id of ['one', 'two', 'three']) {
      const address = { host: '127.0.0.1', port, database: db.database };
      store.connections.create(storedConnection({ id, name: id, ...address }), 'p', new Date().toISOString());
      await vault.put(id, { user: role.name, password: role.password });
    }
    return { store, vault };
  };
  type Parts = Awaited<ReturnType<typeof three>>;
  /** `cut`: the step, of those that read or write a file, at which the process ends. Answers how many there were. */
  const rotationsOf = ({ store, vault }: Parts, { cut = Infinity, ahead = 0 } = {}) => {
    let steps = 0;
    const step = (): void => {
      steps += 1;
      if (steps >= cut) throw new Error('cut off');
    };
    const counted = <T extends object>(of: T): T =>
      new Proxy(of, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value === 'object' && value !== null) return counted(value);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            step();
            return value.apply(target, args);
          };
        },
      });
    const { log, redactor } = keptLog();
    const clock = { ...systemClock, now: () => Date.now() + ahead };
    const host = { clock, homeFolder: '/', sshAgent: null, log, redactor };
    const now = (): string => new Date(clock.now()).toISOString();
    const services = {
      ...{ store: counted(store), vault: counted(vault), readers: { forget() {} }, host, now },
      access: { background: createBackground({ audit: createAudit(store, now), host }) },
    } as unknown as Services;
    return { rotations: createRotations(services), steps: () => steps };
  };
  const ids = ['one', 'two', 'three'] as const;
  const logins = async ({ vault }: Parts): Promise<(string | undefined)[]> =>
    Promise.all(ids.map(async (id) => (await vault.get(id))?.['password']));
  const lateMs = 6 * 60_000;

  it('leaves all of them with the one that the server has', async () => {
    using folder = temporaryFolder();
    const role = await createRole(db);
    const parts = await three(folder.path, role);
    const { store, vault } = parts;
    let password = role.password;
    let cut = 1;
    for (let whole = false; !whole; cut += 1) {
      const to = { user: role.name, password: Buffer.from(`number ${cut}`) };
      const { rotations } = rotationsOf(parts, { cut });
      const all = ids.map((id) => store.connections.get(id));
      const from = { user: role.name, password: Buffer.from(password) };
      whole = await rotations.change(all, from, to, { onServer: true, signal: never }).then(
        () => true,
        () => false,
      );
      // Twice: what is noted first is looked after once nobody can be at it any more.
      await rotationsOf(parts, { ahead: lateMs }).rotations.tidy(never);
      await rotationsOf(parts, { ahead: 2 * lateMs }).rotations.tidy(never);
      const now = await logins(parts);
      expect(new Set(now).size, `cut at ${cut}: ${now}`).toBe(1);
      password = now[0] ?? '';
      const client = await signedIn(role, password);
      expect(client, `cut at ${cut}`).toBe(true);
      for (const id of ids) {
        expect(vault.has(id, 'next.password'), `cut at ${cut}`).toBe(false);
        const { rotation } = store.connections.get(id);
        expect(rotation?.pendingSince, `cut at ${cut}`).toBeUndefined();
        // An old login stands there as long as somebody will take it away.
        expect(vault.has(id, 'previous.password'), `cut at ${cut}`).toBe(rotation !== null);
      }
    }
    expect(cut).toBeGreaterThan(20);
    vault.close();
    store.close();
  }, 40_000);
});

/** Whether the server lets a role in with a password. */
async function signedIn(role: TestRole, password: string): Promise<boolean> {
  const { host, port } = db.postgres;
  const client = new pg.Client({ host, port, database: db.database, user: role.name, password });
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

describe('what is undone', () => {
  it('leaves a connection that has got another login since with that one', async () => {
    const role = await createRole(db);
    const later = await createRole(db);
    const one = await ws.api.connections.create(role.input());
    const two = await ws.api.connections.create(role.input());
    await ws.api.connections.rotate({ id: one.id, onServer: true, also: [two.id] });
    await ws.api.connections.update({ id: two.id, user: later.name, password: later.password });
    const back = await ws.api.connections.undoRotation({ id: one.id });
    expect(back.switched.map(({ id }) => id)).toEqual([one.id]);
    expect([await works(one.id), await works(two.id)]).toEqual([true, true]);
    expect(await secretsOf(two.id)).toMatchObject({ user: later.name, password: later.password });
  });

  it.each([true, false])(
    'is undone for those that can be reached (told to the server: %s)',
    async (onServer) => {
      const role = await createRole(db);
      const other = `other_${role.name}`;
      await db.query(`CREATE DATABASE ${other}`);
      await db.query(`GRANT CREATE ON DATABASE ${other} TO ${role.name}`);
      const one = await ws.api.connections.create(role.input());
      const two = await ws.api.connections.create(role.input({ database: other }));
      const password = 'only for a while';
      if (!onServer) await db.query(`ALTER ROLE ${role.name} PASSWORD '${password}'`);
      const also = [two.id];
      expect(
        await ws.api.connections.rotate({ id: one.id, also, ...(onServer ? { onServer } : { password }) }),
      ).toMatchObject({ done: true });
      await db.query(`ALTER DATABASE ${other} ALLOW_CONNECTIONS false`);
      if (!onServer) await db.query(`ALTER ROLE ${role.name} PASSWORD '${role.password}'`);
      const back = await ws.api.connections.undoRotation({ id: one.id });
      expect(back.done).toBe(true);
      expect(await works(one.id)).toBe(true);
      await db.query(`ALTER DATABASE ${other} ALLOW_CONNECTIONS true`);
      // The server has the old one only; where it was not told by Headgate, the rest is undone on its own.
      if (!onServer) expect((await ws.api.connections.undoRotation({ id: two.id })).done).toBe(true);
      expect(await works(two.id)).toBe(true);
      await db.query(`DROP DATABASE ${other} WITH (FORCE)`);
    },
  );
});
