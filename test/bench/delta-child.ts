import { readFileSync } from 'node:fs';
import { openWorkspace, setUp } from '../support/workspace.ts';
import type { RefreshResult, RefreshSetup } from './results.ts';

/*
 * One refresh in a process of its own, so that its memory is its own; the workspace stays for the next one. Input: one JSON
 * argument (`RefreshSetup`). Output: one JSON line (`RefreshResult`).
 */

const setup = JSON.parse(process.argv[2] ?? '{}') as RefreshSetup;
await using workspace = await openWorkspace({
  folder: setup.folder,
  syncWorker: new URL('sync-worker.js', import.meta.url),
});
const { api, app } = workspace;
if (setup.first !== undefined) {
  const { id, syncConfig } = await setUp(api, setup.first);
  await api.links.update({
    id,
    syncConfig: { ...syncConfig, refresh: { how: 'delta', wholeEveryDays: 7 } },
  });
}
const [link] = await api.links.list();
if (link === undefined) throw new Error('there is no link');
const { id } = await api.syncs.start({ linkId: link.id, whole: setup.whole });
const job = await app.jobEnded(id);
if (job.status !== 'completed') throw new Error(`the sync ended as ${job.status}: ${job.error?.message}`);
const { facts } = await api.syncs.get({ id });
const result: RefreshResult = {
  ms: Date.parse(job.finishedAt ?? '') - Date.parse(job.startedAt ?? ''),
  requests: facts?.requests ?? 0,
  delta: facts?.deltas?.[0] ?? null,
  records: job.rowCounts['forms'] ?? 0,
  // Peak resident memory of this process as Linux counts it, threads included.
  peakMb: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
