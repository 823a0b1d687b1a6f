import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { pausedWorkspace } from '../support/paused-workspace.ts';
import { createRole } from '../support/roles.ts';
import { setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'small', forms: 20, cases: 5, seed: 1 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const minute = 60_000;
const hour = 60 * minute;

async function prepared() {
  const analyst = await createRole(db, '', { prefix: 'ana' });
  const role = analyst.name;
  const place = pausedWorkspace();
  const ws = await place.open();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const link = await setUp(ws.api, { ...setup, readerRoles: [role], credentialMode: 'project' });
  // Refreshed once a year, so that nothing but use keeps it.
  await ws.api.links.update({ id: link.id, schedule: { kind: 'every', hours: 8760 } });
  await syncToEnd(ws, link);
  await ws[Symbol.asyncDispose]();
  /** What an analyst asks with psql; nobody tells Headgate. */
  const asAnalyst = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = await db.connect();
    try {
      await client.query(`SET ROLE ${role}`);
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  /** One look of the timetable so much later. */
  const look = async (ms: number): Promise<NonNullable<Awaited<ReturnType<typeof datasetOf>>>> => {
    place.later(ms);
    const now = await place.open();
    await now.app.tick();
    const [job] = await now.api.syncs.list({});
    if (job?.finishedAt === null) await now.app.jobEnded(job.id);
    const dataset = await datasetOf(now);
    await now[Symbol.asyncDispose]();
    if (!dataset) throw new Error('the dataset is gone');
    return dataset;
  };
  const datasetOf = async ({ api }: Workspace) =>
    (await api.datasets.list()).find(({ linkId }) => linkId === link.id);
  return {
    place,
    link,
    role,
    asAnalyst,
    look,
    schema: link.dataset?.schemaName ?? '',
    project: link.dataset?.projectName ?? '',
  };
}

const isThere = async (schema: string): Promise<boolean> =>
  (await db.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`)).length > 0;

it('what somebody says is still wanted stays as long again', async () => {
  const { place, look, schema } = await prepared();
  using _ = place;
  const soon = await look(22 * hour);
  const ws = await place.open();
  const kept = await ws.api.datasets.keep({ id: soon.id });
  expect(Date.parse(kept.expiresAt ?? '') - Date.parse(soon.expiresAt ?? '')).toBeGreaterThan(21 * hour);
  await ws[Symbol.asyncDispose]();
  expect(await look(4 * hour)).toMatchObject({ status: 'ready' });
  expect(await isThere(schema)).toBe(true);
  expect(await look(21 * hour)).toMatchObject({ status: 'expired' });
});

it('what is read with psql alone stays; what nobody reads goes, and is back after one call', async () => {
  const { place, asAnalyst, look, schema, project } = await prepared();
  using _ = place;
  const first = await look(2 * minute);
  expect(first).toMatchObject({ status: 'ready', expiresAt: expect.stringMatching(/Z$/) });

  await asAnalyst(`SELECT count(*) FROM ${schema}.forms`);
  const read = await look(24 * hour);
  expect(read).toMatchObject({ status: 'ready' });
  expect(Date.parse(read.expiresAt ?? '')).toBeGreaterThan(Date.now() + 23 * hour);
  expect(await isThere(schema)).toBe(true);

  const gone = await look(25 * hour);
  expect(gone).toMatchObject({ status: 'expired', dataAsOf: null, rowCounts: {}, expiresAt: null });
  expect(await isThere(schema)).toBe(false);
  await look(6 * minute);
  expect(
    await asAnalyst(`SELECT state, data_as_of FROM headgate.freshness WHERE schema_name = '${schema}'`),
  ).toEqual([{ state: 'expired', data_as_of: null }]);

  expect(await asAnalyst(`SELECT headgate.search_path('${project}') AS path`)).toEqual([{ path: 'public' }]);
  const back = await look(6 * minute);
  expect(back).toMatchObject({ status: 'ready', schemaName: schema });
  expect(await asAnalyst(`SELECT count(*)::int AS n FROM ${schema}.forms`)).toEqual([{ n: '20' }]);
  await look(6 * minute);
  expect(await asAnalyst(`SELECT headgate.search_path('${project}') AS path`)).toEqual([
    { path: `public, ${schema}` },
  ]);
});

it('of what is unlinked and kept nothing is told any more', async () => {
  const { place, link, look, schema, asAnalyst } = await prepared();
  using _ = place;
  await look(2 * minute);
  const told = () => asAnalyst(`SELECT state FROM headgate.freshness WHERE schema_name = '${schema}'`);
  expect(await told()).toEqual([{ state: 'ready' }]);
  const ws = await place.open();
  await ws.api.links.delete({ id: link.id, dropSchemas: false });
  expect(await told()).toEqual([{ state: 'ready' }]);
  await ws[Symbol.asyncDispose]();
  place.later(6 * minute);
  await using again = await place.open();
  await again.app.tick();
  expect(await told()).toEqual([]);
  expect(await isThere(schema)).toBe(true);
});

it('of what is dropped nothing is told at once', async () => {
  const { place, link, look, schema, asAnalyst } = await prepared();
  using _ = place;
  await look(2 * minute);
  await using ws = await place.open();
  await ws.api.links.delete({ id: link.id, dropSchemas: true });
  expect(await asAnalyst(`SELECT state FROM headgate.freshness WHERE schema_name = '${schema}'`)).toEqual([]);
});

it('a call of touch keeps it, and what somebody built on is not dropped', async () => {
  const { place, role, asAnalyst, look, schema } = await prepared();
  using _ = place;
  await look(2 * minute);
  await asAnalyst(`SELECT headgate.touch('${schema}')`);
  expect(await look(24 * hour + minute)).toMatchObject({ status: 'ready' });

  await db.query(`CREATE SCHEMA own_${role} AUTHORIZATION ${role}`);
  await asAnalyst(`CREATE VIEW own_${role}.counted AS SELECT count(*) FROM ${schema}.forms`);
  expect(await look(25 * hour)).toMatchObject({ status: 'ready' });
  expect(await asAnalyst(`SELECT count::int AS n FROM own_${role}.counted`)).toEqual([{ n: '20' }]);
  await db.query(`DROP SCHEMA own_${role} CASCADE`);
});

it('of a database that does not answer nothing goes, nor where the link keeps it', async () => {
  const { place, link, look, schema } = await prepared();
  using _ = place;
  await look(2 * minute);
  const { user, password, port } = db.postgres;
  const id = link.dataset?.connectionId ?? '';
  const away = await place.open();
  await away.api.connections.update({ id, port: 1, user, password });
  await away[Symbol.asyncDispose]();
  expect(await look(30 * hour)).toMatchObject({ status: 'ready' });
  const again = await place.open();
  await again.api.connections.update({ id, port, user, password });
  await again.api.links.update({ id: link.id, keepIdleHours: null });
  await again[Symbol.asyncDispose]();
  expect(await look(300 * hour)).toMatchObject({ status: 'ready', expiresAt: null });
  expect(await isThere(schema)).toBe(true);
});
