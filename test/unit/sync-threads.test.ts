import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { createThreads } from '../../main/sync/job/threads.ts';

/* Threads that syncs leave are used again, and are gone when nobody needs them. */

/** A worker that does nothing until it is not needed any more. */
const file = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ type }) => {
      if (type === 'end') parentPort.close();
      if (type === 'fail') throw new Error('a defect');
    });`)}`,
);
const directly = { ways: [], ca: null };
const overProxy = { ways: [], ca: 'another authority' };

/** A clock on which time passes when it is told to. */
function stoppedClock() {
  const sleeping = new Set<() => void>();
  return {
    clock: {
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          sleeping.add(resolve);
          signal?.addEventListener('abort', () => {
            sleeping.delete(resolve);
            reject(new Error('aborted'));
          });
        }),
    },
    pass: () => {
      for (const wake of sleeping) wake();
    },
    get sleeping() {
      return sleeping.size;
    },
  };
}

const gone = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    if (worker.threadId === -1) resolve();
    else worker.once('exit', () => resolve());
  });

it('gives a thread that rests to the next sync that goes the same way, and to nobody else', async () => {
  const { clock } = stoppedClock();
  const threads = createThreads({ worker: file, clock });
  const first = threads.take(directly);
  const beside = threads.take(directly);
  expect(beside).not.toBe(first);
  threads.rest(first);
  const other = threads.take(overProxy);
  expect(other).not.toBe(first);
  expect(threads.take(directly)).toBe(first);
  for (const worker of [first, beside, other]) threads.end(worker);
  await Promise.all([first, beside, other].map(gone));
  await threads.close();
});

it('ends one that rests for long, and none that is used again meanwhile', async () => {
  const time = stoppedClock();
  const threads = createThreads({ worker: file, clock: time.clock });
  const used = threads.take(directly);
  threads.rest(used);
  expect(threads.take(directly)).toBe(used);
  expect(time.sleeping).toBe(0);
  threads.rest(used);
  time.pass();
  await gone(used);
  const next = threads.take(directly);
  expect(next).not.toBe(used);
  threads.rest(next);
  await threads.close();
  expect(next.threadId).toBe(-1);
});

it('keeps two at most, and none after the end', async () => {
  const { clock } = stoppedClock();
  const threads = createThreads({ worker: file, clock });
  const all = [threads.take(directly), threads.take(directly), threads.take(directly)] as const;
  for (const worker of all) threads.rest(worker);
  await gone(all[2]);
  const late = threads.take(directly);
  await threads.close();
  threads.rest(late);
  await Promise.all([...all, late].map(gone));
});

it('does not give one away that failed while it rested', async () => {
  const { clock } = stoppedClock();
  const threads = createThreads({ worker: file, clock });
  const broken = threads.take(directly);
  threads.rest(broken);
  broken.postMessage({ type: 'fail' });
  await gone(broken);
  const next = threads.take(directly);
  expect(next).not.toBe(broken);
  threads.rest(next);
  await threads.close();
});
