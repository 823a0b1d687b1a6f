import { inOneWord } from './entry.ts';

/** How much of one value is kept. */
const longestValue = 120;

/** How the values of some fields are shown; a field that is not named here is not told. */
export type Shown<T> = { readonly [K in keyof T]?: (value: T[K]) => string };

/** The value itself, where it is a word; `none` for what is not there. */
export const plainly = (value: string | number | boolean | null): string =>
  value === null ? 'none' : String(value);
/** For texts of which only that they changed is of interest. */
export const whether = (value: string | null): string => (value === null ? 'none' : 'given');

/**
 * What changed between two states of a thing, for the log of who did what: `host=db.example.org→db2.example.org`. Equal
 * texts of values that differ (a certificate's) are told as changed.
 */
export function differences<T extends object>(before: T, after: T, shown: Shown<T>): string {
  const parts: string[] = [];
  for (const field of Object.keys(shown) as (keyof T & string)[]) {
    if (JSON.stringify(before[field]) === JSON.stringify(after[field])) continue;
    const show = shown[field] as (value: unknown) => string;
    const [from, to] = [before[field], after[field]].map((value) => show(value).slice(0, longestValue)) as [
      string,
      string,
    ];
    parts.push(from === to ? `${field}=changed` : `${field}=${inOneWord(`${from}→${to}`)}`);
  }
  return parts.join(' ');
}
