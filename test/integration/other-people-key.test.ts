import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../main/connectors/json.ts';
import { usualIndexName } from '../../main/sync/destination/postgres/publish/index-name.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Refreshed, refreshed } from '../support/refreshed.ts';

/* Keys and indexes of Headgate's own making, where people's things are in their way. */

let db: TestDatabase;
let data: Refreshed;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());
beforeEach(async () => {
  data = await refreshed(db, 'data');
  await db.query('CREATE SCHEMA own');
  return async () => {
    await data[Symbol.asyncDispose]();
    await db.query('DROP SCHEMA IF EXISTS data, own, data__staging CASCADE');
  };
});

const keyOf = async (table: string): Promise<string | null | undefined> =>
  (
    await db.query(
      `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`,
      [`data.${table}`],
    )
  )[0]?.['key'];
const state = async (table: string) => ({
  rows: await db.query(`SELECT * FROM data.${table} ORDER BY 1, 2`),
  columns: await db.query(
    `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
     WHERE attrelid = 'data.${table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
  ),
  key: await keyOf(table),
});

describe('a primary key that gets another position', () => {
  const once: JsonObject[] = [{ id: 'a', house: { member: [{ name: 'x' }, { name: 'y' }] } }];
  const again: JsonObject[] = [
    { id: 'a', house: [{ member: [{ name: 'x' }, { name: 'y' }] }, { member: [{ name: 'z' }] }] },
  ];
  const table = 'things_house_member';

  it('is made longer while readers go on', async () => {
    await data.refresh(once);
    const before = await keyOf(table);
    await data.refresh(again);
    expect(before).toBe('PRIMARY KEY (thing_id, "position")');
    expect(await keyOf(table)).toBe('PRIMARY KEY (thing_id, house_position, "position")');
    expect(await db.query(`SELECT name FROM data.${table} ORDER BY 1`)).toEqual([
      { name: 'x' },
      { name: 'y' },
      { name: 'z' },
    ]);
  });

  it('that an attempt added which came to nothing goes again, when it is not wanted any more', async () => {
    await data.refresh(once);
    const names = data.names();
    await db.query(
      `ALTER TABLE data.${table} ADD COLUMN house_position integer NOT NULL DEFAULT 1;
       CREATE UNIQUE INDEX _headgate_key_1 ON data.${table} (thing_id, house_position, "position")`,
    );
    const own = { ...names.columns['things|house.member'], 'position house': 'house_position' };
    const known = { ...names, columns: { ...names.columns, 'things|house.member': own } };
    await data.refresh([{ id: 'a', house: { member: [{ name: 'x' }, { name: 'q' }] } }], { before: known });
    expect((await state(table)).columns.map(({ attname }) => attname)).toEqual([
      'thing_id',
      'position',
      'name',
    ]);
    expect(await db.query(`SELECT name FROM data.${table} ORDER BY 1`)).toEqual([
      { name: 'q' },
      { name: 'x' },
    ]);
  });

  it.each<[string, string, string[], string]>([
    [
      'a column',
      `CREATE TABLE own.kept (one data.${table})`,
      ['column one of own.kept'],
      'ALTER TABLE own.kept DROP COLUMN one',
    ],
    [
      'an array',
      `CREATE TABLE own.kept (many data.${table}[])`,
      ['column many of own.kept'],
      'ALTER TABLE own.kept DROP COLUMN many',
    ],
    [
      'a type within a type',
      `CREATE TYPE own.pair AS (one data.${table}, other integer); CREATE DOMAIN own.pairs AS own.pair;
       CREATE TABLE own.kept (both_of own.pairs)`,
      ['column both_of of own.kept'],
      'ALTER TABLE own.kept DROP COLUMN both_of',
    ],
    [
      'a materialised view',
      `CREATE MATERIALIZED VIEW own.kept AS SELECT m AS one FROM data.${table} m`,
      ['column one of own.kept'],
      'DROP MATERIALIZED VIEW own.kept',
    ],
  ])('is held while whole rows are kept elsewhere: %s', async (_, make, named, undo) => {
    await data.refresh(once);
    await db.query(make);
    const before = await state(table);
    const refusal = await data.held(again).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD' });
    for (const text of [`data.${table}`, 'house_position', 'owner', ...named])
      expect(refusal.message).toContain(text);
    expect(refusal.advice).toContain(undo);
    expect(await state(table)).toEqual(before);
    await db.query(undo);
    await data.refresh(again);
    expect(await db.query(`SELECT count(*) AS n FROM data.${table}`)).toEqual([{ n: '3' }]);
  });
});

describe('a primary key that somebody took away', () => {
  const things: JsonObject[] = [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ];
  const drop = 'ALTER TABLE data.things DROP CONSTRAINT things_pkey';

  it('is made again', async () => {
    await data.refresh(things);
    await db.query(drop);
    await data.refresh([...things, { id: 'c', n: 3 }]);
    expect(await keyOf('things')).toBe('PRIMARY KEY (id)');
  });

  it.each<[string, string, string, string]>([
    [
      'rows that repeat a key',
      "INSERT INTO data.things (id, n) VALUES ('a', 7)",
      '(id)=(a)',
      'DELETE FROM data.things WHERE n = 7',
    ],
    [
      'rows without one',
      'ALTER TABLE data.things ALTER id DROP NOT NULL; INSERT INTO data.things (n) VALUES (7)',
      '“data.things”',
      'DELETE FROM data.things WHERE n = 7',
    ],
  ])('holds the refresh where there are %s', async (_, make, named, undo) => {
    await data.refresh(things);
    await db.query(`${drop}; ${make}`);
    const before = await state('things');
    const refusal = await data.held([...things, { id: 'c', n: 3 }]).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD' });
    for (const text of ['“data.things”', 'primary key', named]) expect(refusal.message).toContain(text);
    expect(refusal.advice).toMatch(/delete the rows.*DROP TABLE/);
    expect(await state('things')).toEqual(before);
    await db.query(undo);
    await data.refresh([...things, { id: 'c', n: 3 }]);
    expect(await keyOf('things')).toBe('PRIMARY KEY (id)');
    expect(await db.query('SELECT id FROM data.things ORDER BY 1')).toHaveLength(3);
  });
});

describe('the index of a column that got another type', () => {
  const indexes = () =>
    db.query(
      `SELECT x.relname AS name, pg_get_indexdef(x.oid) AS what FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
       WHERE i.indrelid = 'data.things'::regclass AND NOT i.indisprimary ORDER BY 1`,
    );
  const records = (n: unknown): JsonObject[] => [{ id: 'a', n: 1 }, { id: 'b', n } as JsonObject];

  it('has the name that it had', async () => {
    await data.refresh(records(2));
    const before = await indexes();
    expect(before).toMatchObject([{ name: 'things_n_idx' }]);
    await data.refresh(records('many'));
    expect(await indexes()).toEqual(before);
    // And again, to a third type; also where a person had given it another name.
    await db.query('ALTER INDEX data.things_n_idx RENAME TO my_idx');
    await data.refresh(records([3]));
    expect(await indexes()).toMatchObject([{ name: 'my_idx' }]);
  });

  it('has the name that a fresh one would have had, where there was none', async () => {
    await data.refresh(records(2));
    await db.query('DROP INDEX data.things_n_idx; CREATE TABLE data.things_n_idx ()');
    await data.refresh(records('many'));
    expect(await indexes()).toMatchObject([{ name: 'things_n_idx1' }]);
  });

  it('is called as the server itself would call it', async () => {
    const names = ['n', 'क्षेत्र', 'long '.repeat(12).trim(), 'é'.repeat(31), 'x'.repeat(63)];
    for (const [at, table] of names.entries()) {
      const column = names[names.length - 1 - at] as string;
      await db.query(
        `CREATE TABLE own."${table}" ("${column}" int); CREATE INDEX ON own."${table}" ("${column}")`,
      );
      const [made] = await db.query(
        'SELECT x.relname AS name FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = $1::regclass',
        [`own."${table}"`],
      );
      expect(usualIndexName(table, column)).toBe(made?.['name']);
    }
  });
});
