import { Dice, hashText, makeIds, mix32 } from '../shared/random.ts';
import type { ListName } from './request-kinds.ts';
import type { RowContext } from './rows-common.ts';
import { makerOf } from './rows-other.ts';
import type { JsonObject } from './types.ts';

/** Keys that a row may take: of three one is used, which leaves gaps as deleted rows and other opportunities do. */
const KEYS_PER_ROW = 3;

/** Where a list stands among the others, so that the keys of no two opportunities are alike. */
export interface Place {
  readonly seed: number;
  /** Null for lists that belong to none. */
  readonly opportunity: number | null;
  /** Position among the opportunities, and how many there are. */
  readonly nth: number;
  readonly of: number;
}

/** The rows of one list of one opportunity, computed from their index: ascending keys with gaps, and what was changed. */
export class Table {
  readonly #list: ListName;
  readonly #place: Place;
  readonly #salt: number;
  readonly #dice: Dice;
  readonly #revisions = new Map<number, number>();
  readonly #gone = new Set<number>();
  readonly #uuid: (text: string) => string;
  size: number;

  constructor(list: ListName, size: number, place: Place) {
    this.#list = list;
    this.#place = place;
    this.size = size;
    this.#salt = mix32(hashText(`${list}/${place.opportunity}`) ^ Math.imul(place.seed, 0x9e3779b1));
    this.#dice = new Dice(this.#salt);
    const ids = makeIds(mix32(place.seed + 17));
    this.#uuid = (text) => ids.id(hashText(text) >>> 1);
  }

  get count(): number {
    return this.size - this.#gone.size;
  }

  /** The primary key of a row. */
  pk(index: number): number {
    const { nth, of } = this.#place;
    return (index * KEYS_PER_ROW + (mix32(this.#salt + index) % KEYS_PER_ROW)) * of + nth + 1;
  }

  row(index: number): JsonObject {
    this.#dice.at(index);
    const context: RowContext = {
      opportunity: this.#place.opportunity,
      pk: this.pk(index),
      index,
      revision: this.#revisions.get(index) ?? 0,
      dice: this.#dice,
      uuid: this.#uuid,
    };
    return makerOf(this.#list)(context);
  }

  add(count: number): void {
    this.size += count;
  }

  edit(indexes: readonly number[]): void {
    for (const index of indexes) this.#revisions.set(index, (this.#revisions.get(index) ?? 0) + 1);
  }

  vanish(indexes: readonly number[]): void {
    for (const index of indexes) this.#gone.add(index);
  }

  /** Indexes of all rows that are there, in the order of their keys. */
  *all(): Generator<number> {
    for (let index = 0; index < this.size; index += 1) if (!this.#gone.has(index)) yield index;
  }

  /** Indexes of at most `limit` rows behind a key, in either direction; the key need not exist. */
  behind(lastId: number | null, limit: number, reverse: boolean): number[] {
    const found: number[] = [];
    const step = reverse ? -1 : 1;
    for (let index = this.#start(lastId, reverse); index >= 0 && index < this.size; index += step) {
      if (!this.#gone.has(index)) found.push(index);
      if (found.length === limit) break;
    }
    return found;
  }

  #start(lastId: number | null, reverse: boolean): number {
    if (lastId === null) return reverse ? this.size - 1 : 0;
    // Each index has its own range of keys, so the answer is next to the range that the key lies in.
    const near = Math.floor(lastId / (KEYS_PER_ROW * this.#place.of));
    if (reverse) {
      let index = Math.min(this.size - 1, near + 1);
      while (index >= 0 && this.pk(index) >= lastId) index -= 1;
      return index;
    }
    let index = Math.max(0, near - 1);
    while (index < this.size && this.pk(index) <= lastId) index += 1;
    return index;
  }
}
