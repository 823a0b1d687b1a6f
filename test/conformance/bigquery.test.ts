import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bigquery } from '../../main/engines/bigquery/bigquery.ts';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { type BigquerySimulator, type SimAnswer, startBigquery } from '../simulators/bigquery/server.ts';
import { states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';

/* BigQuery's REST interface against a simulator, which its vendor's own library reads too where that is installed. */

const never = new AbortController().signal;
const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const email = 'reader@field-data.iam.gserviceaccount.com';
const keyFile = {
  ...{ type: 'service_account', project_id: 'field-data', private_key_id: 'key-1', client_email: email },
  ...{ private_key: pair.privateKey, token_uri: 'https://oauth2.googleapis.com/token' },
};

const everyType: SimAnswer = {
  bytes: 2_000_000_000,
  fields: [
    { name: 'i', type: 'INTEGER' },
    { name: 'f', type: 'FLOAT' },
    { name: 'n', type: 'BIGNUMERIC' },
    { name: 'b', type: 'BOOLEAN' },
    { name: 's', type: 'STRING' },
    { name: 'y', type: 'BYTES' },
    { name: 't', type: 'TIMESTAMP' },
    { name: 'old', type: 'TIMESTAMP' },
    { name: 'dt', type: 'DATETIME' },
    { name: 'a', type: 'INTEGER', mode: 'REPEATED' },
    {
      name: 'r',
      type: 'RECORD',
      mode: 'REPEATED',
      fields: [
        { name: 'at', type: 'TIMESTAMP' },
        {
          name: 'x',
          type: 'RECORD',
          fields: [
            { name: 'big', type: 'INTEGER' },
            { name: 'nan', type: 'FLOAT' },
          ],
        },
      ],
    },
    { name: 'none', type: 'STRING' },
  ],
  rows: [
    [
      ...['9223372036854775807', 'NaN', '1.50', 'true', 'नेहा\t"x"', 'AP8=', '1767323045123456', '-1'],
      ...['2026-01-02T03:04:05', [{ v: '1' }, { v: '9007199254740993' }]],
      [{ v: { f: [{ v: '0' }, { v: { f: [{ v: '9007199254740993' }, { v: 'NaN' }] } }] } }],
      null,
    ],
  ],
};

let sim: BigquerySimulator;
const at = (more: Partial<Target> = {}): Target => ({
  ...localTarget(
    { host: '127.0.0.1', port: sim.port, user: email, password: JSON.stringify(keyFile) },
    'field-data',
  ),
  engine: 'bigquery',
  settings: { location: 'africa-south1' },
  ...more,
});
const climb = (target: Target) =>
  bigquery.test(target, { at: new Date().toISOString(), readOnly: true, lease: null, signal: never });
const open = (more: Partial<Target> = {}) =>
  bigquery.reader({
    target: async () => at(more),
    settings: poolSettings.parse({ size: 2 }),
    clock: { now: () => Date.now(), sleep: async () => {} } as never,
  });
const asked = { limit: 10_000, timeoutMs: 15_000, idleMs: 60_000 };

beforeAll(async () => {
  sim = await startBigquery({
    ...{ project: 'field-data', location: 'africa-south1', publicKey: pair.publicKey, keyId: 'key-1', email },
  });
});
afterAll(() => sim[Symbol.asyncDispose]());
beforeEach(() => {
  sim.refuse = null;
  sim.now = Date.now;
  sim.requests.length = 0;
  sim.cancelled.clear();
  sim.answers = new Map([
    ['SELECT 1', { fields: [{ name: 'f0_', type: 'INTEGER' }], rows: [['1']] }],
    ['SELECT * FROM types', everyType],
    [
      'SELECT id FROM visits',
      {
        fields: [{ name: 'id', type: 'INTEGER' }],
        rows: Array.from({ length: 2500 }, (_, n) => [String(n)]),
        turns: 2,
      },
    ],
    ['SELECT * FROM lake', { fields: [], rows: [], bytes: 3_000_000_000_000 }],
    ['DELETE FROM visits WHERE true', { fields: [], rows: [], statement: 'DELETE' }],
    ['CREATE TABLE x AS SELECT 1', { fields: [], rows: [], statement: 'CREATE_TABLE_AS_SELECT' }],
    ['SELECT slow', { fields: [{ name: 'x', type: 'STRING' }], rows: [['x']], turns: 100_000 }],
    [
      'SELECT denied',
      {
        fields: [],
        rows: [],
        fails: { reason: 'accessDenied', status: 403, message: 'Access Denied: Table t' },
      },
    ],
  ]);
  sim.datasets = new Map([
    [
      'clinic',
      [
        {
          name: 'visits',
          type: 'TABLE',
          description: 'Each visit',
          rows: 3000,
          key: ['id'],
          fields: [
            { name: 'id', type: 'INTEGER', mode: 'REQUIRED', description: 'Key' },
            { name: 'tags', type: 'STRING', mode: 'REPEATED' },
          ],
        },
        { name: 'recent', type: 'VIEW', fields: [] },
        {
          name: 'sheet',
          type: 'EXTERNAL',
          fields: [{ name: 'p', type: 'RECORD', fields: [{ name: 'x', type: 'FLOAT' }] }],
        },
      ],
    ],
    ['empty_one', []],
    ['third', []],
  ]);
});

describe('the ladder', () => {
  it('is climbed by lists and a statement that is not run: nothing is billed', async () => {
    const test = await climb(at());
    expect(test.error).toBeNull();
    expect(states(test)).toMatchObject({
      tcp: 'ok',
      login: 'ok',
      database: 'ok',
      rights: 'ok',
      write: 'skipped',
    });
    expect(test.rungs.find(({ name }) => name === 'login')?.detail).toContain(email);
    for (const { path, body } of sim.requests) {
      expect(path).not.toContain('/queries');
      if (path.endsWith('/jobs')) expect(body).toMatchObject({ configuration: { dryRun: true } });
    }
  });
  it.each([
    [
      'a secret that is no key file',
      { password: Buffer.from('{"type":"authorized_user"}') },
      'DB_LOGIN_REFUSED',
      'login',
    ],
    [
      'a key that was rotated',
      { password: Buffer.from(JSON.stringify({ ...keyFile, private_key_id: 'key-0' })) },
      'DB_LOGIN_REFUSED',
      'login',
    ],
    ['a project that is not there', { database: 'elsewhere' }, 'DB_MISSING', 'database'],
  ] as const)('stops at %s', async (_, more, code, rung) => {
    const test = await climb(at(more));
    expect(test.error?.code).toBe(code);
    expect(states(test)[rung]).toBe('failed');
    expect(JSON.stringify(test)).not.toContain('PRIVATE KEY');
  });
  it('says so where the clock of this computer is off', async () => {
    sim.now = () => Date.now() + 3_600_000;
    const test = await climb(at());
    expect(test.error).toMatchObject({ code: 'DB_LOGIN_REFUSED', message: expect.stringContaining('clock') });
  });
  it('says which role is missing', async () => {
    sim.datasets = new Map();
    const test = await climb(at());
    expect(test.error?.code).toBe('DB_NO_RIGHT');
    expect(test.fixSql).toContain(`serviceAccount:${email}`);
  });
  it('is not taken in by a page that answers instead', async () => {
    sim.refuse = { status: 403, reason: '', message: '' };
    expect((await climb(at())).error?.code).toBe('DB_REFUSED');
  });
});

it('has a structure: pages of lists, comments, keys, views, columns in columns', async () => {
  const look = open();
  const { schemas } = await look.structure(never);
  expect(schemas.map(({ name }) => name)).toEqual(['clinic', 'empty_one', 'third']);
  expect(schemas[0]?.tables).toMatchObject([
    {
      name: 'visits',
      kind: 'table',
      comment: 'Each visit',
      rows: 3000,
      primaryKey: ['id'],
      columns: [
        { name: 'id', type: 'INT64', nullable: false, comment: 'Key' },
        { name: 'tags', type: 'ARRAY<STRING>' },
      ],
    },
    { name: 'recent', kind: 'view', rows: null },
    { name: 'sheet', kind: 'foreign', columns: [{ type: 'STRUCT<x FLOAT64>' }] },
  ]);
  expect(sim.requests.every(({ scope }) => scope.endsWith('bigquery.readonly'))).toBe(true);
  await look.close();
});

describe('a query', () => {
  it('is waited for, then read page by page, in the location of the connection', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, sql: 'SELECT id FROM visits;' }, never);
    expect(answer).toMatchObject({ role: email, columns: [{ name: 'id', type: 'INT64' }] });
    const first = await answer.next(1200, never);
    expect(first).toMatchObject({ soFar: 1200, end: 'open' });
    const second = await answer.next(5000, never);
    expect(second).toMatchObject({ soFar: 2500, end: 'done' });
    expect(new Set([...first.rows, ...second.rows].map(([id]) => id)).size).toBe(2500);
    const run = sim.requests.find(({ path }) => path.endsWith('/queries'));
    expect(run?.body).toMatchObject({
      useLegacySql: false,
      location: 'africa-south1',
      maximumBytesBilled: '10000000000',
    });
    await look.close();
  });
  it('gives every value whole', async () => {
    const look = open();
    const answer = await look.ask({ ...asked, sql: 'SELECT * FROM types' }, never);
    expect((await answer.next(1, never)).rows[0]).toEqual([
      ...['9223372036854775807', 'NaN', '1.50', 'true', 'नेहा\t"x"', '\\x00ff'],
      ...['2026-01-02 03:04:05.123456+00', '1969-12-31 23:59:59.999999+00', '2026-01-02T03:04:05'],
      ...[
        '[1, 9007199254740993]',
        '[{"at": "1970-01-01 00:00:00+00", "x": {"big": 9007199254740993, "nan": "NaN"}}]',
        null,
      ],
    ]);
    expect(answer.columns[10]?.type).toBe('ARRAY<STRUCT<at TIMESTAMP, x STRUCT<big INT64, nan FLOAT64>>>');
    await look.close();
  });
  it('that would read more than the connection allows is not run', async () => {
    const look = open();
    expect(await codeOf(() => look.ask({ ...asked, sql: 'SELECT * FROM lake' }, never))).toBe(
      'QUERY_TOO_LARGE',
    );
    const strict = open({ settings: { maxGigabytes: '1' } });
    expect(await codeOf(() => strict.ask({ ...asked, sql: 'SELECT * FROM types' }, never))).toBe(
      'QUERY_TOO_LARGE',
    );
    expect(sim.requests.some(({ path }) => path.endsWith('/queries'))).toBe(false);
    await Promise.all([look.close(), strict.close()]);
  });
  it.each([
    ['DELETE FROM visits WHERE true', 'QUERY_REFUSED'],
    ['CREATE TABLE x AS SELECT 1', 'QUERY_REFUSED'],
    ['  ;', 'QUERY_REFUSED'],
    ['SELEC 1', 'QUERY_FAILED'],
    ['SELECT denied', 'QUERY_FAILED'],
  ])('is refused by what the service makes of it: %s', async (sql, code) => {
    const look = open();
    expect(await codeOf(() => look.ask({ ...asked, sql }, never))).toBe(code);
    await look.close();
  });
  it('is ended at the service when it takes too long, and when nobody waits', async () => {
    const look = open();
    expect(await codeOf(() => look.ask({ ...asked, timeoutMs: 300, sql: 'SELECT slow' }, never))).toBe(
      'QUERY_TIMEOUT',
    );
    await expect.poll(() => sim.running.size).toBe(0);
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT slow' }, stop.signal));
    await expect.poll(() => sim.running.size).toBe(1);
    stop.abort();
    expect(await waiting).toBe('CANCELLED');
    await expect.poll(() => sim.cancelled.size).toBe(2);
    expect(sim.requests.find(({ path }) => path.includes('/cancel'))?.scope).toBe(
      'https://www.googleapis.com/auth/bigquery',
    );
    await look.close();
  });
});

const oracles = process.env['HEADGATE_ORACLES'] ?? '';
const noOracle = existsSync(join(oracles, 'node_modules', '@google-cloud', 'bigquery'))
  ? null
  : 'skipped: HEADGATE_ORACLES names no folder with @google-cloud/bigquery';
describe.skipIf(noOracle !== null)(`the vendor's own library ${noOracle ?? ''}`, () => {
  it('reads the same rows from the simulator', async () => {
    const { BigQuery } = createRequire(join(oracles, 'package.json'))('@google-cloud/bigquery');
    const client = new BigQuery({
      projectId: 'field-data',
      apiEndpoint: `http://127.0.0.1:${sim.port}`,
      credentials: { client_email: email, private_key: pair.privateKey, private_key_id: 'key-1' },
      location: 'africa-south1',
    });
    // Signed by itself, as ours: its usual way asks another server for a token.
    client.authClient.useJWTAccessWithScope = true;
    client.authClient.defaultScopes = ['https://www.googleapis.com/auth/bigquery'];
    const [rows] = await client.query({ query: 'SELECT id FROM visits', maxResults: 1000 });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows[1]).toEqual({ id: 1 });
    const [datasets] = await client.getDatasets();
    expect(datasets.map(({ id }: { id: string }) => id)).toEqual(['clinic', 'empty_one', 'third']);
  });
});
