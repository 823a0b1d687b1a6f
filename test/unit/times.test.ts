import { describe, expect, it } from 'vitest';
import { endOfPart, inWords, longestStep, nextTime } from '../../main/calendar/times.ts';
import { type Schedule, schedule } from '../../preload/contract/models.ts';

const ms = (iso: string): number => Date.parse(iso);
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const at = (time: string, zone: string, weekdays = [1, 2, 3, 4, 5, 6, 7]): Schedule => ({
  ...{ kind: 'at', time, zone, weekdays },
});

describe('an interval', () => {
  it('goes by the planned time, however long a run takes', () => {
    const hourly: Schedule = { kind: 'every', hours: 1 };
    let planned = ms('2026-01-01T00:00:00Z');
    const begins: number[] = [];
    // Ten days of runs that take five minutes each.
    while (planned < ms('2026-01-11T00:00:00Z')) {
      begins.push(planned);
      planned = nextTime(hourly, planned, planned + 5 * 60_000);
    }
    expect(begins).toHaveLength(240);
    expect(begins.every((begin) => new Date(begin).getUTCMinutes() === 0)).toBe(true);
  });

  it('makes missed times up once', () => {
    const daily: Schedule = { kind: 'every', hours: 24 };
    const next = nextTime(daily, ms('2026-01-01T06:30:00Z'), ms('2026-01-05T09:00:00Z'));
    expect(iso(next)).toBe('2026-01-06T06:30:00.000Z');
  });

  it('begins where nothing was planned, and after a clock that was ahead', () => {
    const daily: Schedule = { kind: 'every', hours: 24 };
    expect(iso(nextTime(daily, null, ms('2026-01-05T09:00:00Z')))).toBe('2026-01-06T09:00:00.000Z');
    expect(iso(nextTime(daily, ms('2026-01-08T06:30:00Z'), ms('2026-01-05T09:00:00Z')))).toBe(
      '2026-01-06T06:30:00.000Z',
    );
  });
});

describe('a time of the day', () => {
  it('is that of the place, whatever the offset', () => {
    const nairobi = at('06:00', 'Africa/Nairobi');
    expect(iso(nextTime(nairobi, null, ms('2026-06-01T02:59:59Z')))).toBe('2026-06-01T03:00:00.000Z');
    expect(iso(nextTime(nairobi, null, ms('2026-06-01T03:00:00Z')))).toBe('2026-06-02T03:00:00.000Z');
    expect(iso(nextTime(at('06:00', 'Asia/Kolkata'), null, ms('2026-06-01T00:00:00Z')))).toBe(
      '2026-06-01T00:30:00.000Z',
    );
  });

  it('stays when the clocks change, is once where an hour comes twice, and is not lost where one is left out', () => {
    const times = (first: string, time: string, days: number): (string | null)[] => {
      let after = ms(first);
      return Array.from({ length: days }, () => {
        after = nextTime(at(time, 'Europe/Berlin'), null, after);
        return iso(after);
      });
    };
    expect(times('2026-03-28T12:00:00Z', '06:00', 2)).toEqual([
      '2026-03-29T04:00:00.000Z',
      '2026-03-30T04:00:00.000Z',
    ]);
    // 02:30 does not exist on the 29th: half an hour after the jump.
    expect(times('2026-03-28T12:00:00Z', '02:30', 2)).toEqual([
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
    expect(times('2026-10-24T12:00:00Z', '02:30', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('is on its days only', () => {
    const workdays = at('18:00', 'UTC', [1, 2, 3, 4, 5]);
    // The 6th of November 2026 is a Friday.
    expect(iso(nextTime(workdays, null, ms('2026-11-06T18:00:00Z')))).toBe('2026-11-09T18:00:00.000Z');
    expect(iso(nextTime(at('18:00', 'UTC', [7]), null, ms('2026-11-08T18:00:00Z')))).toBe(
      '2026-11-15T18:00:00.000Z',
    );
  });

  it('never lies further ahead than the longest step', () => {
    const zones = [
      'America/St_Johns',
      'Pacific/Apia',
      'Africa/Casablanca',
      'Asia/Kathmandu',
      'Pacific/Chatham',
    ];
    for (const zone of zones)
      for (let day = 0; day < 366; day += 1) {
        const now = ms('2026-01-01T00:00:00Z') + day * 86_400_000 + day * 61_000;
        for (const one of [at('00:00', zone, [3]), at('23:59', zone, [1, 7]), at('12:00', zone)]) {
          const next = nextTime(one, null, now);
          expect(next).toBeGreaterThan(now);
          expect(next - now).toBeLessThan(longestStep(one));
        }
      }
  });
});

describe('a part of the day', () => {
  const office = { from: '08:00', to: '18:00', zone: 'Africa/Nairobi' };
  const night = { from: '22:00', to: '05:00', zone: 'Africa/Nairobi' };
  it('ends when it says, over midnight too', () => {
    expect(iso(endOfPart(office, ms('2026-06-01T05:00:00Z')))).toBe('2026-06-01T15:00:00.000Z');
    expect(endOfPart(office, ms('2026-06-01T15:00:00Z'))).toBeNull();
    expect(endOfPart(office, ms('2026-06-01T04:59:59Z'))).toBeNull();
    expect(iso(endOfPart(night, ms('2026-06-01T19:30:00Z')))).toBe('2026-06-02T02:00:00.000Z');
    expect(iso(endOfPart(night, ms('2026-06-02T01:59:00Z')))).toBe('2026-06-02T02:00:00.000Z');
    expect(endOfPart(night, ms('2026-06-02T02:00:00Z'))).toBeNull();
  });
});

it('a schedule is checked and told in words', () => {
  expect(schedule.parse({ kind: 'at', time: '06:00', zone: 'Africa/Nairobi' })).toEqual(
    at('06:00', 'Africa/Nairobi'),
  );
  expect(inWords(schedule.parse({ kind: 'at', time: '06:00', zone: 'UTC', weekdays: [5, 1, 5] }))).toBe(
    '06:00 UTC on 1+5',
  );
  for (const wrong of [
    { kind: 'at', time: '6:00', zone: 'UTC' },
    { kind: 'at', time: '24:00', zone: 'UTC' },
    { kind: 'at', time: '06:00', zone: 'Mars/Olympus' },
    { kind: 'at', time: '06:00', zone: 'UTC', weekdays: [] },
    { kind: 'at', time: '06:00', zone: 'UTC', weekdays: [0] },
    { kind: 'every', hours: 0 },
  ])
    expect(schedule.safeParse(wrong).success).toBe(false);
});
