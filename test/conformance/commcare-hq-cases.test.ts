import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { contextFor, idsOf, readPages } from './commcare-hq-reading.ts';

/* Cases are paged by a cursor of CommCare HQ's own. */

const cases = 130;
let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 0, cases, seed: 3 },
      { name: 'none', forms: 0, cases: 0, seed: 3 },
    ],
  });
});
afterAll(() => sim.close());
beforeEach(() => sim.faults.clear());

const expectAll = (ids: readonly string[]): void => {
  expect(ids).toHaveLength(cases);
  expect(new Set(ids).size).toBe(cases);
};

/** The limits that were asked for since a number of requests, also those inside cursors. */
function limitsSince(count: number): number[] {
  const paths = sim.stats.recent.filter(({ kind }) => kind === 'case').map(({ path }) => path);
  return paths.slice(count - sim.stats.requests.case).map((path) => {
    const query = new URL(path, sim.url).searchParams;
    const cursor = Buffer.from(query.get('cursor') ?? '', 'base64').toString();
    return Number(query.get('limit') ?? new URLSearchParams(cursor).get('limit'));
  });
}

describe('pages of cases', () => {
  it('get smaller while the server does not manage them, also behind the first one', async () => {
    const before = sim.stats.requests.case;
    // Too slow for more than a hundred at first, and for more than fifty once.
    sim.faults.add(
      {
        match: 'limit=(5000|2500|1250|625|312|156)$',
        kind: 'status',
        status: 504,
        body: '<html>',
        times: 'always',
      },
      { match: 'cursor=', kind: 'status', status: 504, body: '<html>' },
    );
    expectAll(idsOf(await readPages('cases', contextFor(sim, 'demo'))));
    const limits = limitsSince(before);
    expect(limits.slice(0, 7)).toEqual([5000, 2500, 1250, 625, 312, 156, 78]);
    // Fast answers let it grow again; the one that failed was asked for with half of its limit.
    expect(limits[8]).toBe(Math.floor((limits[7] as number) / 2));
  });

  it('go on from a cursor that says nothing of a limit', async () => {
    const cursor = Buffer.from('case_type=patient').toString('base64');
    const pages = await readPages('cases', contextFor(sim, 'demo', { cursor: { next: cursor } }));
    expect(pages.length).toBeGreaterThan(1);
  });

  it('are asked for again when one comes a second time, and are an error when it comes for ever', async () => {
    const small = {
      match: 'limit=(5000|2500|1250|625|312|156)$',
      kind: 'status',
      status: 504,
      times: 'always',
    } as const;
    sim.faults.add(small, { match: 'cursor=', kind: 'repeat', times: 2 });
    expectAll(idsOf(await readPages('cases', contextFor(sim, 'demo'))));
    sim.faults.clear();
    sim.faults.add(small, { match: 'cursor=', kind: 'repeat', times: 'always' });
    await expect(readPages('cases', contextFor(sim, 'demo'))).rejects.toMatchObject({
      code: 'SOURCE_BAD_ANSWER',
      message: expect.stringContaining('repeats the same page of cases'),
    });
  });

  it('go on from a next that is an object with the cursor, and stop at one of another kind', async () => {
    const cursor = Buffer.from('limit=5000').toString('base64');
    const body = (next: unknown): string =>
      JSON.stringify({ matching_records: cases + 1, cases: [{ case_id: 'first' }], next });
    sim.faults.add({ match: 'case/v2', kind: 'status', status: 200, body: body({ cursor }) });
    const ids = idsOf(await readPages('cases', contextFor(sim, 'demo')));
    expect(ids[0]).toBe('first');
    expectAll(ids.slice(1));
    for (const next of [7, true, {}, [cursor], 'http://hq.test/no-cursor']) {
      sim.faults.add({ match: 'case/v2', kind: 'status', status: 200, body: body(next), times: 'always' });
      await expect(readPages('cases', contextFor(sim, 'demo'))).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
      });
      sim.faults.clear();
    }
  });
});

describe('a list without any case', () => {
  const empty = JSON.stringify({ matching_records: 0, cases: [] });
  const paths = (): string[] =>
    sim.stats.recent.filter(({ kind }) => kind === 'case').map(({ path }) => path);

  it('is believed when the older interface knows none either', async () => {
    expect(idsOf(await readPages('cases', contextFor(sim, 'none')))).toEqual([]);
    expect(paths().at(-1)).toBe('/a/none/api/case/v1/?limit=1');
  });

  it('is an error when the older interface knows some', async () => {
    sim.faults.add({ match: 'case/v2', kind: 'status', status: 200, body: empty, times: 'always' });
    for (const options of [{}, { case_type: ['patient', 'household'] }])
      await expect(readPages('cases', contextFor(sim, 'demo', { options }))).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        message: expect.stringContaining('newer interface'),
        advice: expect.stringContaining('index for case search'),
      });
  });

  it('is believed when the older interface is refused, and when only the filter leaves nothing', async () => {
    sim.faults.add(
      { match: 'case/v2', kind: 'status', status: 200, body: empty },
      { match: 'case/v1', kind: 'status', status: 404, body: '' },
    );
    expect(idsOf(await readPages('cases', contextFor(sim, 'demo')))).toEqual([]);
    const options = { case_type: ['nobody has this'] };
    expect(idsOf(await readPages('cases', contextFor(sim, 'demo', { options })))).toEqual([]);
    expect(paths().at(-1)).toBe('/a/demo/api/case/v2/?limit=1');
  });
});
