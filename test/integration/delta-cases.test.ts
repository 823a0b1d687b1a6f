import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Exchange } from '../../main/net/exchange.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { deltaLink } from '../support/delta-link.ts';
import { directExchange } from '../support/exchanges.ts';
import { seeded } from '../support/random.ts';

/* Cases, refreshed by their changes, are those that reading all of them gives. */

// Dozens of refreshes each.
vi.setConfig({ testTimeout: 300_000 });

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  const domain = { forms: 0, cases: 300, seed: 7 };
  sim = await createHqSimulator({
    domains: ['all', 'types', 'same', 'days'].map((name) => ({ name, ...domain })),
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

/** Slices come in pages of so many; and each request that is asked for cases, by its parameters. */
function smallSlices(page: number) {
  const asked: URLSearchParams[] = [];
  const direct = directExchange();
  const exchange: Exchange = (request, signal) => {
    const url = new URL(request.url);
    if (!url.pathname.endsWith('/case/v2/')) return direct(request, signal);
    asked.push(url.searchParams);
    const isSlice = url.search.includes('date_opened') || url.search.includes('limit=5000');
    if (isSlice && !url.search.includes('indexed_on') && url.searchParams.get('limit') !== '1')
      url.searchParams.set('limit', String(page));
    return direct({ ...request, url: url.href }, signal);
  };
  return { exchange, asked };
}

function linksOf(domain: string, options: Record<string, string[] | string> = {}) {
  const { exchange, asked } = smallSlices(20);
  const spec = {
    ...{ datasets: ['cases'], options, guards: { on: false, shrinkPercent: 100 } },
    source: { type: 'commcare', baseUrl: sim.url, settings: { domain }, signIn: 'oauth' as const },
  };
  const how = { spec, deps: { exchange } };
  return {
    asked,
    delta: deltaLink(db, `${domain}_by_changes`, sim, how),
    full: deltaLink(db, `${domain}_whole`, sim, { spec, mode: 'full' }),
  };
}

it('asks for two things where nothing changed, and never for a time of indexing beside a cursor', async () => {
  const { delta, full, asked } = linksOf('same');
  await delta.publish();
  await full.publish();
  asked.length = 0;
  await delta.publish();
  expect(asked).toHaveLength(2);
  expect(asked.every((query) => !query.has('indexed_on.gte'))).toBe(true);
  expect(delta.delta('cases')).toMatchObject({ total: 300, counted: 1, reread: 0 });
  expect(await differences(db, full.schema, delta.schema)).toEqual([]);
});

it('finds cases that arrive, change, are indexed anew and go', { timeout: 600_000 }, async () => {
  const random = seeded(3);
  const hq = sim.domain('all');
  const gone = new Set<string>();
  const { delta, full } = linksOf('all');
  await delta.publish();
  await full.publish();
  let byChanges = 0;
  for (let step = 0; step < 8; step += 1) {
    const at = () => Math.floor(random() * hq.count('case'));
    if (random() < 0.7) hq.add('case', 1 + Math.floor(random() * 9));
    if (random() < 0.7) hq.edit('case', [at(), at(), at()]);
    if (random() < 0.3) hq.touch('case', [at()]);
    if (step === 5) hq.reindex('case');
    for (let count = Math.floor(random() * 4); count > 0; count -= 1) {
      const id = hq.id('case', at());
      if (gone.has(id)) continue;
      gone.add(id);
      hq.vanish('case', [id]);
    }
    await delta.publish();
    await full.publish();
    expect(await differences(db, full.schema, delta.schema), `step ${step}`).toEqual([]);
    if (delta.delta('cases') !== null) byChanges += 1;
  }
  expect(byChanges).toBeGreaterThan(3);
});

it('keeps to the case types and the days of the link', async () => {
  const types = [
    ...new Set(
      Array.from({ length: 300 }, (_, at) => String(sim.domain('types').row('case', at)['case_type'])),
    ),
  ];
  const { delta, full } = linksOf('types', { case_type: types.slice(0, 2) });
  const byDay = linksOf('days', { modified_to: '2024-06-30' });
  for (let step = 0; step < 3; step += 1) {
    for (const [domain, one, other] of [
      ['types', delta, full],
      ['days', byDay.delta, byDay.full],
    ] as const) {
      const hq = sim.domain(domain);
      if (step > 0) {
        hq.add('case', 5);
        hq.edit('case', [step, 10 * step, 20 * step]);
        hq.vanish('case', [hq.id('case', 100 + step)]);
      }
      await one.publish();
      await other.publish();
      expect(await differences(db, other.schema, one.schema), `${domain}, step ${step}`).toEqual([]);
      if (step > 0) expect([one.fellBack(), one.delta('cases') !== null]).toEqual([null, true]);
    }
  }
});
