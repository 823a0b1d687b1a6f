import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { contextFor, idsOf, readPages } from './commcare-hq-reading.ts';

/* Many forms are read in several lanes side by side, divided by the time they were indexed. */

/** Enough to be divided, and a run of one timestamp longer than a page across the place where a lane begins. */
const forms = 21_000;
const tie = { at: 6500, count: 1200 };
let sim: HqSimulator;

beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [
      { name: 'large', forms, cases: 0, seed: 11 },
      { name: 'tied', forms, cases: 0, seed: 12, tie, subMillisecond: true },
      { name: 'small', forms: 2500, cases: 0, seed: 13 },
    ],
  });
});
afterAll(() => sim.close());

describe('forms in lanes', () => {
  it.each(['large', 'tied'])('read the %s domain exactly once, with a small request more', async (domain) => {
    const before = sim.stats.requests.form;
    const pages = await readPages('forms', contextFor(sim, domain));
    const ids = idsOf(pages);
    expect(ids.length).toBe(forms);
    expect(new Set(ids).size).toBe(forms);
    expect(pages.at(-1)?.total).toBe(forms);
    // A page of a thousand each, a few that lanes end in, a run read by offset, and the one that asks where to divide.
    expect(sim.stats.requests.form - before).toBeLessThan(forms / 1000 + 14);
  });

  it.each(['large', 'tied'])('go on after any page of the %s domain', async (domain) => {
    const pages = await readPages('forms', contextFor(sim, domain));
    for (const at of [0, 1, 5, pages.length - 3]) {
      const cursor = pages[at]?.cursor ?? null;
      const rest = await readPages('forms', contextFor(sim, domain, { cursor }));
      const ids = [...idsOf(pages.slice(0, at + 1)), ...idsOf(rest)];
      expect(ids.length).toBe(forms);
      expect(new Set(ids).size).toBe(forms);
    }
  });

  it('keep to one lane where there is little to read', async () => {
    const before = sim.stats.requests.form;
    expect(idsOf(await readPages('forms', contextFor(sim, 'small'))).length).toBe(2500);
    // Three pages, and the question whether forms without a time stand last.
    expect(sim.stats.requests.form - before).toBe(4);
  });
});
