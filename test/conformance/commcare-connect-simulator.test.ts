import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConnectSimulator,
  createConnectSimulator,
  OPPORTUNITY_LISTS,
  V2_ONLY,
} from '../simulators/commcare-connect/index.ts';

type Row = Record<string, unknown>;
interface Page {
  readonly next: string | null;
  readonly results: Row[];
}

const V2 = { Accept: 'application/json; version=2.0' };
const REDIRECT = 'http://127.0.0.1:49152/callback';
const VERIFIER = 'v'.repeat(64);
const time = { now: 1_750_000_000_000 };
const rows = Object.fromEntries([...OPPORTUNITY_LISTS, 'labs_record'].map((list) => [list, 25]));
let sim: ConnectSimulator;
let token = '';

beforeAll(async () => {
  sim = await createConnectSimulator({
    organizations: [{ slug: 'acme', name: 'Acme' }, { slug: 'pm' }, { slug: 'else' }],
    programs: [{ id: 5, organization: 'pm' }],
    opportunities: [
      { id: 12, rows: { ...rows, user_visits: 230 } },
      { id: 13, program: 5, rows: { user_visits: 40 } },
      { id: 14, organization: 'else', rows: { user_visits: 3 } },
      { id: 15, rows: { user_visits: 6000 } },
    ],
    lloEntities: 8,
    users: [
      { username: 'john', firstName: 'John', lastName: 'Doe', email: 'john@example.com' },
      { username: 'pat', organizations: ['pm'], internal: false },
    ],
    clock: () => time.now,
  });
});
afterAll(() => sim.close());
beforeEach(() => {
  time.now = 1_750_000_000_000;
  sim.faults.clear();
  token = sim.oauth.issueTokens('john').accessToken;
});

const get = (path: string, headers: Record<string, string> = V2, bearer = token): Promise<Response> =>
  fetch(path.startsWith('http') ? path : sim.url + path, {
    headers: { Authorization: `Bearer ${bearer}`, ...headers },
    redirect: 'manual',
  });
const page = async (path: string): Promise<Page> => (await (await get(path)).json()) as Page;
const visits = (id = 12): string => `/export/opportunity/${id}/user_visits/`;

async function walk(path: string): Promise<Row[]> {
  const all: Row[] = [];
  for (let next: string | null = path; next !== null; ) {
    const answer: Page = await page(next);
    all.push(...answer.results);
    ({ next } = answer);
  }
  return all;
}

describe('sign-in at /o/', () => {
  const request = (values: Record<string, string> = {}, without: readonly string[] = []): URLSearchParams => {
    const all: Record<string, string> = {
      response_type: 'code',
      client_id: 'headgate-desktop',
      redirect_uri: REDIRECT,
      scope: 'export openid',
      state: 's',
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
      ...values,
    };
    return new URLSearchParams(Object.entries(all).filter(([key]) => !without.includes(key)));
  };
  const post = (path: string, values: Record<string, string>): Promise<Response> =>
    fetch(sim.url + path, { method: 'POST', body: new URLSearchParams(values), redirect: 'manual' });
  const code = async (): Promise<string> => {
    const answer = await post('/o/authorize/', {
      ...Object.fromEntries(request()),
      username: 'john',
      allow: 'Allow',
    });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };
  const exchange = (value: string): Promise<Response> =>
    post('/o/token/', {
      grant_type: 'authorization_code',
      code: value,
      redirect_uri: REDIRECT,
      client_id: 'headgate-desktop',
      code_verifier: VERIFIER,
    });

  it('shows a consent page that posts back to itself, and asks every client for a challenge', async () => {
    const text = await (await fetch(`${sim.url}/o/authorize/?${request()}`)).text();
    expect(text).toContain('action="/o/authorize/"');
    expect(text).toContain('exporting data');
    const bare = await fetch(
      `${sim.url}/o/authorize/?${request({}, ['code_challenge', 'code_challenge_method'])}`,
      { redirect: 'manual' },
    );
    expect(bare.headers.get('location')).toContain('error_description=Code+challenge+required.');
    const unknown = await fetch(
      `${sim.url}/o/authorize/?${request({ redirect_uri: 'http://localhost/callback' })}`,
    );
    expect(unknown.status).toBe(400);
  });

  it('gives tokens of two weeks for a code of 60 seconds', async () => {
    const late = await code();
    const value = await code();
    const answer = await exchange(value);
    expect(await answer.json()).toMatchObject({ expires_in: 1_209_600, scope: 'export openid' });
    expect((await exchange(value)).status).toBe(400);
    time.now += 60_000;
    expect(await (await exchange(late)).json()).toEqual({ error: 'invalid_grant' });
  });

  it('rotates: a refresh kills both old tokens; refresh tokens never end by themselves', async () => {
    const pair = sim.oauth.issueTokens('john');
    time.now += 400 * 86_400_000;
    const refresh = (value: string): Promise<Response> =>
      post('/o/token/', { grant_type: 'refresh_token', refresh_token: value, client_id: 'headgate-desktop' });
    expect((await get(visits(), V2, pair.accessToken)).status).toBe(401);
    const next = (await (await refresh(pair.refreshToken)).json()) as { access_token: string };
    expect((await get(visits(), V2, next.access_token)).status).toBe(200);
    expect((await refresh(pair.refreshToken)).status).toBe(400);
  });

  it('revokes, and tells who signed in only with the scope openid', async () => {
    const who = await get('/o/userinfo/');
    expect(await who.json()).toEqual({
      sub: '42',
      name: 'John Doe',
      email: 'john@example.com',
      username: 'john',
    });
    const bare = sim.oauth.issueTokens('john', { scope: 'export' });
    expect((await get('/o/userinfo/', V2, bare.accessToken)).status).toBe(403);
    const gone = await post('/o/revoke_token/', { token: bare.refreshToken, client_id: 'headgate-desktop' });
    expect([gone.status, await gone.text()]).toEqual([200, '']);
    expect((await get(visits(), V2, bare.accessToken)).status).toBe(401);
  });
});

describe('who may read', () => {
  it('answers 401 with a challenge, 403 without the scope, 404 without access, 406 for other versions', async () => {
    const none = await fetch(sim.url + visits(), { headers: V2 });
    expect([none.status, await none.json()]).toEqual([
      401,
      { detail: 'Authentication credentials were not provided.' },
    ]);
    expect(none.headers.get('www-authenticate')).toContain('Bearer realm="api"');
    const { accessToken } = sim.oauth.issueTokens('john', { scope: 'openid' });
    const scope = await get(visits(), V2, accessToken);
    expect([scope.status, await scope.json()]).toEqual([
      403,
      { detail: 'You do not have permission to perform this action.' },
    ]);
    const missing = await get(visits(99));
    expect([missing.status, await missing.json()]).toEqual([404, { detail: 'Not found.' }]);
    const version = await get(visits(), { Accept: 'application/json; version=3.0' });
    expect([version.status, await version.json()]).toEqual([
      406,
      { detail: 'Invalid version in "Accept" header.' },
    ]);
  });

  it('shows members of a program’s organisation the opportunities in it, and nobody else’s', async () => {
    const pat = sim.oauth.issueTokens('pat').accessToken;
    const list = (await (await get('/export/opp_org_program_list/', V2, pat)).json()) as Record<
      string,
      Row[]
    >;
    expect(list['organizations']).toEqual([{ id: 2, slug: 'pm', name: 'pm', funder: false }]);
    expect(list['opportunities']).toMatchObject([
      { id: 13, program: 5, supervising_organization: 'pm', visit_count: 40 },
    ]);
    expect(list['programs']).toMatchObject([{ id: 5, organization: 'pm' }]);
    expect((await get(visits(13), V2, pat)).status).toBe(200);
    expect((await get(visits(12), V2, pat)).status).toBe(404);
    expect((await get('/export/llo_entity/', V2, pat)).status).toBe(404);
  });
});

describe('lists in version 2.0', () => {
  it.each([1, 7, 229, 230, 231])('shows every row once, ascending, with pages of %i', async (size) => {
    const ids = (await walk(`${visits()}?page_size=${size}`)).map((row) => row['id'] as number);
    expect(ids).toEqual(sim.opportunity(12).ids('user_visits'));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    // Ids have gaps, and no two opportunities share one.
    expect((ids.at(-1) ?? 0) - (ids[0] ?? 0)).toBeGreaterThan(ids.length);
    const others = new Set(sim.opportunity(13).ids('user_visits'));
    expect(ids.some((id) => others.has(id))).toBe(false);
  });

  it('has 1,000 rows a page unless asked, and never more than 5,000', async () => {
    expect((await page(visits(15))).results).toHaveLength(1000);
    const most = await page(`${visits(15)}?page_size=99999`);
    expect(most.results).toHaveLength(5000);
    expect(most.next).toContain('page_size=5000&cursor_order=forward');
    expect((await page(`${visits()}?page_size=230`)).next).toBeNull();
  });

  it('starts behind any id, also an invented one, and goes backwards', async () => {
    const ids = sim.opportunity(12).ids('user_visits');
    const middle = ids[100] as number;
    const from = (last: number): Promise<Page> => page(`${visits()}?page_size=1&last_id=${last}`);
    for (let id = middle; id < (ids[101] as number); id += 1)
      expect((await from(id)).results[0]?.['id']).toBe(ids[101]);
    const last = await page(`${visits()}?cursor_order=reverse&page_size=1`);
    expect(new URL(last.next ?? '').searchParams.get('last_id')).toBe(String(ids.at(-1)));
    const back = await walk(`${visits()}?cursor_order=reverse&page_size=50`);
    expect(back.map((row) => row['id'])).toEqual([...ids].reverse());
    expect((await from(10_000_000)).results).toEqual([]);
  });

  it.each([
    ['page_size=0', { page_size: ['Ensure this value is greater than or equal to 1.'] }],
    ['last_id=0', { last_id: ['Ensure this value is greater than or equal to 1.'] }],
    ['last_id=x', { last_id: ['A valid integer is required.'] }],
    ['cursor_order=x', { cursor_order: ['"x" is not a valid choice.'] }],
  ])('refuses %s', async (query, body) => {
    const answer = await get(`${visits()}?${query}`);
    expect([answer.status, await answer.json()]).toEqual([400, body]);
  });

  it('keeps other parameters in next', async () => {
    const answer = await page(`${visits()}?images=true&page_size=3`);
    expect(answer.next).toContain('images=true');
    expect(answer.results[0]?.['images']).toMatchObject([{ name: 'photo.jpg' }]);
  });

  it('has all the lists of §4 with their fields', async () => {
    for (const list of OPPORTUNITY_LISTS) {
      const { results } = await page(`/export/opportunity/12/${list}/`);
      expect(results.length, list).toBe(list === 'user_visits' ? 230 : 25);
      const hasId = list === 'user_visits' || V2_ONLY.has(list);
      expect('id' in (results[0] ?? {}), list).toBe(hasId);
    }
    expect((await page('/export/llo_entity/')).results).toHaveLength(8);
    const labs = await (await get('/export/labs_record/?opportunity_id=12')).json();
    expect(labs).toHaveLength(25);
    const one = (await (await get('/export/opportunity/12/')).json()) as Row;
    expect(one).toMatchObject({ id: 12, payment_units: [], deliver_app: { passing_score: -1 } });
    const structure = (await (
      await get('/export/opportunity/12/app_structure/?app_type=deliver')
    ).json()) as Row;
    expect(structure).toMatchObject({ learn_app: null, deliver_app: { name: 'Deliver' } });
    expect((await get('/export/opportunity/12/app_structure/?app_type=x')).status).toBe(400);
  });

  it('carries the forwarded form by HQ’s rules: a repeat of one is an object', async () => {
    const all = await walk(visits());
    const kinds = new Set(
      all.map((row) => {
        const form = (row['form_json'] as Row)['form'] as Row;
        const item = (form['children'] as Row)['item'];
        return Array.isArray(item) ? 'array' : typeof item;
      }),
    );
    expect([...kinds].sort()).toEqual(['array', 'object', 'string']);
  });
});

describe('version 1.0', () => {
  it('is what one gets without asking: CSV in no order, nested values as Python writes them', async () => {
    const answer = await get(visits(), {});
    expect(answer.headers.get('content-type')).toBe('text/csv');
    const text = await answer.text();
    expect(text.split('\r\n')[0]).toContain('opportunity_id,username,');
    expect(text).toContain("{'domain': 'demo', ");
    expect(text).toContain(',True,');
  });

  it('does not know the newer lists', async () => {
    expect((await get('/export/opportunity/12/work_areas/', { Accept: 'application/json' })).status).toBe(
      406,
    );
    expect((await get('/export/llo_entity/', {})).status).toBe(406);
  });
});

describe('change', () => {
  it('appends at the end, also while read; edits and deletes move nothing', async () => {
    const handle = sim.opportunity(14);
    const before = await walk(visits(14));
    handle.add('user_visits', 2);
    handle.edit('user_visits', [0]);
    handle.vanish('user_visits', [1]);
    const after = await walk(visits(14));
    expect(after.map((row) => row['id'])).toEqual(handle.ids('user_visits'));
    expect(after).toHaveLength(4);
    expect(after[0]?.['id']).toBe(before[0]?.['id']);
    expect(after[0]?.['review_status']).toBe('agree');
    expect(after[0]?.['form_json']).toEqual(before[0]?.['form_json']);
  });

  it('gives the same bytes in every instance', async () => {
    const bodies = await Promise.all(
      [1, 2].map(async () => {
        const own = await createConnectSimulator({ opportunities: [{ id: 12, rows }], seed: 4 });
        const { accessToken } = own.oauth.issueTokens();
        const answer = await get(`${own.url}/export/opportunity/12/completed_works/`, V2, accessToken);
        const text = await answer.text();
        await own.close();
        return text;
      }),
    );
    expect(bodies[0]).toBe(bodies[1]);
  });
});

describe('faults', () => {
  it('truncates, cuts, repeats, refuses and shows portals', async () => {
    const path = `${visits()}?page_size=20`;
    const whole = await (await get(path)).text();
    sim.faults.add({ match: 'user_visits', kind: 'truncated' });
    const half = await get(path);
    const text = await half.text();
    expect(half.status).toBe(200);
    expect(whole.startsWith(text) && text.length < whole.length).toBe(true);
    sim.faults.add({ match: 'user_visits', kind: 'cut' });
    await expect(get(path).then((answer) => answer.text())).rejects.toThrow();
    const first = await page(path);
    sim.faults.add({ match: 'user_visits', kind: 'repeat' });
    expect(await page(first.next ?? '')).toEqual(first);
    sim.faults.add({ match: 'user_visits', kind: 'status', status: 429, headers: { 'Retry-After': '3' } });
    const limited = await get(path);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
    sim.faults.add({ match: 'user_visits', kind: 'html' });
    expect((await get(path)).headers.get('content-type')).toContain('text/html');
    expect((await get(path)).status).toBe(200);
  });

  it('counts requests and keeps no credential', async () => {
    const before = sim.stats.requests.user_visits;
    await page(visits());
    expect(sim.stats.requests.user_visits).toBe(before + 1);
    expect(JSON.stringify(sim.stats)).not.toContain(token);
  });

  it('serves as a process of its own and ends with its parent', async () => {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../simulators/commcare-connect/serve.ts'),
        '--opportunity',
        '7:user_visits=20,payment=3',
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString('utf8')) as { url: string };
    const made = await fetch(`${url}/_sim/tokens`, { method: 'POST', body: '{}' });
    const { accessToken } = (await made.json()) as { accessToken: string };
    await fetch(`${url}/_sim/change`, {
      method: 'POST',
      body: JSON.stringify({ opportunity: 7, action: 'add', list: 'payment', count: 2 }),
    });
    const answer = await get(`${url}/export/opportunity/7/payment/`, V2, accessToken);
    expect(((await answer.json()) as Page).results).toHaveLength(5);
    child.stdin.end();
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
