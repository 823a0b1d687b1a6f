import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/random.ts';
import { type Refreshed, refreshed } from '../support/refreshed.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/* Readers that look at several tables at once see one refresh whole, whatever changes: rows, columns or types. */

const refreshes = Number(process.env['HEADGATE_READ_REFRESHES'] ?? 40);
/** A reader waits for nothing but a change of columns, and the server may be busy beside: two cores run all of the suite. */
const longestMs = 2000;
const usualMs = 200;
/** Statements slower than usual: those that met a change of columns, and a few for a machine that is busy elsewhere. */
const slowShare = 0.05;

let db: TestDatabase;
let data: Refreshed;
beforeAll(async () => {
  db = await createDatabase();
  data = await refreshed(db, 'data');
});
afterAll(async () => {
  await data[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});

/** Refresh `k`: the record that is always there says k, k more kinds are there, and each thing's child says k too. */
function recordsOf(k: number, random: () => number): JsonObject[] {
  const odd = (value: number | string): number | string | string[] =>
    k % 13 === 12 ? [`${value}`] : k % 7 === 6 ? `about ${value}` : value;
  const things = Array.from({ length: 60 + Math.floor(random() * 60) }, (_, at) => ({
    id: `t${at}`,
    said: `${k}`,
    kids: [{ said: `${k}` }, { said: `${k}` }],
    [`turn${Math.floor(k / 3)}`]: odd(at),
    [`day${Math.floor(k / 5)}`]: k % 5 === 4 ? 'never' : '2026-01-01',
  }));
  const visits = Array.from({ length: k + 1 }, (_, at) => ({
    id: `v${at}`,
    said: `${k}`,
    kind: 'visit',
    kids: [{ said: `${k}` }, { said: `${k}` }],
  }));
  return [...things, ...visits];
}

/** One statement on three tables, and on every column of one of them. */
const look = (schema: string): string => `
  SELECT array_to_string(array_agg(DISTINCT said), ',') AS said, sum(visits) AS visits, sum(things) AS things, sum(kids) AS kids FROM (
    SELECT said, count(*) AS visits, 0 AS things, 0 AS kids FROM ${schema}.visit GROUP BY said
    UNION ALL SELECT said, 0, count(*), 0 FROM (SELECT * FROM ${schema}.things) t GROUP BY said
    UNION ALL SELECT said, 0, 0, count(*) FROM ${schema}.things_kids GROUP BY said) x`;

type Seen = Record<string, string | null>;
const torn = (row: Seen | undefined): string[] =>
  Number(row?.['visits']) === Number(row?.['said']) + 1 &&
  Number(row?.['kids']) === 2 * Number(row?.['things'])
    ? []
    : [JSON.stringify(row)];

it(
  'sees exactly one published state, without an error or a long wait',
  async () => {
    const random = seeded(11);
    await data.refresh(recordsOf(0, random));
    await db.query(`CREATE EXTENSION postgres_fdw;
      CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${db.admin.host}', port '${db.admin.port}', dbname '${db.database}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (user '${db.admin.user}', password '${db.admin.password}');
      CREATE SCHEMA away; CREATE FOREIGN TABLE away.visit (said text) SERVER away OPTIONS (schema_name 'data');
      CREATE FOREIGN TABLE away.things (said text) SERVER away OPTIONS (schema_name 'data');
      CREATE FOREIGN TABLE away.things_kids (said text) SERVER away OPTIONS (schema_name 'data')`);
    let over = false;
    const wrong: string[] = [];
    const waits: number[] = [];
    let polls = 0;
    const reader = async (level: string, schema: string): Promise<void> => {
      const client = await db.connect();
      const ask = async (): Promise<Seen | undefined> => {
        const from = performance.now();
        const { rows } = await client.query<Seen>(look(schema));
        waits.push(performance.now() - from);
        wrong.push(...torn(rows[0]).map((text) => `${level} ${schema}: ${text}`));
        polls += 1;
        return rows[0];
      };
      try {
        while (!over) {
          await client.query(`BEGIN ISOLATION LEVEL ${level}`);
          const first = await ask();
          // Longer than most refreshes take, so that the snapshot is used after one.
          if (level !== 'READ COMMITTED')
            await new Promise((resolve) => setTimeout(resolve, 40 + random() * 120));
          const again = await ask();
          if (level !== 'READ COMMITTED' && JSON.stringify(first) !== JSON.stringify(again))
            wrong.push(`${level} ${schema}: ${JSON.stringify(first)} became ${JSON.stringify(again)}`);
          await client.query('COMMIT');
        }
      } catch (error) {
        wrong.push(`${level} ${schema}: ${(error as Error).message}`);
      } finally {
        await client.end();
      }
    };
    const readers = [
      reader('READ COMMITTED', 'data'),
      reader('REPEATABLE READ', 'data'),
      reader('SERIALIZABLE', 'data'),
      reader('READ COMMITTED', 'away'),
    ];
    try {
      for (let k = 1; k <= refreshes; k += 1) await data.refresh(recordsOf(k, random));
    } finally {
      over = true;
      await Promise.all(readers);
    }
    expect(wrong).toEqual([]);
    expect(polls).toBeGreaterThan(refreshes);
    expect(Math.max(...waits)).toBeLessThan(longestMs);
    expect(waits.filter((ms) => ms > usualMs).length).toBeLessThanOrEqual(waits.length * slowShare);
    const names = await db.query(
      `SELECT attname FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'data'::regnamespace) AND attname LIKE '\\_headgate%' AND NOT attisdropped`,
    );
    expect(names).toEqual([]);
  },
  Math.max(120_000, refreshes * 3000),
);

it('a snapshot that was taken before a refresh is the same after it', async () => {
  await data.refresh(recordsOf(0, seeded(3)));
  for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
    const client = await db.connect();
    const ask = async () => (await client.query<Seen>(look('data'))).rows;
    await client.query(`BEGIN ISOLATION LEVEL ${level}`);
    const before = await ask();
    // The same questions: a column that comes would wait for this transaction, which has the table in use.
    await data.refresh(recordsOf(1, seeded(3)));
    expect(await ask()).toEqual(before);
    await client.query('COMMIT');
    expect((await ask())[0]).toMatchObject({ said: '1', visits: '2' });
    await client.end();
    await data.refresh(recordsOf(0, seeded(3)));
  }
});

it('a snapshot that had looked at no table yet when a refresh was read sees what was published before it', async () => {
  const sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 2500, cases: 5, seed: 4 }] });
  const clients: pg.Client[] = [];
  /** A transaction that has its snapshot, and a lock on nothing of ours. */
  const begun = async (): Promise<pg.Client> => {
    const client = await db.connect();
    clients.push(client);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1');
    return client;
  };
  try {
    const spec = specOf({ ...db, schema: 'snapshots' }, sim);
    const first = await standingRun(spec, sim).ended;
    if (first.kind !== 'published') throw new Error('held');
    const state =
      "SELECT count(*) AS n, md5(string_agg(id || indexed_on::text, '' ORDER BY id)) AS all FROM snapshots.forms t";
    const was = await db.query(state);
    sim.domain('demo').edit(
      'form',
      Array.from({ length: 2000 }, (_, at) => at),
    );
    const early = await begun();
    const { names, tables, rowCounts } = first.result;
    const again = { ...spec, jobId: crypto.randomUUID(), names, published: { tables, rowCounts } };
    const second = standingRun(again, sim, 2);
    await second.reached;
    const inside = await begun();
    second.letGo();
    expect(await second.ended).toMatchObject({ kind: 'published' });
    expect(await db.query(state)).not.toEqual(was);
    for (const client of [early, inside]) expect((await client.query(state)).rows).toEqual(was);
  } finally {
    for (const client of clients) await client.end();
    await sim.close();
  }
});
