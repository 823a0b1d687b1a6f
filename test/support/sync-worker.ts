import { pathToFileURL } from 'node:url';

/** Names the variable with the bundle of this run; processes that tests start inherit it. */
export const syncWorkerVariable = 'HEADGATE_TEST_SYNC_WORKER';

/**
 * The file that sync workers start from: the bundle of this run, as users have it, or the sources where no run made one.
 * From the sources each thread would strip their types in WebAssembly, and V8 sometimes ends the whole process when such
 * threads end (see net/requests.ts).
 */
export function syncWorker(): URL {
  const file = process.env[syncWorkerVariable];
  return file === undefined ? new URL('../../main/sync/run/worker.ts', import.meta.url) : pathToFileURL(file);
}
