import type { DictionaryTable, Drift } from '../../../preload/contract/models.ts';

/** What changed between two publishes; nothing when there was none before. */
export function driftOf(
  before: readonly DictionaryTable[],
  after: readonly DictionaryTable[],
  at: string,
  jobId: string,
): Drift[] {
  if (before.length === 0) return [];
  const found: Drift[] = [];
  const note = (
    kind: Drift['kind'],
    table: string,
    column: string | null = null,
    types: Partial<Pick<Drift, 'before' | 'after'>> = {},
  ): void => void found.push({ at, jobId, kind, table, column, before: null, after: null, ...types });
  const named = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
    new Map(items.map((item) => [item.name, item]));
  const [old, now] = [named(before), named(after)];
  for (const name of old.keys()) if (!now.has(name)) note('table_removed', name);
  for (const [name, table] of now) {
    const known = old.get(name);
    if (!known) {
      note('table_added', name);
      continue;
    }
    const [columnsBefore, columnsNow] = [named(known.columns), named(table.columns)];
    for (const [column, { type }] of columnsBefore) {
      if (!columnsNow.has(column)) note('column_removed', name, column, { before: type });
    }
    for (const [column, { type }] of columnsNow) {
      const was = columnsBefore.get(column)?.type;
      if (was === undefined) note('column_added', name, column, { after: type });
      else if (was !== type) note('column_retyped', name, column, { before: was, after: type });
    }
  }
  return found;
}
