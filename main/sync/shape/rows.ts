import type { Document } from '../../connectors/document.ts';

/** Integers that a log is first made for. */
const firstSize = 1024;
/** Places of the fields of a row in the log; what follows them varies. */
const header = 4;

const none: readonly number[] = [];

/** What the rows of a page share: one entry per record. */
export interface RecordEntry {
  /** The record's key: a scalar of its own, or a text that was made for it. */
  readonly key: { readonly document: Document; readonly at: number } | string;
  /** Number of the record; the later one wins when a record comes twice. */
  readonly seq: number;
  /** The record itself, for `raw`. */
  readonly source: { readonly document: Document; readonly at: number };
}

/**
 * The rows of one table of one page, as integers: which record a row is of, which document its values stand in, its
 * positions in repeats, and for each value its column and its token. A page has thousands of rows with dozens of values
 * each; as objects they would be most of what the garbage collector has to do.
 */
export interface RowLog {
  readonly count: number;
  /** Begins a row; only one can be open. `positions` are pairs of a repeat's table and a position from 1. */
  begin(record: number, document: number, positions: readonly number[]): void;
  /** A value of the open row. Of two for one column the later one counts. */
  cell(column: number, token: number): void;
  /** A value of the open row that has no column. */
  spill(path: number, token: number): void;
  /** A value of the open row that stands in another document. */
  foreign(column: number, document: number, token: number): void;
  /** A path of the open row at which an object without a value stands: nothing else would show that it was there. */
  empty(path: number): void;
  /** Whether the open row has a value for the column. */
  has(column: number): boolean;
  end(): void;
  each(visit: (row: RowView) => void): void;
  clear(): void;
}

/** A row that is being visited; valid during the visit only. */
export interface RowView {
  readonly record: number;
  readonly document: number;
  /** The position in a repeat, from 1; a lone item of a repeat that became known later is the first. */
  position(repeat: number): number;
  /** Puts each value's token at its column's place. */
  scatter(tokens: Int32Array): void;
  /** Pairs of a path and a token. */
  readonly spilled: readonly number[];
  /** A column, a document and a token each. */
  readonly foreign: readonly number[];
  readonly empties: readonly number[];
}

/*
 * A row: [length, record, document, number of positions, (repeat, position)…, number of cells, (column, token)…,
 * length of spilled, (path, token)…, length of foreign, (column, document, token)…, (path)… of empties]
 */
export function createRowLog(): RowLog {
  let ints = new Int32Array(firstSize);
  let size = 0;
  let count = 0;
  let start = 0;
  let cells = 0;
  let spilled: number[] = [];
  let foreign: number[] = [];
  let empties: number[] = [];

  const room = (more: number): void => {
    if (size + more <= ints.length) return;
    const wider = new Int32Array(Math.max(ints.length * 2, size + more));
    wider.set(ints);
    ints = wider;
  };

  return {
    get count() {
      return count;
    },
    begin(record, document, positions) {
      room(header + positions.length + 1);
      start = size;
      ints[start + 1] = record;
      ints[start + 2] = document;
      ints[start + 3] = positions.length >> 1;
      size = start + header;
      for (let at = 0; at < positions.length; at += 1) {
        ints[size] = positions[at] as number;
        size += 1;
      }
      cells = size;
      ints[cells] = 0;
      size += 1;
      if (spilled.length > 0) spilled = [];
      if (foreign.length > 0) foreign = [];
      if (empties.length > 0) empties = [];
      count += 1;
    },
    cell(column, token) {
      if (size + 2 > ints.length) room(2);
      ints[size] = column;
      ints[size + 1] = token;
      size += 2;
    },
    spill: (path, token) => void spilled.push(path, token),
    foreign: (column, document, token) => void foreign.push(column, document, token),
    empty: (path) => void empties.push(path),
    has(column) {
      for (let at = cells + 1; at < size; at += 2) if (ints[at] === column) return true;
      return false;
    },
    end() {
      ints[cells] = (size - cells - 1) >> 1;
      room(2 + spilled.length + foreign.length + empties.length);
      for (const list of [spilled, foreign]) {
        ints[size] = list.length;
        size += 1;
        for (const value of list) {
          ints[size] = value;
          size += 1;
        }
      }
      for (const path of empties) {
        ints[size] = path;
        size += 1;
      }
      ints[start] = size - start;
    },
    each(visit) {
      let row = 0;
      const cellsOf = (): number => row + header + 2 * (ints[row + 3] as number);
      const behindCells = (): number => {
        const at = cellsOf();
        return at + 1 + 2 * (ints[at] as number);
      };
      const listAt = (at: number): readonly number[] => {
        const length = ints[at] as number;
        return length === 0 ? none : [...ints.subarray(at + 1, at + 1 + length)];
      };
      const view: RowView = {
        get record() {
          return ints[row + 1] as number;
        },
        get document() {
          return ints[row + 2] as number;
        },
        position(repeat) {
          const end = cellsOf();
          for (let at = row + header; at < end; at += 2) {
            if (ints[at] === repeat) return ints[at + 1] as number;
          }
          return 1;
        },
        scatter(tokens) {
          const at = cellsOf();
          const end = at + 2 * (ints[at] as number);
          for (let cell = at + 1; cell < end; cell += 2) {
            tokens[ints[cell] as number] = ints[cell + 1] as number;
          }
        },
        get spilled() {
          return listAt(behindCells());
        },
        get foreign() {
          const at = behindCells();
          return listAt(at + 1 + (ints[at] as number));
        },
        get empties() {
          let at = behindCells();
          at += 1 + (ints[at] as number);
          at += 1 + (ints[at] as number);
          const end = row + (ints[row] as number);
          return at === end ? none : [...ints.subarray(at, end)];
        },
      };
      for (row = 0; row < size; row += ints[row] as number) visit(view);
    },
    clear() {
      size = 0;
      count = 0;
    },
  };
}
