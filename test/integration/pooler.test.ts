import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { postgres } from '../../main/engines/postgres/postgres.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { firstRows } from '../support/first-rows.ts';
import { climb, states } from '../support/ladder.ts';
import { keptLog } from '../support/parts.ts';
import { noPgbouncer, type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/* Everything through a transaction pooler: each transaction may run on another session of the server. */

const never = new AbortController().signal;
const sayings = 'A transaction pooler answers';

describe.skipIf(noPgbouncer !== null)(`pgbouncer ${noPgbouncer ?? ''}`, () => {
  let db: TestDatabase;
  let sim: HqSimulator;
  let bouncer: Pgbouncer;
  beforeAll(async () => {
    db = await createDatabase();
    // What a session would have to set is set against it: only what a transaction brings along can work.
    await db.query(
      `ALTER DATABASE ${db.database} SET search_path = 'nowhere'; ALTER DATABASE ${db.database} SET DateStyle = 'German';
       ALTER DATABASE ${db.database} SET TimeZone = 'Asia/Kolkata'; ALTER DATABASE ${db.database} SET statement_timeout = '20s';
       ALTER DATABASE ${db.database} SET IntervalStyle = 'iso_8601'`,
    );
    bouncer = await startPgbouncer(db.postgres);
    sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 3000, cases: 400, seed: 7 }] });
  });
  afterAll(async () => {
    bouncer.stop();
    await sim.close();
    await db[Symbol.asyncDispose]();
  });
  const place = (schema: string, from: Pgbouncer | TestDatabase['postgres'] = bouncer) => ({
    postgres: from,
    database: db.database,
    schema,
  });
  const through = (change: Partial<Target> = {}): Target => ({
    ...localTarget(bouncer, db.database),
    ...change,
  });
  const names: Record<string, string> = {};

  it('a whole sync lands what a direct one lands', async () => {
    const work = { datasets: ['forms', 'cases'], keepRaw: true };
    const direct = specOf(place('direct', db.postgres), sim, work);
    const pooled = specOf(place('pooled'), sim, work);
    const { log, lines } = keptLog();
    expect(await standingRun(direct, sim).ended).toMatchObject({ kind: 'published' });
    expect(await standingRun(pooled, sim, undefined, { log }).ended).toMatchObject({ kind: 'published' });
    expect(await differences(db, 'direct', 'pooled')).toEqual([]);
    expect(await commentsOf('pooled')).toEqual(await commentsOf('direct'));
    // Nothing of it went wrong in silence.
    expect(lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([]);
    names['dataset'] = pooled.datasetId;
  });

  it('a second sync publishes over the first and keeps grants and views', async () => {
    await db.query(
      `CREATE VIEW public.over_forms AS SELECT count(*) AS n FROM pooled.forms;
       GRANT CREATE ON SCHEMA public TO ${db.postgres.user}; ALTER VIEW public.over_forms OWNER TO ${db.postgres.user}`,
    );
    const again = specOf(place('pooled'), sim, {
      datasets: ['forms', 'cases'],
      datasetId: names['dataset'] as string,
    });
    expect(await standingRun(again, sim).ended).toMatchObject({ kind: 'published' });
    expect(await db.query('SELECT n FROM public.over_forms')).toEqual([{ n: '3000' }]);
  });

  it('goes on from its last commit when the pooler is restarted under it', async () => {
    const spec = specOf(place('restarted'), sim, { datasets: ['forms'] });
    const run = standingRun(spec, sim, 2);
    await run.reached;
    const { port } = bouncer;
    bouncer.stop();
    bouncer = await startPgbouncer(db.postgres, { port });
    run.letGo();
    expect(await run.ended).toMatchObject({ kind: 'published' });
    expect(await db.query('SELECT count(*) AS n FROM restarted.forms')).toEqual([{ n: '3000' }]);
  });

  it('works with no session to spare: the sign of life waits, and the lease holds', async () => {
    const tight = await startPgbouncer(db.postgres, { poolSize: 1 });
    const spec = specOf(place('tight', tight), sim, { datasets: ['cases'] });
    expect(await standingRun(spec, sim).ended).toMatchObject({ kind: 'published' });
    expect(await db.query('SELECT count(*) AS n FROM tight.cases')).toEqual([{ n: '400' }]);
    tight.stop();
  });

  it('the ladder is climbed, and says what a transaction pooler means', async () => {
    const test = await climb(through());
    expect(test.error).toBeNull();
    expect(states(test)).toMatchObject({ login: 'ok', rights: 'ok', write: 'ok' });
    expect(test.warnings.filter((text) => text.startsWith(sayings))).toEqual([
      'A transaction pooler answers: each transaction may run on another session of the server. Syncs and reading work through it; LISTEN, SET beyond a transaction and session locks of other programs do not.',
    ]);
    expect(test.serverVersion).toMatch(/^PostgreSQL \d+/);
  });

  it('with no session to spare it is told apart too; one that lends sessions is not taken for it, nor is none', async () => {
    const tight = await startPgbouncer(db.postgres, { poolSize: 1 });
    const session = await startPgbouncer(db.postgres, { mode: 'session' });
    expect((await climb({ ...localTarget(tight, db.database) })).warnings.join()).toContain(sayings);
    expect((await climb({ ...localTarget(session, db.database) })).warnings.join()).not.toContain(sayings);
    expect((await climb({ ...localTarget(db.postgres, db.database) })).warnings.join()).not.toContain(
      sayings,
    );
    tight.stop();
    session.stop();
  });

  it('what the pooler refuses is understood', async () => {
    const wrong = await climb(through({ password: new TextEncoder().encode('wrong-canary') }));
    expect(wrong.error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: `127.0.0.1:${bouncer.port} is reached, but it refused the password of user “${bouncer.user}”.`,
    });
    expect((await climb(through({ user: 'nobody_here' }))).error).toMatchObject({ code: 'DB_LOGIN_REFUSED' });
    const missing = await climb(through({ database: 'not_there' }));
    expect(missing.error).toMatchObject({
      code: 'DB_MISSING',
      message: `127.0.0.1:${bouncer.port} has no database “not_there”.`,
    });
  });

  it('the window reads through it, and a cancelled read is ended at the server', async () => {
    const reader = postgres.reader({
      target: async () => through(),
      settings: poolSettings.parse({}),
      clock: systemClock,
    });
    const tables = await reader.tables('pooled', never);
    expect(tables.map(({ name }) => name)).toContain('forms');
    expect((await reader.page(firstRows('pooled', 'forms', 5), never)).rows).toHaveLength(5);
    await db.query(
      `CREATE TABLE public.slow_table (x text); INSERT INTO public.slow_table VALUES ('x'); GRANT SELECT ON public.slow_table TO PUBLIC`,
    );
    const holder = await db.connect();
    await holder.query('BEGIN; LOCK TABLE public.slow_table IN ACCESS EXCLUSIVE MODE');
    const stop = new AbortController();
    const reading = reader.page(firstRows('public', 'slow_table', 5), stop.signal);
    reading.catch(() => {});
    const waits = () =>
      db.query(`SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%slow_table%'`);
    await expect.poll(waits).toHaveLength(1);
    const started = performance.now();
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - started).toBeLessThan(300);
    await expect.poll(waits).toEqual([]);
    await holder.query('ROLLBACK');
    await holder.end();
    expect((await reader.page(firstRows('public', 'slow_table', 5), never)).rows).toEqual([['x']]);
    await reader.close();
  });

  async function commentsOf(schema: string): Promise<unknown> {
    const rows = await db.query(
      `SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS text FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 1, 2`,
      [schema],
    );
    return rows;
  }
});
