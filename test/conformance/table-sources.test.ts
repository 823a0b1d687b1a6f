import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { copyTarget, localTarget, type Target } from '../../main/engines/engine.ts';
import type { RunEnd, RunSpec } from '../../main/sync/run-spec.ts';
import { type Chdb, noChdb, startChdb } from '../support/chdb.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
import { runTables, tablesSpec } from '../support/table-run.ts';

/*
 * Tables of real servers as a source: what each type becomes, and that no value changes on the way. A column is named after its
 * case; `value` is how the source writes it, `lands` how PostgreSQL prints what was landed, and its type.
 */

interface Case {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly lands: readonly [type: string, value: string | null];
}
const each = (
  name: string,
  type: string,
  value: string,
  landed: string,
  text: string | null = value.replace(/^'|'$/g, ''),
): Case => ({ name, type, value, lands: [landed, text] });

let place: TestDatabase;
beforeAll(async () => {
  place = await createDatabase();
});
afterAll(() => place[Symbol.asyncDispose]());

/** Lands one table and gives its only row, with the type of each column. */
async function landedRow(
  target: Target,
  schema: string,
  table: string,
): Promise<Record<string, [string, string | null]>> {
  const to = { ...place, schema: `landed_${crypto.randomUUID().slice(0, 8)}` };
  const end = await runTables(tablesSpec({ target, schema, tables: [table] }, to));
  expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { [table]: 1 } } });
  const [row] = await place.query(`SELECT * FROM ${to.schema}.${table}`);
  const types = await place.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
     WHERE a.attrelid = '${to.schema}.${table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  return Object.fromEntries(
    types.map(({ name, type }) => [name ?? '', [type ?? '', row?.[name ?? ''] ?? null]]),
  );
}
const wanted = (cases: readonly Case[]) => Object.fromEntries(cases.map(({ name, lands }) => [name, lands]));

const postgresCases: readonly Case[] = [
  each('a_smallint', 'smallint', '-32768', 'bigint'),
  each('a_bigint', 'bigint', '9223372036854775807', 'bigint'),
  each('a_numeric', 'numeric', '12345678901234567890.1234567890', 'numeric'),
  each('a_scale', 'numeric(10,4)', '1.5', 'numeric', '1.5000'),
  each('a_real', 'real', "'0.1'", 'numeric'),
  each('a_double', 'double precision', "'0.30000000000000004'", 'numeric'),
  each('a_large_double', 'double precision', "'1e+50'", 'numeric', `1${'0'.repeat(50)}`),
  each('not_a_number', 'double precision', "'NaN'", 'text'),
  each('a_boolean', 'boolean', 'true', 'boolean', 't'),
  each('a_date', 'date', "'2024-02-29'", 'date'),
  each('no_end', 'date', "'infinity'", 'text'),
  each('a_time', 'time', "'23:59:59.123456'", 'time without time zone'),
  each('a_timetz', 'timetz', "'23:59:59+05:30'", 'text'),
  each('a_timestamp', 'timestamp', "'2024-02-29 23:59:59.000001'", 'timestamp without time zone'),
  each(
    'an_instant',
    'timestamptz',
    "'2024-02-29 23:59:59.5+05:30'",
    'timestamp with time zone',
    '2024-02-29 18:29:59.5+00',
  ),
  each('an_interval', 'interval', "'1 year 2 days 03:04:05'", 'text', '1 year 2 days 03:04:05'),
  each('a_text', 'text', '\'line\n\ttab \\ "quoted" ☃\'', 'text'),
  each('an_empty', 'text', "''", 'text', ''),
  each('zeros', 'varchar(10)', "'0012'", 'text'),
  each('like_a_date', 'text', "'2024-01-01'", 'text'),
  each('padded', 'char(4)', "'ab'", 'text', 'ab  '),
  each('a_uuid', 'uuid', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'text'),
  each('some_bytes', 'bytea', "'\\x00ff10'", 'text', '\\x00ff10'),
  each('a_jsonb', 'jsonb', `'{"a": [1, 12345678901234567890.5], "b": null}'`, 'jsonb'),
  each('a_json', 'json', `'{"b":1, "b":2}'`, 'jsonb', '{"b": 2}'),
  each('a_scalar', 'jsonb', `'"text"'`, 'jsonb', '"text"'),
  each('numbers', 'integer[]', "'{1,2,NULL}'", 'jsonb', '[1, 2, null]'),
  each('nested', 'text[]', `'{{a,b},{"c,d",e}}'`, 'jsonb', '[["a", "b"], ["c,d", "e"]]'),
  each('an_inet', 'inet', "'10.0.0.1/8'", 'text'),
  each('money_there', 'money', "'12.50'", 'text', '$12.50'),
  each('a_range', 'int4range', "'[1,5)'", 'text'),
  each('a_point', 'point', "'(1,2)'", 'text'),
  each('bits', 'bit(5)', "B'10101'", 'text', '10101'),
  each('an_xml', 'xml', "'<a/>'", 'text'),
  each('a_vector', 'tsvector', "'fat cat'", 'text', "'cat' 'fat'"),
  each('nothing', 'integer', 'NULL', 'bigint', null),
];

describe('a PostgreSQL', () => {
  it('gives every type as it is, or as the text that it prints', async () => {
    await using origin = await createDatabase();
    const quoted = ({ value }: Case): string =>
      value.startsWith("'") ? `E${value.replaceAll('\\', '\\\\')}` : value;
    await origin.query(`CREATE TABLE typed (id int PRIMARY KEY, ${postgresCases.map(({ name, type }) => `${name} ${type}`).join(', ')});
      INSERT INTO typed VALUES (1, ${postgresCases.map(quoted).join(', ')}); GRANT SELECT ON typed TO ${origin.postgres.user}`);
    const row = await landedRow(localTarget(origin.postgres, origin.database), 'public', 'typed');
    expect(row).toMatchObject(wanted(postgresCases));
  });

  it('loses no row of a table that others inherit from, and takes keys that no index has room for', async () => {
    await using origin = await createDatabase();
    await origin.query(`CREATE TABLE par (id int PRIMARY KEY, a text); CREATE TABLE chi () INHERITS (par);
      INSERT INTO par SELECT n, 'par' FROM generate_series(1, 50) n; INSERT INTO chi SELECT n, 'chi' FROM generate_series(1, 50) n;
      CREATE TABLE long (l int NOT NULL, k text NOT NULL, PRIMARY KEY (l, k));
      INSERT INTO long SELECT n, n || repeat('é', 700) FROM generate_series(1, 3) n;
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${origin.postgres.user}`);
    const to = { ...place, schema: `landed_${crypto.randomUUID().slice(0, 8)}` };
    const target = localTarget(origin.postgres, origin.database);
    const end = await runTables(tablesSpec({ target, schema: 'public', tables: ['par', 'long'] }, to));
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { par: 100, long: 3 } } });
    const [keys] = await place.query(
      `SELECT count(DISTINCT row_key) AS n, max(length(row_key)) AS longest FROM ${to.schema}.long`,
    );
    expect(keys).toEqual({ n: '3', longest: String('sha256:'.length + 64) });
  });

  /** A reading that was stopped once some of it was committed, and how it ends when it is taken up again on `target`. */
  async function takenUp(spec: RunSpec, target: Target, between: () => Promise<unknown>): Promise<RunEnd> {
    const stop = new AbortController();
    const first = runTables(spec, {
      signal: stop.signal,
      onProgress: ({ committed }) => committed > 0 && stop.abort(),
    });
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    await between();
    const source = { ...spec.source, target: copyTarget(target) };
    return runTables({ ...spec, source, target: localTarget(place.postgres, place.database) });
  }
  const moved = async (mark: string): Promise<TestDatabase> => {
    const origin = await createDatabase();
    await origin.query(`CREATE TABLE moved (id int NOT NULL, k2 int NOT NULL, filling text, PRIMARY KEY (id));
      INSERT INTO moved SELECT n, 100000 - n, repeat('${mark}', 300) FROM generate_series(1, 20000) n;
      GRANT SELECT ON moved TO PUBLIC`);
    return origin;
  };

  it.each([
    ['its key is another one', false],
    ['the connection leads to another database', true],
  ])('is read anew where, since it was cut off, %s', async (_, isElsewhere) => {
    await using origin = await moved('a');
    await using other = await moved('b');
    const to = { ...place, schema: `landed_${crypto.randomUUID().slice(0, 8)}` };
    const target = localTarget(origin.postgres, origin.database);
    const spec = tablesSpec({ target, schema: 'public', tables: ['moved'] }, to);
    const end = isElsewhere
      ? await takenUp(spec, localTarget(other.postgres, other.database), async () => {})
      : await takenUp(spec, target, () =>
          origin.query('ALTER TABLE moved DROP CONSTRAINT moved_pkey, ADD PRIMARY KEY (k2)'),
        );
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { moved: 20_000 } } });
    const [sum] = await place.query(
      `SELECT count(DISTINCT id) AS n, min(left(filling, 1)) AS least, max(left(filling, 1)) AS most FROM ${to.schema}.moved`,
    );
    const mark = isElsewhere ? 'b' : 'a';
    expect(sum).toEqual({ n: '20000', least: mark, most: mark });
  });
});

const mariadbCases: readonly Case[] = [
  each('a_tinyint', 'TINYINT(1)', '5', 'bigint'),
  each('an_unsigned', 'BIGINT UNSIGNED', '18446744073709551615', 'numeric'),
  each('a_bigint', 'BIGINT', '-9223372036854775808', 'bigint'),
  each('a_decimal', 'DECIMAL(38,10)', '1234567890123456789.0123456789', 'numeric'),
  each('a_float', 'FLOAT', '0.1', 'numeric', '0.10000000149011612'),
  each('a_double', 'DOUBLE', '1e-7', 'numeric', '0.0000001'),
  each('a_year', 'YEAR', '2024', 'bigint'),
  each('with_zeros', 'INT(6) ZEROFILL', '42', 'bigint'),
  each('a_date', 'DATE', "'2024-02-29'", 'date'),
  each('no_date', 'DATE', "'0000-00-00'", 'date', null),
  each('a_datetime', 'DATETIME(6)', "'2024-02-29 23:59:59.000001'", 'timestamp without time zone'),
  each(
    'an_instant',
    'TIMESTAMP',
    "'2024-02-29 23:59:59'",
    'timestamp with time zone',
    '2024-02-29 23:59:59+00',
  ),
  each('a_time', 'TIME', "'12:34:56'", 'time without time zone'),
  each('a_span', 'TIME', "'-838:59:59'", 'text'),
  each('a_text', 'TEXT', "'naïve ☃'", 'text'),
  each('an_empty', 'VARCHAR(5)', "''", 'text', ''),
  each('zeros', 'VARCHAR(10)', "'007'", 'text'),
  each('a_choice', "ENUM('a','b')", "'b'", 'text'),
  each('choices', "SET('x','y')", "'x,y'", 'text'),
  each('bits', 'BIT(5)', "b'10101'", 'text', '10101'),
  each('some_bytes', 'BLOB', "x'00ff10'", 'text', '\\x00ff10'),
  each('few_bytes', 'VARBINARY(4)', "x'01'", 'text', '\\x01'),
  each('a_document', 'JSON', `'{"a": 1}'`, 'text', '{"a": 1}'),
  each('a_uuid', 'UUID', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'text'),
  each('an_address', 'INET6', "'::1'", 'text'),
  each('a_place', 'POINT', "ST_GeomFromText('POINT(1 2)')", 'text', 'POINT(1 2)'),
  each('nothing', 'INT', 'NULL', 'bigint', null),
];

describe.skipIf(noMariadb !== null)(`a MariaDB ${noMariadb ?? ''}`, () => {
  let db: Mariadb;
  const reader = { user: 'reader', password: 'canary-reader' };
  beforeAll(async () => {
    db = await startMariadb();
    await db.sql(`SET sql_mode = ''; SET time_zone = '+00:00'; CREATE DATABASE clinic; USE clinic;
      CREATE USER reader@'%' IDENTIFIED BY '${reader.password}'; GRANT SELECT ON clinic.* TO reader@'%'`);
  }, 120_000);
  afterAll(() => db?.[Symbol.asyncDispose]());

  it('gives every type as it is, or as the text that it prints', async () => {
    const columns = mariadbCases.map(({ name, type }) => `${name} ${type} NULL`).join(', ');
    await db.sql(`SET sql_mode = ''; SET time_zone = '+00:00'; CREATE TABLE clinic.typed (id INT PRIMARY KEY, ${columns}) CHARACTER SET utf8mb4;
      INSERT INTO clinic.typed VALUES (1, ${mariadbCases.map(({ value }) => value).join(', ')})`);
    const row = await landedRow(db.target(reader, 'clinic'), 'clinic', 'typed');
    expect(row).toMatchObject(wanted(mariadbCases));
  });

  /** More than a line and three pages hold, so that the source has not sent everything when it is cut. */
  const [most, filling] = [40_000, "REPEAT('x', 1000)"];

  it.each([
    ['numbers', 'k INT', 'k', 'seq'],
    ['texts', 'k VARCHAR(40) COLLATE utf8mb4_unicode_ci', 'k', `CONCAT('é', seq, ' \\'"')`],
    ['two columns', 'k INT, l VARCHAR(20) COLLATE latin1_swedish_ci', 'k, l', `seq % 7, CONCAT('x', seq)`],
    ['times', 'k DATETIME(6)', 'k', "'2026-01-01 00:00:00.000001' + INTERVAL seq SECOND"],
  ])('goes on behind the row that it came to, by a key of %s', async (_, columns, key, value) => {
    const table = `keyed_${crypto.randomUUID().slice(0, 8)}`;
    await db.sql(`CREATE TABLE clinic.${table} (${columns}, n INT, filling TEXT, PRIMARY KEY (${key}))`);
    await db.sql(`INSERT INTO clinic.${table} SELECT ${value}, seq, ${filling} FROM seq_1_to_${most}`);
    const to = { ...place, schema: table };
    const spec = tablesSpec({ target: db.target(reader, 'clinic'), schema: 'clinic', tables: [table] }, to);
    const { end, statements } = await cutOnce(db, spec);
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { [table]: most } } });
    const [sum] = await place.query(`SELECT count(DISTINCT n) AS n, count(*) AS rows FROM ${table}.${table}`);
    expect(sum).toEqual({ n: String(most), rows: String(most) });
    expect(statements).toEqual([
      expect.not.stringContaining('WHERE'),
      expect.stringMatching(/ WHERE .* > .* ORDER BY /),
    ]);
  });

  it('begins anew without a key, and drops what went meanwhile', async () => {
    await db.sql('CREATE TABLE clinic.loose (n INT, filling TEXT)');
    await db.sql(`INSERT INTO clinic.loose SELECT seq, ${filling} FROM seq_1_to_${most}`);
    const to = { ...place, schema: 'loose' };
    const spec = tablesSpec({ target: db.target(reader, 'clinic'), schema: 'clinic', tables: ['loose'] }, to);
    const { end, statements } = await cutOnce(db, spec, () =>
      db.sql('DELETE FROM clinic.loose WHERE n > 100'),
    );
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { loose: 100 } } });
    const [sum] = await place.query('SELECT count(DISTINCT n) AS n, max(n) AS most FROM loose.loose');
    expect(sum).toEqual({ n: '100', most: '100' });
    expect(statements).toHaveLength(2);
  });
});

/** Runs it; its reading session is ended by the server's administrator once a page was committed. Tells what read the table. */
async function cutOnce(
  db: Mariadb,
  spec: ReturnType<typeof tablesSpec>,
  meanwhile: () => Promise<unknown> = async () => {},
) {
  await db.sql("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON; TRUNCATE mysql.general_log");
  let cut: Promise<void> | null = null;
  const end = await runTables(spec, {
    // Whatever is tried again waits until that is done.
    clock: {
      ...systemClock,
      async sleep(ms, signal) {
        await cut;
        await systemClock.sleep(ms, signal);
      },
    },
    onProgress({ tables }) {
      if (cut !== null || !tables.some(({ fetched }) => fetched > 0)) return;
      cut = (async () => {
        const sessions = await db.sql("SELECT id FROM information_schema.processlist WHERE user = 'reader'");
        for (const [id] of sessions) await db.sql(`KILL CONNECTION ${id}`).catch(() => {});
        await meanwhile();
      })();
    },
  });
  expect(cut).not.toBeNull();
  await cut;
  const [table = ''] = spec.datasets;
  const found = await db.sql(
    'SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log ORDER BY event_time',
  );
  const read = `FROM \`clinic\`.\`${table}\``;
  return { end, statements: found.map(([sql]) => sql ?? '').filter((sql) => sql.includes(read)) };
}

const clickhouseCases: readonly Case[] = [
  each('an_int8', 'Int8', '-128', 'bigint'),
  each('a_uint32', 'UInt32', '4294967295', 'bigint'),
  each('a_uint64', 'UInt64', '18446744073709551615', 'numeric'),
  each('an_int256', 'Int256', "'-170141183460469231731687303715884105728'", 'numeric'),
  each('a_decimal', 'Decimal(38, 10)', "'1234567890123456789.0123456789'", 'numeric'),
  each('a_double', 'Float64', '0.30000000000000004', 'numeric'),
  each('not_a_number', 'Float64', 'nan', 'text', 'nan'),
  each('a_boolean', 'Bool', 'true', 'boolean', 't'),
  each('a_date', 'Date', "'2024-02-29'", 'date'),
  each('a_date32', 'Date32', "'1925-01-02'", 'date'),
  each(
    'an_instant',
    "DateTime('Asia/Kolkata')",
    "'2024-02-29 23:59:59'",
    'timestamp with time zone',
    '2024-02-29 18:29:59+00',
  ),
  each(
    'a_fine_instant',
    "DateTime64(6, 'UTC')",
    "'2024-02-29 23:59:59.000001'",
    'timestamp with time zone',
    '2024-02-29 23:59:59.000001+00',
  ),
  each(
    'nanoseconds',
    "DateTime64(9, 'UTC')",
    "'2024-02-29 23:59:59.000000001'",
    'text',
    '2024-02-29 23:59:59.000000001',
  ),
  each('a_text', 'String', "'naïve ☃'", 'text'),
  each('an_empty', 'String', "''", 'text', ''),
  each('some_bytes', 'String', "unhex('FF00AB')", 'text', '\\xff00ab'),
  each('a_digest', 'FixedString(4)', "unhex('FF00AB01')", 'text', '\\xff00ab01'),
  each('short_fixed', 'FixedString(8)', "'abc'", 'text', 'abc'),
  each('a_code', 'LowCardinality(Nullable(String))', "'007'", 'text'),
  each('a_uuid', 'UUID', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'text'),
  each('a_choice', "Enum8('a' = 1, 'b' = 2)", "'b'", 'text'),
  each('an_address', 'IPv4', "'10.0.0.1'", 'text'),
  each('numbers', 'Array(Int32)', '[1, 2]', 'jsonb', '[1, 2]'),
  each('a_map', 'Map(String, UInt8)', "map('a', 1)", 'jsonb', '{"a": 1}'),
  each('a_tuple', 'Tuple(a Int8, b String)', "(1, 'x')", 'jsonb', '{"a": 1, "b": "x"}'),
  each('nothing', 'Nullable(Int32)', 'NULL', 'bigint', null),
];

describe.skipIf(noChdb !== null)(`ClickHouse's engine ${noChdb ?? ''}`, () => {
  let db: Chdb;
  beforeAll(async () => {
    db = await startChdb();
  }, 120_000);
  afterAll(() => db?.[Symbol.asyncDispose]());

  it('gives every type as it is, or as the text that it prints', async () => {
    await db.sql('CREATE DATABASE clinic');
    const columns = clickhouseCases.map(({ name, type }) => `${name} ${type}`).join(', ');
    await db.sql(`CREATE TABLE clinic.typed (id Int32, ${columns}) ENGINE = MergeTree ORDER BY id`);
    await db.sql(
      `INSERT INTO clinic.typed VALUES (1, ${clickhouseCases.map(({ value }) => value).join(', ')})`,
    );
    const row = await landedRow(
      db.target({ user: 'reader', password: 'canary-réader' }, 'clinic'),
      'clinic',
      'typed',
    );
    expect(row).toMatchObject(wanted(clickhouseCases));
  });
});
