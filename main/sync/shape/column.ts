import type { PinnedType } from '../../connectors/connector.ts';
import { type ColumnType, type InstantFormat, Kind, kindCount } from './kinds.ts';

const times = Kind.timestamptz | Kind.timestamp | Kind.time;
const bitOf = (kind: number): number => 31 - Math.clz32(kind);

/**
 * One column of a table, with how many values of each kind it has seen: why it has the type it has. Nearly every column
 * sees one kind only, so that one's count stands in the column itself, and the others have a list once there are any: a
 * project has hundreds of thousands of columns.
 */
export class Column {
  readonly path: number;
  mask: number;
  /** How its instants or times are written; undefined while there was none. */
  format: InstantFormat | undefined = undefined;
  readonly keepsJson: boolean;
  /** The type that its source declares for it, which no value changes; undefined where values make the type. */
  readonly declared: PinnedType | undefined;
  /** The type it has in the staging table; null while it is not there. */
  applied: ColumnType | null = null;
  /** The kind that was seen first; 0 for none. */
  kind = 0;
  count = 0;
  /** How much of `count` is saved. */
  private saved = 0;
  /** Counts of the kinds by their bits, and behind them how much of each is saved; null while there is one kind. */
  private others: Float64Array | null = null;

  constructor(path: number, mask: number, keepsJson: boolean, declared?: PinnedType) {
    this.path = path;
    this.mask = mask;
    this.keepsJson = keepsJson;
    this.declared = declared;
  }

  /** Counts a value of a kind other than `kind`; those of `kind` are counted where they are seen. */
  sawOther(kind: number): void {
    this.mask |= kind;
    if (this.kind === 0) {
      this.kind = kind;
      this.count = 1;
    } else this.add(bitOf(kind), 1);
  }

  add(bit: number, count: number): void {
    if (count === 0) return;
    if (this.kind === 0) this.kind = 1 << bit;
    if (1 << bit === this.kind) this.count += count;
    else {
      this.others ??= new Float64Array(2 * kindCount);
      this.others[bit] = (this.others[bit] as number) + count;
    }
  }

  /** How many values of each kind were seen, by the bit of the kind. */
  get evidence(): number[] {
    const counts = this.others
      ? [...this.others.subarray(0, kindCount)]
      : new Array<number>(kindCount).fill(0);
    if (this.kind !== 0) counts[bitOf(this.kind)] = this.count;
    return counts;
  }

  /** Whether its format is not saved: it came with the first time, so it is saved where the count of any is. */
  hasNewFormat(all: boolean): boolean {
    if (this.format === undefined) return false;
    if (all) return true;
    if ((this.kind & times) !== 0 && this.saved > 0) return false;
    const { others } = this;
    return !others?.some(
      (count, at) => at >= kindCount && ((1 << (at - kindCount)) & times) !== 0 && count > 0,
    );
  }

  /** Tells each count that is not saved yet, the kind that was seen first before the others; all of them count as saved then. */
  takeCounts(all: boolean, tell: (bit: number, count: number) => void): void {
    const { others } = this;
    const fresh = this.count - (all ? 0 : this.saved);
    if (fresh > 0) tell(bitOf(this.kind), fresh);
    this.saved = this.count;
    if (others === null) return;
    for (let bit = 0; bit < kindCount; bit += 1) {
      const count = others[bit] as number;
      const more = count - (all ? 0 : (others[bit + kindCount] as number));
      if (more > 0) tell(bit, more);
      others[bit + kindCount] = count;
    }
  }
}
