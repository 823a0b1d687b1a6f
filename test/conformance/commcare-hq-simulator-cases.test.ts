import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CasePage,
  type FormPage,
  ids,
  type Row,
  type Running,
  SMALL,
  start,
} from './commcare-hq-simulator-support.ts';

const AT = '/a/demo/api/case/v2/';
let hq: Running;
beforeAll(async () => {
  hq = await start({ domains: [{ ...SMALL, tie: { at: 40, count: 30 } }] });
});
afterAll(() => hq.sim.close());

const list = (query = ''): Promise<CasePage> => hq.json<CasePage>(`${AT}${query}`);
const caseIds = (page: CasePage): string[] => ids(page.cases, 'case_id');
const all = async (): Promise<CasePage> => list('?limit=5000');
const refused = async (query: string): Promise<unknown> => {
  const response = await hq.get(`${AT}${query}`);
  return [response.status, await response.json()];
};

/** Follows next to the end. */
async function follow(first: string, reader: Running = hq): Promise<CasePage[]> {
  const pages: CasePage[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const page: CasePage = await reader.json<CasePage>(path);
    pages.push(page);
    path = page.next;
    if (pages.length > 100) throw new Error('Endless');
  }
  return pages;
}

describe('pages of cases', () => {
  it('gives 20 by default, ascending by indexed_on and id, with an absolute next holding only a cursor', async () => {
    const page = await list();
    expect(page.cases).toHaveLength(20);
    expect(page.matching_records).toBe(120);
    const next = new URL(page.next ?? '');
    expect(next.origin + next.pathname).toBe(`${hq.sim.url}${AT}`);
    expect([...next.searchParams.keys()]).toEqual(['cursor']);
    const keys = (await all()).cases.map((row) => `${row['indexed_on']} ${row['case_id']}`);
    expect(keys).toEqual([...keys].sort());
  });

  it('reads every case exactly once through ties, and leaves next out at the end', async () => {
    const pages = await follow(`${AT}?limit=7`);
    expect(pages.flatMap(caseIds)).toEqual(caseIds(await all()));
    expect('next' in (pages.at(-1) ?? {})).toBe(false);
  });

  it('has next on an exactly full page, the last page then being empty', async () => {
    const pages = await follow(`${AT}?limit=40`);
    expect(pages.map((page) => page.cases.length)).toEqual([40, 40, 40, 0]);
    expect((await list('?limit=120')).next).toBeDefined();
    expect((await list('?limit=121')).next).toBeUndefined();
  });

  it('ignores everything beside a cursor, which can be resumed at any time', async () => {
    const first = await list('?limit=10&case_type=patient');
    const second = await hq.json<CasePage>(first.next ?? '');
    expect(second).toEqual(await hq.json<CasePage>(`${first.next}&limit=1&case_type=village&nonsense=1`));
    expect(second.cases).toHaveLength(10);
    expect(new Set(second.cases.map((row) => row['case_type']))).toEqual(new Set(['patient']));
  });

  it('starts page two near page one when the user filters by indexed_on.gte (once), but not with gt', async () => {
    const start = String((await all()).cases[20]?.['indexed_on']);
    const pages = await follow(`${AT}?limit=25&indexed_on.gte=${start}`);
    const [one, two, three] = pages.map(caseIds);
    const repeated = two?.filter((id) => one?.includes(id)) ?? [];
    expect(repeated.length).toBeGreaterThan(20);
    expect(three?.some((id) => two?.includes(id))).toBe(false);
    const seen = new Set(pages.flatMap(caseIds));
    expect(seen.size).toBe((await list(`?limit=5000&indexed_on.gte=${start}`)).cases.length);
    const clean = (await follow(`${AT}?limit=25&indexed_on.gt=${start}`)).flatMap(caseIds);
    expect(new Set(clean).size).toBe(clean.length);
  });

  it('refuses what it cannot do, in its own words', async () => {
    expect(await refused('?limit=5001')).toEqual([
      400,
      { error: 'You cannot request more than 5000 cases per request.' },
    ]);
    expect(await refused('?limit=x')).toEqual([400, { error: "'x' is not a valid value for 'limit'" }]);
    expect(await refused('?foo=1')).toEqual([400, { error: "'foo' is not a valid parameter." }]);
    expect(await refused('?offset=20')).toEqual([400, { error: "'offset' is not a valid parameter." }]);
    expect(await refused('?order_by=indexed_on')).toEqual([
      400,
      { error: "'order_by' is not a valid parameter." },
    ]);
    expect(await refused('?indexed_on.gt=yesterday')).toEqual([
      400,
      { error: "Cannot parse datetime 'yesterday'" },
    ]);
    expect(await refused('?query=(')).toEqual([400, { error: expect.stringMatching(/^Bad query: /) }]);
    expect(await refused('?fields=case_id&exclude=domain')).toEqual([
      400,
      { error: "You cannot specify both 'fields' and 'exclude'" },
    ]);
  });

  it('is also found under v0.6', async () => {
    expect((await hq.json<CasePage>('/a/demo/api/v0.6/case/?limit=5000')).cases).toEqual((await all()).cases);
  });
});

describe('filters of cases', () => {
  const count = async (query: string): Promise<number> =>
    (await list(`?limit=5000&${query}`)).matching_records;
  const where = async (test: (row: Row) => boolean): Promise<number> =>
    (await all()).cases.filter(test).length;

  it('matches simple fields, ORs repeats and ANDs names', async () => {
    expect(await count('case_type=village')).toBe(12);
    expect(await count('case_type=village&case_type=referral')).toBe(24);
    const owner = String((await all()).cases[0]?.['owner_id']);
    expect(await count(`case_type=village&owner_id=${owner}`)).toBe(
      await where((row) => row['case_type'] === 'village' && row['owner_id'] === owner),
    );
    const name = String((await all()).cases[0]?.['case_name']);
    expect(await count(`case_name=${encodeURIComponent(name)}`)).toBe(
      await where((row) => row['case_name'] === name),
    );
  });

  it.each([
    ['false', false],
    ['', false],
    ['N', false],
    ['0', false],
    ['f', false],
    ['true', true],
    ['maybe', true],
  ])('reads closed=%s as %s', async (value, closed) => {
    expect(await count(`closed=${value}`)).toBe(await where((row) => row['closed'] === closed));
  });

  it('matches properties, an empty one meaning unset or empty', async () => {
    const property = (row: Row, name: string): unknown => (row['properties'] as Row)[name];
    expect(await count('properties.sex=f')).toBe(await where((row) => property(row, 'sex') === 'f'));
    expect(await count('properties.phone_number=')).toBe(
      await where((row) => (property(row, 'phone_number') ?? '') === ''),
    );
  });

  it('looks indices up backwards', async () => {
    const village = (await list('?case_type=village&limit=1')).cases[0];
    expect(await count(`indices.parent=${village?.['case_id']}`)).toBe(8);
  });

  it('accepts Z and offsets in dates', async () => {
    const middle = String((await all()).cases[60]?.['indexed_on']);
    const after = await where((row) => String(row['indexed_on']) > middle);
    expect(await count(`indexed_on.gt=${middle}`)).toBe(after);
    expect(await count(`indexed_on.gt=${middle.slice(0, -1)}%2B00:00`)).toBe(after);
    expect(await count(`indexed_on.lte=${middle.slice(0, -1)}`)).toBe(120 - after);
    expect(await count('date_opened.lt=2020-01-01')).toBe(0);
    expect(await count('date_closed.gte=2020-01-01')).toBe(await where((row) => row['closed'] === true));
    const modified = String((await all()).cases[10]?.['last_modified']);
    expect(await count(`last_modified.gte=${modified}&last_modified.lte=${modified}`)).toBe(1);
  });

  it('understands simple search expressions', async () => {
    const expression = encodeURIComponent("@case_type = 'patient' and sex = 'f'");
    expect(await count(`query=${expression}`)).toBe(
      await where((row) => (row['properties'] as Row)['sex'] === 'f'),
    );
  });

  it('hides deprecated case types unless asked', async () => {
    await using other = await start({ domains: [{ ...SMALL, deprecatedCaseTypes: ['referral'] }] });
    expect((await other.json<CasePage>(AT)).matching_records).toBe(108);
    expect((await other.json<CasePage>(`${AT}?include_deprecated=true`)).matching_records).toBe(120);
  });

  it('keeps or drops fields, through the cursor as well', async () => {
    const pages = await follow(`${AT}?limit=50&fields=case_id,properties.visits&fields.indices=parent`);
    for (const row of pages.flatMap((page) => page.cases)) {
      expect(Object.keys(row)).toEqual(['case_id', 'properties', 'indices']);
      expect(Object.keys(row['properties'] as object)).toEqual(['visits']);
    }
    const row = (await list('?limit=1&exclude=domain,properties')).cases[0] ?? {};
    expect(Object.keys(row)).not.toContain('domain');
    expect(Object.keys(row)).toContain('case_name');
  });
});

describe('cases by id', () => {
  it('gives one, several and misses', async () => {
    const [a, b] = (await list('?limit=2')).cases;
    expect(await hq.json(`${AT}${a?.['case_id']}`)).toEqual(a);
    expect(await hq.json(`${AT}${a?.['case_id']}/`)).toEqual(a);
    const missing = await hq.get(`${AT}nobody`);
    expect([missing.status, await missing.json()]).toEqual([404, { error: "Case 'nobody' not found" }]);
    expect(await hq.json(`${AT}${b?.['case_id']},nobody,${a?.['case_id']}`)).toEqual({
      cases: [b, { case_id: 'nobody', error: 'not found' }, a],
      matching_records: 2,
      missing_records: 1,
    });
  });

  it('fetches in bulk, by id then by external id, 5000 at most', async () => {
    const rows = (await all()).cases;
    const external = rows.find((row) => row['external_id'] !== null);
    const post = async (body: unknown): Promise<[number, unknown]> => {
      const response = await fetch(`${hq.sim.url}${AT}bulk-fetch/`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${hq.token}` },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return [response.status, await response.json()];
    };
    expect(
      await post({ case_ids: ['x', rows[3]?.['case_id']], external_ids: [external?.['external_id'], 'y'] }),
    ).toEqual([
      200,
      {
        cases: [
          { case_id: 'x', error: 'not found' },
          rows[3],
          external,
          { external_id: 'y', error: 'not found' },
        ],
        matching_records: 2,
        missing_records: 2,
      },
    ]);
    expect((await post({}))[0]).toBe(400);
    expect((await post('{'))[0]).toBe(400);
    expect(await post({ case_ids: Array.from({ length: 5001 }, String) })).toEqual([
      400,
      { error: 'You cannot request more than 5000 cases per request.' },
    ]);
    expect((await hq.get(`${AT}bulk-fetch/`)).status).toBe(405);
  });
});

describe('cases v1', () => {
  it('clamps at 5000, orders by server_date_modified and filters', async () => {
    const page = await hq.json<FormPage>('/a/demo/api/case/v1/?limit=9999');
    expect([page.meta.limit, page.objects.length]).toEqual([5000, 120]);
    const times = page.objects.map((row) => String(row['server_date_modified']));
    expect(times).toEqual([...times].sort());
    expect(Object.keys(page.objects[0] ?? {})).toEqual([
      'id',
      'case_id',
      'domain',
      'user_id',
      'opened_by',
      'closed',
      'closed_by',
      'date_closed',
      'date_modified',
      'server_date_modified',
      'server_date_opened',
      'indexed_on',
      'xform_ids',
      'properties',
      'indices',
      'resource_uri',
    ]);
    const count = async (query: string): Promise<number> =>
      (await hq.json<FormPage>(`/a/demo/api/v0.5/case/?${query}`)).meta.total_count;
    expect(await count('type=village')).toBe(12);
    expect(await count('tpye=village')).toBe(0);
    expect((await hq.get('/a/demo/api/case/v1/?indexed_on_start=2024-01-01T00:00:00Z')).status).toBe(400);
    const row = page.objects[9];
    expect(await hq.json(`/a/demo/api/case/v1/${row?.['id']}/`)).toEqual(row);
    const forms = await hq.json<FormPage>(`/a/demo/api/form/v1/?case_id=${row?.['id']}`);
    expect(ids(forms.objects)).toEqual(expect.arrayContaining(row?.['xform_ids'] as string[]));
  });
});

describe('changes while reading', () => {
  it('shows a touched case again at the end; the others neither skipped nor repeated', async () => {
    await using live = await start({ domains: [SMALL] });
    const domain = live.sim.domain('demo');
    const seen: string[] = [];
    let path: string | undefined = `${AT}?limit=25`;
    for (let page = 1; path !== undefined; page += 1) {
      const answer: CasePage = await live.json<CasePage>(path);
      seen.push(...caseIds(answer));
      if (page === 2) domain.touch('case', [0, 100]);
      path = answer.next;
    }
    expect(new Set(seen).size).toBe(120);
    expect(seen.filter((id) => id === domain.id('case', 0))).toHaveLength(2);
    expect(seen.filter((id) => id === domain.id('case', 100))).toHaveLength(1);
  });

  it('touches, edits, archives, removes, adds and reindexes forms', async () => {
    await using live = await start({ domains: [SMALL], preserialise: true });
    const domain = live.sim.domain('demo');
    const read = async (query = ''): Promise<FormPage> =>
      live.json<FormPage>(`/a/demo/api/form/v1/?order_by=indexed_on&limit=1000${query}`);
    const before = await read();
    const newest = String(before.objects.at(-1)?.['indexed_on']);
    domain.touch('form', 3);
    const touched = (await read()).objects.at(-1);
    expect(touched?.['id']).toBe(domain.id('form', 3));
    expect(String(touched?.['indexed_on']) > newest).toBe(true);
    expect({ ...touched, indexed_on: '' }).toEqual({
      ...before.objects.find((row) => row['id'] === touched?.['id']),
      indexed_on: '',
    });
    domain.edit('form', [4]);
    expect((await read()).objects.at(-1)).toMatchObject({
      id: domain.id('form', 4),
      edited_on: expect.any(String),
      form: { corrected: 'correction 1' },
    });
    domain.archive([domain.id('form', 5)]);
    expect((await read()).meta.total_count).toBe(299);
    const archived = await read('&include_archived=false');
    expect(archived.meta.total_count).toBe(300);
    expect(archived.objects.at(-1)).toMatchObject({ id: domain.id('form', 5), archived: true });
    domain.vanish('form', [domain.id('form', 6)]);
    expect((await read('&include_archived')).meta.total_count).toBe(299);
    expect((await live.get(`/a/demo/api/form/v1/${domain.id('form', 6)}/`)).status).toBe(404);
    domain.add('form', 10);
    expect(ids((await read()).objects).slice(-10)).toEqual(
      Array.from({ length: 10 }, (_, i) => domain.id('form', 300 + i)),
    );
    const order = ids((await read()).objects);
    const last = String((await read()).objects.at(-1)?.['indexed_on']);
    domain.reindex();
    const after = await read();
    expect(ids(after.objects)).toEqual(order);
    expect(String(after.objects[0]?.['indexed_on']) > last).toBe(true);
  });

  it('edits a case: new content, new dates, the same day opened', async () => {
    await using live = await start({ domains: [SMALL] });
    const domain = live.sim.domain('demo');
    const before = domain.row('case', 7);
    domain.edit('case', 7);
    const after = domain.row('case', 7);
    expect(after['date_opened']).toBe(before['date_opened']);
    expect(String(after['last_modified']) > String(before['last_modified'])).toBe(true);
    expect(after['properties']).toMatchObject({ corrected: 'correction 1' });
  });
});
