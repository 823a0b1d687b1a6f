import type { PinnedType, RecordShape } from '../connectors/connector.ts';
import type { JsonObject } from '../connectors/json.ts';
import { AppError } from '../errors.ts';
import {
  type ColumnType,
  type InstantFormat,
  instantFormat,
  Kind,
  kindOfNumber,
  kindOfText,
  typeOf,
} from './kinds.ts';

/**
 * What a dataset's records look like so far: its tables, their columns and the evidence for each column's type, and
 * the rows of the page at hand. Everything but the rows is saved with the cursor and read back on resume.
 *
 * A path is either scalar (a column), an object (its leaves are columns of the same table) or, once an array with
 * objects was seen there, a repeat (a child table). XML knows no one-item lists, so a repeat with one item arrives as
 * a plain object. Such a lone object is put into the parent's columns while no array was seen, and into the child
 * table from then on; `finish.ts` moves the early ones. So the result is the same in any order of records.
 */
export interface Column {
  readonly path: number;
  mask: number;
  format: InstantFormat | undefined;
  readonly keepsJson: boolean;
  /** The type it has in the staging table; null while it is not there. */
  applied: ColumnType | null;
}

export interface Row {
  readonly key: string;
  /** Sequence number of the record; the later one wins when a record comes twice. */
  readonly seq: number;
  /** One-based positions in the repeats of `repeats`, outermost first. */
  readonly positions: readonly number[];
  readonly repeats: readonly number[];
  readonly values: unknown[];
  /** Paths that hold an object without a single value: nothing else would show that they were there. */
  empties: number[] | null;
  readonly raw: number;
}

export interface Table {
  readonly index: number;
  readonly part: number;
  /** Segments below the part's root; empty for the part's own table. */
  readonly path: readonly string[];
  /** Indexes of the repeats it lies in, outermost first, itself last; empty for a part's own table. */
  repeats: readonly number[];
  readonly columns: Column[];
  readonly root: Node;
  rows: Row[];
  created: boolean;
  /** Paths at which an object was spread over this table's own columns; if one turns out to be a repeat, it is moved. */
  readonly inlined: Set<number>;
  /** Those of `repeats` that have a position column in the staging table. */
  appliedRepeats: readonly number[];
}

export interface Node {
  readonly path: number;
  readonly children: Map<string, Node>;
  readonly pinned: PinnedType | undefined;
  column: number;
  repeat: Table | null;
  /** Number of tables when `repeat` was last looked up. */
  looked: number;
  inlined: boolean;
}

interface SavedShape {
  parts: [id: string, label: string][];
  paths: [part: number, ...segments: string[]][];
  tables: {
    part: number;
    path: string[];
    repeats: number[];
    inlined: number[];
    columns: [number, number, number | null][];
  }[];
}

/** PostgreSQL allows 1,600 columns; the keys and the hidden columns need some, and dropped ones count until the next refresh. */
const mostColumns = 1500;
/** Deeper subtrees are kept whole as jsonb. */
const deepest = 40;

const pinnedMask: Record<PinnedType, number> = {
  text: Kind.text,
  boolean: Kind.boolean,
  bigint: Kind.integer,
  timestamptz: Kind.timestamptz,
  json: Kind.list,
};

export interface Shape {
  readonly tables: readonly Table[];
  readonly parts: readonly { readonly id: string; readonly label: string }[];
  readonly paths: readonly { readonly part: number; readonly segments: readonly string[] }[];
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
  tableOf(part: number, path: readonly string[]): Table | undefined;
  save(): unknown;
}

const keyOf = (part: number, segments: readonly string[]): string => `${part}\0${segments.join('\0')}`;

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A fresh shape, or one continued from what `save` returned. */
export function createShape(
  spec: RecordShape,
  dataset: string,
  saved: { readonly shape: unknown; readonly seq: number } | null = null,
): Shape {
  const parts: { id: string; label: string }[] = [];
  const partIndex = new Map<string, number>();
  const paths: { part: number; segments: readonly string[] }[] = [];
  const pathIndex = new Map<string, number>();
  const tables: Table[] = [];
  const tableIndex = new Map<string, Table>();
  let seq = 0;
  let changed = true;
  let overflowed = 0;

  const pathOf = (part: number, segments: readonly string[]): number => {
    const key = keyOf(part, segments);
    let id = pathIndex.get(key);
    if (id === undefined) {
      id = paths.length;
      paths.push({ part, segments });
      pathIndex.set(key, id);
    }
    return id;
  };

  const makeNode = (part: number, segments: readonly string[]): Node => ({
    path: pathOf(part, segments),
    children: new Map(),
    pinned: segments.length === 0 ? undefined : spec.pin(segments),
    column: -1,
    repeat: null,
    looked: 0,
    inlined: false,
  });

  const child = (node: Node, segment: string): Node => {
    let next = node.children.get(segment);
    if (!next) {
      const { part, segments } = paths[node.path] as { part: number; segments: readonly string[] };
      next = makeNode(part, [...segments, segment]);
      node.children.set(segment, next);
    }
    return next;
  };

  const makeTable = (part: number, path: readonly string[]): Table => {
    const index = tables.length;
    const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
      inner.length > outer.length && outer.every((segment, at) => inner[at] === segment);
    const siblings = tables.filter((other) => other.part === part && other.path.length > 0);
    const repeats =
      path.length === 0
        ? []
        : [
            ...siblings
              .filter((other) => isWithin(path, other.path))
              .sort((a, b) => a.path.length - b.path.length)
              .map((t) => t.index),
            index,
          ];
    const table: Table = {
      index,
      part,
      path,
      repeats,
      columns: [],
      root: makeNode(part, path),
      rows: [],
      created: false,
      inlined: new Set(),
      appliedRepeats: [],
    };
    tables.push(table);
    if (path.length > 0) tableIndex.set(keyOf(part, path), table);
    for (const inner of siblings.filter(
      (other) => isWithin(other.path, path) && !other.repeats.includes(index),
    )) {
      const depth = (at: number): number => (tables[at] as Table).path.length;
      inner.repeats = [...inner.repeats, index].sort((a, b) => depth(a) - depth(b));
    }
    changed = true;
    return table;
  };

  const partOf = (id: string, label: string): Table => {
    let part = partIndex.get(id);
    if (part === undefined) {
      part = parts.length;
      parts.push({ id, label });
      partIndex.set(id, part);
      return makeTable(part, []);
    }
    // A form may be renamed between versions; which name it goes by must not depend on the order of the records.
    const known = parts[part] as { id: string; label: string };
    if (label < known.label) {
      known.label = label;
      changed = true;
    }
    return (
      partTables[part] ?? (tables.find((table) => table.part === part && table.path.length === 0) as Table)
    );
  };
  const partTables: Table[] = [];

  const addColumn = (table: Table, node: Node): Column | null => {
    if (table.columns.length >= mostColumns) {
      overflowed += 1;
      return null;
    }
    const column: Column = {
      path: node.path,
      mask: node.pinned === undefined ? 0 : pinnedMask[node.pinned],
      format: undefined,
      keepsJson: node.pinned === 'json',
      applied: null,
    };
    node.column = table.columns.length;
    table.columns.push(column);
    changed = true;
    return column;
  };

  const put = (table: Table, node: Node, row: Row, value: unknown, kind: number): boolean => {
    const column = node.column >= 0 ? (table.columns[node.column] as Column) : addColumn(table, node);
    if (!column) return true;
    if ((column.mask | kind) !== column.mask) {
      column.mask |= kind;
      changed = true;
    }
    if (column.format === undefined && (kind === Kind.timestamptz || kind === Kind.timestamp)) {
      column.format = instantFormat(value as string);
      changed = true;
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

  /** The child table of a path, if an array with objects was ever seen there, in whichever table. */
  const repeatAt = (node: Node): Table | null => {
    if (node.repeat === null && node.looked !== tables.length) {
      node.looked = tables.length;
      const { part, segments } = paths[node.path] as { part: number; segments: readonly string[] };
      node.repeat = tableIndex.get(keyOf(part, segments)) ?? null;
    }
    return node.repeat;
  };

  const makeRepeat = (node: Node): Table => {
    const { part, segments } = paths[node.path] as { part: number; segments: readonly string[] };
    node.repeat = makeTable(part, segments);
    return node.repeat;
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
        changed = true;
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

  const load = (state: SavedShape): void => {
    for (const [id, label] of state.parts) {
      partIndex.set(id, parts.length);
      parts.push({ id, label });
    }
    for (const [part, ...segments] of state.paths) pathOf(part, segments);
    for (const { part, path, repeats, inlined, columns } of state.tables) {
      const table = makeTable(part, path);
      for (const at of inlined) table.inlined.add(at);
      table.repeats = repeats;
      table.created = true;
      table.appliedRepeats = repeats;
      for (const [at, mask, format] of columns) {
        const segments = (paths[at] as { segments: readonly string[] }).segments.slice(path.length);
        const node = segments.reduce(child, table.root);
        const column = addColumn(table, node) as Column;
        column.mask = mask;
        column.format = format === -1 ? undefined : (format as InstantFormat);
        column.applied = typeOf(mask);
      }
    }
    changed = false;
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

  if (saved !== null) {
    seq = saved.seq;
    load(saved.shape as SavedShape);
  } else {
    // The main table and its declared columns exist even when the source has no record.
    const main = partOf(dataset, dataset);
    for (const { path, type } of spec.columns) {
      const node = child(main.root, path);
      const column = addColumn(main, node) as Column;
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
      return changed;
    },
    get overflowed() {
      return overflowed;
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
        const table = partOf(part.table, part.label);
        partTables[table.part] = table;
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
    tableOf: (part, path) => tableIndex.get(keyOf(part, path)),
    save() {
      changed = false;
      return {
        parts: parts.map(({ id, label }) => [id, label]),
        paths: paths.map(({ part, segments }) => [part, ...segments]),
        tables: tables.map(({ part, path, repeats, inlined, columns }) => ({
          part,
          path: [...path],
          repeats: [...repeats],
          inlined: [...inlined],
          columns: columns.map(({ path: at, mask, format }) => [
            at,
            mask,
            format === undefined ? -1 : format,
          ]),
        })),
      } satisfies SavedShape;
    },
  };
}
