import type { RecordShape } from '../connectors/connector.ts';
import type { JsonObject } from '../connectors/json.ts';
import { AppError } from '../errors.ts';
import { instantFormat, Kind, kindOfNumber, kindOfText } from './kinds.ts';
import {
  type Column,
  createLayout,
  type Layout,
  type Node,
  pinnedMask,
  type Row,
  type Table,
} from './layout.ts';

/** Deeper subtrees are kept whole as jsonb. */
const deepest = 40;

/**
 * What a dataset's records look like so far: its tables, their columns and the evidence for each column's type, and
 * the rows of the page at hand. Everything but the rows is saved with the cursor and read back on resume.
 *
 * A path is either scalar (a column), an object (its leaves are columns of the same table) or, once an array with
 * objects was seen there, a repeat (a child table). XML knows no one-item lists, so a repeat with one item arrives as
 * a plain object. Such a lone object is put into the parent's columns while no array was seen, and into the child
 * table from then on; `finish.ts` moves the early ones. So the result is the same in any order of records.
 */
export interface Shape extends Pick<Layout, 'tables' | 'parts' | 'paths' | 'save'> {
  /** Number of the last record; saved with every commit. */
  readonly seq: number;
  /** True when anything but `seq` changed since the last `save`. */
  readonly changed: boolean;
  /** Values that found no column because a table is full; `raw` still has them. */
  readonly overflowed: number;
  /** Puts one record into the rows of its tables. `raw` is its index in the page's source texts. */
  add(record: JsonObject, raw: number): void;
  /** Empties the rows of all tables. */
  clearRows(): void;
  /** A node's column in a table, made when missing (for moving lone repeats). */
  columnFor(table: Table, path: number, like: Column): Column;
}

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A fresh shape, or one continued from what `save` returned. */
export function createShape(
  spec: RecordShape,
  dataset: string,
  saved: { readonly shape: unknown; readonly seq: number } | null = null,
): Shape {
  const layout = createLayout(spec, saved?.shape ?? null);
  const { tables, parts, paths, child, addColumn, repeatAt, makeRepeat } = layout;
  let seq = saved?.seq ?? 0;

  const put = (table: Table, node: Node, row: Row, value: unknown, kind: number): boolean => {
    const column = node.column >= 0 ? (table.columns[node.column] as Column) : addColumn(table, node);
    if (!column) return true;
    if ((column.mask | kind) !== column.mask) {
      column.mask |= kind;
      layout.touch();
    }
    if (column.format === undefined && (kind === Kind.timestamptz || kind === Kind.timestamp)) {
      column.format = instantFormat(value as string);
      layout.touch();
    }
    row.values[node.column] = value;
    return true;
  };

  const putText = (table: Table, node: Node, row: Row, value: string): boolean => {
    // A column that is text already stays text: nothing to find out.
    const known =
      node.column >= 0 ? (table.columns[node.column] as Column).mask : pinnedMask[node.pinned ?? 'bigint'];
    const settled = (known & Kind.text) !== 0;
    return put(table, node, row, value, settled ? Kind.text : kindOfText(value));
  };

  const addItem = (table: Table, item: unknown, position: number, parent: Row): void => {
    const row: Row = {
      key: parent.key,
      seq: parent.seq,
      positions: [...parent.positions, position],
      repeats: [...parent.repeats, table.index],
      values: new Array(table.columns.length),
      empties: null,
      raw: -1,
    };
    table.rows.push(row);
    if (isRecord(item)) walk(table, table.root, item, row, undefined);
    else if (item !== null && item !== '') walkValue(table, child(table.root, ''), item, row);
  };

  /** Returns whether any column of this table got a value. */
  const walkValue = (table: Table, node: Node, value: unknown, row: Row): boolean => {
    switch (typeof value) {
      case 'string':
        // An empty element and an absent one mean the same to CommCare.
        return value === '' ? false : putText(table, node, row, value);
      case 'number':
        return put(table, node, row, value, kindOfNumber(value));
      case 'boolean':
        return put(table, node, row, value, Kind.boolean);
      default:
    }
    if (value === null || value === undefined) return false;
    if (node.pinned === 'json') return put(table, node, row, value, Kind.list);
    if (Array.isArray(value)) {
      if (value.length === 0) return false;
      if (!value.some(isRecord)) return put(table, node, row, value, Kind.list);
      const repeat = repeatAt(node) ?? makeRepeat(node);
      value.forEach((item, at) => {
        addItem(repeat, item, at + 1, row);
      });
      return false;
    }
    const object = value as JsonObject;
    const repeat = repeatAt(node);
    if (repeat) {
      addItem(repeat, object, 1, row);
      return false;
    }
    if ((paths[node.path] as { segments: readonly string[] }).segments.length >= deepest) {
      return put(table, node, row, [object], Kind.list);
    }
    if (!node.inlined) {
      node.inlined = true;
      if (!table.inlined.has(node.path)) {
        table.inlined.add(node.path);
        layout.touch();
      }
    }
    const wrote = walk(table, node, object, row, undefined);
    if (!wrote) {
      row.empties ??= [];
      row.empties.push(node.path);
    }
    return wrote;
  };

  const walk = (
    table: Table,
    node: Node,
    object: JsonObject,
    row: Row,
    skip: ReadonlySet<string> | undefined,
  ): boolean => {
    let wrote = false;
    for (const segment in object) {
      if (skip?.has(segment)) continue;
      const value = object[segment];
      if (value === null || value === '') continue;
      if (walkValue(table, node.children.get(segment) ?? child(node, segment), value, row)) wrote = true;
    }
    return wrote;
  };

  /** The main table has the key as a column of its own. */
  const withKeyCache = new Map<ReadonlySet<string> | undefined, ReadonlySet<string>>();
  const withKey = (skip: ReadonlySet<string> | undefined): ReadonlySet<string> => {
    let merged = withKeyCache.get(skip);
    if (!merged) {
      merged = new Set([...(skip ?? []), spec.key]);
      withKeyCache.set(skip, merged);
    }
    return merged;
  };

  if (saved === null) {
    // The main table and its declared columns exist even when the source has no record.
    const main = layout.partOf(dataset, dataset);
    for (const { path, type } of spec.columns) {
      const column = addColumn(main, child(main.root, path)) as Column;
      column.mask = pinnedMask[type];
    }
  }

  return {
    tables,
    parts,
    paths,
    get seq() {
      return seq;
    },
    get changed() {
      return layout.changed;
    },
    get overflowed() {
      return layout.overflowed;
    },
    add(record, raw) {
      seq += 1;
      const id = record[spec.key];
      if ((typeof id !== 'string' && typeof id !== 'number') || id === '') {
        throw new AppError(
          'SOURCE_BAD_ANSWER',
          `The source sent one of the ${dataset} without its “${spec.key}”.`,
        );
      }
      const key = String(id);
      let first = true;
      for (const part of spec.parts(record)) {
        const table = layout.partOf(part.table, part.label);
        const row: Row = {
          key,
          seq,
          positions: [],
          repeats: [],
          values: new Array(table.columns.length),
          empties: null,
          raw: first ? raw : -1,
        };
        table.rows.push(row);
        walk(table, table.root, part.value, row, first ? withKey(part.skip) : part.skip);
        first = false;
      }
    },
    clearRows() {
      for (const table of tables) table.rows = [];
    },
    columnFor(table, path, like) {
      const found = table.columns.find((column) => column.path === path);
      if (found) return found;
      const { segments } = paths[path] as { segments: readonly string[] };
      const node = segments.slice(table.path.length).reduce(child, table.root);
      const column = addColumn(table, node);
      if (!column) throw new Error('the table is full');
      column.mask = like.mask;
      column.format = like.format;
      return column;
    },
    save: () => layout.save(),
  };
}
