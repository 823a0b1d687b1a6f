import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb, vaultIn } from '../support/parts.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* A password is changed once for every project: tried first, switched at once, taken back when asked. */

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

const letsIn = async (role: TestRole, password: string): Promise<boolean> => {
  const client = new pg.Client({ ...db.postgres, database: db.database, user: role.name, password });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
};
const works = async (id: string): Promise<boolean> => (await ws.api.connections.test({ id })).ok;
const fieldsOf = (id: string): string[] => {
  using vault = rawDb(`${ws.folder}/vault.db`);
  return vault
    .prepare('SELECT field FROM secrets WHERE record_id = ? ORDER BY 1')
    .pluck()
    .all(id) as string[];
};

describe('a new password', () => {
  it('that was changed at the server already is tried, then used by all who sign in so', async () => {
    const role = await createRole(db);
    const one = await ws.api.connections.create(role.input());
    const two = await ws.api.connections.create(role.input());
    const other = await createRole(db);
    const third = await ws.api.connections.create(other.input());
    expect((await ws.api.connections.usage({ id: one.id })).sameLogin.map(({ id }) => id)).toEqual([two.id]);

    const password = `rotated ${randomUUID()} é`;
    // Not told to the server yet: nothing changes, and the answer says why.
    const early = await ws.api.connections.rotate({ id: one.id, password, also: [two.id] });
    expect(early).toMatchObject({
      done: false,
      switched: [],
      undoableUntil: null,
      test: { error: { code: 'DB_LOGIN_REFUSED' } },
    });
    expect([await works(one.id), await works(two.id)]).toEqual([true, true]);

    await db.query(`ALTER ROLE ${role.name} PASSWORD '${password}'`);
    await expect(ws.api.connections.rotate({ id: one.id, password, also: [third.id] })).rejects.toMatchObject(
      {
        code: 'INPUT_INVALID',
      },
    );
    const done = await ws.api.connections.rotate({ id: one.id, password, also: [two.id] });
    expect(done.done).toBe(true);
    expect(done.switched.map(({ id }) => id)).toEqual([one.id, two.id]);
    expect([await works(one.id), await works(two.id)]).toEqual([true, true]);
    expect((await ws.api.connections.get({ id: two.id })).undoableUntil).toBe(done.undoableUntil);

    await db.query(`ALTER ROLE ${role.name} PASSWORD '${role.password}'`);
    const back = await ws.api.connections.undoRotation({ id: two.id });
    expect(back).toMatchObject({ done: true, undoableUntil: null });
    expect([await works(one.id), await works(two.id)]).toEqual([true, true]);
    expect(fieldsOf(one.id)).toEqual(['password', 'user']);
    await expect(ws.api.connections.undoRotation({ id: one.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is told to the server as a verifier, made up, and taken back there too', async () => {
    const role = await createRole(db);
    const { id } = await ws.api.connections.create(role.input());
    await db.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements').catch(() => {});
    const done = await ws.api.connections.rotate({ id, onServer: true });
    expect(done.done).toBe(true);
    expect(await letsIn(role, role.password)).toBe(false);
    expect(await works(id)).toBe(true);
    const [stored] = await db.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role.name]);
    expect(stored?.['rolpassword']).toMatch(/^SCRAM-SHA-256\$4096:/);
    const back = await ws.api.connections.undoRotation({ id });
    expect(back.done).toBe(true);
    expect(await letsIn(role, role.password)).toBe(true);
    expect(await works(id)).toBe(true);
  });

  it.each(['plain', 'ünï cödé', 'ﬁ ligature ①', 'soft\u00adhyphen', '  spaces ', "quo'te\\back"])(
    'lets in what libpq and the server make of “%s”',
    async (password) => {
      const role = await createRole(db);
      const { id } = await ws.api.connections.create(role.input());
      expect(await ws.api.connections.rotate({ id, password, onServer: true })).toMatchObject({ done: true });
      expect(await letsIn(role, password)).toBe(true);
    },
  );

  it('that does not work after all leaves server and vault as they were', async () => {
    const role = await createRole(db);
    const one = await ws.api.connections.create(role.input());
    // The same login, for a database that it may not enter.
    const closed = `closed_${randomUUID().slice(0, 8)}`;
    await db.query(`CREATE DATABASE ${closed}`);
    await db.query(`REVOKE CONNECT ON DATABASE ${closed} FROM PUBLIC`);
    const two = await ws.api.connections.create(role.input({ database: closed }));
    const result = await ws.api.connections.rotate({ id: one.id, onServer: true, also: [two.id] });
    expect(result).toMatchObject({ done: false, switched: [] });
    expect(await letsIn(role, role.password)).toBe(true);
    expect(await works(one.id)).toBe(true);
    expect(fieldsOf(one.id)).toEqual(['password', 'user']);
    await db.query(`DROP DATABASE ${closed}`);
  });

  it('that was cut off between server and vault is found again', async () => {
    const role = await createRole(db);
    const { id } = await ws.api.connections.create(role.input());
    // As a power cut leaves it: written down as the next one, told to the server, not switched.
    const { vault } = await vaultIn(ws.folder);
    await vault.patch(id, { 'next.user': role.name, 'next.password': 'only the server knows' });
    vault.close();
    await db.query(`ALTER ROLE ${role.name} PASSWORD 'only the server knows'`);
    expect(await works(id)).toBe(false);
    using store = rawDb(`${ws.folder}/headgate.db`);
    const pending = {
      until: '2020-01-01T00:00:00.000Z',
      onServer: true,
      ids: [id],
      pendingSince: '2020-01-01T00:00:00.000Z',
    };
    store
      .prepare('UPDATE database_connections SET rotation = ? WHERE id = ?')
      .run(JSON.stringify(pending), id);
    ws.app.startTimetable();
    await expect.poll(() => works(id)).toBe(true);
    expect(fieldsOf(id)).toEqual(['password', 'previous.password', 'previous.user', 'user']);
  });

  it('can not be given together with another user, or left out where the server is not told', async () => {
    const role = await createRole(db);
    const { id } = await ws.api.connections.create(role.input());
    await expect(ws.api.connections.rotate({ id })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(ws.api.connections.rotate({ id, user: 'x', onServer: true })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});

it('no password of any of this is in the log', () => {
  for (const line of ws.logs)
    expect(line).not.toMatch(/canary |rotated [0-9a-f]|SCRAM-SHA-256\$4096:[A-Za-z0-9]/);
});
