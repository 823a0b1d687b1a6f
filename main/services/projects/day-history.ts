import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetDay, DatasetHistory, DayOutcome } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { lastDays } from '../../calendar/days.ts';
import type { DayRuns } from '../../store/data/day-history.ts';
import type { Store } from '../../store/index.ts';

function outcomeOf(runs: DayRuns | undefined): DayOutcome {
  if (!runs) return 'none';
  if (runs.last !== 'completed') return runs.last;
  return runs.troubled > 0 ? 'afterTrouble' : 'complete';
}

/** How each of the last days went for some datasets, in the order in which they are named; others get their turn between two. */
export async function historyOf(
  store: Store,
  ids: readonly string[],
  { days, zone, now }: { readonly days: number; readonly zone: string; readonly now: number },
): Promise<DatasetHistory[]> {
  const spans = lastDays(days, zone, now);
  const found: DatasetHistory[] = [];
  for (const datasetId of ids) {
    const runs = new Map(store.dayHistory.ended(datasetId, spans).map((each) => [each.day, each]));
    const rows = new Map(
      store.dayHistory.published(datasetId, spans).map((each) => [each.day, each.rowCounts]),
    );
    const told = spans.map(({ day }, at): DatasetDay => {
      const counts = rows.get(at);
      return {
        ...{ day, outcome: outcomeOf(runs.get(at)), runs: runs.get(at)?.runs ?? 0 },
        records: counts ? recordCount(counts) : null,
      };
    });
    const before = [...rows].filter(([at]) => at < days - 1).sort(([a], [b]) => b - a)[0];
    found.push({ datasetId, days: told, before: before ? { ...before[1] } : null });
    await nextTurn();
  }
  return found;
}
