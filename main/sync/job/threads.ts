import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../host.ts';
import type { Route } from '../../net/requests.ts';
import { startThread } from '../read/role.ts';
import type { ToWorker } from '../run/in-thread.ts';

/**
 * The worker's old generation may grow to this before V8 collects in earnest; without a bound it would take what the
 * machine has. Three pages in flight need a fraction of it.
 */
const workerHeapMb = 256;
/** Rows are no objects here, so little is young; a larger one would only be more memory. */
const workerYoungMb = 8;
/** A thread that no sync has needed for so long ends: a burst of due syncs is over by then. */
const restMs = 15_000;
/** Threads that rest at once; a computer that runs more syncs side by side starts the others anew. */
const mostResting = 2;

/** The threads that syncs run in: at most one sync in a thread at a time. */
export interface Threads {
  /** A thread for one sync whose source is reached so: one that rests, which has everything loaded, or a new one. */
  take(route: Route): Worker;
  /** Gives back a thread whose sync ended in order. Nobody may listen to it any more. */
  rest(worker: Worker): void;
  /** Has a thread end by itself that is not to be used again. */
  end(worker: Worker): void;
  /** Ends the threads that rest, and those that are given back later. */
  close(): Promise<void>;
}

export interface ThreadsDeps {
  /** The file that each thread starts from. */
  readonly worker: URL;
  readonly clock: Pick<Clock, 'sleep'>;
}

export function createThreads({ worker: file, clock }: ThreadsDeps): Threads {
  // The way to a source is part of a thread: its connections are not for others.
  const ways = new WeakMap<Worker, string>();
  const resting = new Map<Worker, AbortController>();
  let closed = false;
  const post = (worker: Worker, message: ToWorker): void => worker.postMessage(message);
  const end = (worker: Worker): void => post(worker, { type: 'end' });

  const start = (route: Route): Worker => {
    const worker = startThread(file, { does: 'sync', route }, workerHeapMb, workerYoungMb);
    ways.set(worker, JSON.stringify(route));
    // Whoever runs a sync in it is told as well; one that rests and fails is only not used any more.
    const forget = (): void => {
      resting.get(worker)?.abort();
      resting.delete(worker);
    };
    worker.on('error', forget).on('exit', forget);
    return worker;
  };

  return {
    take(route) {
      const way = JSON.stringify(route);
      for (const [worker, patience] of resting) {
        if (ways.get(worker) !== way) continue;
        resting.delete(worker);
        patience.abort();
        worker.ref();
        return worker;
      }
      return start(route);
    },
    rest(worker) {
      if (closed || resting.size >= mostResting) {
        end(worker);
        return;
      }
      const patience = new AbortController();
      resting.set(worker, patience);
      // The process need not wait for it.
      worker.unref();
      clock.sleep(restMs, patience.signal).then(
        () => {
          if (resting.delete(worker)) end(worker);
        },
        () => {},
      );
    },
    end,
    async close() {
      closed = true;
      const left = [...resting.keys()];
      for (const patience of resting.values()) patience.abort();
      resting.clear();
      await Promise.all(left.map((worker) => worker.terminate()));
    },
  };
}
