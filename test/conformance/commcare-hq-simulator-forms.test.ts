import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoDay, isoMicros, parseV1Date, parseV2Date } from '../simulators/commcare-hq/time.ts';
import {
  type FormPage,
  ids,
  type Row,
  type Running,
  SMALL,
  sha,
  start,
} from './commcare-hq-simulator-support.ts';

const AT = '/a/demo/api/form/v1/';
let hq: Running;
beforeAll(async () => {
  hq = await start({ domains: [SMALL] });
});
afterAll(() => hq.sim.close());

const list = (query = ''): Promise<FormPage> => hq.json<FormPage>(`${AT}${query}`);
const status = async (query: string): Promise<[number, string]> => {
  const response = await hq.get(`${AT}${query}`);
  return [response.status, await response.text()];
};

describe('pages of forms', () => {
  it('defaults to 20 rows, newest received_on first, with a bare next', async () => {
    const page = await list();
    expect(page.meta).toEqual({
      limit: 20,
      offset: 0,
      total_count: 300,
      next: '?limit=20&offset=20',
      previous: null,
    });
    expect(page.objects).toHaveLength(20);
    const times = page.objects.map((row) => String(row['received_on']));
    expect(times).toEqual([...times].sort().reverse());
  });

  it('keeps the other parameters in next and previous, and ends with null', async () => {
    const page = await list('?order_by=indexed_on&limit=100&offset=100&indexed_on_start=2024-01-01');
    expect(page.meta.next).toBe('?order_by=indexed_on&indexed_on_start=2024-01-01&limit=100&offset=200');
    expect(page.meta.previous).toBe('?order_by=indexed_on&indexed_on_start=2024-01-01&limit=100&offset=0');
    expect((await list('?limit=100&offset=200')).meta.next).toBeNull();
    expect((await list('?limit=100&offset=5000')).objects).toEqual([]);
  });

  it('clamps a limit over 1000 and reads 0 as the maximum', async () => {
    for (const limit of ['5000', '1001', '0']) {
      const page = await list(`?limit=${limit}`);
      expect([page.meta.limit, page.objects.length]).toEqual([1000, 300]);
    }
  });

  it.each(['?limit=ten', '?limit=-1', '?limit=1.5', '?limit=', '?offset=x', '?offset=-5'])(
    'refuses %s',
    async (query) => {
      const [code, text] = await status(query);
      expect(code).toBe(400);
      expect(JSON.parse(text)).toEqual({ error: expect.stringMatching(/^Invalid (limit|offset)/) });
    },
  );

  it('fails beyond a million rows of offset', async () => {
    expect((await status('?limit=20&offset=999980'))[0]).toBe(200);
    expect(await status('?limit=20&offset=999981')).toEqual([
      500,
      '{"error_message":"Sorry, this request could not be processed. Please try again later."}',
    ]);
  });

  it.each(['received_on', 'server_modified_on', 'indexed_on'])('orders by %s both ways', async (field) => {
    const up = (await list(`?limit=300&order_by=${field}`)).objects.map((row) => String(row[field]));
    expect(up).toEqual([...up].sort());
    const down = await list(`?limit=300&order_by=-${field}`);
    expect(down.objects.map((row) => String(row[field]))).toEqual([...up].reverse());
  });

  it('refuses another order by name', async () => {
    expect(await status('?order_by=name')).toEqual([
      400,
      '{"error":"No matching \'name\' field for ordering on."}',
    ]);
  });

  it('is also found under v0.5', async () => {
    expect(await hq.text('/a/demo/api/v0.5/form/?limit=3')).toBe(await hq.text(`${AT}?limit=3`));
  });

  it('takes the last of a repeated parameter', async () => {
    expect((await list('?limit=5&limit=7')).objects).toHaveLength(7);
  });
});

describe('filters of forms', () => {
  it('includes both ends of a date range', async () => {
    const all = (await list('?order_by=indexed_on&limit=300')).objects;
    const times = all.map((row) => String(row['indexed_on']).slice(0, -1));
    const [a, b] = [times[50] ?? '', times[90] ?? ''];
    const wanted = times.filter((time) => time >= a && time <= b);
    const page = await list(`?order_by=indexed_on&limit=300&indexed_on_start=${a}&indexed_on_end=${b}`);
    expect(page.objects.map((row) => String(row['indexed_on']).slice(0, -1))).toEqual(wanted);
    expect(page.meta.total_count).toBe(wanted.length);
  });

  it('filters by one date and orders by another', async () => {
    const page = await list(
      '?order_by=-indexed_on&limit=300&received_on_start=2024-06-01&received_on_end=2024-07-01',
    );
    const times = page.objects.map((row) => String(row['received_on']));
    expect(times.length).toBeGreaterThan(5);
    expect(times.every((time) => time >= '2024-06-01' && time < '2024-07-01T00:00:01')).toBe(true);
  });

  it.each([
    '2024-06-01',
    '2024-06-01T10:11:12',
    '2024-06-01T10:11:12.5',
    '2024-06-01T10:11:12.123456',
    '2024-06-01T10:11Z',
  ])('accepts %s', async (date) => {
    expect((await status(`?indexed_on_start=${date}&limit=1`))[0]).toBe(200);
  });

  it.each([
    '2024-06-01T10:11:12Z',
    '2024-06-01T10:11:12.123456Z',
    '2024-06-01T10:11:12+00:00',
    '2024-06-01T10:11',
    '2024-06-01 10:11:12',
    '2024-13-01',
    '2024-02-30',
    '01/06/2024',
    '2024-06-01T25:00:00',
    '',
  ])('refuses %j', async (date) => {
    const [code, text] = await status(`?received_on_end=${encodeURIComponent(date)}`);
    expect(code).toBe(400);
    expect(JSON.parse(text)).toEqual({ error: `Bad query parameter: Unknown date format: ${date}` });
  });

  it('filters by xmlns exactly, and by app', async () => {
    const all = (await list('?limit=300')).objects as readonly (Row & { form: Row })[];
    const xmlns = String(all[0]?.form['@xmlns']);
    const same = all.filter((row) => row.form['@xmlns'] === xmlns).length;
    expect((await list(`?xmlns=${encodeURIComponent(xmlns)}`)).meta.total_count).toBe(same);
    expect((await list(`?xmlns=${encodeURIComponent(xmlns.toLowerCase())}x`)).meta.total_count).toBe(0);
    const app = String(all[0]?.['app_id']);
    const ofApp = all.filter((row) => row['app_id'] === app).length;
    expect((await list(`?app_id=${app.toUpperCase()}`)).meta.total_count).toBe(ofApp);
  });

  it('finds the forms of a case at any depth', async () => {
    const all = (await list('?limit=300')).objects;
    const nested = all.find((row) => JSON.stringify(row).includes('"subcase_0"')) as Row & {
      form: { subcase_0: { case: Row } };
    };
    const id = String(nested.form.subcase_0.case['@case_id']);
    const wanted = all.filter((row) => JSON.stringify(row).includes(`"@case_id":"${id}"`));
    const found = await list(`?case_id=${id}&limit=300`);
    expect(ids(found.objects).sort()).toEqual(ids(wanted).sort());
    expect(ids(found.objects)).toContain(nested['id']);
  });

  it('answers an unknown parameter with no rows', async () => {
    expect(await list('?recieved_on_start=2024-01-01')).toEqual({
      meta: { limit: 20, offset: 0, total_count: 0, next: null, previous: null },
      objects: [],
    });
    expect((await list('?format=json')).meta.total_count).toBe(300);
    expect((await list('?domain=DEMO')).meta.total_count).toBe(300);
  });

  it('adds whole cases on request', async () => {
    const row = (await list('?limit=1&cases__full=TRUE')).objects[0] as { cases: readonly Row[] };
    expect(row.cases[0]).toMatchObject({
      case_id: expect.any(String),
      properties: { case_type: expect.any(String) },
    });
  });
});

describe('one form', () => {
  it('is found by id, and an unknown one is an empty 404', async () => {
    const row = (await list('?limit=1')).objects[0];
    expect(await hq.json(`${AT}${row?.['id']}/`)).toEqual(row);
    const missing = await hq.get(`${AT}no-such-form/`);
    expect([missing.status, await missing.text()]).toEqual([404, '']);
    expect((await hq.get('/a/demo/api/nothing/v1/')).status).toBe(404);
  });

  it('has every field of the reference', async () => {
    const row = hq.sim.domain('demo').row('form', 5);
    expect(Object.keys(row)).toEqual([
      'id',
      'domain',
      'app_id',
      'build_id',
      'type',
      'version',
      'uiversion',
      'submit_ip',
      'archived',
      'problem',
      'initial_processing_complete',
      'is_phone_submission',
      'edited_on',
      'edited_by_user_id',
      'received_on',
      'server_modified_on',
      'indexed_on',
      'resource_uri',
      'metadata',
      'form',
      'attachments',
    ]);
    expect(Object.keys(row['metadata'] as object)).toEqual([
      'appVersion',
      'app_build_version',
      'commcare_version',
      'deviceID',
      'deprecatedID',
      'doc_type',
      'geo_point',
      'instanceID',
      'location',
      'timeStart',
      'timeEnd',
      'userID',
      'username',
    ]);
    for (const key of ['received_on', 'server_modified_on', 'indexed_on']) {
      expect(row[key]).toMatch(/^202[4-6]-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
    expect(row['metadata']).toMatchObject({ instanceID: row['id'] });
  });
});

describe('the generator', () => {
  const spec = { name: 'big', forms: 12_000, cases: 3000, seed: 42, tie: { at: 5000, count: 1500 } } as const;

  it('gives the same bytes in every instance, whatever the page size', async () => {
    await using one = await start({ domains: [spec] });
    await using two = await start({ domains: [spec], preserialise: true });
    for (const path of [
      'form/v1/?order_by=indexed_on&limit=1000',
      'form/v1/?order_by=indexed_on&limit=1000&offset=11000',
      'case/v2/?limit=500',
    ]) {
      const [a, b] = [await one.text(`/a/big/api/${path}`), await two.text(`/a/big/api/${path}`)];
      expect(sha(a.replaceAll(one.sim.url, ''))).toBe(sha(b.replaceAll(two.sim.url, '')));
    }
    const rows = async (hq: Running, query: string): Promise<readonly Row[]> =>
      (await hq.json<FormPage>(`/a/big/api/form/v1/?order_by=indexed_on&${query}`)).objects;
    const wide = await rows(one, 'limit=1000&offset=3000');
    expect(await rows(one, 'limit=1&offset=3777')).toEqual([wide[777]]);
    expect(await rows(two, 'limit=13&offset=3770')).toEqual(wide.slice(770, 783));
    const down = '?order_by=-indexed_on&limit=777&offset=100';
    expect(await two.text(`/a/big/api/form/v1/${down}`)).toBe(await one.text(`/a/big/api/form/v1/${down}`));
  });

  it('differs by seed and by domain', async () => {
    await using hq3 = await start({
      domains: [SMALL, { ...SMALL, name: 'other' }, { ...SMALL, name: 'third', seed: 8 }],
    });
    const found = ['demo', 'other', 'third'].map((name) => hq3.sim.domain(name).id('form', 0));
    expect(new Set(found).size).toBe(3);
  });

  it('has small ties, one long tie on request, and distinct milliseconds otherwise', async () => {
    await using big = await start({ domains: [spec] });
    const runs = new Map<string, number>();
    for (let i = 0; i < spec.forms; i += 1) {
      const at = String(big.sim.domain('big').row('form', i)['indexed_on']);
      runs.set(at, (runs.get(at) ?? 0) + 1);
    }
    const sizes = [...runs.values()].sort((a, b) => b - a);
    expect(sizes[0]).toBeGreaterThanOrEqual(1500);
    expect(sizes[1]).toBeLessThan(20);
    expect(sizes[1]).toBeGreaterThan(1);
    expect(new Set([...runs.keys()].map((at) => at.slice(0, 23))).size).toBe(runs.size);
  });

  it('can tell tied rows apart below the millisecond only', async () => {
    await using sub = await start({
      domains: [{ ...spec, forms: 100, cases: 100, tie: { at: 10, count: 40 }, subMillisecond: true }],
    });
    const times = Array.from({ length: 40 }, (_, i) =>
      String(sub.sim.domain('big').row('form', 10 + i)['indexed_on']),
    );
    expect(new Set(times.map((time) => time.slice(0, 23))).size).toBe(1);
    expect(new Set(times).size).toBeGreaterThan(20);
  });

  it('can give ties in another order every time, so that offsets drift', async () => {
    const unstable = { ...SMALL, tie: { at: 100, count: 100 }, unstableTies: true };
    await using hq2 = await start({ domains: [unstable] });
    const page = async (): Promise<string[]> =>
      ids((await hq2.json<FormPage>('/a/demo/api/form/v1/?order_by=indexed_on&limit=300')).objects);
    const [a, b] = [await page(), await page()];
    expect(a).not.toEqual(b);
    expect([...a].sort()).toEqual([...b].sort());
    expect(a.slice(0, 90).every((id) => b.slice(0, 100).includes(id))).toBe(true);
  });

  it('shows every shape the conversion from XML leaves', async () => {
    await using big = await start({ domains: [spec] });
    const forms = Array.from(
      { length: 3000 },
      (_, i) => big.sim.domain('big').row('form', i * 4)['form'] as Row,
    );
    const members = forms.map((form) => form['members']);
    expect(members).toContain('');
    const items = members.flatMap((value) =>
      typeof value === 'object' && value !== null ? [(value as Row)['item']] : [],
    );
    expect(items.some((item) => Array.isArray(item))).toBe(true);
    expect(items.some((item) => !Array.isArray(item) && typeof item === 'object')).toBe(true);
    expect(items.every((item) => !Array.isArray(item) || item.length > 1)).toBe(true);
    const doses = items.flat().map((item) => ((item as Row)['doses'] as Row | undefined)?.['dose']);
    expect(
      doses.some((dose) => Array.isArray(dose)) &&
        doses.some((dose) => dose !== undefined && !Array.isArray(dose)),
    ).toBe(true);
    const notes = forms.map((form) => form['note']);
    expect(notes).toContain('');
    expect(notes.some((note) => typeof note === 'object')).toBe(true);
    const text = JSON.stringify(forms);
    for (const part of ['É', 'आ', 'فا', '王', '😀', '\\"', '\\\\', '\\n', '\\t', '+05:30', 'fever cough'])
      expect(text).toContain(part);
    expect(new Set(forms.map((form) => form['@xmlns'])).size).toBe(4);
    expect(new Set(forms.map((form) => form['@name']))).toEqual(
      new Set(['Household visit', 'Visite prénatale', 'शिशु पंजीकरण']),
    );
    expect(forms.every((form) => /^0\d{5}$/.test(String(form['household_id'])))).toBe(true);
  });

  it('has a column that changes type at 60 % and fields that appear at 80 %', async () => {
    await using big = await start({ domains: [spec] });
    const form = (i: number): Row => big.sim.domain('big').row('form', i)['form'] as Row;
    for (let i = 0; i < spec.forms; i += 50) {
      expect(Number.isNaN(Number(form(i)['muac']))).toBe(i >= 7200);
      expect('referral_reason' in form(i)).toBe(i >= 9600);
    }
  });

  it('links forms to cases that exist, and cases to parents that exist', async () => {
    await using big = await start({ domains: [spec] });
    const domain = big.sim.domain('big');
    const known = new Set(Array.from({ length: 3000 }, (_, i) => domain.id('case', i)));
    expect(known.size).toBe(3000);
    for (let i = 0; i < spec.forms; i += 7) {
      for (const [, id = ''] of JSON.stringify(domain.row('form', i)).matchAll(/"@case_id":"([^"]+)"/g))
        expect(known.has(id)).toBe(true);
    }
    const cases = Array.from({ length: 3000 }, (_, i) => domain.row('case', i));
    expect(new Set(cases.map((row) => row['case_type']))).toEqual(
      new Set(['village', 'patient', 'referral']),
    );
    expect(cases.some((row) => row['closed'] === true && typeof row['date_closed'] === 'string')).toBe(true);
    for (const row of cases) {
      for (const index of Object.values(row['indices'] as Record<string, Row>))
        expect(known.has(String(index['case_id']))).toBe(true);
    }
  });

  it('makes rows of about two and a half kilobytes', () => {
    const sizes = Array.from(
      { length: 300 },
      (_, i) => JSON.stringify(hq.sim.domain('demo').row('form', i)).length,
    );
    const mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
    expect(mean).toBeGreaterThan(2000);
    expect(mean).toBeLessThan(2700);
  });
});

describe('times', () => {
  it('writes and reads microseconds', () => {
    for (const ms of [0, 951_782_400_000, 1_709_164_799_999, 1_735_689_599_001, 4_102_444_800_000]) {
      const text = new Date(ms).toISOString();
      expect(isoMicros(ms * 1000 + 45)).toBe(`${text.slice(0, 23)}045Z`);
      expect(isoDay(ms * 1000)).toBe(text.slice(0, 10));
      expect(parseV1Date(`${text.slice(0, 23)}045`)).toBe(ms * 1000 + 45);
      expect(parseV2Date(`${text.slice(0, 23)}045Z`)).toBe(ms * 1000 + 45);
    }
    expect(parseV2Date('2025-03-02T08:11:42+05:30')).toBe(parseV2Date('2025-03-02T02:41:42Z'));
  });
});
