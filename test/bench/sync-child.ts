import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/*
 * One sync in a process of its own, so that its memory is its own. Input: one JSON argument (what setUp takes).
 * Output: one JSON line with duration, the main thread's loop delay and the peak memory of the whole process.
 */

/** Peak resident memory of this process in MB, as Linux counts it; threads included. */
function peakMb(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

const setup = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof setUp>[1];
await using workspace = await openWorkspace();
const link = await setUp(workspace.api, setup);
const idleMb = peakMb();
const cpuBefore = process.cpuUsage();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const job = await syncToEnd(workspace, link);
delay.disable();
if (job.status !== 'completed') throw new Error(`the sync ended as ${job.status}: ${job.error?.message}`);
const cpu = process.cpuUsage(cpuBefore);
const ms = Date.parse(job.finishedAt ?? '') - Date.parse(job.startedAt ?? '');
const result = {
  ms,
  // All threads of this process; PostgreSQL and the source are others.
  cpuMs: (cpu.user + cpu.system) / 1000,
  peakMb: peakMb(),
  idleMb,
  // The histogram counts from the timer's own interval: 1 ms of it is no delay.
  loopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 1),
  loopMaxMs: Math.max(0, delay.max / 1e6 - 1),
  schema: link.dataset?.schemaName,
  rowCounts: job.rowCounts,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
