import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Job } from '../../preload/contract/models.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';
import type { Sample, SyncResult } from './results.ts';

/*
 * One sync in a process of its own, so that its memory is its own. Input: one JSON argument (what setUp takes).
 * Output: one JSON line (`SyncResult`).
 */

const sampleMs = 100;

/** Peak resident memory of this process in MB, as Linux counts it; threads included. */
function peakMb(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

const setup = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof setUp>[1];
// Bundled beside this file as users run it; stripping the sources of their types would cost memory of its own.
const bundled = import.meta.url.endsWith('.js');
await using workspace = await openWorkspace(
  bundled ? { syncWorker: new URL('sync-worker.js', import.meta.url) } : {},
);
const link = await setUp(workspace.api, setup);
const idleMb = peakMb();
const samples: Sample[] = [];
let fetched = 0;
workspace.app.onEvent((name, payload) => {
  if (name !== 'sync.progressed') return;
  fetched = (payload as Job).tables.reduce((sum, table) => sum + table.fetched, 0);
});
const started = performance.now();
const sampling = setInterval(() => {
  samples.push({ ms: performance.now() - started, fetched, mb: process.memoryUsage().rss / 1024 / 1024 });
}, sampleMs);
const cpuBefore = process.cpuUsage();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const job = await syncToEnd(workspace, link);
delay.disable();
clearInterval(sampling);
if (job.status !== 'completed') throw new Error(`the sync ended as ${job.status}: ${job.error?.message}`);
const cpu = process.cpuUsage(cpuBefore);
const { tables } = await workspace.api.datasets.dictionary({ id: job.datasetId });
const result: SyncResult = {
  ms: Date.parse(job.finishedAt ?? '') - Date.parse(job.startedAt ?? ''),
  // All threads of this process; PostgreSQL and the source are others.
  cpuMs: (cpu.user + cpu.system) / 1000,
  peakMb: peakMb(),
  idleMb,
  // The histogram counts from the timer's own interval: 1 ms of it is no delay.
  loopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1),
  schema: link.dataset?.schemaName ?? '',
  rowCounts: job.rowCounts,
  tables,
  samples,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
