import { describe, expect, it } from 'vitest';
import { createHqSimulator, type OAuthBehaviour } from '../simulators/commcare-hq/index.ts';

/* What Django and django-oauth-toolkit do, as they were seen to do it, in the versions that servers have. */

async function server(oauth: OAuthBehaviour = {}) {
  const time = { now: Date.UTC(2026, 0, 1) };
  const sim = await createHqSimulator({
    ...{ domains: [{ name: 'demo', forms: 1, cases: 1, seed: 1 }], oauth, clock: () => time.now },
  });
  const refresh = async (token: string, path = '/oauth/token/') => {
    const answer = await fetch(sim.url + path, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'refresh_token', refresh_token: token, client_id: 'headgate-desktop' },
      }),
      redirect: 'manual',
    });
    const body = await answer.text();
    return {
      status: answer.status,
      location: answer.headers.get('location'),
      body: body.startsWith('{') ? (JSON.parse(body) as Record<string, string>) : {},
    };
  };
  const works = async (token: string): Promise<number> =>
    (await fetch(`${sim.url}/api/identity/v1/`, { headers: { authorization: `Bearer ${token}` } })).status;
  return {
    sim,
    time,
    refresh,
    works,
    pair: sim.oauth.issueTokens(),
    [Symbol.asyncDispose]: () => sim.close(),
  };
}

describe('a refresh token', () => {
  it('that comes twice at once brings one and the same pair, and nothing once that is over', async () => {
    await using hq = await server({ overlapMs: 50 });
    const first = await hq.refresh(hq.pair.refreshToken);
    const second = await hq.refresh(hq.pair.refreshToken);
    expect([second.status, second.body]).toEqual([200, first.body]);
    hq.time.now += 50;
    expect((await hq.refresh(hq.pair.refreshToken)).body).toEqual({ error: 'invalid_grant' });
    expect(await hq.works(first.body['access_token'] ?? '')).toBe(200);
  });

  it('that comes again ends all that came of it, where reuse is punished', async () => {
    await using hq = await server({ reuseProtection: true });
    const first = await hq.refresh(hq.pair.refreshToken);
    const second = await hq.refresh(first.body['refresh_token'] ?? '');
    expect((await hq.refresh(hq.pair.refreshToken)).body).toEqual({ error: 'invalid_grant' });
    expect(await hq.works(second.body['access_token'] ?? '')).toBe(401);
    expect((await hq.refresh(second.body['refresh_token'] ?? '')).status).toBe(400);
  });

  it.each([
    [undefined, 200, { scope: '' }],
    ['error', 500, {}],
    ['refused', 400, { error: 'invalid_grant' }],
  ] as const)(
    'whose access token was deleted brings what the version brings (%s)',
    async (withoutAccess, status, body) => {
      await using hq = await server(withoutAccess === undefined ? {} : { withoutAccess });
      hq.sim.oauth.deleteAccess(hq.pair.accessToken);
      const answer = await hq.refresh(hq.pair.refreshToken);
      expect(answer).toMatchObject({ status, body });
      if (status === 200) expect(await hq.works(answer.body['access_token'] ?? '')).toBe(401);
    },
  );

  it('lives until the clean-up job finds it too old', async () => {
    await using hq = await server();
    hq.time.now += 20 * 86_400_000;
    const answer = await hq.refresh(hq.pair.refreshToken);
    expect(answer.status).toBe(200);
    hq.time.now += 20 * 86_400_000;
    hq.sim.oauth.clearTokens();
    expect((await hq.refresh(answer.body['refresh_token'] ?? '')).body).toEqual({ error: 'invalid_grant' });
  });
});

it('an address without the slash at its end is sent on, a POST too', async () => {
  await using hq = await server();
  expect(await hq.refresh(hq.pair.refreshToken, '/oauth/token')).toMatchObject({
    status: 301,
    location: '/oauth/token/',
  });
  expect((await hq.refresh(hq.pair.refreshToken)).status).toBe(200);
  for (const path of ['/api/identity/v1', '/a/demo/api/form/v1?limit=1']) {
    const answer = await fetch(hq.sim.url + path, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, path.replace(/v1/, 'v1/')]);
  }
});
