import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databricks } from '../../main/engines/databricks/databricks.ts';
import { insistReading } from '../../main/engines/databricks/statement.ts';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import {
  type DatabricksSimulator,
  type SimAnswer,
  startDatabricks,
} from '../simulators/databricks/server.ts';
import { states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';

/* Databricks' REST interfaces against a simulator, which its vendor's own library reads too where that is installed. */

const never = new AbortController().signal;
const token = 'dapi-canary-5c1d9f';
const clientSecret = 'dose-canary:77a1&b=';
const clientId = '0d4c1f3e-7b7a-4b0e-9a51-1a2b3c4d5e6f';
const who = 'asha@example.org';

const everyType: SimAnswer = {
  columns: [
    { name: 'l', type: 'LONG', text: 'BIGINT' },
    { name: 'd', type: 'DECIMAL', text: 'DECIMAL(38,18)' },
    { name: 'f', type: 'DOUBLE' },
    { name: 's', type: 'STRING' },
    { name: 't', type: 'TIMESTAMP' },
    { name: 'n', type: 'USER_DEFINED_TYPE', text: 'TIMESTAMP_NTZ' },
    { name: 'st', type: 'STRUCT', text: 'STRUCT<a: BIGINT, b: ARRAY<STRING>>' },
    { name: 'none', type: 'STRING' },
  ],
  rows: [
    [
      ...['9223372036854775807', '12345678901234567890.123456789012345678', 'NaN', 'नेहा\t"x"\n'],
      ...['2024-01-02T03:04:05.123Z', '2024-01-02T03:04:05.123456', '{"a":"9007199254740993","b":["1"]}'],
      null,
    ],
  ],
};

let sim: DatabricksSimulator;
const at = (more: Partial<Target> = {}): Target => ({
  ...localTarget({ host: '127.0.0.1', port: sim.port, user: '-', password: token }, 'field'),
  engine: 'databricks',
  ...more,
  settings: { warehouse: 'wh-1', ...more.settings },
});
const asService = (more: Partial<Target> = {}): Target =>
  at({
    user: clientId,
    password: Buffer.from(clientSecret),
    ...more,
    settings: { signIn: 'client_secret', ...more.settings },
  });
const climb = (target: Target) =>
  databricks.test(target, { at: new Date().toISOString(), readOnly: true, lease: null, signal: never });
const open = (target: () => Target = () => at()) =>
  databricks.reader({
    target: async () => target(),
    settings: poolSettings.parse({ size: 2 }),
    clock: { now: () => Date.now(), sleep: async () => {} } as never,
  });
const asked = { limit: 10_000, timeoutMs: 15_000, idleMs: 60_000 };
const isStatement = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path.endsWith('/sql/statements');
const goOn = (): number =>
  [...sim.statements.values()].filter(({ state }) => state === 'PENDING' || state === 'RUNNING').length;

beforeAll(async () => {
  sim = await startDatabricks({
    ...{ token, clientId, clientSecret, catalog: 'field', warehouse: 'wh-1', user: who },
  });
});
afterAll(() => sim[Symbol.asyncDispose]());
beforeEach(() => {
  Object.assign(sim, { linkMs: 900_000, refusedLinks: 0, linkBase: null, deafCancels: 0, started: 0 });
  sim.emptyPages = true;
  sim.submitMs = 0;
  sim.warehouse.state = 'RUNNING';
  sim.refuse.clear();
  sim.statements.clear();
  sim.requests.length = 0;
  sim.fetches.length = 0;
  const ids = Array.from({ length: 2500 }, (_, n) => [String(n)]);
  const id = [{ name: 'id', type: 'LONG', text: 'BIGINT' }];
  const denied = {
    code: 'PERMISSION_DENIED',
    sqlState: '42501',
    message: '[INSUFFICIENT_PERMISSIONS] User does not have SELECT on Table t. SQLSTATE: 42501',
  };
  sim.answers = new Map<string, SimAnswer>([
    ['SELECT 1', { columns: id, rows: [['1']] }],
    ['SELECT nothing', { columns: id, rows: [] }],
    ['SELECT * FROM types', everyType],
    ['SELECT id FROM visits', { columns: id, rows: ids, pending: 1, running: 1 }],
    ['SELECT slow', { columns: id, rows: [['1']], running: 100_000 }],
    ['SELECT asleep', { columns: id, rows: [['1']], pending: 100_000 }],
    ['SELECT denied', { columns: [], rows: [], fails: denied }],
    ['SELECT numbers', { columns: id, rows: [['1']], raw: '[[9007199254740993]]' }],
    ['SELECT page', { columns: id, rows: [['1']], raw: '<html>' }],
  ]);
  sim.schemas = new Map([
    ['empty_one', []],
    [
      'clinic',
      [
        {
          name: 'visits',
          table_type: 'MANAGED',
          comment: 'Each visit',
          columns: [
            { name: 'id', type_text: 'bigint', nullable: false, comment: 'Key' },
            { name: 'place', type_text: 'struct<Lat:double,Lon:double>', nullable: true },
          ],
          constraints: [
            { primary_key_constraint: { name: 'pk', child_columns: ['id'] } },
            {
              foreign_key_constraint: {
                ...{ name: 'fk', child_columns: ['person'], parent_table: 'field.clinic.people' },
                parent_columns: ['id'],
              },
            },
          ],
        },
        { name: 'recent', table_type: 'VIEW', columns: [] },
        { name: 'other', table_type: 'FOREIGN', columns: [] },
      ],
    ],
  ]);
});

describe('the ladder', () => {
  it.each(['a token', 'a service principal'])(
    'is climbed with %s, and no warehouse is started',
    async (kind) => {
      sim.warehouse.state = 'STOPPED';
      const isToken = kind === 'a token';
      const test = await climb(isToken ? at() : asService());
      expect(test.error).toBeNull();
      expect(states(test)).toMatchObject({
        tcp: 'ok',
        login: 'ok',
        database: 'ok',
        rights: 'ok',
        write: 'skipped',
      });
      const detail = (name: string) => test.rungs.find((rung) => rung.name === name)?.detail;
      expect(detail('login')).toContain(isToken ? who : clientId);
      expect(detail('rights')).toContain('“Reports” is stopped: it starts at the first query');
      expect(sim.requests.some(isStatement)).toBe(false);
      expect(sim.requests.some(({ path }) => path.includes('/start'))).toBe(false);
    },
  );
  it('takes the HTTP path of a warehouse for its id', async () => {
    const test = await climb(at({ settings: { warehouse: '/sql/1.0/warehouses/wh-1' } }));
    expect(test.error).toBeNull();
  });
  it.each([
    [
      'a token that ended',
      () => at({ password: Buffer.from('dapi-canary-old') }),
      'DB_LOGIN_REFUSED',
      'login',
    ],
    [
      'a wrong secret of a service principal',
      () => asService({ password: Buffer.from('canary-wrong') }),
      'DB_LOGIN_REFUSED',
      'login',
    ],
    ['a catalog that is not there', () => at({ database: 'elsewhere' }), 'DB_MISSING', 'database'],
    [
      'a workspace of before Unity Catalog',
      () => at({ database: 'hive_metastore' }),
      'DB_MISSING',
      'database',
    ],
    ['a warehouse that is not there', () => at({ settings: { warehouse: 'wh-2' } }), 'DB_MISSING', 'rights'],
  ] as const)('stops at %s', async (_, target, code, rung) => {
    const test = await climb(target());
    expect(test.error?.code).toBe(code);
    expect(states(test)[rung]).toBe('failed');
    expect(JSON.stringify(test)).not.toContain('canary');
  });
  it.each([
    [
      'a network that is not let in',
      '/api/2.0/preview/scim',
      {
        status: 403,
        body: {
          error_code: '403',
          message: 'Source IP address: 1.2.3.4 is blocked by Databricks IP ACL for workspace',
        },
      },
      'DB_LOGIN_REFUSED',
      'login',
    ],
    ['a page of somebody else', '/', { status: 200, body: '<html>Sign in</html>' }, 'DB_REFUSED', 'login'],
    [
      'a way to another page',
      '/',
      { status: 303, body: '', headers: { Location: 'https://login.example.org' } },
      'DB_REFUSED',
      'login',
    ],
    [
      'a catalog that may not be used',
      '/api/2.1/unity-catalog/catalogs',
      { status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'User does not have USE CATALOG.' } },
      'DB_NO_RIGHT',
      'database',
    ],
    [
      'a warehouse that may not be used',
      '/api/2.0/sql/warehouses',
      { status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'asha does not have CAN USE.' } },
      'DB_NO_RIGHT',
      'rights',
    ],
    [
      'an id that is none',
      '/api/2.0/sql/warehouses',
      {
        status: 400,
        body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'wh-1 is not a valid endpoint id.' },
      },
      'DB_MISSING',
      'rights',
    ],
  ])('says what it is: %s', async (_, path, refusal, code, rung) => {
    sim.refuse.set(path, refusal);
    const test = await climb(at());
    expect(test.error?.code).toBe(code);
    expect(states(test)[rung]).toBe('failed');
  });
  it('goes on with a token that may not tell whose it is', async () => {
    sim.refuse.set('/api/2.0/preview/scim', {
      status: 403,
      body: { error_code: 'PERMISSION_DENIED', message: 'scope' },
    });
    const test = await climb(at());
    expect(test.error).toBeNull();
  });
  it('says which rights are missing', async () => {
    sim.schemas = new Map([['empty_one', []]]);
    const test = await climb(at());
    expect(test.error?.code).toBe('DB_NO_RIGHT');
    expect(test.fixSql).toBe(`GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG \`field\` TO \`${who}\`;`);
  });
  it('waits as long as it is told where it comes too soon', async () => {
    sim.refuse.set('/api/2.0/sql/warehouses', {
      ...{ status: 429, headers: { 'Retry-After': '0' }, times: 2 },
      body: { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many requests' },
    });
    expect((await climb(at())).error).toBeNull();
    sim.refuse.set('/api/2.0/sql/warehouses', {
      ...{ status: 429, headers: { 'Retry-After': '0' } },
      body: { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many requests' },
    });
    expect((await climb(at())).error?.code).toBe('DB_LOST');
  });
});

it('is watched without a statement', async () => {
  sim.warehouse.state = 'STOPPED';
  expect(await databricks.check(at(), never)).toBeGreaterThan(0);
  expect(await codeOf(() => databricks.check(at({ password: Buffer.from('x') }), never))).toBe(
    'DB_LOGIN_REFUSED',
  );
  expect(sim.requests.some(isStatement)).toBe(false);
});

it('has a structure: empty pages, comments, keys, views, and no warehouse for it', async () => {
  const look = open();
  const { schemas, cut } = await look.structure(never);
  expect(cut).toBe(false);
  expect(schemas.map(({ name }) => name)).toEqual(['empty_one', 'clinic']);
  expect(schemas[1]?.tables).toMatchObject([
    {
      name: 'visits',
      kind: 'table',
      comment: 'Each visit',
      rows: null,
      primaryKey: ['id'],
      foreignKeys: [{ columns: ['person'], references: 'clinic.people', referenced: ['id'] }],
      columns: [
        { name: 'id', type: 'bigint', nullable: false, comment: 'Key' },
        { name: 'place', type: 'struct<Lat:double,Lon:double>', nullable: true },
      ],
    },
    { name: 'recent', kind: 'view' },
    { name: 'other', kind: 'foreign' },
  ]);
  expect(sim.requests.some(isStatement)).toBe(false);
  await look.close();
});

describe('a query', () => {
  it.each(['a token', 'a service principal'])('is waited for, then read by links, as %s', async (kind) => {
    const look = open(() => (kind === 'a token' ? at() : asService()));
    const answer = await look.ask({ ...asked, sql: 'SELECT id FROM visits;' }, never);
    expect(answer).toMatchObject({
      role: kind === 'a token' ? who : clientId,
      columns: [{ name: 'id', type: 'BIGINT' }],
    });
    const first = await answer.next(1200, never);
    expect(first).toMatchObject({ soFar: 1200, end: 'open' });
    const second = await answer.next(5000, never);
    expect(second).toMatchObject({ soFar: 2500, end: 'done' });
    expect([...first.rows, ...second.rows].map(([id]) => Number(id))).toEqual(
      Array.from({ length: 2500 }, (_, n) => n),
    );
    expect(sim.requests.find(isStatement)?.body).toMatchObject({
      ...{ warehouse_id: 'wh-1', catalog: 'field', disposition: 'EXTERNAL_LINKS', format: 'JSON_ARRAY' },
      ...{ wait_timeout: '0s', row_limit: 10_001 },
    });
    // A link is the right to read; what signs the requests of the workspace is not sent to where it leads.
    expect(sim.fetches.length).toBe(3);
    for (const { headers } of sim.fetches) {
      expect(headers.authorization).toBeUndefined();
      expect(JSON.stringify(headers)).not.toContain('canary');
      expect(headers.host).toBe(`127.0.0.1:${sim.storagePort}`);
    }
    await look.close();
  });
  it('ends at its limit, and the service is told the limit', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, limit: 100, sql: 'SELECT id FROM visits' }, never);
    expect(await answer.next(1000, never)).toMatchObject({ soFar: 100, end: 'limit' });
    expect([...sim.statements.values()][0]).toMatchObject({ truncated: true });
    await look.close();
  });
  it('may have no rows', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, sql: 'SELECT nothing' }, never);
    expect(await answer.next(10, never)).toMatchObject({ rows: [], end: 'done' });
    await look.close();
  });
  it('gives every value whole, and refuses what may have been rounded', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, sql: 'SELECT * FROM types' }, never);
    expect((await answer.next(1, never)).rows).toEqual(everyType.rows);
    expect(answer.columns.map(({ type }) => type)).toEqual([
      ...['BIGINT', 'DECIMAL(38,18)', 'DOUBLE', 'STRING', 'TIMESTAMP', 'TIMESTAMP_NTZ'],
      ...['STRUCT<a: BIGINT, b: ARRAY<STRING>>', 'STRING'],
    ]);
    for (const sql of ['SELECT numbers', 'SELECT page'])
      expect(await codeOf(() => look.ask({ ...asked, sql }, never))).toBe('DB_ERROR');
    await look.close();
  });
  it('asks for a link anew where one has ended', async () => {
    const look = open();
    sim.refusedLinks = 1;
    const answer = await look.ask({ ...asked, sql: 'SELECT id FROM visits' }, never);
    sim.refusedLinks = 2;
    expect(await answer.next(5000, never)).toMatchObject({ soFar: 2500, end: 'done' });
    sim.refusedLinks = 100;
    const failing = await look.ask({ ...asked, sql: 'SELECT 1' }, never).catch((error) => error);
    expect(failing).toMatchObject({ code: 'DB_LOST' });
    expect(`${failing.message} ${JSON.stringify(failing.toWire())} ${failing.stack}`).not.toMatch(
      /Signature|results\//,
    );
    // One that is about to end is not even gone to.
    sim.refusedLinks = 0;
    sim.linkMs = -1;
    sim.fetches.length = 0;
    expect(await codeOf(() => look.ask({ ...asked, sql: 'SELECT 1' }, never))).toBe('DB_LOST');
    expect(sim.requests.filter(({ path }) => path.includes('/chunks/0')).length).toBeGreaterThan(1);
    await look.close();
  });
  it('goes to no link that is less safe than the workspace', async () => {
    const strange = ['ftp://127.0.0.1', 'file:///etc', 'http://user:pw@127.0.0.1', 'nonsense'];
    for (const base of strange) {
      sim.linkBase = base;
      const look = open();
      expect(await codeOf(() => look.ask({ ...asked, sql: 'SELECT 1' }, never)), base).toBe('DB_ERROR');
      await look.close();
    }
    expect(sim.fetches).toEqual([]);
  });
  it.each([
    ['DELETE FROM visits WHERE true', 'QUERY_REFUSED'],
    ['WITH a AS (SELECT 1) INSERT INTO visits SELECT * FROM a', 'QUERY_REFUSED'],
    ['  ;', 'QUERY_REFUSED'],
    ['SELEC 1', 'QUERY_REFUSED'],
    ['SELECT selec', 'QUERY_FAILED'],
    ['SELECT denied', 'QUERY_FAILED'],
  ])('that does not read, or fails, is told apart: %s', async (sql, code) => {
    const look = open();
    expect(await codeOf(() => look.ask({ ...asked, sql }, never))).toBe(code);
    if (code === 'QUERY_REFUSED') expect(sim.requests.some(isStatement)).toBe(false);
    await look.close();
  });
  it('tells what its trouble is', async () => {
    const look = open();
    const failed = (sql: string) => look.ask({ ...asked, sql }, never).catch((error) => error);
    expect(await failed('SELECT selec')).toMatchObject({
      query: { trouble: 'syntax' },
      message: expect.stringContaining('PARSE_SYNTAX_ERROR'),
    });
    expect(await failed('SELECT denied')).toMatchObject({ query: { trouble: 'permission' } });
    await look.close();
  });
  it('is ended at the service when it takes too long, also where the order is not heard at first', async () => {
    const look = open();
    sim.deafCancels = 1;
    expect(await codeOf(() => look.ask({ ...asked, timeoutMs: 300, sql: 'SELECT slow' }, never))).toBe(
      'QUERY_TIMEOUT',
    );
    await expect.poll(goOn, { timeout: 10_000 }).toBe(0);
    await look.close();
  });
  it('is ended at the service when nobody waits', async () => {
    const look = open();
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT slow' }, stop.signal));
    await expect.poll(goOn).toBe(1);
    stop.abort();
    expect(await waiting).toBe('CANCELLED');
    await expect.poll(goOn, { timeout: 10_000 }).toBe(0);
    await look.close();
  });
  it('says so where the warehouse was not there in time', async () => {
    sim.warehouse.state = 'STOPPED';
    const look = open();
    const error = await look
      .ask({ ...asked, timeoutMs: 300, sql: 'SELECT asleep' }, never)
      .catch((found) => found);
    expect(error).toMatchObject({ code: 'QUERY_TIMEOUT', message: expect.stringContaining('warehouse') });
    await expect.poll(goOn, { timeout: 10_000 }).toBe(0);
    expect(sim.started).toBe(1);
    await look.close();
  });
  it('that nobody may sign in for says so', async () => {
    const look = open(() => asService({ password: Buffer.from('canary-wrong') }));
    expect(await codeOf(() => look.ask({ ...asked, sql: 'SELECT 1' }, never))).toBe('DB_LOGIN_REFUSED');
    expect(await codeOf(() => look.structure(never))).toBe('DB_LOGIN_REFUSED');
    await look.close();
  });
  it('that was on its way when nobody waited any more is ended as well', async () => {
    sim.submitMs = 2500;
    const look = open();
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT slow' }, stop.signal));
    await expect.poll(() => sim.requests.filter(isStatement).length).toBe(1);
    stop.abort();
    expect(await waiting).toBe('CANCELLED');
    await expect
      .poll(() => [...sim.statements.values()].map(({ state }) => state).at(-1), { timeout: 20_000 })
      .toBe('CANCELED');
    await look.close();
  });
  it('carries no secret but where it signs in', async () => {
    const look = open(() => asService());
    const answer = await look.ask({ ...asked, sql: 'SELECT 1' }, never);
    await answer.next(10, never);
    const told = JSON.stringify([answer, sim.requests, sim.fetches]);
    expect(told).not.toContain('canary');
    await look.close();
  });
});

describe('the gate', () => {
  it.each([
    'SELECT 1',
    ' ( select * from a ) ',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    "SELECT 'a;b', `x;y`, \"it's\" -- ; DELETE",
    "SELECT r'\\' AS backslash",
    '/* /* nested ; */ DELETE */ SELECT 1',
    'SHOW TABLES IN clinic',
    'DESCRIBE HISTORY visits',
    'EXPLAIN SELECT 1',
    "SELECT * FROM visits WHERE note = 'delete me'",
    'SELECT `update`, `insert` FROM visits',
  ])('lets through %s', (sql) => {
    expect(insistReading(sql)).toBe(sql.replace(/[\s;]+$/, ''));
  });
  it.each([
    '',
    '-- nothing',
    'SELECT 1; SELECT 2',
    'INSERT INTO a VALUES (1)',
    'FROM a INSERT INTO b SELECT *',
    'WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a',
    'WITH a AS (SELECT 1) /* c */ MERGE INTO b USING a ON true WHEN MATCHED THEN DELETE',
    'EXPLAIN DELETE FROM a',
    'EXECUTE IMMEDIATE "DELETE FROM a"',
    'BEGIN DELETE FROM a; END',
    "SELECT r'\\'; DELETE FROM a --'",
    "WITH a AS (SELECT '\\' ) INSERT INTO b SELECT 'x')",
    "SELECT 'never closed",
    'SELECT 1 /* never closed',
    'SELECT http_request(conn => "c")',
    'USE CATALOG other',
    'SET x = 1',
    'CALL p()',
    'REFRESH TABLE a',
  ])('refuses %s', (sql) => {
    expect(() => insistReading(sql)).toThrow(expect.objectContaining({ code: 'QUERY_REFUSED' }));
  });
});

const oracles = process.env['HEADGATE_ORACLES'] ?? '';
const noOracle = existsSync(join(oracles, 'node_modules', '@databricks', 'sdk-experimental'))
  ? null
  : 'skipped: HEADGATE_ORACLES names no folder with @databricks/sdk-experimental';
describe.skipIf(noOracle !== null)(`the vendor's own library ${noOracle ?? ''}`, () => {
  it.each(['a token', 'a service principal'])('reads the same from the simulator with %s', async (kind) => {
    const { WorkspaceClient } = createRequire(join(oracles, 'package.json'))('@databricks/sdk-experimental');
    const client = new WorkspaceClient({
      host: `http://127.0.0.1:${sim.port}`,
      ...(kind === 'a token'
        ? { token, authType: 'pat' }
        : { clientId, clientSecret, authType: 'oauth-m2m' }),
    });
    expect((await client.currentUser.me()).userName).toBe(kind === 'a token' ? who : clientId);
    expect((await client.warehouses.get({ id: 'wh-1' })).state).toBe('RUNNING');
    let found = await client.statementExecution.executeStatement({
      ...{ statement: 'SELECT id FROM visits', warehouse_id: 'wh-1', wait_timeout: '0s' },
      ...{ disposition: 'EXTERNAL_LINKS', format: 'JSON_ARRAY' },
    });
    for (let looks = 0; looks < 10 && found.status.state !== 'SUCCEEDED'; looks += 1)
      found = await client.statementExecution.getStatement({ statement_id: found.statement_id });
    expect(found.manifest).toMatchObject({ total_chunk_count: 3, total_row_count: 2500 });
    const rows: string[][] = [];
    for (let index: number | undefined = 0; index !== undefined; ) {
      const chunk: {
        external_links: {
          external_link: string;
          http_headers: Record<string, string>;
          next_chunk_index?: number;
        }[];
      } = await client.statementExecution.getStatementResultChunkN({
        statement_id: found.statement_id,
        chunk_index: index,
      });
      const [link] = chunk.external_links;
      const answer = await fetch(link?.external_link ?? '', { headers: link?.http_headers ?? {} });
      rows.push(...((await answer.json()) as string[][]));
      index = link?.next_chunk_index;
    }
    expect(rows.length).toBe(2500);
    // It takes an empty page for the end.
    sim.emptyPages = false;
    const names: string[] = [];
    for await (const { name } of client.schemas.list({ catalog_name: 'field', max_results: 0 }))
      names.push(name);
    expect(names).toEqual(['information_schema', 'empty_one', 'clinic']);
    const slow = await client.statementExecution.executeStatement({
      ...{ statement: 'SELECT slow', warehouse_id: 'wh-1', wait_timeout: '0s' },
    });
    await client.statementExecution.cancelExecution({ statement_id: slow.statement_id });
    expect(
      (await client.statementExecution.getStatement({ statement_id: slow.statement_id })).status.state,
    ).toBe('CANCELED');
  });
});
