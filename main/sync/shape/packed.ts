import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DictionaryTable } from '../../../preload/contract/models.ts';

/*
 * A project can have hundreds of thousands of columns, and what is known of one is said in several places: in the names,
 * the plan, the dictionary of now and the one before. As objects all of it is more than a sync may take of memory, and
 * only one table is looked at at a time. So what is told by column lies beside the heap, compressed, until it is read.
 */

/** Plain data as compressed JSON. */
export type Packed = Uint8Array;

export const pack = (value: unknown): Packed => deflateRawSync(JSON.stringify(value), { level: 1 });
export const unpack = <T>(packed: Packed): T => JSON.parse(inflateRawSync(packed).toString()) as T;

/**
 * Puts things away in a form that is small, to be read when they are needed. The one that was read last stays readable
 * at once: whoever works on a table asks for several things of it.
 */
export function createShelf<Stored extends string | object, T>(
  read: (stored: Stored) => T,
): (stored: Stored) => () => T {
  let last: { readonly stored: Stored; readonly value: T } | null = null;
  return (stored) => () => {
    if (last?.stored !== stored) {
      last = null;
      last = { stored, value: read(stored) };
    }
    return last.value;
  };
}

/** Items that are compressed together: more are smaller, and cost more to be looked up one by one. */
const itemsAtOnce = 16;

interface Named {
  readonly name: string;
}

/** A list that is read like any other, but holds its items compressed. Their names are known without looking at them. */
export class PackedList<T extends Named> implements Iterable<T> {
  /** What it consists of, to be sent to another thread. */
  readonly pieces: readonly Packed[];
  readonly names: readonly string[];
  private readonly read: readonly (() => readonly T[])[];

  constructor(pieces: readonly Packed[], names: readonly string[]) {
    const shelf = createShelf((packed: Packed) => unpack<readonly T[]>(packed));
    this.pieces = pieces;
    this.names = names;
    this.read = pieces.map(shelf);
  }

  get length(): number {
    return this.names.length;
  }

  at(index: number): T | undefined {
    return this.read[Math.floor(index / itemsAtOnce)]?.()[index % itemsAtOnce];
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (const items of this.read) yield* items();
  }
}

/** Packs items as they come. */
export function packList<T extends Named>(items: Iterable<T>): PackedList<T> {
  const packer = createPacker<T>();
  for (const item of items) packer.add(item);
  return packer.list();
}

/** Packs items that come one by one. */
export function createPacker<T extends Named>() {
  const pieces: Packed[] = [];
  const names: string[] = [];
  let open: T[] = [];
  const close = (): void => {
    if (open.length > 0) pieces.push(pack(open));
    open = [];
  };
  return {
    add(item: T): void {
      open.push(item);
      names.push(item.name);
      if (open.length === itemsAtOnce) close();
    },
    list(): PackedList<T> {
      close();
      return new PackedList<T>(pieces, names);
    },
  };
}

/** The tables of a dictionary: an array, or a packed list. Looked through in their order. */
export interface Tables extends Iterable<DictionaryTable> {
  readonly length: number;
  at(index: number): DictionaryTable | undefined;
}

/** The names of the tables of a dictionary, in their order. */
export const tableNames = (tables: Tables): readonly string[] =>
  tables instanceof PackedList ? tables.names : Array.from(tables, ({ name }) => name);

/** Finds tables of a dictionary by their names. Asked in the order of the dictionary it is quick. */
export function tablesByName(tables: Tables): (name: string) => DictionaryTable | undefined {
  const places = new Map(tableNames(tables).map((name, place) => [name, place]));
  return (name) => {
    const place = places.get(name);
    return place === undefined ? undefined : tables.at(place);
  };
}
