import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './host.ts';

/** The real clock of both hosts and of the worker. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
};
