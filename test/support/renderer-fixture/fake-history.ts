import type { DatasetDay, DayOutcome } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** How the refreshes of the last days went: good, with a bad day here and there, and today as the dataset is. */
export function fakeHistory({ scenario, stamp }: FakeTools): FakeHandlers {
  return {
    'datasets.titles': (input) =>
      scenario.datasets
        .filter(
          ({ projectId, dataAsOf }) => dataAsOf !== null && (input['projectId'] ?? projectId) === projectId,
        )
        .map(({ id: datasetId, rowCounts }) => ({
          datasetId,
          tables:
            scenario.titles?.[datasetId] ??
            Object.entries(rowCounts).map(([name, rows], at) => ({
              ...{ name, rows, dataset: name.startsWith('case') ? 'cases' : 'forms', columns: 8 + at * 5 },
              title: name.startsWith('form_') ? name.slice(5).replaceAll('_', ' ') : null,
              ...{ filled: rows === 0 ? null : 0.94 - at * 0.07, parent: null },
            })),
        })),
    'datasets.history': (input) => {
      const days = Number(input['days'] ?? 30);
      return ((input['ids'] ?? []) as string[]).flatMap((datasetId) => {
        const at = scenario.datasets.findIndex(({ id }) => id === datasetId);
        const dataset = scenario.datasets[at];
        if (!dataset) return [];
        const counts = Object.entries(dataset.rowCounts);
        const whole = counts.reduce((sum, [, rows]) => Math.max(sum, rows), 0);
        const outcome = (ago: number): DayOutcome => {
          if (dataset.dataAsOf === null) return ago === 0 && dataset.error ? 'failed' : 'none';
          if (ago === 0) return dataset.held ? 'held' : dataset.error ? 'failed' : 'complete';
          if ((ago + at * 3) % 17 === 9) return 'none';
          if ((ago + at * 5) % 13 === 7) return 'afterTrouble';
          return (ago + at * 7) % 23 === 4 ? 'failed' : 'complete';
        };
        const told = Array.from({ length: days }, (_, n): DatasetDay => {
          const ago = days - 1 - n;
          const day = new Date(Date.parse(stamp()) - ago * 86_400_000).toISOString().slice(0, 10);
          const is = outcome(ago);
          const has = is === 'complete' || is === 'afterTrouble';
          return {
            ...{ day, outcome: is, runs: is === 'none' ? 0 : 4 },
            records: has ? Math.round(whole * (1 - ago * 0.004)) : null,
          };
        });
        const before = Object.fromEntries(counts.map(([name, rows]) => [name, Math.round(rows * 0.996)]));
        return [{ datasetId, days: told, before: counts.length > 0 ? before : null }];
      });
    },
  };
}
