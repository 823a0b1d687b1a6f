import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { syncCommand } from '../../main/headless/commands/commands.ts';
import { osProcesses } from '../../main/os-process.ts';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { keptConsole } from '../support/console.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { ownerHere } from '../support/one-job.ts';
import { rawDb, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Two processes on one workspace: the same sync is run by one of them, and never by nobody. */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 30, cases: 2, seed: 9 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});
afterEach(() => sim.faults.clear());

const link = (ws: Workspace): Promise<Link> =>
  setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'demo' },
    ...{ datasets: ['forms'], keepRaw: false },
  });
const projectOf = async (ws: Workspace, { projectId }: Link): Promise<string> =>
  (await ws.api.projects.list()).find(({ id }) => id === projectId)?.name ?? '';
const slow = (): void => sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });

interface Child {
  readonly process: ChildProcess;
  readonly said: { text: string };
  readonly exit: Promise<number | null>;
}
function headgate(folder: string, ...args: string[]): Child {
  const child = spawn(process.execPath, ['main/headless/index.ts', ...args, '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said.text += text));
  return { process: child, said, exit: new Promise((resolve) => child.once('exit', resolve)) };
}
const asked = (): number => sim.stats.requests['form'] ?? 0;
/** A process of its own that reads for the link, for as long as the source is slow, and its job. */
async function readsThere(ws: Workspace, made: Link) {
  const before = asked();
  slow();
  const other = headgate(ws.folder, 'sync', await projectOf(ws, made));
  await expect.poll(asked, { timeout: 20_000 }).toBeGreaterThan(before);
  return { other, id: (await ws.api.syncs.list({}))[0]?.id ?? '' };
}

it('who waits for another process says so, and when that one is killed goes on and publishes', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws);
  const { other, id } = await readsThere(ws, made);
  const to = keptConsole();
  const code = syncCommand(
    ws,
    { project: await projectOf(ws, made), source: undefined, takeOver: undefined },
    to,
  );
  await expect.poll(() => to.said.err).toContain(`process ${other.process.pid} on`);
  sim.faults.clear();
  other.process.kill('SIGKILL');
  await other.exit;
  expect(await code).toBe(0);
  expect(to.said.out).toMatch(/published in .* s[\s\S]*forms\s+30/);
  expect(await ws.api.syncs.list({})).toMatchObject([{ id, status: 'completed' }]);
});

it('a person has it here with a reason, and the other process lets go of it', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws);
  const { other, id } = await readsThere(ws, made);
  sim.faults.clear();
  const to = keptConsole();
  const project = await projectOf(ws, made);
  const reason = 'it hangs since noon';
  expect(await syncCommand(ws, { project, source: undefined, takeOver: reason }, to)).toBe(0);
  expect(await ws.api.syncs.list({})).toMatchObject([{ id, status: 'completed' }]);
  const entries = await ws.api.audit.list({});
  expect(entries).toContainEqual(
    expect.objectContaining({
      action: 'syncs.takeOver',
      subject: `id=${id} reason="${reason}"`,
      outcome: 'ok',
    }),
  );
  // What it waited for is published all the same.
  expect(await other.exit, other.said.text).toBe(0);
  expect(await db.query(`SELECT count(*) AS n FROM "${made.dataset?.schemaName}".forms`)).toEqual([
    { n: '30' },
  ]);
});

it('two that begin at the same instant both end well, with one job', async () => {
  using folder = temporaryFolder();
  let project = '';
  {
    await using ws = await openWorkspace({ folder: folder.path });
    project = await projectOf(ws, await link(ws));
  }
  const both = [headgate(folder.path, 'sync', project), headgate(folder.path, 'sync', project)];
  for (const one of both) expect(await one.exit, one.said.text).toBe(0);
  await using ws = await openWorkspace({ folder: folder.path });
  expect((await ws.api.syncs.list({})).map(({ status }) => status)).toContain('completed');
});

it('a number of a process that was given out anew holds nothing', async () => {
  await using ws = await openWorkspace();
  const made = await link(ws);
  slow();
  const job = await ws.api.syncs.start({ linkId: made.id });
  await ws.api.syncs.pause({ id: job.id });
  sim.faults.clear();
  // Killed in the middle; now another program has its number.
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const start = osProcesses.startOf(pid) ?? 0;
  const runBy = (change: object): void => {
    using file = rawDb(join(ws.folder, 'headgate.db'));
    file
      .prepare("UPDATE sync_jobs SET status = 'running', paused_by = NULL, owner = ? WHERE id = ?")
      .run(JSON.stringify(ownerHere({ pid, start, ...change })), job.id);
  };
  runBy({});
  await expect(ws.api.syncs.cancel({ id: job.id })).rejects.toMatchObject({ code: 'DATASET_BUSY' });
  runBy({ start: start - 1 });
  expect(await syncToEnd(ws, made)).toMatchObject({ id: job.id, status: 'completed' });
  child.kill('SIGKILL');
});
