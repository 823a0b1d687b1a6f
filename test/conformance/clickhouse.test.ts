import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clickhouse } from '../../main/engines/clickhouse/clickhouse.ts';
import type { Target } from '../../main/engines/engine.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { type Chdb, noChdb, startChdb } from '../support/chdb.ts';
import { closedPort, states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';

/* ClickHouse over HTTP against its own engine: the way in with its faults, what is in it, and queries that only read. */

const never = new AbortController().signal;
const reader = { user: 'reader', password: 'canary-réader' };

let db: Chdb;
const at = (more: Partial<Target> = {}, login = reader, database = 'clinic'): Target =>
  db.target(login, database, more);
const climb = (target: Target) =>
  clickhouse.test(target, { at: new Date().toISOString(), readOnly: true, lease: null, signal: never });
const open = (login = reader) =>
  clickhouse.reader({
    target: async () => at({}, login),
    settings: poolSettings.parse({ size: 2 }),
    clock: { now: () => Date.now(), sleep: async () => {} } as never,
  });
const asked = { limit: 10_000, timeoutMs: 15_000, idleMs: 60_000 };

describe.skipIf(noChdb !== null)(`ClickHouse's engine ${noChdb ?? ''}`, () => {
  beforeAll(async () => {
    db = await startChdb();
    for (const sql of [
      'CREATE DATABASE clinic',
      'CREATE DATABASE `odd ``na"me`',
      'CREATE DATABASE empty_one',
      `CREATE TABLE clinic.visits (id UInt64 COMMENT 'Key', patient UInt32, note Nullable(String) COMMENT 'As told',
         paid Decimal(10, 2), at DateTime64(6, 'UTC'), tags Array(String)) ENGINE = MergeTree ORDER BY id COMMENT 'Each visit'`,
      `INSERT INTO clinic.visits SELECT number + 1, number % 2, if(number = 5, NULL, concat('visit\t', toString(number), '\n')),
         number / 3, toDateTime64('2026-01-02 03:04:05.123456', 6, 'UTC'), ['a\\'b', 'नेहा'] FROM numbers(3000)`,
      'CREATE VIEW clinic.recent AS SELECT * FROM clinic.visits WHERE id > 2900',
      'CREATE TABLE `odd ``na"me`.`t.a` (`c``d` Int8) ENGINE = Memory',
    ])
      await db.sql(sql);
  }, 120_000);
  afterAll(() => db?.[Symbol.asyncDispose]());

  describe('the ladder', () => {
    it('is climbed, and names rights that reading does not need', async () => {
      const test = await climb(at());
      expect(test.error).toBeNull();
      expect(test.serverVersion).toMatch(/^ClickHouse \d+\.\d+/);
      expect(states(test)).toEqual({
        ...{ name: 'ok', tcp: 'ok', ssh: 'skipped', tls: 'skipped', login: 'ok', database: 'ok' },
        ...{ rights: 'warns', write: 'skipped' },
      });
      expect(test.warnings.join(' ')).toMatch(/INSERT/);
    });
    it.each([
      [
        'a wrong password',
        () => at({}, { user: 'reader', password: 'canary-wrong' }),
        'DB_LOGIN_REFUSED',
        'login',
      ],
      [
        'a user that is not there',
        () => at({}, { user: 'nobody', password: 'canary' }),
        'DB_LOGIN_REFUSED',
        'login',
      ],
      ['a database that is not there', () => at({}, reader, 'nowhere'), 'DB_MISSING', 'database'],
      ['a database with nothing to read', () => at({}, reader, 'empty_one'), 'DB_NO_RIGHT', 'rights'],
    ] as const)('stops at %s', async (_, target, code, rung) => {
      const test = await climb(target());
      expect(test.error?.code).toBe(code);
      expect(states(test)[rung]).toBe('failed');
      expect(JSON.stringify(test)).not.toContain('canary');
    });
    it('says where nobody listens, and where something else answers', async () => {
      expect((await climb(at({ port: await closedPort() }))).error?.code).toBe('DB_REFUSED');
      for (const [status, text] of [
        [400, 'Port 9000 is for clickhouse-client program\r\nYou must use port 8123 for HTTP.\r\n'],
        [200, '<html>Sign in</html>'],
      ] as const) {
        const other = createServer((request, answer) => {
          request.resume();
          answer.writeHead(status).end(text);
        });
        await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
        const { port } = other.address() as { port: number };
        const test = await climb(at({ port }));
        expect(test.error).toMatchObject({ code: 'DB_REFUSED', advice: expect.stringContaining('8443') });
        other.close();
      }
    });
  });

  it('has a structure: comments, sorting keys, views, names of every kind', async () => {
    const look = open();
    const { schemas, cut } = await look.structure(never);
    expect(cut).toBe(false);
    const clinic = schemas.find(({ name }) => name === 'clinic');
    expect(clinic?.tables.map(({ name, kind, rows }) => [name, kind, rows])).toEqual([
      ['recent', 'view', null],
      ['visits', 'table', 3000],
    ]);
    expect(clinic?.tables.find(({ name }) => name === 'visits')).toMatchObject({
      comment: 'Each visit',
      primaryKey: ['id'],
      columns: [
        { name: 'id', type: 'UInt64', nullable: false, comment: 'Key' },
        { name: 'patient', type: 'UInt32', nullable: false },
        { name: 'note', type: 'Nullable(String)', nullable: true, comment: 'As told' },
        { name: 'paid', type: 'Decimal(10, 2)' },
        { name: 'at', type: "DateTime64(6, 'UTC')" },
        { name: 'tags', type: 'Array(String)' },
      ],
    });
    expect(schemas.find(({ name }) => name === 'odd `na"me')?.tables[0]).toMatchObject({
      name: 't.a',
      columns: [{ name: 'c`d' }],
    });
    await look.close();
  });

  describe('a query', () => {
    it('is read page by page, every value as the server prints it', async () => {
      const look = open();
      const answer = await look.ask(
        { ...asked, sql: 'SELECT id, paid, note, at, tags FROM visits ORDER BY id;' },
        never,
      );
      expect(answer.columns[1]).toEqual({ name: 'paid', type: 'Decimal(10, 2)' });
      expect(answer.role).toBe('reader');
      const first = await answer.next(1000, never);
      expect(first).toMatchObject({ soFar: 1000, end: 'open' });
      expect(first.rows[0]).toEqual([
        '1',
        '0',
        'visit\t0\n',
        '2026-01-02 03:04:05.123456',
        "['a\\'b','नेहा']",
      ]);
      expect(first.rows[5]?.[2]).toBeNull();
      const second = await answer.next(5000, never);
      expect(second).toMatchObject({ soFar: 3000, end: 'done' });
      expect(new Set([...first.rows, ...second.rows].map(([id]) => id)).size).toBe(3000);
      await look.close();
    });
    it('keeps what numbers would lose', async () => {
      const look = open();
      const sql =
        "SELECT 18446744073709551615, toInt256('57896044618658097711785492504343953926634992332820282019728792003956564819967'), nan, inf, 1/3, NULL";
      const answer = await look.ask({ ...asked, sql }, never);
      expect((await answer.next(1, never)).rows[0]).toEqual([
        ...[
          '18446744073709551615',
          '57896044618658097711785492504343953926634992332820282019728792003956564819967',
        ],
        ...['nan', 'inf', '0.3333333333333333', null],
      ]);
      await look.close();
    });
    it('ends at its limit, and is no answer where the server broke off in its midst', async () => {
      const look = open();
      const few = await look.ask({ ...asked, limit: 10, sql: 'SELECT number FROM numbers(100000)' }, never);
      expect(await few.next(500, never)).toMatchObject({ soFar: 10, end: 'limit' });
      const broken = await look.ask(
        { ...asked, sql: "SELECT number, 'break_after_70' FROM numbers(3000)" },
        never,
      );
      expect(await codeOf(() => broken.next(5000, never))).toBe('QUERY_FAILED');
      await look.close();
    });
    it('is asked without settings where the profile of the user lets none be changed', async () => {
      const look = open({ user: 'locked', password: 'canary-locked' });
      const answer = await look.ask({ ...asked, sql: 'SELECT count() FROM visits' }, never);
      expect((await answer.next(1, never)).rows).toEqual([['3000']]);
      await look.close();
    });
    it.each([
      ['INSERT INTO visits SELECT * FROM visits', 'QUERY_REFUSED'],
      ['SELECT 1; DROP TABLE visits', 'QUERY_REFUSED'],
      ["SELECT 1 INTO OUTFILE '/tmp/x'", 'QUERY_REFUSED'],
      ["SELECT * FROM url('http://127.0.0.1/', CSV, 'a String')", 'QUERY_REFUSED'],
      ["SELECT * FROM  FILE  ('/etc/hostname', 'LineAsString')", 'QUERY_REFUSED'],
      ['SET readonly = 0', 'QUERY_REFUSED'],
      ['SELECT 1 FORMAT JSON', 'QUERY_REFUSED'],
      ['SELECT nte FROM visits', 'QUERY_FAILED'],
      ['SELECT 1 FROM nowhere', 'QUERY_FAILED'],
      ["SELECT 'a", 'QUERY_REFUSED'],
      ['SELECT /* open', 'QUERY_REFUSED'],
      [';', 'QUERY_REFUSED'],
    ])('that does not read is refused: %s', async (sql, code) => {
      const look = open();
      expect(
        await codeOf(async () => {
          const answer = await look.ask({ ...asked, sql }, never);
          await answer.next(1, never);
        }),
      ).toBe(code);
      expect((await db.sql('SELECT count() FROM clinic.visits')).trim()).toBe('3000');
      await look.close();
    });
    it('takes words that only look like it', async () => {
      const look = open();
      const sql =
        'SELECT \'a; DROP\' AS format, "id" AS `into` -- ; into outfile\nFROM visits /* url( */ WHERE id = 1';
      const answer = await look.ask({ ...asked, sql }, never);
      expect((await answer.next(10, never)).rows).toEqual([['a; DROP', '1']]);
      await look.close();
    });
    it('is ended at the server when it takes too long, and when nobody waits', async () => {
      const look = open();
      const running = async (): Promise<string> => db.sql('running');
      const slow = 'SELECT sleepEachRow(1) FROM numbers(30)';
      expect(await codeOf(() => look.ask({ ...asked, timeoutMs: 500, sql: slow }, never))).toBe(
        'QUERY_TIMEOUT',
      );
      await expect.poll(running).toBe('0');
      const stop = new AbortController();
      const waiting = codeOf(() => look.ask({ ...asked, sql: slow }, stop.signal));
      await expect.poll(running).toBe('1');
      stop.abort();
      expect(await waiting).toBe('CANCELLED');
      await expect.poll(running).toBe('0');
      await look.close();
    });
  });
});
