import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import config from '../../main/rolldown.config.ts';

const root = join(import.meta.dirname, '..', '..');
/** Names the variable with the bundle of this run; processes that tests start inherit it. */
const variable = 'HEADGATE_TEST_SYNC_WORKER';

/**
 * The file that sync workers start from: the bundle of this run, as users have it, or the sources where no run made one.
 * From the sources each thread would strip their types in WebAssembly, and V8 sometimes ends the whole process when such
 * threads end (see connectors/exchange-node.ts).
 */
export function syncWorker(): URL {
  const file = process.env[variable];
  return file === undefined ? new URL('../../main/sync/worker.ts', import.meta.url) : pathToFileURL(file);
}

/** Bundles the worker for a run; returns what removes it. */
export async function bundleSyncWorker(): Promise<() => void> {
  const folder = join(root, 'node_modules', '.cache', `headgate-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const [main] = config;
  const { output, ...options } = main as Extract<typeof main, object>;
  await build({
    ...options,
    cwd: root,
    input: { 'sync-worker': 'main/sync/worker.ts' },
    output: { ...output, dir: folder },
  });
  process.env[variable] = join(folder, 'sync-worker.js');
  return () => rmSync(folder, { recursive: true, force: true });
}
