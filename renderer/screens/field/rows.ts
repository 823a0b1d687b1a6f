import type { DatasetHistory, DatasetTitles } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import type { State, Watched } from '../../watch/dataset-state.ts';

/** Why what is there is not newer, in words of somebody who only reads: nothing of servers, accounts or errors. */
export type Reason = 'updating' | 'waits' | 'checked' | 'paused' | 'team' | 'soon';

/** One thing that people in the field know by name: a form, a list, or all of a source. */
export interface FieldRow {
  readonly key: string;
  readonly name: string;
  /** The language of the name, where the source says which one it is. */
  readonly lang?: string | undefined;
  readonly state: State['data'];
  readonly asOf: string | null;
  readonly records: number | null;
  /** More than when today began; null where that is not known. */
  readonly fresh: number | null;
  /** Null where there is nothing to say. */
  readonly reason: Reason | null;
}

export function reasonOf({ data, doing, need }: State): Reason | null {
  if (doing === 'running') return 'updating';
  if (data === 'upToDate') return null;
  if (doing === 'held') return 'checked';
  if (need !== null || doing === 'failed') return 'team';
  if (doing === 'waiting') return 'waits';
  return doing === 'paused' ? 'paused' : 'soon';
}

/**
 * What a reader of some links is told, a row for each form or list that the source has a title for; a source without titles is one row.
 * What only others read has no titles here, and is told by how fresh theirs is.
 */
export function fieldRows(
  watched: readonly Watched[],
  titles: readonly DatasetTitles[],
  histories: ReadonlyMap<string, DatasetHistory>,
): FieldRow[] {
  return watched.flatMap(({ link, dataset, state, asOf }): FieldRow[] => {
    const base = { state: state.data, asOf, reason: reasonOf(state) };
    const before = dataset ? histories.get(dataset.id)?.before : undefined;
    const named = (titles.find(({ datasetId }) => datasetId === dataset?.id)?.tables ?? []).filter(
      ({ title, parent }) => title !== null && parent === null,
    );
    if (named.length === 0) {
      const records = dataset?.dataAsOf ? recordCount(dataset.rowCounts) : null;
      return [
        {
          ...{ ...base, key: link.id, name: link.sourceName, records },
          fresh: records !== null && before ? records - recordCount(before) : null,
        },
      ];
    }
    return named
      .toSorted((a, b) => b.rows - a.rows)
      .map(({ name, title, lang, rows }) => ({
        ...{ ...base, key: `${link.id} ${name}`, name: title ?? name, lang, records: rows },
        fresh: before ? rows - (before[name] ?? 0) : null,
      }));
  });
}

/** What the first sentence is about. */
export interface FieldSummary {
  readonly kind: 'all' | 'some' | 'late' | 'none';
  /** The oldest of what is up to date; of all where nothing is. */
  readonly asOf: string | null;
  readonly late: number;
}

export function fieldSummary(rows: readonly FieldRow[]): FieldSummary {
  const fresh = rows.filter(({ state }) => state === 'upToDate');
  const oldest = (of: readonly FieldRow[]): string | null =>
    of.flatMap(({ asOf }) => asOf ?? []).sort()[0] ?? null;
  const late = rows.length - fresh.length;
  if (rows.every(({ asOf }) => asOf === null)) return { kind: 'none', asOf: null, late };
  if (late === 0) return { kind: 'all', asOf: oldest(fresh), late };
  return fresh.length > 0
    ? { kind: 'some', asOf: oldest(fresh), late }
    : { kind: 'late', asOf: oldest(rows), late };
}
