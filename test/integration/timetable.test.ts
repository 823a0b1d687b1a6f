import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refreshDue } from '../../main/schedule/timetable.ts';
import { openStore } from '../../main/store/index.ts';
import type { Jobs } from '../../main/sync/job/jobs.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({ domains: [{ name: 'small', forms: 20, cases: 5, seed: 1 }] });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

it('queues what is due once, only active links, and not before its time', async () => {
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const [active, paused, never] = [
    await setUp(ws.api, setup),
    await setUp(ws.api, setup),
    await setUp(ws.api, setup),
  ];
  await syncToEnd(ws, active);
  await syncToEnd(ws, paused);
  await ws.api.links.update({ id: paused.id, isActive: false });
  const store = openStore(join(ws.folder, 'headgate.db'), {
    now: () => new Date().toISOString(),
    newId: () => crypto.randomUUID(),
  });
  const started: string[] = [];
  const jobs: Pick<Jobs, 'start'> = {
    start(datasetId) {
      started.push(datasetId);
      throw new Error('one that can not be queued must not stop the others');
    },
  };
  const silent = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };
  const at = (hours: number): number =>
    refreshDue({ store, jobs, now: () => Date.now() + hours * 3_600_000, log: silent });
  expect(at(23.9)).toBe(0);
  // Missed three times over: made up once.
  expect(at(24.1 * 3)).toBe(1);
  expect(started).toEqual([active.dataset?.id]);
  expect(started).not.toContain(never.dataset?.id);
  store.close();
});

it('a host that stays makes up what is due at its start', async () => {
  const file = new Database(join(ws.folder, 'headgate.db'));
  file
    .prepare(
      "UPDATE materialised_datasets SET next_sync_at = '2020-01-01T00:00:00.000Z' WHERE data_as_of IS NOT NULL",
    )
    .run();
  file.close();
  ws.app.startTimetable();
  const [job, ...others] = (await ws.api.syncs.list({ limit: 10 })).filter(
    ({ trigger }) => trigger === 'schedule',
  );
  expect(others).toEqual([]);
  expect(await ws.app.jobEnded(job?.id ?? '')).toMatchObject({ status: 'completed', trigger: 'schedule' });
  expect((await ws.api.datasets.list()).find(({ id }) => id === job?.datasetId)?.nextSyncAt).toMatch(
    /^20(2[6-9]|[3-9])/,
  );
});
