import { setImmediate as nextTurn } from 'node:timers/promises';
import { DateTime } from 'luxon';
import type { DatasetDay, DatasetHistory, DayOutcome } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import type { DayRuns, Span } from '../../store/data/day-history.ts';
import type { Store } from '../../store/index.ts';

/** The last days in a zone, today's included, the oldest first. A day of a change of clocks has 23 or 25 hours. */
export function lastDays(count: number, zone: string, now: number): (Span & { readonly day: string })[] {
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  return Array.from({ length: count }, (_, at) => {
    const day = today.minus({ days: count - 1 - at });
    const utc = (time: DateTime): string => time.toUTC().toISO() ?? '';
    return { day: day.toISODate() ?? '', from: utc(day), to: utc(day.plus({ days: 1 }).startOf('day')) };
  });
}

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
