import { createHash } from 'node:crypto';

/** PostgreSQL's limit for names: 63 bytes, not characters. */
export const longestNameBytes = 63;
const hashLength = 6;

/**
 * Words that PostgreSQL 18 does not take as a bare column or table name (SQL Key Words, appendix C: reserved), and its
 * system columns, whose names no table may give to another one, quoted or not.
 */
const reserved = new Set(
  `cmax cmin ctid tableoid xmax xmin
   all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
   concurrently constraint create cross current_catalog current_date current_role current_schema current_time
   current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
   full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
   localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning
   right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user
   using variadic verbose when where window with`.split(/\s+/),
);

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Cuts to at most `limit` bytes without cutting a character. */
export function cutBytes(text: string, limit: number): string {
  if (bytes(text) <= limit) return text;
  let out = '';
  let used = 0;
  for (const char of text) {
    used += bytes(char);
    if (used > limit) break;
    out += char;
  }
  return out;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, hashLength);

/**
 * A path or title as a name that needs no quotes: lower case, camelCase split, letters and digits of any script kept,
 * everything else an underscore. May be empty.
 */
export function slug(text: string): string {
  const words = text
    .normalize('NFC')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  return /^\p{N}|^\p{M}/u.test(words) ? `_${words}` : words;
}

/** Least room for the beginning of a name that is cut in the middle. */
const headBytes = 20;

/** The last characters of a text that fit in `limit` bytes. */
function lastBytes(text: string, limit: number): string {
  let out = '';
  let used = 0;
  for (const char of [...text].reverse()) {
    used += bytes(char);
    if (used > limit) break;
    out = char + out;
  }
  return out.replace(/^\p{M}+/u, '');
}

/** As many of the words as fit in `limit` bytes, from the first one on, joined by underscores. */
function wordsWithin(words: readonly string[], limit: number): string[] {
  let used = -1;
  const end = words.findIndex((word) => {
    used += bytes(word) + 1;
    return used > limit;
  });
  return end < 0 ? [...words] : words.slice(0, end);
}

/**
 * A name that is too long, cut in the middle, where `mark` then stands: its beginning says what it is about, its end
 * what tells it apart from the others beside it.
 */
function shorten(name: string, mark: string): string {
  const words = name.split('_');
  const room = longestNameBytes - bytes(mark);
  if (words.length === 1) {
    // A script without spaces, or none at all.
    const tail = lastBytes(name, Math.floor(room / 2));
    return `${cutBytes(name, room - bytes(tail))}${tail}${mark}`;
  }
  const inMiddle = `${mark}_`;
  const left = room - 1;
  const last = words.at(-1) as string;
  const first = words[0] as string;
  let head = wordsWithin(words, headBytes);
  if (head.length === 0) head = [cutBytes(first, headBytes)];
  const tail = wordsWithin(words.slice(1).reverse(), left - bytes(head.join('_'))).reverse();
  if (tail.length === 0) tail.push(lastBytes(last, left - bytes(head.join('_'))));
  // What the tail leaves goes to the beginning.
  const wider = wordsWithin(words, left - bytes(tail.join('_')));
  return [...(wider.length > head.length ? wider : head)].join('_') + inMiddle + tail.join('_');
}

export interface Wish {
  /** Identifies the thing over all runs: a column's path, a table's id. */
  readonly id: string;
  /** What its name should be made of. */
  readonly text: string;
  /** Chooses before all others: the main table of a dataset. */
  readonly first?: boolean;
  /** How many rows or values it has: of two with an equal claim to a name, the larger one gets it. */
  readonly rows?: number;
}

/** How far a text is from its name: not at all, by spaces, or by more. */
function distance(text: string, name: string): number {
  return text === name ? 0 : text.replaceAll(' ', '_') === name ? 1 : 2;
}

/**
 * Gives every wish a name of its own, at most 63 bytes. Whoever had a name before keeps it. Of several that would share
 * a name, the first of these gets it bare: one that chooses first, one that is spelt exactly so (`type` before
 * `#type`), the one with more rows, the one with the smallest id. The others get a hash of their id. The result does
 * not depend on the order of the wishes. `taken` are names that are not to be had.
 */
export function allot(
  wishes: readonly Wish[],
  before: Readonly<Record<string, string>>,
  taken: Iterable<string> = [],
): Map<string, string> {
  const names = new Map<string, string>();
  const used = new Set<string>(taken);
  for (const { id } of wishes) {
    const name = Object.hasOwn(before, id) ? before[id] : undefined;
    if (name !== undefined && !used.has(name)) {
      names.set(id, name);
      used.add(name);
    }
  }
  const rest = wishes
    .filter((wish) => !names.has(wish.id))
    .map((wish) => {
      const name = slug(wish.text) || 'value';
      const order = [wish.first === true ? 0 : 1, distance(wish.text, name), -(wish.rows ?? 0)] as const;
      return { id: wish.id, wanted: name, order };
    })
    .sort(
      (a, b) =>
        a.order[0] - b.order[0] ||
        a.order[1] - b.order[1] ||
        a.order[2] - b.order[2] ||
        (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
  for (const { id, wanted } of rest) {
    const free = reserved.has(wanted) ? `${wanted}_` : wanted;
    const suffix = `_${digest(id)}`;
    let name = bytes(free) <= longestNameBytes ? free : shorten(free, suffix);
    for (let round = 0; used.has(name); round += 1) {
      const tail = round === 0 ? suffix : `_${digest(`${id}#${round}`)}`;
      name = bytes(free) + tail.length <= longestNameBytes ? `${free}${tail}` : shorten(free, tail);
    }
    names.set(id, name);
    used.add(name);
  }
  return names;
}

/** Room for the suffix of the staging schema beside the live one. */
export const stagingSuffix = '__staging';

/**
 * The schema of a dataset: `data_{owner}_{source type}`, where owner is the first characters of the project's or the
 * person's id. `isTaken` decides collisions, which get a counter.
 */
export function schemaName(ownerId: string, sourceType: string, isTaken: (name: string) => boolean): string {
  const short = ownerId
    .replace(/[^0-9a-z]/gi, '')
    .toLowerCase()
    .slice(0, 8);
  const base = cutBytes(`data_${short}_${slug(sourceType)}`, longestNameBytes - stagingSuffix.length - 5);
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}_${n}`;
    if (!isTaken(name)) return name;
  }
}
