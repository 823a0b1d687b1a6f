import { parentPort, workerData } from 'node:worker_threads';
import { serveExchanges, startFetcher } from '../read/fetcher.ts';
import { roleOf } from '../read/role.ts';

/*
 * What both threads of a sync start from. It holds little, because each thread compiles anew what it loads: the thread that
 * fetches needs nothing of what flattens and writes, and is started before that is loaded.
 */
if (parentPort) {
  const role = roleOf(workerData);
  if (role.does === 'fetch') serveExchanges(parentPort, role.route);
  else {
    const fetcher = startFetcher(new URL(import.meta.url), role.route);
    const { serveSync } = await import('./in-thread.ts');
    serveSync(parentPort, fetcher);
  }
}
