import { afterAll, beforeAll, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, endSession } from '../../main/engines/postgres/postgres-client.ts';
import type { Difference, Finding } from '../../main/sync/destination/postgres/compare/difference.ts';
import { createFreshRows } from '../../main/sync/destination/postgres/fresh-rows.ts';
import { touchAhead } from '../../main/sync/destination/postgres/publish/changed-rows.ts';
import { type LiveTable, readLive } from '../../main/sync/destination/postgres/publish/live.ts';
import { workOn } from '../../main/sync/destination/postgres/publish/work.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { keptLog } from '../support/parts.ts';
import { refreshed } from '../support/refreshed.ts';

/*
 * Before rows change they are touched, so that the transaction that changes them is short; behind it they are read, so that
 * nobody else writes for reading them. Nobody is to notice either.
 */

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  // As servers have it: that a row is committed is noted once its commit is on the disk.
  await db.query(`ALTER DATABASE ${db.database} SET synchronous_commit = on`);
  await db.query('SET synchronous_commit = on');
});
afterAll(() => db[Symbol.asyncDispose]());

const bound = "SET LOCAL lock_timeout = '50ms'";
const count = 300;
const rowsOf = (schema: string) =>
  db.query(`SELECT t.ctid::text AS place, t.xmin::text AS version, t.* FROM ${schema}.things t ORDER BY id`);
const touchedOf = async (schema: string): Promise<string[]> =>
  (await db.query(`SELECT id FROM ${schema}.things WHERE xmax <> 0 ORDER BY id`)).map(({ id }) => id ?? '');

/** A published table of some rows, and a difference of as many pages as rows: `u` for the odd ones, `d` for one, `i` for others. */
async function prepared(schema: string) {
  const client = await connect(localTarget(db.postgres, db.database), new AbortController().signal);
  await client.query(
    `CREATE SCHEMA ${schema}; CREATE SCHEMA ${schema}__staging;
     CREATE TABLE ${schema}.things (id text PRIMARY KEY, text text);
     INSERT INTO ${schema}.things SELECT 't' || n, 'text ' || n FROM generate_series(1, ${count}) n;
     CREATE TABLE ${schema}__staging._difference_0 (op "char", was tid, k0 text, c0 text STORAGE PLAIN);
     INSERT INTO ${schema}__staging._difference_0 SELECT CASE WHEN n % 2 = 1 THEN 'u' WHEN n = 2 THEN 'd' ELSE 'i' END,
       (SELECT ctid FROM ${schema}.things WHERE id = 't' || n), 't' || n, repeat('x', 7000) FROM generate_series(1, ${count}) n`,
  );
  const live = (await readLive(client, schema, ['things'])).get('things') as LiveTable;
  const key = { id: 'id', from: 'k', to: 'id', type: 'text', comment: '' } as const;
  const plan = {
    ...{ id: 'things', name: 'things', dataset: 'things', staged: 'things_t0', rows: 10 * count },
    ...{ keys: [key], values: [], indexes: [], labels: [], comment: '' },
  };
  const difference: Difference = {
    ...{ work: workOn(schema, plan, live, noNames), table: '_difference_0', early: false },
    ...{ deleted: 1, updated: count / 2, inserted: count / 2 - 1 },
  };
  const { log, lines } = keptLog();
  return {
    client,
    lines,
    touch: (finding: Finding = 'place') =>
      touchAhead(client, schema, [difference], finding, {
        ...{ bound, signal: new AbortController().signal, log },
      }),
    [Symbol.asyncDispose]: () => endSession(client),
  };
}

const changing = ['t2', ...Array.from({ length: count / 2 }, (_, n) => `t${2 * n + 1}`)].sort();

it('touches the rows that change or go, and changes nothing; those that somebody has in hand are left out', async () => {
  await using ready = await prepared('touched');
  const before = await rowsOf('touched');
  const other = await db.connect();
  try {
    await other.query("BEGIN; SELECT 1 FROM touched.things WHERE id = 't5' FOR UPDATE");
    await ready.touch();
    // Nobody is kept waiting by what was touched, also before its holder has ended.
    await other.query(
      "SET lock_timeout = '1ms'; UPDATE touched.things SET text = text WHERE id = 't7'; ROLLBACK",
    );
  } finally {
    await other.end();
  }
  expect(ready.lines).toEqual([]);
  expect(await rowsOf('touched')).toEqual(before);
  expect(await touchedOf('touched')).toEqual(expect.arrayContaining(changing.filter((id) => id !== 't5')));
  expect(await touchedOf('touched')).toHaveLength(changing.length);
});

it('leaves a table that somebody has locked, and ends with a session that is lost', async () => {
  await using ready = await prepared('locked');
  const other = await db.connect();
  try {
    await other.query('BEGIN; LOCK TABLE locked.things IN ACCESS EXCLUSIVE MODE');
    await ready.touch();
    await other.query('ROLLBACK');
  } finally {
    await other.end();
  }
  expect(ready.lines.map((line) => JSON.parse(line).event)).toEqual(['sync.not_touched_ahead']);
  expect(await touchedOf('locked')).toEqual([]);
  await endSession(ready.client);
  await expect(ready.touch()).rejects.toThrow();
});

it('is what a refresh begins with; a row that changes stays on its page then', async () => {
  await using target = await refreshed(db, 'paged');
  const things = (changed: number) =>
    Array.from({ length: 2000 }, (_, n) => ({
      id: `t${n}`,
      text: n % 25 === 0 && n < changed ? `other text ${n}` : `some text ${n}`,
    }));
  await target.refresh(things(0));
  const pages = () => db.query('SELECT id, (ctid::text::point)[0] AS page FROM paged.things ORDER BY id');
  const before = await pages();
  const holder = await db.connect();
  await holder.query("BEGIN; SELECT 1 FROM paged.things WHERE id = 't50' FOR UPDATE");
  const refreshing = target.refresh(things(2000));
  try {
    // The one that is held up is the transaction that changes the rows; by then they are touched, all but one.
    await expect
      .poll(() =>
        db.query(`SELECT count(*) AS n FROM pg_locks JOIN pg_stat_activity USING (pid)
          WHERE datname = current_database() AND NOT granted AND locktype = 'transactionid'`),
      )
      .toEqual([{ n: '1' }]);
    expect(await touchedOf('paged')).toHaveLength(80);
  } finally {
    await holder.end();
  }
  await refreshing;
  expect(await pages()).toEqual(before);
  expect(await db.query("SELECT count(*) AS n FROM paged.things WHERE text LIKE 'other%'")).toEqual([
    { n: '80' },
  ]);
});

it('finds rows that people move with each refresh', async () => {
  await using target = await refreshed(db, 'moved');
  const things = (changed: string, from = 0) =>
    Array.from({ length: 20 }, (_, n) => ({
      id: `t${n}`,
      text: n % 5 === 0 ? changed : `some text ${n}`,
    })).slice(from);
  await target.refresh(things('before'));
  await db.query(
    `ALTER TABLE moved.things ADD COLUMN seen integer DEFAULT 0;
     CREATE FUNCTION moved.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE moved.things SET seen = seen + 1; RETURN NULL; END $$;
     CREATE TRIGGER seen AFTER DELETE ON moved.things FOR EACH STATEMENT EXECUTE FUNCTION moved.see()`,
  );
  // The row that goes moves all others, before they change.
  await target.refresh(things('after', 1));
  expect(
    await db.query("SELECT count(*) AS n, sum(seen) AS seen FROM moved.things WHERE text = 'after'"),
  ).toEqual([{ n: '3', seen: '3' }]);
});

/** What going through a table writes to the log, where all pages are in it for the first time since a checkpoint; null for nothing. */
async function writtenByReading(table: string): Promise<string | null> {
  await db.query('CHECKPOINT');
  const plan = await db.query(
    `EXPLAIN (ANALYZE, WAL, COSTS OFF, TIMING OFF) SELECT count(text) FROM ${table}`,
  );
  return plan.map((row) => row['QUERY PLAN'] ?? '').find((line) => line.includes('WAL:')) ?? null;
}

/*
 * Whether a commit can be noted at once depends on those beside it: where others commit without waiting for the disk, as the
 * rest of the suite does, the server keeps one place in the log for some of them. Each attempt is made anew.
 */
it('leaves nothing to write to whoever reads first what was changed', async () => {
  const things = (changed: string) =>
    Array.from({ length: 2000 }, (_, n) => ({
      id: `t${n}`,
      text: n % 25 === 0 ? changed : `some text ${n}`,
    }));
  let attempt = 0;
  await expect
    .poll(async () => {
      attempt += 1;
      const schema = `behind_${attempt}`;
      await using target = await refreshed(db, schema);
      await target.refresh(things('before'));
      const loaded = await writtenByReading(`${schema}.things`);
      await target.refresh(things('after'));
      const changed = await writtenByReading(`${schema}.things`);
      const [{ n } = { n: '' }] = await db.query(
        `SELECT count(*) AS n FROM ${schema}.things WHERE text = 'after'`,
      );
      return { loaded, changed, n };
    })
    .toEqual({ loaded: null, changed: null, n: '80' });
});

it('writes no row of a new table twice where an answer has attributes', async () => {
  await using target = await refreshed(db, 'joined');
  const answer = (n: number) => (n % 10 === 0 ? { '#text': `text ${n}`, '@lang': 'en' } : `text ${n}`);
  await target.refresh(
    Array.from({ length: 3000 }, (_, n) => ({ id: `t${n}`, text: 'x'.repeat(200), answer: answer(n) })),
  );
  expect(await db.query("SELECT count(*) AS n FROM joined.things WHERE answer LIKE 'text %'")).toEqual([
    { n: '3000' },
  ]);
  await expect
    .poll(() =>
      db.query(
        "SELECT n_tup_ins, n_tup_upd FROM pg_stat_user_tables WHERE relid = 'joined.things'::regclass",
      ),
    )
    .toEqual([{ n_tup_ins: '3000', n_tup_upd: '0' }]);
});

it('keeps the text of an element with attributes in one place, an entry or an answer', async () => {
  await using target = await refreshed(db, 'texts');
  await target.refresh([
    { id: 't1', text: '', x: 'plain', y: '7' },
    { id: 't2', text: '', x: { '#text': 'lone', '@a': '1' }, y: { '#text': '8', '@a': '1' } },
    {
      id: 't3',
      text: '',
      x: [
        { '#text': 'first', '@a': '2' },
        { '#text': 'second', '@a': '3' },
      ],
      y: { '#text': '09', '@a': '1' },
    },
  ]);
  expect(await db.query('SELECT id, x, y FROM texts.things ORDER BY id')).toEqual([
    { id: 't1', x: 'plain', y: '7' },
    { id: 't2', x: null, y: '8' },
    { id: 't3', x: null, y: '09' },
  ]);
  const [child] = await db.query(
    "SELECT relname FROM pg_class WHERE relnamespace = 'texts'::regnamespace AND relkind = 'r' AND relname <> 'things'",
  );
  expect(
    await db.query(`SELECT to_jsonb(t)::text AS row FROM texts."${child?.['relname']}" t ORDER BY 1`),
  ).toMatchObject([
    { row: expect.stringContaining('"lone"') },
    { row: expect.stringContaining('"first"') },
    { row: expect.stringContaining('"second"') },
  ]);
});

it('leaves nothing to write to whoever reads first what was read from the source', async () => {
  const client = await connect(localTarget(db.postgres, db.database), new AbortController().signal);
  try {
    const table = '"public"."fresh"';
    await db.query(
      `CREATE TABLE ${table} (text text) WITH (autovacuum_enabled = off); GRANT SELECT ON ${table} TO public`,
    );
    const add = (text: string) =>
      db.query(`INSERT INTO ${table} SELECT '${text}' || n FROM generate_series(1, 5000) n`);
    const fresh = createFreshRows(client);
    const leavesNothing = async (write: () => Promise<unknown>, tables = [table]): Promise<void> => {
      await expect
        .poll(async () => {
          await write();
          await fresh.read(tables);
          return writtenByReading(table);
        })
        .toBeNull();
    };
    await leavesNothing(() => add('first '));
    await leavesNothing(() => add('second '), [table, table]);
    // All rows are written anew.
    await leavesNothing(() =>
      db.query(`ALTER TABLE ${table} ALTER COLUMN text TYPE varchar USING text || '.'`),
    );
    // Without it the first reader writes: the measure tells.
    await add('third ');
    expect(await writtenByReading(table)).not.toBeNull();
    // A table that somebody dropped keeps nothing from going on; a session that is lost does.
    await fresh.read(['"public"."nowhere"']);
    await endSession(client);
    await expect(fresh.read([table])).rejects.toThrow();
  } finally {
    await endSession(client);
  }
});
