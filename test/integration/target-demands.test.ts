import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { explainPgError } from '../../main/engines/postgres/postgres-client.ts';
import type { RunSpec } from '../../main/sync/run-spec.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { climb, states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';
import { specOf, standingRun } from '../support/sync-run.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* What has to be true of a target is said by the test of its connection, and asked before a sync reads anything. */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 60, cases: 5, seed: 2 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const reason = 'The vendor of this server gives no other login.';
const requests = (): number => Object.values(sim.stats.requests).reduce((sum, n) => sum + n, 0);
/** How a run fails that must not have asked the source for anything. */
async function early(spec: RunSpec): Promise<unknown> {
  const before = requests();
  const error = await standingRun(spec, sim).ended.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(requests()).toBe(before);
  expect(
    await db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [`${spec.schema}__staging`]),
  ).toEqual([]);
  return error;
}

describe('a superuser', () => {
  const fixSql = (database: string): string =>
    `CREATE ROLE "headgate_sync" LOGIN; GRANT CONNECT, CREATE ON DATABASE "${database}" TO "headgate_sync";`;

  it('fails at the rung of rights, with the statements that make a plain role, and no password in them', async () => {
    const test = await climb(localTarget(db.admin, db.database));
    expect(test).toMatchObject({
      ok: false,
      error: {
        code: 'TARGET_SUPERUSER',
        kind: 'config',
        message: `User “${db.admin.user}” is a superuser and may do anything on the server; a sync needs only CREATE on the database.`,
        advice: `Make a role for Headgate, give it a password with \\password in psql, and enter it here: ${fixSql(db.database)}`,
      },
      fixSql: fixSql(db.database),
    });
    expect(states(test)).toMatchObject({ database: 'ok', rights: 'failed', write: 'not_reached' });
    // What is proposed works as it stands.
    await db.query(fixSql(db.database));
    await db.query(`ALTER ROLE headgate_sync PASSWORD 'plain-canary'`);
    try {
      const plain = localTarget(
        { ...db.admin, user: 'headgate_sync', password: 'plain-canary' },
        db.database,
      );
      expect(await climb(plain)).toMatchObject({ ok: true, warnings: [] });
    } finally {
      await db.query('DROP OWNED BY headgate_sync; DROP ROLE headgate_sync');
    }
  });

  it('may be used to read, and to write when somebody insists', async () => {
    const target = localTarget(db.admin, db.database);
    expect(await climb(target, { readOnly: true })).toMatchObject({ ok: true });
    const test = await climb({ ...target, superuserAllowed: true });
    expect(states(test)).toMatchObject({ rights: 'warns', write: 'ok' });
    expect(test.warnings).toContainEqual(expect.stringContaining('Somebody insisted on it'));
  });

  it('does not run a sync, before anything is read, unless somebody insists', async () => {
    const spec = specOf({ postgres: db.admin, database: db.database, schema: 'data_super' }, sim);
    expect(await early(spec)).toMatchObject({ code: 'TARGET_SUPERUSER' });
    const insisted = { ...spec, target: { ...localTarget(db.admin, db.database), superuserAllowed: true } };
    expect(await standingRun(insisted, sim).ended).toMatchObject({ kind: 'published' });
  });

  it('is insisted on with a reason that is kept, logged, exported and copied, for that login at that server', async () => {
    await using ws = await openWorkspace();
    const place = { database: db.database, sourceUrl: sim.url, domain: 'demo', datasets: ['forms'] };
    const link = await setUp(ws.api, { ...place, postgres: db.admin });
    expect(await syncToEnd(ws, link)).toMatchObject({
      status: 'failed',
      error: { code: 'TARGET_SUPERUSER' },
    });
    const id = (await ws.api.connections.list()).items[0]?.id as string;
    expect(await codeOf(() => ws.api.connections.update({ id, superuserReason: 'because' }))).toBe(
      'INPUT_INVALID',
    );
    expect((await ws.api.connections.update({ id, superuserReason: ` ${reason} ` })).superuserReason).toBe(
      reason,
    );
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
    const entries = await ws.api.audit.list({});
    expect(JSON.stringify(entries.filter(({ action }) => action === 'connections.update'))).toContain(reason);

    expect((await ws.api.connections.duplicate({ id, name: 'copy' })).superuserReason).toBe(reason);
    const { text } = await ws.api.connections.export({});
    expect(text).toContain(reason);
    await using other = await openWorkspace();
    const plan = await other.api.imports.preview({ kind: 'headgate', text: text as string });
    await other.api.imports.apply({
      planId: plan.planId,
      connections: plan.connections.map(({ key }) => ({ key, action: 'create' as const })),
    });
    for (const each of (await other.api.connections.list()).items)
      expect((await other.api.connections.get({ id: each.id })).superuserReason).toBe(reason);

    const changed = await ws.api.connections.update({ id, user: 'another', password: 'p' });
    expect(changed.superuserReason).toBe('');
  });
});

describe('a database that is not in UTF-8', () => {
  it.each(['LATIN1', 'SQL_ASCII'])(
    'in %s fails at the rung of the database, and runs no sync',
    async (encoding) => {
      const name = `${db.database}_${encoding.toLowerCase()}`;
      await db.query(
        `CREATE DATABASE ${name} ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      );
      await db.query(`GRANT CREATE ON DATABASE ${name} TO ${db.postgres.user}`);
      try {
        const target = localTarget(db.postgres, name);
        const test = await climb(target);
        const fixSql = `CREATE DATABASE "${name}_utf8" ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;`;
        expect(test).toMatchObject({
          error: {
            code: 'TARGET_ENCODING',
            message: expect.stringContaining(encoding),
            advice: expect.stringContaining(fixSql),
          },
          fixSql,
        });
        expect(states(test)).toMatchObject({ login: 'ok', database: 'failed', rights: 'not_reached' });
        expect(await climb(target, { readOnly: true })).toMatchObject({ ok: true });
        expect(
          await early(specOf({ postgres: db.postgres, database: name, schema: 'data_odd' }, sim)),
        ).toMatchObject({
          code: 'TARGET_ENCODING',
        });
        await db.query(fixSql);
        await db.query(`DROP DATABASE ${name}_utf8`);
      } finally {
        await db.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }
    },
  );

  it('is named by what it refuses to store', () => {
    const said = { code: '22P05', message: 'character with byte sequence 0xe0 0xa4 0xaa has no equivalent' };
    expect(explainPgError(said, localTarget(db.postgres, 'old'))).toMatchObject({
      code: 'TARGET_ENCODING',
      message:
        'The database “old” can not store a character of the data: character with byte sequence 0xe0 0xa4 0xaa has no equivalent.',
    });
  });
});

it('a reader role that does not exist is named before anything is read', async () => {
  const role = `${db.database}_gone`;
  const spec = specOf({ ...db, schema: 'data_readers' }, sim, { readerRoles: [db.postgres.user, role] });
  expect(await early(spec)).toMatchObject({
    code: 'READER_ROLE_MISSING',
    message: `There is no role “${role}” on the server, which is to read the tables.`,
    advice: `Correct the reader roles under Projects, or ask a DBA to run: CREATE ROLE "${role}" NOLOGIN;`,
  });
});
