import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import { manyDue } from '../support/due.ts';
import { inProcess } from '../support/parts.ts';
import { startSimulatorProcess } from '../support/processes.ts';
import { openWorkspace } from '../support/workspace.ts';

/*
 * Many datasets due in the same minute, in one process, on a PostgreSQL as it comes: how long until all are published, and
 * the most memory of the process and the most sessions at the server meanwhile. Node runs it from the sources:
 *   node test/bench/due.ts [--datasets 40] [--forms 1000] [--syncs N]
 */

const { values } = parseArgs({
  options: {
    datasets: { type: 'string', default: '40' },
    forms: { type: 'string', default: '1000' },
    /** How many run at once; as the application decides unless given. */
    syncs: { type: 'string' },
  },
});
const datasets = Number(values.datasets);

const folder = mkdtempSync(join(tmpdir(), 'headgate-due-'));
// In a process of its own: what bundling takes is not what syncs take.
await inProcess(
  `import { bundle } from 'test/support/bundle.ts';
   await bundle({ worker: 'main/sync/run/worker.ts' }, ${JSON.stringify(folder)});`,
);
const server = await startEmbeddedPostgres({ durable: true });
const login = await plainLogin(server, 'postgres');
const source = await startSimulatorProcess(['--domain', `due:forms=${values.forms},cases=1,seed=5`]);
const watcher = new pg.Client({ ...server, database: 'postgres' });
await watcher.connect();
const ws = await openWorkspace({
  folder: join(folder, 'workspace'),
  syncWorker: pathToFileURL(join(folder, 'worker.js')),
  env: { ...process.env, HEADGATE_SYNCS: values.syncs },
});

let watching = true;
let sessions = 0;
let running = 0;
const watched = (async () => {
  while (watching) {
    const { rows } = await watcher.query<{ n: string; syncs: string }>(
      `SELECT count(*) AS n, count(DISTINCT substring(application_name FROM 15 FOR 36)) AS syncs
       FROM pg_stat_activity WHERE application_name LIKE 'headgate sync %'`,
    );
    sessions = Math.max(sessions, Number(rows[0]?.n));
    running = Math.max(running, Number(rows[0]?.syncs));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
})();

try {
  await manyDue(ws, datasets, {
    ...{ postgres: { ...login, host: '127.0.0.1' }, database: 'postgres' },
    ...{ sourceUrl: source.url, domain: 'due' },
  });
  const before = process.memoryUsage().rss;
  let peak = before;
  const measuring = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const begun = performance.now();
  ws.app.startTimetable();
  const jobs = await ws.api.syncs.list({ limit: 500 });
  const last = await Promise.all(jobs.map(({ id }) => ws.app.jobEnded(id)));
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(measuring);
  const ended: Record<string, number> = {};
  for (const { status, error } of last) {
    const how = error === null ? status : `${status} ${error.code}`;
    ended[how] = (ended[how] ?? 0) + 1;
  }
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  console.info(
    JSON.stringify({
      ...{ cores: availableParallelism(), datasets, forms: Number(values.forms), ended, running, sessions },
      ...{ seconds: Number(seconds.toFixed(1)), memoryMb: megabytes(peak), beforeMb: megabytes(before) },
    }),
  );
} finally {
  watching = false;
  await watched;
  await ws[Symbol.asyncDispose]();
  await watcher.end();
  source.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
