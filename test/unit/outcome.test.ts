import { expect, it } from 'vitest';
import { createOutcomes } from '../../main/sync/job/outcome.ts';
import { oneJob } from '../support/one-job.ts';
import { instant, keptLog } from '../support/parts.ts';

/** The outcomes of one job under way, on a clock that stands still. */
function outcomesOf(random: number) {
  const one = oneJob();
  const { job, store, owner } = one;
  const now = Date.parse(instant);
  const outcomes = createOutcomes({
    ...{ store, log: keptLog().log, now: () => now, random: () => random, owner: owner.id },
    hide: (text) => text,
  });
  const seconds = (until: number): number => (until - now) / 1000;
  return {
    ...{ job, store, outcomes, now },
    waitsFor: (until: number | null, progressed: boolean): number =>
      seconds(outcomes.waits(job, until, progressed).until),
    [Symbol.dispose]: () => one[Symbol.dispose](),
  };
}

it('waits that are not named double from half a minute to half an hour, and begin anew after progress', () => {
  using one = outcomesOf(1);
  const waits = Array.from({ length: 9 }, () => one.waitsFor(null, false));
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
  expect(one.waitsFor(null, true)).toBe(30);
  expect(one.waitsFor(null, false)).toBe(60);
  expect(one.store.jobs.get('b')).toMatchObject({ status: 'paused', pausedBy: 'source' });
});

it('are jittered by at most their half, and a time that was named is taken as it is', () => {
  using one = outcomesOf(0);
  expect(one.waitsFor(null, false)).toBe(15);
  expect(one.waitsFor(one.now + 7_000, false)).toBe(7);
  expect(one.store.jobs.get('b').waitingUntil).toBe(new Date(one.now + 7_000).toISOString());
});

it('end when they come too often without anything having been read', () => {
  using one = outcomesOf(0);
  for (let n = 0; n < 98; n += 1) one.waitsFor(null, false);
  expect(one.outcomes.tooOften(one.job, false)).toBe(false);
  one.waitsFor(null, false);
  expect(one.outcomes.tooOften(one.job, false)).toBe(true);
  expect(one.outcomes.tooOften(one.job, true)).toBe(false);
});

it('the changes of a dataset are kept up to the last 5,000, newest first', () => {
  using one = outcomesOf(0);
  const change = (n: number) =>
    ({
      at: instant,
      jobId: 'b',
      kind: 'column_added',
      table: 'forms',
      column: `c${n}`,
      before: null,
      after: 'text',
    }) as const;
  for (let round = 0; round < 3; round += 1) {
    const changes = Array.from({ length: 2500 }, (_, at) => change(round * 2500 + at));
    one.store.dictionaries.publish('d', { jobId: 'b', version: round + 1 }, changes);
  }
  const kept = one.store.dictionaries.changes('d', 5000);
  expect(kept).toHaveLength(5000);
  expect(kept[0]).toEqual(change(7499));
  expect(kept.at(-1)).toEqual(change(2500));
  expect(one.store.dictionaries.changes('d', 3)).toHaveLength(3);
});
