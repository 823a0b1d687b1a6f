import { coverageOf, sumOf } from '../../../main/dictionary/coverage.ts';
import { createSuggestions } from '../../../main/dictionary/suggest.ts';
import type { Dictionary, DictionaryNote, DictionaryTable } from '../../../preload/contract/models.ts';

/** A dictionary as the core answers it; `notes` by `table` or `table.column`. */
export function describedBy(
  head: Pick<Dictionary, 'schemaName' | 'dataAsOf' | 'jobId'>,
  tables: readonly DictionaryTable[],
  notes: Readonly<Record<string, DictionaryNote>> = {},
): Dictionary {
  const suggest = createSuggestions();
  const described = tables.map((table) => {
    const columns = table.columns.map((column) => {
      const note = notes[`${table.name}.${column.name}`] ?? null;
      const decided = new Set([...(note?.sensitivity ?? []), ...(note?.declined ?? [])]);
      return { ...column, note, suggested: suggest(column).filter((tag) => !decided.has(tag)) };
    });
    return { ...table, columns, note: notes[table.name] ?? null, coverage: coverageOf(columns) };
  });
  return { ...head, tables: described, coverage: sumOf(described.map(({ coverage }) => coverage)) };
}
