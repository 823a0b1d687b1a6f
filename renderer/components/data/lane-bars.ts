import type { Job } from '../../../preload/contract/models.ts';
import { formOf, type RunForm } from '../../watch/run-look.ts';

export const ranges = ['day', 'week', 'month'] as const;
/** The last 24 hours, 7 days or 30 days. */
export type Range = (typeof ranges)[number];

const hour = 3_600_000;
export const rangeMs: Readonly<Record<Range, number>> = {
  day: 24 * hour,
  week: 168 * hour,
  month: 720 * hour,
};

/** A quarter of an hour is as fine as a lane is drawn; what is asked for stays the same until then. */
const stepMs = hour / 4;

/** Since when the runs of a range are asked for. */
export const sinceOf = (range: Range, now: number): string =>
  new Date(Math.floor((now - rangeMs[range]) / stepMs) * stepMs).toISOString();

/** A run as it is drawn, in shares of the range; with those that would lie under it. */
export interface Bar {
  readonly job: Job;
  readonly from: number;
  readonly to: number;
  /** It, and the others of its place. */
  readonly runs: readonly Job[];
}

/** A lane is divided into so many places; of several runs that begin in one, the one that matters most is drawn. */
const places = 96;

const weight: Readonly<Record<RunForm, number>> = {
  ...{ held: 6, failed: 5, open: 4, paused: 3, over: 2, cancelled: 1, ok: 0 },
};

/** The runs of one dataset between two moments, the earliest first. */
export function barsOf(jobs: readonly Job[], from: number, now: number): Bar[] {
  const span = now - from;
  const at = new Map<number, Bar>();
  for (const job of jobs) {
    const began = Date.parse(job.startedAt ?? job.queuedAt);
    const ended = job.finishedAt === null ? now : Date.parse(job.finishedAt);
    if (ended < from || began > now) continue;
    const share = (moment: number): number => Math.min(1, Math.max(0, (moment - from) / span));
    const bar = { job, from: share(began), to: share(ended) };
    const place = Math.floor(bar.from * places);
    const there = at.get(place);
    if (!there) at.set(place, { ...bar, runs: [job] });
    else {
      const runs = [...there.runs, job];
      at.set(place, weight[formOf(job)] > weight[formOf(there.job)] ? { ...bar, runs } : { ...there, runs });
    }
  }
  return [...at.values()].sort((a, b) => a.from - b.from);
}

/** The bar of another lane that is nearest in time. */
export function nearest(bars: readonly Bar[], to: Bar | undefined): Bar | undefined {
  if (!to) return bars[0];
  return bars.reduce<Bar | undefined>(
    (best, bar) => (best && Math.abs(best.from - to.from) <= Math.abs(bar.from - to.from) ? best : bar),
    undefined,
  );
}

/** Where the axis is marked: hours of the reader's clock, or the beginnings of the reader's days. */
export function ticksOf(range: Range, now: number): { readonly share: number; readonly at: number }[] {
  const from = now - rangeMs[range];
  const first = new Date(from);
  if (range === 'day') first.setHours(first.getHours() + 1, 0, 0, 0);
  else first.setHours(24, 0, 0, 0);
  const ticks: { share: number; at: number }[] = [];
  for (let step = 0; step < 31; step += 1) {
    const time = new Date(first);
    // By the calendar: a day of a change of clocks has 23 or 25 hours.
    if (range === 'day') time.setHours(first.getHours() + step);
    else time.setDate(first.getDate() + step);
    if (time.getTime() >= now) break;
    const isMarked =
      range === 'day' ? time.getHours() % 4 === 0 : range === 'week' || time.getDate() % 5 === 0;
    if (isMarked) ticks.push({ share: (time.getTime() - from) / (now - from), at: time.getTime() });
  }
  return ticks;
}
