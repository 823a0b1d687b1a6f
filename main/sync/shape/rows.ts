import type { Document } from '../../connectors/document.ts';

/** Integers that a log is first made for: many tables have few rows in a page, or none. */
const firstSize = 64;
/** A log of more is let go of when so many pages had no row for it: a project has thousands of tables. */
const largeSize = 4096;
const idlePages = 8;
const nothing = new Int32Array(0);
/** Places of the fields of a row in the log; what follows them varies. */
const header = 4;

/** Never added to. */
const none: number[] = [];

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
  /** A value of the open row that has no column, or is not what its column is for; a document below 0 is the row's own. */
  spill(path: number, document: number, token: number): void;
  /** A value of the open row that stands in another document. */
  foreign(column: number, document: number, token: number): void;
  /** A path of the open row at which an object without a value stands: nothing else would show that it was there. */
  empty(path: number): void;
  /** A path of the open row at which a question was left blank. */
  blank(path: number): void;
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
  /** A path, a document and a token each. */
  readonly spilled: readonly number[];
  /** A column, a document and a token each. */
  readonly foreign: readonly number[];
  /** Paths of objects without a value, and -1 - path of questions left blank. */
  readonly voids: readonly number[];
}

/*
 * A row: [length, record, document, number of positions, (repeat, position)…, number of cells, (column, token)…,
 * length of spilled, (path, document, token)…, length of foreign, (column, document, token)…, (path)… of empties and (-1 - path)… of blanks]
 */
export function createRowLog(): RowLog {
  return new Log();
}

class Log implements RowLog {
  count = 0;
  private ints = nothing;
  private size = 0;
  /** Where the open row and its cells begin. */
  private start = 0;
  private cells = 0;
  private spills: number[] = none;
  private others: number[] = none;
  private voids: number[] = none;
  /** Pages without a row, up to the last one. */
  private idle = 0;

  private room(more: number): void {
    const { ints, size } = this;
    if (size + more <= ints.length) return;
    const wider = new Int32Array(Math.max(ints.length * 2, size + more, firstSize));
    wider.set(ints);
    this.ints = wider;
  }

  begin(record: number, document: number, positions: readonly number[]): void {
    this.room(header + positions.length + 1);
    const { ints, size } = this;
    this.start = size;
    ints[size + 1] = record;
    ints[size + 2] = document;
    ints[size + 3] = positions.length >> 1;
    let to = size + header;
    for (let at = 0; at < positions.length; at += 1) {
      ints[to] = positions[at] as number;
      to += 1;
    }
    this.cells = to;
    ints[to] = 0;
    this.size = to + 1;
    this.spills = none;
    this.others = none;
    this.voids = none;
    this.count += 1;
  }

  cell(column: number, token: number): void {
    const { size } = this;
    if (size + 2 > this.ints.length) this.room(2);
    const { ints } = this;
    ints[size] = column;
    ints[size + 1] = token;
    this.size = size + 2;
  }

  spill(path: number, document: number, token: number): void {
    if (this.spills === none) this.spills = [];
    this.spills.push(path, document < 0 ? (this.ints[this.start + 2] as number) : document, token);
  }

  foreign(column: number, document: number, token: number): void {
    if (this.others === none) this.others = [];
    this.others.push(column, document, token);
  }

  empty(path: number): void {
    if (this.voids === none) this.voids = [];
    this.voids.push(path);
  }

  blank(path: number): void {
    this.empty(-1 - path);
  }

  has(column: number): boolean {
    const { ints, size } = this;
    for (let at = this.cells + 1; at < size; at += 2) if (ints[at] === column) return true;
    return false;
  }

  end(): void {
    const { start, cells, spills, others, voids } = this;
    this.ints[cells] = (this.size - cells - 1) >> 1;
    this.room(2 + spills.length + others.length + voids.length);
    const { ints } = this;
    let to = this.size;
    for (const list of [spills, others]) {
      ints[to] = list.length;
      to += 1;
      for (const value of list) {
        ints[to] = value;
        to += 1;
      }
    }
    for (const path of voids) {
      ints[to] = path;
      to += 1;
    }
    ints[start] = to - start;
    this.size = to;
  }

  each(visit: (row: RowView) => void): void {
    const { ints, size } = this;
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
      get voids() {
        let at = behindCells();
        at += 1 + (ints[at] as number);
        at += 1 + (ints[at] as number);
        const end = row + (ints[row] as number);
        return at === end ? none : [...ints.subarray(at, end)];
      },
    };
    for (row = 0; row < size; row += ints[row] as number) visit(view);
  }

  clear(): void {
    this.idle = this.size === 0 ? this.idle + 1 : 0;
    if (this.idle >= idlePages && this.ints.length > largeSize) this.ints = nothing;
    this.size = 0;
    this.count = 0;
  }
}
