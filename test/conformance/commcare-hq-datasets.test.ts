import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { createHqSimulator, type HqSimulator, type ListName } from '../simulators/commcare-hq/index.ts';
import { seeded } from '../support/random.ts';
import { contextFor, idsOf, readPages } from './commcare-hq-reading.ts';

const SIZES = {
  forms: 130,
  cases: 60,
  seed: 7,
  mobileWorkers: 230,
  deactivated: 120,
  webUsers: 110,
  groups: 150,
  locations: 260,
  lookupTables: 4,
  lookupRows: 240,
  largestPage: 50,
} as const;
const LACKS = ['edit_data', 'edit_commcare_users', 'edit_web_users', 'edit_locations', 'access_api'] as const;

let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [
      { ...SIZES, name: 'demo' },
      { ...SIZES, name: 'moving' },
      { ...SIZES, name: 'unordered', lookupRows: 400, unorderedLists: true },
      {
        ...SIZES,
        name: 'none',
        forms: 0,
        cases: 0,
        mobileWorkers: 0,
        deactivated: 0,
        lookupRows: 0,
        locations: 0,
      },
    ],
    users: [
      { username: 'john@example.com' },
      { username: 'reader@example.com', lacks: { demo: LACKS } },
      { username: 'outsider@example.com', domains: [] },
    ],
  });
});
afterAll(() => sim.close());

const rowsOf: Readonly<Record<string, readonly ListName[]>> = {
  users: ['user', 'inactive_user'],
  web_users: ['web-user'],
  groups: ['group'],
  locations: ['location'],
  location_types: ['location_type'],
  lookup_tables: ['lookup_table'],
  lookup_rows: ['lookup_table_item'],
};

/** The ids that a dataset of a domain has to give. */
function expected(domain: string, dataset: string): string[] {
  const handle = sim.domain(domain);
  const lists = rowsOf[dataset];
  if (lists !== undefined) {
    const key = dataset === 'locations' ? 'location_id' : 'id';
    return lists.flatMap((list) => handle.rows(list).map((row) => String(row[key])));
  }
  const all = (resource: 'form' | 'case'): Record<string, unknown>[] =>
    Array.from({ length: handle.count(resource) }, (_, at) => handle.row(resource, at));
  if (dataset === 'forms') return all('form').map((row) => String(row['id']));
  if (dataset === 'cases') return all('case').map((row) => String(row['case_id']));
  return all('form').flatMap((row) =>
    Object.keys(row['attachments'] as object).map((name) => `${row['id']}/${name}`),
  );
}

const datasets = commcare.datasets.map(({ name }) => name).filter((name) => name !== 'applications');
const sorted = (values: readonly string[]): string[] => [...values].sort();

describe('every dataset', () => {
  it.each(datasets)('%s is read whole, each record once', async (dataset) => {
    const pages = await readPages(dataset, contextFor(sim, 'demo'));
    expect(sorted(idsOf(pages))).toEqual(sorted(expected('demo', dataset)));
    const total = dataset === 'form_attachments' ? null : idsOf(pages).length;
    expect(pages.at(-1)?.total).toBe(total);
  });

  it.each(datasets)('%s continues after any page, in another process', async (dataset) => {
    const pages = await readPages(dataset, contextFor(sim, 'demo'));
    for (const [at, { cursor }] of pages.entries()) {
      const rest = await readPages(dataset, contextFor(sim, 'demo', { cursor }));
      expect([...idsOf(pages.slice(0, at + 1)), ...idsOf(rest)]).toEqual(idsOf(pages));
    }
  });

  it.each(datasets)('%s of an empty project space is empty', async (dataset) => {
    if (rowsOf[dataset] !== undefined) {
      const handle = sim.domain('none');
      for (const list of rowsOf[dataset] ?? []) {
        const key = list === 'location' ? 'location_id' : 'id';
        handle.removeRows(
          list,
          handle.rows(list).map((row) => String(row[key])),
        );
      }
    }
    expect(idsOf(await readPages(dataset, contextFor(sim, 'none')))).toEqual([]);
  });

  it.each([
    ['users', /mobile workers/, /“Edit Mobile Workers”/],
    ['web_users', /web users/, /“Edit Web Users”/],
    ['groups', /groups/, /“Edit Mobile Workers”/],
    ['locations', /locations/, /“Edit Locations”/],
    ['location_types', /location types/, /“Edit Locations”/],
    ['applications', /applications/, /“Access APIs”/],
    ['lookup_tables', /lookup tables/, /“Access APIs”/],
    ['lookup_rows', /lookup tables/, /“Access APIs”/],
    ['forms', /forms/, /“Edit Data”/],
    ['form_attachments', /forms/, /“Edit Data”/],
    ['cases', /lacks a permission/, /“Edit Data”/],
  ])('%s says which permission is missing', async (dataset, message, advice) => {
    const reading = readPages(dataset, contextFor(sim, 'demo', { username: 'reader@example.com' }));
    await expect(reading).rejects.toMatchObject({
      code: dataset === 'cases' ? 'SOURCE_FORBIDDEN' : 'SOURCE_NOT_AUTHORISED',
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
  });

  it('is refused when there is none of that name', () => {
    expect(() => commcare.read('nothing', contextFor(sim, 'demo'))).toThrow(/no dataset “nothing”/);
  });
});

describe('applications', () => {
  it('come in one answer, and nothing is left to continue', async () => {
    const context = contextFor(sim, 'demo');
    const pages = [];
    for await (const page of commcare.read('applications', context)) pages.push(page);
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatchObject({ total: 2 });
    const names = pages[0]?.records.map((record) => record.get('name')?.text());
    expect(names).toEqual(['Community health', 'शिशु देखभाल']);
    expect(await readPages('applications', { ...context, cursor: pages[0]?.cursor ?? null })).toEqual([]);
  });
});

describe('lists that change while they are read', () => {
  it('lose nobody when rows before the page go', async () => {
    const domain = sim.domain('moving');
    const byName = [...domain.rows('user')].sort((a, b) =>
      String(a['username']) < String(b['username']) ? -1 : 1,
    );
    const gone = byName.slice(3, 10).map((row) => String(row['id']));
    const context = contextFor(sim, 'moving');
    const pages = await readPages('users', context, (page) => {
      if (page === 2) domain.removeRows('user', gone);
    });
    const ids = idsOf(pages);
    expect(new Set(ids).size).toBe(ids.length);
    expect(sorted(ids.filter((id) => !gone.includes(id)))).toEqual(sorted(expected('moving', 'users')));
  });

  it('repeat nobody when rows come in among them, and have the new ones too', async () => {
    const domain = sim.domain('moving');
    const pages = await readPages('groups', contextFor(sim, 'moving'), (page) => {
      if (page === 2) domain.addRows('group', 5);
    });
    expect(sorted(idsOf(pages))).toEqual(sorted(expected('moving', 'groups')));
  });

  it('notice rows gone and as many new ones, when the number stays the same', async () => {
    const domain = sim.domain('moving');
    const byTime = [...domain.rows('location')].sort((a, b) =>
      String(a['last_modified']) < String(b['last_modified']) ? -1 : 1,
    );
    const gone = byTime.slice(0, 3).map((row) => String(row['location_id']));
    const pages = await readPages('locations', contextFor(sim, 'moving'), (page) => {
      if (page !== 1) return;
      domain.removeRows('location', gone);
      // The generator makes the same ids again: three others come at the end.
      domain.addRows('location', 6);
      domain.removeRows('location', gone);
    });
    const ids = idsOf(pages);
    expect(sorted(ids.filter((id) => !gone.includes(id)))).toEqual(sorted(expected('moving', 'locations')));
  });

  it('show somebody who is deactivated meanwhile as deactivated at the end', async () => {
    const domain = sim.domain('moving');
    const id = String(domain.rows('user')[0]?.['id']);
    const shape = commcare.datasets.find(({ name }) => name === 'users')?.shape;
    const states: string[] = [];
    let page = 0;
    for await (const { records } of commcare.read('users', contextFor(sim, 'moving'))) {
      page += 1;
      if (page === 5) domain.deactivate([id]);
      for (const record of records.filter((found) => found.get('id')?.text() === id)) {
        states.push(shape?.parts(record)[0]?.extra?.['is_active']?.text() ?? '');
      }
    }
    expect(states).toEqual(['true', 'false']);
  });

  it('show somebody who is activated meanwhile, and so is in none of the two lists when it is read', async () => {
    const domain = sim.domain('moving');
    const id = String(domain.rows('inactive_user')[0]?.['id']);
    const shape = commcare.datasets.find(({ name }) => name === 'users')?.shape;
    const states: string[] = [];
    let rows = 0;
    let total: number | null = null;
    let hasMoved = false;
    for await (const page of commcare.read('users', contextFor(sim, 'moving'))) {
      rows += page.records.length;
      total = page.total;
      for (const record of page.records) {
        const active = shape?.parts(record)[0]?.extra?.['is_active']?.text() ?? '';
        if (record.get('id')?.text() === id) states.push(active);
      }
      const cursor = page.cursor as { series?: number } | null;
      // The active ones are read, the others are not yet.
      if (!hasMoved && cursor?.series === 1) {
        hasMoved = true;
        domain.activate([id]);
      }
    }
    expect(states).toEqual(['true']);
    expect(total).toBe(rows);
    domain.deactivate([id]);
  });

  it('have everybody who was there all the time, once, whatever comes and goes', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = seeded(seed);
      const below = (n: number): number => Math.floor(random() * n);
      const churning = await createHqSimulator({
        domains: [{ ...SIZES, name: 'churn', forms: 0, cases: 0, groups: 60, largestPage: 10 }],
      });
      const domain = churning.domain('churn');
      const stayed = new Set(domain.rows('group').map((row) => String(row['id'])));
      const pages = await readPages('groups', contextFor(churning, 'churn'), (page) => {
        if (page > 14) return;
        const rows = domain.rows('group').map((row) => String(row['id']));
        const gone = Array.from(
          { length: below(4) },
          (_, at) => rows[(below(20) + at * 20) % rows.length] ?? '',
        );
        domain.removeRows('group', [...new Set(gone)]);
        for (const id of gone) stayed.delete(id);
        domain.addRows('group', below(4));
      });
      await churning.close();
      const ids = idsOf(pages);
      expect([seed, ids.length]).toEqual([seed, new Set(ids).size]);
      expect([seed, [...stayed].filter((id) => !ids.includes(id))]).toEqual([seed, []]);
    }
  });

  it.each([
    ['a body cut off', { kind: 'cut', after: 1, times: 2 }],
    ['a 500', { kind: 'status', status: 500, after: 2, times: 3 }],
    ['broken JSON', { kind: 'wrongJson', after: 1, times: 1 }],
  ] as const)('ride out %s, also with smaller pages from then on', async (_, fault) => {
    sim.faults.add({ match: 'user', ...fault }, { match: 'lookup_table_item', ...fault });
    for (const dataset of ['users', 'lookup_rows']) {
      const ids = idsOf(await readPages(dataset, contextFor(sim, 'demo')));
      expect(sorted(ids)).toEqual(sorted(expected('demo', dataset)));
    }
    sim.faults.clear();
  });

  it.each(['web_users', 'lookup_rows', 'lookup_tables'])(
    '%s is whole although it has no order',
    async (dataset) => {
      const pages = await readPages(dataset, contextFor(sim, 'unordered'));
      expect(sorted(idsOf(pages))).toEqual(sorted(expected('unordered', dataset)));
    },
  );

  it('are not read for ever when the source repeats a page', async () => {
    const body = JSON.stringify({
      meta: { limit: 1000, offset: 0, total_count: 5000, next: '?limit=1000&offset=0' },
      objects: [{ id: 'a' }],
    });
    sim.faults.add({ match: 'group', kind: 'status', status: 200, body, times: 'always' });
    await expect(readPages('groups', contextFor(sim, 'demo'))).rejects.toMatchObject({
      code: 'SOURCE_BAD_ANSWER',
      message: expect.stringMatching(/repeats the same page of groups/),
    });
    sim.faults.clear();
  });

  it('are asked for again when a page comes a second time, once', async () => {
    for (let after = 1; after < 5; after += 1) {
      sim.faults.add({ match: 'user', kind: 'repeat', after });
      const ids = idsOf(await readPages('users', contextFor(sim, 'demo')));
      expect(sorted(ids)).toEqual(sorted(expected('demo', 'users')));
      sim.faults.clear();
    }
  });

  it.each([7, true, {}, ['?offset=1']])('are not at their end where next is %j', async (next) => {
    const meta = { limit: 1000, offset: 0, total_count: 1, next };
    const body = JSON.stringify({ meta, objects: [{ id: 'a', indexed_on: '2025-03-02T08:11:44Z' }] });
    for (const [dataset, match] of [
      ['groups', 'group'],
      ['forms', 'form'],
    ] as const) {
      sim.faults.add({ match, kind: 'status', status: 200, body, times: 'always' });
      await expect(readPages(dataset, contextFor(sim, 'demo'))).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
      });
    }
    sim.faults.clear();
  });

  it('are believed when two readings agree and only the count does not', async () => {
    const objects = [{ id: 'a' }, { id: 'b' }];
    const body = JSON.stringify({ meta: { limit: 1000, offset: 0, total_count: 3, next: null }, objects });
    sim.faults.add({ match: 'group', kind: 'status', status: 200, body, times: 'always' });
    const pages = await readPages('groups', contextFor(sim, 'demo'));
    sim.faults.clear();
    expect(pages.map(({ ids, total }) => [ids, total])).toEqual([
      [['a', 'b'], 3],
      [[], 3],
    ]);
  });

  it('take only the query of the next address, wherever it points', async () => {
    const page = (id: string, next: string | null): string =>
      JSON.stringify({ meta: { limit: 1, offset: 0, total_count: 2, next }, objects: [{ id: 'a' }, { id }] });
    const next = 'https://elsewhere.example/other/?limit=1000&offset=2&extra=kept';
    sim.faults.add(
      { match: 'group', kind: 'status', status: 200, body: page('a', next) },
      { match: 'group', kind: 'status', status: 200, body: page('b', null) },
    );
    expect(idsOf(await readPages('groups', contextFor(sim, 'demo')))).toEqual(['a', 'b']);
    sim.faults.clear();
    expect(sim.stats.recent.at(-1)?.path).toBe('/a/demo/api/group/v1/?limit=1000&offset=1&extra=kept');
  });
});

describe('parts', () => {
  const shapeOf = (dataset: string) => {
    const found = commcare.datasets.find(({ name }) => name === dataset);
    if (found === undefined) throw new Error(`no dataset ${dataset}`);
    return found.shape;
  };

  it('of lookup rows are one table per tag, with fields as columns and attributes kept', async () => {
    const tables = new Map<string, unknown[]>();
    for await (const { records } of commcare.read('lookup_rows', contextFor(sim, 'demo'))) {
      for (const record of records) {
        const [main, own] = shapeOf('lookup_rows').parts(record);
        expect(main).toMatchObject({ table: 'lookup_rows', value: record });
        const rows = tables.get(own?.table ?? '') ?? [];
        tables.set(own?.table ?? '', [...rows, own?.value.json()]);
      }
    }
    expect([...tables.keys()].sort()).toEqual([
      expect.stringMatching(/^lookup\/#[0-9a-f]{32}$/),
      'lookup/table_3',
      'lookup/vaccines',
      'lookup/गाँव-list',
    ]);
    expect(tables.get('lookup/गाँव-list')?.[0]).toEqual({
      Name: 'Upper 1',
      name: 'lower 1',
      'name values': expect.any(String),
      id: '1001',
      item_attributes: { region: expect.any(String) },
    });
    const vaccines = tables.get('lookup/vaccines') as Record<string, unknown>[];
    expect(vaccines.find((row) => (row['name@values'] as unknown[]).length === 2)).toMatchObject({
      name: expect.stringMatching(/\(en\)$/),
      'name@values': [{ attributes: { lang: 'en' } }, { attributes: { lang: 'fr' } }],
    });
    expect(vaccines.some((row) => row['doses'] === undefined)).toBe(true);
  });

  it('keep the source of a record as it came', async () => {
    for await (const { records } of commcare.read('lookup_rows', contextFor(sim, 'demo'))) {
      const rows = new Map(
        sim
          .domain('demo')
          .rows('lookup_table_item')
          .map((row) => [row['id'], row]),
      );
      for (const record of records) expect(record.json()).toEqual(rows.get(record.get('id')?.text() ?? ''));
    }
  });
});
