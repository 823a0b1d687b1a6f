import type { PinnedType } from '../../connectors/connector.ts';
import type { Column } from './column.ts';
import type { RowLog } from './rows.ts';

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

/** With so few children a name is looked for one by one. */
const fewChildren = 24;

/** What a path has when something can stand below it. */
class Branch {
  /** The children in the order they came up: records of a source keep to one order, so the next key is easily guessed. */
  readonly order: Node[] = [];
  children: Map<string, Node> | null = null;
  /** The table of the repeat that it is, if an array with objects was ever seen here. */
  repeat: Table | null = null;
  /** Whether it was known for a repeat before anything was read: then a lone object is an entry, and so is an empty text. */
  isRepeat = false;
  /** Its children that are known so; null for none. */
  repeats: Node[] | null = null;
  /** Index of the table over whose columns an object was spread here last; -1 for none. */
  inlined = -1;
  /** Its columns in tables other than the innermost: index of the table -> place of the column. */
  elsewhere: Map<number, number> | null = null;
}

/** What all plain values have, which is nearly every path. */
const leaf: Readonly<Branch> = new Branch();

/** A path of a part: where in its records a value, an object or a repeat stands. There is one node for each path. */
export class Node {
  /** Its number among all paths of the dataset. */
  readonly path: number;
  readonly parent: Node | null;
  /** Last segment of the path, and where the same stands among the keys, as bytes without escapes. */
  readonly name: string;
  readonly keyAt: number;
  readonly keyLength: number;
  /** Its place in the parent's `order`. */
  readonly place: number;
  readonly depth: number;
  readonly pinned: PinnedType | undefined;
  /** Whether what stands there is no data. */
  readonly omitted: boolean;
  /** The table that has a column for it, and the column's place there; -1 for none. Of several the innermost. */
  table = -1;
  column = -1;
  /** To be read only; `branch` gives one of its own. */
  below: Readonly<Branch> = leaf;

  constructor(
    path: number,
    parent: Node | null,
    name: string,
    key: { readonly at: number; readonly length: number },
    pinned: PinnedType | undefined,
    omitted: boolean,
  ) {
    this.path = path;
    this.parent = parent;
    this.name = name;
    this.keyAt = key.at;
    this.keyLength = key.length;
    this.place = parent === null ? 0 : parent.below.order.length;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.pinned = pinned;
    this.omitted = omitted;
    if (parent !== null) {
      const branch = parent.branch();
      branch.order.push(this);
      branch.children?.set(name, this);
    }
  }

  branch(): Branch {
    if (this.below === leaf) this.below = new Branch();
    return this.below as Branch;
  }

  /** Remembers that it is a repeat, whatever its records have. */
  markRepeat(): void {
    const branch = this.branch();
    if (branch.isRepeat || this.parent === null) return;
    branch.isRepeat = true;
    const above = this.parent.branch();
    above.repeats = [...(above.repeats ?? []), this];
  }

  find(name: string): Node | undefined {
    const { order } = this.below;
    if (order.length <= fewChildren) {
      for (const child of order) if (child.name === name) return child;
      return undefined;
    }
    const branch = this.branch();
    branch.children ??= new Map(order.map((child) => [child.name, child]));
    return branch.children.get(name);
  }

  /** The segments of the path, from the part's root on. */
  get segments(): readonly string[] {
    const segments = new Array<string>(this.depth);
    let node: Node = this;
    while (node.parent !== null) {
      segments[node.depth - 1] = node.name;
      node = node.parent;
    }
    return segments;
  }

  /** The place of its column in a table; -1 for none. */
  columnIn(table: Table): number {
    return this.table === table.index ? this.column : (this.below.elsewhere?.get(table.index) ?? -1);
  }

  /** Remembers its column in a table. A repeat's table gets all that comes, once it is known, so it comes first. */
  setColumn(table: Table, column: number, tables: readonly Table[]): void {
    const current = this.table < 0 ? null : (tables[this.table] as Table);
    const isInner = current === null || current.path.length < table.path.length;
    if (current !== null) {
      const branch = this.branch();
      branch.elsewhere ??= new Map();
      if (isInner) branch.elsewhere.set(this.table, this.column);
      else branch.elsewhere.set(table.index, column);
    }
    if (isInner) {
      this.table = table.index;
      this.column = column;
    }
  }
}
