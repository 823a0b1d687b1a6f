import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUESTIONS } from '../simulators/commcare-hq/generated-questions.ts';
import { type FormPage, ids, type Row, type Running, start } from './commcare-hq-simulator-support.ts';

const SPEC = {
  name: 'demo',
  forms: 200,
  cases: 40,
  seed: 7,
  mobileWorkers: 2100,
  locations: 5200,
  lookupRows: 60,
  unorderedLists: true,
} as const;

let hq: Running;
beforeAll(async () => {
  const users = [
    { username: 'john@example.com' },
    {
      username: 'reader@example.com',
      lacks: {
        demo: ['edit_commcare_users', 'edit_web_users', 'edit_locations', 'edit_apps', 'access_api'],
      },
    },
  ] as const;
  hq = await start({ domains: [SPEC, { ...SPEC, name: 'calm', unorderedLists: false }], users });
});
afterAll(() => hq.sim.close());

const LISTS = [
  'user/v1',
  'web-user/v1',
  'group/v1',
  'location/v2',
  'location_type/v1',
  'lookup_table/v1',
  'lookup_table_item/v1',
  'fixture/v1',
];
const list = (at: string, query = '', domain = 'demo'): Promise<FormPage> =>
  hq.json<FormPage>(`/a/${domain}/api/${at}/${query}`);
const status = async (path: string): Promise<[number, string]> => {
  const response = await hq.get(`/a/demo/api/${path}`);
  return [response.status, await response.text()];
};

describe('short lists', () => {
  it.each(LISTS)('%s pages like every tastypie list', async (at) => {
    const first = await list(at, '?limit=2');
    expect(first.meta).toMatchObject({ limit: 2, offset: 0, previous: null });
    expect(first.meta.next).toBe(first.meta.total_count > 2 ? '?limit=2&offset=2' : null);
    const max = at === 'location/v2' ? 5000 : 1000;
    expect((await list(at, '?limit=0')).meta.limit).toBe(max);
    expect((await list(at, '?limit=99999')).meta.limit).toBe(max);
    expect((await status(`${at}/?limit=x`))[0]).toBe(400);
    expect((await list(at, '?no_such_parameter=1')).meta.total_count).toBe(first.meta.total_count);
  });

  it.each(LISTS)('%s is an empty 403 without its permission', async (at) => {
    const { accessToken } = hq.sim.oauth.issueTokens('reader@example.com');
    const response = await fetch(`${hq.sim.url}/a/demo/api/${at}/`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    expect([response.status, await response.text()]).toEqual([403, '']);
  });

  it('has the same rows for the same seed, and others for another', async () => {
    const other = await start({ domains: [SPEC, { ...SPEC, name: 'calm', seed: 8 }] });
    for (const name of [
      'user',
      'inactive_user',
      'web-user',
      'group',
      'location',
      'lookup_table_item',
    ] as const) {
      expect(other.sim.domain('demo').rows(name)).toEqual(hq.sim.domain('demo').rows(name));
      expect(other.sim.domain('calm').rows(name)).not.toEqual(hq.sim.domain('calm').rows(name));
    }
    await other[Symbol.asyncDispose]();
  });

  it('shows mobile workers by username, the deactivated ones apart', async () => {
    const page = await list('user/v1', '?limit=1000&offset=1000');
    const names = ids(page.objects, 'username');
    expect(names).toEqual([...names].sort());
    const former = await list('user/v1', '?archived=true');
    expect(former.meta.total_count).toBe(2);
    const id = String(former.objects[0]?.['id']);
    expect(await status(`user/v1/${id}/`)).toMatchObject([200, expect.stringContaining(id)]);
    const group = ids(
      (await list('group/v1')).objects.filter((row) => row['name'] === 'Équipe de terrain'),
    )[0];
    const members = await list('user/v1', `?group=${group}&limit=0`);
    expect(members.meta.total_count).toBeGreaterThan(0);
    expect(members.meta.total_count).toBeLessThan(2100);
  });

  it('says who submitted the forms', async () => {
    const users = new Set(ids((await list('user/v1', '?limit=0', 'calm')).objects));
    const more = await list('user/v1', '?limit=1000&offset=1000', 'calm');
    const last = await list('user/v1', '?limit=1000&offset=2000', 'calm');
    for (const row of [...more.objects, ...last.objects]) users.add(String(row['id']));
    const forms = (await list('form/v1', '?limit=0', 'calm')).objects as readonly { metadata: Row }[];
    expect(forms.every((form) => users.has(String(form.metadata['userID'])))).toBe(true);
  });

  it('has no order in lists that declare none', async () => {
    const at = 'lookup_table_item/v1';
    expect(ids((await list(at)).objects)).not.toEqual(ids((await list(at)).objects));
    expect(ids((await list(at, '', 'calm')).objects)).toEqual(ids((await list(at, '', 'calm')).objects));
  });

  it('filters and orders locations', async () => {
    const all = await list('location/v2', '?limit=5000&order_by=last_modified');
    const times = ids(all.objects, 'last_modified');
    expect(times).toEqual([...times].sort());
    expect(all.meta).toMatchObject({
      total_count: 5200,
      next: '?order_by=last_modified&limit=5000&offset=5000',
    });
    const since = times[5] ?? '';
    expect(
      (await list('location/v2', `?last_modified.gte=${since}`)).meta.total_count,
    ).toBeGreaterThanOrEqual(5195);
    expect((await list('location/v2', '?location_type_code=district&limit=1')).meta.total_count).toBe(434);
    expect((await list('location/v2', '?site_code=district_0')).objects).toMatchObject([
      { parent_location_id: '', location_type_name: 'District' },
    ]);
    for (const [query, error] of [
      ['order_by=name', "No matching 'name' field for ordering on."],
      ['last_modified.gte=yesterday', 'Invalid resource lookup data provided (mismatched type).'],
      ['latitude=3', "The 'latitude' field does not allow filtering."],
    ]) {
      expect(await status(`location/v2/?${query}`)).toEqual([400, JSON.stringify({ error })]);
    }
  });

  it('shows lookup rows of all tables together, with attributes, and one table as a fixture', async () => {
    const tables = (await list('lookup_table/v1')).objects;
    expect(ids(tables, 'tag').sort()).toEqual(['empty_one', 'vaccines', 'गाँव-list']);
    const rows = (await list('lookup_table_item/v1', '?limit=0')).objects;
    expect(rows).toHaveLength(60);
    expect(JSON.stringify(rows)).toContain('"properties":{"lang":"fr"}');
    const vaccines = await list('fixture/v1', '?fixture_type=vaccines&limit=0');
    expect(vaccines.meta.total_count).toBeGreaterThan(10);
    expect(vaccines.objects.every((row) => row['fixture_type'] === 'vaccines')).toBe(true);
  });

  it('adds, removes and deactivates while running', async () => {
    const domain = hq.sim.domain('calm');
    const total = async (query = ''): Promise<number> =>
      (await list('user/v1', query, 'calm')).meta.total_count;
    const before = await total();
    domain.addRows('user', 2);
    expect(await total()).toBe(before + 2);
    const [first, second] = ids(domain.rows('user'));
    domain.removeRows('user', [first ?? '']);
    domain.deactivate([second ?? '']);
    expect([await total(), await total('?archived=true')]).toEqual([before, 3]);
    expect(() => domain.removeRows('user', ['none'])).toThrow(RangeError);
  });
});

describe('generated applications', () => {
  interface Application {
    readonly id: string;
    readonly modules: readonly {
      readonly error?: string;
      readonly forms?: readonly {
        readonly xmlns: string;
        readonly questions: readonly {
          readonly value: string;
          readonly repeat: string | null;
          readonly label: string;
        }[];
      }[];
    }[];
  }
  const applications = async (): Promise<readonly Application[]> => {
    const page = await list('application/v1');
    expect(page.meta).toEqual({ limit: null, offset: 0, total_count: 2, next: null, previous: null });
    return page.objects as unknown as readonly Application[];
  };

  /** The paths of every answer of a form, without its header, case blocks and metadata. */
  function answers(value: unknown, path: string): string[] {
    if (Array.isArray(value)) return value.flatMap((item) => answers(item, path));
    if (typeof value !== 'object' || value === null) return value === '' ? [] : [path];
    return Object.entries(value).flatMap(([key, inner]) => {
      if (key === '#text') return [path];
      return /^[@#]|^(case|meta|subcase_0|corrected)$/.test(key) ? [] : answers(inner, `${path}/${key}`);
    });
  }

  it('describe every answer of the forms, with one module that HQ can not read', async () => {
    const apps = await applications();
    const modules = apps.flatMap((app) => app.modules);
    expect(modules.filter((module) => module.error !== undefined)).toHaveLength(1);
    const asked = new Map(
      modules.flatMap((module) => module.forms ?? []).map((form) => [form.xmlns, form.questions] as const),
    );
    expect(asked.size).toBe(QUESTIONS.length);
    const forms = (await list('form/v1', '?limit=0')).objects as readonly { form: Row }[];
    for (const { form } of forms) {
      const known = new Set(asked.get(String(form['@xmlns']))?.map(({ value }) => value));
      expect(answers(form, '/data').filter((path) => !known.has(path))).toEqual([]);
    }
    const dose = [...asked.values()].flat().find(({ value }) => value.endsWith('/dose/vaccine'));
    expect(dose?.repeat).toBe('/data/members/item/doses/dose');
  });

  it('can be deleted while their forms stay', async () => {
    const other = await start({ domains: [{ ...SPEC, deletedApplications: [0] }] });
    const page = await other.json<FormPage>('/a/demo/api/application/v1/');
    expect(page.objects).toHaveLength(1);
    expect((await other.json<FormPage>('/a/demo/api/form/v1/')).meta.total_count).toBe(200);
    await other[Symbol.asyncDispose]();
  });
});
