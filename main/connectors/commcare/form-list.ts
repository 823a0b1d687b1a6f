import type { Value } from '../document.ts';
import { answerOf } from './answers.ts';

/** One page of the list of forms. */
export interface FormPage {
  readonly records: readonly Value[];
  /** How many forms the request's filters leave; null when the source does not say. */
  readonly count: number | null;
  readonly more: boolean;
  /** Where it begins among them; null when the source does not say. */
  readonly offset: number | null;
}

/** Throws a SyntaxError for anything else than a page. */
export function readFormPage(body: Buffer): FormPage {
  const { records, total, offset, next } = answerOf(body);
  return { records, count: total, offset, more: next !== null };
}

/**
 * The time at which a form was indexed, as the list compares it: in UTC, to the millisecond, without a zone, which
 * the API refuses. Always of one length, so that texts are in the order of the times; older servers leave a fraction of
 * zero out. Empty for a form that has none.
 */
export function toMillisecond(instant: string): string {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|[+-]00:?00)?$/.exec(instant);
  return found ? `${found[1]}.${(found[2] ?? '').slice(0, 3).padEnd(3, '0')}` : '';
}

/** `stamp` moved by some milliseconds. */
export const shifted = (stamp: string, ms: number): string =>
  new Date(Date.parse(`${stamp}Z`) + ms).toISOString().slice(0, -1);

/** The end of the millisecond that begins at `stamp`, for servers that compare more finely. */
export const endOfMillisecond = (stamp: string): string => `${stamp}999`;

export const stampOf = (form: Value): string => toMillisecond(form.get('indexed_on')?.text() ?? '');
export const idOf = (form: Value): string => form.get('id')?.text() ?? '';

/** Names a form as it was at a time, to the microsecond: one that is edited twice within a millisecond is two. */
export const entryOf = (form: Value): string => `${form.get('indexed_on')?.text() ?? ''} ${idOf(form)}`;
/** The time in an entry, as the list compares it. */
export const stampIn = (entry: string): string => toMillisecond(entry.slice(0, entry.indexOf(' ')));
/** The form in an entry. */
export const idIn = (entry: string): string => entry.slice(entry.indexOf(' ') + 1);

/** The forms of a page that are not among the entries, which are in the order of the page. */
export function withoutGiven(forms: readonly Value[], given: readonly string[]): readonly Value[] {
  const newest = given.at(-1);
  if (newest === undefined) return forms;
  const entries = new Set(given);
  let at = 0;
  // What is newer than all of them need not be looked up.
  while (at < forms.length && stampOf(forms[at] as Value) <= stampIn(newest)) at += 1;
  return [...forms.slice(0, at).filter((form) => !entries.has(entryOf(form))), ...forms.slice(at)];
}
