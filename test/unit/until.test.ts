import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { believable } from '../../main/store/until.ts';
import { plain } from '../../preload/contract/said.ts';
import { oneJob } from '../support/one-job.ts';
import { rawDb } from '../support/parts.ts';

/* A time until which something waits is believed only as far as it can have been set. */

const hour = 3_600_000;
const at = (ms: number): string => new Date(Date.parse('2026-03-01T08:00:00.000Z') + ms).toISOString();

it('one that lies further ahead than the longest there can be, or was set in the future, is none', () => {
  const of = (until: number | null, since: number | null): string | null =>
    believable(
      { until: until === null ? null : at(until), since: since === null ? null : at(since) },
      24 * hour,
      at(0),
    );
  expect(of(null, null)).toBeNull();
  expect(of(hour, null)).toBe(at(hour));
  expect(of(-hour, -2 * hour)).toBe(at(-hour));
  // Clocks are set right by a little all the time.
  expect(of(24 * hour + 30_000, 30_000)).toBe(at(24 * hour + 30_000));
  expect(of(25 * hour, null)).toBeNull();
  expect(of(5 * 365 * 24 * hour, null)).toBeNull();
  expect(of(2 * hour, hour)).toBeNull();
});

it('a refresh that is put off for longer than its interval is due', () => {
  using one = oneJob(undefined, () => at(0));
  one.store.jobs.finish('b', { status: 'completed' }, at(0));
  const next = (until: number): number | null => {
    one.store.datasets.ready('d', { dataAsOf: at(0), nextSyncAt: at(until), rowCounts: {} }, at(0));
    return one.store.datasets.get('d').plan.plannedAt;
  };
  const ms = (hours: number): number => Date.parse(at(hours * hour));
  expect(next(24 * hour)).toBe(ms(24));
  expect(next(-hour)).toBe(ms(-1));
  expect(next(5 * 365 * 24 * hour)).toBe(ms(0));
  // When that refresh fails, it is tried again later and not at once.
  const times = { nextSyncAt: at(24 * hour), retryAt: at(hour) };
  one.store.datasets.failed('d', new AppError('DB_LOST', plain('It is gone.')).toWire(), times, at(0));
  expect(one.store.datasets.get('d').plan).toMatchObject({ plannedAt: ms(24), retryAt: ms(1), failures: 1 });
});

it('the wait of a job keeps since when it is, and not a time of a clock that was ahead', () => {
  let now = at(hour);
  using one = oneJob(undefined, () => now);
  one.store.jobs.pause('b', 'source', at(hour + 60_000), 1);
  expect(one.store.jobs.get('b').waitingUntil).toBe(at(hour + 60_000));
  now = at(0);
  expect(one.store.jobs.get('b').waitingUntil).toBeNull();
  now = at(hour);
  // A person's pause beside it does not make it a new one.
  one.store.jobs.pause('b', 'person', at(hour + 60_000), 1);
  using file = rawDb(join(one.folder, 'headgate.db'));
  expect(file.prepare('SELECT waiting_since FROM sync_jobs').pluck().get()).toBe(at(hour));
});
