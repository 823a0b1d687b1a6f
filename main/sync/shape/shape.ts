import { say } from '../../../preload/messages/said.ts';
import type { RecordShape } from '../../connectors/connector.ts';
import {
  type Document,
  documentOf,
  spells,
  stringAt,
  Token,
  tokenSize,
  Value,
} from '../../connectors/document.ts';
import { AppError } from '../../errors.ts';
import { instantFormat, Kind, kindIn, kindOfNumber, kindOfText } from './kinds.ts';
import {
  type Column,
  createLayout,
  type Layout,
  type Node,
  type PublishedShape,
  type Table,
} from './layout.ts';
import type { RecordEntry } from './rows.ts';

/** Deeper subtrees are kept whole as jsonb. */
const deepest = 40;
/** How many children ahead a key is looked for before its name is looked up: fields that a record lacks are skipped. */
const guesses = 12;

/** What a flag that is there says. */
const yes = documentOf(true);

/**
 * What a dataset's records look like so far: its tables, their columns and the evidence for each column's type, and
 * the rows of the page at hand. Everything but the rows is saved with the cursor and read back on resume.
 *
 * A path is either scalar (a column), an object (its leaves are columns of the same table) or, once an array with
 * objects was seen there, a repeat (a child table). XML knows no one-item lists, so a repeat with one item arrives as
 * a plain object. Such a lone object is put into the parent's columns while no array was seen, and into the child
 * table from then on; `finish.ts` moves the early ones. A repeat that is published, or that the source calls one, is known
 * from the beginning. So the result is the same in any order of records.
 *
 * An entry of a repeat without a value is an empty text. Several of them in an array are a repeat as objects are; a
 * lone one is an entry only where the repeat is known from the beginning, for anywhere else it is a question left blank.
 */
export interface Shape extends Pick<Layout, 'tables' | 'parts' | 'paths' | 'changes'> {
  /** Number of the last record; saved with every commit. What was found in one thing has one number. */
  readonly seq: number;
  /** The records whose rows the tables hold. */
  readonly records: readonly RecordEntry[];
  /** How many tables have rows now, or were made without any. */
  readonly filled: number;
  /** Whether questions that were left blank are told apart from those that were not asked. */
  readonly keepsBlanks: boolean;
  /** The documents that the rows' values stand in. */
  readonly documents: readonly Document[];
  /**
   * Puts one record into the rows of its tables. `key` identifies it where no field of it does; `follows`: it came in one
   * page with the one before.
   */
  add(record: Value, key?: string, follows?: boolean): void;
  /** Makes the tables of repeats that the source tells of and no record has an entry of; stops after so many. */
  complete(atOnce: number): Generator<void, void>;
  /** Empties the rows of all tables. */
  clearRows(): void;
  /** A path's column in a table, made when missing (for moving lone repeats); null when the table is full. */
  columnFor(table: Table, path: number, like: Column): Column | null;
}

/** Fields that are left out of a table. */
type Skip = ReadonlySet<string> | undefined;

/** The row that is being filled. */
interface Row {
  readonly record: number;
  readonly document: number;
  /** Pairs of a repeat's table and a position from 1, outermost first. */
  readonly positions: readonly number[];
}

/** Whether a value can identify a record: a number, or a text that is not empty. */
function isKey({ document: { tape }, at }: Value): boolean {
  const token = tape[at];
  if (token === Token.string) return tape[at + 1] !== tape[at + 2];
  return token === Token.number || token === Token.escaped;
}

/** A fresh shape, or one continued from what `changes` returned, all of it in that order. */
export function createShape(
  spec: RecordShape,
  dataset: string,
  saved: { readonly layout: readonly string[]; readonly seq: number } | null = null,
  published?: PublishedShape,
  keepsBlanks = false,
): Shape {
  const layout = createLayout(spec, saved?.layout ?? [], published);
  const { tables, parts, paths, keys, child, addColumn, makeRepeat } = layout;
  /** Bytes of the flag's name, which is ASCII; -1 without one. */
  const flagLength = spec.flag?.name.length ?? -1;
  let seq = saved?.seq ?? 0;
  /** What the last record was found in, where that is told. */
  let within = '';
  let records: RecordEntry[] = [];
  let filled = 0;
  let documents: Document[] = [];
  // The document being walked, taken apart once per part.
  let document: Document = { bytes: Buffer.alloc(0), tape: new Int32Array() };
  let { bytes, tape } = document;
  /** Number of the document that an extra field stands in, when it is not the row's own. */
  let foreign = -1;

  const isContainer = (token: number): boolean => token === Token.object || token === Token.array;

  /** Keeps a value that has no column, or is not what its column is declared for. */
  const spill = (table: Table, node: Node, at: number): boolean => {
    table.overflows = true;
    table.rows.spill(node.path, foreign, at);
    return true;
  };

  /** Puts a value that is not null into its column. Returns whether the table got a value: always. */
  const put = (table: Table, node: Node, at: number, kind: number): boolean => {
    let place = node.table === table.index ? node.column : node.columnIn(table);
    if (place < 0 && addColumn(table, node) !== null) place = table.columns.length - 1;
    if (place < 0) return spill(table, node, at);
    const column = table.columns[place] as Column;
    const counted = column.declared === undefined ? kind : kindIn(column.declared, kind);
    if (counted === 0) return spill(table, node, at);
    if (column.kind === counted) column.count += 1;
    else column.sawOther(counted);
    if (
      column.format === undefined &&
      (kind === Kind.timestamptz || kind === Kind.timestamp || kind === Kind.time)
    ) {
      column.format = instantFormat(bytes, tape[at + 1] as number, tape[at + 2] as number);
    }
    if (foreign < 0) table.rows.cell(place, at);
    else table.rows.foreign(place, foreign, at);
    return true;
  };

  const addItem = (table: Table, at: number, position: number, parent: Row): void => {
    const row = { ...parent, positions: [...parent.positions, table.index, position] };
    if (table.rows.count === 0) filled += 1;
    table.rows.begin(row.record, row.document, row.positions);
    const token = tape[at] as number;
    if (token === Token.object) walk(table, table.root, at, row, undefined);
    else if (token !== Token.null && !isEmptyText(at)) walkValue(table, child(table.root, ''), at, row);
    table.rows.end();
  };

  const isEmptyText = (at: number): boolean => tape[at] === Token.string && tape[at + 1] === tape[at + 2];

  const hasObjects = (at: number): boolean => {
    const end = tape[at + 3] as number;
    for (let item = at + tokenSize; item < end; item = tape[item + 3] as number) {
      if (tape[item] === Token.object) return true;
    }
    return false;
  };

  /** Whether an array holds entries of a repeat that have no value, and nothing else. */
  const hasOnlyBlanks = (node: Node, at: number): boolean => {
    const end = tape[at + 3] as number;
    let count = 0;
    for (let item = at + tokenSize; item < end; item = tape[item + 3] as number) {
      if (!isEmptyText(item)) return false;
      count += 1;
    }
    // One alone is no repeat of XML, but may be a list of one text.
    return count > 1 || node.below.isRepeat;
  };

  /** The table of a repeat that is known for one. */
  const repeatOf = (node: Node): Table | null =>
    node.below.repeat ?? (node.below.isRepeat ? makeRepeat(node) : null);

  /** Whether a field of the object at `at` tells something by being there. Asked of every blank: nearly all differ in length. */
  const isFlag = (at: number, key: number): boolean => {
    const { flag } = spec;
    if (flag === undefined || (tape[key + 2] as number) - (tape[key + 1] as number) !== flagLength)
      return false;
    return spells(document, key, flag.name) && new Value(document, at).get(flag.beside) !== undefined;
  };

  /** Notes a flag that is there. */
  const raise = (table: Table, node: Node): boolean => {
    const own = foreign;
    foreign = placeOf(yes.document);
    put(table, node, yes.at, Kind.boolean);
    foreign = own;
    return true;
  };

  /** An empty text is a flag, an entry of a repeat, or a question left blank. Returns whether a column of this table got a value. */
  const walkBlank = (table: Table, node: Node, at: number, key: number, row: Row, skip: Skip): boolean => {
    const { repeats } = node.below;
    const entry = repeats?.find(({ name }) => spells(document, key, name) && !skip?.has(name));
    if (entry) addItem(repeatOf(entry) as Table, key + tokenSize, 1, row);
    else if (isFlag(at, key)) return raise(table, child(node, stringAt(document, key)));
    else if (keepsBlanks) {
      const { name, path } = child(node, stringAt(document, key));
      if (!skip?.has(name)) table.rows.blank(path);
    }
    return false;
  };

  /** Returns whether any column of this table got a value. */
  const walkValue = (table: Table, node: Node, at: number, row: Row): boolean => {
    if (node.omitted) return false;
    const token = tape[at] as number;
    switch (token) {
      case Token.string: {
        const start = tape[at + 1] as number;
        const end = tape[at + 2] as number;
        // A question that was left blank has no value; where it matters that it was asked, `walkBlank` says so.
        if (start === end && spec.keepsEmpty !== true) return false;
        return put(table, node, at, node.pinned === 'text' ? Kind.text : kindOfText(bytes, start, end));
      }
      case Token.escaped:
        return put(table, node, at, Kind.text);
      case Token.number:
        return put(table, node, at, kindOfNumber(bytes, tape[at + 1] as number, tape[at + 2] as number));
      case Token.true:
      case Token.false:
        return put(table, node, at, Kind.boolean);
      case Token.null:
        return false;
      default:
    }
    if (node.pinned === 'json') return put(table, node, at, Kind.list);
    if (token === Token.array) {
      if (tape[at + 3] === at + tokenSize) return false;
      if (!hasObjects(at) && !hasOnlyBlanks(node, at)) return put(table, node, at, Kind.list);
      const repeat = node.below.repeat ?? makeRepeat(node);
      const end = tape[at + 3] as number;
      let position = 1;
      for (let item = at + tokenSize; item < end; item = tape[item + 3] as number) {
        addItem(repeat, item, position, row);
        position += 1;
      }
      return false;
    }
    const repeat = repeatOf(node);
    if (repeat) {
      addItem(repeat, at, 1, row);
      return false;
    }
    if (node.depth >= deepest) return put(table, node, at, Kind.list);
    if (node.below.inlined !== table.index) {
      node.branch().inlined = table.index;
      table.inlined.add(node.path);
    }
    const wrote = walk(table, node, at, row, undefined);
    if (!wrote) table.rows.empty(node.path);
    return wrote;
  };

  /** The child that a key names. `place` is where in the order of the children it is expected. */
  const childAt = (node: Node, key: number, place: number): Node => {
    const { order } = node.below;
    if (tape[key] === Token.string) {
      const start = tape[key + 1] as number;
      const length = (tape[key + 2] as number) - start;
      const last = Math.min(order.length, place + guesses);
      const names = keys.bytes;
      next: for (let guess = place; guess < last; guess += 1) {
        const candidate = order[guess] as Node;
        if (candidate.keyLength !== length) continue;
        const from = candidate.keyAt;
        // Names beside each other begin alike and end differently.
        for (let k = length - 1; k >= 0; k -= 1) if (bytes[start + k] !== names[from + k]) continue next;
        return candidate;
      }
    }
    return child(node, stringAt(document, key));
  };

  const walk = (table: Table, node: Node, at: number, row: Row, skip: Skip): boolean => {
    let wrote = false;
    let place = 0;
    const end = tape[at + 3] as number;
    for (let key = at + tokenSize; key < end; ) {
      const value = key + tokenSize;
      const after = tape[value + 3] as number;
      const token = tape[value] as number;
      // A field without a value makes no column, unless it is a flag.
      if (spec.keepsEmpty !== true && token === Token.string && tape[value + 1] === tape[value + 2]) {
        if (walkBlank(table, node, at, key, row, skip)) wrote = true;
      } else if (token !== Token.null) {
        const next = childAt(node, key, place);
        place = next.place + 1;
        if (token === Token.object && isFlag(at, key)) wrote = raise(table, next);
        if (!skip?.has(next.name) && walkValue(table, next, value, row)) wrote = true;
      }
      key = after;
    }
    return wrote;
  };

  /** The main table has the key as a column of its own. */
  const withKeyCache = new Map<Skip, ReadonlySet<string>>();
  const withKey = (skip: Skip): ReadonlySet<string> => {
    let merged = withKeyCache.get(skip);
    if (!merged) {
      merged = new Set([...(skip ?? []), spec.key]);
      withKeyCache.set(skip, merged);
    }
    return merged;
  };

  /** The number of a document that values of the rows stand in. */
  const placeOf = (one: Document): number => {
    // Nearly always the document of the page, which was the last one entered or the first.
    if (documents.at(-1) === one) return documents.length - 1;
    if (documents[0] === one) return 0;
    const known = documents.indexOf(one);
    return known < 0 ? documents.push(one) - 1 : known;
  };

  const enter = (value: Value): number => {
    ({ document } = value);
    ({ bytes, tape } = document);
    return placeOf(document);
  };

  /** A value of a row that may stand in another document than the row's own. */
  const walkBeside = (table: Table, node: Node, value: Value, row: Row): void => {
    const own = documents[row.document] as Document;
    foreign = value.document === own ? -1 : enter(value);
    walkValue(table, node, value.at, row);
    if (foreign >= 0) ({ bytes, tape } = own);
    if (foreign >= 0) document = own;
    foreign = -1;
  };

  if (saved === null) {
    // The main table and its declared columns exist even when the source has no record.
    const main = layout.partOf(dataset, spec.title ?? dataset);
    for (const { path } of spec.columns) addColumn(main, child(main.root, path));
    layout.makeKnown(main, spec.fields ?? []);
  }

  return {
    tables,
    parts,
    paths,
    keepsBlanks,
    get seq() {
      return seq;
    },
    get records() {
      return records;
    },
    get filled() {
      return filled;
    },
    get documents() {
      return documents;
    },
    add(record, key, follows = false) {
      const before = follows ? within : '';
      within = spec.within === undefined ? '' : (record.get(spec.within)?.text() ?? '');
      if (within === '' || within !== before) seq += 1;
      const id = key ?? record.get(spec.key);
      if (id === undefined || id === '' || (typeof id !== 'string' && !isKey(id))) {
        throw new AppError('SOURCE_BAD_ANSWER', say('sync.sourceSentOneWithout', { dataset, key: spec.key }));
      }
      const at = records.push({ key: id, seq, source: record }) - 1;
      let first = true;
      for (const part of spec.parts(record)) {
        const table = layout.partOf(part.table, part.label);
        const row = { record: at, document: enter(part.value), positions: [] };
        if (table.rows.count === 0) filled += 1;
        table.rows.begin(at, row.document, row.positions);
        walk(table, table.root, part.value.at, row, first ? withKey(part.skip) : part.skip);
        for (const name in part.extra) {
          const value = part.extra[name];
          if (value === undefined || isContainer(value.document.tape[value.at] as number)) continue;
          const node = child(table.root, name);
          const place = node.columnIn(table);
          if (place >= 0 && table.rows.has(place)) continue;
          walkBeside(table, node, value, row);
        }
        for (const name in part.lists)
          walkBeside(table, child(table.root, name), part.lists[name] as Value, row);
        table.rows.end();
        first = false;
      }
    },
    *complete(atOnce) {
      for (const node of layout.undone()) {
        makeRepeat(node);
        filled += 1;
        if (filled >= atOnce) yield;
      }
    },
    clearRows() {
      for (const table of tables) {
        table.seen += table.rows.count;
        table.rows.clear();
      }
      filled = 0;
      records = [];
      documents = [];
    },
    columnFor(table, path, like) {
      const found = table.columns.find((column) => column.path === path);
      if (found) return found;
      const column = addColumn(table, paths[path] as Node);
      if (!column) return null;
      column.mask = like.mask;
      column.format = like.format;
      return column;
    },
    changes: (all) => layout.changes(all),
  };
}
