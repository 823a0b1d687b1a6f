import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { roleOf } from '../../main/sync/read/role.ts';
import '../../main/sync/run/worker.ts';

/*
 * The worker of a sync as it is, that tells beside what it has to tell how its heap is: as events of its log, which
 * nobody else writes.
 */

/** The event of the log that carries a `HeapSample`. */
export const heapEvent = 'test.heap';

export interface HeapSample {
  /** What is still used right after a full collection that nothing runs beside: one that does keeps what dies meanwhile. */
  readonly liveMb: number;
  /** The most that was used, garbage and all. */
  readonly usedMb: number;
}

const sampleMs = 200;
const mb = (bytes: number): number => bytes / 1e6;

if (parentPort && roleOf(workerData).does === 'sync') {
  const port = parentPort;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let profiler = new GCProfiler();
  profiler.start();
  const tell = (): void => {
    const told = profiler.stop();
    profiler = new GCProfiler();
    profiler.start();
    const statistics = told?.statistics ?? [];
    const used = getHeapStatistics().used_heap_size;
    collect();
    const sample: HeapSample = {
      liveMb: mb(getHeapStatistics().used_heap_size),
      usedMb: mb(Math.max(used, ...statistics.map(({ beforeGC }) => beforeGC.heapStatistics.usedHeapSize))),
    };
    port.postMessage({ type: 'log', level: 'debug', event: heapEvent, fields: sample });
  };
  setInterval(tell, sampleMs).unref();
}
