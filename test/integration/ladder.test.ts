import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { postgres } from '../../main/engines/postgres/postgres.ts';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { connectionTest } from '../../preload/contract/models.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { climb, closedPort, states } from '../support/ladder.ts';
import { quickPlace } from '../support/place.ts';

/* The ladder from the name to the right to write: every rung broken for real, and what is said about it. */

let db: TestDatabase;
let tag = '';
beforeAll(async () => {
  db = await createDatabase();
  tag = db.database;
  await db.query(`CREATE ROLE ${tag}_etl LOGIN PASSWORD 'etl-canary'`);
  await db.query(`GRANT CREATE ON DATABASE ${tag} TO ${tag}_etl`);
});
afterAll(async () => {
  for (const role of await db.query('SELECT rolname FROM pg_roles WHERE rolname LIKE $1', [`${tag}%`])) {
    await db.query(`DROP OWNED BY "${role['rolname']}"`);
    await db.query(`DROP ROLE "${role['rolname']}"`);
  }
  await db[Symbol.asyncDispose]();
});

const admin = (change: Partial<Target> = {}): Target => ({
  ...localTarget(db.admin, tag),
  superuserAllowed: true,
  ...change,
});
const as = (user: string, password: string, change: Partial<Target> = {}): Target => ({
  ...localTarget({ ...db.postgres, user, password }, tag),
  ...change,
});
const etl = (change: Partial<Target> = {}): Target => as(`${tag}_etl`, 'etl-canary', change);
const role = async (name: string, options: string): Promise<Target> => {
  await db.query(`CREATE ROLE ${tag}_${name} ${options} PASSWORD 'canary'`);
  return as(`${tag}_${name}`, 'canary');
};

describe('all the way up', () => {
  it('tells what was found on each rung, in order, as it is climbed', async () => {
    const told: string[] = [];
    const test = await climb(etl(), { onRung: ({ name, state }) => told.push(`${name} ${state}`) });
    expect(() => connectionTest.parse(test)).not.toThrow();
    expect(test).toMatchObject({ ok: true, error: null, fixSql: null, warnings: [], hostKey: null });
    expect(states(test)).toEqual({
      name: 'ok',
      tcp: 'ok',
      ssh: 'skipped',
      tls: 'skipped',
      login: 'ok',
      database: 'ok',
      rights: 'ok',
      write: 'ok',
    });
    expect(test.rungs.map(({ detail }) => detail)).toEqual([
      '127.0.0.1 is an address.',
      `Connected to 127.0.0.1:${db.postgres.port}.`,
      'No jump host.',
      'TLS mode “disable”: not encrypted.',
      `Signed in as “${tag}_etl”.`,
      expect.stringMatching(new RegExp(`^“${tag}” on PostgreSQL \\d+`)),
      `May create schemas in “${tag}”.`,
      'Made a schema and a table, wrote and read a row; all of it was rolled back.',
    ]);
    expect(test.serverVersion).toMatch(/^PostgreSQL \d+/);
    expect(test.latencyMs).toBeGreaterThan(0);
    expect(test.tls).toEqual({ protocol: null, cipher: null, certificate: null });
    expect(told.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['name', 'tcp', 'login', 'database', 'rights', 'write']),
    );
    expect(told.at(-1)).toBe('write ok');
    expect(await db.query(`SELECT 1 FROM pg_namespace WHERE nspname LIKE 'headgate_probe%'`)).toEqual([]);
  });

  it('says so where nobody asked for TLS and none was needed', async () => {
    const test = await climb(etl({ tlsMode: 'allow' }));
    expect(test.rungs.find(({ name }) => name === 'tls')).toMatchObject({
      state: 'warns',
      detail: 'The server let us in without TLS.',
    });
  });

  it('looks up a name', async () => {
    const test = await climb(etl({ host: 'localhost' }));
    expect(test.ok).toBe(true);
    expect(test.rungs[0]?.detail).toMatch(/^localhost is .*(127\.0\.0\.1|::1)/);
  });

  it('asks for no right to write where only reading is wanted', async () => {
    const reader = await role('reader', 'LOGIN');
    const test = await climb(reader, { readOnly: true });
    expect(test).toMatchObject({ ok: true, error: null });
    expect(states(test)).toMatchObject({ rights: 'ok', write: 'skipped' });
    expect(test.rungs.at(-2)?.detail).toBe('May look into the schema “public”.');
  });

  it('warns of a superuser on whom somebody insists', async () => {
    const test = await climb(admin());
    expect(test.ok).toBe(true);
    expect(states(test)['rights']).toBe('warns');
    expect(test.warnings).toContain(
      `User “${db.admin.user}” is a superuser and may do anything on the server. A sync needs only CREATE on the database. Somebody insisted on it, and wrote down why.`,
    );
  });

  it('warns of every right that a sync has no need of', async () => {
    const much = await role('much', 'LOGIN BYPASSRLS CREATEROLE CREATEDB REPLICATION CONNECTION LIMIT 3');
    await db.query(`GRANT CREATE ON DATABASE ${tag} TO ${tag}_much`);
    await db.query(`GRANT pg_execute_server_program, pg_read_server_files TO ${tag}_much`);
    const { ok, warnings } = await climb(much);
    const who = `User “${tag}_much”`;
    expect(ok).toBe(true);
    expect(warnings).toEqual([
      `${who} sees rows that row security hides from others (BYPASSRLS).`,
      `${who} may create roles and change others (CREATEROLE).`,
      `${who} may create databases (CREATEDB).`,
      `${who} may copy the whole server (REPLICATION).`,
      `${who} may reach files or run programs on the server’s machine (pg_execute_server_program, pg_read_server_files).`,
      `Only 2 more connections are free for user “${tag}_much”; a sync uses up to three.`,
    ]);
  });

  it('looks at what lending logins needs', async () => {
    const lease = { readerRole: `${tag}_readers`, minutes: 30 };
    const plain = await climb(etl(), { lease });
    expect(plain.ok).toBe(true);
    expect(states(plain)['rights']).toBe('warns');
    expect(plain.warnings).toEqual([
      `Logins can not be leased: user “${tag}_etl” may not create roles. A DBA can run: ALTER ROLE "${tag}_etl" CREATEROLE;`,
    ]);
    const lender = await role('lender', 'LOGIN CREATEROLE');
    await db.query(`GRANT CREATE ON DATABASE ${tag} TO ${tag}_lender`);
    expect((await climb(lender, { lease })).warnings).toEqual([
      `Logins can not be leased: there is no role “${tag}_readers”. A DBA can run: CREATE ROLE "${tag}_readers" NOLOGIN;`,
    ]);
    await db.query(`CREATE ROLE ${tag}_readers NOLOGIN`);
    const grant = `GRANT "${tag}_readers" TO "${tag}_lender" WITH ADMIN OPTION;`;
    expect((await climb(lender, { lease })).warnings).toEqual([
      `Logins can not be leased: user “${tag}_lender” may not lend the role “${tag}_readers”. A DBA can run: ${grant}`,
    ]);
    await db.query(grant);
    expect((await climb(lender, { lease })).warnings).toEqual([]);
  });
});

describe('it stops at', () => {
  it('a host that nobody knows', async () => {
    const test = await climb(etl({ host: 'db.nowhere.invalid' }));
    expect(test).toMatchObject({
      ok: false,
      latencyMs: null,
      serverVersion: null,
      fixSql: null,
      error: {
        code: 'DB_HOST_UNKNOWN',
        message: 'The host “db.nowhere.invalid” is not known.',
        advice: 'Check the spelling of the host name and that you are on the right network or VPN.',
      },
    });
    expect(states(test)).toEqual({
      name: 'failed',
      tcp: 'not_reached',
      ssh: 'not_reached',
      tls: 'not_reached',
      login: 'not_reached',
      database: 'not_reached',
      rights: 'not_reached',
      write: 'not_reached',
    });
  });

  it('a closed port', async () => {
    const port = await closedPort();
    const test = await climb(etl({ port }));
    expect(test.error).toMatchObject({
      code: 'DB_REFUSED',
      message: `Nothing accepts connections at 127.0.0.1:${port}.`,
      advice: 'Check the port, and that the server is running and accepts connections from this computer.',
    });
    expect(states(test)).toMatchObject({ name: 'ok', tcp: 'failed', login: 'not_reached' });
  });

  it('a closed port of a name with several addresses', async () => {
    const port = await closedPort();
    const { error } = await climb(etl({ host: 'localhost', port }));
    expect(error).toMatchObject({
      code: 'DB_REFUSED',
      message: `Nothing accepts connections at localhost:${port}.`,
    });
  });

  it('a wrong password', async () => {
    const test = await climb(as(`${tag}_etl`, 'wrong-canary'));
    expect(test.error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: `127.0.0.1:${db.postgres.port} is reached, but it refused the password of user “${tag}_etl”.`,
      advice: 'Enter the user and password again; the password may have been rotated.',
    });
    expect(states(test)).toMatchObject({ tcp: 'ok', login: 'failed', database: 'not_reached' });
    expect(JSON.stringify(test)).not.toContain('wrong-canary');
  });

  it('no password', async () => {
    const { error } = await climb(as(`${tag}_etl`, ''));
    expect(error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: `127.0.0.1:${db.postgres.port} wants a password of user “${tag}_etl”, and none is stored.`,
      advice: 'Enter the password of this connection.',
    });
  });

  it('a role that may not log in', async () => {
    const test = await climb(await role('nologin', 'NOLOGIN'));
    expect(test).toMatchObject({
      error: {
        code: 'DB_LOGIN_REFUSED',
        message: `The role “${tag}_nologin” of 127.0.0.1:${db.postgres.port} may not log in.`,
        advice: `Ask a DBA to run: ALTER ROLE "${tag}_nologin" LOGIN;`,
      },
      fixSql: `ALTER ROLE "${tag}_nologin" LOGIN;`,
    });
    await db.query(test.fixSql as string);
    expect((await climb(as(`${tag}_nologin`, 'canary'), { readOnly: true })).ok).toBe(true);
  });

  it('a missing database', async () => {
    const test = await climb(etl({ database: 'not_there' }));
    expect(test.error).toMatchObject({
      code: 'DB_MISSING',
      message: `127.0.0.1:${db.postgres.port} has no database “not_there”.`,
      advice: 'Check the database name, or ask for the database to be created.',
    });
    expect(states(test)).toMatchObject({ login: 'ok', database: 'failed', rights: 'not_reached' });
  });

  it('a database that the user may not connect to, with the GRANT that is missing', async () => {
    const closed = `${tag}_closed`;
    await db.query(`CREATE DATABASE ${closed}`);
    await db.query(`REVOKE CONNECT ON DATABASE ${closed} FROM PUBLIC`);
    try {
      const target = etl({ database: closed });
      const test = await climb(target);
      const fixSql = `GRANT CONNECT ON DATABASE "${closed}" TO "${tag}_etl";`;
      expect(test).toMatchObject({
        error: {
          code: 'DB_NO_RIGHT',
          message: `User “${tag}_etl” may not connect to the database “${closed}”.`,
          advice: `Ask a DBA to run: ${fixSql}`,
        },
        fixSql,
      });
      expect(states(test)).toMatchObject({ login: 'ok', database: 'failed', rights: 'not_reached' });
      await db.query(fixSql);
      expect(states(await climb(target))).toMatchObject({ database: 'ok' });
    } finally {
      await db.query(`DROP DATABASE ${closed} WITH (FORCE)`);
    }
  });

  it('a user who may not create schemas, with the GRANT that is missing', async () => {
    const poor = await role('poor', 'LOGIN');
    const test = await climb(poor);
    const fixSql = `GRANT CREATE ON DATABASE "${tag}" TO "${tag}_poor";`;
    expect(test).toMatchObject({
      ok: false,
      error: {
        code: 'DB_NO_RIGHT',
        message: `User “${tag}_poor” may not create schemas in “${tag}”.`,
        advice: `Ask a DBA to run: ${fixSql}`,
      },
      fixSql,
    });
    expect(test.latencyMs).toBeGreaterThan(0);
    expect(states(test)).toMatchObject({ database: 'ok', rights: 'failed', write: 'not_reached' });
    await db.query(fixSql);
    expect((await climb(poor)).ok).toBe(true);
  });

  it('a reader who may look into nothing', async () => {
    await db.query('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    try {
      const blind = await role('blind', 'LOGIN');
      const test = await climb(blind, { readOnly: true });
      const fixSql = `GRANT USAGE ON SCHEMA "public" TO "${tag}_blind"; GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "${tag}_blind";`;
      expect(test).toMatchObject({
        error: { code: 'DB_NO_RIGHT', message: `User “${tag}_blind” may not look into any schema.` },
        fixSql,
      });
      await db.query(fixSql);
      expect((await climb(blind, { readOnly: true })).ok).toBe(true);
    } finally {
      await db.query('GRANT USAGE ON SCHEMA public TO PUBLIC');
    }
  });

  it('a user whose sessions only read unless told otherwise', async () => {
    const still = await role('still', 'LOGIN');
    await db.query(`GRANT CREATE ON DATABASE ${tag} TO ${tag}_still`);
    await db.query(`ALTER ROLE ${tag}_still SET default_transaction_read_only = on`);
    const test = await climb(still);
    // A sync says in each transaction that it writes; the default is worth a word all the same.
    expect(test).toMatchObject({
      ok: true,
      warnings: expect.arrayContaining([
        expect.stringContaining(`Sessions of user “${tag}_still” are read-only by default`),
      ]),
    });
    expect(states(test)).toMatchObject({ rights: 'warns', write: 'ok' });
  });

  it('a user in whose sessions triggers and foreign keys are off', async () => {
    const copy = await role('copy', 'LOGIN');
    await db.query(`GRANT CREATE ON DATABASE ${tag} TO ${tag}_copy`);
    await db.query(`ALTER ROLE ${tag}_copy SET session_replication_role = replica`);
    expect((await climb(copy)).warnings).toContainEqual(
      expect.stringContaining(
        `session_replication_role is “replica” for user “${tag}_copy”: foreign keys are not kept and triggers do not run in its sessions. A DBA can run: ALTER ROLE "${tag}_copy" RESET session_replication_role;`,
      ),
    );
  });

  it('a user who has no connection left', async () => {
    const only = await role('only', 'LOGIN CONNECTION LIMIT 0');
    const test = await climb(only);
    expect(test.error).toMatchObject({
      code: 'DB_LOST',
      message: `127.0.0.1:${db.postgres.port} has no free connection for user “${tag}_only”.`,
      advice:
        'Try again when others have closed theirs, or ask a DBA to allow more (max_connections, CONNECTION LIMIT, max_client_conn of a pooler).',
    });
    expect(states(test)).toMatchObject({ login: 'failed' });
  });

  it('a server that hangs up, or answers the question for TLS with an error', async () => {
    const open = new Set<Socket>();
    const answering = async (answer: string, tlsMode: Target['tlsMode']) => {
      const server = createServer((socket) => {
        open.add(socket.on('error', () => {}));
        socket.once('data', () => socket.end(answer));
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const { port } = server.address() as { port: number };
      const test = await climb(etl({ port, tlsMode }));
      for (const socket of open) socket.destroy();
      server.close();
      return test;
    };
    const hangsUp = await answering('', 'disable');
    expect(hangsUp.error).toMatchObject({
      code: 'DB_LOST',
      advice:
        'Try again. If it stays, the log of the server (or of a pooler before it) tells why it hung up.',
    });
    expect(states(hangsUp)).toMatchObject({ login: 'failed' });
    const fails = await answering('Ecould not fork new process for connection\n\0', 'require');
    expect(fails.error).toMatchObject({
      code: 'DB_LOST',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ answered the question for TLS with an error\.$/),
    });
    expect(states(fails)).toMatchObject({ tls: 'failed' });
  });

  it('a replica, but only for who wants to write', async () => {
    const replica = await startEmbeddedPostgres({
      durable: false,
      place: quickPlace(),
      files: { 'standby.signal': '' },
    });
    const target = localTarget(replica, 'postgres');
    const test = await climb(target);
    expect(test.error).toMatchObject({
      code: 'DB_NO_RIGHT',
      message: 'The server is a read-only replica; nothing can be written there.',
      advice: 'Enter the address of the primary server, or turn on “Read only” for this connection.',
    });
    expect(states(test)).toMatchObject({ database: 'ok', rights: 'failed', write: 'not_reached' });
    expect((await climb(target, { readOnly: true })).error).toBeNull();
    await replica.stop({ mode: 'immediate' });
  });

  it('another kind of server', async () => {
    const ssh = createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((done) => ssh.listen(0, '127.0.0.1', done));
    const { port } = ssh.address() as { port: number };
    const test = await climb(etl({ port, tlsMode: 'verify-full' }));
    expect(test.error).toMatchObject({
      code: 'DB_TLS',
      message: `What answers at 127.0.0.1:${port} is not PostgreSQL.`,
      advice: 'Check host and port: another kind of server listens there.',
    });
    expect(states(test)).toMatchObject({ tcp: 'ok', tls: 'failed', login: 'not_reached' });
    ssh.close();
  });
});

describe('a server that says nothing', () => {
  const open: Socket[] = [];
  const silent = createServer((socket) => {
    open.push(socket);
    socket.on('error', () => {}).resume();
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    ({ port } = silent.address() as { port: number });
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    silent.close();
  });
  const here = (change: Partial<Target>): Target => etl({ port, ...change });

  it.each(['disable', 'require'] as const)('is given up on in time, with TLS mode %s', async (tlsMode) => {
    const started = performance.now();
    const test = await climb(here({ tlsMode, connectTimeoutMs: 300 }));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(test.error).toMatchObject({
      code: 'DB_TIMEOUT',
      message:
        tlsMode === 'disable'
          ? `127.0.0.1:${port} is reached, but did not sign us in within 0.3 seconds.`
          : `127.0.0.1:${port} is reached, but said nothing within 0.3 seconds.`,
    });
    expect(states(test)).toMatchObject({ tcp: 'ok', [tlsMode === 'disable' ? 'login' : 'tls']: 'failed' });
  });

  it.each(['disable', 'prefer', 'require'] as const)(
    'is left at once when a person cancels, with TLS mode %s',
    async (tlsMode) => {
      open.length = 0;
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 100);
      const started = performance.now();
      await expect(climb(here({ tlsMode }), { signal: stop.signal })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      expect(performance.now() - started).toBeLessThan(600);
      // Nothing of it is left: the server sees the end of every connection that was made.
      expect(open.length).toBeGreaterThan(0);
      await expect.poll(() => open.every((socket) => socket.closed)).toBe(true);
    },
  );
});

it('a test cancelled while a statement runs ends at once, and at the server too', async () => {
  const holder = await db.connect();
  await holder.query('BEGIN');
  // The probe waits for this lock when it makes its schema.
  await holder.query('LOCK TABLE pg_namespace IN ACCESS EXCLUSIVE MODE');
  const stop = new AbortController();
  const climbing = climb(etl({ applicationName: `probe ${tag}` }), { signal: stop.signal });
  climbing.catch(() => {});
  await new Promise((done) => setTimeout(done, 300));
  const started = performance.now();
  stop.abort();
  await expect(climbing).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(performance.now() - started).toBeLessThan(600);
  await holder.query('ROLLBACK');
  await holder.end();
  await expect
    .poll(() => db.query('SELECT pid FROM pg_stat_activity WHERE application_name = $1', [`probe ${tag}`]))
    .toEqual([]);
});

it('a check opens a session and nothing more', async () => {
  expect(await postgres.check(etl(), new AbortController().signal)).toBeGreaterThan(0);
  await expect(postgres.check(as(`${tag}_etl`, 'wrong'), new AbortController().signal)).rejects.toMatchObject(
    { code: 'DB_LOGIN_REFUSED' },
  );
});

it('leaves no session behind, whatever happened', async () => {
  await expect
    .poll(async () => {
      const [row] = await db.query(`SELECT count(*) AS n FROM pg_stat_activity WHERE usename LIKE $1`, [
        `${tag}%`,
      ]);
      return row?.['n'];
    })
    .toBe('0');
});
