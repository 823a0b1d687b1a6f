import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limitsFor } from '../simulators/commcare-hq/throttle.ts';
import { type Running, SMALL, start } from './commcare-hq-simulator-support.ts';

const NOT_AUTHORIZED = { error: 'not authorized' };
const SUBSCRIPTION = { error: 'Your current subscription does not have access to this feature' };
const CUT_OFF = {
  error:
    'API access has been temporarily cut off due to too many requests.  To re-enable, please contact support.',
};
const time = { now: 0 };
let hq: Running;

beforeAll(async () => {
  hq = await start({
    domains: [
      SMALL,
      { ...SMALL, name: 'unpaid', refuse: 'subscription' },
      { ...SMALL, name: 'busy', refuse: 'cut-off' },
      { ...SMALL, name: 'closed', refuse: 'not-authorized' },
      { ...SMALL, name: 'slow', throttle: true },
      { ...SMALL, name: 'team', throttle: true, activeMobileWorkers: 5 },
      { ...SMALL, name: 'rich', throttle: true, billing: { account: 'a', users: 100 } },
      { ...SMALL, name: 'rich2', throttle: true, billing: { account: 'a', users: 100 } },
    ],
    users: [
      { username: 'john@example.com', apiKey: 'k3y' },
      { username: 'outsider@example.com', domains: ['team'] },
      { username: 'reader@example.com', lacks: { demo: ['edit_data'] } },
      { username: 'web@example.com', lacks: { demo: ['access_api'] } },
    ],
    clock: () => time.now,
    accessTokenSeconds: 86_400,
  });
});
afterAll(() => hq.sim.close());
beforeEach(() => {
  time.now += 7 * 86_400_000;
  token = hq.sim.oauth.issueTokens('john@example.com').accessToken;
});

let token = '';
const get = (path: string, authorization = `Bearer ${token}`): Promise<Response> =>
  fetch(hq.sim.url + path, authorization === '' ? {} : { headers: { Authorization: authorization } });
const seen = async (response: Response): Promise<[number, string]> => [
  response.status,
  await response.text(),
];
const as = (username: string, scope?: string): string =>
  `Bearer ${hq.sim.oauth.issueTokens(username, scope === undefined ? {} : { scope }).accessToken}`;
const LISTS = ['form/v1/', 'case/v1/', 'case/v2/', 'application/v1/'];

describe('refusals', () => {
  it.each(LISTS)(
    '%s answers a bad, expired, under-scoped or absent token with an empty 401',
    async (list) => {
      const expired = hq.sim.oauth.issueTokens();
      hq.sim.oauth.expire(expired.accessToken);
      for (const authorization of [
        '',
        'Bearer wrong',
        `Bearer ${expired.accessToken}`,
        as('john@example.com', 'sync'),
        'Nonsense',
      ]) {
        expect(await seen(await get(`/a/demo/api/${list}`, authorization))).toEqual([401, '']);
      }
    },
  );

  it.each(LISTS)('%s tells the three other 401s apart by their JSON', async (list) => {
    for (const [domain, body] of [
      ['nowhere', NOT_AUTHORIZED],
      ['closed', NOT_AUTHORIZED],
      ['unpaid', SUBSCRIPTION],
      ['busy', CUT_OFF],
    ] as const) {
      const response = await get(`/a/${domain}/api/${list}`);
      expect([response.status, await response.json()]).toEqual([401, body]);
    }
  });

  it('can be turned on and off while running', async () => {
    const domain = hq.sim.domain('team');
    domain.refuse('cut-off');
    expect((await get('/a/team/api/form/v1/?limit=1')).status).toBe(401);
    domain.refuse(null);
    expect((await get('/a/team/api/form/v1/?limit=1')).status).toBe(200);
  });

  it.each(LISTS)('%s is an empty 403 for non-members', async (list) => {
    expect(await seen(await get(`/a/demo/api/${list}`, as('outsider@example.com')))).toEqual([403, '']);
  });

  it('lacking permission is an empty 403 on the tastypie lists and an HTML page on case v2', async () => {
    const reader = as('reader@example.com');
    expect(await seen(await get('/a/demo/api/form/v1/', reader))).toEqual([403, '']);
    expect(await seen(await get('/a/demo/api/case/v1/', reader))).toEqual([403, '']);
    for (const authorization of [reader, as('web@example.com')]) {
      const response = await get('/a/demo/api/case/v2/', authorization);
      expect(response.status).toBe(403);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(await response.text()).toContain('<h1>403 Forbidden</h1>');
    }
    expect((await get('/a/demo/api/form/v1/', as('web@example.com'))).status).toBe(200);
  });

  it('accepts API keys and Basic as well', async () => {
    expect((await get('/a/demo/api/form/v1/', 'ApiKey john@example.com:k3y')).status).toBe(200);
    expect((await get('/a/demo/api/form/v1/', 'ApiKey john@example.com:nope')).status).toBe(401);
    expect((await get('/a/demo/api/form/v1/', `Basic ${btoa('john@example.com:k3y')}`)).status).toBe(200);
  });

  it('answers other methods with 405', async () => {
    const post = (path: string): Promise<Response> =>
      fetch(hq.sim.url + path, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
    expect((await post('/a/demo/api/form/v1/')).status).toBe(405);
    const response = await post('/a/demo/api/case/v2/');
    expect([response.status, await response.json()]).toEqual([405, { error: 'Request method not allowed' }]);
  });
});

describe('throttle', () => {
  const form = (domain: string): Promise<Response> => get(`/a/${domain}/api/form/v1/?limit=1`);

  it('has the limits of the formula', () => {
    expect(limitsFor(0).map(({ limit }) => limit)).toEqual([1, 10, 30, 50]);
    expect(limitsFor(100).map(({ limit }) => limit)).toEqual(
      [23, 314, 13_070, 100_050].map((n) => expect.closeTo(n, 5)),
    );
  });

  it('is a bare 429 on the tastypie lists and has a fractional Retry-After on case v2', async () => {
    expect((await form('slow')).status).toBe(200);
    time.now += 600;
    const v1 = await form('slow');
    expect(await seen(v1)).toEqual([429, '']);
    expect(v1.headers.get('retry-after')).toBeNull();
    const v2 = await get('/a/slow/api/case/v2/');
    expect(await seen(v2)).toEqual([429, '']);
    expect(v2.headers.get('retry-after')).toBe('0.400');
    time.now += 400;
    expect((await get('/a/slow/api/case/v2/')).status).toBe(200);
  });

  it('counts per domain over every caller and list, and never counts what it refuses', async () => {
    expect((await form('slow')).status).toBe(200);
    expect((await get('/a/slow/api/form/v1/', as('reader@example.com'))).status).toBe(429);
    for (let i = 0; i < 20; i += 1) expect((await form('slow')).status).toBe(429);
    for (let minute = 0; minute < 9; minute += 1) {
      time.now += 1000;
      expect((await form('slow')).status).toBe(200);
    }
    time.now += 1000;
    expect((await form('slow')).status).toBe(429);
    const wait = await get('/a/slow/api/case/v2/');
    expect(Number(wait.headers.get('retry-after'))).toBeCloseTo(50, 0);
    expect((await form('demo')).status).toBe(200);
  });

  it('limits the hour and the day too', async () => {
    let passed = 0;
    for (let i = 0; i < 40; i += 1) {
      time.now += 10_000;
      if ((await form('slow')).status === 200) passed += 1;
    }
    expect(passed).toBe(30);
    for (let hour = 0; hour < 3; hour += 1) {
      time.now += 3_600_000;
      for (let i = 0; i < 30; i += 1) {
        time.now += 10_000;
        if ((await form('slow')).status === 200) passed += 1;
      }
    }
    expect(passed).toBe(50);
  });

  it('grows with the mobile workers', async () => {
    const statuses = [await form('team'), await form('team'), await form('team')].map(
      (response) => response.status,
    );
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('lets a call pass when the bucket of the billing account has room, shared by its domains', async () => {
    let passed = 0;
    for (let i = 0; i < 30; i += 1) {
      if ((await form(i % 2 === 0 ? 'rich' : 'rich2')).status === 200) passed += 1;
    }
    expect(passed).toBe(23);
  });

  it('leaves identity and the domain list alone', async () => {
    await form('slow');
    for (let i = 0; i < 5; i += 1) {
      expect((await get('/api/identity/v1/')).status).toBe(200);
      expect((await get('/api/user_domains/v1/')).status).toBe(200);
    }
  });
});
