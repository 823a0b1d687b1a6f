import { createHash } from 'node:crypto';

/** PostgreSQL's limit for names: 63 bytes, not characters. */
export const longestNameBytes = 63;
const hashLength = 6;

/** Words that PostgreSQL 18 does not take as a bare column or table name (SQL Key Words, appendix C: reserved). */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
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

export interface Wish {
  /** Identifies the thing over all runs: a column's path, a table's id. */
  readonly id: string;
  /** What its name should be made of. */
  readonly text: string;
}

/**
 * Gives every wish a name of its own, at most 63 bytes. Whoever had a name before keeps it; of several that would
 * share a name, one that is spelt exactly so gets it bare (`type` before `#type`), else the one with the smallest id,
 * and the others get a hash of their id; the result does not depend on the order of the wishes. `taken` are names that are not to be had.
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
  const inexact = ({ text }: Wish): number => (slug(text) === text ? 0 : 1);
  const rest = wishes
    .filter((wish) => !names.has(wish.id))
    .sort((a, b) => inexact(a) - inexact(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  for (const { id, text } of rest) {
    const wanted = slug(text) || 'value';
    const free = reserved.has(wanted) ? `${wanted}_` : wanted;
    const suffix = `_${digest(id)}`;
    let name =
      bytes(free) <= longestNameBytes ? free : `${cutBytes(free, longestNameBytes - suffix.length)}${suffix}`;
    for (let round = 0; used.has(name); round += 1) {
      const tail = round === 0 ? suffix : `_${digest(`${id}#${round}`)}`;
      name = `${cutBytes(free, longestNameBytes - tail.length)}${tail}`;
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
