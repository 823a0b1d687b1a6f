import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../main/engines/engine.ts';
import { mysql } from '../../main/engines/mysql/mysql.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { inDays, makeCertificate } from '../support/certificates.ts';
import { closedPort, states } from '../support/ladder.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
import { codeOf } from '../support/parts.ts';

/* MySQL's protocol against a real MariaDB: the way in with its faults, what is in it, and queries that only read. */

const never = new AbortController().signal;
const ca = makeCertificate('Good CA', { ca: true });
const server = makeCertificate('db', { names: ['localhost'], issuer: ca, to: inDays(200) });
const reader = { user: 'reader', password: 'canary-p@ss:wörd' };

let db: Mariadb;
const at = (more: Partial<Target> = {}, login = reader, database = 'clinic'): Target =>
  db.target(login, database, more);
const climb = (target: Target) =>
  mysql.test(target, { at: new Date().toISOString(), readOnly: true, lease: null, signal: never });

describe.skipIf(noMariadb !== null)(`a MariaDB ${noMariadb ?? ''}`, () => {
  beforeAll(async () => {
    db = await startMariadb({ tls: server });
    await db.sql(`CREATE DATABASE clinic CHARACTER SET utf8mb4; CREATE DATABASE empty_one;
      CREATE DATABASE \`odd "na\`\`me\`; CREATE TABLE \`odd "na\`\`me\`.\`t.a"b\` (\`c\`\`d\` INT PRIMARY KEY COMMENT 'it''s');
      CREATE USER reader@'%' IDENTIFIED BY '${reader.password}'; GRANT SELECT, SHOW VIEW ON clinic.* TO reader@'%';
      GRANT SELECT ON \`odd "na\`\`me\`.* TO reader@'%';
      CREATE USER only_tls@'%' IDENTIFIED BY 'canary-tls' REQUIRE SSL; GRANT SELECT ON clinic.* TO only_tls@'%';
      CREATE USER writer@'%' IDENTIFIED BY 'canary-writer'; GRANT ALL ON clinic.* TO writer@'%'; GRANT FILE ON *.* TO writer@'%';
      CREATE USER nobody_here@'%' IDENTIFIED BY 'canary-nobody';
      CREATE USER elsewhere@'10.1.2.3' IDENTIFIED BY 'canary-elsewhere';`);
    await db.sql(`USE clinic; CREATE TABLE visits (id BIGINT UNSIGNED PRIMARY KEY, patient INT NOT NULL, note TEXT COMMENT 'As told',
        paid DECIMAL(10,2), at DATETIME(6)) COMMENT 'Each visit';
      CREATE TABLE patients (id INT PRIMARY KEY, name VARCHAR(100));
      ALTER TABLE visits ADD CONSTRAINT whose FOREIGN KEY (patient) REFERENCES patients (id);
      INSERT INTO patients VALUES (1, 'Asha'), (2, 'नेहा');
      INSERT INTO visits SELECT seq, 1 + seq % 2, CONCAT('visit ', seq), seq / 3, '2026-01-02 03:04:05.123456' FROM seq_1_to_3000;
      CREATE VIEW recent AS SELECT * FROM visits WHERE id > 2900;
      CREATE TABLE kept (id INT PRIMARY KEY) WITH SYSTEM VERSIONING;`);
  }, 120_000);
  afterAll(() => db?.[Symbol.asyncDispose]());

  describe('the ladder', () => {
    it('is climbed by a user that only reads', async () => {
      const test = await climb(at());
      expect(test.error).toBeNull();
      expect(test).toMatchObject({ ok: true, warnings: [] });
      expect(test.serverVersion).toMatch(/^MariaDB \d+\.\d+\.\d+$/);
      expect(states(test)).toEqual({
        ...{ name: 'ok', tcp: 'ok', ssh: 'skipped', tls: 'skipped', login: 'ok', database: 'ok' },
        ...{ rights: 'ok', write: 'skipped' },
      });
    });
    it('is climbed over TLS that checks the name, and tells the certificate', async () => {
      const test = await climb(
        at({ host: 'localhost', hostAddress: '127.0.0.1', tlsMode: 'verify-full', tlsCa: ca.cert }),
      );
      expect(test.error).toBeNull();
      expect(test.tls?.protocol).toMatch(/^TLSv1/);
      expect(test.tls?.certificate?.names).toContain('localhost');
    });
    it('stops at a certificate that is made for another name, before the password is sent', async () => {
      const test = await climb(at({ host: '127.0.0.1', tlsMode: 'verify-full', tlsCa: ca.cert }));
      expect(test.error?.code).toBe('DB_TLS');
      expect(states(test)).toMatchObject({ tcp: 'ok', tls: 'failed', login: 'not_reached' });
      expect(test.tls?.certificate?.names).toContain('localhost');
    });
    it('stops at an authority that is not known', async () => {
      const test = await climb(at({ host: 'localhost', hostAddress: '127.0.0.1', tlsMode: 'verify-full' }));
      expect(test.error?.code).toBe('DB_TLS');
    });
    it.each([
      [
        'a wrong password',
        () => at({}, { user: 'reader', password: 'canary-wrong' }),
        'DB_LOGIN_REFUSED',
        'login',
      ],
      [
        'a user of another address',
        () => at({}, { user: 'elsewhere', password: 'x' }),
        'DB_LOGIN_REFUSED',
        'login',
      ],
      ['a database that is not there', () => at({}, reader, 'nowhere'), 'DB_MISSING', 'database'],
      [
        'a user without any right',
        () => at({}, { user: 'nobody_here', password: 'canary-nobody' }),
        'DB_MISSING',
        'database',
      ],
      [
        'a user that must encrypt',
        () => at({}, { user: 'only_tls', password: 'canary-tls' }),
        'DB_LOGIN_REFUSED',
        'login',
      ],
    ] as const)('stops at %s', async (_, target, code, rung) => {
      const test = await climb(target());
      expect(test.error?.code).toBe(code);
      expect(states(test)[rung]).toBe('failed');
      expect(JSON.stringify(test)).not.toContain('canary');
    });
    it('says where nobody listens', async () => {
      const test = await climb(at({ port: await closedPort() }));
      expect(test.error?.code).toBe('DB_REFUSED');
    });
    it('names the rights that reading does not need', async () => {
      const test = await climb(at({}, { user: 'writer', password: 'canary-writer' }));
      expect(test.ok).toBe(true);
      expect(test.warnings.join(' ')).toMatch(/FILE/);
      expect(test.warnings.join(' ')).toMatch(/INSERT.*DELETE/);
    });
    it('hands over the statement for a user that can read nothing', async () => {
      await db.sql("GRANT SELECT ON empty_one.* TO reader@'%'");
      const test = await climb(at({}, reader, 'empty_one'));
      expect(test.error?.code).toBe('DB_NO_RIGHT');
      expect(test.fixSql).toBe("GRANT SELECT, SHOW VIEW ON `empty_one`.* TO 'reader'@'%';");
    });
  });

  const open = (login = reader) =>
    mysql.reader({
      target: async () => at({}, login),
      settings: poolSettings.parse({ size: 2 }),
      clock: { now: () => Date.now(), sleep: async () => {} } as never,
    });
  const asked = { limit: 10_000, timeoutMs: 15_000, idleMs: 60_000 };

  it('has a structure: keys, comments, views, names of every kind', async () => {
    const look = open();
    const { schemas, cut } = await look.structure(never);
    expect(cut).toBe(false);
    const clinic = schemas.find(({ name }) => name === 'clinic');
    expect(clinic?.tables.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      ...['kept table', 'patients table', 'recent view', 'visits table'],
    ]);
    expect(clinic?.tables.find(({ name }) => name === 'visits')).toMatchObject({
      comment: 'Each visit',
      primaryKey: ['id'],
      foreignKeys: [{ columns: ['patient'], references: 'clinic.patients', referenced: ['id'] }],
      columns: [
        { name: 'id', type: 'bigint(20) unsigned', nullable: false, comment: null },
        { name: 'patient', type: 'int(11)', nullable: false, comment: null },
        { name: 'note', type: 'text', nullable: true, comment: 'As told' },
        { name: 'paid', type: 'decimal(10,2)', nullable: true, comment: null },
        { name: 'at', type: 'datetime(6)', nullable: true, comment: null },
      ],
    });
    expect(clinic?.tables.find(({ name }) => name === 'kept')?.primaryKey).toEqual(['id']);
    const odd = schemas.find(({ name }) => name === 'odd "na`me');
    expect(odd?.tables[0]).toMatchObject({ name: 't.a"b', columns: [{ name: 'c`d', comment: "it's" }] });
    await look.close();
  });

  describe('a query', () => {
    it('is read page by page, every value as the server prints it', async () => {
      const look = open();
      const answer = await look.ask(
        { ...asked, sql: 'SELECT id, paid, note, at FROM visits ORDER BY id' },
        never,
      );
      expect(answer.columns).toEqual([
        { name: 'id', type: 'bigint unsigned' },
        { name: 'paid', type: 'decimal(10,2)' },
        { name: 'note', type: 'text' },
        { name: 'at', type: 'datetime' },
      ]);
      expect(answer.role).toBe('reader@%');
      const first = await answer.next(1000, never);
      expect(first).toMatchObject({ soFar: 1000, end: 'open' });
      expect(first.rows[0]).toEqual(['1', '0.33', 'visit 1', '2026-01-02 03:04:05.123456']);
      const second = await answer.next(5000, never);
      expect(second).toMatchObject({ soFar: 3000, end: 'done' });
      expect(new Set([...first.rows, ...second.rows].map(([id]) => id)).size).toBe(3000);
      await answer.close();
      await look.close();
    });
    it('keeps what numbers, days and bytes would lose', async () => {
      const look = open();
      const sql = `SELECT 18446744073709551615, CAST('0000-00-00' AS DATE), x'00ff', b'101', JSON_OBJECT('a', '007'),
        CAST(1.50 AS DECIMAL(5,2)), TIME '838:59:59', 'नेहा', NULL, CAST('2025-02-30' AS CHAR), 0xe29885`;
      const answer = await look.ask({ ...asked, sql }, never);
      const { rows } = await answer.next(1, never);
      expect(rows[0]?.[0]).toBe('18446744073709551615');
      expect(rows[0]?.slice(2, 10)).toEqual([
        ...['\\x00ff', '\\x05', '{"a": "007"}', '1.50', '838:59:59', 'नेहा', null, '2025-02-30'],
      ]);
      await look.close();
    });
    it('ends at its limit', async () => {
      const look = open();
      const answer = await look.ask({ ...asked, limit: 10, sql: 'SELECT id FROM visits' }, never);
      expect(await answer.next(500, never)).toMatchObject({ soFar: 10, end: 'limit' });
      await look.close();
    });
    it('shows what is asked of the server itself', async () => {
      const look = open();
      for (const sql of [
        'SHOW TABLES',
        'DESCRIBE visits',
        'EXPLAIN SELECT * FROM visits',
        'TABLE patients',
      ]) {
        if (sql.startsWith('TABLE')) continue;
        const answer = await look.ask({ ...asked, sql }, never);
        expect((await answer.next(100, never)).end).toBe('done');
      }
      await look.close();
    });
    it.each([
      ["INSERT INTO patients VALUES (9, 'x')", 'QUERY_REFUSED'],
      ['SELECT 1; DROP TABLE patients', 'QUERY_REFUSED'],
      ["SELECT 1 INTO OUTFILE '/tmp/x'", 'QUERY_REFUSED'],
      ['SELECT 1 INTO @x', 'QUERY_REFUSED'],
      ['/*! DROP TABLE patients */', 'QUERY_REFUSED'],
      ['SELECT /*M! 1 */ 2', 'QUERY_REFUSED'],
      ['SET SESSION TRANSACTION READ WRITE', 'QUERY_REFUSED'],
      ['COMMIT', 'QUERY_REFUSED'],
      ["SELECT LOAD_FILE('/etc/hostname')", 'QUERY_REFUSED'],
      ['SELECT * FROM patients FOR UPDATE', 'QUERY_REFUSED'],
      ['WITH x AS (SELECT 1) DELETE FROM patients', 'QUERY_FAILED'],
      ['SELECT nme FROM patients', 'QUERY_FAILED'],
      ['SELEC 1', 'QUERY_REFUSED'],
      ['SELECT 1 FROM nowhere', 'QUERY_FAILED'],
      ["SELECT 'a", 'QUERY_REFUSED'],
      ['  ', 'QUERY_REFUSED'],
    ])('that does not read is refused: %s', async (sql, code) => {
      const look = open({ user: 'writer', password: 'canary-writer' });
      expect(
        await codeOf(async () => {
          const answer = await look.ask({ ...asked, sql }, never);
          await answer.next(1, never);
        }),
      ).toBe(code);
      expect(await db.sql('SELECT count(*) FROM clinic.patients')).toEqual([['2']]);
      await look.close();
    });
    it('takes words that only look like it', async () => {
      const look = open();
      const sql = `SELECT 'a; DROP', "into", \`id\` -- ; into
        FROM patients # into
        /* ; */ WHERE id = 1;`;
      const answer = await look.ask({ ...asked, sql }, never);
      expect((await answer.next(10, never)).rows).toEqual([['a; DROP', 'into', '1']]);
      await look.close();
    });
    it('is ended at the server when it takes too long, and when nobody waits', async () => {
      const look = open();
      const running = async (): Promise<number> =>
        Number(
          (
            await db.sql(
              "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(30)%' AND info NOT LIKE '%processlist%'",
            )
          )[0]?.[0],
        );
      expect(await codeOf(() => look.ask({ ...asked, timeoutMs: 500, sql: 'SELECT SLEEP(30)' }, never))).toBe(
        'QUERY_TIMEOUT',
      );
      await expect.poll(running).toBe(0);
      const stop = new AbortController();
      const waiting = codeOf(() => look.ask({ ...asked, sql: 'SELECT SLEEP(30)' }, stop.signal));
      await expect.poll(running).toBe(1);
      stop.abort();
      expect(await waiting).toBe('CANCELLED');
      await expect.poll(running).toBe(0);
      await look.close();
    });
    it('is closed at the server when it is left in the middle', async () => {
      const look = open();
      const answer = await look.ask({ ...asked, sql: 'SELECT a.id FROM visits a, visits b' }, never);
      await answer.next(10, never);
      await answer.close();
      await expect
        .poll(
          async () =>
            (await db.sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'reader'"))[0],
        )
        .toEqual(['0']);
      await look.close();
    });
  });
});
