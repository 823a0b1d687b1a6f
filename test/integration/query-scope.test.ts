import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { CallError } from '../../preload/contract/client.ts';
import type { Link } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What a DBA lets queries read and call besides a project's own tables, and what stands behind tables and is read with them. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let role: TestRole;
let made: Link;
let projectId = '';
/** What the person was asked outside the page, and what they say. */
const asked: string[] = [];
let agrees = true;
beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
  ws = await openWorkspace({
    desk: {
      ...keptDesk(systemClock),
      async confirm({ title, what }) {
        asked.push(`${english(title)} ${what === null ? '' : english(what)}`);
        return agrees;
      },
    },
  });
  sim = await createHqSimulator({ domains: [{ name: 'asked', forms: 20, cases: 5, seed: 7 }] });
  made = await setUp(ws.api, {
    postgres: { ...db.postgres, user: role.name, password: role.password },
    database: db.database,
    sourceUrl: sim.url,
    domain: 'asked',
  });
  projectId = made.projectId;
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
  await db.query(`CREATE SCHEMA marts; GRANT USAGE ON SCHEMA marts TO ${role.name};
    CREATE TABLE marts.districts (id int, name text); INSERT INTO marts.districts VALUES (1, 'North'), (2, 'South');
    CREATE TABLE marts.closed (id int);
    CREATE FUNCTION marts.years(days int) RETURNS int LANGUAGE sql STABLE AS 'SELECT days / 365';
    CREATE FUNCTION marts.years(days bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT days / 365';
    CREATE FUNCTION marts.owned() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT 1';
    CREATE PROCEDURE marts.work() LANGUAGE sql AS 'SELECT 1';
    CREATE VIEW marts.aged AS SELECT id, marts.years(id * 400) AS years FROM marts.districts;
    GRANT SELECT ON marts.districts, marts.aged TO ${role.name}`);
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const rowsOf = async (sql: string): Promise<(string | null)[][]> =>
  (await ws.api.query.open({ projectId, sql })).rows;
const add = (schemas: string[], functions: string[] = []) =>
  ws.api.query.setScope({
    ...{ projectId, schemas },
    functions: functions.map((one) => {
      const [schema = '', name = ''] = one.split('.');
      return { schema, name };
    }),
  });
const errorOf = async (work: Promise<unknown>): Promise<CallError> =>
  work.then(
    () => expect.unreachable('it was not refused'),
    (error: CallError) => error,
  );

describe('what a DBA adds', () => {
  it('is read with the project’s own, found without its schema last, and gone when it is taken away', async () => {
    const asked = 'SELECT name FROM districts ORDER BY id';
    expect(await errorOf(rowsOf(asked))).toMatchObject({
      code: 'QUERY_REFUSED',
      query: { reason: 'unknown_table' },
    });
    expect(await add(['marts'])).toEqual({ schemas: ['marts'], functions: [] });
    expect(await ws.api.query.scope({ projectId })).toEqual({ schemas: ['marts'], functions: [] });
    expect(await rowsOf(asked)).toEqual([['North'], ['South']]);
    expect(await rowsOf('SELECT count(*) > 0 FROM forms, marts.districts')).toEqual([['t']]);
    // What the database keeps from the role stays kept.
    expect(await errorOf(rowsOf('SELECT * FROM marts.closed'))).toMatchObject({
      query: { sqlState: '42501' },
    });
    const last = (await ws.api.audit.list({ limit: 50 })).find(({ action }) => action === 'query.setScope');
    expect(JSON.stringify(last)).toContain('schemas=none→marts');
    await add([]);
    expect(await errorOf(rowsOf('SELECT * FROM marts.districts'))).toMatchObject({
      query: { reason: 'schema' },
    });
  });

  it('is a function as it was looked at: changed, it is refused until somebody looks again', async () => {
    await add(['marts']);
    for (const sql of ['SELECT marts.years(800)', 'SELECT years FROM aged'])
      expect(await errorOf(rowsOf(sql))).toMatchObject({ query: { reason: 'function' } });
    await add(['marts'], ['marts.years']);
    expect(await rowsOf('SELECT years(800), marts.years(800::bigint)')).toEqual([['2', '2']]);
    expect(await rowsOf('SELECT years FROM marts.aged ORDER BY id')).toEqual([['1'], ['2']]);
    await db.query(
      "CREATE OR REPLACE FUNCTION marts.years(days bigint) RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT days / 366'",
    );
    const refused = await errorOf(rowsOf('SELECT marts.years(800)'));
    expect(refused).toMatchObject({ code: 'QUERY_REFUSED', query: { reason: 'function' } });
    expect(refused.message).toMatch(/“marts\.years”.*changed since a DBA allowed it/);
    await add(['marts'], ['marts.years']);
    expect(await rowsOf('SELECT marts.years(800::bigint)')).toEqual([['2']]);
    // Another of that name, which nobody looked at.
    await db.query("CREATE FUNCTION marts.years(days text) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'");
    expect((await errorOf(rowsOf('SELECT marts.years(800)'))).message).toMatch(/changed since/);
    await db.query('DROP FUNCTION marts.years(text)');
    await add([]);
  });

  it('is confirmed outside the page where it is more than before, and not where it is less', async () => {
    await add(['marts']);
    agrees = false;
    asked.length = 0;
    expect(await errorOf(add(['marts'], ['marts.years']))).toMatchObject({ code: 'CANCELLED' });
    expect(asked).toEqual([expect.stringContaining('marts.years()')]);
    expect(asked[0]).not.toContain('• marts\n');
    expect(await ws.api.query.scope({ projectId })).toEqual({ schemas: ['marts'], functions: [] });
    expect(await add([])).toEqual({ schemas: [], functions: [] });
    expect(asked).toHaveLength(1);
    agrees = true;
  });

  it.each([
    [['nowhere'], [], /no schema “nowhere”/],
    [['pg_catalog'], [], /not for queries/],
    [['information_schema'], [], /not for queries/],
    [['headgate'], [], /not for queries/],
    [['marts'], ['marts.nothing'], /no function “marts\.nothing”/],
    [['marts'], ['marts.owned'], /rights of whoever made it/],
    [['marts'], ['marts.work'], /procedure/],
    [[], ['pg_catalog.pg_read_file'], /of the server/],
  ] as const)('refuses %j %j, by its name', async (schemas, functions, why) => {
    const error = await errorOf(add([...schemas], [...functions]));
    expect(error).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(why) });
    expect(await ws.api.query.scope({ projectId })).toEqual({ schemas: [], functions: [] });
  });

  it('is no dataset of another project', async () => {
    const [dataset] = await ws.api.datasets.list();
    const project = await ws.api.projects.create({
      name: 'Other',
      connectionId: dataset?.connectionId ?? '',
    });
    const error = await errorOf(
      ws.api.query.setScope({ projectId: project.id, schemas: [dataset?.schemaName ?? ''], functions: [] }),
    );
    expect(error).toMatchObject({
      code: 'INPUT_INVALID',
      advice: expect.stringContaining('Link its source'),
    });
  });

  it('is forgotten with the database that it was said of', async () => {
    const { id } = await ws.api.projects.create({
      ...{ name: 'Moves', connectionId: (await ws.api.projects.list())[0]?.connectionId ?? '' },
    });
    await ws.api.query.setScope({ projectId: id, schemas: ['marts'], functions: [] });
    const { id: connectionId } = await ws.api.connections.create({
      ...{ name: 'second', host: db.postgres.host, port: db.postgres.port, database: db.database },
      ...{ tlsMode: 'disable', user: role.name, password: role.password },
    });
    await ws.api.projects.update({ id, name: 'Moves on' });
    expect((await ws.api.query.scope({ projectId: id })).schemas).toEqual(['marts']);
    await ws.api.projects.update({ id, connectionId });
    expect((await ws.api.query.scope({ projectId: id })).schemas).toEqual([]);
  });
});

describe('behind a table', () => {
  beforeAll(async () => {
    await db.query(`CREATE FUNCTION public.told(int) RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_notify('trap', 'x'); RETURN true; END $$;
      CREATE TABLE public.fenced (id int); INSERT INTO public.fenced VALUES (1), (2);
      ALTER TABLE public.fenced ENABLE ROW LEVEL SECURITY;
      CREATE POLICY by_setting ON public.fenced FOR SELECT USING (id = 1 AND current_setting('application_name') <> '' AND has_table_privilege('public.fenced', 'SELECT'));
      CREATE VIEW public.over_fenced AS SELECT * FROM public.fenced;
      CREATE TABLE public.parted (id int, what text) PARTITION BY LIST (what);
      CREATE TABLE public.parted_here PARTITION OF public.parted FOR VALUES IN ('here');
      CREATE FOREIGN DATA WRAPPER away; CREATE SERVER afar FOREIGN DATA WRAPPER away;
      INSERT INTO public.parted VALUES (1, 'here');
      GRANT SELECT ON public.fenced, public.over_fenced, public.parted TO ${role.name}`);
  });

  it('conditions of row security hold, and may ask who reads', async () => {
    expect(await rowsOf('SELECT id FROM fenced')).toEqual([['1']]);
  });

  it('functions in them must be known, also under a view, until a DBA allows them', async () => {
    await db.query('CREATE POLICY by_function ON public.fenced FOR SELECT USING (public.told(id))');
    for (const sql of ['SELECT id FROM fenced', 'SELECT id FROM over_fenced']) {
      const refused = await errorOf(rowsOf(sql));
      expect(refused).toMatchObject({ code: 'QUERY_REFUSED', query: { reason: 'function' } });
      expect(refused.message).toContain('in the policy “public.fenced.by_function”');
    }
    await add([], ['public.told']);
    expect(await rowsOf('SELECT id FROM fenced ORDER BY 1')).toEqual([['1'], ['2']]);
    await add([]);
    await db.query('DROP POLICY by_function ON public.fenced');
  });

  it('a part that is a foreign table makes all of it one', async () => {
    expect(await rowsOf('SELECT id FROM parted')).toEqual([['1']]);
    await db.query(`CREATE FOREIGN TABLE public.parted_afar PARTITION OF public.parted FOR VALUES IN ('afar') SERVER afar;
      CREATE VIEW public.over_parted AS SELECT * FROM public.parted; GRANT SELECT ON public.over_parted, public.parted_afar TO ${role.name}`);
    for (const table of ['parted', 'over_parted', 'parted_afar'])
      expect(await errorOf(rowsOf(`SELECT id FROM ${table}`))).toMatchObject({
        query: { reason: 'foreign_table' },
      });
  });

  it('no more views are looked into than anybody writes', async () => {
    await db.query(`DO $$ BEGIN FOR n IN 1..201 LOOP EXECUTE format('CREATE VIEW public.many_%s AS SELECT %s AS n', n, n); END LOOP;
      EXECUTE 'CREATE VIEW public.over_many AS ' || (SELECT string_agg(format('SELECT n FROM public.many_%s', n), ' UNION ALL ') FROM generate_series(1, 201) n);
      EXECUTE 'CREATE VIEW public.over_some AS ' || (SELECT string_agg(format('SELECT n FROM public.many_%s', n), ' UNION ALL ') FROM generate_series(1, 150) n); END $$;
      GRANT SELECT ON public.over_many, public.over_some TO ${role.name}`);
    expect(await rowsOf('SELECT count(*) FROM over_some')).toEqual([['150']]);
    expect(await errorOf(rowsOf('SELECT count(*) FROM over_many'))).toMatchObject({
      query: { reason: 'unknown_table' },
    });
  });
});
