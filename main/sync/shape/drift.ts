import type { DictionaryTable, Drift } from '../../../preload/contract/models.ts';
import { partOfTable } from './names.ts';
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

/** A column whose values are in another table now. */
export interface Move {
  readonly table: string;
  readonly column: string;
  /** Name of the table with the values. */
  readonly to: string;
}

/**
 * Columns that are in the table of a repeat now, because their path turned out to be one: where records had one entry
 * each, its values stood in the table around it.
 */
export function movesOf(before: Tables, after: Tables): Move[] {
  const now = tablesByName(after);
  const moves: Move[] = [];
  /** Ids of the tables of now, and their places. */
  let places: Map<string, number> | null = null;
  for (const old of before) {
    const table = now(old.name);
    if (table === undefined) continue;
    const [names, paths] = [new Set<string>(), new Set<string | null>()];
    for (const { name, sourcePath } of table.columns) {
      names.add(name);
      paths.add(sourcePath);
    }
    for (const { name: column, sourcePath, type } of old.columns) {
      if (sourcePath === null || names.has(column) || paths.has(sourcePath)) continue;
      places ??= placesById(after);
      const to = repeatWith(after, places, table.id, sourcePath, type);
      if (to !== null) moves.push({ table: old.name, column, to });
    }
  }
  return moves;
}

function placesById(tables: Tables): Map<string, number> {
  const places = new Map<string, number>();
  for (const { id } of tables) places.set(id, places.size);
  return places;
}

/** The name of the innermost repeat below a table that has the values of a path; null where none has. */
function repeatWith(
  tables: Tables,
  places: ReadonlyMap<string, number>,
  id: string,
  path: string,
  type: string,
): string | null {
  const part = partOfTable(id, (known) => places.has(known));
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const inner = `${part}|${path.slice(0, end)}`;
    const place = inner.length > id.length ? places.get(inner) : undefined;
    const repeat = place === undefined ? undefined : tables.at(place);
    if (repeat === undefined) continue;
    // An array of entries without values was a list of empty texts; the text of a lone entry is its value.
    const hasValues =
      end === path.length ? type === 'jsonb' || hasPath(repeat, `${path}.`) : hasPath(repeat, path);
    if (hasValues) return repeat.name;
  }
  return null;
}

const hasPath = ({ columns }: DictionaryTable, path: string): boolean =>
  columns.some(({ sourcePath }) => sourcePath === path);
