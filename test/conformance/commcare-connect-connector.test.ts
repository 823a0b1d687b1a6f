import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPage } from '../../main/connectors/commcare-connect/answers.ts';
import { commcareConnect } from '../../main/connectors/commcare-connect/index.ts';
import { keysOf } from '../../main/connectors/commcare-connect/lists.ts';
import type { Page } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import {
  type ConnectSimulator,
  type ConnectSimulatorOptions,
  createConnectSimulator,
} from '../simulators/commcare-connect/index.ts';
import { fixture as base } from './connectors/commcare_connect/fixture.ts';
import type { Fixture, Site } from './connectors/fixture.ts';
import { httpFor, keysOfPage, type Meddling, pagesOf, readWhole } from './connectors/harness.ts';

/* What CommCare Connect's connector does beyond what every connector must. */

let sim: ConnectSimulator;
let site: Site;
let fixture: Fixture;

async function start(options: ConnectSimulatorOptions, change: Partial<Fixture> = {}): Promise<void> {
  sim = await createConnectSimulator(options);
  fixture = { ...base, ...change };
  site = {
    url: sim.url,
    faults: sim.faults,
    oauth: sim.oauth,
    requests: (kind) => sim.stats.requests[kind as 'user_visits'],
    records: () => [],
    [Symbol.asyncDispose]: () => sim.close(),
  };
}
afterEach(() => sim.close());

const read = (dataset: string, meddling: Meddling = {}, cursor: Page['cursor'] | null = null) =>
  readWhole(fixture, site, dataset, cursor, meddling);
const asked = (kind: string): string[] =>
  sim.stats.recent.filter((each) => each.kind === kind).map((each) => each.path);
const visitIds = (): string[] =>
  [12, 13].flatMap((id) => sim.opportunity(id).ids('user_visits').map(String)).sort();

describe('slices', () => {
  beforeEach(() =>
    start({
      opportunities: [
        { id: 12, rows: { user_visits: 900 } },
        { id: 13, rows: { user_visits: 40, payment: 60 } },
      ],
      latencyMs: 5,
    }),
  );

  it('reads side by side, never more than four requests at once', async () => {
    await read('user_visits', { pageSize: 20 });
    expect(sim.stats.maxInFlight).toBe(4);
  });

  it('divides a long list by its ids, and asks each part for its own rows only', async () => {
    const whole = await read('user_visits', { pageSize: 20 });
    expect([...whole.keys].sort()).toEqual(visitIds());
    const ofTwelve = asked('user_visits').filter((path) => path.includes('/12/'));
    expect(ofTwelve.filter((path) => path.includes('cursor_order=reverse'))).toHaveLength(1);
    // One page more for each part at most, and the question how far the list goes.
    expect(ofTwelve.length).toBeLessThanOrEqual(900 / 20 + 4 + 1);
    expect(asked('user_visits').filter((path) => path.includes('/13/')).length).toBeLessThan(5);
  });

  it('divides between any two ids, whether they are taken or not', async () => {
    // The parts end elsewhere with every page size.
    for (let pageSize = 12; pageSize < 30; pageSize += 1) {
      const { keys } = await read('user_visits', { pageSize });
      expect([...keys].sort(), `pages of ${pageSize}`).toEqual(visitIds());
    }
  });

  it('does not divide a list that does not show its ids', async () => {
    await read('payments', { pageSize: 2 });
    expect(asked('payment').some((path) => path.includes('reverse'))).toBe(false);
  });

  it('goes on at every page of a divided list in another process', async () => {
    const so: string[] = [];
    const expected = visitIds();
    let count = 0;
    for await (const page of pagesOf(fixture, site, 'user_visits', null, { pageSize: 20 })) {
      so.push(...keysOfPage(fixture, 'user_visits', page));
      count += 1;
      if (count % 6 !== 0) continue;
      const rest = await read('user_visits', { pageSize: 50 }, page.cursor);
      expect([...so, ...rest.keys].sort(), `after ${count} pages`).toEqual(expected);
    }
    expect(count).toBeGreaterThan(40);
  });

  it('reads what is appended meanwhile, once, and what vanishes or changes meanwhile does no harm', async () => {
    const keys: string[] = [];
    for await (const page of pagesOf(fixture, site, 'user_visits', null, { pageSize: 20 })) {
      keys.push(...keysOfPage(fixture, 'user_visits', page));
      const handle = sim.opportunity(12);
      if (keys.length < 300) {
        handle.add('user_visits', 3);
        handle.edit('user_visits', [1, 500]);
      } else handle.vanish('user_visits', [0, 5]);
    }
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(sim.opportunity(12).ids('user_visits').map(String)));
  });

  it('tells the number of visits as the total', async () => {
    const { pages } = await read('user_visits', { pageSize: 500 });
    expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([940]));
    expect((await read('payments')).pages[0]?.total).toBeNull();
  });

  it('ends the requests on their way when one fails', async () => {
    sim.faults.add({ match: '/12/user_visits', kind: 'status', status: 404, after: 3, times: 'always' });
    sim.faults.add({ match: '/13/user_visits', kind: 'hang', times: 'always' });
    await expect(read('user_visits', { pageSize: 20 })).rejects.toMatchObject({
      code: 'SOURCE_NO_SUCH_SPACE',
    });
    await expect.poll(() => sim.stats.inFlight).toBe(0);
  });
});

describe('what is read', () => {
  const world: ConnectSimulatorOptions = {
    organizations: [{ slug: 'acme', name: 'Acme' }, { slug: 'pm' }],
    programs: [{ id: 5, organization: 'pm' }],
    opportunities: [
      { id: 12, organization: 'acme', rows: { user_visits: 5, user_data: 3, completed_works: 30 } },
      {
        id: 13,
        organization: 'acme',
        program: 5,
        rows: { user_visits: 6, user_data: 3, completed_works: 4 },
      },
      { id: 14, organization: 'pm', rows: { user_visits: 7 } },
    ],
  };

  it.each([
    ['', {}, 18],
    ['acme', {}, 11],
    // The organisation that manages the program of 13.
    ['pm', {}, 13],
    ['', { opportunities: ['12', '14'] }, 12],
    ['acme', { opportunities: ['13'] }, 6],
  ])('organisation “%s” with %o', async (organization, options, count) => {
    await start(world, { settings: { organization }, options });
    expect((await read('user_visits')).records).toHaveLength(count);
  });

  it('says which organisation or opportunity is not there', async () => {
    await start(world, { settings: { organization: 'nobody' } });
    await expect(read('user_visits')).rejects.toMatchObject({
      code: 'SOURCE_NO_SUCH_SPACE',
      message: expect.stringContaining('“nobody”'),
    });
    fixture = { ...fixture, settings: {}, options: { opportunities: ['12', '99', '98'] } };
    await expect(read('payments')).rejects.toMatchObject({
      code: 'SOURCE_NO_SUCH_SPACE',
      message: expect.stringContaining('99, 98'),
    });
  });

  it('offers the opportunities to choose from', async () => {
    await start(world);
    const signal = AbortSignal.timeout(5000);
    const choices = await commcareConnect.choices?.({ http: httpFor(fixture, site), settings: {}, signal });
    expect(choices?.['opportunities']).toEqual(
      [12, 13, 14].map((id) => ({
        value: String(id),
        label: `Opportunity ${id} (${id === 14 ? 'pm' : 'acme'}, ${id})`,
      })),
    );
  });

  it('leaves out an opportunity that is gone since reading began, and reads on', async () => {
    await start(world);
    const ids: string[] = [];
    for await (const page of pagesOf(fixture, site, 'user_visits', null, { pageSize: 2 })) {
      if (ids.length === 0) sim.opportunity(13).remove();
      ids.push(...keysOfPage(fixture, 'user_visits', page));
    }
    expect(ids).toEqual(expect.arrayContaining(sim.opportunity(12).ids('user_visits').map(String)));
    expect(ids).toEqual(expect.arrayContaining(sim.opportunity(14).ids('user_visits').map(String)));
  });

  it('puts the opportunity into rows that do not say it, and leaves their bytes alone', async () => {
    await start(world);
    const shape = commcareConnect.datasets.find(({ name }) => name === 'user_data')?.shape;
    const { pages } = await read('user_data');
    const said = pages.flatMap(({ records }) =>
      records.map((record) => shape?.parts(record)[0]?.extra?.['opportunity_id']?.text()),
    );
    expect(said.sort()).toEqual(['12', '12', '12', '13', '13', '13']);
    expect(pages[0]?.records[0]?.source()).not.toContain('opportunity_id');
  });

  it('spreads a visit over the table of all visits and that of its form', async () => {
    await start(world);
    const shape = commcareConnect.datasets.find(({ name }) => name === 'user_visits')?.shape;
    const { pages } = await read('user_visits');
    const parts = pages.flatMap(({ records }) => records.map((record) => shape?.parts(record) ?? []));
    for (const [main, form] of parts) {
      expect(main?.table).toBe('user_visits');
      expect(main?.skip).toContain('form_json');
      const xmlns = main?.extra?.['xmlns']?.text() ?? '';
      expect(form?.table).toBe(`visit_form/${xmlns}`);
      expect(main?.extra?.['form_id']?.text()).toBe(form?.value.get('meta')?.get('instanceID')?.text());
    }
    // Two forms of one name stay two tables.
    const tables = new Map(parts.map(([, form]) => [form?.table, form?.label]));
    expect([...tables.values()].filter((label) => label === 'visit form Home visit')).toHaveLength(2);
  });
});

describe('answers', () => {
  const body = (json: unknown): Buffer => Buffer.from(JSON.stringify(json));

  it('asks for version 2.0 every time', async () => {
    await start({ opportunities: [{ id: 12, rows: { work_areas: 3 } }] });
    expect((await read('work_areas')).records).toHaveLength(3);
    expect(commcareConnect.accept).toBe('application/json; version=2.0');
  });

  it.each([
    ['no results', { next: null }],
    ['no next', { results: [] }],
    ['a next without a position', { next: 'http://x/?page=2', results: [{ id: 1 }] }],
    ['rows that are no objects', { next: null, results: [1] }],
    ['a bare array', [{ id: 1 }]],
  ])('never takes %s for the end', (_name, json) => {
    expect(() => listPage(body(json))).toThrow(SyntaxError);
  });

  it('never takes a part of a page for the whole, wherever it is cut', () => {
    const whole = body({
      next: null,
      results: [{ id: 1, note: 'a "b" \\ é', deep: [{ x: 1.5 }] }, { id: 22 }],
    });
    expect(listPage(whole).records).toHaveLength(2);
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => listPage(whole.subarray(0, length))).toThrow(SyntaxError);
    }
  });

  it.each([
    ['a next that leads back', { next: 'http://x/?last_id=4', results: [{ id: 99, opportunity_id: 12 }] }],
    ['a next of an empty page', { next: 'http://x/?last_id=400', results: [] }],
    ['a next that skips rows', { next: 'http://x/?last_id=500', results: [{ id: 99, opportunity_id: 12 }] }],
    ['ids that do not ascend', { next: null, results: [{ id: 9 }, { id: 8 }] }],
    ['an id that is none', { next: null, results: [{ id: 'x' }] }],
    ['rows of another opportunity', { next: null, results: [{ id: 99, opportunity_id: 13 }] }],
  ])('refuses %s', async (_name, json) => {
    await start({ opportunities: [{ id: 12, rows: { user_visits: 30 } }] });
    // Behind the first page and the question how far the list goes.
    const rule = { match: 'user_visits', kind: 'wrongJson', body: JSON.stringify(json), after: 2 } as const;
    sim.faults.add({ ...rule, times: 'always' });
    await expect(read('user_visits', { pageSize: 10 })).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
    // Once, it may come from a cache.
    sim.faults.clear();
    sim.faults.add(rule);
    expect((await read('user_visits', { pageSize: 10 })).records).toHaveLength(30);
  });

  it.each([
    ['a next that leads back', { next: 'http://x/?last_id=4', results: [{ amount: '1.00' }] }],
    ['a next of an empty page', { next: 'http://x/?last_id=9000', results: [] }],
  ])('refuses %s also where rows show no id', async (_name, json) => {
    await start({ opportunities: [{ id: 12, rows: { payment: 30 } }] });
    const rule = { match: 'payment', kind: 'wrongJson', body: JSON.stringify(json), after: 1 } as const;
    sim.faults.add({ ...rule, times: 'always' });
    await expect(read('payments', { pageSize: 10 })).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
    sim.faults.clear();
    sim.faults.add(rule);
    expect((await read('payments', { pageSize: 10 })).records).toHaveLength(30);
  });

  it('explains what the account may not do', async () => {
    await start({ opportunities: [{ id: 12, rows: { user_visits: 3, work_areas: 3 } }] });
    const { accessToken } = sim.oauth.issueTokens('john', { scope: 'openid' });
    const tokens = { current: () => Promise.resolve(accessToken), renew: () => Promise.resolve(accessToken) };
    await expect(read('user_visits', { tokens })).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
      message: expect.stringContaining('“export”'),
      advice: expect.stringContaining('Sign in again'),
    });
    sim.faults.add({
      match: 'work_areas',
      kind: 'status',
      status: 406,
      body: '{"detail":"Invalid version"}',
    });
    await expect(read('work_areas')).rejects.toMatchObject({
      code: 'SOURCE_BAD_ANSWER',
      message: expect.stringContaining('version 2.0'),
    });
    sim.faults.add({
      match: 'user_visits',
      kind: 'status',
      status: 400,
      body: '{"last_id":["A valid integer."]}',
    });
    await expect(read('user_visits')).rejects.toMatchObject({
      message: expect.stringContaining('last_id: A valid integer.'),
    });
  });
});

describe('LLO entities', () => {
  it('are refused to those who are no staff, with what to do about it', async () => {
    await start({ opportunities: [], lloEntities: 3, users: [{ username: 'pat', internal: false }] });
    await expect(read('llo_entities')).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
      advice: expect.stringContaining('Leave this dataset out'),
    });
  });
});

describe('keys of rows that show no id', () => {
  const slice = { opportunity: '12', after: 90, until: null, count: 40 };
  const rows = (...values: object[]) => values.map((value) => documentOf(value as never));

  it('are the fields that the source’s database keeps unique, else the number of the row', () => {
    const records = rows(
      { username: 'a/b', unit: 1 },
      { username: 'a', unit: null },
      { username: 'a/b', unit: 1 },
    );
    expect(keysOf(records, slice, ['username', 'unit'])).toEqual(['12/a%2Fb/1', '12:42', '12:43']);
    expect(keysOf(records, slice, undefined)).toEqual(['12:41', '12:42', '12:43']);
  });

  it('keep rows apart that are alike in every field', async () => {
    await start({ opportunities: [{ id: 12, rows: { payment: 200, completed_works: 120 } }] });
    for (const dataset of ['payments', 'completed_works']) {
      const { keys } = await read(dataset, { pageSize: 9 });
      expect(new Set(keys).size, dataset).toBe(keys.length);
      // The same in pages of another size.
      expect((await read(dataset, { pageSize: 13 })).keys, dataset).toEqual(keys);
    }
  });
});
