import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from './oauth/browser.ts';
import { clientOf, codeOf, pairOf, statusWith } from './oauth/client.ts';
import { clients, type Site, sites } from './oauth/sites.ts';

/*
 * Requests that the application does not make, or not any more: the simulator answers them as the software does, so that a
 * fault which makes one is seen in every test.
 */

type Pairs = readonly (readonly [string, string])[];

function cases(start: () => Promise<Site>): void {
  let site: Site;
  /** Where the browser comes back to. */
  const landing = createServer((_, response) => void response.end('back'));
  let port: number;
  beforeAll(async () => {
    site = await start();
    await new Promise<void>((done) => landing.listen(0, '127.0.0.1', done));
    port = (landing.address() as AddressInfo).port;
  });
  afterAll(async () => {
    landing.close();
    await site?.[Symbol.asyncDispose]();
  });

  /** What came of a visit: the status of a page of the site, or what the browser came back with. */
  const outcome = ({ url, status }: Page): number | string => {
    const { origin, searchParams, hash } = new URL(url);
    if (origin === site.url) return status;
    expect(hash).toBe('');
    return searchParams.get('error') ?? (searchParams.has('code') ? 'code' : 'neither');
  };
  const visit = async (change: (query: URLSearchParams) => void): Promise<number | string> => {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: clients.public.id, scope: 'access_apis', state: 'a b&c' },
      redirect_uri: `http://127.0.0.1:${port}/callback`,
      ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
    });
    change(query);
    return outcome(await site.browser().visit(`${site.url}/oauth/authorize/?${query}`));
  };

  it.each([
    ['client_id', 'another'],
    ['redirect_uri', 'http://127.0.0.1/callback'],
    ['scope', 'sync'],
    ['state', 'another'],
    ['response_type', 'code'],
  ])('an authorisation with %s twice is a page', async (name, value) => {
    expect(await visit((query) => query.append(name, value))).toBe(400);
  });

  it.each([
    ['token', 'unauthorized_client'],
    ['nothing', 'unsupported_response_type'],
    [null, 'invalid_request'],
  ])('the response type %s is sent back with %s', async (type, error) => {
    const change = (query: URLSearchParams): void => {
      query.delete('response_type');
      if (type !== null) query.set('response_type', type);
    };
    expect(await visit(change)).toBe(error);
  });

  it.each([
    ['as it is', 'http://127.0.0.1:PORT/callback', 'code'],
    ['with more query', 'http://127.0.0.1:PORT/callback?more=1', 'code'],
    ['with a user in it', 'http://me@127.0.0.1:PORT/callback', 400],
    ['written shorter', 'http://127.1:PORT/callback', 400],
    ['with a way around', 'http://127.0.0.1:PORT/a/../callback', 400],
    ['with a slash at its end', 'http://127.0.0.1:PORT/callback/', 400],
    ['by name', 'http://localhost:PORT/callback', 400],
    ['as IPv6', 'http://[::1]:PORT/callback', 400],
    ['by https', 'https://127.0.0.1:PORT/callback', 400],
    ['with a fragment', 'http://127.0.0.1:PORT/callback#x', 400],
    ['of another scheme', 'headgate://callback', 400],
    ['missing', '', 400],
  ])('the address to come back to, %s', async (_, address, came) => {
    const redirect = address.replace('PORT', String(port));
    expect(await visit((query) => query.set('redirect_uri', redirect))).toBe(came);
  });

  const post = async (
    path: string,
    pairs: Pairs,
    headers: Record<string, string> = {},
  ): Promise<[status: number, error: string]> => {
    const answer = await fetch(site.url + path, {
      ...{ method: 'POST', body: new URLSearchParams(pairs.map((pair) => [...pair])), headers },
      redirect: 'manual',
    });
    const text = await answer.text();
    const said = text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : {};
    return [answer.status, said['error'] ?? ''];
  };
  const client: Pairs = [['client_id', clients.public.id]];

  /** The fields that exchange a fresh code. */
  const exchange = async (): Promise<Pairs> => {
    const { code, redirectUri, verifier } = await codeOf(clientOf(site), site.browser());
    return [
      ['grant_type', 'authorization_code'],
      ['code', code],
      ['redirect_uri', redirectUri],
      ['code_verifier', verifier],
      ...client,
    ];
  };
  const without = (pairs: Pairs, name: string): Pairs => pairs.filter(([each]) => each !== name);

  it.each([
    ['code', 400, 'invalid_request'],
    ['redirect_uri', 400, 'invalid_request'],
    ['code_verifier', 400, 'invalid_request'],
    ['grant_type', 400, 'unsupported_grant_type'],
    ['client_id', 401, 'invalid_client'],
  ])('an exchange without %s', async (name, status, error) => {
    expect(await post('/oauth/token/', without(await exchange(), name))).toEqual([status, error]);
  });

  it.each([
    ['code', 'other', 400, 'invalid_grant'],
    ['scope', 'sync', 200, ''],
    ['state', 'x', 200, ''],
  ])('an exchange in which %s comes twice', async (name, value, status, error) => {
    const pairs = await exchange();
    const more: Pairs =
      name === 'code'
        ? [[name, value]]
        : [
            [name, value],
            [name, value],
          ];
    expect(await post('/oauth/token/', [...pairs, ...more])).toEqual([status, error]);
  });

  it('an exchange with an empty code', async () => {
    const pairs = await exchange();
    expect(await post('/oauth/token/', [...without(pairs, 'code'), ['code', '']])).toEqual([
      400,
      'invalid_grant',
    ]);
  });

  it.each([
    ['password', ['username=x', 'password=x'], 400, 'invalid_grant'],
    ['client_credentials', [], 401, 'invalid_client'],
    ['nothing', [], 400, 'unsupported_grant_type'],
    ['', [], 400, 'unsupported_grant_type'],
    ['refresh_token', [], 400, 'invalid_request'],
    ['refresh_token', ['refresh_token='], 400, 'invalid_grant'],
    ['refresh_token', ['refresh_token=unknown'], 400, 'invalid_grant'],
  ] as const)('the grant %s with %j', async (grant, more, status, error) => {
    const fields = more.map((field) => field.split('=') as [string, string]);
    expect(await post('/oauth/token/', [['grant_type', grant], ...fields, ...client])).toEqual([
      status,
      error,
    ]);
  });

  it('a confidential client for itself, without a person, is not what it is registered for', async () => {
    const { id, secret } = clients.confidential;
    const pairs: Pairs = [
      ['grant_type', 'client_credentials'],
      ['client_id', id],
      ['client_secret', secret],
    ];
    expect(await post('/oauth/token/', pairs)).toEqual([400, 'unauthorized_client']);
  });

  it('a renewal for more than was allowed is refused and leaves the pair; one for less is for less from then on', async () => {
    const wide = await codeOf(
      clientOf(site, 'public', {
        endpoints: { ...clientOf(site).endpoints, scopes: ['access_apis', 'sync'] },
      }),
      site.browser(),
    );
    const answer = await fetch(`${site.url}/oauth/token/`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code: wide.code, redirect_uri: wide.redirectUri },
        ...{ code_verifier: wide.verifier, client_id: clients.public.id },
      }),
    });
    let pair = (await answer.json()) as { refresh_token: string; scope: string };
    const renew = async (scope: string | null): Promise<[number, string]> => {
      const renewed = await fetch(`${site.url}/oauth/token/`, {
        method: 'POST',
        body: new URLSearchParams({
          ...{ grant_type: 'refresh_token', refresh_token: pair.refresh_token, client_id: clients.public.id },
          ...(scope === null ? {} : { scope }),
        }),
      });
      const said = (await renewed.json()) as { refresh_token: string; scope: string; error?: string };
      if (renewed.status === 200) pair = said;
      return [renewed.status, said.error ?? said.scope];
    };
    expect(pair.scope).toBe('access_apis sync');
    expect(await renew('access_apis mobile_access')).toEqual([400, 'invalid_scope']);
    expect(await renew(null)).toEqual([200, 'access_apis sync']);
    expect(await renew('access_apis')).toEqual([200, 'access_apis']);
    expect(await renew('access_apis sync')).toEqual([400, 'invalid_scope']);
    expect(await renew(null)).toEqual([200, 'access_apis']);
  });

  it.each([
    ['nothing', [], 400, 'invalid_request'],
    ['an unknown token', [['token', 'unknown']], 200, ''],
    [
      'an unknown client',
      [
        ['token', 'unknown'],
        ['client_id', 'nobody'],
      ],
      401,
      'invalid_client',
    ],
  ] as const)('revoking with %s', async (_, pairs, status, error) => {
    const whose = pairs.some(([name]) => name === 'client_id') ? [] : client;
    expect(await post('/oauth/revoke_token/', [...pairs, ...whose])).toEqual([status, error]);
  });

  it('a client revokes what another one was given, until 3.4.1', async () => {
    const { accessToken, refreshToken } = await pairOf(clientOf(site), site.browser());
    const pairs: Pairs = [
      ['token', refreshToken ?? ''],
      ['client_id', clients.withoutPkce.id],
    ];
    expect(await post('/oauth/revoke_token/', pairs)).toEqual([200, '']);
    expect(await statusWith(site, accessToken)).toBe(site.withoutAccess === 'refused' ? 200 : 401);
  });

  it.each(['/oauth/token', '/oauth/revoke_token'])('a POST to %s is sent on', async (path) => {
    const body = new URLSearchParams([['token', 'x'], ...client].map((each) => [...each]));
    const answer = await fetch(site.url + path, { method: 'POST', body, redirect: 'manual' });
    await answer.text();
    expect([answer.status, answer.headers.get('location')]).toEqual([301, `${path}/`]);
  });

  it('a query in the address of the endpoints brings nothing', async () => {
    const pairs = await exchange();
    // 1.7.0 fails over it.
    const refused = [
      [400, 'invalid_request'],
      [500, ''],
    ];
    expect(refused).toContainEqual(await post('/oauth/token/?x=1', pairs));
    expect(refused).toContainEqual(await post('/oauth/revoke_token/?x=1', [['token', 'x'], ...client]));
    expect(await post('/oauth/token/', pairs)).toEqual([200, '']);
  });

  it.each(['/oauth/token/', '/oauth/revoke_token/'])('a GET of %s', async (path) => {
    const answer = await fetch(site.url + path);
    await answer.text();
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  it('answers with tokens are not to be kept by anybody on the way', async () => {
    const answer = await fetch(`${site.url}/oauth/token/`, {
      ...{ method: 'POST', body: new URLSearchParams((await exchange()).map((pair) => [...pair])) },
    });
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(Object.keys(body).sort()).toEqual([
      ...['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'],
    ]);
    expect(body['token_type']).toBe('Bearer');
  });

  it.each(['Bearer', 'bearer', 'Token'])('a token that is sent as %s', async (scheme) => {
    const { accessToken } = await pairOf(clientOf(site), site.browser());
    const answer = await fetch(`${site.url}/api/identity/v1/`, {
      headers: { authorization: `${scheme} ${accessToken}` },
    });
    expect([answer.status, await answer.text()]).toMatchObject(
      scheme === 'Token' ? [401, ''] : [200, expect.stringContaining('john@example.com')],
    );
    expect(await statusWith(site, `${accessToken}x`)).toBe(401);
  });
}

for (const [name, missing, start] of sites)
  describe.skipIf(missing !== null)(`${name} ${missing ?? ''}`.trim(), () => cases(start));
