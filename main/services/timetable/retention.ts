import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Retention } from '../../../preload/contract/models.ts';
import { createRetention } from '../../access/retention.ts';
import type { Turn } from '../../schedule/timetable.ts';
import { budgetKey } from '../../sync/job/budget.ts';
import type { Services } from '../context.ts';

type Needs = Pick<Services, 'store' | 'host'>;

/** A bound that only a defect reaches: years of history are some thousands of steps. */
const mostSteps = 50_000;
const dayMs = 24 * 3_600_000;

/** Something that goes, some of it at a time: how many went in this step, 0 when there is no more. */
type Step = () => number;

/**
 * Everything that grows, with what takes from it; see `retentionRules` for how much stays. Each step is a write transaction
 * of some milliseconds.
 */
function stepsOf({ store, host }: Needs, kept: Retention): readonly Step[] {
  const ago = (days: number): string => new Date(host.clock.now() - days * dayMs).toISOString();
  const [jobs, checks, changes] = [ago(kept.jobDays), ago(kept.checkDays), ago(kept.healthChangeDays)];
  const datasets = store.datasets.everywhere().map(({ id }) => id);
  const connections = store.connections.all().map(({ id }) => id);
  const used = new Set(store.sources.list().map(({ baseUrl, settings }) => budgetKey(baseUrl, settings)));
  return [
    ...datasets.map((id) => () => store.jobs.prune(id, { before: jobs, most: kept.jobsPerDataset })),
    ...datasets.map((id) => () => store.dictionaries.pruneChanges(id, kept.structureChanges)),
    // Versions that a publish which was cut off left behind; one that is being written now is none of them.
    ...datasets.map(
      (id) => () =>
        store.transaction(() => (store.jobs.findOpen(id) === null && store.dictionaries.prune(id) ? 1 : 0)),
    ),
    ...connections.map((id) => () => store.connectionHealth.prune(id, checks)),
    ...connections.map((id) => () => store.connectionHealth.pruneChanges(id, changes)),
    () => store.leases.prune(ago(kept.leaseDays)),
    () => store.budgets.prune(ago(kept.budgetDays), used),
    () => store.queries.prune(ago(kept.queryDays)),
    () => host.forgetLogs?.(host.clock.now() - kept.logDays * dayMs) ?? 0,
    // A trim that was asked for, and cut off.
    () => store.audit.dropTrimmed(),
  ];
}

/**
 * Takes away what is older, or more, than the workspace keeps, and gives the room back: to the disk, and in workspaces of
 * before that was possible to what comes next. Others get their turn after every step. How many rows went.
 */
export async function applyRetention(services: Needs, stop: AbortSignal): Promise<Turn> {
  const { store, host } = services;
  let [count, steps] = [0, 0];
  for (const step of stepsOf(services, createRetention(store).current())) {
    for (let gone = 1; gone > 0; ) {
      if (stop.aborted) return { count };
      steps += 1;
      if (steps > mostSteps) {
        host.log.warn('retention.unfinished', { count });
        return { count, waiting: 1 };
      }
      gone = step();
      count += gone;
      await nextTurn();
    }
  }
  while (!stop.aborted && store.giveBack()) await nextTurn();
  return { count };
}
