import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { abortOnSignal } from '../../main/headless/service/signals.ts';

it.each([
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
] as const)('%s ends in order, and then %s is left to the system', (first, second) => {
  const signals = new EventEmitter();
  const stop = new AbortController();
  abortOnSignal(signals as NodeJS.Process, stop);
  expect(stop.signal.aborted).toBe(false);
  signals.emit(first, first);
  expect(stop.signal.reason).toBe(first);
  // Nobody listens any more: what the system does with such a signal is to end the process.
  expect(signals.listenerCount(first) + signals.listenerCount(second)).toBe(0);
});
