import { GCProfiler, getHeapStatistics } from 'node:v8';
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
  /** What was used right after a full collection; 0 where there was none since the last sample. */
  readonly liveMb: number;
  /** The most that was used, garbage and all. */
  readonly usedMb: number;
}

const sampleMs = 100;
const mb = (bytes: number): number => bytes / 1e6;

if (parentPort && roleOf(workerData).does === 'sync') {
  const port = parentPort;
  let profiler = new GCProfiler();
  profiler.start();
  const tell = (): void => {
    const told = profiler.stop();
    profiler = new GCProfiler();
    profiler.start();
    const statistics = told?.statistics ?? [];
    const full = statistics.filter(({ gcType }) => gcType === 'MarkSweepCompact');
    const sample: HeapSample = {
      liveMb: mb(Math.max(0, ...full.map(({ afterGC }) => afterGC.heapStatistics.usedHeapSize))),
      usedMb: mb(
        Math.max(
          getHeapStatistics().used_heap_size,
          ...statistics.map(({ beforeGC }) => beforeGC.heapStatistics.usedHeapSize),
        ),
      ),
    };
    port.postMessage({ type: 'log', level: 'debug', event: heapEvent, fields: sample });
  };
  setInterval(tell, sampleMs).unref();
}
