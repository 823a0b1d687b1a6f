import type { Drift } from '../../../preload/contract/models.ts';
import { type Tables, tableNames, tablesByName } from './packed.ts';

/** What changed between two publishes; nothing when there was none before. */
export function driftOf(before: Tables, after: Tables, at: string, jobId: string): Drift[] {
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
  const now = new Set(tableNames(after));
  for (const name of tableNames(before)) if (!now.has(name)) note('table_removed', name);
  const old = tablesByName(before);
  for (const table of after) {
    const { name } = table;
    const known = old(name);
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
