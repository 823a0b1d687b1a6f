import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Schedule } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, leftBehind, type TestDatabase } from '../support/database.ts';
import { manyDue } from '../support/due.ts';
import { rawDb } from '../support/parts.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* A week of `headgate serve` that is killed again and again ends as one that nobody disturbs. */

const kills = 20;
const forms = 200;
const day = 24 * 3_600_000;
// It is over by today: workers go by the system’s clock, to which a request of next week would have to wait.
const begin = Math.floor(Date.now() / day) * day - 8 * day;
const end = begin + 7 * day;
const schedules: readonly Schedule[] = [
  { kind: 'every', hours: 6 },
  { kind: 'every', hours: 12 },
  { kind: 'at', time: '06:00', zone: 'Africa/Nairobi', weekdays: [1, 2, 3, 4, 5, 6, 7] },
];

let db: TestDatabase;
let sim: HqSimulator;
const children = new Set<ChildProcess>();
const folders: string[] = [];
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'week', forms, cases: 5, seed: 3 }], gzip: false });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  await sim.close();
  await db[Symbol.asyncDispose]();
});
const setup = () => ({ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'week' });

/** A workspace with a dataset of each schedule, all of them due. */
async function prepared(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-week-'));
  folders.push(folder);
  await using ws = await openWorkspace({ folder });
  await manyDue(ws, schedules.length, setup());
  const [project] = await ws.api.projects.list();
  const links = await ws.api.links.list({ projectId: project?.id ?? '' });
  for (const [at, { id }] of links.entries()) {
    const schedule = schedules[at];
    // Nobody reads it in all the week; what goes for want of use is another test's.
    if (schedule) await ws.api.links.update({ id, schedule, keepIdleHours: null });
  }
  return folder;
}

interface Serving {
  readonly said: () => string;
  readonly over: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}
async function serving(folder: string): Promise<Serving> {
  const args = [join(import.meta.dirname, '../support/week-child.ts'), folder, `${begin}`, `${end}`];
  const child = spawn(process.execPath, args, { env: process.env, stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const over = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(`${signal ?? code}`);
    }),
  );
  await expect.poll(() => said, { timeout: 60_000, interval: 20 }).toContain('keeps its timetable');
  return { said: () => said, over, kill: (signal) => void child.kill(signal) };
}
async function toTheEnd(folder: string): Promise<void> {
  const service = await serving(folder);
  await expect.poll(service.said, { timeout: 240_000, interval: 100 }).toContain('The time is over.');
  service.kill('SIGTERM');
  expect(await service.over).toBe('0');
}

/** How the workspace is in the end: what nothing random or of the moment has a part in. */
function endOf(folder: string) {
  using file = rawDb(join(folder, 'headgate.db'));
  const all = <T>(sql: string): T[] => file.prepare(sql).all() as T[];
  return {
    // By whom each was begun or taken up differs; how many there were of each does not.
    jobs: all(`SELECT l.schedule, j.status, count(*) AS n FROM sync_jobs j JOIN materialised_datasets d ON d.id = j.dataset_id
      JOIN project_data_sources l ON l.id = d.link_id GROUP BY 1, 2 ORDER BY 1, 2`),
    datasets: all<{ schedule: string; schema_name: string; status: string; next_sync_at: string }>(
      `SELECT l.schedule, d.schema_name, d.status, d.next_sync_at FROM materialised_datasets d
       JOIN project_data_sources l ON l.id = d.link_id ORDER BY 1`,
    ),
    credentials: all('SELECT kind, ended FROM credentials'),
  };
}

it(`${kills} kills in a week of the service leave what no kill leaves`, async () => {
  const random = seeded(5);
  const [killed, calm] = [await prepared(), await prepared()];
  for (let n = 0; n < kills; n += 1) {
    const service = await serving(killed);
    await new Promise((resolve) => setTimeout(resolve, random() * 700));
    expect(service.said()).not.toContain('The time is over.');
    service.kill('SIGKILL');
    expect(await service.over).toBe('SIGKILL');
    sim.domain('week').edit('form', [n, n * 3, n * 7, forms - 1 - n]);
  }
  await toTheEnd(killed);
  await toTheEnd(calm);

  const [found, wanted] = [endOf(killed), endOf(calm)];
  expect(found.jobs).toEqual(wanted.jobs);
  expect(found.credentials).toEqual(wanted.credentials);
  const plain = ({ datasets }: typeof found) => datasets.map(({ schema_name: _, ...rest }) => rest);
  expect(plain(found)).toEqual(plain(wanted));
  expect(wanted.datasets.map(({ status }) => status)).toEqual(schedules.map(() => 'ready'));
  // What is there is what the source has.
  await using ws = await openWorkspace();
  const fresh = await setUp(ws.api, { ...setup(), datasets: ['forms'], keepRaw: false });
  expect(await syncToEnd(ws, fresh)).toMatchObject({ status: 'completed' });
  for (const { schema_name: schema } of [...found.datasets, ...wanted.datasets])
    expect(await differences(db, schema, fresh.dataset?.schemaName ?? '')).toEqual([]);
  expect(await db.query(leftBehind)).toEqual([]);
}, 600_000);
