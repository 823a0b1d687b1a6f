import { mix32 } from '../shared/random.ts';
import type { JsonObject, Resource } from './types.ts';

/** What the store keeps of a row beyond what its source computes. */
export interface RowState {
  readonly received: number;
  readonly serverModified: number;
  readonly indexedOn: number;
  /** How often the row was edited; its content depends on it. */
  readonly revision: number;
  readonly editedAt: number;
  /** The `received` the row began with; editing a case moves the other one. */
  readonly created: number;
  readonly archived: boolean;
}

/** Where rows come from: a generator or a folder of real submissions. Any index below the size works. */
export interface RowSource {
  readonly size: number;
  id(index: number): string;
  indexOf(id: string): number;
  row(index: number, state: RowState): JsonObject;
  /** Initial microseconds of `received`, `serverModified` and `indexedOn` for rows `from` to `to`. */
  times(from: number, to: number, after: number, columns: Columns): void;
}

export type ColumnName = 'received' | 'serverModified' | 'indexedOn';
export type Columns = Record<ColumnName, Float64Array>;

const BLOCK = 250;

interface Block {
  readonly bytes: Buffer;
  /** Start of each row, then one past the end of the last, where its comma would have been. */
  readonly starts: Int32Array;
}

/** Rows in the order of one column, ascending; ranges of it are pages. */
export interface View {
  readonly rows: Int32Array;
  readonly column: Float64Array;
  readonly blocks: Map<number, Block>;
}

export interface ViewQuery {
  readonly order: ColumnName;
  readonly archived: boolean;
  /** Names the filter for the cache; empty for none. */
  readonly key: string;
  readonly keep?: (index: number) => boolean;
  /** Shuffles ties by this number and bypasses the cache. */
  readonly shuffle?: number;
}

/** The index compares whole milliseconds, like the server's search index. */
export function toMillis(micros: number): number {
  return Math.floor(micros / 1000);
}

const LIVE = 0;
const ARCHIVED = 1;
const GONE = 2;
const MAX_VIEWS = 24;

/** Holds the times and states of rows and their orders; contents are made by the source when asked for. */
export class RowStore {
  size: number;
  columns: Columns;
  readonly source: RowSource;
  readonly #kind: Resource;
  readonly preserialise: boolean;
  #state: Uint8Array;
  #hidden = false;
  #last: number;
  readonly #edits = new Map<number, { revision: number; at: number; created: number }>();
  readonly #views = new Map<string, View>();
  readonly #orders = new Map<ColumnName, Int32Array>();

  constructor(source: RowSource, options: { kind: Resource; preserialise: boolean }) {
    this.source = source;
    this.size = source.size;
    this.columns = emptyColumns(source.size);
    this.#state = new Uint8Array(source.size);
    this.#kind = options.kind;
    this.preserialise = options.preserialise;
    source.times(0, this.size, 0, this.columns);
    this.#last = this.#latest();
  }

  #latest(): number {
    let last = 0;
    for (const value of this.columns.indexedOn) if (value > last) last = value;
    return last;
  }

  #changed(): void {
    this.#views.clear();
    this.#orders.clear();
  }

  /** The index of a row that exists, archived or not; -1 otherwise. */
  find(id: string): number {
    const index = this.source.indexOf(id);
    return index >= 0 && index < this.size && this.#state[index] !== GONE ? index : -1;
  }

  isArchived(index: number): boolean {
    return this.#state[index] === ARCHIVED;
  }

  row(index: number): JsonObject {
    const edit = this.#edits.get(index);
    return this.source.row(index, {
      received: this.columns.received[index] ?? 0,
      serverModified: this.columns.serverModified[index] ?? 0,
      indexedOn: this.columns.indexedOn[index] ?? 0,
      revision: edit?.revision ?? 0,
      editedAt: edit?.at ?? 0,
      created: edit?.created ?? this.columns.received[index] ?? 0,
      archived: this.#state[index] === ARCHIVED,
    });
  }

  #order(name: ColumnName): Int32Array {
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const column = this.columns[name];
    const order = Int32Array.from({ length: this.size }, (_, i) => i);
    let sorted = true;
    for (let i = 1; i < order.length && sorted; i += 1) {
      sorted = toMillis(column[i - 1] ?? 0) <= toMillis(column[i] ?? 0);
    }
    if (!sorted) order.sort((a, b) => toMillis(column[a] ?? 0) - toMillis(column[b] ?? 0) || a - b);
    if (this.#kind === 'case') this.#sortTies(order, column);
    this.#orders.set(name, order);
    return order;
  }

  #sortTies(order: Int32Array, column: Float64Array): void {
    let start = 0;
    for (let i = 1; i <= order.length; i += 1) {
      const here = i < order.length ? toMillis(column[order[i] ?? 0] ?? 0) : Number.NaN;
      if (here === toMillis(column[order[start] ?? 0] ?? 0)) continue;
      if (i - start > 1) {
        const run = Array.from(order.subarray(start, i), (index) => ({ index, id: this.source.id(index) }));
        run.sort((a, b) => (a.id < b.id ? -1 : 1));
        for (let k = 0; k < run.length; k += 1) order[start + k] = run[k]?.index ?? 0;
      }
      start = i;
    }
  }

  /** The live rows that pass the filter, in order; kept until a row changes. */
  view(query: ViewQuery): View {
    if (query.shuffle !== undefined) return this.#shuffled(query, query.shuffle);
    const key = `${query.order} ${query.archived} ${query.key}`;
    const known = this.#views.get(key);
    if (known !== undefined) {
      this.#views.delete(key);
      this.#views.set(key, known);
      return known;
    }
    const order = this.#order(query.order);
    const { keep } = query;
    const hidden = this.#hidden;
    const limit = query.archived ? ARCHIVED : LIVE;
    const rows =
      keep === undefined && !hidden
        ? order
        : order.filter((i) => (!hidden || (this.#state[i] ?? 0) <= limit) && (keep === undefined || keep(i)));
    const view = { rows, column: this.columns[query.order], blocks: new Map<number, Block>() };
    const oldest = this.#views.size >= MAX_VIEWS ? this.#views.keys().next().value : undefined;
    if (oldest !== undefined) this.#views.delete(oldest);
    this.#views.set(key, view);
    return view;
  }

  #shuffled(query: ViewQuery, salt: number): View {
    const { shuffle: _, ...plain } = query;
    const { column, rows } = this.view(plain);
    const time = (i: number): number => toMillis(column[i] ?? 0);
    const order = rows.slice().sort((a, b) => time(a) - time(b) || mix32(a ^ salt) - mix32(b ^ salt));
    return { rows: order, column, blocks: new Map() };
  }

  /** The first position of a view whose time is not before (or, with `after`, later than) `micros`. */
  position(view: View, micros: number, after = false): number {
    const ms = toMillis(micros);
    return lowerBound(view.rows.length, (p) => {
      const here = toMillis(view.column[view.rows[p] ?? 0] ?? 0);
      return after ? here > ms : here >= ms;
    });
  }

  /** The first position after (time, id), for views whose ties are sorted by id. */
  positionAfter(view: View, ms: number, id: string | undefined): number {
    return lowerBound(view.rows.length, (p) => {
      const index = view.rows[p] ?? 0;
      const here = toMillis(view.column[index] ?? 0);
      return here > ms || (here === ms && id !== undefined && this.source.id(index) > id);
    });
  }

  /** The rows at positions `from` to `to` as comma-separated JSON. */
  serialise(view: View, from: number, to: number, descending: boolean): Buffer[] {
    if (to <= from) return [];
    if (!this.preserialise) {
      const order = view.rows.subarray(from, to);
      return [this.#write(descending ? order.slice().reverse() : order).bytes];
    }
    const out: Buffer[] = [];
    for (let first = from; first < to; ) {
      const number = Math.floor(first / BLOCK);
      const end = Math.min(to, (number + 1) * BLOCK);
      const block = this.#block(view, number);
      if (first > from) out.push(COMMA);
      out.push(slice(block, first - number * BLOCK, end - number * BLOCK));
      first = end;
    }
    return descending ? this.#descending(view, from, to) : out;
  }

  #descending(view: View, from: number, to: number): Buffer[] {
    const out: Buffer[] = [];
    for (let p = to - 1; p >= from; p -= 1) {
      const number = Math.floor(p / BLOCK);
      const at = p - number * BLOCK;
      if (out.length > 0) out.push(COMMA);
      out.push(slice(this.#block(view, number), at, at + 1));
    }
    return [Buffer.concat(out)];
  }

  #block(view: View, number: number): Block {
    const known = view.blocks.get(number);
    if (known !== undefined) return known;
    const first = number * BLOCK;
    const last = Math.min(view.rows.length, first + BLOCK);
    const block = this.#write(view.rows.subarray(first, last));
    view.blocks.set(number, block);
    return block;
  }

  /** Rows as comma-separated JSON, written straight into one buffer. */
  #write(rows: Int32Array): Block {
    const starts = new Int32Array(rows.length + 1);
    let bytes = Buffer.allocUnsafe(rows.length * 3072 + 4096);
    let at = 0;
    for (let p = 0; p < rows.length; p += 1) {
      const text = JSON.stringify(this.row(rows[p] ?? 0));
      if (bytes.length - at < text.length * 3 + 1) {
        bytes = Buffer.concat([bytes.subarray(0, at)], bytes.length * 2 + text.length * 3);
      }
      if (p > 0) {
        bytes[at] = 44;
        at += 1;
      }
      starts[p] = at;
      at += bytes.write(text, at);
    }
    starts[rows.length] = at + 1;
    return { bytes: this.preserialise ? Buffer.from(bytes.subarray(0, at)) : bytes.subarray(0, at), starts };
  }

  /** Serialises every row of a view ahead of time. */
  warm(view: View): void {
    for (let number = 0; number * BLOCK < view.rows.length; number += 1) this.#block(view, number);
  }

  #next(): number {
    this.#last += 1_000_000;
    return this.#last;
  }

  /** Moves rows to the end of `indexedOn`; with `content` they count as edited too. */
  touch(indexes: readonly number[], content: boolean): void {
    for (const index of indexes) {
      if (index < 0 || index >= this.size) throw new RangeError(`No row ${index}`);
      const now = this.#next();
      this.columns.indexedOn[index] = now;
      if (!content) continue;
      const before = this.#edits.get(index);
      const created = before?.created ?? this.columns.received[index] ?? 0;
      this.columns.serverModified[index] = now - 500_000;
      this.#edits.set(index, { revision: (before?.revision ?? 0) + 1, at: now - 500_000, created });
      if (this.#kind === 'case') this.columns.received[index] = now - 600_000;
    }
    this.#changed();
  }

  /** Archives or removes rows by id; archiving moves `indexedOn`, as any change does. */
  hide(ids: readonly string[], how: 'archive' | 'vanish'): void {
    for (const id of ids) {
      const index = this.source.indexOf(id);
      if (index < 0 || index >= this.size) throw new RangeError(`No row ${id}`);
      this.#state[index] = how === 'archive' ? ARCHIVED : GONE;
      if (how === 'archive') this.columns.indexedOn[index] = this.#next();
    }
    this.#hidden = true;
    this.#changed();
  }

  add(count: number): void {
    const from = this.size;
    const columns = emptyColumns(from + count);
    for (const name of COLUMN_NAMES) columns[name].set(this.columns[name]);
    this.source.times(from, from + count, this.#last, columns);
    const state = new Uint8Array(from + count);
    state.set(this.#state);
    this.columns = columns;
    this.#state = state;
    this.size = from + count;
    this.#last = this.#latest();
    this.#changed();
  }

  /** Gives every row a new `indexedOn`, one millisecond apart, in the order they had. */
  reindex(): void {
    const order = Int32Array.from(this.#order('indexedOn'));
    const start = this.#last + 60_000_000;
    for (let p = 0; p < order.length; p += 1) this.columns.indexedOn[order[p] ?? 0] = start + p * 1000;
    this.#last = start + order.length * 1000;
    this.#changed();
  }
}

const COMMA = Buffer.from(',');
const COLUMN_NAMES: readonly ColumnName[] = ['received', 'serverModified', 'indexedOn'];

function emptyColumns(size: number): Columns {
  return {
    received: new Float64Array(size),
    serverModified: new Float64Array(size),
    indexedOn: new Float64Array(size),
  };
}

function slice(block: Block, from: number, to: number): Buffer {
  return block.bytes.subarray(block.starts[from] ?? 0, (block.starts[to] ?? 0) - 1);
}

function lowerBound(length: number, isAtOrAfter: (position: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAtOrAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
