import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Job, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Pause keeps everything, cancel leaves nothing, and whatever ends a process, the next one goes on. */

const forms = 6500;
/** Below what a slow page takes, so that whoever waits for one fails; well above what it takes on a busy machine. */
const atOnceMs = 1400;
let db: TestDatabase;
let sim: HqSimulator;
let pages: string[] = [];

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms, cases: 20, seed: 9 }],
    onRequest: ({ kind, path }) => {
      if (kind === 'form') pages.push(path);
    },
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});
beforeEach(() => {
  pages = [];
  sim.faults.clear();
});

const link = (ws: Workspace): Promise<Link> =>
  setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'demo',
    datasets: ['forms'],
  });
const slowFrom = (after: number): void =>
  sim.faults.add({ match: 'form', kind: 'slow', ms: 1500, after, times: 'always' });
const jobOf = async (ws: Workspace, id: string): Promise<Job | undefined> =>
  (await ws.api.syncs.list({ limit: 50 })).find((job) => job.id === id);
/** Waits until so many records are committed. */
const readSome = (made: Link, atLeast = 999) =>
  expect
    .poll(
      async () => {
        const schema = `${made.dataset?.schemaName}__staging`;
        const [there] = await db.query('SELECT to_regclass($1) AS name', [`"${schema}"._headgate_state`]);
        if (there?.['name'] == null) return 0;
        const [state] = await db.query(
          `SELECT fetched FROM "${schema}"._headgate_state WHERE dataset = 'forms'`,
        );
        return Number(state?.['fetched'] ?? 0);
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThanOrEqual(atLeast);
const stagingOf = (made: Link): Promise<unknown[]> =>
  db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [`${made.dataset?.schemaName}__staging`]);
const sessions = (): Promise<unknown[]> =>
  db.query(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'headgate%'",
  );
const rowsOf = async (made: Link): Promise<string | null | undefined> =>
  (await db.query(`SELECT count(*) AS n FROM "${made.dataset?.schemaName}".forms`))[0]?.['n'];

describe('pause', () => {
  it('stops after the last commit, keeps what is read, and resume goes on from there', async () => {
    await using ws = await openWorkspace();
    const made = await link(ws);
    slowFrom(3);
    const job = await ws.api.syncs.start({ linkId: made.id });
    await readSome(made);
    const begun = Date.now();
    const paused = await ws.api.syncs.pause({ id: job.id });
    expect(Date.now() - begun).toBeLessThan(atOnceMs);
    expect(paused).toMatchObject({ status: 'paused', pausedBy: 'person', finishedAt: null });
    expect(await stagingOf(made)).toHaveLength(1);
    await expect.poll(sessions, { timeout: 10_000 }).toEqual([]);
    expect(ws.app.runningSyncs).toBe(0);
    const [state] = await db.query(
      `SELECT fetched FROM "${made.dataset?.schemaName}__staging"._headgate_state WHERE dataset = 'forms'`,
    );
    const kept = Number(state?.['fetched']);
    expect(kept).toBeGreaterThanOrEqual(1000);
    // Who paused it decides when it goes on: not the clock.
    ws.app.startTimetable();
    expect(await jobOf(ws, job.id)).toMatchObject({ status: 'paused' });
    sim.faults.clear();
    const before = new Set(pages.slice(0, -1));
    pages = [];
    expect(await ws.api.syncs.resume({ id: job.id })).toMatchObject({ id: job.id, pausedBy: null });
    expect(await ws.app.jobEnded(job.id)).toMatchObject({ status: 'completed', rowCounts: { forms } });
    // One page was being written, one was on its way.
    expect(pages.filter((page) => before.has(page)).length).toBeLessThanOrEqual(2);
  });

  it('is ended by starting again, which joins the job', async () => {
    await using ws = await openWorkspace();
    const made = await link(ws);
    slowFrom(2);
    const job = await ws.api.syncs.start({ linkId: made.id });
    await readSome(made);
    expect((await ws.api.syncs.start({ linkId: made.id })).id).toBe(job.id);
    await ws.api.syncs.pause({ id: job.id });
    sim.faults.clear();
    const again = await ws.api.syncs.start({ linkId: made.id });
    expect(again.id).toBe(job.id);
    expect((await ws.app.jobEnded(job.id)).status).toBe('completed');
    // After its end there is nothing to pause or resume.
    expect((await ws.api.syncs.pause({ id: job.id })).status).toBe('completed');
    expect((await ws.api.syncs.resume({ id: job.id })).status).toBe('completed');
    expect((await ws.api.syncs.list({})).length).toBe(1);
  });
});

describe('cancel', () => {
  it('in the middle of writing is over within a second and leaves nothing, but what is published', async () => {
    await using ws = await openWorkspace();
    const made = await link(ws);
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    const job = await ws.api.syncs.start({ linkId: made.id });
    for (;;) {
      const writing = await db.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'headgate%' AND query LIKE 'COPY%' AND state = 'active'",
      );
      if (writing.length > 0) break;
      expect((await jobOf(ws, job.id))?.finishedAt).toBeNull();
    }
    const begun = Date.now();
    const cancelled = await ws.api.syncs.cancel({ id: job.id });
    expect(Date.now() - begun).toBeLessThan(atOnceMs);
    expect(cancelled).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' }, notice: null });
    expect(await stagingOf(made)).toEqual([]);
    await expect.poll(sessions, { timeout: 10_000 }).toEqual([]);
    expect(await rowsOf(made)).toBe(String(forms));
    expect((await ws.api.datasets.list())[0]).toMatchObject({ status: 'ready', job: null, error: null });
  });

  it('while the source is silent, and of a paused job, leaves nothing either', async () => {
    await using ws = await openWorkspace();
    const made = await link(ws);
    sim.faults.add({ match: 'form', kind: 'hang', after: 1, times: 'always' });
    const silent = await ws.api.syncs.start({ linkId: made.id });
    await readSome(made);
    const begun = Date.now();
    expect((await ws.api.syncs.cancel({ id: silent.id })).status).toBe('cancelled');
    expect(Date.now() - begun).toBeLessThan(atOnceMs);
    expect(await stagingOf(made)).toEqual([]);

    const paused = await ws.api.syncs.start({ linkId: made.id });
    await expect.poll(() => stagingOf(made), { timeout: 10_000 }).toHaveLength(1);
    await ws.api.syncs.pause({ id: paused.id });
    expect(await ws.api.syncs.cancel({ id: paused.id })).toMatchObject({
      status: 'cancelled',
      pausedBy: null,
    });
    expect(await stagingOf(made)).toEqual([]);
    await expect.poll(sessions, { timeout: 10_000 }).toEqual([]);
    expect((await ws.api.datasets.list())[0]).toMatchObject({ status: 'pending', job: null });
  });

  it('before the worker is there, and twice, is no harm', async () => {
    await using ws = await openWorkspace();
    const made = await link(ws);
    const job = await ws.api.syncs.start({ linkId: made.id });
    const [one, two] = await Promise.all([
      ws.api.syncs.cancel({ id: job.id }),
      ws.api.syncs.cancel({ id: job.id }),
    ]);
    expect([one.status, two.status]).toEqual(['cancelled', 'cancelled']);
    expect(await stagingOf(made)).toEqual([]);
  });
});

describe('the end of a process', () => {
  it('by quitting pauses what runs, and the next start goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-quit-'));
    let id = '';
    {
      await using ws = await openWorkspace({ folder });
      const made = await link(ws);
      slowFrom(3);
      ({ id } = await ws.api.syncs.start({ linkId: made.id }));
      await readSome(made);
    }
    sim.faults.clear();
    const before = pages.length;
    {
      await using ws = await openWorkspace({ folder });
      expect(await jobOf(ws, id)).toMatchObject({ status: 'paused', pausedBy: 'quit', finishedAt: null });
      ws.app.startTimetable();
      expect(await ws.app.jobEnded(id)).toMatchObject({
        status: 'completed',
        trigger: 'resume',
        rowCounts: { forms },
      });
      // How many there are depends on how the list is divided; the one it began with is not asked for again.
      expect(pages.slice(before)).not.toContain(pages[0]);
    }
    rmSync(folder, { recursive: true });
  });

  it('by a kill is seen by the next start, which takes the same job up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-killed-'));
    let project = '';
    let made: Link;
    {
      await using ws = await openWorkspace({ folder });
      made = await link(ws);
      project = (await ws.api.projects.list()).find(({ id }) => id === made.projectId)?.name ?? '';
    }
    slowFrom(3);
    const child = spawn(process.execPath, ['main/headless/index.ts', 'sync', project, '--data', folder], {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
      stdio: 'ignore',
    });
    await readSome(made);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    sim.faults.clear();
    const before = new Set(pages.slice(0, 1));
    pages = [];
    {
      await using ws = await openWorkspace({ folder });
      const [job] = await ws.api.syncs.list({});
      expect(job).toMatchObject({ status: 'paused', pausedBy: 'quit' });
      ws.app.startTimetable();
      expect(await ws.app.jobEnded(job?.id ?? '')).toMatchObject({
        status: 'completed',
        rowCounts: { forms },
      });
      expect(pages.filter((page) => before.has(page))).toEqual([]);
    }
    rmSync(folder, { recursive: true });
  });
});
