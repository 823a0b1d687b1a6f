import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, type PgClient } from '../../main/engines/postgres-client.ts';
import { allot } from '../../main/sync/shape/naming.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { land, thingsSpec } from '../support/land.ts';

/* Names of the source that PostgreSQL, JavaScript or JSON have a meaning of their own for. */

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

const systemColumns = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];
const oddNames = [
  'oid',
  'Xmin',
  'CTID',
  'constructor',
  '__proto__',
  '1st',
  'क्षेत्र',
  'Ünïcode Ströme',
  'שדה',
  'ชื่อ',
  'ß',
  'İstanbul',
  '\u0301accent',
  '٣٤',
  'a\0b',
  'a\ud800b',
  '\udc00',
  '💧',
  ' ',
  '-- drop',
  'a"b',
  "a'b",
  'a.b',
  'x'.repeat(200),
  '名'.repeat(40),
];

/** Every name that the server itself treats in a way of its own, and some that people might. */
async function everyName(): Promise<string[]> {
  const words = await db.query('SELECT word FROM pg_get_keywords()');
  const columns = await db.query(
    "SELECT attname AS word FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND attnum < 0",
  );
  expect(columns.map(({ word }) => word).sort()).toEqual([...systemColumns].sort());
  return [...words, ...columns].map(({ word }) => word as string).concat(oddNames);
}

describe('a name', () => {
  it('is taken by the server with and without quotes, as a column, a table and in a query', async () => {
    const refused: string[] = [];
    const changed: string[] = [];
    for (const text of await everyName()) {
      const name = allot([{ id: text, text }], {}).get(text) as string;
      const run = async (sql: string): Promise<void> => {
        await db.query(sql).catch((error: Error) => void refused.push(`${text}: ${sql}: ${error.message}`));
      };
      await run(`CREATE TABLE ${name} (${name} text)`);
      const [found] = await db.query(
        `SELECT c.relname AS t, a.attname AS c FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum = 1`,
      );
      if (found?.['t'] !== name || found['c'] !== name)
        changed.push(`${text}: ${name} became ${found?.['c']}`);
      await run(`SELECT ${name} FROM ${name} WHERE ${name} = '' GROUP BY ${name} ORDER BY ${name}`);
      await run(`SELECT t.${name} FROM ${name} AS t`);
      await run(`DROP TABLE "${name}"`);
      await run(`CREATE TABLE t ("${name}" text); DROP TABLE t`);
    }
    expect(refused).toEqual([]);
    expect(changed).toEqual([]);
  });
});

describe('a record', () => {
  it('lands with fields and repeats that are called as the system columns', async () => {
    const fields = Object.fromEntries(systemColumns.map((name) => [name, `a ${name}`]));
    const record: JsonObject = {
      id: 'a',
      ...fields,
      XMIN: 'upper',
      box: { ctid: '1' },
      kids: [fields, fields],
    };
    await land(
      client,
      'system',
      [[record], [{ id: 'b', xmax: [{ xmin: '3', xmax: [{ cmax: '4' }] }] }]],
      true,
    );
    const tables = await columnsOf(db, 'system');
    expect([...tables.keys()].sort()).toEqual(['things', 'things_kids', 'things_xmax', 'things_xmax_xmax']);
    for (const name of systemColumns) {
      expect(tables.get('things')?.has(`${name}_`)).toBe(true);
      expect(tables.get('things_kids')?.has(`${name}_`)).toBe(true);
    }
    const [row] = await db.query('SELECT xmin_, ctid_, box_ctid FROM system.things WHERE id = $1', ['a']);
    expect(row).toEqual({ xmin_: 'a xmin', ctid_: 'a ctid', box_ctid: '1' });
  });
});

describe('the tables of a dataset', () => {
  it('are named before those that are called after its records', async () => {
    const lists: DatasetSpec = {
      ...thingsSpec,
      shape: {
        ...thingsSpec.shape,
        parts: (record) => [
          { table: 'things', label: 'things', value: record },
          {
            table: `x/${record.get('type')?.text()}`,
            label: record.get('type')?.text() ?? '',
            value: record,
          },
        ],
      },
    };
    const records = ['things', 'Kind', 'kind', 'kind', 'KIND', 'KIND'].map((type, at) => ({
      id: `${at}`,
      type,
    }));
    const finished = await land(client, 'lists', [records], true, lists);
    const { tables } = finished.names;
    expect(tables['things']).toBe('things');
    expect(tables['x/kind']).toBe('kind');
    expect(tables['x/things']).toMatch(/^things_[0-9a-f]{6}$/);
  });
  it('keep a name of a repeat that was published, whatever new table wants it', async () => {
    const record = { id: 'a', kids: [{ age: 1 }], KIDS: [{ age: 2 }, { age: 3 }] };
    const before = { tables: { 'things|KIDS': 'things_kids' }, columns: {} };
    const { names } = await land(client, 'kept', [[record]], false, thingsSpec, before);
    expect(names.tables['things|KIDS']).toBe('things_kids');
    expect(names.tables['things|kids']).toMatch(/^things_kids_[0-9a-f]{6}$/);
  });
});
