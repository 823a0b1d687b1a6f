import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeptSchema, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What is unlinked or deleted leaves nothing behind that nobody knows of, and can come back. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let sync: TestRole;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 30, cases: 3, seed: 4 }] });
  ws = await openWorkspace();
  sync = await createRole(db);
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});
beforeEach(() => sim.faults.clear());

const linked = (): Promise<Link> =>
  setUp(ws.api, {
    postgres: { ...db.postgres, user: sync.name, password: sync.password },
    database: db.database,
    sourceUrl: sim.url,
    domain: 'demo',
    datasets: ['forms'],
  });
const published = async (): Promise<{ link: Link; schema: string }> => {
  const link = await linked();
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  return { link, schema: link.dataset?.schemaName ?? '' };
};
const again = ({ projectId, sourceId, credentialMode, syncConfig }: Link, adopt?: string): Promise<Link> =>
  ws.api.links.create({ projectId, sourceId, credentialMode, syncConfig, ...(adopt ? { adopt } : {}) });
const keptOf = async (schema: string): Promise<KeptSchema | undefined> =>
  (await ws.api.kept.list()).find(({ schemaName }) => schemaName === schema);
const schemas = async (like: string): Promise<string[]> =>
  (await db.query('SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1) ORDER BY 1', [like])).map(
    ({ nspname }) => nspname as string,
  );
const waitsForForms = (): Promise<void> =>
  expect.poll(async () => (await ws.api.syncs.list({ limit: 1 }))[0]?.phase).toBe('reading');

describe('a source that was unlinked', () => {
  it('can be linked again, beside what it left', async () => {
    const { link, schema } = await published();
    await ws.api.links.delete({ id: link.id });
    expect(await keptOf(schema)).toMatchObject({
      ...{ id: link.dataset?.id, projectId: link.projectId, sourceId: link.sourceId },
      ...{ rowCounts: { forms: 30 }, dataAsOf: expect.any(String), personName: expect.any(String) },
    });
    const second = await again(link);
    expect(second.dataset?.schemaName).not.toBe(schema);
    expect(await syncToEnd(ws, second)).toMatchObject({ status: 'completed' });
    expect(await db.query(`SELECT count(*) AS n FROM "${schema}".forms`)).toEqual([{ n: '30' }]);
  });

  it('goes on with what it left, when a person says so', async () => {
    const { link, schema } = await published();
    await db.query(`CREATE INDEX mine ON "${schema}".forms (form_name)`);
    await ws.api.links.delete({ id: link.id });
    const second = await again(link, link.dataset?.id);
    expect(second.dataset).toMatchObject({
      ...{ id: link.dataset?.id, schemaName: schema, status: 'ready', rowCounts: { forms: 30 } },
    });
    expect(await keptOf(schema)).toBeUndefined();
    const { tables } = await ws.api.datasets.dictionary({ id: second.dataset?.id ?? '' });
    expect(tables.map(({ name }) => name)).toContain('forms');
    sim.domain('demo').edit('form', [1]);
    expect(await syncToEnd(ws, second)).toMatchObject({ status: 'completed' });
    // The same tables, and not new ones in their place.
    expect(
      await db.query('SELECT 1 AS there FROM pg_indexes WHERE schemaname = $1 AND indexname = $2', [
        schema,
        'mine',
      ]),
    ).toEqual([{ there: '1' }]);
  });

  it('does not take up what another source left', async () => {
    const { link } = await published();
    const { link: other } = await published();
    await ws.api.links.delete({ id: link.id });
    await ws.api.links.delete({ id: other.id });
    await expect(again(other, link.dataset?.id)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(await ws.api.links.list({ projectId: other.projectId })).toEqual([]);
  });

  it('while it was read leaves nothing', async () => {
    const link = await linked();
    sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
    await ws.api.syncs.start({ linkId: link.id });
    await waitsForForms();
    await ws.api.links.delete({ id: link.id });
    expect(ws.app.runningSyncs).toBe(0);
    const schema = link.dataset?.schemaName ?? '';
    expect(await schemas(schema)).toEqual([]);
    expect(await keptOf(schema)).toBeUndefined();
  });

  it('leaves nothing of a refresh that was held', async () => {
    const { link, schema } = await published();
    const demo = sim.domain('demo');
    demo.vanish(
      'form',
      Array.from({ length: 29 }, (_, n) => demo.id('form', n)),
    );
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'held' });
    expect(await schemas(schema)).toHaveLength(2);
    await ws.api.links.delete({ id: link.id });
    expect(await schemas(schema)).toEqual([schema]);
    expect(await keptOf(schema)).toMatchObject({ rowCounts: { forms: 30 } });
    demo.add('form', 29);
  });

  it('is in the list also when its database was not to be had', async () => {
    const { link, schema } = await published();
    await db.query(`ALTER ROLE ${sync.name} NOLOGIN`);
    try {
      await ws.api.links.delete({ id: link.id });
      expect(await keptOf(schema)).toMatchObject({ rowCounts: { forms: 30 } });
      await expect(ws.api.links.delete({ id: link.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(ws.api.kept.drop({ id: link.dataset?.id ?? '' })).rejects.toMatchObject({ code: /^DB_/ });
    } finally {
      await db.query(`ALTER ROLE ${sync.name} LOGIN`);
    }
    await ws.api.kept.drop({ id: link.dataset?.id ?? '' });
    expect(await schemas(schema)).toEqual([]);
  });

  it('gets another schema where an older Headgate left one that is in no list', async () => {
    const { link, schema } = await published();
    await ws.api.links.delete({ id: link.id });
    await ws.api.kept.forget({ id: link.dataset?.id ?? '' });
    const second = await again(link);
    expect(second.dataset?.schemaName).toBe(schema);
    expect(await syncToEnd(ws, second)).toMatchObject({
      status: 'failed',
      error: { code: 'SCHEMA_NOT_OURS' },
    });
    expect(await syncToEnd(ws, second)).toMatchObject({ status: 'completed' });
    const [dataset] = (await ws.api.links.list({ projectId: link.projectId })).map((one) => one.dataset);
    expect(dataset?.schemaName).not.toBe(schema);
    await db.query(`DROP SCHEMA "${schema}" CASCADE`);
  });
});

describe('a kept schema', () => {
  it('is dropped with what is Headgate’s', async () => {
    const { link, schema } = await published();
    await db.query(
      `CREATE INDEX ON "${schema}".forms (form_name); GRANT SELECT ON "${schema}".forms TO PUBLIC`,
    );
    await ws.api.links.delete({ id: link.id });
    await ws.api.kept.drop({ id: link.dataset?.id ?? '' });
    expect(await schemas(schema)).toEqual([]);
    expect(await keptOf(schema)).toBeUndefined();
    expect(await db.query('SELECT 1 FROM headgate.datasets WHERE dataset = $1', [link.dataset?.id])).toEqual(
      [],
    );
  });

  const things: Readonly<Record<string, readonly [string, string, RegExp]>> = {
    'a view elsewhere': ['CREATE VIEW mine.v AS SELECT id FROM S.forms', 'DROP VIEW mine.v', /view mine\.v/],
    'a materialised view in it': [
      'CREATE MATERIALIZED VIEW S.m AS SELECT id FROM S.forms',
      'DROP MATERIALIZED VIEW S.m',
      /materialized view .*\.m\b/,
    ],
    'a table in it': ['CREATE TABLE S.notes (t text)', 'DROP TABLE S.notes', /table .*\.notes/],
    'a function in it': [
      "CREATE FUNCTION S.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      'DROP FUNCTION S.f()',
      /function .*\.f\(\)/,
    ],
    'a foreign key to it': [
      'CREATE TABLE mine.visits (form text REFERENCES S.forms (id))',
      'DROP TABLE mine.visits',
      /constraint visits_form_fkey on table mine\.visits/,
    ],
    'a column of its rows': [
      'CREATE TABLE mine.rows (r S.forms)',
      'DROP TABLE mine.rows',
      /column r of mine\.rows/,
    ],
  };
  it('stays whole where people built something on it, by name and owner', async () => {
    const { link, schema } = await published();
    await ws.api.links.delete({ id: link.id });
    const ana = await createRole(db);
    await db.query(`CREATE SCHEMA mine AUTHORIZATION ${ana.name}`);
    await db.query(
      `GRANT USAGE, CREATE ON SCHEMA "${schema}" TO ${ana.name}; GRANT SELECT, REFERENCES ON ALL TABLES IN SCHEMA "${schema}" TO ${ana.name}`,
    );
    const as = (sql: string): Promise<unknown> =>
      db.query(`SET ROLE ${ana.name}; ${sql.replaceAll('S.', `"${schema}".`)}; RESET ROLE`);
    for (const [what, [make, drop, named]] of Object.entries(things)) {
      await as(make);
      const refused = await ws.api.kept.drop({ id: link.dataset?.id ?? '' }).catch((error: unknown) => error);
      expect(refused, what).toMatchObject({ code: 'IN_USE', message: expect.stringMatching(named) });
      expect((refused as Error).message, what).toContain(ana.name);
      expect(await db.query(`SELECT count(*) AS n FROM "${schema}".forms`)).toEqual([{ n: '30' }]);
      await as(drop);
    }
    await ws.api.kept.drop({ id: link.dataset?.id ?? '' });
    expect(await schemas(schema)).toEqual([]);
  });
});

describe('deleting', () => {
  it('a project or a source lists what stays, and revokes its sign-ins', async () => {
    const { link, schema } = await published();
    const tokens = sim.stats.requests['revoke'] ?? 0;
    await ws.api.projects.delete({ id: link.projectId });
    expect(await keptOf(schema)).toMatchObject({ projectId: null, sourceId: link.sourceId });
    await ws.api.sources.delete({ id: link.sourceId });
    expect(await keptOf(schema)).toMatchObject({ projectId: null, sourceId: null });
    expect(sim.stats.requests['revoke']).toBe(tokens + 1);
  });

  it('a person stops what is read for them, lists what stays, and revokes their sign-ins', async () => {
    const own = (await ws.api.session.state()).person;
    if (own === null) throw new Error('nobody is signed in');
    await ws.api.people.setPassphrase({ id: own.id, next: 'the owner of it all' });
    const ada = await ws.api.people.create({
      ...{ name: 'Ada', passphrase: 'a second one here', roles: ['dba', 'project_admin', 'analyst'] },
    });
    await ws.api.session.signIn({ personId: ada.id, passphrase: 'a second one here' });
    const { link, schema } = await published();
    sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
    await ws.api.syncs.start({ linkId: link.id });
    await waitsForForms();
    const revoked = sim.stats.requests['revoke'] ?? 0;
    await ws.api.session.signIn({ personId: own.id, passphrase: 'the owner of it all' });
    await ws.api.people.delete({ id: ada.id });
    expect(ws.app.runningSyncs).toBe(0);
    expect(sim.stats.requests['revoke']).toBe(revoked + 1);
    expect(await schemas(schema)).toEqual([schema]);
    const [kept] = (await ws.api.kept.list()).filter(({ schemaName }) => schemaName === schema);
    expect(kept).toMatchObject({ rowCounts: { forms: 30 }, projectId: link.projectId });
    await ws.api.kept.drop({ id: kept?.id ?? '' });
    expect(await schemas(schema)).toEqual([]);
  });
});

describe('a project', () => {
  it('is not moved to another database while something is on its way into the present one', async () => {
    const link = await linked();
    const connection = await ws.api.connections.create(sync.input());
    const move = (): Promise<unknown> =>
      ws.api.projects.update({ id: link.projectId, connectionId: connection.id });
    sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
    const job = await ws.api.syncs.start({ linkId: link.id });
    await waitsForForms();
    await expect(move()).rejects.toMatchObject({ code: 'IN_USE' });
    await ws.api.syncs.pause({ id: job.id });
    await expect(move()).rejects.toMatchObject({ code: 'IN_USE' });
    await ws.api.syncs.cancel({ id: job.id });
    await move();
  });

  it('takes nothing with it of a first sync that failed', async () => {
    const link = await linked();
    const schema = link.dataset?.schemaName ?? '';
    sim.faults.add({ match: 'form', kind: 'status', status: 403, times: 'always' });
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'failed' });
    expect(await schemas(schema)).toHaveLength(1);
    const connection = await ws.api.connections.create(sync.input());
    await ws.api.projects.update({ id: link.projectId, connectionId: connection.id });
    expect(await schemas(schema)).toEqual([]);
    sim.faults.clear();
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  });
});
