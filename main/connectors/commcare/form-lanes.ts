import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Value } from '../document.ts';
import {
  endOfMillisecond,
  entryOf,
  type FormPage,
  idIn,
  idOf,
  shifted,
  stampIn,
  stampOf,
  toMillisecond,
  withoutGiven,
} from './form-list.ts';

/**
 * Passes over one run of equal timestamps that is longer than a page. If the source gave a new random order each time,
 * a row of a run of a few pages would be missed in all of them with a probability below 1 in 10^12.
 */
const maxPasses = 20;
/**
 * The index shows a form some seconds after the time that it gives it, and not all forms with the same delay. So much
 * of what was read last is read again when the end of the list is read once more.
 */
const overlapMs = 120_000;
/** But no more than so many forms: an index that was made anew has millions within minutes. */
const mostOverlap = 1000;

/**
 * A stretch of forms by the time they were indexed. Everything before `since` is read, and of `since` itself, or what
 * came after it, the forms in `given`.
 */
export interface Lane {
  /** Index of the request series, one for each form and application that the options choose. */
  readonly series: number;
  readonly since: string | null;
  /** Where the next lane of the series begins; null: to the end, also of forms that arrive meanwhile. */
  readonly until: string | null;
  /** Entries of forms that were handed over, in their order. */
  readonly given: readonly string[];
  /** Set while other lanes of the series have something left: all that was handed over of this time or later is in `given`. */
  readonly from?: string;
  /** Set inside a run of equal timestamps, `since`, that is longer than a page. */
  readonly run?: Run;
  /** That the end was reached while other lanes of the series had something left; it is read once more after them. */
  readonly ended?: true;
  /**
   * Set behind the first page of a series: how many forms it has. What is left is asked about first: whether there are
   * forms without a time, and where to divide.
   */
  readonly unasked?: number;
  /** Set for the forms that have no time at all, which stand behind all others: how many forms there are with them. */
  readonly untimed?: number;
  readonly passes?: number;
}

/** Where reading stands inside a run. Its rows have no order, so they are read by offset, and their number must stand still. */
interface Run {
  readonly offset: number;
  /** How many rows it has; null before it was asked for. */
  readonly size: number | null;
  /** Entries of the forms that were seen since the number stands still. */
  readonly seen: readonly string[];
}

/** What a lane keeps that may have to be read once more from its end: since when, and what was handed over since then. */
function overlapOf(lane: Lane, timed: readonly Value[], last: string): { from: string; given: string[] } {
  const window = shifted(last, -overlapMs);
  const known = lane.from ?? lane.since ?? window;
  const from = known > window ? known : window;
  let at = timed.length;
  while (at > 0 && stampOf(timed[at - 1] as Value) >= from) at -= 1;
  const kept = lane.given.filter((entry) => stampIn(entry) >= from);
  const given = [...new Set([...kept, ...timed.slice(at).map(entryOf)])];
  const cut = given[given.length - mostOverlap - 1];
  // All forms of one time or none.
  if (cut === undefined) return { from, given };
  return { from: shifted(stampIn(cut), 1), given: given.filter((entry) => stampIn(entry) > stampIn(cut)) };
}

/** A series from its beginning. */
export const wholeSeries = (series: number): Lane => ({ series, since: null, until: null, given: [] });

/** The forms without a time of a series of `count` forms, without those that were handed over. */
export const untimedOf = (series: number, count: number, given: readonly string[]): Lane => ({
  ...wholeSeries(series),
  untimed: count,
  given,
});

/** The parameters that ask for a page of a lane. */
export function queryOf(lane: Lane, limit: number): Record<string, string> {
  const { since, until, run, untimed } = lane;
  // Half a page of what may be the last ones, so that as many may come in before them meanwhile.
  const offset = untimed === undefined ? (run?.offset ?? 0) : Math.max(0, untimed - (limit >> 1));
  return {
    limit: String(limit),
    order_by: 'indexed_on',
    ...(since === null ? {} : { indexed_on_start: since }),
    // The end is inclusive too, and what stands on it is the next lane's.
    ...(run !== undefined && since !== null
      ? { indexed_on_end: endOfMillisecond(since) }
      : until === null
        ? {}
        : { indexed_on_end: endOfMillisecond(shifted(until, -1)) }),
    ...(offset === 0 ? {} : { offset: String(offset) }),
  };
}

/** Whether a page is the answer to another question than that of the lane, or one that leads nowhere. */
export function isAstray(lane: Lane, { records, more }: FormPage): boolean {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return more;
  const [begin, end] = [stampOf(first), stampOf(last)];
  if (lane.run) return begin !== lane.since || end !== lane.since;
  if (lane.since !== null && begin !== '' && begin < lane.since) return true;
  return lane.until !== null && end >= lane.until;
}

/** The lanes of a cursor, also of one that an earlier version saved. */
export function savedLanes(saved: readonly SavedLane[]): Lane[] {
  const lanes = saved.map(({ seen, ...lane }): Lane => {
    if (lane.given !== undefined) return lane as Lane;
    const { series, until } = lane;
    const since = lane.since === null ? null : toMillisecond(lane.since);
    const given = since === null ? [] : (seen ?? []).map((id) => `${since} ${id}`);
    return { series, since, until: until === null ? null : toMillisecond(until), given };
  });
  // Earlier versions forgot a lane that reached the end, also while others had something left: it is read anew.
  const missing = [...Map.groupBy(lanes, ({ series }) => series)]
    .filter(([, each]) => each.every(({ until, untimed }) => until !== null || untimed !== undefined))
    .map(([series, each]): Lane => {
      const since = each.map(({ until }) => until ?? '').reduce((a, b) => (a > b ? a : b));
      return { ...wholeSeries(series), since: since === '' ? null : since };
    });
  return [...lanes, ...missing];
}

/** A lane as it is saved; before there were entries, `seen` held the ids of the forms of `since` that were handed over. */
export type SavedLane = Omit<Lane, 'given'> & {
  readonly given?: readonly string[];
  readonly seen?: readonly string[];
};

/**
 * What is left of a lane after a page; null when nothing is. `alone`: no other lane of its series had anything left when
 * the page was asked for.
 */
export function advance(lane: Lane, page: FormPage, alone: boolean): Lane | null {
  if (lane.untimed !== undefined) return afterUntimed(lane, page);
  if (lane.run) return afterRun(lane, lane.run, page);
  const { records, more } = page;
  let timedCount = records.length;
  while (timedCount > 0 && stampOf(records[timedCount - 1] as Value) === '') timedCount -= 1;
  const timed = records.slice(0, timedCount);
  if (timedCount === 0 && more) throw untimedError(records[0]);
  const last = timedCount === 0 ? null : stampOf(timed[timedCount - 1] as Value);
  const mayReturn = lane.until === null && !alone;
  if (!more || timedCount < records.length || last === null) {
    const end = last ?? lane.since;
    if (!mayReturn || end === null) return null;
    const overlap = overlapOf(lane, timed, end);
    return { ...lane, ...overlap, since: overlap.from, ended: true };
  }
  let from = timedCount;
  while (from > 0 && stampOf(timed[from - 1] as Value) === last) from -= 1;
  if (mayReturn && from > 0) return { ...lane, since: last, ...overlapOf(lane, timed, last) };
  const { from: _, ...rest } = lane;
  const known = lane.given.filter((entry) => stampIn(entry) === last);
  const given = [
    ...new Set([...known, ...timed.slice(from).map(entryOf)]),
    // Of a lane that is read once more from its end, what comes later may be known too.
    ...lane.given.filter((entry) => stampIn(entry) > last),
  ];
  const next: Lane = { ...rest, since: last, given };
  // A page of one time: its run is read for itself, from its first row on.
  return from > 0 ? next : { ...next, run: { offset: 0, size: null, seen: [] } };
}

/** The forms of a page that a lane has to hand over: those of its own that it did not hand over before. */
export function newOf(lane: Lane, page: FormPage): readonly Value[] {
  const { run, untimed, given } = lane;
  const own = untimed === undefined ? page.records : page.records.filter((form) => stampOf(form) === '');
  const fresh = withoutGiven(own, given);
  const seen = new Set(run?.seen);
  return seen.size === 0 ? fresh : fresh.filter((form) => !seen.has(entryOf(form)));
}

function afterRun(lane: Lane, run: Run, { records, count, more }: FormPage): Lane | null {
  const since = lane.since as string;
  const passes = lane.passes ?? 0;
  const again = (next: Run): Lane => {
    if (passes + 1 === maxPasses) {
      throw new AppError(
        'SOURCE_BAD_ANSWER',
        say('commcare.commcareHqCountsForms', { count: count ?? 0, since, seen: run.seen.length }),
      );
    }
    return { ...lane, run: next, passes: passes + 1 };
  };
  const start: Run = { offset: 0, size: null, seen: [] };
  // Of what left the run, others moved up to where was read already. It can't get shorter for ever.
  if (run.size !== null && count !== null && count < run.size) return { ...lane, run: start, passes: 0 };
  if (run.size !== null && count !== run.size) return again(start);
  const seen = [...new Set([...run.seen, ...records.map(entryOf)])];
  if (count === null ? !more : new Set(seen.map(idIn)).size >= count) {
    const { run: _, passes: __, ...rest } = lane;
    const after = shifted(since, 1);
    const given = lane.given.filter((entry) => stampIn(entry) > since);
    return lane.until !== null && after >= lane.until ? null : { ...rest, since: after, given };
  }
  if (more) return { ...lane, run: { offset: run.offset + records.length, size: count, seen } };
  return again({ ...start, size: count, seen });
}

/** Forms without a time are all in one answer, which reaches to the end of the list, or they are not read. */
function afterUntimed(lane: Lane, { records, count, more }: FormPage): Lane | null {
  const first = records[0];
  const isWhole = !more && count !== null && (count <= records.length || (first && stampOf(first) !== ''));
  if (isWhole) return null;
  const passes = (lane.passes ?? 0) + 1;
  if (passes === maxPasses || (!more && count === lane.untimed)) throw untimedError(first);
  return { ...lane, untimed: count ?? lane.untimed ?? 0, passes };
}

function untimedError(form: Value | undefined): AppError {
  const named = form ? ` such as ${idOf(form)}` : '';
  return new AppError('SOURCE_BAD_ANSWER', say('commcare.commcareHqDoesNotSay', { named }), {
    advice: say('commcare.commcareHqDoesNotSay.advice'),
  });
}
