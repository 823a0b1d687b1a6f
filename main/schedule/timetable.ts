import { scheduleJob } from 'node-schedule';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { Jobs } from '../sync/jobs.ts';

/** Every full hour, as the product's timetable says. */
const refreshRule = '0 * * * *';

export interface TimetableDeps {
  readonly store: Pick<Store, 'datasets' | 'links'>;
  readonly jobs: Pick<Jobs, 'start'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Queues every ready dataset whose next sync is due and whose link is active. Due times are in the store, so a time
 * missed while the computer slept or was off is made up once, however many ticks passed.
 */
export function refreshDue(deps: TimetableDeps): number {
  const due = deps.store.datasets.due(new Date(deps.now()).toISOString());
  for (const { id } of due) {
    try {
      deps.jobs.start(id, 'schedule');
    } catch (error) {
      // One dataset that can't be queued must not keep the others waiting.
      deps.log.error('timetable.refresh_failed', { datasetId: id, error });
    }
  }
  if (due.length > 0) deps.log.info('timetable.refresh', { datasets: due.length });
  return due.length;
}

/** Starts the timetable: once now, then by the clock. Returns what stops it. */
export function startTimetable(deps: TimetableDeps): () => void {
  refreshDue(deps);
  const refresh = scheduleJob(refreshRule, () => void refreshDue(deps));
  return () => void refresh.cancel();
}
