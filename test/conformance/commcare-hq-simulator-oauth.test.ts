import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redirectAllowed } from '../simulators/shared/redirect-uri.ts';
import { form, type Running, SMALL, start } from './commcare-hq-simulator-support.ts';

const REDIRECT = 'http://127.0.0.1:49152/callback';
const VERIFIER = 'a'.repeat(64);
const S256 = createHash('sha256').update(VERIFIER).digest('base64url');
const time = { now: 1_750_000_000_000 };
let hq: Running;

beforeAll(async () => {
  hq = await start({
    domains: [SMALL],
    users: [
      { username: 'john@example.com', firstName: 'John', lastName: 'Doe', email: 'john@example.com' },
      { username: 'mina@example.com', domains: [] },
    ],
    clients: [
      {
        clientId: 'headgate-desktop',
        name: 'Headgate <beta>',
        redirectUris: ['http://127.0.0.1/callback'],
        pkceRequired: true,
      },
      {
        clientId: 'web',
        clientSecret: 's3cret',
        redirectUris: ['https://example.com/back'],
        pkceRequired: false,
      },
    ],
    clock: () => time.now,
  });
});
afterAll(() => hq.sim.close());
beforeEach(() => {
  time.now = 1_750_000_000_000;
});

type Values = Record<string, string>;

function request(values: Values = {}, without: readonly string[] = []): Values {
  const all: Values = {
    response_type: 'code',
    client_id: 'headgate-desktop',
    redirect_uri: REDIRECT,
    scope: 'access_apis',
    state: 'a b&c',
    code_challenge: S256,
    code_challenge_method: 'S256',
    ...values,
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => !without.includes(key)));
}

const page = (values: Values): Promise<Response> =>
  fetch(`${hq.sim.url}/oauth/authorize/?${new URLSearchParams(values)}`, { redirect: 'manual' });
const decide = (values: Values, allow = 'Allow', username = 'john@example.com'): Promise<Response> =>
  form(`${hq.sim.url}/oauth/authorize/`, { ...values, username, allow });
const location = (response: Response): URL => new URL(response.headers.get('location') ?? '');
const exchange = (values: Values, headers: Values = {}): Promise<Response> =>
  form(`${hq.sim.url}/oauth/token/`, values, headers);

async function code(values: Values = {}): Promise<string> {
  return location(await decide(request(values))).searchParams.get('code') ?? '';
}

function exchangeValues(value: string, extra: Values = {}): Values {
  return {
    grant_type: 'authorization_code',
    code: value,
    redirect_uri: REDIRECT,
    client_id: 'headgate-desktop',
    code_verifier: VERIFIER,
    ...extra,
  };
}

async function tokens(): Promise<{ access_token: string; refresh_token: string }> {
  const response = await exchange(exchangeValues(await code()));
  return (await response.json()) as { access_token: string; refresh_token: string };
}

const works = async (access: string): Promise<number> =>
  (await hq.get('/a/demo/api/form/v1/?limit=1', { Authorization: `Bearer ${access}` })).status;
const refresh = (token: string, extra: Values = {}): Promise<Response> =>
  exchange({ grant_type: 'refresh_token', refresh_token: token, client_id: 'headgate-desktop', ...extra });

describe('authorize', () => {
  it('shows a consent page without outside assets, which may post and redirect to the loopback address only', async () => {
    const response = await page(request());
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('Headgate &#60;beta&#62;');
    expect(text).toContain('john@example.com');
    expect(text).toContain('mina@example.com');
    expect(text).toContain('demo');
    expect(text).toContain('value="Deny"');
    expect(text).not.toMatch(/src=|href=|<script/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:49152");
  });

  it('redirects with a code and the state once allowed', async () => {
    const response = await decide(request());
    expect(response.status).toBe(302);
    const to = location(response);
    expect(to.origin + to.pathname).toBe(REDIRECT);
    expect(to.searchParams.get('code')).toMatch(/^\w{20,}$/);
    expect(to.searchParams.get('state')).toBe('a b&c');
  });

  it('redirects with access_denied once denied', async () => {
    const response = await decide(request(), 'Deny');
    expect(response.status).toBe(302);
    expect(Object.fromEntries(location(response).searchParams)).toEqual({
      error: 'access_denied',
      state: 'a b&c',
    });
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another path', { redirect_uri: 'http://127.0.0.1:1/other' }],
    ['localhost', { redirect_uri: 'http://localhost/callback' }],
    ['IPv6 in place of IPv4', { redirect_uri: 'http://[::1]:1/callback' }],
    ['https', { redirect_uri: 'https://127.0.0.1/callback' }],
    ['a custom scheme', { redirect_uri: 'headgate://callback' }],
  ])('answers %s with an HTML 400 and no redirect', async (_name, values) => {
    for (const response of [await page(request(values)), await decide(request(values))]) {
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('location')).toBeNull();
    }
  });

  it('asks for a code challenge where the client requires one', async () => {
    const response = await page(request({}, ['code_challenge', 'code_challenge_method']));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toContain(
      'error=invalid_request&error_description=Code+challenge+required.',
    );
    const web = { client_id: 'web', redirect_uri: 'https://example.com/back' };
    expect((await page(request(web, ['code_challenge', 'code_challenge_method']))).status).toBe(200);
  });

  it('refuses unknown response types and scopes by redirect; no scope means all', async () => {
    expect(location(await page(request({ response_type: 'token' }))).searchParams.get('error')).toBe(
      'unauthorized_client',
    );
    expect(location(await page(request({ scope: 'everything' }))).searchParams.get('error')).toBe(
      'invalid_scope',
    );
    const value = location(await decide(request({}, ['scope']))).searchParams.get('code') ?? '';
    const body = (await (await exchange(exchangeValues(value))).json()) as { scope: string };
    expect(body.scope).toBe('access_apis reports:view mobile_access sync');
  });

  it('can consent by itself', async () => {
    await using auto = await start({ domains: [SMALL], consent: { allow: 'john@example.com' } });
    const answer = await fetch(`${auto.sim.url}/oauth/authorize/?${new URLSearchParams(request())}`, {
      redirect: 'manual',
    });
    expect(location(answer).searchParams.get('code')).toBeTruthy();
    await using never = await start({ domains: [SMALL], consent: 'deny' });
    const no = await fetch(`${never.sim.url}/oauth/authorize/?${new URLSearchParams(request())}`, {
      redirect: 'manual',
    });
    expect(location(no).searchParams.get('error')).toBe('access_denied');
  });
});

describe('redirect matching', () => {
  it.each([
    ['http://127.0.0.1:5000/callback', 'http://127.0.0.1/callback', true],
    ['http://[::1]:5000/callback', 'http://[::1]/callback', true],
    ['http://[::1]:5000/callback', 'http://127.0.0.1/callback', false],
    ['http://localhost:5000/callback', 'http://localhost/callback', false],
    ['http://localhost:5000/callback', 'http://localhost:5000/callback', true],
    ['http://127.0.0.1:5000/callback/', 'http://127.0.0.1/callback', false],
    ['https://127.0.0.1:5000/callback', 'https://127.0.0.1/callback', false],
    ['http://127.0.0.1:5/callback?a=1&b=2', 'http://127.0.0.1/callback?a=1', true],
    ['http://127.0.0.1:5/callback?b=2', 'http://127.0.0.1/callback?a=1', false],
    ['http://me@127.0.0.1:5/callback', 'http://127.0.0.1/callback', false],
    ['app:/callback', 'app:/callback', false],
  ])('%s against %s: %s', (uri, registered, allowed) => {
    expect(redirectAllowed(uri, [registered])).toBe(allowed);
  });
});

describe('token', () => {
  it('exchanges a code once, for an opaque pair', async () => {
    const value = await code();
    const response = await exchange(exchangeValues(value));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toEqual({
      access_token: expect.stringMatching(/^\w{30}$/),
      expires_in: 900,
      token_type: 'Bearer',
      scope: 'access_apis',
      refresh_token: expect.stringMatching(/^\w{30}$/),
    });
    expect(await works(String(body['access_token']))).toBe(200);
    const again = await exchange(exchangeValues(value));
    expect([again.status, await again.json()]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('accepts a plain challenge', async () => {
    const value = await code({ code_challenge: VERIFIER, code_challenge_method: 'plain' });
    expect((await exchange(exchangeValues(value))).status).toBe(200);
  });

  it('lets a code live 60 seconds', async () => {
    const [early, late] = [await code(), await code()];
    time.now += 59_999;
    expect((await exchange(exchangeValues(early))).status).toBe(200);
    time.now += 1;
    expect(await (await exchange(exchangeValues(late))).json()).toEqual({ error: 'invalid_grant' });
  });

  it('refuses a wrong or missing verifier, another redirect and another client', async () => {
    const value = await code();
    const wrong = await exchange(exchangeValues(value, { code_verifier: 'b'.repeat(64) }));
    expect([wrong.status, await wrong.json()]).toEqual([400, { error: 'invalid_grant' }]);
    const { code_verifier: _, ...without } = exchangeValues(value);
    expect(await (await exchange(without)).json()).toMatchObject({ error: 'invalid_request' });
    const other = await exchange(exchangeValues(value, { redirect_uri: 'http://127.0.0.1:1/callback' }));
    expect([other.status, await other.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    const client = await exchange(exchangeValues(value, { client_id: 'web', client_secret: 's3cret' }));
    expect(await client.json()).toEqual({ error: 'invalid_grant' });
    expect((await exchange(exchangeValues(value))).status).toBe(200);
  });

  it('answers a bad client with 401 and a challenge', async () => {
    for (const values of [
      { client_id: 'nobody' },
      { client_id: 'web', client_secret: 'wrong' },
      { client_id: 'web' },
    ]) {
      const response = await exchange({ grant_type: 'refresh_token', refresh_token: 'x', ...values });
      expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_client' }]);
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_client"');
    }
  });

  it('accepts client authentication by HTTP Basic', async () => {
    const basic = `Basic ${Buffer.from('web:s3cret').toString('base64')}`;
    const response = await exchange(
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { Authorization: basic },
    );
    expect([response.status, await response.json()]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('names the other errors', async () => {
    expect(await (await exchange({ grant_type: 'device', client_id: 'headgate-desktop' })).json()).toEqual({
      error: 'unsupported_grant_type',
    });
    expect(
      await (await exchange({ grant_type: 'refresh_token', client_id: 'headgate-desktop' })).json(),
    ).toMatchObject({ error: 'invalid_request' });
    const { refresh_token: token } = await tokens();
    const wider = await refresh(token, { scope: 'access_apis sync' });
    expect([wider.status, await wider.json()]).toEqual([400, { error: 'invalid_scope' }]);
  });

  it('rotates: both old tokens are dead at once, and reuse does not harm the new pair', async () => {
    const old = await tokens();
    const response = await refresh(old.refresh_token);
    expect(response.status).toBe(200);
    const fresh = (await response.json()) as { access_token: string; refresh_token: string };
    expect(await works(old.access_token)).toBe(401);
    const reuse = await refresh(old.refresh_token);
    expect([reuse.status, await reuse.json()]).toEqual([400, { error: 'invalid_grant' }]);
    expect(await works(fresh.access_token)).toBe(200);
  });

  it('expires access tokens after 900 seconds and links at the first clean-up after 15 idle days', async () => {
    const pair = await tokens();
    time.now += 899_999;
    expect(await works(pair.access_token)).toBe(200);
    time.now += 1;
    expect(await works(pair.access_token)).toBe(401);
    const next = (await (await refresh(pair.refresh_token)).json()) as { refresh_token: string };
    time.now += 16 * 86_400_000;
    hq.sim.oauth.clearTokens();
    expect((await refresh(next.refresh_token)).status).toBe(400);
  });

  it('revokes: always 200 and empty, a refresh token takes its access token along', async () => {
    const pair = await tokens();
    const revoke = (token: string, client = 'headgate-desktop'): Promise<Response> =>
      form(`${hq.sim.url}/oauth/revoke_token/`, { token, client_id: client });
    const unknown = await revoke('nothing');
    expect([unknown.status, await unknown.text()]).toEqual([200, '']);
    expect((await revoke(pair.refresh_token, 'nobody')).status).toBe(401);
    expect((await revoke(pair.refresh_token)).status).toBe(200);
    expect(await works(pair.access_token)).toBe(401);
    expect((await refresh(pair.refresh_token)).status).toBe(400);
  });

  it('counts token requests and never keeps a credential', async () => {
    const before = hq.sim.stats.requests.token;
    const pair = await tokens();
    expect(hq.sim.stats.requests.token).toBe(before + 1);
    expect(await works(pair.access_token)).toBe(200);
    const kept = JSON.stringify(hq.sim.stats);
    expect(kept).not.toContain(pair.access_token);
    expect(kept).not.toContain(pair.refresh_token);
  });

  it('has helpers for tests', async () => {
    const first = hq.sim.oauth.issueTokens();
    hq.sim.oauth.expire(first.accessToken);
    expect(await works(first.accessToken)).toBe(401);
    expect((await refresh(first.refreshToken)).status).toBe(200);
    const second = hq.sim.oauth.issueTokens('john@example.com');
    hq.sim.oauth.revokeAll();
    expect(await works(second.accessToken)).toBe(401);
    expect((await refresh(second.refreshToken)).status).toBe(400);
  });
});

describe('identity and domains', () => {
  it.each(['/api/identity/v1/', '/api/v0.5/identity/'])('%s is the bare user', async (path) => {
    const { accessToken } = hq.sim.oauth.issueTokens();
    const response = await hq.get(path, { Authorization: `Bearer ${accessToken}` });
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      username: 'john@example.com',
      first_name: 'John',
      last_name: 'Doe',
      email: 'john@example.com',
    });
    expect([(await hq.get(path, { Authorization: 'Bearer x' })).status]).toEqual([401]);
  });

  it('lists the domains of the user', async () => {
    const list = async (user: string): Promise<unknown> => {
      const { accessToken } = hq.sim.oauth.issueTokens(user);
      return (await hq.get('/api/user_domains/v1/', { Authorization: `Bearer ${accessToken}` })).json();
    };
    expect(await list('john@example.com')).toEqual({
      meta: { total_count: 1 },
      objects: [{ domain_name: 'demo', project_name: 'demo' }],
    });
    expect(await list('mina@example.com')).toEqual({ meta: { total_count: 0 }, objects: [] });
  });
});
