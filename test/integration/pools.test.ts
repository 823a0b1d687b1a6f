import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LandedReader, localTarget, type Target } from '../../main/engines/engine.ts';
import { createPool } from '../../main/engines/pool.ts';
import { postgres } from '../../main/engines/postgres/postgres.ts';
import { cut, endSession, openSession, type Session } from '../../main/engines/postgres/postgres-client.ts';
import { type PoolSettings, poolSettings } from '../../preload/contract/models.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { firstRows } from '../support/first-rows.ts';
import { startMutedLine } from '../support/muted-line.ts';

/* The sessions that reading for the window uses: how many, how long, and what becomes of one that fails. */

const never = new AbortController().signal;
let db: TestDatabase;
let now = Date.parse('2026-03-01T08:00:00Z');
const clock = { now: () => now, sleep: () => Promise.resolve() };
const opened: LandedReader[] = [];
const targets: Target[] = [];

beforeAll(async () => {
  db = await createDatabase();
  await db.query(`CREATE SCHEMA landed; CREATE TABLE landed.forms (id int PRIMARY KEY, text text, at timestamptz);
    COMMENT ON TABLE landed.forms IS 'Forms';
    INSERT INTO landed.forms SELECT n, repeat('x', n * 1000), '2026-01-01T00:00:00.123456Z' FROM generate_series(1, 3) n;
    GRANT USAGE ON SCHEMA landed TO ${db.postgres.user}; GRANT SELECT ON landed.forms TO ${db.postgres.user}`);
});
afterAll(() => db[Symbol.asyncDispose]());
beforeEach(() => {
  now = Date.parse('2026-03-01T08:00:00Z');
  targets.length = 0;
});
afterEach(async () => {
  for (const reader of opened.splice(0)) await reader.close();
});

const name = (): string => `reader ${db.database}`;
function reader(change: Partial<PoolSettings> = {}, more: Partial<Target> = {}): LandedReader {
  const made = postgres.reader({
    target: async () => {
      const target = { ...localTarget(db.postgres, db.database), ...more };
      targets.push(target);
      return target;
    },
    settings: { ...poolSettings.parse({}), applicationName: name(), ...change },
    clock,
  });
  opened.push(made);
  return made;
}
const sessions = () =>
  db.query('SELECT pid, state FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid', [name()]);
/** A lock on the table, so that reading it waits. */
async function locked(): Promise<{ letGo(): Promise<void> }> {
  const holder = await db.connect();
  await holder.query('BEGIN; LOCK TABLE landed.forms IN ACCESS EXCLUSIVE MODE');
  return {
    async letGo() {
      await holder.query('ROLLBACK');
      await holder.end();
    },
  };
}

describe('reading', () => {
  it('gives tables, rows as text in key order, and the structure', async () => {
    const look = reader();
    expect(await look.tables('landed', never)).toEqual([
      {
        name: 'forms',
        comment: 'Forms',
        columns: [
          { name: 'id', type: 'integer', comment: null },
          { name: 'text', type: 'text', comment: null },
          { name: 'at', type: 'timestamp with time zone', comment: null },
        ],
      },
    ]);
    const { rows, more } = await look.page(firstRows('landed', 'forms', 2), never);
    expect(more).toBe(true);
    expect(rows.map(([id, text, at]) => [id, text?.length, at])).toEqual([
      ['1', 1000, '2026-01-01 00:00:00.123456+00'],
      ['2', 2000, '2026-01-01 00:00:00.123456+00'],
    ]);
    expect((await look.structure(never)).schemas.map((schema) => schema.name)).toContain('landed');
    await expect(look.page(firstRows('landed', 'nothing', 1), never)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is done in read-only transactions with a bound, set inside of them', async () => {
    await db.query(`ALTER ROLE ${db.postgres.user} IN DATABASE ${db.database} SET statement_timeout = '60s'`);
    const look = reader({ statementTimeoutSeconds: 1 });
    const lock = await locked();
    const started = performance.now();
    await expect(look.page(firstRows('landed', 'forms', 1), never)).rejects.toMatchObject({
      code: 'DB_TIMEOUT',
      message: `127.0.0.1:${db.postgres.port} took longer than this statement may.`,
    });
    expect(performance.now() - started).toBeLessThan(3000);
    await lock.letGo();
    await db.query(
      `CREATE FUNCTION landed.writes() RETURNS text LANGUAGE sql AS $$ INSERT INTO landed.forms VALUES (9) RETURNING 'x' $$;
       CREATE VIEW landed.trap AS SELECT landed.writes() AS x`,
    );
    await expect(look.page(firstRows('landed', 'trap', 1), never)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await db.query('SELECT count(*) AS n FROM landed.forms')).toEqual([{ n: '3' }]);
  });

  it('overwrites the secrets as soon as the session is open', async () => {
    await reader().tables('landed', never);
    expect(targets).toHaveLength(1);
    expect([...(targets[0]?.password ?? [1])].every((byte) => byte === 0)).toBe(true);
    const refused = reader({}, { password: new TextEncoder().encode('wrong') });
    await expect(refused.tables('landed', never)).rejects.toMatchObject({ code: 'DB_LOGIN_REFUSED' });
    expect([...(targets[1]?.password ?? [1])].every((byte) => byte === 0)).toBe(true);
  });
});

describe('sessions', () => {
  it('are used again, and are no more than were asked for', async () => {
    const look = reader({ size: 2 });
    await Promise.all(Array.from({ length: 8 }, () => look.tables('landed', never)));
    expect(await sessions()).toHaveLength(2);
    expect(targets).toHaveLength(2);
    await look.close();
    await expect.poll(sessions).toEqual([]);
  });

  it('that are all busy are waited for only so long, and by who still wants one', async () => {
    const look = reader({ size: 1, connectTimeoutSeconds: 1 });
    const lock = await locked();
    const busy = look.page(firstRows('landed', 'forms', 1), never);
    const stop = new AbortController();
    const cancelled = look.tables('landed', stop.signal);
    const late = look.tables('landed', never);
    setTimeout(() => stop.abort(), 50);
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(late).rejects.toMatchObject({
      code: 'DB_TIMEOUT',
      message: 'All 1 sessions of this connection were busy for 1 seconds.',
      advice: 'Try again, or allow more sessions in the pool of this connection.',
    });
    await lock.letGo();
    expect((await busy).rows).toHaveLength(1);
    expect(await look.tables('landed', never)).toHaveLength(1);
  });

  it('are closed when nobody used them for a while', async () => {
    const look = reader({ size: 2, idleSeconds: 1 });
    await look.tables('landed', never);
    expect(await sessions()).toHaveLength(1);
    now += 1500;
    await expect.poll(sessions).toEqual([]);
    expect(await look.tables('landed', never)).toHaveLength(1);
  });

  it('that are old are replaced before they are used again', async () => {
    const look = reader({ size: 1, recycleMinutes: 5 });
    await look.tables('landed', never);
    const [before] = await sessions();
    now += 4 * 60_000;
    await look.tables('landed', never);
    expect((await sessions())[0]?.['pid']).toBe(before?.['pid']);
    now += 60_001;
    await look.tables('landed', never);
    await expect.poll(async () => (await sessions()).map(({ pid }) => pid)).toHaveLength(1);
    expect((await sessions())[0]?.['pid']).not.toBe(before?.['pid']);
  });

  it('that failed are thrown away', async () => {
    const look = reader({ size: 1 });
    await look.tables('landed', never);
    const [before] = await sessions();
    const lock = await locked();
    const reading = look.page(firstRows('landed', 'forms', 1), never);
    reading.catch(() => {});
    await expect.poll(async () => (await sessions()).map(({ state }) => state)).toContain('active');
    await db.query('SELECT pg_terminate_backend($1::int)', [before?.['pid']]);
    await expect(reading).rejects.toMatchObject({ code: 'DB_LOST' });
    await lock.letGo();
    expect(await look.tables('landed', never)).toHaveLength(1);
  });

  it('that were ended while nobody used them are not missed', async () => {
    const look = reader({ size: 3 });
    await Promise.all(Array.from({ length: 3 }, () => look.tables('landed', never)));
    for (const { pid } of await sessions())
      await db.query('SELECT pg_terminate_backend($1::int, 5000)', [pid]);
    await expect.poll(sessions).toEqual([]);
    await new Promise((done) => setTimeout(done, 50));
    expect(await look.tables('landed', never)).toHaveLength(1);
  });

  it('whose line falls silent are given up on, without anybody cancelling', async () => {
    const line = await startMutedLine(db.postgres.port);
    const look = reader(
      { size: 1, statementTimeoutSeconds: 1, connectTimeoutSeconds: 1 },
      { port: line.port },
    );
    expect(await look.tables('landed', never)).toHaveLength(1);
    line.mute();
    const started = performance.now();
    await expect(look.tables('landed', never)).rejects.toMatchObject({
      code: 'DB_TIMEOUT',
      message: `127.0.0.1:${line.port} stopped answering.`,
    });
    expect(performance.now() - started).toBeLessThan(4000);
    line.unmute();
    expect(await look.tables('landed', never)).toHaveLength(1);
    await line.close();
  });

  it('in doubt are not used again', async () => {
    const look = reader({ size: 1 });
    await look.tables('landed', never);
    const [before] = await sessions();
    look.doubt();
    await look.tables('landed', never);
    await expect.poll(async () => (await sessions()).length).toBe(1);
    expect((await sessions())[0]?.['pid']).not.toBe(before?.['pid']);
  });

  it('that were lent in doubt are not used again either', async () => {
    const pool = createPool<Session>({
      cut: ({ client }) => cut(client),
      end: ({ client }) => endSession(client),
      open: (signal) =>
        openSession(localTarget(db.postgres, db.database), signal, { applicationName: name() }),
      cancel: async () => {},
      settings: poolSettings.parse({ size: 1 }),
      clock,
    });
    const pid = () =>
      pool.use(
        never,
        async ({ client }) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid,
      );
    const first = await pool.use(never, async ({ client }) => {
      pool.doubt();
      return (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    });
    const second = await pid();
    expect(second).not.toBe(first);
    expect(await pid()).toBe(second);
    await pool.close();
    await expect(pid()).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('do not keep the process running', async () => {
    const script = `
      import { postgres } from './main/engines/postgres/postgres.ts';
      import { localTarget } from './main/engines/engine.ts';
      const place = JSON.parse(process.env.PLACE);
      const reader = postgres.reader({
        target: async () => localTarget(place, place.database),
        settings: { size: 2, idleSeconds: 60, recycleMinutes: 30, statementTimeoutSeconds: 15, connectTimeoutSeconds: 15, applicationName: 'leaves' },
        clock: { now: () => Date.now(), sleep: async () => {} },
      });
      await Promise.all([reader.tables('landed', new AbortController().signal), reader.tables('landed', new AbortController().signal)]);
      process.stdout.write('read');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url).pathname,
      env: { PLACE: JSON.stringify({ ...db.postgres, database: db.database }) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    const started = performance.now();
    const [code] = await once(child, 'exit');
    expect({ code, text }).toEqual({ code: 0, text: 'read' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('a read that is cancelled', () => {
  it('is over at once here and at the server, and its place is free again', async () => {
    const look = reader({ size: 1, statementTimeoutSeconds: 60 });
    const lock = await locked();
    const stop = new AbortController();
    const reading = look.page(firstRows('landed', 'forms', 1), stop.signal);
    reading.catch(() => {});
    const waits = () =>
      db.query("SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'", [
        name(),
      ]);
    await expect.poll(waits).toHaveLength(1);
    const started = performance.now();
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - started).toBeLessThan(300);
    await expect.poll(waits, { timeout: 3000 }).toEqual([]);
    await lock.letGo();
    expect(await look.tables('landed', never)).toHaveLength(1);
    expect(await sessions()).toHaveLength(1);
  });

  it('while what a session needs is still being collected is over at once', async () => {
    const look = postgres.reader({
      target: () => new Promise(() => {}),
      settings: poolSettings.parse({ size: 1 }),
      clock,
    });
    const stop = new AbortController();
    const reading = look.tables('landed', stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await look.close();
  });

  it('before it began costs nothing', async () => {
    const look = reader();
    await expect(look.tables('landed', AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(targets).toEqual([]);
  });

  it('by closing is over at the server too when closing is', async () => {
    const look = reader({ statementTimeoutSeconds: 60 });
    const lock = await locked();
    const reading = look.page(firstRows('landed', 'forms', 1), never);
    reading.catch(() => {});
    await expect.poll(async () => (await sessions()).map(({ state }) => state)).toContain('active');
    await look.close();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await sessions()).map(({ state }) => state)).not.toContain('active');
    await expect.poll(sessions, { timeout: 2000 }).toEqual([]);
    await lock.letGo();
  });
});
