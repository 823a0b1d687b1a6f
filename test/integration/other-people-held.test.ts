import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecordShape } from '../../main/connectors/connector.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { thingsSpec } from '../support/land.ts';
import { type Refreshed, refreshed } from '../support/refreshed.ts';
import { createRole, type TestRole } from '../support/roles.ts';

/* What people built keeps a refresh from being published: it says what, whose, and how to go on; the old data stays whole. */

let db: TestDatabase;
let analyst: TestRole;
let data: Refreshed;
beforeAll(async () => {
  db = await createDatabase();
  analyst = await createRole(db, '', { prefix: 'analyst' });
});
afterAll(async () => {
  await db.query(`DROP OWNED BY ${analyst.name} CASCADE; DROP ROLE ${analyst.name}`);
  await db[Symbol.asyncDispose]();
});

const first: JsonObject[] = [
  { id: 'a', n: 1, d: 1.5, at: '2026-01-01T00:00:00Z', day: '2026-01-01', v: 'x' },
  { id: 'b', n: 2, d: 2.25, at: '2026-01-02T00:00:00Z', day: '2026-01-02', v: 'y' },
];
const second: JsonObject[] = [
  { ...first[1], v: 'z' },
  { id: 'c', n: 3, d: 3.5, at: '2026-01-03T00:00:00Z', day: '2026-01-03', v: 'x' },
];

const whole = () => db.query('SELECT * FROM data.things ORDER BY id');
const columns = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await db.query(
        `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'data.things'::regclass AND attnum > 0 AND NOT attisdropped`,
      )
    ).map(({ name, type }) => [name, type]),
  );
const asAnalyst = (sql: string) => db.query(`SET ROLE ${analyst.name}; ${sql}; RESET ROLE`);
const seen = async (condition: () => Promise<boolean>): Promise<void> =>
  expect.poll(condition, { interval: 20 }).toBe(true);

beforeEach(async () => {
  data = await refreshed(db, 'data');
  await data.refresh(first);
  await db.query(
    `CREATE SCHEMA own AUTHORIZATION ${analyst.name}; GRANT USAGE ON SCHEMA data TO ${analyst.name};
     GRANT SELECT, REFERENCES ON data.things TO ${analyst.name}`,
  );
  return async () => {
    await data[Symbol.asyncDispose]();
    await db.query('DROP SCHEMA data, own CASCADE; DROP SCHEMA IF EXISTS data__staging CASCADE');
  };
});

describe('rows that people refuse', () => {
  const raising = `CREATE FUNCTION own.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'read only'; END $$`;
  const silent = `CREATE FUNCTION own.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`;
  it.each<[string, string, string[], string]>([
    [
      'a CHECK',
      `ALTER TABLE data.things ADD CONSTRAINT few CHECK (n < 3)`,
      ['few'],
      'ALTER TABLE data.things DROP CONSTRAINT few',
    ],
    [
      'a UNIQUE',
      `ALTER TABLE data.things ADD COLUMN own text DEFAULT 'x'; UPDATE data.things SET own = id; ALTER TABLE data.things ADD CONSTRAINT one UNIQUE (own); UPDATE data.things SET own = 'x' WHERE id = 'b'`,
      ['one'],
      'ALTER TABLE data.things DROP CONSTRAINT one',
    ],
    [
      'a UNIQUE that waits for the end',
      `ALTER TABLE data.things ADD COLUMN own text DEFAULT 'x'; UPDATE data.things SET own = id; ALTER TABLE data.things ADD CONSTRAINT one UNIQUE (own) DEFERRABLE; UPDATE data.things SET own = 'x' WHERE id = 'b'`,
      ['one'],
      'ALTER TABLE data.things DROP CONSTRAINT one',
    ],
    [
      'NOT NULL',
      `ALTER TABLE data.things ADD COLUMN own text; UPDATE data.things SET own = 'x'; ALTER TABLE data.things ALTER own SET NOT NULL`,
      ['“own”'],
      'ALTER TABLE data.things ALTER own DROP NOT NULL',
    ],
    [
      'a foreign key',
      `CREATE TABLE own.notes (thing text CONSTRAINT of_thing REFERENCES data.things); INSERT INTO own.notes VALUES ('a')`,
      ['of_thing', 'own.notes'],
      'DROP TABLE own.notes',
    ],
    [
      'a foreign key that waits for the end',
      `CREATE TABLE own.notes (thing text CONSTRAINT of_thing REFERENCES data.things DEFERRABLE INITIALLY DEFERRED); INSERT INTO own.notes VALUES ('a')`,
      ['of_thing', 'own.notes'],
      'DROP TABLE own.notes',
    ],
    [
      'a trigger that raises',
      `${raising}; CREATE TRIGGER t BEFORE INSERT ON data.things FOR EACH ROW EXECUTE FUNCTION own.no()`,
      ['own.no()', 'read only'],
      'DROP TRIGGER t ON data.things',
    ],
    [
      'a trigger that keeps rows',
      `${silent}; CREATE TRIGGER t BEFORE INSERT ON data.things FOR EACH ROW EXECUTE FUNCTION own.no()`,
      ['data.things', 'trigger'],
      'DROP TRIGGER t ON data.things',
    ],
    [
      'a trigger that keeps rows from going',
      `${silent}; CREATE TRIGGER t BEFORE DELETE ON data.things FOR EACH ROW EXECUTE FUNCTION own.no()`,
      ['data.things', 'trigger'],
      'DROP TRIGGER t ON data.things',
    ],
    [
      'a publication without an identity of rows',
      `ALTER TABLE data.things REPLICA IDENTITY NOTHING; CREATE PUBLICATION p_${'held'} FOR TABLE data.things`,
      ['data.things', 'replica identity'],
      'DROP PUBLICATION p_held',
    ],
    [
      'a restrictive policy',
      `ALTER TABLE data.things ENABLE ROW LEVEL SECURITY; ALTER TABLE data.things FORCE ROW LEVEL SECURITY; CREATE POLICY few ON data.things USING (n < 3)`,
      ['data.things'],
      'ALTER TABLE data.things NO FORCE ROW LEVEL SECURITY',
    ],
  ])('%s', async (_, make, named, undo) => {
    await db.query(make);
    const before = await whole();
    const refusal = await data.held(second).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD' });
    for (const text of ['data.things', ...named]) expect(refusal.message).toContain(text);
    expect(await whole()).toEqual(before);
    await db.query(undo);
    await data.refresh(second);
    expect((await whole()).map(({ id, v }) => [id, v])).toEqual([
      ['b', 'z'],
      ['c', 'x'],
    ]);
  });
});

describe('a column that gets another type', () => {
  const odd: Record<string, [JsonObject, string, Record<string, string>]> = {
    n: [{ id: 'c', n: 'many' }, 'text', { a: '1', b: '2', c: 'many' }],
    d: [{ id: 'c', d: 'much' }, 'text', { a: '1.5', b: '2.25', c: 'much' }],
    at: [
      { id: 'c', at: 'soon' },
      'text',
      { a: '2026-01-01T00:00:00Z', b: '2026-01-02T00:00:00Z', c: 'soon' },
    ],
    day: [
      { id: 'c', day: ['2026-01-03'] },
      'jsonb',
      { a: '["2026-01-01"]', b: '["2026-01-02"]', c: '["2026-01-03"]' },
    ],
  };
  it.each(Object.keys(odd))(
    '%s: is held by a view of an analyst, and published after it went',
    async (name) => {
      const [record, type, values] = odd[name] as (typeof odd)[string];
      await asAnalyst(`CREATE VIEW own.seen AS SELECT id, ${name} AS it FROM data.things`);
      await db.query(
        `REVOKE SELECT ON data.things FROM ${analyst.name}; GRANT SELECT (id, ${name}) ON data.things TO ${analyst.name};
         ALTER TABLE data.things ALTER ${name} SET STATISTICS 500`,
      );
      const [before, were] = [await whole(), await columns()];
      const refusal = await data.held([...first, record]);
      expect(refusal).toMatchObject({ code: 'PUBLISH_HELD' });
      for (const text of ['view own.seen', `owner ${analyst.name}`, `“${name}”`])
        expect(refusal.message).toContain(text);
      expect(refusal.advice).toContain('DROP VIEW own.seen');
      expect([await whole(), await columns()]).toEqual([before, were]);
      await asAnalyst('DROP VIEW own.seen');
      await data.refresh([...first, record]);
      const now = async () => Object.fromEntries((await whole()).map((row) => [row['id'], row[name]]));
      expect(await now()).toEqual(values);
      expect(await columns()).toEqual({ ...were, [name]: type });
      const [state] = await db.query(
        `SELECT has_column_privilege('${analyst.name}', attrelid, attname, 'SELECT') AS may, col_description(attrelid, attnum) AS comment, attstattarget AS target,
         (SELECT count(*) FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum) AS indexes
       FROM pg_attribute a WHERE attrelid = 'data.things'::regclass AND attname = '${name}'`,
      );
      expect(state).toEqual({
        may: 't',
        comment: expect.stringContaining(`${name}. Values seen`),
        target: '500',
        indexes: name === 'n' ? '1' : '0',
      });
      // The odd value goes away: what was published as a wide column stays one.
      await data.refresh(first);
      expect(await columns()).toEqual({ ...were, [name]: type });
      expect(await now()).toEqual(Object.fromEntries(Object.entries(values).filter(([id]) => id !== 'c')));
    },
  );

  it('keeps the comment that a person wrote', async () => {
    await db.query(`COMMENT ON COLUMN data.things.n IS 'ask Ada'`);
    await data.refresh([...first, { id: 'c', n: 'many' }]);
    const comment = `SELECT col_description('data.things'::regclass, attnum) AS text FROM pg_attribute WHERE attrelid = 'data.things'::regclass AND attname = 'n'`;
    expect(await db.query(comment)).toEqual([{ text: 'ask Ada' }]);
    await data.refresh([...first, { id: 'c', n: 'few' }]);
    expect(await db.query(comment)).toEqual([{ text: 'ask Ada' }]);
  });

  it.each([
    ['NOT NULL', 'ALTER n SET NOT NULL', 'DROP NOT NULL', 'ALTER n DROP NOT NULL'],
    ['a default', 'ALTER n SET DEFAULT 7', 'DROP DEFAULT', 'ALTER n DROP DEFAULT'],
  ])('is held by %s that a person gave it', async (_, make, advised, undo) => {
    await db.query(`ALTER TABLE data.things ${make}`);
    const refusal = await data.held([...first, { id: 'c', n: 'many' }]);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD', advice: expect.stringContaining(advised) });
    await db.query(`ALTER TABLE data.things ${undo}`);
    await data.refresh([...first, { id: 'c', n: 'many' }]);
    expect((await columns())['n']).toBe('text');
  });

  it.each<[string, string, string]>([
    ['a policy', 'CREATE POLICY it ON data.things USING (n > 0)', 'DROP POLICY it ON data.things'],
    [
      'a trigger on it',
      'CREATE TRIGGER it AFTER UPDATE OF n ON data.things FOR EACH ROW EXECUTE FUNCTION own.nothing()',
      'DROP TRIGGER it ON data.things',
    ],
    [
      'a trigger that compares it',
      'CREATE TRIGGER it AFTER UPDATE ON data.things FOR EACH ROW WHEN (NEW.n > OLD.n) EXECUTE FUNCTION own.nothing()',
      'DROP TRIGGER it ON data.things',
    ],
    [
      'a rule',
      'CREATE RULE it AS ON INSERT TO data.things WHERE NEW.n > 0 DO ALSO NOTHING',
      'DROP RULE it ON data.things',
    ],
    [
      'a check',
      'ALTER TABLE data.things ADD CONSTRAINT it CHECK (n > 0)',
      'ALTER TABLE data.things DROP CONSTRAINT it',
    ],
    ['an index on an expression', 'CREATE INDEX it ON data.things ((n + 1))', 'DROP INDEX data.it'],
    ['statistics', 'CREATE STATISTICS data.it ON n, v FROM data.things', 'DROP STATISTICS data.it'],
    [
      'a computed column',
      'ALTER TABLE data.things ADD COLUMN it bigint GENERATED ALWAYS AS (n + 1) STORED',
      'ALTER TABLE data.things DROP COLUMN it',
    ],
    [
      'a function',
      'CREATE FUNCTION own.it() RETURNS numeric BEGIN ATOMIC SELECT sum(n) FROM data.things; END',
      'DROP ROUTINE own.it()',
    ],
    [
      'a list of columns in a publication',
      'CREATE PUBLICATION it FOR TABLE data.things (id, n)',
      'ALTER PUBLICATION it DROP TABLE data.things',
    ],
  ])('is held by %s, with the statement that helps', async (_, make, advised) => {
    await db.query(
      "CREATE FUNCTION own.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    );
    await db.query(make);
    const before = await whole();
    const refusal = await data.held([...first, { id: 'c', n: 'many' }]);
    expect(refusal).toMatchObject({
      code: 'PUBLISH_HELD',
      message: expect.stringMatching(/“n”.*\bit\b/),
      advice: expect.stringContaining(advised),
    });
    expect(await whole()).toEqual(before);
    await db.query(advised);
    await data.refresh([...first, { id: 'c', n: 'many' }]);
    expect((await columns())['n']).toBe('text');
    await db.query('DROP PUBLICATION IF EXISTS it');
  });

  it('is held by a trigger that refuses the change, and may become a third type before it is let go', async () => {
    await db.query(
      `CREATE FUNCTION own.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'read only'; END $$;
       CREATE TRIGGER t BEFORE UPDATE ON data.things FOR EACH ROW EXECUTE FUNCTION own.no()`,
    );
    const before = (await whole()).map(({ id, n }) => [id, n]);
    const refusal = await data.held([...first, { id: 'c', n: 'many' }]).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD', message: expect.stringContaining('read only') });
    expect((await whole()).map(({ id, n }) => [id, n])).toEqual(before);
    await db.query('DROP TRIGGER t ON data.things');
    await data.refresh([...first, { id: 'c', n: [3, 4] }]);
    expect((await columns())['n']).toBe('jsonb');
    expect(Object.keys(await columns()).filter((name) => name.startsWith('_headgate'))).toEqual([]);
  });

  it('is held by what somebody builds on it while it is prepared', async () => {
    const reader = await db.connect();
    await reader.query('BEGIN; SELECT 1');
    const ended = data.held([...first, { id: 'c', n: 'many' }]).catch((error) => error);
    await seen(async () => Object.keys(await columns()).some((name) => name.startsWith('_headgate')));
    await db.query('CREATE UNIQUE INDEX mine ON data.things (n)');
    await reader.end();
    expect(await ended).toMatchObject({ code: 'PUBLISH_HELD', message: expect.stringContaining('mine') });
    expect((await columns())['n']).toBe('bigint');
    await db.query('DROP INDEX data.mine');
    await data.refresh([...first, { id: 'c', n: 'many' }]);
    expect((await columns())['n']).toBe('text');
  });
});

it('a new question that is called as a column of a person gets another name', async () => {
  await db.query(`ALTER TABLE data.things ADD COLUMN score integer DEFAULT 5`);
  await data.refresh([...first, { id: 'c', score: 9 }]);
  const rows = await whole();
  expect(rows.map(({ score }) => score)).toEqual(['5', '5', '5']);
  const other = Object.keys(await columns()).find((name) => /^score_/.test(name)) ?? '';
  expect(rows.map((row) => row[other])).toEqual([null, null, '9']);
});

describe('a table that inherits from one of ours', () => {
  beforeEach(async () => {
    await db.query(
      `CREATE TABLE own.child (more text) INHERITS (data.things); ALTER TABLE own.child OWNER TO ${analyst.name};
       INSERT INTO own.child VALUES ('x', 7, 1.5, NULL, NULL, 'mine')`,
    );
  });
  const child = () => db.query('SELECT id, n, v FROM own.child');

  it('keeps its rows when ours change', async () => {
    const before = await child();
    await data.refresh(second);
    expect(await child()).toEqual(before);
    expect(await db.query('SELECT id FROM ONLY data.things ORDER BY 1')).toEqual([{ id: 'b' }, { id: 'c' }]);
  });

  it.each<[string, JsonObject[]]>([
    ['comes', [...first, { id: 'c', later: 'x' }]],
    ['gets another type', [...first, { id: 'c', n: 'many' }]],
  ])('holds a refresh in which a column %s, by name', async (_, records) => {
    const refusal = await data.held(records);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD', message: expect.stringContaining('own.child') });
    expect(refusal.advice).toContain('ALTER TABLE own.child NO INHERIT data.things');
    await db.query('ALTER TABLE own.child NO INHERIT data.things');
    await data.refresh(records);
  });

  it('keeps a column that the source has no more', async () => {
    const { notice } = await data.refresh(first.map(({ day: _, ...rest }) => rest));
    expect(notice).toContain('own.child');
    expect(Object.keys(await columns())).toContain('day');
  });
});

describe('what the source has no more', () => {
  const without = first.map(({ day: _, ...rest }) => rest);
  const kinds: JsonObject[] = [...first, { id: 'k', kind: 'visit', v: 'x' }];

  it('is dropped when nothing uses it', async () => {
    await data.refresh(kinds);
    await data.refresh(without);
    expect(Object.keys(await columns())).not.toContain('day');
    expect(await db.query(`SELECT to_regclass('data.visit') AS t`)).toEqual([{ t: null }]);
  });

  it.each<[string, string, string]>([
    ['a view', 'CREATE VIEW own.used AS SELECT day FROM data.things', 'DROP VIEW own.used'],
    ['an index', 'CREATE INDEX used ON data.things (day)', 'DROP INDEX data.used'],
    ['statistics', 'CREATE STATISTICS data.used ON day, n FROM data.things', 'DROP STATISTICS data.used'],
    ['a policy', 'CREATE POLICY used ON data.things USING (day IS NULL)', 'DROP POLICY used ON data.things'],
    [
      'a trigger',
      `CREATE FUNCTION own.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER used AFTER UPDATE ON data.things FOR EACH ROW WHEN (NEW.day IS NULL) EXECUTE FUNCTION own.nothing()`,
      'DROP TRIGGER used ON data.things',
    ],
    [
      'a column of a publication',
      'CREATE PUBLICATION used FOR TABLE data.things (id, day)',
      'DROP PUBLICATION used',
    ],
    [
      'a grant on the column',
      'GRANT SELECT (day) ON data.things TO pg_monitor',
      'REVOKE SELECT (day) ON data.things FROM pg_monitor',
    ],
    [
      'a function',
      'CREATE FUNCTION own.used() RETURNS bigint BEGIN ATOMIC SELECT count(day) FROM data.things; END',
      'DROP FUNCTION own.used()',
    ],
    [
      'a default',
      `ALTER TABLE data.things ALTER day SET DEFAULT '2026-01-01'`,
      'ALTER TABLE data.things ALTER day DROP DEFAULT',
    ],
  ])('a column stays, empty, while it is used: %s', async (_, make, undo) => {
    await db.query(make);
    const { notice } = await data.refresh(without);
    expect(notice).toContain('The column “day” of “things” stays, empty');
    expect((await whole()).map(({ day }) => day)).toEqual([null, null]);
    await data.refresh(without);
    expect(Object.keys(await columns())).toContain('day');
    await db.query(undo);
    expect((await data.refresh(without)).notice).toBeNull();
    expect(Object.keys(await columns())).not.toContain('day');
  });

  it.each<[string, string, string]>([
    ['a view', 'CREATE VIEW own.used AS SELECT 1 AS one FROM data.visit', 'DROP VIEW own.used'],
    ['a foreign key', 'CREATE TABLE own.used (v text REFERENCES data.visit)', 'DROP TABLE own.used'],
    ['a column of its row type', 'CREATE TABLE own.used (v data.visit)', 'DROP TABLE own.used'],
  ])('a table stays, empty, while it is used: %s', async (_, make, undo) => {
    await data.refresh(kinds);
    await db.query(make);
    expect((await data.refresh(first)).notice).toContain('visit');
    expect(await db.query('SELECT count(*) AS n FROM data.visit')).toEqual([{ n: '0' }]);
    expect((await data.refresh(first)).notice).toContain('visit');
    await db.query(undo);
    expect((await data.refresh(first)).notice).toBeNull();
    expect(await db.query(`SELECT to_regclass('data.visit') AS t`)).toEqual([{ t: null }]);
  });

  it('a table with an index of ours goes too', async () => {
    await data.refresh(kinds);
    const parts: RecordShape['parts'] = (record) => [{ table: 'others', label: 'others', value: record }];
    await data.refresh(first, {
      spec: { ...thingsSpec, name: 'others', shape: { ...thingsSpec.shape, parts } },
    });
    expect(
      await db.query(`SELECT to_regclass('data.things') AS t, to_regclass('data.others')::text AS o`),
    ).toEqual([{ t: null, o: 'data.others' }]);
  });

  it('a column stays when somebody begins to use it before it is dropped', async () => {
    const reader = await db.connect();
    await reader.query('BEGIN; SELECT 1');
    const ended = data.refresh(without);
    await seen(async () => (await whole()).every(({ day }) => day === null));
    await db.query('CREATE INDEX mine ON data.things (day)');
    await reader.end();
    await ended;
    expect(await db.query(`SELECT to_regclass('data.mine')::text AS t`)).toEqual([{ t: 'data.mine' }]);
  });
});
