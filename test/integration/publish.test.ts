import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { type Submission, startChanging } from '../support/changing.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What people build on the tables is there after a refresh as before, or the refresh is held and says what is in its way. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
const roles: string[] = [];
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 300, cases: 200, seed: 7 }] });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  for (const role of roles) await db.query(`DROP OWNED BY ${role} CASCADE`);
  await db[Symbol.asyncDispose]();
});

const published = async (): Promise<{ made: Link; schema: string }> => {
  const made = await setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'demo',
  });
  expect((await syncToEnd(ws, made)).status).toBe('completed');
  return { made, schema: made.dataset?.schemaName ?? '' };
};
const newRole = async (name: string): Promise<string> => {
  const role = `${name}_${db.database}`;
  await db.query(`CREATE ROLE ${role}`);
  roles.push(role);
  return role;
};

describe('what people put on the tables', () => {
  it('materialised views, nested and mixed with views, with indexes, grants, comments and state', async () => {
    const { made, schema } = await published();
    const role = await newRole('mv');
    await db.query('CREATE SCHEMA marts');
    await db.query(
      `CREATE MATERIALIZED VIEW marts.daily WITH (fillfactor = 70) AS SELECT received_on::date AS day, count(*) AS n FROM "${schema}".forms GROUP BY 1`,
    );
    await db.query('CREATE UNIQUE INDEX daily_day ON marts.daily (day)');
    await db.query('CREATE INDEX daily_many ON marts.daily (n) WHERE n > 1');
    await db.query(
      'CREATE VIEW marts.weeks AS SELECT date_trunc($$week$$, day) AS week, sum(n) AS n FROM marts.daily GROUP BY 1',
    );
    await db.query(
      'CREATE MATERIALIZED VIEW marts.top AS SELECT w.week FROM marts.weeks w JOIN marts.daily d ON d.day = w.week',
    );
    await db.query(
      `CREATE MATERIALIZED VIEW marts.later AS SELECT count(*) AS n FROM "${schema}".cases WITH NO DATA`,
    );
    await db.query(`COMMENT ON MATERIALIZED VIEW marts.daily IS 'for the board'`);
    await db.query(`COMMENT ON COLUMN marts.daily.n IS 'submissions'`);
    await db.query(`COMMENT ON VIEW marts.weeks IS 'by week'`);
    await db.query(`GRANT SELECT ON marts.daily TO ${role}`);
    await db.query(`GRANT SELECT (week) ON marts.weeks TO ${role}`);
    const state = () =>
      db.query(
        `SELECT c.relname, c.relkind, c.relispopulated, c.relacl::text, c.reloptions::text, pg_get_viewdef(c.oid) AS text,
           obj_description(c.oid) AS comment, (SELECT string_agg(indexdef, ';' ORDER BY indexname) FROM pg_indexes i WHERE i.schemaname = 'marts' AND i.tablename = c.relname) AS indexes,
           (SELECT string_agg(a.attname || coalesce(a.attacl::text, '') || coalesce(col_description(c.oid, a.attnum), ''), ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
         FROM pg_class c WHERE c.relnamespace = 'marts'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY 1`,
      );
    const before = await state();
    expect(before).toHaveLength(4);
    sim.domain('demo').add('form', 7);
    expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', rowCounts: { forms: 307 } });
    expect(await state()).toEqual(before);
    // They are people's: what they hold changes when people refresh them, or when the link says so.
    expect(await db.query('SELECT sum(n) AS n FROM marts.daily')).toEqual([{ n: '300' }]);
    await expect(db.query('SELECT n FROM marts.later')).rejects.toThrow('has not been populated');
  });

  it('default privileges of the schema count for tables that are new', async () => {
    const { made, schema } = await published();
    const role = await newRole('bi');
    await db.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${db.postgres.user} IN SCHEMA "${schema}" GRANT SELECT ON TABLES TO ${role}`,
    );
    // A table that is not there: the next refresh makes it for the first time.
    const [table] = await db.query(
      `SELECT relname FROM pg_class WHERE relnamespace = '"${schema}"'::regnamespace AND relname = 'case_village'`,
    );
    expect(table).toBeDefined();
    await db.query(`DROP TABLE "${schema}".case_village`);
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    const may = (name: string) =>
      db.query(`SELECT has_table_privilege('${role}', '"${schema}"."${name}"', 'SELECT') AS may`);
    expect(await may('case_village')).toEqual([{ may: 't' }]);
    // Those that were there keep exactly what they had.
    expect(await may('forms')).toEqual([{ may: 'f' }]);
  });

  it('triggers, grants on columns and row security', async () => {
    const { made, schema } = await published();
    const role = await newRole('rows');
    await db.query(`GRANT SELECT (case_id, closed) ON "${schema}".cases TO ${role}`);
    await db.query(`ALTER TABLE "${schema}".cases ENABLE ROW LEVEL SECURITY`);
    await db.query(`ALTER TABLE "${schema}".cases FORCE ROW LEVEL SECURITY`);
    await db.query(`CREATE POLICY only_open ON "${schema}".cases FOR SELECT TO ${role} USING (NOT closed)`);
    // The owner is bound by it too: without a policy of its own the sync role would see nothing, and says so.
    const held = await syncToEnd(ws, made);
    expect(held).toMatchObject({ status: 'failed', error: { code: 'PUBLISH_HELD' } });
    expect(held.error?.advice).toContain('CREATE POLICY');
    await db.query(
      `CREATE POLICY sync ON "${schema}".cases TO ${db.postgres.user} USING (true) WITH CHECK (true)`,
    );
    await db.query(
      'CREATE FUNCTION public.no_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION $x$read only$x$; END $$',
    );
    await db.query(
      `CREATE TRIGGER guard BEFORE UPDATE ON "${schema}".cases FOR EACH ROW EXECUTE FUNCTION public.no_change()`,
    );
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    await expect(db.query(`UPDATE "${schema}".cases SET closed = true`)).rejects.toThrow('read only');
    const [row] = await db.query(
      `SELECT relrowsecurity, relforcerowsecurity, has_column_privilege('${role}', oid, 'case_id', 'SELECT') AS may,
         has_column_privilege('${role}', oid, 'owner_id', 'SELECT') AS may_not FROM pg_class WHERE oid = '"${schema}".cases'::regclass`,
    );
    expect(row).toEqual({ relrowsecurity: 't', relforcerowsecurity: 't', may: 't', may_not: 'f' });
  });
});

describe('what is built on the tables and used to be in the way stays as it is', () => {
  it.each([
    [
      'a foreign key',
      (s: string) => `CREATE TABLE public.notes (form text REFERENCES "${s}".forms (id))`,
      'notes_form_fkey',
    ],
    [
      'a function with an SQL body',
      (s: string) =>
        `CREATE FUNCTION public.how_many() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM "${s}".forms; END`,
      'public.how_many()',
    ],
    ['a column of its row type', (s: string) => `CREATE TABLE public.kept (one "${s}".forms)`, 'kept'],
    [
      'a function on a view of it',
      (s: string) =>
        `CREATE VIEW public.seen AS SELECT id FROM "${s}".forms; CREATE FUNCTION public.first_seen() RETURNS SETOF public.seen LANGUAGE sql AS 'SELECT * FROM public.seen'`,
      'first_seen()',
    ],
  ])('%s', async (_, make, named) => {
    const { made, schema } = await published();
    await db.query(make(schema));
    const dependencies = () =>
      db.query(
        `SELECT d.* FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid WHERE c.relnamespace = '"${schema}"'::regnamespace ORDER BY 1, 2, 3, 4, 5, 6`,
      );
    const before = await dependencies();
    sim.domain('demo').add('form', 3);
    const job = await syncToEnd(ws, made);
    expect(job, named).toMatchObject({ status: 'completed', error: null });
    expect(job.rowCounts?.['forms']).toBe(sim.domain('demo').count('form'));
    expect(await dependencies()).toEqual(before);
    await db.query('DROP TABLE IF EXISTS public.notes, public.kept');
    await db.query('DROP FUNCTION IF EXISTS public.how_many, public.first_seen');
    await db.query('DROP VIEW IF EXISTS public.seen');
  });
});

it('a column that a refused refresh made is taken by the next one, under its name', async () => {
  let more: Record<string, string> = {};
  const asked = (one: Submission): Submission => ({ ...one, form: { ...one.form, ...more } });
  const source = await startChanging(sim.url, asked);
  const made = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: source.url, domain: 'demo' },
    datasets: ['forms'],
  });
  const schema = made.dataset?.schemaName ?? '';
  expect((await syncToEnd(ws, made)).status).toBe('completed');
  await db.query(
    `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'read only'; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON "${schema}".form_household_visit FOR EACH ROW EXECUTE FUNCTION public.refuse()`,
  );
  more = { asked_now: 'yes' };
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'failed', error: { code: 'PUBLISH_HELD' } });
  await db.query(`DROP TRIGGER refuse ON "${schema}".form_household_visit`);
  // A person's start reads anew: the plan of before is gone.
  more = { asked_now: 'yes, again' };
  expect((await syncToEnd(ws, made)).status).toBe('completed');
  const asking = await db.query(
    `SELECT attname FROM pg_attribute WHERE attrelid = '"${schema}".form_household_visit'::regclass
       AND attname LIKE 'asked%' AND NOT attisdropped`,
  );
  expect(asking).toEqual([{ attname: 'asked_now' }]);
  expect(await db.query(`SELECT DISTINCT asked_now FROM "${schema}".form_household_visit`)).toEqual([
    { asked_now: 'yes, again' },
  ]);
  source.close();
});
