import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Job, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A rate limit is a plan: the job pauses, its thread goes, and it continues on the same page when the time has come. */

const forms = 4500;
let db: TestDatabase;
let sim: HqSimulator;
/** When each request for forms came, with its path. */
let asked: { at: number; path: string }[] = [];

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [
      { name: 'limited', forms, cases: 10, seed: 4 },
      { name: 'short', forms, cases: 10, seed: 3 },
      { name: 'shared', forms: 2500, cases: 10, seed: 5 },
      { name: 'asked', forms: 2500, cases: 10, seed: 5 },
      { name: 'clock', forms: 2500, cases: 10, seed: 5 },
    ],
    onRequest: ({ kind, path }) => {
      if (kind === 'form') asked.push({ at: Date.now(), path });
    },
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});
beforeEach(() => {
  asked = [];
  sim.faults.clear();
});

const link = (ws: Workspace, domain: string): Promise<Link> =>
  setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain,
    datasets: ['forms'],
    keepRaw: false,
  });
const limit = (seconds: number, more: { after?: number; times?: number } = {}): void =>
  sim.faults.add({
    match: 'form',
    kind: 'status',
    status: 429,
    body: '',
    headers: { 'retry-after': String(seconds) },
    after: more.after ?? 3,
    times: more.times ?? 1,
  });
const jobOf = async (ws: Workspace, id: string): Promise<Job | undefined> =>
  (await ws.api.syncs.list({ limit: 50 })).find((job) => job.id === id);
const paused = (ws: Workspace, id: string) =>
  expect.poll(async () => (await jobOf(ws, id))?.status, { timeout: 20_000 }).toBe('paused');
/** Every page that was answered, and how often. */
const answeredTwice = (): string[] => {
  const seen = new Set<string>();
  return sim.stats.recent
    .filter(
      ({ kind, status, path }) => kind === 'form' && status === 200 && asked.some((a) => a.path === path),
    )
    .map(({ path }) => path)
    .filter((path) => seen.size === seen.add(path).size);
};
it('pauses for a longer wait, says until when, and continues on the same page by itself', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws, 'limited');
  // Few enough requests that nothing is learnt from the refusal.
  limit(6.5, { after: 2 });
  const job = await ws.api.syncs.start({ linkId: made.id });
  await paused(ws, job.id);
  const waiting = await jobOf(ws, job.id);
  expect(waiting).toMatchObject({ pausedBy: 'source', finishedAt: null, error: null });
  const until = Date.parse(waiting?.waitingUntil ?? '');
  const refused = asked.at(-1)?.at ?? 0;
  expect(until - refused).toBeGreaterThan(6000);
  expect(until - refused).toBeLessThan(7500);
  // The thread is gone, what was read is not, and nobody has a session open.
  expect(ws.app.runningSyncs).toBe(0);
  expect(
    await db.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'headgate%'",
    ),
  ).toEqual([]);
  const [state] = await db.query(
    `SELECT fetched FROM "${made.dataset?.schemaName}__staging"._headgate_state WHERE dataset = 'forms'`,
  );
  expect(state).toEqual({ fetched: '1000' });
  const dataset = (await ws.api.datasets.list()).find(({ linkId }) => linkId === made.id);
  expect(dataset).toMatchObject({
    status: 'pending',
    job: { id: job.id, waitingUntil: waiting?.waitingUntil },
  });
  // Whoever starts it meanwhile joins it, and nothing is asked.
  expect((await ws.api.syncs.start({ linkId: made.id })).id).toBe(job.id);
  const before = asked.length;
  expect(await ws.app.jobEnded(job.id)).toMatchObject({ status: 'completed', rowCounts: { forms } });
  const next = asked[before];
  expect(next?.at).toBeGreaterThanOrEqual(until);
  // The page that was refused is the one that came next.
  expect(next?.path).toBe(asked[before - 1]?.path);
  expect(answeredTwice()).toEqual([]);
});

it('is asked at once when a person does not want to wait', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws, 'asked');
  limit(3600);
  const job = await ws.api.syncs.start({ linkId: made.id });
  await paused(ws, job.id);
  expect(await ws.api.syncs.resume({ id: job.id })).toMatchObject({ id: job.id, status: 'queued' });
  expect(await ws.app.jobEnded(job.id)).toMatchObject({ status: 'completed', rowCounts: { forms: 2500 } });
  expect(answeredTwice()).toEqual([]);
});

it('is not waited for until a time that only a clock which was wrong can have written down', async () => {
  using folder = temporaryFolder();
  let id = '';
  {
    await using ws = await openWorkspace({ folder: folder.path });
    const made = await link(ws, 'clock');
    limit(3600);
    ({ id } = await ws.api.syncs.start({ linkId: made.id }));
    await paused(ws, id);
  }
  {
    using file = rawDb(join(folder.path, 'headgate.db'));
    file.exec(`UPDATE sync_jobs SET waiting_until = '2031-05-01T00:00:00.000Z' WHERE status = 'paused';
      UPDATE source_budgets SET state = json_set(state, '$.blockedUntil', ${Date.parse('2031-05-01')})`);
  }
  await using ws = await openWorkspace({ folder: folder.path });
  expect(await jobOf(ws, id)).toMatchObject({ status: 'paused', waitingUntil: null });
  expect(await ws.app.jobEnded(id)).toMatchObject({ status: 'completed', rowCounts: { forms: 2500 } });
});

it('waits a short time without giving the thread back', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws, 'short');
  limit(0.4, { times: 3 });
  const statuses = new Set<string>();
  ws.app.onEvent((name, payload) => {
    if (name === 'sync.progressed') statuses.add((payload as Job).status);
  });
  expect((await syncToEnd(ws, made)).status).toBe('completed');
  expect([...statuses].sort()).toEqual(['completed', 'running']);
  expect(answeredTwice()).toEqual([]);
});

it('keeps siblings of the same space from asking before the time that one was told', async () => {
  await using ws = await openWorkspace();
  const [one, other] = [await link(ws, 'shared'), await link(ws, 'shared')];
  limit(5.5, { after: 1 });
  const first = await ws.api.syncs.start({ linkId: one.id });
  await paused(ws, first.id);
  const until = Date.parse((await jobOf(ws, first.id))?.waitingUntil ?? '');
  const before = asked.length;
  const second = await ws.api.syncs.start({ linkId: other.id });
  for (const { id } of [first, second]) expect((await ws.app.jobEnded(id)).status).toBe('completed');
  expect(asked.length).toBeGreaterThan(before);
  expect(Math.min(...asked.slice(before).map(({ at }) => at))).toBeGreaterThanOrEqual(until);
});
