import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Job, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb } from '../support/parts.ts';
import { openWorkspace, setUp, type Workspace } from '../support/workspace.ts';

/* A job that waits for its source outlives the process that started it, and gets more patient where no time is named. */

const forms = 4500;
let db: TestDatabase;
let sim: HqSimulator;
/** When each request for forms came, with its path. */
let asked: { at: number; path: string }[] = [];

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [
      { name: 'silent', forms, cases: 10, seed: 6 },
      { name: 'again', forms, cases: 10, seed: 7 },
      { name: 'beside', forms, cases: 10, seed: 8 },
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
const limit = (seconds: number | null, more: { after?: number; times?: number } = {}): void =>
  sim.faults.add({
    match: 'form',
    kind: 'status',
    status: 429,
    body: '',
    ...(seconds === null ? {} : { headers: { 'retry-after': String(seconds) } }),
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
/**
 * As if the time had passed: the job's, and what the source's budget learnt. A process reads the budget again after a second,
 * so the job's time comes only then: whoever takes it up at once must not still remember the wait.
 */
const letTimePass = async (folder: string): Promise<void> => {
  using file = rawDb(join(folder, 'headgate.db'));
  file.exec('DELETE FROM source_budgets');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  file.exec(`UPDATE sync_jobs SET waiting_until = '2020-01-01T00:00:00.000Z' WHERE status = 'paused'`);
};

it('waits with growing patience when no time is named', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws, 'silent');
  limit(null, { after: 2, times: 100 });
  const job = await ws.api.syncs.start({ linkId: made.id });
  const patience: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    await paused(ws, job.id);
    patience.push(Date.parse((await jobOf(ws, job.id))?.waitingUntil ?? '') - Date.now());
    if (round === 1) break;
    await letTimePass(ws.folder);
    await ws.api.syncs.resume({ id: job.id });
    await expect.poll(async () => (await jobOf(ws, job.id))?.status).toBe('running');
  }
  // 30 s, then 60 s, each jittered down to its half at most.
  const [a = 0, b = 0] = patience.map((ms) => ms / 1000);
  expect(a).toBeGreaterThan(10);
  expect(a).toBeLessThanOrEqual(30);
  expect(b).toBeGreaterThan(25);
  expect(b).toBeLessThanOrEqual(60);
  sim.faults.clear();
  await letTimePass(ws.folder);
  await ws.api.syncs.resume({ id: job.id });
  expect((await ws.app.jobEnded(job.id)).status).toBe('completed');
  expect(answeredTwice()).toEqual([]);
}, 60_000);

it('is continued after quitting and starting again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-limit-'));
  let id = '';
  {
    await using ws = await openWorkspace({ folder });
    const made = await link(ws, 'again');
    limit(3600);
    ({ id } = await ws.api.syncs.start({ linkId: made.id }));
    await paused(ws, id);
  }
  {
    await using ws = await openWorkspace({ folder });
    ws.app.startTimetable();
    // Its time has not come.
    expect(await jobOf(ws, id)).toMatchObject({ status: 'paused', pausedBy: 'source' });
  }
  await letTimePass(folder);
  {
    await using ws = await openWorkspace({ folder });
    ws.app.startTimetable();
    expect(await ws.app.jobEnded(id)).toMatchObject({ status: 'completed', rowCounts: { forms } });
  }
  expect(answeredTwice()).toEqual([]);
  rmSync(folder, { recursive: true });
});

it('is continued by another process on the same store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-limit-'));
  {
    await using ws = await openWorkspace({ folder });
    const made = await link(ws, 'beside');
    limit(3600);
    const job = await ws.api.syncs.start({ linkId: made.id });
    await paused(ws, job.id);
    await letTimePass(folder);
    const project = (await ws.api.projects.list()).find(({ id }) => id === made.projectId)?.name ?? '';
    const child = spawn(process.execPath, ['main/headless/index.ts', 'sync', project, '--data', folder], {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
      stdio: 'ignore',
    });
    const left = new Promise((resolve) => child.once('exit', resolve));
    // Whoever waits for a job takes it up when its time has come, so nobody waits here before the other has it.
    await expect
      .poll(async () => (await jobOf(ws, job.id))?.status, { timeout: 30_000 })
      .toMatch(/running|completed/);
    // The one that waits here hears of its end.
    expect(await ws.app.jobEnded(job.id)).toMatchObject({
      id: job.id,
      status: 'completed',
      rowCounts: { forms },
    });
    expect(await left).toBe(0);
    expect((await ws.api.syncs.list({})).length).toBe(1);
  }
  expect(answeredTwice()).toEqual([]);
  rmSync(folder, { recursive: true });
});
