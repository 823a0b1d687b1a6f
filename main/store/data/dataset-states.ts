import type { Dataset } from '../../../preload/contract/models.ts';

export type DatasetStatus = Dataset['status'];

/**
 * What happens to a dataset: a run of it began; it was published, or taken over with what an earlier one published; a run
 * failed, also before it began; no run is under way any more, and nothing came of the last one; its tables went for want of
 * use.
 */
export const datasetEvents = ['began', 'published', 'failed', 'settled', 'tablesWent'] as const;
export type DatasetEvent = (typeof datasetEvents)[number];

/** What is there decides: published data, a dictionary of what was there once, or nothing yet. */
const standing = `CASE WHEN data_as_of IS NOT NULL THEN 'ready'
  WHEN EXISTS (SELECT 1 FROM dataset_dictionaries y WHERE y.dataset_id = materialised_datasets.id) THEN 'expired'
  ELSE 'pending' END`;

type Next = DatasetStatus | 'as it stands' | null;

/** What happens to any of them. */
const always = {
  began: 'syncing',
  published: 'ready',
  failed: 'error',
  settled: 'as it stands',
} as const;

/** What a dataset becomes by what happens to it; null: that does not happen to it. */
const table: Readonly<Record<DatasetStatus, Readonly<Record<DatasetEvent, Next>>>> = {
  pending: { ...always, tablesWent: null },
  syncing: { ...always, tablesWent: null },
  ready: { ...always, tablesWent: 'expired' },
  error: { ...always, tablesWent: 'expired' },
  expired: { ...always, tablesWent: null },
};

/** The status after an event, as SQL over the row of `materialised_datasets` that it happens to. */
export const statusAfter = (event: DatasetEvent): string =>
  `CASE status ${Object.entries(table)
    .map(([status, next]) => [status, next[event]] as const)
    .filter(([, next]) => next !== null)
    .map(
      ([status, next]) => `WHEN '${status}' THEN ${next === 'as it stands' ? `(${standing})` : `'${next}'`}`,
    )
    .join(' ')} END`;

/** Whether the event happens to such a row, as SQL. */
export const happens = (event: DatasetEvent): string =>
  `status IN (${Object.entries(table)
    .filter(([, next]) => next[event] !== null)
    .map(([status]) => `'${status}'`)
    .join(', ')})`;
