import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Refreshed, refreshed } from '../support/refreshed.ts';
import { createRole, type TestRole } from '../support/roles.ts';

/* What people put on the tables is the same after refreshes with changed, added and vanished rows and with new columns. */

let db: TestDatabase;
let analyst: TestRole;
let data: Refreshed;
beforeAll(async () => {
  db = await createDatabase();
  analyst = await createRole(db, '', { prefix: 'analyst' });
  data = await refreshed(db, 'data');
});
afterAll(async () => {
  await data[Symbol.asyncDispose]();
  await db.query(
    `DROP SCHEMA data CASCADE; DROP OWNED BY ${analyst.name} CASCADE; DROP ROLE ${analyst.name}`,
  );
  await db[Symbol.asyncDispose]();
});

const record = (at: number, more: JsonObject = {}): JsonObject => ({
  id: `r${at}`,
  n: at,
  name: `name ${at}`,
  day: '2026-01-01',
  kids: [{ age: at }, { age: at + 1 }],
  ...more,
});

const triggers = ['plain', 'disabled', 'always'];
const made = (analyst: string): string[] => [
  'CREATE INDEX people_plain ON data.things (day, n)',
  'CREATE UNIQUE INDEX people_unique ON data.things (n, id) INCLUDE (name)',
  'CREATE INDEX people_partial ON data.things (n) WHERE n > 2',
  'CREATE INDEX people_expression ON data.things (lower(name))',
  'ALTER TABLE data.things CLUSTER ON people_plain',
  'ALTER TABLE data.things ADD CONSTRAINT people_check CHECK (n >= 0)',
  'ALTER TABLE data.things ADD CONSTRAINT people_once UNIQUE (name)',
  'ALTER TABLE data.things ALTER name SET NOT NULL',
  'ALTER TABLE data.things REPLICA IDENTITY USING INDEX people_identity',
  `COMMENT ON TABLE data.things IS 'ask Ada'`,
  `COMMENT ON COLUMN data.things.n IS 'how many'`,
  'CREATE STATISTICS data.people_statistics ON n, day FROM data.things',
  'ALTER TABLE data.things ALTER n SET STATISTICS 700',
  'ALTER TABLE data.things ALTER n SET (n_distinct = -0.5)',
  'ALTER TABLE data.things SET (fillfactor = 70, autovacuum_enabled = off)',
  'ALTER TABLE data.things_kids REPLICA IDENTITY FULL',
  'CREATE PUBLICATION people_some FOR TABLE data.things (id, n, name), data.things_kids',
  'CREATE TABLE public.audit (what text, id text)',
  `GRANT INSERT ON public.audit TO ${'PUBLIC'}`,
  `CREATE RULE people_also AS ON INSERT TO data.things DO ALSO INSERT INTO public.audit VALUES ('rule', NEW.id)`,
  `CREATE FUNCTION public.audits() RETURNS trigger LANGUAGE plpgsql AS
     $$BEGIN INSERT INTO public.audit VALUES (TG_NAME, coalesce(NEW.id, OLD.id)); RETURN NULL; END$$`,
  ...triggers.map(
    (name) =>
      `CREATE TRIGGER people_${name} AFTER INSERT OR UPDATE OR DELETE ON data.things FOR EACH ROW EXECUTE FUNCTION public.audits()`,
  ),
  'ALTER TABLE data.things DISABLE TRIGGER people_disabled',
  'ALTER TABLE data.things ENABLE ALWAYS TRIGGER people_always',
  'ALTER TABLE data.things ENABLE ROW LEVEL SECURITY',
  `CREATE POLICY people_policy ON data.things FOR SELECT TO ${analyst} USING (n < 100)`,
  `GRANT USAGE ON SCHEMA data TO ${analyst}; GRANT SELECT, REFERENCES ON data.things TO ${analyst} WITH GRANT OPTION`,
  `GRANT SELECT (age) ON data.things_kids TO ${analyst}; GRANT UPDATE (n) ON data.things TO ${analyst}`,
  `ALTER TABLE data.things ADD COLUMN people_note text DEFAULT 'none'`,
  `UPDATE data.things SET people_note = 'note of ' || id WHERE id <> 'r1'`,
  `CREATE SCHEMA own AUTHORIZATION ${analyst}`,
  `SET ROLE ${analyst}`,
  'CREATE TABLE own.notes (thing text REFERENCES data.things ON DELETE CASCADE, text text)',
  `INSERT INTO own.notes VALUES ('r1', 'stays'), ('r3', 'goes')`,
  'CREATE VIEW own.seen AS SELECT id, n FROM data.things',
  'CREATE VIEW own.nested AS SELECT count(*) AS n, sum(n) AS sum FROM own.seen',
  'CREATE MATERIALIZED VIEW own.kept AS SELECT * FROM own.nested',
  'CREATE FUNCTION own.many() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM data.things; END',
  `CREATE FUNCTION own.all() RETURNS SETOF data.things LANGUAGE sql STABLE AS 'SELECT * FROM data.things'`,
  `CREATE FUNCTION own.doubled(data.things) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1.n * 2'`,
  `CREATE TABLE own.rows (one data.things, many data.things[])`,
  'RESET ROLE',
];

/** Everything of the catalogues that says something of the tables and of what hangs on them. */
const state = async (): Promise<Record<string, unknown>> => {
  const ours = `SELECT oid FROM pg_class WHERE relnamespace = 'data'::regnamespace`;
  const ask: Record<string, string> = {
    classes: `SELECT oid, relname, relkind, relacl, reloptions, relreplident, relrowsecurity, relhastriggers FROM pg_class
      WHERE relnamespace IN ('data'::regnamespace, 'own'::regnamespace) ORDER BY oid`,
    columns: `SELECT attrelid, attnum, attname, atttypid, attnotnull, atthasdef, attstattarget, attoptions, attacl,
      CASE WHEN attrelid = 'data.things'::regclass THEN col_description(attrelid, attnum) END AS comment
      FROM pg_attribute WHERE attrelid IN (${ours}) AND attnum > 0 AND attname NOT LIKE 'late%' ORDER BY 1, 2`,
    comments: `SELECT objoid, description FROM pg_description WHERE objoid IN (${ours}) AND objsubid = 0 ORDER BY 1`,
    indexes: `SELECT i.*, pg_get_indexdef(indexrelid) AS def FROM pg_index i WHERE indrelid IN (${ours}) ORDER BY indexrelid`,
    constraints: `SELECT oid, pg_get_constraintdef(oid) AS def, convalidated FROM pg_constraint WHERE conrelid IN (${ours}) OR confrelid IN (${ours}) ORDER BY 1`,
    statistics: 'SELECT oid, pg_get_statisticsobjdef(oid) AS def FROM pg_statistic_ext ORDER BY 1',
    publications: 'SELECT * FROM pg_publication_rel ORDER BY oid',
    rules: `SELECT oid, pg_get_ruledef(oid) AS def, ev_enabled FROM pg_rewrite WHERE ev_class IN (${ours}) ORDER BY 1`,
    triggers: `SELECT oid, tgname, tgenabled, tgisinternal FROM pg_trigger WHERE tgrelid IN (${ours}) ORDER BY 1`,
    policies: 'SELECT oid, p.* FROM pg_policy p ORDER BY 1',
    dependencies: `SELECT * FROM pg_depend WHERE refobjid IN (${ours}) AND NOT (classid = 'pg_type'::regclass) ORDER BY 1, 2, 3, 4, 5, 6, 7`,
  };
  const found: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(ask)) found[name] = await db.query(sql);
  return found;
};

it('stays as it is, with its values', async () => {
  await data.refresh([1, 2, 3, 4].map((at) => record(at)));
  await db.query('ALTER TABLE data.things ALTER n SET NOT NULL');
  await db.query('CREATE UNIQUE INDEX people_identity ON data.things (id)');
  for (const sql of made(analyst.name)) await db.query(sql);
  await db.query('TRUNCATE public.audit');
  const before = await state();

  const changed = [record(1), record(2, { name: 'another', n: 20 }), record(4), record(5)];
  await data.refresh(changed);
  expect(await state()).toEqual(before);
  const rows = await db.query('SELECT id, n, name, people_note AS note FROM data.things ORDER BY id');
  expect(rows).toEqual([
    { id: 'r1', n: '1', name: 'name 1', note: 'none' },
    { id: 'r2', n: '20', name: 'another', note: 'note of r2' },
    { id: 'r4', n: '4', name: 'name 4', note: 'note of r4' },
    { id: 'r5', n: '5', name: 'name 5', note: 'none' },
  ]);
  // What fires on rows fired for those that differ, and for no other.
  const audit = await db.query('SELECT what, id FROM public.audit ORDER BY 1, 2');
  expect(audit.map(({ what, id }) => `${what} ${id}`)).toEqual([
    ...['people_always r2', 'people_always r3', 'people_always r5'],
    ...['people_plain r2', 'people_plain r3', 'people_plain r5', 'rule r5'],
  ]);
  expect(await db.query('SELECT * FROM own.notes')).toEqual([{ thing: 'r1', text: 'stays' }]);

  // The same again writes nothing.
  const places = () => db.query('SELECT id, ctid, xmin FROM data.things ORDER BY id');
  const untouched = await places();
  await data.refresh(changed);
  expect(await places()).toEqual(untouched);

  // A new column, which is the only thing the catalogues tell besides.
  await data.refresh(changed.map((each) => ({ ...each, late: 'x' })));
  expect(await state()).toEqual(before);
  const read = async (sql: string) => {
    await db.query(`SET ROLE ${analyst.name}`);
    const answer = await db.query(sql);
    await db.query('RESET ROLE');
    return answer;
  };
  expect(await read('SELECT n, sum FROM own.nested')).toEqual([{ n: '4', sum: '30' }]);
  expect(await read('SELECT n FROM own.kept')).toEqual([{ n: '4' }]);
  expect(
    await read('REFRESH MATERIALIZED VIEW own.kept; SELECT 1').catch((error) => error),
  ).not.toBeInstanceOf(Error);
  expect(await read('SELECT sum FROM own.kept')).toEqual([{ sum: '30' }]);
  expect(await read('SELECT own.many() AS n')).toEqual([{ n: '4' }]);
  expect(await read('SELECT count(*) AS n, count(late) AS late FROM own.all()')).toEqual([
    { n: '4', late: '4' },
  ]);
  expect(await read(`SELECT own.doubled(t) AS n FROM data.things t WHERE id = 'r5'`)).toEqual([{ n: '10' }]);
  await read('INSERT INTO own.rows SELECT t, ARRAY[t] FROM data.things t; SELECT 1');
  // What went stays while rows are kept elsewhere: their values would go with it.
  const { notice } = await data.refresh([record(1), record(6)]);
  expect(notice).toContain('“late” of “things” stays, empty, because it is used by column many of own.rows');
  expect(await read(`SELECT count(*) AS n, count((one).late) AS late FROM own.rows`)).toEqual([
    { n: '4', late: '4' },
  ]);
  expect(await read('SELECT count(age) AS n FROM data.things_kids')).toEqual([{ n: '4' }]);
});
