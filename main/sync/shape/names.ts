import { createShelf, type Packed, pack, unpack } from './packed.ts';

/** Names given out so far, kept with the dataset so that they stay the same in every refresh. */
export interface Names {
  /** Table id -> table name. */
  readonly tables: Readonly<Record<string, string>>;
  /** Table id -> column path -> column name. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Comments that may stand on the tables beside those that the dictionary tells of. */
  readonly comments?: Comments;
}
/** Table name -> column name (empty for the table itself) -> texts that Headgate wrote there. */
export type Comments = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
export const noNames: Names = { tables: {}, columns: {} };

/** Puts away the names of columns table by table, so that those of a large project take little memory; they read like others. */
export function createColumnNames() {
  const shelf = createShelf(
    (packed: Packed): Readonly<Record<string, string>> =>
      Object.fromEntries(unpack<readonly (readonly [string, string])[]>(packed)),
  );
  const columns: Names['columns'] = {};
  return {
    put(id: string, names: Readonly<Record<string, string>>): void {
      const get = shelf(pack(Object.entries(names)));
      Object.defineProperty(columns, id, { get, enumerable: true, configurable: true });
    },
    columns,
  };
}

/** The names of columns, table by table. */
export function* columnNamesOf({
  columns,
}: Names): Generator<readonly [id: string, columns: Readonly<Record<string, string>>], void> {
  for (const id of Object.keys(columns)) yield [id, lookUp(columns, id) ?? {}];
}

/** What a record of names holds under one of them: JavaScript's objects have some of their own, `constructor` among them. */
export const lookUp = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const half = /\0|[\ud800-\udfff]/gu;

/**
 * A name that PostgreSQL takes in texts and in JSON: NUL and halves of surrogate pairs are written as escapes. They are
 * not dropped as in values, so that of two names that differ by nothing else both keep a column of their own.
 */
export const storable = (text: string): string =>
  text.isWellFormed() && !text.includes('\0')
    ? text
    : text.replace(half, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A text for people, without what PostgreSQL does not take; cleaned as values are. */
export const readable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** A path as people write it; dots inside a segment are escaped, so that no two paths look the same. */
export const dotted = (segments: readonly string[]): string =>
  segments.map((segment) => storable(segment.replaceAll('\\', '\\\\').replaceAll('.', '\\.'))).join('.');

/** The name under which the text of an element stands that has attributes too. */
export const textSegment = '#text';

/**
 * The path of the element whose text a path ends with, in a table that stands `depth` segments deep: where the table's
 * entries are the element, that of an entry that is nothing but a text. Empty where there is no element.
 */
export function withoutText(segments: readonly string[], depth: number): readonly string[] {
  const element = segments.slice(0, -1);
  return element.length > 0 && element.length === depth ? [...element, ''] : element;
}

/** The segments of a path that `dotted` wrote. */
export function segmentsIn(path: string): string[] {
  const segments = [''];
  for (const [piece, code, escaped] of path.matchAll(/\\u([0-9a-f]{4})|\\(.)|[^\\]/gsu)) {
    if (piece === '.') segments.push('');
    else {
      const text = code === undefined ? (escaped ?? piece) : String.fromCharCode(Number.parseInt(code, 16));
      segments.push(`${segments.pop()}${text}`);
    }
  }
  return segments;
}

/** The repeats that tables were ever named after, by part: id of the part -> their paths. */
export function repeatsIn(tables: Names['tables']): ReadonlyMap<string, readonly (readonly string[])[]> {
  const found = new Map<string, (readonly string[])[]>();
  for (const id of Object.keys(tables)) {
    const part = partOfTable(id, (known) => Object.hasOwn(tables, known));
    if (part === id) continue;
    const list = found.get(part) ?? [];
    if (list.length === 0) found.set(part, list);
    list.push(segmentsIn(id.slice(part.length + 1)));
  }
  return found;
}

/** The part that a table belongs to, by the table's id: itself, or what stands before a repeat's path. */
export function partOfTable(id: string, isTable: (id: string) => boolean): string {
  for (let at = id.indexOf('|'); at >= 0; at = id.indexOf('|', at + 1)) {
    if (isTable(id.slice(0, at))) return id.slice(0, at);
  }
  return id;
}

/** How a part and a path below it are joined, to look up what the source calls them. */
export const describedAs = (part: string, path: readonly string[]): string =>
  `${storable(part)}\0${dotted(path)}`;
