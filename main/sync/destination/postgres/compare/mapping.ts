import { type PlannedColumn, stagedValue } from '../finish/plan.ts';
import type { LiveTable } from '../publish/live.ts';
import type { KeyPart, TableWork } from '../publish/work.ts';
import { columnName } from '../staged-tables.ts';

/** How a staged table stands to the published one that it refreshes, as far as it is known while it is still being read. */
export interface Mapping {
  readonly live: LiveTable;
  readonly keys: readonly KeyPart[];
  /** Each published column of ours, with what stands for it in the staged table; null while nothing does. */
  readonly columns: ReadonlyMap<string, StagedValue | null>;
  /** SQL over the staged table for each column that is not published yet: a row with a value in one differs. */
  readonly added: ReadonlySet<string>;
  /** Those of `added` that rows compared before it was known may have a value of. */
  readonly late: readonly string[];
  /** The columns of the staged table that hold values, with their types: a change of one writes the table anew. */
  readonly stored: ReadonlyMap<string, string>;
}

export interface StagedValue {
  /** SQL over the staged table `s`, of the published column's type. */
  readonly sql: string;
  readonly type: string;
}

/** The staged rows of one table, each compared with the published row of its key. */
export interface Matches {
  /** Name of the table of matches in the staging schema. */
  readonly table: string;
  readonly mapping: Mapping;
  readonly found: Found;
}

/** What was seen when staged rows were matched. */
export interface Found {
  readonly rows: number;
  /** Those without a published row. */
  readonly fresh: number;
  /** Whether two staged rows have the same published row; looked for in the main table of a dataset only. */
  readonly repeated: boolean;
}

/** The matches of a staged table; null where it has none, or they are not whole. */
export type MatchesOf = (staged: string) => Matches | null;

/** Null where rows can't be told equal yet: columns that change their type, or a primary key that is not as it should be. */
export function mappingOf({ live, keys, values, add, retype, gone, addToKey }: TableWork): Mapping | null {
  if (retype.length + addToKey.length > 0 || live.key.length !== keys.length) return null;
  const added = new Set(add.map(({ to }) => to));
  const columns = new Map<string, StagedValue | null>();
  for (const { live: name, staged, column } of values)
    if (!added.has(name)) columns.set(name, { sql: staged, type: column.type });
  for (const { name } of gone) columns.set(name, null);
  const stored = values.flatMap(({ column }) => storedIn(column));
  return { live, keys, columns, added: new Set(add.map(stagedValue)), late: [], stored: new Map(stored) };
}

/** The staged columns that a planned one is made of, with the type that each is staged as. */
function storedIn(column: PlannedColumn): [string, string][] {
  const { from, parts, isStagedAsText, type } = column;
  if (parts) return parts.map(({ path, type: own }) => [columnName(path), own]);
  return [[from, isStagedAsText ? 'text' : type]];
}

const same = (a: StagedValue | null | undefined, b: StagedValue | null): boolean =>
  a === b || (a != null && b !== null && a.sql === b.sql && a.type === b.type);

const sameLive = (a: LiveTable, b: LiveTable): boolean =>
  a.oid === b.oid &&
  [...a.columns.values()].every(({ name, number, type }) => {
    const other = b.columns.get(name);
    return other === undefined || (other.number === number && other.type === type);
  });

/**
 * What `before` becomes by what is known now; null where rows that were compared by it could come out otherwise, or are at
 * other places. A column that nothing stood for may have got something: rows from before have no value in it, as was
 * supposed.
 */
export function continued(before: Mapping, now: Mapping): Mapping | null {
  const sameKeys =
    before.keys.length === now.keys.length &&
    before.keys.every(
      ({ staged, live }, at) => now.keys[at]?.staged === staged && now.keys[at]?.live === live,
    );
  if (!sameKeys || !sameLive(before.live, now.live)) return null;
  // One more is a column of ours that nobody compared: it came meanwhile, or was not known for one of ours.
  if (before.columns.size !== now.columns.size) return null;
  for (const [name, value] of before.columns) {
    const later = now.columns.get(name);
    if (later === undefined || (value !== null && !same(later, value))) return null;
  }
  for (const [name, type] of before.stored) {
    const later = now.stored.get(name);
    if (later !== undefined && later !== type) return null;
  }
  const late = [...now.added].filter((sql) => readsRest(sql) && !before.added.has(sql));
  return { ...now, late: [...new Set([...before.late, ...late])] };
}

/** Whether a value may be among what the typed columns can't tell: it is there before it has a column. */
const readsRest = (sql: string): boolean => sql.includes('s._x');
