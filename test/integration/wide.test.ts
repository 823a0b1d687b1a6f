import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, type PgClient } from '../../main/engines/postgres/postgres-client.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { land } from '../support/land.ts';

/* Records that PostgreSQL has no row for: more columns than it allows, more bytes than a page holds. */

let db: TestDatabase;
let client: PgClient;
beforeAll(async () => {
  db = await createDatabase();
  client = await connect(localTarget(db.postgres, db.database), new AbortController().signal);
});
afterAll(async () => {
  await client.end();
  await db[Symbol.asyncDispose]();
});

/** Every value of every record, found again in the columns or in `overflow`. */
async function found(schema: string): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  const rows = await db.query(`SELECT to_jsonb(t) AS row FROM "${schema}"."things" t`);
  for (const { row } of rows) {
    const { id, overflow, ...columns } = (typeof row === 'string' ? JSON.parse(row) : row) as Record<
      string,
      unknown
    >;
    for (const [name, value] of Object.entries({ ...columns, ...((overflow ?? {}) as object) })) {
      if (value !== null) values.set(`${id}/${name}`, String(value));
    }
  }
  return values;
}

it('keeps what finds no column in a column of its own, and says so', async () => {
  const wide = Object.fromEntries(
    Array.from({ length: 3000 }, (_, at) => [`q${at}`, at % 2 ? String(at) : `a${at}`]),
  );
  const finished = await land(
    client,
    'many',
    [
      [
        { id: 'a', ...wide },
        { id: 'b', q2999: 'z', q1: '1' },
      ],
    ],
    false,
  );
  expect(finished.overflowed).toEqual(['things']);
  const columns = await columnsOf(db, 'many');
  expect(columns.get('things')?.get('overflow')).toBe('jsonb');
  const values = await found('many');
  for (const [name, value] of Object.entries(wide)) expect(values.get(`a/${name}`)).toBe(value);
  expect(values.get('b/q2999')).toBe('z');
  const [comment] = await db.query(
    `SELECT col_description('many.things'::regclass, attnum) AS text FROM pg_attribute
     WHERE attrelid = 'many.things'::regclass AND attname = 'overflow'`,
  );
  expect(comment?.['text']).toContain('1,600');
});

it('keeps what finds no room in a row, the same in any order of the fields', async () => {
  const names = Array.from({ length: 1200 }, (_, at) => `q${at}`);
  const record = (order: readonly string[], id: string) => ({
    id,
    ...Object.fromEntries(order.map((name) => [name, `${name} `.repeat(20)])),
  });
  const short = { id: 'short', ...Object.fromEntries(names.map((name) => [name, 'x'])) };
  await land(client, 'long_a', [[record(names, 'a'), short]], false);
  await land(client, 'long_b', [[short], [record([...names].reverse(), 'a')]], true);
  for (const schema of ['long_a', 'long_b']) {
    const values = await found(schema);
    for (const name of names) {
      expect(values.get(`a/${name}`)).toBe(`${name} `.repeat(20));
      expect(values.get(`short/${name}`)).toBe('x');
    }
  }
  const overflow = (schema: string) => db.query(`SELECT id, overflow FROM ${schema}.things ORDER BY id`);
  expect(await overflow('long_b')).toEqual(await overflow('long_a'));
});

it('takes no more room than it must', async () => {
  // Five hundred short answers fit.
  const answers = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`q${at}`, 'yes']));
  const finished = await land(client, 'fits', [[{ id: 'a', ...answers }]], false);
  expect(finished.overflowed).toEqual([]);
});

describe('a repeat that is too wide for its table', () => {
  const lone = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`a${at}`, `lone ${at}`]));
  const items = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`b${at}`, `item ${at}`]));
  const found = async (schema: string): Promise<Map<string, unknown>> => {
    const values = new Map<string, unknown>();
    const rows = await db.query(`SELECT to_jsonb(t) AS row FROM "${schema}".things_g t`);
    for (const { row } of rows) {
      const { thing_id, position, overflow, ...columns } = JSON.parse(row as string) as Record<
        string,
        unknown
      >;
      for (const [name, value] of Object.entries({ ...columns, ...((overflow ?? {}) as object) })) {
        if (value !== null) values.set(`${thing_id}/${position}/${name.replace(/^g\./, '')}`, value);
      }
    }
    return values;
  };

  it('keeps in overflow what the lone items bring along', async () => {
    const pages = [
      [{ id: 'a', g: { ...lone, when: '2026-01-01T10:00:00.1Z', list: [1, 2], n: 5 } }],
      [
        {
          id: 'b',
          g: [
            items,
            { b1: 'z', ...Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`c${at}`, 'x'])) },
          ],
        },
      ],
    ];
    const finished = await land(client, 'wide_lone', pages, true);
    expect(finished.overflowed).toEqual(['things_g']);
    const values = await found('wide_lone');
    for (const [name, value] of Object.entries(lone)) expect(values.get(`a/1/${name}`)).toBe(value);
    for (const [name, value] of Object.entries(items)) expect(values.get(`b/1/${name}`)).toBe(value);
    expect(values.get('a/1/when')).toBe('2026-01-01T10:00:00.1Z');
    expect(values.get('a/1/list')).toEqual([1, 2]);
    expect(values.get('a/1/n')).toBe('5');
    expect(values.get('b/2/c599')).toBe('x');
    const [comment] = await db.query(
      `SELECT col_description('wide_lone.things_g'::regclass, attnum) AS text FROM pg_attribute
       WHERE attrelid = 'wide_lone.things_g'::regclass AND attname = 'overflow'`,
    );
    expect(comment?.['text']).toContain('1,600');
  });

  it('gives a lone item its row, also when its values found no column in the table around it', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1600 }, (_, at) => [`q${at}`, 'x']));
    const pages = [
      [{ id: 'a', ...wide, g: { b0: 'lone', only: 1, deep: { er: 'x' } } }],
      [{ id: 'b', g: [items] }],
    ];
    const finished = await land(client, 'spilt_lone', pages, true);
    expect([...finished.overflowed].sort()).toEqual(['things', 'things_g']);
    const values = await found('spilt_lone');
    expect(values.get('a/1/b0')).toBe('lone');
    expect(values.get('a/1/only')).toBe('1');
    expect(values.get('a/1/deep.er')).toBe('x');
    const [row] = await db.query("SELECT overflow FROM spilt_lone.things WHERE id = 'a'");
    const left = Object.keys(JSON.parse(row?.['overflow'] as string) as object);
    expect(left.length).toBeGreaterThan(50);
    expect(left.filter((name) => !name.startsWith('q'))).toEqual([]);
  });
});
