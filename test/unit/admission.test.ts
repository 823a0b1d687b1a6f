import { describe, expect, it } from 'vitest';
import { type Candidate, decide, roomFor, spreadMs, type World } from '../../main/calendar/admission.ts';
import { retryAfter } from '../../main/calendar/retry.ts';

const now = Date.parse('2026-06-01T06:00:00Z');
const minute = 60_000;
const world: World = { now, isVaultLocked: false, isMetered: false };
const candidate = (over: Partial<Candidate> = {}, plan: Partial<Candidate['plan']> = {}): Candidate => ({
  ...{ id: 'd', isHeld: false, hasJob: false, signIn: 'valid' },
  ...over,
  plan: {
    schedule: { kind: 'every', hours: 24 },
    ...{ quietHours: null, linkIsActive: true, sourceIsActive: true },
    ...{ plannedAt: now - 10 * minute, retryAt: null, failures: 0 },
    ...plan,
  },
});
const iso = (at: number): string => new Date(at).toISOString();

describe('a dataset whose time has come', () => {
  it('begins where nothing keeps it from it', () => {
    expect(decide(candidate(), world)).toMatchObject({ starts: true, failures: 0 });
  });

  const quietHours = { from: '05:00', to: '07:30', zone: 'UTC' };
  const waits: [string, Candidate, Partial<World>, string | null][] = [
    ['under_way', candidate({ hasJob: true }), {}, null],
    ['held', candidate({ isHeld: true }), {}, null],
    ['source_off', candidate({}, { sourceIsActive: false }), {}, null],
    ['link_off', candidate({}, { linkIsActive: false }), {}, null],
    ['signed_out', candidate({ signIn: 'missing' }), {}, null],
    ['sign_in_expired', candidate({ signIn: 'expired' }), {}, null],
    ['vault_locked', candidate(), { isVaultLocked: true }, null],
    ['metered', candidate(), { isMetered: true }, null],
    ['quiet_hours', candidate({}, { quietHours }), {}, '2026-06-01T07:30:00.000Z'],
    ['not_yet', candidate({}, { plannedAt: now + minute }), {}, iso(now + minute)],
    ['not_yet', candidate({}, { plannedAt: null }), {}, null],
    ['retry', candidate({}, { retryAt: now + minute, failures: 2 }), {}, iso(now + minute)],
    ['needs_you', candidate({}, { plannedAt: now + minute, failures: 7 }), {}, iso(now + minute)],
  ];
  it.each(waits)('waits: %s', (wait, one, different, until) => {
    expect(decide(one, { ...world, ...different })).toMatchObject({ starts: false, wait, until });
  });

  it('is tried again at its retry, before its planned time', () => {
    const one = candidate({}, { plannedAt: now + 60 * minute, retryAt: now, failures: 1 });
    expect(decide(one, world)).toMatchObject({ starts: true, failures: 1 });
  });

  it('begins a little later than others of the same time, always the same, and is never left out', () => {
    const of = (id: string, hours: number): number =>
      spreadMs(candidate({ id }, { schedule: { kind: 'every', hours } }));
    const spread = Array.from({ length: 200 }, (_, n) => of(`dataset ${n}`, 24));
    expect(Math.max(...spread)).toBeLessThan(3 * minute);
    expect(new Set(spread.map((ms) => Math.floor(ms / 30_000))).size).toBe(6);
    expect(of('d', 24)).toBe(of('d', 24));
    expect(of('d', 1)).toBeLessThanOrEqual(3 * minute);
  });
});

describe('one more sync', () => {
  const load = { running: 0, limit: 4 };
  it.each([
    ['computer_busy', { computer: { running: 4, limit: 4 } }],
    ['source_busy', { source: { running: 4, limit: 4 } }],
    ['database_busy', { database: { running: 2, limit: 2 } }],
    ['database_busy', { database: { running: 1, limit: null } }],
    // What keeps the first one of a database from running it finds out itself.
    [null, { database: { running: 0, limit: 0 } }],
    [null, {}],
  ])('%s', (wait, busy) => {
    expect(roomFor({ computer: load, source: load, database: load, ...busy })).toBe(wait);
  });
});

it('a failure is tried again with growing patience, until only a person can help', () => {
  const waits = (kind: 'transient' | 'system' | 'config' | 'denied', random: number): (number | null)[] =>
    [1, 2, 3, 4, 5, 6, 7].map((failures) => {
      const wait = retryAfter(failures, { kind }, () => random);
      return wait === null ? null : wait / minute;
    });
  expect(waits('transient', 1)).toEqual([5, 10, 20, 40, 80, 160, null]);
  expect(waits('system', 0)).toEqual([3.75, 7.5, 15, 30, 60, 120, null]);
  expect(waits('config', 1)).toEqual([60, 120, 240, 240, 240, 240, null]);
  expect(waits('denied', 0)).toEqual([45, 90, 180, 180, 180, 180, null]);
});
