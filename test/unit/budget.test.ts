import { describe, expect, it } from 'vitest';
import { budgetKey, createBudgets } from '../../main/sync/job/budget.ts';

/** Budgets on a clock that a test moves, kept in a map. */
function budgets(kept = new Map<string, object>()) {
  const time = { now: 1_000_000 };
  const made = createBudgets({
    load: (key) => kept.get(key) ?? null,
    save: (key, state) => void kept.set(key, JSON.parse(JSON.stringify(state)) as object),
    now: () => time.now,
  });
  return { ...made, time, kept };
}

/** Asks until it is let in and says how long that took. */
async function waitFor(one: ReturnType<typeof budgets>, key: string): Promise<number> {
  const begun = one.time.now;
  for (;;) {
    const at = await one.gate(key).enter();
    if (at <= one.time.now) return one.time.now - begun;
    one.time.now = at;
  }
}

describe('a budget', () => {
  it('lets everything through while nothing was refused', async () => {
    const one = budgets();
    for (let n = 0; n < 1000; n += 1) expect(await waitFor(one, 'hq demo')).toBe(0);
  });

  it('keeps everybody of that space waiting until the time that one was told, and nobody else', async () => {
    const one = budgets();
    await one.gate('hq demo').enter();
    one.gate('hq demo').refused(one.time.now + 90_000);
    expect(await one.gate('hq demo').enter()).toBe(one.time.now + 90_000);
    expect(await one.gate('hq other').enter()).toBe(one.time.now);
    one.time.now += 90_000;
    expect(await one.gate('hq demo').enter()).toBe(one.time.now);
  });

  it('paces below what went through in the window that was full', async () => {
    const one = budgets();
    // 20 in ten seconds; then the source says "wait 50 seconds": its minute is full.
    for (let n = 0; n < 21; n += 1) {
      await waitFor(one, 'hq demo');
      one.time.now += 500;
    }
    one.gate('hq demo').refused(one.time.now + 50_000);
    one.time.now += 50_000 + 60_000;
    const begun = one.time.now;
    for (let n = 0; n < 100; n += 1) await waitFor(one, 'hq demo');
    // 18 a minute, and one, two, three more with each that goes by: 100 take more than three minutes and less than five.
    const minutes = (one.time.now - begun) / 60_000;
    expect(minutes).toBeGreaterThan(3);
    expect(minutes).toBeLessThan(5);
  });

  /** Asks a source that lets so much through in each of its windows until it has answered `wanted` requests. */
  async function answers(
    one: ReturnType<typeof budgets>,
    wanted: number,
    limit: number,
    window: number,
    waitMs = (now: number): number => window - (now % window),
  ): Promise<{ minutes: number; refusals: number }> {
    const begun = one.time.now;
    const gate = one.gate('hq demo');
    let refusals = 0;
    const counts = new Map<number, number>();
    for (let answered = 0; answered < wanted; ) {
      await waitFor(one, 'hq demo');
      one.time.now += 200;
      const at = Math.floor(one.time.now / window);
      const count = counts.get(at) ?? 0;
      if (count >= limit) {
        refusals += 1;
        gate.refused(one.time.now + waitMs(one.time.now));
      } else {
        counts.set(at, count + 1);
        answered += 1;
      }
    }
    return { minutes: (one.time.now - begun) / 60_000, refusals };
  }

  it.each([30_000, 300_000])(
    'learnt from a few requests, while somebody else used up the rest, is left behind (wait of %d ms)',
    async (wait) => {
      const one = budgets();
      for (let n = 0; n < 21; n += 1) await waitFor(one, 'hq demo');
      one.gate('hq demo').refused(one.time.now + wait);
      // 5 a second are answered: 100 minutes' worth at the pace that was learnt, or a day's.
      const { minutes, refusals } = await answers(one, 2000, 1000, 60_000);
      expect(refusals).toBe(0);
      expect(minutes).toBeLessThan(wait === 30_000 ? 25 : 70);
    },
  );

  it.each([
    [5, 60_000],
    [100, 60_000],
    [1000, 3_600_000],
  ])('of %d in %d ms that is real is nearly used up, and refused now and then', async (limit, window) => {
    const one = budgets();
    const windows = window === 60_000 ? 60 : 5;
    const { minutes, refusals } = await answers(one, windows * limit, limit, window);
    expect((minutes * 60_000) / window).toBeLessThan(windows * 1.6);
    expect(refusals).toBeLessThan(windows);
  });

  it('knows that a source which is down says nothing of how much it lets through', async () => {
    const one = budgets();
    for (let n = 0; n < 40; n += 1) await waitFor(one, 'hq demo');
    one.gate('hq demo').closed(one.time.now + 1_800_000);
    expect(await one.gate('hq demo').enter()).toBe(one.time.now + 1_800_000);
    one.time.now += 1_800_000;
    for (let n = 0; n < 1000; n += 1) expect(await waitFor(one, 'hq demo')).toBe(0);
  });

  it('is what it was for a minute, and as good as forgotten after hours in which nobody asked', async () => {
    const one = budgets();
    for (let n = 0; n < 11; n += 1) await waitFor(one, 'hq demo');
    one.gate('hq demo').refused(one.time.now + 30_000);
    one.time.now += 60_000;
    for (let n = 0; n < 9; n += 1) expect(await waitFor(one, 'hq demo')).toBe(0);
    expect(await waitFor(one, 'hq demo')).toBeGreaterThan(0);
    one.time.now += 8 * 3_600_000;
    for (let n = 0; n < 5000; n += 1) expect(await waitFor(one, 'hq demo')).toBe(0);
  });

  it('takes a longer window when the source names no time and refuses again and again', async () => {
    const one = budgets();
    for (let n = 0; n < 10; n += 1) {
      await waitFor(one, 'hq demo');
      one.time.now += 100;
    }
    const learnt = (): unknown[] => (one.kept.get('hq demo') as { learnt: unknown[] }).learnt;
    one.gate('hq demo').refused(null);
    expect(learnt().map((each) => each !== null)).toEqual([true, false, false]);
    one.time.now += 30_000;
    await waitFor(one, 'hq demo');
    one.gate('hq demo').refused(null);
    expect(learnt().map((each) => each !== null)).toEqual([true, true, false]);
  });

  it('is remembered by the next process, and told to another one', async () => {
    const one = budgets();
    await one.gate('hq demo').enter();
    one.gate('hq demo').refused(one.time.now + 600_000);
    const next = budgets(one.kept);
    expect(await next.gate('hq demo').enter()).toBe(next.time.now + 600_000);
    const beside = budgets(one.kept);
    one.block('hq demo', one.time.now + 900_000);
    beside.time.now += 1001;
    expect(await beside.gate('hq demo').enter()).toBe(1_000_000 + 900_000);
  });

  it('does not believe what a clock wrote down that was ahead: neither a wait nor since when a limit is known', async () => {
    const one = budgets();
    const year = 365 * 86_400_000;
    for (let n = 0; n < 11; n += 1) await waitFor(one, 'hq demo');
    one.time.now += 5 * year;
    for (let n = 0; n < 11; n += 1) await waitFor(one, 'hq demo');
    one.gate('hq demo').refused(one.time.now + 60_000);
    expect(await one.gate('hq demo').enter()).toBe(one.time.now + 60_000);
    // Put right, in the same process and in the next one.
    one.time.now -= 5 * year;
    expect(await one.gate('hq demo').enter()).toBe(one.time.now);
    const next = budgets(one.kept);
    expect(await next.gate('hq demo').enter()).toBe(next.time.now);
    const { learnt } = one.kept.get('hq demo') as { learnt: ({ at: number } | null)[] };
    expect(Math.max(...learnt.map((each) => each?.at ?? 0))).toBeLessThanOrEqual(one.time.now);
    // An hour is less than a wait can be, but it was set in an hour.
    one.time.now += 3_600_000;
    one.block('hq demo', one.time.now + 60_000);
    one.time.now -= 3_600_000;
    const later = budgets(one.kept);
    later.time.now = one.time.now;
    expect(await later.gate('hq demo').enter()).toBe(later.time.now);
  });

  it('is asked at once when a person wants it, and keeps to the limits that it learnt', async () => {
    const one = budgets();
    for (let n = 0; n < 11; n += 1) await waitFor(one, 'hq demo');
    one.gate('hq demo').refused(one.time.now + 30_000);
    one.unblock('hq demo');
    expect(one.kept.get('hq demo')).toMatchObject({ blockedUntil: 0, learnt: [null, { limit: 9 }, null] });
    expect(await one.gate('hq demo').enter()).toBeGreaterThan(one.time.now);
    one.time.now += 60_000;
    expect(await waitFor(one, 'hq demo')).toBe(0);
  });

  it('survives nonsense in the store', async () => {
    const one = budgets(new Map([['hq demo', { learnt: 'x' }]]));
    expect(await waitFor(one, 'hq demo')).toBe(0);
  });

  it('answers in well under a millisecond, also with a full memory', async () => {
    const one = budgets();
    one.gate('hq demo').refused(one.time.now + 1);
    for (let n = 0; n < 30_000; n += 1) {
      one.time.now += 10;
      await waitFor(one, 'hq demo');
    }
    const begun = performance.now();
    for (let n = 0; n < 1000; n += 1) await one.gate('hq demo').enter();
    expect((performance.now() - begun) / 1000).toBeLessThan(0.5);
  });

  it('is one per host and space', () => {
    expect(budgetKey('https://hq.org/x', { domain: 'demo' })).toBe(
      budgetKey('https://hq.org', { domain: 'demo' }),
    );
    expect(budgetKey('https://hq.org', { domain: 'demo' })).not.toBe(
      budgetKey('https://hq.org', { domain: 'other' }),
    );
  });
});
