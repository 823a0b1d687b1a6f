import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { type LandedReader, localTarget, type Page, type PageAsked } from '../../main/engines/engine.ts';
import { landingEngine } from '../../main/engines/registry.ts';
import { poolSettings, type RowFilter, type RowOrder } from '../../preload/contract/models.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/random.ts';
import { createRole, type TestRole } from '../support/roles.ts';

/* Pages of a table by its keys, against what PostgreSQL itself answers for the whole of it. */

const rows = 437;
const never = new AbortController().signal;
let db: TestDatabase;
let role: TestRole;
let reader: LandedReader;
beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
  await db.query(`CREATE SCHEMA landed`);
  await db.query(`COMMENT ON SCHEMA landed IS 'first'`);
  await db.query(`CREATE TABLE landed.visits (form_id text, position int, received_on timestamptz, village text, score numeric,
    weight double precision, day date, ok boolean, extra jsonb, "odd ""name" text, long text, raw json, PRIMARY KEY (form_id, position))`);
  // Many ties and many NULLs in every column; texts with quotes, percents and no letters at all.
  await db.query(`INSERT INTO landed.visits SELECT 'f' || n / 3, n % 3,
    CASE WHEN n % 7 = 0 THEN NULL ELSE '2026-01-01Z'::timestamptz + (n % 11) * interval '1 hour' END,
    (ARRAY['Ndiobène', 'Bà Rịa', '', NULL, 'O''Brien 100%', 'a_b', 'É'])[1 + n % 7],
    CASE WHEN n % 5 = 0 THEN NULL WHEN n % 13 = 0 THEN 'NaN' ELSE (n % 9)::numeric / 3 END,
    CASE WHEN n % 6 = 0 THEN NULL ELSE (n % 10) / 7.0 END, '2026-03-01'::date + n % 20, n % 2 = 0,
    jsonb_build_object('n', n % 4), 'odd ' || n % 5, repeat('ü', (n % 3) * 1500), to_json(n % 3)
    FROM generate_series(0, ${rows - 1}) n`);
  await db.query(`CREATE TABLE landed.keyless (n int, at timestamptz)`);
  await db.query(`INSERT INTO landed.keyless SELECT n % 4, NULL FROM generate_series(1, 90) n`);
  await db.query(`CREATE TABLE landed.wide (id int PRIMARY KEY)`);
  await db.query(
    `GRANT USAGE ON SCHEMA landed TO ${role.name}; GRANT SELECT ON ALL TABLES IN SCHEMA landed TO ${role.name}`,
  );
  reader = landingEngine('postgres').reader({
    target: async () =>
      localTarget({ ...db.postgres, user: role.name, password: role.password }, db.database),
    settings: poolSettings.parse({}),
    clock: systemClock,
  });
});
afterAll(async () => {
  await reader.close();
  await db[Symbol.asyncDispose]();
});

const asked = (more: Partial<PageAsked> = {}): PageAsked => ({
  ...{ schema: 'landed', table: 'visits', order: null, filters: [], from: null, limit: 50, columns: null },
  ...more,
});
const page = (more: Partial<PageAsked> = {}): Promise<Page> => reader.page(asked(more), never);

/** Every page in one direction, as keys. */
async function walked(more: Partial<PageAsked>, way: 'after' | 'before'): Promise<string[]> {
  const out: string[] = [];
  let next = await page({ ...more, from: way === 'before' ? { way: 'last', version: null } : null });
  for (let pages = 0; pages < 1000; pages += 1) {
    const keys = next.keys.map((key) => key.join(' '));
    if (way === 'after') out.push(...keys);
    else out.unshift(...keys);
    if (!next.more) return out;
    const key = (way === 'after' ? next.keys.at(-1) : next.keys[0]) ?? [];
    next = await page({ ...more, from: { way, key, version: next.version } });
    expect(next.outdated).toBe(false);
    expect(next.keys.length).toBeGreaterThan(0);
  }
  throw new Error('It never ended.');
}

const truth = async (order: string, where = 'true', table = 'visits'): Promise<string[]> =>
  (
    await db.query(
      `SELECT form_id || ' ' || position AS k FROM landed.${table} WHERE ${where} ORDER BY ${order}`,
    )
  ).map((row) => String((row as { k: string }).k));

const columns = [
  'form_id',
  'received_on',
  'village',
  'score',
  'weight',
  'day',
  'ok',
  'extra',
  'odd "name',
  'long',
  'raw',
];
const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe('pages', () => {
  it.each(columns.flatMap((column) => (['up', 'down'] as const).map((direction) => ({ column, direction }))))(
    'by $column, $direction, are every row once, from either end',
    async (order: RowOrder) => {
      const name = order.column === 'raw' ? 'raw::text' : quotedName(order.column);
      const wanted = await truth(
        `${name} ${order.direction === 'up' ? 'ASC' : 'DESC'} NULLS LAST, form_id, position`,
      );
      expect(wanted).toHaveLength(rows);
      expect(await walked({ order, limit: 37 }, 'after')).toEqual(wanted);
      expect(await walked({ order, limit: 41 }, 'before')).toEqual(wanted);
    },
    60_000,
  );

  it('come the newest first where nobody asks for another order, else by the key', async () => {
    expect((await page()).order).toEqual({ column: 'received_on', direction: 'down' });
    expect(await walked({}, 'after')).toEqual(await truth('received_on DESC NULLS LAST, form_id, position'));
    const keyless = await page({ table: 'wide' });
    expect(keyless).toMatchObject({ order: null, rows: [], more: false, outdated: false });
  });

  it('of a table without a key go by the place of its rows', async () => {
    const all = await walked(
      { table: 'keyless', order: { column: 'n', direction: 'down' }, limit: 7 },
      'after',
    );
    expect(new Set(all).size).toBe(90);
    expect(await walked({ table: 'keyless', limit: 7 }, 'before')).toHaveLength(90);
  });

  it('have only the columns that are asked for, and cut texts say so', async () => {
    const some = await page({
      columns: ['long', 'gone', 'village'],
      limit: 5,
      order: { column: 'long', direction: 'down' },
    });
    expect(some.columns.map(({ name }) => name)).toEqual(['long', 'village']);
    expect(some.rows[0]?.[0]).toBe(`${'ü'.repeat(2000)}…`);
    const key = some.keys[0] ?? [];
    const whole = await reader.row({ schema: 'landed', table: 'visits', key }, never);
    expect(whole.values?.[10]).toBe('ü'.repeat(3000));
    expect(
      (await reader.row({ schema: 'landed', table: 'visits', key: ['none', '1'] }, never)).values,
    ).toBeNull();
  });

  it('say that the table was published anew instead of going on in another one', async () => {
    const first = await page({ limit: 10 });
    await db.query(`COMMENT ON SCHEMA landed IS 'second'`);
    const key = first.keys.at(-1) ?? [];
    const next = await page({ limit: 10, from: { way: 'after', key, version: first.version } });
    expect(next).toMatchObject({ outdated: true, rows: [], keys: [] });
    expect(next.version).not.toBe(first.version);
  });

  it('say so too where the row at the cursor was taken away by hand', async () => {
    const { version } = await page();
    const gone = await page({ from: { way: 'after', key: ['gone', '0'], version } });
    expect(gone.outdated).toBe(true);
  });

  it('are refused where what is asked is none of the table', async () => {
    const { version } = await page();
    await expect(page({ table: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(page({ order: { column: 'x"; DROP', direction: 'up' } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(page({ from: { way: 'after', key: ['f1'], version } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(page({ from: { way: 'after', key: ['f1', 'x'], version } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('are ended at the server when nobody waits for them any more', async () => {
    const stop = new AbortController();
    const holder = await db.connect();
    await holder.query('BEGIN; LOCK TABLE landed.visits IN ACCESS EXCLUSIVE MODE');
    const reading = reader.page(asked(), stop.signal);
    await expect
      .poll(async () => (await db.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).length)
      .toBeGreaterThan(0);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect
      .poll(async () => (await db.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).length)
      .toBe(0);
    await holder.query('ROLLBACK');
    await holder.end();
  });
});

describe('filters', () => {
  const fitting: readonly [RowFilter, string][] = [
    [{ column: 'village', kind: 'equals', value: "O'Brien 100%" }, `village = 'O''Brien 100%'`],
    [{ column: 'village', kind: 'contains', text: '100%' }, `strpos(village, '100%') > 0`],
    [{ column: 'village', kind: 'contains', text: 'A_B' }, `village = 'a_b'`],
    [{ column: 'village', kind: 'empty' }, `village IS NULL OR village = ''`],
    [{ column: 'village', kind: 'filled' }, `village <> ''`],
    [
      { column: 'village', kind: 'oneOf', values: ['É', 'a_b', "'; DROP TABLE landed.visits; --"] },
      `village IN ('É', 'a_b')`,
    ],
    [{ column: 'score', kind: 'equals', value: '1' }, 'score = 1'],
    [{ column: 'score', kind: 'range', from: '0.5', to: '2' }, 'score BETWEEN 0.5 AND 2'],
    [{ column: 'score', kind: 'range', from: '−1', to: null }, 'score >= -1'],
    [{ column: 'score', kind: 'empty' }, 'score IS NULL'],
    [{ column: 'position', kind: 'equals', value: '99999999999999999999999999' }, 'false'],
    [{ column: 'weight', kind: 'range', from: '1', to: null }, 'weight >= 1'],
    [
      { column: 'day', kind: 'range', from: '2026-03-05', to: '2026-03-07' },
      `day BETWEEN '2026-03-05' AND '2026-03-07'`,
    ],
    [
      { column: 'received_on', kind: 'range', from: '2026-01-01T02:00:00Z', to: '2026-01-01T05:00:00.999Z' },
      `received_on BETWEEN '2026-01-01 02:00Z' AND '2026-01-01 05:00:00.999Z'`,
    ],
    [{ column: 'ok', kind: 'equals', value: 'true' }, 'ok'],
    [{ column: 'extra', kind: 'equals', value: '{"n": 2}' }, `(extra->>'n') = '2'`],
    [{ column: 'odd "name', kind: 'oneOf', values: ['odd 3'] }, `"odd ""name" = 'odd 3'`],
    [{ column: 'form_id', kind: 'range', from: 'f2', to: null }, `form_id >= 'f2'`],
  ];
  it.each(fitting)('%j', async (filter, where) => {
    const wanted = await truth('form_id, position', where);
    const order: RowOrder = { column: 'form_id', direction: 'up' };
    expect(await walked({ filters: [filter], order, limit: 60 }, 'after')).toEqual(wanted);
    expect(await reader.count({ schema: 'landed', table: 'visits', filters: [filter] }, never)).toMatchObject(
      {
        ...{ rows: wanted.length, exact: true },
      },
    );
  });

  const wrong: readonly [RowFilter, string][] = [
    [{ column: 'score', kind: 'equals', value: 'many' }, 'filters.0.value'],
    [{ column: 'score', kind: 'equals', value: '1; DROP' }, 'filters.0.value'],
    [{ column: 'day', kind: 'range', from: '2026-02-31', to: null }, 'filters.0.from'],
    [{ column: 'received_on', kind: 'range', from: null, to: 'infinity' }, 'filters.0.to'],
    [{ column: 'received_on', kind: 'range', from: '2026-01-01T25:00', to: null }, 'filters.0.from'],
    [{ column: 'ok', kind: 'equals', value: 'perhaps' }, 'filters.0.value'],
    [{ column: 'ok', kind: 'range', from: 'true', to: null }, 'filters.0.kind'],
    [{ column: 'gone', kind: 'empty' }, 'filters.0.column'],
  ];
  it.each(wrong)('%j is told at its field', async (filter, path) => {
    const failed = await page({ filters: [filter] }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'INPUT_INVALID', fields: [{ path }] });
  });

  it('and order together, at random, are every row once', async () => {
    const random = seeded(5);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    for (let round = 0; round < 12; round += 1) {
      const [filter, where] = pick(fitting);
      const order: RowOrder = {
        column: pick(columns.filter((each) => each !== 'raw')),
        direction: pick(['up', 'down'] as const),
      };
      const wanted = await truth(
        `${quotedName(order.column)} ${order.direction === 'up' ? 'ASC' : 'DESC'} NULLS LAST, form_id, position`,
        where,
      );
      const limit = 1 + Math.floor(random() * 90);
      expect(await walked({ filters: [filter], order, limit }, pick(['after', 'before'] as const))).toEqual(
        wanted,
      );
    }
  }, 60_000);
});

describe('what a column holds', () => {
  it('is counted: the most frequent values, the ends, what is empty', async () => {
    const village = await reader.distribution(
      { schema: 'landed', table: 'visits', filters: [], column: 'village', limit: 3 },
      never,
    );
    expect(village).toMatchObject({ rows, sampled: false, distinct: 6, filled: rows - 62 });
    expect(village.top).toHaveLength(3);
    const [first] = village.top;
    expect(first?.rows).toBe(63);
    const day = await reader.distribution(
      { schema: 'landed', table: 'visits', filters: [], column: 'day', limit: 50 },
      never,
    );
    expect(day).toMatchObject({ min: '2026-03-01', max: '2026-03-20', distinct: 20 });
    const raw = await reader.distribution(
      { schema: 'landed', table: 'visits', filters: [], column: 'raw', limit: 50 },
      never,
    );
    expect(raw.top.map(({ value }) => value).sort()).toEqual(['0', '1', '2']);
  });

  it('is that of the rows that fit', async () => {
    const filters: RowFilter[] = [{ column: 'ok', kind: 'equals', value: 'true' }];
    const ok = await reader.distribution(
      { schema: 'landed', table: 'visits', filters, column: 'ok', limit: 5 },
      never,
    );
    expect(ok.top).toEqual([{ value: 'true', rows: 219 }]);
  });
});
