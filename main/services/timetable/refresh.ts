import type { Turn } from '../../schedule/timetable.ts';
import type { Services } from '../context.ts';
import { decideFor, worldOf } from './outlook.ts';

/**
 * Queues each dataset whose time has come and that nothing keeps from it. Its planned time is in the store, so one that was
 * missed is made up once, however often it was missed.
 */
export function refreshDue(services: Pick<Services, 'store' | 'vault' | 'host' | 'jobs'>): Turn {
  const { store, jobs, host } = services;
  const world = worldOf(services);
  let [started, waiting] = [0, 0];
  const decided = store.reading(() =>
    store.datasets.planned().map((dataset) => ({ dataset, ...decideFor(services, dataset, world) })),
  );
  for (const { dataset, starts, wait } of decided) {
    if (!starts) {
      if (wait !== 'not_yet' && wait !== 'under_way') waiting += 1;
      continue;
    }
    try {
      jobs.start(dataset.id, 'schedule');
      started += 1;
    } catch (error) {
      // One dataset that can't be queued must not keep the others waiting.
      host.log.error('timetable.refresh_failed', { datasetId: dataset.id, error });
    }
  }
  return { count: started, waiting };
}
