import { scheduleJob } from 'node-schedule';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { Jobs } from '../sync/job/jobs.ts';

/** Every full hour, as the product's timetable says. */
const refreshRule = '0 * * * *';
/**
 * Every minute: jobs whose source has let its rate-limit window pass, also those of a process that is gone; and what keeps
 * its own due times: checks of connections, leased logins that have run out, old secrets.
 */
const minuteRule = '* * * * *';

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

/** Continues paused jobs that can go on by themselves. */
export function resumePaused(
  deps: Pick<TimetableDeps, 'log'> & { readonly jobs: Pick<Jobs, 'takeUp'> },
): void {
  try {
    const jobs = deps.jobs.takeUp();
    if (jobs > 0) deps.log.info('timetable.resume', { jobs });
  } catch (error) {
    deps.log.error('timetable.resume_failed', { error });
  }
}

/**
 * Starts the timetable: once now, then by the clock. Returns what stops it. What `everyMinute` names never rejects and
 * minds by itself that it does not run twice at once.
 */
export function startTimetable(
  deps: TimetableDeps & {
    readonly jobs: Pick<Jobs, 'start' | 'takeUp'>;
    readonly everyMinute: readonly (() => Promise<void>)[];
  },
): () => void {
  const minute = (): void => {
    resumePaused(deps);
    for (const work of deps.everyMinute) void work();
  };
  minute();
  refreshDue(deps);
  const ticks = [scheduleJob(refreshRule, () => void refreshDue(deps)), scheduleJob(minuteRule, minute)];
  return () => {
    for (const tick of ticks) tick.cancel();
  };
}
