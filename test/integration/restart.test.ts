import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { type Login, plainLogin } from '../../main/sample/plain-login.ts';
import type { RunProgress, RunResult } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import type { JobPhase } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { phaseNow } from '../support/kill-phase.ts';
import { quickPlace } from '../support/place.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/* The target goes down at the worst moments; what is published is whole, and published once. */

const forms = 6000;
let server: EmbeddedPostgres;
let login: Login;
let sim: HqSimulator;
beforeAll(async () => {
  server = await startEmbeddedPostgres({ durable: false, place: quickPlace(), settings: {} });
  login = await plainLogin(server, 'postgres');
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms, cases: 5, seed: 2 }] });
});
afterAll(async () => {
  await server.stop();
  await sim.close();
});

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

it.each([
  ['reading', 'immediate'],
  ['reading', 'fast'],
  ['finishing', 'immediate'],
  ['publishing', 'immediate'],
] as const)('restarted while %s (%s)', async (phase: JobPhase, mode) => {
  const schema = `restart_${phase}_${mode}`;
  let restarting: Promise<void> | null = null;
  const intents: RunResult[] = [];
  const onProgress = (progress: RunProgress): void => {
    const there =
      progress.phase === phase && (phase !== 'reading' || (progress.tables[0]?.fetched ?? 0) > 1500);
    if (!there || restarting !== null) return;
    restarting = (async () => {
      await server.stop({ mode, keepData: true });
      await server.restart();
    })();
  };
  const spec = specOf({ postgres: login, database: 'postgres', schema }, sim);
  const run = standingRun(spec, sim, Number.POSITIVE_INFINITY, {
    onProgress,
    intend: async (result) => void intents.push(result),
  });
  const end = await run.ended;
  await restarting;
  expect(restarting).not.toBeNull();
  expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { forms } } });
  const [row] = await query(`SELECT count(*)::int AS n, count(DISTINCT id)::int AS d FROM "${schema}".forms`);
  expect(row).toEqual({ n: forms, d: forms });
  const [mark] = await query(`SELECT obj_description('${schema}'::regnamespace, 'pg_namespace') AS text`);
  expect(mark?.['text']).toContain(`"job":"${spec.jobId}"`);
  expect(await query(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}__staging'`)).toEqual([]);
  // What was written down is what is there.
  expect(intents.at(-1)?.rowCounts).toMatchObject({ forms });
  const counts = await query(
    `SELECT count(*)::int AS n FROM headgate.datasets WHERE schema_name = '${schema}'`,
  );
  expect(counts).toEqual([{ n: 1 }]);
});

/* A refresh stages in tables that a crash of the server empties: what was read is read again, and nothing is stuck. */
it.each(['reading', 'finishing', 'publishing'] as const)(
  'a refresh that the server crashes under while %s reads anew and publishes',
  async (phase: JobPhase) => {
    const schema = `refresh_${phase}`;
    const place = { postgres: login, database: 'postgres', schema };
    const first = specOf(place, sim);
    const before = await standingRun(first, sim).ended;
    expect(before.kind).toBe('published');
    const [was] = await query(`SELECT '${schema}.forms'::regclass::oid::int AS oid`);
    const asked = sim.stats.requests['form'] ?? 0;
    let restarting: Promise<void> | null = null;
    const onProgress = (progress: RunProgress): void => {
      const there =
        progress.phase === phase && (phase !== 'reading' || (progress.tables[0]?.fetched ?? 0) > 1500);
      if (!there || restarting !== null) return;
      restarting = (async () => {
        await server.stop({ mode: 'immediate', keepData: true });
        await server.restart();
      })();
    };
    const spec = specOf(place, sim, {
      ...{ datasetId: first.datasetId, workspaceId: first.workspaceId },
      ...(before.kind === 'published' ? { names: before.result.names } : {}),
    });
    const end = await standingRun(spec, sim, Number.POSITIVE_INFINITY, { onProgress }).ended;
    await restarting;
    expect(restarting).not.toBeNull();
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { forms } } });
    const [row] = await query(
      `SELECT count(*)::int AS n, count(DISTINCT id)::int AS d, '${schema}.forms'::regclass::oid::int AS oid FROM "${schema}".forms`,
    );
    expect(row).toEqual({ n: forms, d: forms, oid: was?.['oid'] });
    // More than the six pages that a single reading takes.
    expect((sim.stats.requests['form'] ?? 0) - asked).toBeGreaterThan(forms / 1000);
    const [mark] = await query(`SELECT obj_description('${schema}'::regnamespace, 'pg_namespace') AS text`);
    expect(mark?.['text']).toContain(`"job":"${spec.jobId}"`);
    expect(await query(`SELECT 1 FROM pg_namespace WHERE nspname = '${schema}__staging'`)).toEqual([]);
  },
);

it('recognises a publish whose answer was lost', async () => {
  const spec = specOf({ postgres: login, database: 'postgres', schema: 'restart_lost' }, sim);
  const intents: RunResult[] = [];
  const deps = { intend: async (result: RunResult) => void intents.push(result) };
  await standingRun(spec, sim, Number.POSITIVE_INFINITY, deps).ended;
  const [before] = await query("SELECT 'restart_lost.forms'::regclass::oid::int AS oid");
  const requests = sim.stats.requests['form'];
  // As after a crash between the commit and the store: the job is taken up with what it had written down.
  const intent = intents[0] as RunResult;
  const again = await standingRun({ ...spec, intent }, sim).ended;
  expect(again).toEqual({ kind: 'published', result: intent });
  expect(sim.stats.requests['form']).toBe(requests);
  expect(await query("SELECT 'restart_lost.forms'::regclass::oid::int AS oid")).toEqual([before]);
});

it('tidies up behind a publish when its session was lost before it came to that', async () => {
  const schema = 'restart_tidy';
  const place = { postgres: login, database: 'postgres', schema };
  const first = specOf(place, sim);
  const before = await standingRun(first, sim).ended;
  const names = before.kind === 'published' ? before.result.names : noNames;
  // As an attempt leaves it that came to nothing: the next refresh drops it, once nobody looks any more.
  await query(`ALTER TABLE ${schema}.forms ADD COLUMN _headgate_900 text`);
  const { host, port, user, password } = server;
  const [looking, watcher] = [0, 1].map(
    () => new pg.Client({ host, port, user, password, database: 'postgres' }),
  );
  if (!looking || !watcher) throw new Error('no session');
  await Promise.all([looking.connect(), watcher.connect()]);
  try {
    await looking.query('BEGIN; SELECT 1');
    const { datasetId, workspaceId } = first;
    const spec = specOf(place, sim, { datasetId, workspaceId, names });
    const intents: RunResult[] = [];
    const deps = { intend: async (result: RunResult) => void intents.push(result) };
    const run = standingRun(spec, sim, Number.POSITIVE_INFINITY, deps);
    await expect.poll(() => phaseNow(watcher, schema), { interval: 20 }).toBe('tidying');
    await watcher.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
      [`headgate sync ${spec.jobId}`],
    );
    await looking.query('COMMIT');
    expect(await run.ended).toEqual({ kind: 'published', result: intents.at(-1) });
  } finally {
    await Promise.all([looking.end(), watcher.end()]);
  }
  const left = await query(
    `SELECT attname FROM pg_attribute WHERE attrelid = '${schema}.forms'::regclass AND attname LIKE '\\_headgate\\_%'
     UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = '${schema}__staging'`,
  );
  expect(left).toEqual([]);
});

describe('a server that goes away for longer', () => {
  /** Stops it in the middle of reading; `slept` is told how long was waited for it in all, in a clock without waiting. */
  const away = async (schema: string, slept: (ms: number) => Promise<void>) => {
    let stopping: Promise<void> | null = null;
    let total = 0;
    const run = standingRun(
      specOf({ postgres: login, database: 'postgres', schema }, sim),
      sim,
      Number.POSITIVE_INFINITY,
      {
        clock: {
          ...systemClock,
          async sleep(ms, signal) {
            if (stopping === null) return systemClock.sleep(ms, signal);
            await stopping;
            total += ms;
            await slept(total);
          },
        },
        onProgress({ tables }) {
          if ((tables[0]?.fetched ?? 0) > 1500) stopping ??= server.stop({ keepData: true });
        },
      },
    );
    return run.ended.catch((error: unknown) => error);
  };

  it('as one does whose standby takes its place after a minute and a half is waited for', async () => {
    let back: Promise<void> | null = null;
    const end = await away('restart_away', async (ms) => {
      if (ms > 90_000) back ??= server.restart();
      await back;
    });
    expect(back).not.toBeNull();
    expect(end).toMatchObject({ kind: 'published', result: { rowCounts: { forms } } });
  });

  it('and does not come back is told as lost, not as a wrong setting', async () => {
    let waited = 0;
    try {
      expect(
        await away('restart_gone', async (ms) => {
          waited = ms;
        }),
      ).toMatchObject({ code: 'DB_LOST', kind: 'transient' });
      expect(waited).toBeGreaterThan(100_000);
      expect(waited).toBeLessThan(200_000);
    } finally {
      await server.restart();
    }
  });
});
