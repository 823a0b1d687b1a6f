import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, differences, leftBehind, type TestDatabase } from '../support/database.ts';
import { manyDue } from '../support/due.ts';
import { rawDb } from '../support/parts.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* `headgate serve` killed while it works on what is due, and started again: as if nothing had been. */

/** `HEADGATE_SERVE_KILLS=20` for the long run. */
const kills = Number(process.env['HEADGATE_SERVE_KILLS'] ?? 5);
const datasets = 2;
const forms = 500;

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let program: Awaited<ReturnType<typeof bundleProgram>>;
let child: ChildProcess | null = null;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'due', forms, cases: 10, seed: 9 }], gzip: false });
  folder = mkdtempSync(join(tmpdir(), 'headgate-serve-kills-'));
  program = await bundleProgram('serve-kills');
});
afterAll(async () => {
  child?.kill('SIGKILL');
  program.remove();
  rmSync(folder, { recursive: true, force: true });
  await sim.close();
  await db[Symbol.asyncDispose]();
});

/** What is written down in the workspace; this process has it open nowhere else. */
function written<T>(sql: string): T[] {
  using file = rawDb(join(folder, 'headgate.db'));
  return file.prepare(sql).all() as T[];
}
const atWork = (): number =>
  written(`SELECT id FROM sync_jobs WHERE status IN ('running', 'queued', 'paused')`).length;
const stillDue = (): number =>
  written(`SELECT id FROM materialised_datasets WHERE next_sync_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`)
    .length;
function makeDue(): void {
  using file = rawDb(join(folder, 'headgate.db'));
  file.exec(`UPDATE materialised_datasets SET next_sync_at = '2020-01-01T00:00:00.000Z'`);
}

interface Serving {
  /** Resolves once it was ended, by which signal or with which code. */
  readonly over: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}
/** `headgate serve` as a process of its own, once it keeps its timetable. */
async function serving(): Promise<Serving> {
  const started = spawn(process.execPath, [program.file, 'serve', '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key'), HEADGATE_SYNCS: '2' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child = started;
  let said = '';
  started.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const over = new Promise<string>((resolve) =>
    started.once('close', (code, signal) => resolve(`${signal ?? code}`)),
  );
  await expect.poll(() => said, { timeout: 30_000, interval: 20 }).toContain('keeps its timetable');
  return { over, kill: (signal) => void started.kill(signal) };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets a service do all that is due, and ends it in order. */
async function toTheEnd(): Promise<void> {
  const service = await serving();
  await expect.poll(() => atWork() + stillDue(), { timeout: 60_000, interval: 100 }).toBe(0);
  service.kill('SIGTERM');
  expect(await service.over).toBe('0');
}

it(`${kills} kills of a service at work leave what no kill leaves`, async () => {
  const random = seeded(11);
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'due' };
  {
    await using ws = await openWorkspace({ folder });
    await manyDue(ws, datasets, setup);
  }
  let rounds = 1;
  let atWorkWhenKilled = 0;
  while (atWorkWhenKilled < kills) {
    expect(rounds).toBeLessThan(kills * 3);
    if (atWork() + stillDue() === 0) {
      rounds += 1;
      sim.domain('due').edit('form', [rounds, rounds * 10, rounds * 20, forms - 1 - rounds]);
      makeDue();
    }
    const service = await serving();
    await pause(random() * 1200);
    const isAtWork = atWork() > 0;
    service.kill('SIGKILL');
    expect(await service.over).toBe('SIGKILL');
    if (!isAtWork) continue;
    atWorkWhenKilled += 1;
    // So that refreshes are met as well as the first publish.
    if (atWorkWhenKilled % 2 === 0) await toTheEnd();
  }
  await toTheEnd();
  if (kills > 5) console.info(JSON.stringify({ rounds, atWorkWhenKilled }));

  await using calm = await openWorkspace();
  const undisturbed = await setUp(calm.api, { ...setup, datasets: ['forms'], keepRaw: false });
  expect(await syncToEnd(calm, undisturbed)).toMatchObject({ status: 'completed' });
  const found = written<{ schema_name: string; status: string }>(
    'SELECT schema_name, status FROM materialised_datasets',
  );
  expect(found.map(({ status }) => status)).toEqual(Array.from({ length: datasets }, () => 'ready'));
  for (const { schema_name: schema } of found)
    expect(await differences(db, schema, undisturbed.dataset?.schemaName ?? '')).toEqual([]);
  expect(await db.query(leftBehind)).toEqual([]);
  // Each that was due was done once: by one job, however often that was taken up.
  const jobs = written<{ status: string }>('SELECT status FROM sync_jobs');
  expect(jobs.map(({ status }) => status)).toEqual(
    Array.from({ length: rounds * datasets }, () => 'completed'),
  );
}, 300_000);

it('SIGTERM pauses what runs and is no failure; the next start goes on with it', async () => {
  const before = written('SELECT id FROM sync_jobs').length;
  sim.domain('due').edit('form', [7, 77, 177]);
  makeDue();
  sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
  const asked = (): number => sim.stats.requests['form'] ?? 0;
  const already = asked();
  const first = await serving();
  await expect.poll(asked, { timeout: 30_000 }).toBeGreaterThan(already);
  first.kill('SIGTERM');
  expect(await first.over).toBe('0');
  const states = written<{ status: string; paused_by: string | null }>(
    `SELECT status, paused_by FROM sync_jobs WHERE status <> 'completed'`,
  );
  expect(states).toHaveLength(datasets);
  expect(states).toContainEqual({ status: 'paused', paused_by: 'quit' });
  expect(states).not.toContainEqual(expect.objectContaining({ status: 'running' }));
  sim.faults.clear();
  await toTheEnd();
  const jobs = written<{ status: string }>('SELECT status FROM sync_jobs');
  expect(jobs.map(({ status }) => status)).toEqual(
    Array.from({ length: before + datasets }, () => 'completed'),
  );
}, 120_000);
