import { Worker } from 'node:worker_threads';
import type { Route } from '../../net/requests.ts';

/** What a thread of a sync is there for, and how its source is reached. */
export interface Role {
  readonly does: 'sync' | 'fetch';
  readonly route: Route;
}

/** Of the data that a thread was started with. */
export const roleOf = (workerData: unknown): Role => (workerData as { readonly role: Role }).role;

/** Starts a thread in a role, with nothing of the process's environment and arguments, and bounds of its heap in megabytes. */
export const startThread = (file: URL, role: Role, heapMb: number, youngMb: number): Worker =>
  new Worker(file, {
    name: role.does,
    workerData: { role },
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: youngMb },
    env: {},
    argv: [],
    execArgv: [],
  });
