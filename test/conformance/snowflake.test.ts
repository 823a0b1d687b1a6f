import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { snowflake } from '../../main/engines/snowflake/snowflake.ts';
import { meant, pattern } from '../../main/engines/snowflake/sql.ts';
import { insistReading } from '../../main/engines/snowflake/statement.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import {
  type Shown,
  type SimAnswer,
  type SnowflakeSimulator,
  startSnowflake,
} from '../simulators/snowflake/server.ts';
import { states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';

/* Snowflake's SQL API against a simulator. */

const never = new AbortController().signal;
const token = 'pat-canary-90fe1b';
const passphrase = 'passphrase-canary-2c';
const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase },
});
const other = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const everyType: SimAnswer = {
  columns: [
    { name: 'N', type: 'fixed', precision: 38, scale: 0 },
    { name: 'D', type: 'fixed', precision: 38, scale: 18 },
    { name: 'F', type: 'real' },
    { name: 'S', type: 'text' },
    { name: 'DAY', type: 'date' },
    { name: 'T', type: 'timestamp_tz' },
    { name: 'B', type: 'binary' },
    { name: 'V', type: 'variant' },
    { name: 'NONE', type: 'text' },
  ],
  rows: [
    [
      ...['99999999999999999999999999999999999999', '0.100000000000000001', 'NaN', 'नेहा\t"x"\n'],
      ...['2026-01-02', '2026-01-02 03:04:05.123456789+05:30', '00FF', '{"big":9007199254740993}', null],
    ],
  ],
  raw: [['1', '2', '3', '4', '20455', '1767303245.123456789 1770', '00FF', '{}', null]],
};

let sim: SnowflakeSimulator;
/** By the name of its account, which leads to this computer. */
const at = (more: Partial<Target> = {}): Target => ({
  ...localTarget(
    { host: 'myorg-clinic.snowflakecomputing.com', port: sim.port, user: '-', password: token },
    'field',
  ),
  engine: 'snowflake',
  hostAddress: '127.0.0.1',
  ...more,
  settings: { warehouse: 'reports', role: 'headgate_reader', ...more.settings },
});
const byKey = (more: Partial<Target> = {}): Target =>
  at({
    user: 'headgate',
    password: Buffer.from(pair.privateKey),
    keyPassphrase: Buffer.from(passphrase),
    ...more,
    settings: { signIn: 'private_key', ...more.settings },
  });
const climb = (target: Target) =>
  snowflake.test(target, { at: new Date().toISOString(), readOnly: true, lease: null, signal: never });
const open = (target: () => Target = () => at()) =>
  snowflake.reader({
    target: async () => target(),
    settings: poolSettings.parse({ size: 2 }),
    clock: { now: () => Date.now(), sleep: async () => {} } as never,
  });
const asked = { limit: 10_000, timeoutMs: 15_000, idleMs: 60_000 };
const goOn = (): number => [...sim.statements.values()].filter(({ state }) => state === 'running').length;
const queries = () =>
  sim.requests.filter(
    ({ body }) => body?.['statement'] !== undefined && !/^SHOW /.test(String(body['statement'])),
  );

beforeAll(async () => {
  sim = await startSnowflake({
    ...{
      token,
      account: 'MYORG-CLINIC',
      user: 'HEADGATE',
      publicKey: pair.publicKey,
      roles: ['HEADGATE_READER'],
    },
  });
});
afterAll(() => sim[Symbol.asyncDispose]());
beforeEach(() => {
  sim.refuse = null;
  sim.submitMs = 0;
  sim.now = Date.now;
  sim.requests.length = 0;
  sim.statements.clear();
  const id = [{ name: 'ID', type: 'fixed', precision: 9, scale: 0 }];
  const fails = (code: string, sqlState: string, message: string): SimAnswer => ({
    ...{ columns: [], rows: [] },
    fails: { code, sqlState, message },
  });
  sim.answers = new Map<string, SimAnswer>([
    ['SELECT 1', { columns: id, rows: [['1']] }],
    ['SELECT nothing', { columns: id, rows: [] }],
    ['SELECT * FROM types', everyType],
    [
      'SELECT id FROM visits',
      { columns: id, rows: Array.from({ length: 2500 }, (_, n) => [String(n)]), looks: 3 },
    ],
    ['SELECT slow', { columns: id, rows: [['1']], looks: 100_000 }],
    ['SELECT asleep', fails('000606', '57P03', 'No active warehouse selected in the current session.')],
    ['SELECT denied', fails('003001', '42501', 'SQL access control error: Insufficient privileges.')],
    [
      'SELECT quota',
      fails('090073', '22000', 'Warehouse cannot be resumed because resource monitor exceeded its quota.'),
    ],
  ]);
  const type = (text: object): string => JSON.stringify(text);
  const inClinic = 'IN SCHEMA "FIELD"."CLINIC"';
  sim.shows = new Map<string, readonly Shown[]>([
    ['SHOW DATABASES', [{ name: 'FIELDS' }, { name: 'FIELD' }]],
    ['SHOW WAREHOUSES', [{ name: 'REPORTS', state: 'STARTED', auto_resume: 'true' }]],
    [
      'SHOW SCHEMAS IN DATABASE "FIELD"',
      ['INFORMATION_SCHEMA', 'CLINIC', 'empty one'].map((name) => ({ name, comment: '' })),
    ],
    ['SHOW TABLES IN DATABASE "FIELD"', [{ name: 'VISITS', schema_name: 'CLINIC' }]],
    ['SHOW VIEWS IN DATABASE "FIELD"', [{ name: 'TABLES', schema_name: 'INFORMATION_SCHEMA' }]],
    [
      `SHOW TABLES ${inClinic}`,
      [
        { name: 'VISITS', comment: 'Each visit', rows: '3000' },
        { name: 'PEOPLE', comment: '', rows: '12' },
      ],
    ],
    [`SHOW VIEWS ${inClinic}`, [{ name: 'RECENT', comment: '', is_materialized: 'false' }]],
    [
      `SHOW COLUMNS ${inClinic}`,
      [
        {
          ...{ table_name: 'VISITS', column_name: 'ID', comment: 'Key' },
          data_type: type({ type: 'FIXED', precision: 38, scale: 0, nullable: false }),
        },
        {
          ...{ table_name: 'VISITS', column_name: 'PERSON', comment: null },
          data_type: type({ type: 'TEXT', length: 10, nullable: true }),
        },
        {
          ...{ table_name: 'RECENT', column_name: 'AT', comment: null },
          data_type: type({ type: 'TIMESTAMP_NTZ', precision: 0, scale: 9, nullable: true }),
        },
      ],
    ],
    [
      `SHOW PRIMARY KEYS ${inClinic}`,
      [
        { table_name: 'VISITS', column_name: 'PERSON', key_sequence: '2' },
        { table_name: 'VISITS', column_name: 'ID', key_sequence: '1' },
      ],
    ],
    [
      `SHOW IMPORTED KEYS ${inClinic}`,
      [
        {
          ...{ fk_table_name: 'VISITS', fk_column_name: 'PERSON', fk_name: 'fk', key_sequence: '1' },
          ...{ pk_schema_name: 'CLINIC', pk_table_name: 'PEOPLE', pk_column_name: 'ID' },
        },
      ],
    ],
    ['SHOW TABLES IN SCHEMA "FIELD"."empty one"', []],
    ['SHOW VIEWS IN SCHEMA "FIELD"."empty one"', []],
  ]);
});

describe('the ladder', () => {
  it.each(['a token', 'a key'])(
    'is climbed with %s by SHOW alone, which names no warehouse',
    async (kind) => {
      sim.shows.set('SHOW WAREHOUSES', [{ name: 'REPORTS', state: 'SUSPENDED', auto_resume: 'true' }]);
      const test = await climb(kind === 'a token' ? at() : byKey());
      expect(test.error).toBeNull();
      expect(states(test)).toMatchObject({
        tcp: 'ok',
        login: 'ok',
        database: 'ok',
        rights: 'ok',
        write: 'skipped',
      });
      const detail = (name: string) => test.rungs.find((rung) => rung.name === name)?.detail;
      expect(detail('login')).toContain(kind === 'a token' ? 'by the token' : 'headgate');
      expect(detail('rights')).toContain('“REPORTS” is stopped: it starts at the first query');
      expect(queries()).toEqual([]);
      expect(sim.requests.every(({ body }) => body?.['warehouse'] === undefined)).toBe(true);
      expect(new Set(sim.requests.map(({ type }) => type))).toEqual(
        new Set([kind === 'a token' ? 'PROGRAMMATIC_ACCESS_TOKEN' : 'KEYPAIR_JWT']),
      );
      // The role is the lock, so it goes with every request.
      const sent = sim.requests.filter(({ body }) => body !== null);
      expect(sent.every(({ body }) => body?.['role'] === 'HEADGATE_READER')).toBe(true);
    },
  );
  it('warns of a warehouse that stays suspended, and says whose is used where none is named', async () => {
    sim.shows.set('SHOW WAREHOUSES', [{ name: 'REPORTS', state: 'SUSPENDED', auto_resume: 'false' }]);
    expect(states(await climb(at()))['rights']).toBe('warns');
    const own = await climb(at({ settings: { warehouse: '' } }));
    expect(own.error).toBeNull();
    expect(own.rungs.find(({ name }) => name === 'rights')?.detail).toContain('the user’s own');
  });
  it.each([
    ['a token that ended', () => at({ password: Buffer.from('canary-old') }), 'DB_LOGIN_REFUSED', 'login'],
    [
      'a secret that is no key',
      () => byKey({ password: Buffer.from('canary') }),
      'DB_LOGIN_REFUSED',
      'login',
    ],
    [
      'a passphrase that does not open it',
      () => byKey({ keyPassphrase: Buffer.from('canary') }),
      'DB_LOGIN_REFUSED',
      'login',
    ],
    ['a key without its passphrase', () => byKey({ keyPassphrase: null }), 'DB_LOGIN_REFUSED', 'login'],
    ['another account', () => byKey({ host: 'other.snowflakecomputing.com' }), 'DB_LOGIN_REFUSED', 'login'],
    ['a database that is not there', () => at({ database: 'elsewhere' }), 'DB_MISSING', 'database'],
    ['a name in other letters', () => at({ database: '"field"' }), 'DB_MISSING', 'database'],
    [
      'a role that may not be taken',
      () => at({ settings: { role: 'accountadmin' } }),
      'DB_NO_RIGHT',
      'database',
    ],
    ['a warehouse that is not there', () => at({ settings: { warehouse: 'nope' } }), 'DB_MISSING', 'rights'],
  ] as const)('stops at %s', async (_, target, code, rung) => {
    const test = await climb(target());
    expect(test.error?.code).toBe(code);
    expect(states(test)[rung]).toBe('failed');
    expect(JSON.stringify(test)).not.toMatch(/canary|PRIVATE KEY/);
  });
  it.each([
    [{ status: 404, body: '<html>' }, 'DB_MISSING'],
    [{ status: 200, body: '<html>' }, 'DB_REFUSED'],
    [{ status: 401, body: { code: '390432', message: 'Network policy is required.' } }, 'DB_LOGIN_REFUSED'],
    [{ status: 429, body: { code: '390505', message: 'Too many requests.' } }, 'DB_LOST'],
  ] as const)('says what it is: %o', async (refusal, code) => {
    sim.refuse = { ...refusal, times: 9 };
    const test = await climb(at());
    expect(test.error?.code).toBe(code);
  });
  it('hands over the statement that makes a key known', async () => {
    const test = await climb(byKey({ password: Buffer.from(other.privateKey), keyPassphrase: null }));
    expect(test.error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: expect.stringContaining('headgate'),
    });
    const half = other.publicKey.replace(/-----[^-]+-----|\s/g, '');
    expect(test.fixSql).toBe(`ALTER USER "HEADGATE" SET RSA_PUBLIC_KEY = '${half}';`);
  });
  it('says so where the clock of this computer is off', async () => {
    sim.now = () => Date.now() + 600_000;
    expect((await climb(byKey())).error?.message).toContain('clock');
  });
  it('says which grants are missing', async () => {
    sim.shows.set('SHOW TABLES IN DATABASE "FIELD"', []);
    const test = await climb(at());
    expect(test.error?.code).toBe('DB_NO_RIGHT');
    expect(test.fixSql).toContain(
      'GRANT SELECT ON ALL TABLES IN DATABASE "FIELD" TO ROLE "HEADGATE_READER";',
    );
  });
});

it('is watched without a query', async () => {
  expect(await snowflake.check(byKey(), never)).toBeGreaterThan(0);
  expect(await codeOf(() => snowflake.check(at({ password: Buffer.from('x') }), never))).toBe(
    'DB_LOGIN_REFUSED',
  );
  expect(queries()).toEqual([]);
});

it('has a structure by SHOW: parts, comments, keys in their order, views', async () => {
  const look = open();
  const { schemas, cut } = await look.structure(never);
  expect(cut).toBe(false);
  expect(schemas.map(({ name }) => name)).toEqual(['CLINIC', 'empty one']);
  expect(schemas[0]?.tables).toMatchObject([
    {
      ...{ name: 'VISITS', kind: 'table', comment: 'Each visit', rows: 3000, primaryKey: ['ID', 'PERSON'] },
      foreignKeys: [{ columns: ['PERSON'], references: 'CLINIC.PEOPLE', referenced: ['ID'] }],
      columns: [
        { name: 'ID', type: 'NUMBER(38,0)', nullable: false, comment: 'Key' },
        { name: 'PERSON', type: 'VARCHAR', nullable: true, comment: null },
      ],
    },
    { name: 'PEOPLE', rows: 12, primaryKey: [], foreignKeys: [] },
    { name: 'RECENT', kind: 'view', rows: null, columns: [{ name: 'AT', type: 'TIMESTAMP_NTZ' }] },
  ]);
  expect(queries()).toEqual([]);
  await look.close();
});

describe('a query', () => {
  it.each(['a token', 'a key'])('is waited for, then read part by part, with %s', async (kind) => {
    const look = open(() => (kind === 'a token' ? at() : byKey()));
    const answer = await look.ask({ ...asked, sql: 'SELECT id FROM visits;' }, never);
    expect(answer).toMatchObject({ role: 'HEADGATE_READER', columns: [{ name: 'ID', type: 'NUMBER(9,0)' }] });
    const first = await answer.next(1200, never);
    expect(first).toMatchObject({ soFar: 1200, end: 'open' });
    const second = await answer.next(5000, never);
    expect(second).toMatchObject({ soFar: 2500, end: 'done' });
    expect([...first.rows, ...second.rows].map(([id]) => Number(id))).toEqual(
      Array.from({ length: 2500 }, (_, n) => n),
    );
    expect(queries()[0]?.body).toMatchObject({
      ...{ statement: 'SELECT id FROM visits', timeout: 15, warehouse: 'REPORTS', role: 'HEADGATE_READER' },
      ...{ database: 'FIELD', parameters: { multi_statement_count: '1', rows_per_resultset: '10001' } },
    });
    await look.close();
  });
  it('ends at its limit, and may have no rows', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, limit: 100, sql: 'SELECT id FROM visits' }, never);
    expect(await answer.next(1000, never)).toMatchObject({ soFar: 100, end: 'limit' });
    const none = await look.ask({ ...asked, sql: 'SELECT nothing' }, never);
    expect(await none.next(10, never)).toMatchObject({ rows: [], end: 'done' });
    await look.close();
  });
  it('gives every value whole, as text', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, sql: 'SELECT * FROM types' }, never);
    expect((await answer.next(1, never)).rows).toEqual(everyType.rows);
    expect(answer.columns.map(({ type }) => type)).toEqual([
      ...[
        'NUMBER(38,0)',
        'NUMBER(38,18)',
        'FLOAT',
        'VARCHAR',
        'DATE',
        'TIMESTAMP_TZ',
        'BINARY',
        'VARIANT',
        'VARCHAR',
      ],
    ]);
    await look.close();
  });
  it('is sent again by the same id where it was not taken, so that it runs once', async () => {
    const look = open();
    sim.refuse = { status: 503, body: { code: '', message: 'Unavailable' }, times: 2 };
    const answer = await look.ask({ ...asked, sql: 'SELECT 1' }, never);
    expect(await answer.next(10, never)).toMatchObject({ rows: [['1']], end: 'done' });
    const sent = queries().map(({ path }) => new URL(path, 'http://x').searchParams);
    expect(new Set(sent.map((search) => search.get('requestId'))).size).toBe(1);
    expect(sent.map((search) => search.get('retry'))).toEqual([null, 'true', 'true']);
    await look.close();
  });
  it.each([
    ['DELETE FROM visits', 'QUERY_REFUSED', undefined],
    ['SELECT 1 ->> DELETE FROM visits', 'QUERY_REFUSED', undefined],
    ['SELECT selec', 'QUERY_FAILED', 'syntax'],
    ['SELECT denied', 'QUERY_FAILED', 'permission'],
    ['SELECT asleep', 'QUERY_FAILED', 'execution'],
    ['SELECT quota', 'QUERY_FAILED', 'too_many'],
  ])('that does not read, or fails, is told apart: %s', async (sql, code, trouble) => {
    const look = open();
    const error = await look.ask({ ...asked, sql }, never).catch((found) => found);
    expect(error.code).toBe(code);
    if (trouble !== undefined) expect(error.query).toMatchObject({ trouble });
    expect(queries().length).toBe(code === 'QUERY_REFUSED' ? 0 : 1);
    await look.close();
  });
  it('is ended at the service when it takes too long, and when nobody waits', async () => {
    const look = open(() => byKey());
    expect(await codeOf(() => look.ask({ ...asked, timeoutMs: 300, sql: 'SELECT slow' }, never))).toBe(
      'QUERY_TIMEOUT',
    );
    await expect.poll(goOn, { timeout: 10_000 }).toBe(0);
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT slow' }, stop.signal));
    await expect.poll(goOn).toBe(1);
    stop.abort();
    expect(await waiting).toBe('CANCELLED');
    await expect.poll(goOn, { timeout: 10_000 }).toBe(0);
    await look.close();
  });
  it('that was on its way when nobody waited any more is ended as well', async () => {
    sim.submitMs = 2500;
    const look = open();
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT slow' }, stop.signal));
    await expect.poll(() => queries().length).toBe(1);
    stop.abort();
    expect(await waiting).toBe('CANCELLED');
    await expect
      .poll(() => [...sim.statements.values()].map(({ state }) => state).at(-1), { timeout: 20_000 })
      .toBe('ended');
    await look.close();
  });
  it('carries no secret but where it signs in', async () => {
    const look = open(() => byKey());
    const answer = await look.ask({ ...asked, sql: 'SELECT 1' }, never);
    await answer.next(10, never);
    const bad = open(() => byKey({ keyPassphrase: Buffer.from('canary') }));
    const error = await bad.ask({ ...asked, sql: 'SELECT 1' }, never).catch((found) => found);
    expect(error.code).toBe('DB_LOGIN_REFUSED');
    const { cause } = error as Error;
    expect(JSON.stringify([answer, sim.requests, error.toWire(), error.stack, String(cause)])).not.toMatch(
      /canary|PRIVATE KEY/,
    );
    await Promise.all([look.close(), bad.close()]);
  });
});

describe('what is written into SQL', () => {
  it('is the name that somebody means', () => {
    expect(meant('field')).toBe('FIELD');
    expect(meant('"field"')).toBe('field');
    expect(meant('"a""b"')).toBe('a"b');
    expect(meant('my db')).toBe('my db');
    expect(pattern("o'a_b%")).toBe("'o\\'a\\\\_b\\\\%'");
  });
  it.each([
    'SELECT 1',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'SELECT \'a;b\', "x;y", $$ ; DELETE $$ // ; DELETE',
    'SHOW TABLES',
    "SELECT v:a.b::string, x->'y' FROM t",
  ])('passes the gate: %s', (sql) => {
    expect(insistReading(sql)).toBe(sql);
  });
  it.each([
    'SELECT 1; DELETE FROM a',
    'SELECT 1 ->> DELETE FROM a',
    'WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$ BEGIN DELETE FROM a; END $$ CALL p()',
    'SELECT SYSTEM$ABORT_SESSION(1)',
    '/* /* */ DELETE FROM a',
    'CALL p()',
    'EXECUTE IMMEDIATE $$ DELETE FROM a $$',
    'SELECT $$ never closed',
    "SELECT 'never closed \\'",
    'USE ROLE ACCOUNTADMIN',
  ])('is refused at the gate: %s', (sql) => {
    expect(() => insistReading(sql)).toThrow(expect.objectContaining({ code: 'QUERY_REFUSED' }));
  });
});
