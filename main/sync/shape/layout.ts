import type { PinnedType, RecordShape } from '../../connectors/connector.ts';
import { type ColumnType, type InstantFormat, Kind, kindCount, typeOf } from './kinds.ts';
import { dotted, readable, storable } from './names.ts';
import { createRowLog, type RowLog } from './rows.ts';

export interface Column {
  readonly path: number;
  mask: number;
  format: InstantFormat | undefined;
  readonly keepsJson: boolean;
  /** The type it has in the staging table; null while it is not there. */
  applied: ColumnType | null;
  /** How many values of each kind were seen, by the bit of the kind: why the column has the type it has. */
  readonly evidence: Float64Array;
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
  /** The rows of the page at hand. */
  readonly rows: RowLog;
  created: boolean;
  /** How many rows were taken from it so far. */
  seen: number;
  /** Paths at which an object was spread over this table's own columns; if one turns out to be a repeat, it is moved. */
  readonly inlined: Set<number>;
  /** Whether a value of it found no column, or a row no room. */
  overflows: boolean;
  /** Those of `repeats` that have a position column in the staging table. */
  appliedRepeats: readonly number[];
}

export interface Node {
  readonly path: number;
  /** Last segment of the path, and the same as the bytes of a key without escapes. */
  readonly name: string;
  readonly key: Uint8Array;
  readonly children: Map<string, Node>;
  /** The children in the order they came up: records of a source keep to one order, so the next key is easily guessed. */
  readonly order: Node[];
  /** Its place in the parent's `order`. */
  readonly place: number;
  readonly pinned: PinnedType | undefined;
  column: number;
  repeat: Table | null;
  /** Number of tables when `repeat` was last looked up. */
  looked: number;
  inlined: boolean;
}

interface SavedLayout {
  parts: [id: string, label: string][];
  paths: [part: number, ...segments: string[]][];
  tables: {
    part: number;
    path: string[];
    repeats: number[];
    inlined: number[];
    overflows: boolean;
    seen: number;
    columns: [path: number, mask: number, format: number | null, ...evidence: number[]][];
  }[];
}

/** PostgreSQL allows 1,600 columns; the keys and the hidden columns need some, and dropped ones count until the next refresh. */
const mostColumns = 1500;
/** The evidence that a pinned path begins with. */
export const pinnedMask: Record<PinnedType, number> = {
  text: Kind.text,
  boolean: Kind.boolean,
  bigint: Kind.integer,
  timestamptz: Kind.timestamptz,
  json: Kind.list,
};

const keyOf = (part: number, segments: readonly string[]): string => `${part}\0${segments.join('\0')}`;

/**
 * The evidence that a published column stands for, by table id and path; 0 where nothing is published. A column begins
 * with it, so that its type changes only to one that holds the published values too.
 */
export type PublishedMask = (table: string, path: string) => number;

/** Tables, columns and paths of a dataset, as far as they are known; everything that is saved with the cursor. */
export interface Layout {
  readonly tables: readonly Table[];
  readonly parts: readonly { readonly id: string; readonly label: string }[];
  readonly paths: readonly { readonly part: number; readonly segments: readonly string[] }[];
  /** The node below another one, made when missing. */
  child(node: Node, segment: string): Node;
  /** The own table of a part, made when missing. */
  partOf(id: string, label: string): Table;
  /** Null when the table is full. */
  addColumn(table: Table, node: Node): Column | null;
  /** The child table of a path, if an array with objects was ever seen there, in whichever table. */
  repeatAt(node: Node): Table | null;
  makeRepeat(node: Node): Table;
  save(): unknown;
}

/** A fresh layout, or one continued from what `save` returned. */
export function createLayout(
  spec: RecordShape,
  saved: unknown,
  publishedMask: PublishedMask = () => 0,
): Layout {
  const parts: { id: string; label: string }[] = [];
  const partIndex = new Map<string, number>();
  const partTables: Table[] = [];
  const paths: { part: number; segments: readonly string[] }[] = [];
  const pathIndex = new Map<string, number>();
  const tables: Table[] = [];
  const tableIndex = new Map<string, Table>();

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

  const makeNode = (part: number, segments: readonly string[], place: number): Node => ({
    path: pathOf(part, segments),
    name: segments.at(-1) ?? '',
    key: Buffer.from(segments.at(-1) ?? '', 'utf8'),
    children: new Map(),
    order: [],
    place,
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
      next = makeNode(part, [...segments, segment], node.order.length);
      node.children.set(segment, next);
      node.order.push(next);
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
      root: makeNode(part, path, 0),
      rows: createRowLog(),
      created: false,
      seen: 0,
      inlined: new Set(),
      overflows: false,
      appliedRepeats: [],
    };
    tables.push(table);
    if (path.length > 0) tableIndex.set(keyOf(part, path), table);
    else partTables[part] = table;
    for (const inner of siblings.filter(
      (other) => isWithin(other.path, path) && !other.repeats.includes(index),
    )) {
      const depth = (at: number): number => (tables[at] as Table).path.length;
      inner.repeats = [...inner.repeats, index].sort((a, b) => depth(a) - depth(b));
    }
    return table;
  };

  const partOf = (id: string, label: string): Table => {
    let part = partIndex.get(id) ?? partIndex.get(storable(id));
    if (part === undefined) {
      part = parts.length;
      parts.push({ id: storable(id), label: readable(label) });
      partIndex.set(storable(id), part);
      return makeTable(part, []);
    }
    // A form may be renamed between versions; which name it goes by must not depend on the order of the records.
    const known = parts[part] as { id: string; label: string };
    if (label < known.label) {
      known.label = readable(label);
    }
    return partTables[part] as Table;
  };

  const publishedAs = (table: Table, node: Node): number => {
    const part = (parts[table.part] as { id: string }).id;
    const id = table.path.length === 0 ? part : `${part}|${dotted(table.path)}`;
    return publishedMask(id, dotted((paths[node.path] as { segments: readonly string[] }).segments));
  };

  const addColumn = (table: Table, node: Node): Column | null => {
    if (table.columns.length >= mostColumns) return null;
    const column: Column = {
      path: node.path,
      mask: (node.pinned === undefined ? 0 : pinnedMask[node.pinned]) | publishedAs(table, node),
      format: undefined,
      keepsJson: node.pinned === 'json',
      applied: null,
      evidence: new Float64Array(kindCount),
    };
    node.column = table.columns.length;
    table.columns.push(column);
    return column;
  };

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

  const load = (state: SavedLayout): void => {
    for (const [id, label] of state.parts) {
      partIndex.set(id, parts.length);
      parts.push({ id, label });
    }
    for (const [part, ...segments] of state.paths) pathOf(part, segments);
    for (const { part, path, repeats, inlined, overflows, seen, columns } of state.tables) {
      const table = makeTable(part, path);
      for (const at of inlined) table.inlined.add(at);
      table.repeats = repeats;
      table.created = true;
      table.overflows = overflows;
      table.seen = seen;
      table.appliedRepeats = repeats;
      for (const [at, mask, format, ...evidence] of columns) {
        const segments = (paths[at] as { segments: readonly string[] }).segments.slice(path.length);
        const node = segments.reduce(child, table.root);
        const column = addColumn(table, node) as Column;
        column.mask = mask;
        column.format = format === -1 ? undefined : (format as InstantFormat);
        column.applied = typeOf(mask);
        column.evidence.set(evidence);
      }
    }
  };

  if (saved !== null) load(saved as SavedLayout);

  return {
    tables,
    parts,
    paths,
    child,
    partOf,
    addColumn,
    repeatAt,
    makeRepeat,
    save() {
      return {
        parts: parts.map(({ id, label }) => [id, label]),
        paths: paths.map(({ part, segments }) => [part, ...segments]),
        tables: tables.map(({ part, path, repeats, inlined, overflows, seen, columns }) => ({
          part,
          path: [...path],
          repeats: [...repeats],
          inlined: [...inlined],
          overflows,
          seen,
          columns: columns.map(({ path: at, mask, format, evidence }) => [
            at,
            mask,
            format === undefined ? -1 : format,
            ...evidence,
          ]),
        })),
      } satisfies SavedLayout;
    },
  };
}
