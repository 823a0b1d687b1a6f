import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, type PgClient } from '../../main/engines/postgres/postgres-client.ts';
import { rowCountsOf } from '../../main/sync/destination/postgres/finish/finished.ts';
import { columnsOf, createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { landing } from '../support/land.ts';
import { seeded } from '../support/random.ts';

/*
 * Any documents, in any order, in any pages, with a restart at any page, become the same tables with the same rows,
 * and every value of every document is in a cell.
 */

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

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    '',
    null,
    true,
    false,
    'true',
    'yes',
    '0',
    '-0',
    '007',
    '12',
    '-3',
    '1.50',
    '-0.0',
    '1e5',
    'NaN',
  ),
  fc.constantFrom<Json>(
    '2025-02-28',
    '2025-02-30',
    '2024-02-29',
    '0000-01-01',
    '2025-01-01T10:00:00Z',
    '2025-01-01T10:00:00.123Z',
  ),
  fc.constantFrom<Json>(
    '2025-01-01T10:00:00.123456Z',
    '2025-01-01T10:00:00+05:30',
    '2025-01-01T10:00:00',
    '2025-01-01T24:00:00Z',
  ),
  fc.constantFrom<Json>(
    '6c84fb90-12c4-11e1-840d-7b25c5ee775a',
    '6C84FB90-12C4-11E1-840D-7B25C5EE775A',
    '9223372036854775808',
    '9999-12-31T23:59:59.999999Z',
    '9999-12-31T23:59:59-14:00',
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '10000-01-01T00:00:00Z',
    '10:15:00',
    '10:15:00.250',
    '23:59:59.999999',
    '10:15:00+05:30',
    '18.5 73.8 550.0 12.0',
  ),
  fc.constantFrom<Json>('a\tb\\n\nc', 'नमस्ते', '\\N', '\\.', '💧', 'a\0b', '\ud800', "it's"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 12 }),
);
const names = fc.constantFrom(
  'a',
  'b',
  'A',
  'aB',
  'a_b',
  '@a',
  '#text',
  'item',
  'select',
  'क',
  'x'.repeat(80),
  `${'x'.repeat(80)}y`,
  'id',
  'position',
  '__proto__',
  '1st',
  'a.b',
);
const { value } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 5, arbitrary: scalar },
    { weight: 2, arbitrary: tie('object') },
    {
      weight: 2,
      arbitrary: fc.array(tie('object'), { maxLength: 3 }),
    },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
}));
const documents = fc.array(fc.dictionary(names, value, { maxKeys: 5 }), { minLength: 1, maxLength: 12 });

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}
const paged = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, at * size + size));

/**
 * Values that must be in a cell: scalars that are not empty, and arrays without objects in them, but for those of empty
 * texts: each of these is an entry of a repeat, which is a row without a value.
 */
function leaves(json: Json): number {
  if (json === null || json === '') return 0;
  if (Array.isArray(json)) {
    if (json.length === 0 || (json.length > 1 && json.every((item) => item === ''))) return 0;
    const isObject = (item: Json): boolean =>
      typeof item === 'object' && item !== null && !Array.isArray(item);
    return json.some(isObject) ? json.reduce<number>((sum, item) => sum + leaves(item), 0) : 1;
  }
  if (typeof json === 'object')
    return Object.values(json).reduce<number>((sum, item) => sum + leaves(item), 0);
  return 1;
}

let round = 0;
describe('any documents', () => {
  it('become the same tables in any order and any pages, also after restarts, with every value in a cell', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer(), fc.boolean(), async (bodies, seed, told) => {
        round += 1;
        const random = seeded(seed);
        const records = bodies.map((body, at) => ({ ...(body as JsonObject), id: `k${at}` }));
        const [a, b] = [`left_${round}`, `right_${round}`];
        await client.query('ROLLBACK');
        const pages = paged(shuffled(records, random), 1 + Math.floor(random() * 3));
        // Where the source says what repeats, an entry alone is one too, also one without a value.
        const repeats = { things: told ? [['a']] : [] };
        const { finished: left } = await landing(client, { schema: a, pages: [records], repeats });
        const { finished: right } = await landing(client, { schema: b, pages, restart: true, repeats });
        expect(rowCountsOf(right)).toEqual(rowCountsOf(left));
        expect(await differences(db, a, b)).toEqual([]);
        let cells = 0;
        for (const [table, columns] of await columnsOf(db, a)) {
          const keys = await db.query(
            `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = $1::regclass AND i.indisprimary`,
            [`"${a}"."${table}"`],
          );
          const key = new Set(keys.map((row) => row['name']));
          const counted = [...columns.keys()].filter((name) => !key.has(name));
          if (counted.length === 0) continue;
          const sum = counted.map((name) => `count("${name.replaceAll('"', '""')}")`).join(' + ');
          const [row] = await db.query(`SELECT ${sum} AS n FROM "${a}"."${table}"`);
          cells += Number(row?.['n']);
        }
        const expected = records.reduce((total, { id: _, ...rest }) => {
          const body: JsonObject = rest;
          const isEntry = told && JSON.stringify(body['a']) === '[""]';
          return total + leaves(isEntry ? { ...body, a: null } : body);
        }, 0);
        expect(cells).toBe(expected);
        await db.query(`DROP SCHEMA "${a}" CASCADE; DROP SCHEMA "${b}" CASCADE`);
      }),
      { numRuns: Number(process.env['HEADGATE_PROPERTY_RUNS'] ?? 60), seed: 20261121, endOnFailure: false },
    );
  }, 180_000);
});
