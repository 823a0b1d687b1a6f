import { describe, expect, it } from 'vitest';
import {
  advance,
  isAstray,
  type Lane,
  queryOf,
  savedLanes,
  untimedOf,
} from '../../main/connectors/commcare/form-lanes.ts';
import { type FormPage, shifted, toMillisecond } from '../../main/connectors/commcare/form-list.ts';
import { documentOf } from '../../main/connectors/document.ts';

const day = '2025-03-02T08:00:00.000';
/** A page of forms that were indexed so many milliseconds after the beginning of a day; null for none. */
const page = (times: readonly (number | null)[], more = false, count: number | null = null): FormPage => ({
  records: documentOf(
    times.map((ms, at) => ({ id: `f${at}`, indexed_on: ms === null ? null : `${shifted(day, ms)}000Z` })),
  ).items(),
  count,
  more,
  offset: null,
});
const open: Lane = { series: 0, since: day, until: null, given: [] };

describe('the time of a form', () => {
  it.each([
    ['2025-03-02T08:11:44.100210Z', '2025-03-02T08:11:44.100'],
    ['2025-03-02T08:11:44Z', '2025-03-02T08:11:44.000'],
    ['2025-03-02T08:11:44.1Z', '2025-03-02T08:11:44.100'],
    ['2025-03-02T08:11:44.000123+00:00', '2025-03-02T08:11:44.000'],
    ['', ''],
  ])('%s is compared as %s', (instant, stamp) => expect(toMillisecond(instant)).toBe(stamp));

  it('of a whole second is not before the same second with a fraction', () => {
    const first = { id: 'a', indexed_on: '2025-03-02T08:11:44.000123Z' };
    const second = { id: 'b', indexed_on: '2025-03-02T08:11:44Z' };
    const next = advance(
      open,
      {
        records: documentOf([{ id: 'z', indexed_on: `${day}Z` }, first]).items(),
        count: 4,
        more: true,
        offset: 0,
      },
      true,
    );
    expect(
      isAstray(next as Lane, {
        records: documentOf([second, first]).items(),
        count: 2,
        more: false,
        offset: 0,
      }),
    ).toBe(false);
  });
});

describe('the lane with the open end', () => {
  it('is read once more from two minutes before its end, without what it gave, when another was not through', () => {
    expect(advance(open, page([0, 300_000, 400_000]), true)).toBeNull();
    const ended = advance(open, page([0, 300_000, 400_000]), false);
    expect(ended).toMatchObject({ since: shifted(day, 280_000), until: null, ended: true });
    expect(ended?.given.map((entry) => entry.split(' ')[1])).toEqual(['f1', 'f2']);
  });

  it('is not read again from before its own beginning', () => {
    expect(advance(open, page([10, 20]), false)).toMatchObject({ since: day, given: { length: 2 } });
  });

  it('knows the last thousand of an index that was made anew within minutes', () => {
    const first = advance(
      open,
      page(
        Array.from({ length: 900 }, (_, ms) => ms),
        true,
      ),
      false,
    ) as Lane;
    const ended = advance(first, page(Array.from({ length: 200 }, (_, ms) => 900 + ms)), false);
    expect(ended).toMatchObject({ since: shifted(day, 100), given: { length: 1000 } });
  });
});

describe('a cursor of an earlier version', () => {
  const old = { series: 0, seen: [], offset: 0, fromSince: null, passes: 0 };

  it('goes on with its lanes, and with what they gave', () => {
    const saved = [
      { ...old, since: '2025-03-02T08:11:44', until: null, seen: ['a'], offset: 2000, fromSince: 3000 },
    ];
    const since = '2025-03-02T08:11:44.000';
    expect(savedLanes(saved)).toEqual([{ series: 0, since, until: null, given: [`${since} a`] }]);
  });

  it('that forgot a lane with an open end reads it anew', () => {
    const lanes = savedLanes([
      { ...old, since: day, until: shifted(day, 500) },
      { ...old, since: shifted(day, 500), until: shifted(day, 900) },
      { ...old, series: 1, since: day, until: null },
    ]);
    expect(lanes.filter(({ until }) => until === null)).toEqual([
      { series: 1, since: day, until: null, given: [] },
      { series: 0, since: shifted(day, 900), until: null, given: [] },
    ]);
  });
});

describe('forms without a time', () => {
  it('are asked for at the end of the list, with room for as many that come in before them', () => {
    expect(queryOf(untimedOf(0, 5000, []), 1000)).toMatchObject({ limit: '1000', offset: '4500' });
    expect(queryOf(untimedOf(0, 20, []), 1000)).not.toHaveProperty('offset');
  });

  it('are asked for again when the answer does not reach the end', () => {
    const lane = untimedOf(0, 5000, []);
    expect(advance(lane, page([5, null, null], true, 6000), true)).toMatchObject({ untimed: 6000 });
    expect(advance(lane, page([5, null, null], false, 5001), true)).toBeNull();
  });

  it.each([
    ['at the end of the list', untimedOf(0, 5000, []), page([null, null], false, 5000)],
    ['at its beginning', { ...open, since: null }, page([null, null], true, 5000)],
  ])('are named when there are too many of them %s', (_where, lane, answer) => {
    expect(() => advance(lane, answer, true)).toThrow(
      expect.objectContaining({
        code: 'SOURCE_BAD_ANSWER',
        message: expect.stringContaining('such as f0'),
        advice: expect.stringContaining('index its forms anew'),
      }),
    );
  });
});

describe('a page that is not the answer to the question', () => {
  const lane: Lane = { ...open, until: shifted(day, 1000) };
  it.each([
    ['begins before what was asked for', [-5, 10]],
    ['goes on where the next lane begins', [10, 1000]],
  ])('%s', (_what, times) => expect(isAstray(lane, page(times))).toBe(true));
  it('is empty and has more behind it', () => {
    expect(isAstray(lane, page([], true))).toBe(true);
    expect(isAstray(lane, page([]))).toBe(false);
  });
  it('has other times than the run that is read', () => {
    const run = { offset: 0, size: null, seen: [] };
    expect(isAstray({ ...open, run }, page([0, 1]))).toBe(true);
    expect(isAstray({ ...open, run }, page([0, 0]))).toBe(false);
  });
});
