import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  DescribedTable,
  Dictionary,
  DictionaryNote,
  DictionaryTable,
} from '../../../preload/contract/models.ts';
import { coverageOf, sumOf } from '../../dictionary/coverage.ts';
import { createSuggestions } from '../../dictionary/suggest.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { StoredNote } from '../../store/data/dictionary-notes.ts';
import { elementOf, noteFinder, tableItself } from '../../sync/shape/notes.ts';
import type { Services } from '../context.ts';

/** A note as it is shown; null where nothing is said any more. */
export function shownNote(note: StoredNote | null | undefined): DictionaryNote | null {
  if (note == null) return null;
  const { description, sensitivity, declined, by, at } = note;
  const isEmpty = description === null && sensitivity.length === 0 && declined.length === 0;
  return isEmpty ? null : { description, sensitivity, declined, by, at };
}

/** What is published of a dataset, with what people say about it; others get their turn after every table. */
export async function describe(
  { store }: Pick<Services, 'store'>,
  dataset: StoredDataset,
  tables: readonly DictionaryTable[],
): Promise<Pick<Dictionary, 'tables' | 'coverage'>> {
  const find = noteFinder(store.notes.list(dataset));
  const suggest = createSuggestions();
  const described: DescribedTable[] = [];
  for (const table of tables) {
    const columns = table.columns.map((column) => {
      const note = shownNote(find(table.id, elementOf(column)));
      const decided = new Set([...(note?.sensitivity ?? []), ...(note?.declined ?? [])]);
      return { ...column, note, suggested: suggest(column).filter((tag) => !decided.has(tag)) };
    });
    const note = shownNote(find(table.id, tableItself));
    described.push({ ...table, columns, note, coverage: coverageOf(columns) });
    await nextTurn();
  }
  return { tables: described, coverage: sumOf(described.map(({ coverage }) => coverage)) };
}
