import { parentPort, workerData } from 'node:worker_threads';
import { createHqSimulator } from './index.ts';
import type { HqSimulatorOptions } from './types.ts';

/**
 * Runs the simulator in a thread of Headgate itself, for the sample workspace: it ends with the process, however that ends.
 * `workerData` is its options; the first message is where it listens, and why not where it doesn't.
 */
createHqSimulator(workerData as HqSimulatorOptions).then(
  ({ url }) => parentPort?.postMessage({ url }),
  (error: unknown) =>
    parentPort?.postMessage({ failed: error instanceof Error ? error.message : 'it did not start' }),
);
