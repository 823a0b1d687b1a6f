import { afterAll, beforeAll, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { roomForSyncs } from '../../main/sync/destination/postgres/room.ts';
import type { Job } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { manyDue } from '../support/due.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* A dozen datasets are due in the same minute: some run, the rest waits, says why, and has its turn. */

let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({ domains: [{ name: 'due', forms: 12, cases: 2, seed: 3 }] });
});
afterAll(() => sim.close());

/** Lets all be due and end; the most that ran at one time, and what the waiting ones said. */
async function runAll(
  ws: Workspace,
  datasets: number,
): Promise<{ most: number; said: Set<string>; last: Job[] }> {
  const running = new Set<string>();
  const said = new Set<string>();
  let most = 0;
  ws.app.onEvent((name, payload) => {
    if (name !== 'sync.progressed') return;
    const { id, status, notice } = payload as Job;
    if (status === 'running') running.add(id);
    else running.delete(id);
    if (status === 'queued' && notice !== null) said.add(notice);
    most = Math.max(most, running.size);
  });
  ws.app.startTimetable();
  const jobs = await ws.api.syncs.list({ limit: 50 });
  expect(jobs.filter(({ trigger }) => trigger === 'schedule')).toHaveLength(datasets);
  const last = await Promise.all(jobs.map(({ id }) => ws.app.jobEnded(id)));
  return { most, said, last };
}

async function due(db: TestDatabase, datasets: number, syncs: number): ReturnType<typeof runAll> {
  await using ws = await openWorkspace({ env: { ...process.env, HEADGATE_SYNCS: String(syncs) } });
  await manyDue(ws, datasets, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'due' },
  });
  // Awaited here: the workspace is closed with this block.
  return await runAll(ws, datasets);
}

it('at most so many run at once', async () => {
  await using db = await createDatabase();
  const { most, said, last } = await due(db, 12, 3);
  expect(last.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 'completed'));
  // What they waited for is not left in what they say at the end.
  expect(last.map(({ notice }) => notice)).toEqual(Array.from({ length: 12 }, () => null));
  expect(most).toBe(3);
  expect([...said]).toEqual(['It waits for its turn: 3 syncs at once here.']);
}, 60_000);

it('and on one connection only as many as it has sessions for', async () => {
  await using db = await createDatabase();
  await db.query(`ALTER ROLE ${db.postgres.user} CONNECTION LIMIT 8`);
  const { most, said, last } = await due(db, 5, 5);
  expect(last.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'completed'));
  expect(most).toBe(2);
  expect(said).toContain('It waits for free sessions of its database, which has room for 2 syncs at once.');
}, 60_000);

it('the room of a target is what server, database and role leave, without our own, and never nothing', async () => {
  await using db = await createDatabase();
  const room = (jobs: string[] = []): Promise<number> =>
    roomForSyncs(localTarget(db.postgres, db.database), jobs, new AbortController().signal);
  const server = await room();
  expect(server).toBeGreaterThan(3);
  await db.query(`ALTER ROLE ${db.postgres.user} CONNECTION LIMIT 9`);
  expect(await room()).toBe(3);
  await db.query(`ALTER DATABASE ${db.database} CONNECTION LIMIT 8`);
  // One is the test's own.
  expect(await room()).toBe(2);
  const [ours, theirs] = [await db.connect(), await db.connect()];
  const job = crypto.randomUUID();
  await ours.query(`SET application_name = 'headgate sync ${job} 1'`);
  // Three are the test's own, of which one counts as a sync's.
  await db.query(`ALTER DATABASE ${db.database} CONNECTION LIMIT 11`);
  expect([await room(), await room([job])]).toEqual([2, 3]);
  await db.query(`ALTER DATABASE ${db.database} CONNECTION LIMIT 4`);
  expect(await room()).toBe(1);
  await ours.end();
  await theirs.end();
});
