import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import config from '../../main/rolldown.config.ts';
import { syncWorkerVariable } from './sync-worker.ts';

const root = join(import.meta.dirname, '..', '..');

/** Bundles files of main or of the tests as the product is bundled. */
export async function bundle(input: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const [main] = config;
  const { output, ...options } = main as Extract<typeof main, object>;
  await build({ ...options, cwd: root, input: { ...input }, output: { ...output, dir: folder } });
}

/** Bundles the command line with its worker, which starts much faster than from the sources; `name` tells whose it is. */
export async function bundleProgram(name: string): Promise<{ file: string; remove: () => void }> {
  // Inside the project, so that what is not bundled is found.
  const folder = join(root, 'node_modules', '.cache', `headgate-${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  await bundle({ headgate: 'main/headless/index.ts', 'sync-worker': 'main/sync/run/worker.ts' }, folder);
  return {
    file: join(folder, 'headgate.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Bundles the sync worker for a run of the tests; returns what removes it. */
export async function bundleSyncWorker(): Promise<() => void> {
  const folder = join(root, 'node_modules', '.cache', `headgate-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  await bundle({ 'sync-worker': 'main/sync/run/worker.ts' }, folder);
  process.env[syncWorkerVariable] = join(folder, 'sync-worker.js');
  return () => rmSync(folder, { recursive: true, force: true });
}
