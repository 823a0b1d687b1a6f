import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, type PgClient } from '../../main/engines/postgres/postgres-client.ts';
import { rowCountsOf } from '../../main/sync/destination/postgres/finish/finished.ts';
import type { Names } from '../../main/sync/shape/names.ts';
import { allot } from '../../main/sync/shape/naming.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { byFetch } from '../support/exchanges.ts';
import { land, thingsSpec } from '../support/land.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

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

describe('a name with NUL or half a surrogate', () => {
  it('lands, each in a column of its own, with a path that tells them apart', async () => {
    const names = ['a\0b', 'ab', 'a\ud800b', 'a\ufffdb', '\0', '\udc00'];
    const record: JsonObject = { id: 'a', ...Object.fromEntries(names.map((name, at) => [name, `v${at}`])) };
    const odd: DatasetSpec = {
      ...thingsSpec,
      shape: {
        ...thingsSpec.shape,
        parts: (value) => [
          { table: 'things', label: 'things', value },
          { table: 'x/\0\ud800', label: 'form \0 \ud800 x', value },
        ],
      },
    };
    const pages = [[record], [{ id: 'b', 'kids\0': [{ 'x\0': 1 }], 'kids\ud800': [{ x: 2 }] }]];
    const finished = await land(client, 'halves', pages, true, odd);
    const [row] = await db.query('SELECT to_jsonb(t) AS row FROM halves.things t WHERE id = $1', ['a']);
    const values = Object.values(JSON.parse(row?.['row'] as string) as object).sort();
    expect(values).toEqual(['a', ...names.map((_, at) => `v${at}`)]);
    const columns = Object.keys(finished.names.columns['things'] ?? {});
    expect(columns).toEqual(expect.arrayContaining(['a\\u0000b', 'ab', 'a\\ud800b', 'a\ufffdb']));
    expect(JSON.stringify(finished)).not.toMatch(/(?<!\\)\\u(0000|d8|dc)/);
    const counts = Object.entries(rowCountsOf(finished)).sort();
    expect(counts.map(([, n]) => n).sort()).toEqual([1, 1, 1, 1, 2, 2]);
  });
  it('keeps them in overflow too', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1600 }, (_, at) => [`q${at}`, 'x']));
    const pages = [[{ id: 'a', ...wide, 'z\0': 'nul', 'z\ud800': 'half', z: 'plain' }]];
    await land(client, 'halves_wide', pages, false);
    const [row] = await db.query('SELECT overflow FROM halves_wide.things');
    const kept = JSON.parse(row?.['overflow'] as string) as Record<string, string>;
    expect(kept).toMatchObject({ 'z\\u0000': 'nul', 'z\\ud800': 'half', z: 'plain' });
  });
});

const ofPrototype = Object.getOwnPropertyNames(Object.prototype);

/** An object that has every name of JavaScript's own objects, as a source may send it. */
const prototypeNames = (value: (name: string) => string): JsonObject =>
  JSON.parse(`{${ofPrototype.map((name) => `"${name}": ${JSON.stringify(value(name))}`).join(', ')}}`);

describe('names of JavaScript', () => {
  it('stay in overflow when the table is full', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1600 }, (_, at) => [`q${at}`, 'x']));
    const record = Object.fromEntries([
      ['id', 'a'],
      ...Object.entries(wide),
      ...Object.entries(prototypeNames((name) => `v ${name}`)),
    ]);
    await land(client, 'prototype_wide', [[record]], false);
    const [row] = await db.query('SELECT overflow FROM prototype_wide.things');
    const kept = new Map(Object.entries(JSON.parse(row?.['overflow'] as string) as object));
    for (const name of ofPrototype) expect(kept.get(name)).toBe(`v ${name}`);
  });

  it('are questions, repeats and labels like any other, in every refresh', async () => {
    const xmlns = 'http://example.org/constructor';
    const answers = prototypeNames((name) => `a ${name}`);
    const inRepeats = Object.fromEntries(
      Object.keys(answers).map((name) => [name, [prototypeNames((inner) => `${name} ${inner}`)]]),
    );
    const form = (at: number, body: JsonObject): JsonObject => ({
      id: `f${at}`,
      received_on: '2026-01-01T00:00:00.000000Z',
      indexed_on: `2026-01-0${at}T00:00:00.000000Z`,
      form: Object.fromEntries([['@xmlns', xmlns], ['@name', 'constructor'], ...Object.entries(body)]),
    });
    const forms = [form(1, answers), form(2, { group: answers }), form(3, { deep: inRepeats })];
    const question = (path: string) => ({ value: `/data/${path}`, label: `Label of ${path}` });
    const questions = ofPrototype.flatMap((name) => [name, `group/${name}`, `deep/${name}/${name}`]);
    const application = {
      id: 'app',
      name: 'app',
      modules: [{ name: 'm', forms: [{ xmlns, name: 'constructor', questions: questions.map(question) }] }],
    };
    const answering: typeof fetch = async (input) => {
      const objects = String(input).includes('/application/') ? [application] : forms;
      return Response.json({ meta: { total_count: objects.length, next: null }, objects });
    };
    const sim = await createHqSimulator({ domains: [] });
    try {
      const place = { postgres: db.postgres, database: db.database, schema: 'prototype_names' };
      let spec = specOf(place, sim);
      for (const refresh of [1, 2, 3]) {
        const end = await standingRun(spec, sim, undefined, { exchange: byFetch(answering) }).ended;
        if (end.kind !== 'published') throw new Error(`refresh ${refresh} was held`);
        const { names, rowCounts } = end.result;
        const tables = [...end.result.tables];
        expect(rowCounts).toMatchObject({ forms: 3, form_constructor: 3 });
        const table = tables.find(({ name }) => name === 'form_constructor');
        for (const name of ofPrototype) {
          for (const path of [name, `group.${name}`]) {
            const column = table?.columns.find(({ sourcePath }) => sourcePath === path);
            expect(column).toMatchObject({ label: `Label of ${path.replace('.', '/')}`, type: 'text' });
          }
          const repeat = tables.find(({ id }) => id === `form/${xmlns}|deep.${name}`);
          expect(repeat?.columns.filter(({ sourcePath }) => sourcePath !== null)).toHaveLength(
            ofPrototype.length,
          );
          expect(repeat?.columns.some(({ label }) => label === `Label of deep/${name}/${name}`)).toBe(true);
        }
        const kept = JSON.parse(JSON.stringify(names)) as Names;
        if (refresh > 1) expect(kept).toEqual(spec.names);
        spec = {
          ...spec,
          jobId: crypto.randomUUID(),
          names: structuredClone(kept),
          published: { rowCounts, tables },
        };
      }
    } finally {
      await sim.close();
    }
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
  it('give their names to their keys and indexes, and nothing of how they were staged', async () => {
    const spec = { ...thingsSpec, shape: { ...thingsSpec.shape, indexes: ['n'] } };
    await land(client, 'keyed', [[{ id: 'a', n: 1, kids: [{ age: 1 }, { age: 2 }] }]], true, spec);
    const found = await db.query(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'keyed'::regnamespace AND relkind = 'i'
       UNION SELECT conname FROM pg_constraint WHERE connamespace = 'keyed'::regnamespace AND contype = 'p' ORDER BY 1`,
    );
    expect(found.map(({ name }) => name)).toEqual(['things_kids_pkey', 'things_n_idx', 'things_pkey']);
  });

  it('keep a name of a repeat that was published, whatever new table wants it', async () => {
    const record = { id: 'a', kids: [{ age: 1 }], KIDS: [{ age: 2 }, { age: 3 }] };
    const before = { tables: { 'things|KIDS': 'things_kids' }, columns: {} };
    const { names } = await land(client, 'kept', [[record]], false, thingsSpec, before);
    expect(names.tables['things|KIDS']).toBe('things_kids');
    expect(names.tables['things|kids']).toMatch(/^things_kids_[0-9a-f]{6}$/);
  });
});
