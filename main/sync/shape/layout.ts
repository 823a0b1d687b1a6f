import type { KnownField, PinnedType, RecordShape } from '../../connectors/connector.ts';
import { Column } from './column.ts';
import { Kind, typeOf } from './kinds.ts';
import { dotted, readable, storable, textSegment, withoutText } from './names.ts';
import { Node, type Table } from './node.ts';
import { createRowLog } from './rows.ts';
import { createSaving, type SavedChange } from './saved.ts';

export type { Column, Node, Table };

/** PostgreSQL allows 1,600 columns; the keys and the hidden columns need some, and dropped ones count until the next refresh. */
const mostColumns = 1500;
/** The evidence that a pinned path begins with. */
export const pinnedMask: Record<PinnedType, number> = {
  text: Kind.text,
  boolean: Kind.boolean,
  bigint: Kind.integer,
  numeric: Kind.decimal,
  date: Kind.date,
  time: Kind.time,
  timestamp: Kind.timestamp,
  timestamptz: Kind.timestamptz,
  json: Kind.list,
};

/** What is published of a dataset so far, which what is read now keeps to. */
export interface PublishedShape {
  /**
   * The evidence that a published column stands for, by table id and path; 0 where nothing is published. A column begins
   * with it, so that its type changes only to one that holds the published values too.
   */
  mask(table: string, path: string): number;
  /** Paths of a part that were ever published as repeats: they are ones, whether or not a record has several entries. */
  repeats(part: string): Iterable<readonly string[]>;
  /** Paths of a part that the source calls repeats: they are ones too, and have a table though no record has an entry. */
  declared(part: string): Iterable<readonly string[]>;
}

const nothingPublished: PublishedShape = { mask: () => 0, repeats: () => [], declared: () => [] };

/** Tables, columns and paths of a dataset, as far as they are known; everything that is saved with the cursor. */
export interface Layout {
  readonly tables: readonly Table[];
  readonly parts: readonly { readonly id: string; readonly label: string }[];
  readonly paths: readonly Node[];
  /** The keys of all nodes, one behind the other. */
  readonly keys: { readonly bytes: Uint8Array };
  /** The node below another one, made when missing. */
  child(node: Node, segment: string): Node;
  /** The own table of a part, made when missing. */
  partOf(id: string, label: string): Table;
  /** Null when the table is full. */
  addColumn(table: Table, node: Node): Column | null;
  makeRepeat(node: Node): Table;
  /** Makes what the source's metadata tells of the main part: its columns and its repeats' tables. */
  makeKnown(main: Table, fields: readonly KnownField[]): void;
  /** What the source calls repeats in the parts that are known, and has no table yet. */
  undone(): Generator<Node, void>;
  /**
   * What changed since it was asked for last, to be saved; null when nothing did. With `all` the whole of it, which is
   * needed once columns were taken out.
   */
  changes(all?: boolean): SavedChange | null;
}

/** Bytes that grow. */
function createKeys() {
  const keys = { bytes: new Uint8Array(1024) };
  let size = 0;
  return {
    keys,
    add(text: string): { at: number; length: number } {
      const at = size;
      const key = Buffer.from(text, 'utf8');
      if (size + key.length > keys.bytes.length) {
        const wider = new Uint8Array(Math.max(2 * keys.bytes.length, size + key.length));
        wider.set(keys.bytes);
        keys.bytes = wider;
      }
      keys.bytes.set(key, at);
      size += key.length;
      return { at, length: key.length };
    },
  };
}

/** A fresh layout, or one continued from what `changes` returned, in that order. */
export function createLayout(
  spec: RecordShape,
  saved: readonly string[],
  published: PublishedShape = nothingPublished,
): Layout {
  const parts: { id: string; label: string }[] = [];
  const partIndex = new Map<string, number>();
  /** The root of each part -> the part. */
  const roots = new Map<Node, number>();
  /** The tables of a part, its own first. */
  const tablesOf: Table[][] = [];
  const paths: Node[] = [];
  const tables: Table[] = [];
  const { keys, add: addKey } = createKeys();
  const declaredTypes = new Map(spec.columns.map(({ path, type }) => [path, type]));

  const makeNode = (parent: Node | null, name: string): Node => {
    const pinned = parent === null ? undefined : spec.pin([...parent.segments, name]);
    const segments = parent === null ? [] : [...parent.segments, name];
    const omitted = parent !== null && (parent.omitted || spec.omits?.(segments) === true);
    const node = new Node(paths.length, parent, name, addKey(name), pinned, omitted);
    paths.push(node);
    return node;
  };

  const partOfNode = (node: Node): number => {
    let root = node;
    while (root.parent !== null) root = root.parent;
    return roots.get(root) as number;
  };

  const makeRoot = (part: number): Node => {
    const root = makeNode(null, '');
    roots.set(root, part);
    return root;
  };

  const makeTable = (root: Node): Table => {
    const part = partOfNode(root);
    const siblings = tablesOf[part] ?? [];
    tablesOf[part] = siblings;
    const index = tables.length;
    const repeats: number[] = root.parent === null ? [] : [index];
    for (let outer = root.parent; outer !== null; outer = outer.parent) {
      const { repeat } = outer.below;
      if (repeat !== null) repeats.unshift(repeat.index);
    }
    const table: Table = {
      index,
      part,
      path: root.segments,
      repeats,
      columns: [],
      root,
      rows: createRowLog(),
      created: false,
      seen: 0,
      inlined: new Set(),
      overflows: false,
      appliedRepeats: [],
    };
    tables.push(table);
    siblings.push(table);
    if (root.parent === null) return table;
    root.branch().repeat = table;
    const depth = (at: number): number => (tables[at] as Table).path.length;
    for (const inner of siblings) {
      let up: Node | null = inner.root;
      while (up !== null && up !== root) up = up.parent;
      if (inner === table || up === null) continue;
      inner.repeats = [...inner.repeats, index].sort((a, b) => depth(a) - depth(b));
    }
    return table;
  };

  const addPart = (id: string, label: string): void => {
    partIndex.set(id, parts.length);
    parts.push({ id, label });
  };

  /** As the names of a dataset know a table. */
  const idOf = ({ part, path }: Table): string => {
    const { id } = parts[part] as { id: string };
    return path.length === 0 ? id : `${id}|${dotted(path)}`;
  };

  const publishedMask = (table: Table, node: Node): number => {
    const id = idOf(table);
    const { segments } = node;
    const own = published.mask(id, dotted(segments));
    // The text of an element goes to the element's column where it was not published apart.
    return own === 0 && node.name === textSegment
      ? published.mask(id, dotted(withoutText(segments, table.path.length)))
      : own;
  };

  const child = (node: Node, segment: string): Node => node.find(segment) ?? makeNode(node, segment);

  const markRepeats = (part: number): void => {
    const { root } = (tablesOf[part] as Table[])[0] as Table;
    const { id } = parts[part] as { id: string };
    for (const segments of published.repeats(id)) segments.reduce(child, root).markRepeat();
    for (const segments of published.declared(id)) segments.reduce(child, root).markRepeat();
  };

  const layout: Layout = {
    tables,
    parts,
    paths,
    keys,
    child,
    partOf(id, label) {
      let part = partIndex.get(id) ?? partIndex.get(storable(id));
      if (part === undefined) {
        part = parts.length;
        addPart(storable(id), readable(label));
        const table = makeTable(makeRoot(part));
        markRepeats(part);
        return table;
      }
      // A form may be renamed between versions; which name it goes by must not depend on the order of the records.
      const known = parts[part] as { id: string; label: string };
      if (label < known.label) known.label = readable(label);
      return tablesOf[part]?.[0] as Table;
    },
    addColumn(table, node) {
      if (table.columns.length >= mostColumns) return null;
      const wanted = table.index === 0 && node.depth === 1 ? declaredTypes.get(node.name) : undefined;
      const was = publishedMask(table, node);
      const maskOfPin = (type: PinnedType | undefined): number => (type === undefined ? 0 : pinnedMask[type]);
      const mask = maskOfPin(wanted) | maskOfPin(node.pinned) | was;
      // One that was published with another type keeps what it holds.
      const declared = typeOf(mask) === typeOf(maskOfPin(wanted)) ? wanted : undefined;
      const column = new Column(node.path, mask, node.pinned === 'json', declared);
      node.setColumn(table, table.columns.length, tables);
      table.columns.push(column);
      return column;
    },
    makeRepeat: makeTable,
    makeKnown(main, fields) {
      for (const { path, type } of fields) {
        const node = path.reduce(child, main.root);
        if (type === 'repeat') {
          node.markRepeat();
          if (node.below.repeat === null) makeTable(node);
          continue;
        }
        let holder: Node | null = node.parent;
        while (holder !== null && holder.below.repeat === null) holder = holder.parent;
        const table = holder?.below.repeat ?? main;
        if (node.columnIn(table) < 0) layout.addColumn(table, node);
      }
    },
    *undone() {
      for (const [part, { id }] of parts.entries()) {
        const { root } = (tablesOf[part] as Table[])[0] as Table;
        for (const segments of published.declared(id)) {
          const node = segments.reduce(child, root);
          if (node.below.repeat === null) yield node;
        }
      }
    },
    changes: (all) => saving.changes(all),
  };
  const saving = createSaving(layout, { addPart, partOfNode, makeRoot, makeNode, makeTable });
  saving.load(saved);
  for (const part of parts.keys()) markRepeats(part);
  return layout;
}
