import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcareOAuth } from '../../main/connectors/commcare/index.ts';
import {
  exchangeCode,
  lacksScope,
  type OAuthClient,
  refreshTokens,
  revokeToken,
} from '../../main/oauth/endpoint.ts';
import { endpointDeps } from '../support/parts.ts';
import { attempt, clientOf, codeOf, pairOf, statusWith } from './oauth/client.ts';
import { signedIn, watchedExchange } from './oauth/signed-in.ts';
import { clients, john, type Site, sites } from './oauth/sites.ts';

/*
 * What the application's own client gets from the software that CommCare HQ runs on, and from the simulator that stands in for
 * it in all other tests: one list of cases, so that the simulator can't differ from what it simulates.
 */

/** Requests of the client code, what was answered to them, and the code of what they failed with. */
async function asking(work: (deps: ReturnType<typeof endpointDeps>) => Promise<unknown>) {
  const { exchange, answered } = watchedExchange();
  const error = await work({ ...endpointDeps(), exchange }).then(
    () => null,
    (failed: unknown) => failed,
  );
  return { answered, error };
}

function cases(start: () => Promise<Site>): void {
  let site: Site;
  beforeAll(async () => {
    site = await start();
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  const refused = { code: 'SIGN_IN_EXPIRED', oauthError: 'invalid_grant' };
  const renewing = (client: OAuthClient, refreshToken: string | null) =>
    asking((deps) => refreshTokens(client, refreshToken ?? '', deps));

  describe('a sign-in', () => {
    it('brings a pair, on any port of the loopback address', async () => {
      const ports = new Set<string>();
      for (let round = 0; round < 2; round += 1) {
        const { asked, answered, page, pair } = await attempt(clientOf(site), site.browser());
        expect(answered).toEqual([[200, 'access_apis']]);
        expect(pair).toMatchObject({ expiresIn: 900, scopes: ['access_apis'] });
        expect(await statusWith(site, pair?.accessToken ?? '')).toBe(200);
        expect(pair?.refreshToken).toMatch(/^\w{30}$/);
        expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<h1>Connected</h1>') });
        const { redirect_uri = '', code_challenge_method } = Object.fromEntries(asked.searchParams);
        expect(code_challenge_method).toBe('S256');
        expect(new URL(page.url).searchParams.get('state')).toBe(asked.searchParams.get('state'));
        ports.add(new URL(redirect_uri).port);
      }
      expect(ports.size).toBe(2);
    });

    it('works for a client that is not made to send a challenge, with one and without', async () => {
      const client = clientOf(site, 'withoutPkce');
      expect((await attempt(client, site.browser())).answered).toEqual([[200, 'access_apis']]);
      const bare = (url: URL): void => {
        url.searchParams.delete('code_challenge');
        url.searchParams.delete('code_challenge_method');
      };
      expect((await attempt(client, site.browser(), bare)).answered).toEqual([[200, 'access_apis']]);
      const must = await attempt(clientOf(site), site.browser(), bare);
      expect([must.answered, must.error]).toMatchObject([[], { code: 'OAUTH_CLIENT_REFUSED' }]);
      expect(new URL(must.page.url).searchParams.get('error_description')).toBe('Code challenge required.');
    });

    it('that the person denies is told as denied, and asks for nothing', async () => {
      const { answered, error, page } = await attempt(clientOf(site), site.browser(john, 'deny'));
      expect([answered, error]).toMatchObject([[], { code: 'OAUTH_DENIED' }]);
      expect(page.text).toContain('<h1>Not connected</h1>');
    });

    it.each([
      ['of a client that nobody registered', 'public', { clientId: 'nobody' }],
      ['of a client with another address to come back to', 'elsewhere', {}],
    ] as const)('%s ends in the browser, with a page and no redirect', async (_, which, change) => {
      const { answered, error, page } = await attempt(clientOf(site, which, change), site.browser());
      expect(page.status).toBe(400);
      expect(page.text.toLowerCase()).toMatch(/<!doctype html>|<html/);
      expect([answered, error]).toMatchObject([[], { code: 'CANCELLED' }]);
    });

    it('for what there is no scope for is sent back with that', async () => {
      const endpoints = { ...commcareOAuth, scopes: ['everything'] };
      const { answered, error } = await attempt(clientOf(site, 'public', { endpoints }), site.browser());
      expect([answered, error]).toMatchObject([
        [],
        { code: 'OAUTH_FAILED', message: expect.stringContaining('invalid_scope') },
      ]);
    });

    it('that was allowed less brings a token that says so and is not taken', async () => {
      const less = (url: URL): void => url.searchParams.set('scope', 'reports:view');
      const { answered, pair } = await attempt(clientOf(site), site.browser(), less);
      expect(answered).toEqual([[200, 'reports:view']]);
      expect(lacksScope(pair?.scopes ?? null, commcareOAuth.scopes)).toBe(true);
      expect(await statusWith(site, pair?.accessToken ?? '')).toBe(401);
    });
  });

  describe('a code', () => {
    const gone = { code: 'OAUTH_CODE_EXPIRED', oauthError: 'invalid_grant' };

    it('works once; what it brought the first time lives on', async () => {
      const client = clientOf(site);
      const grant = await codeOf(client, site.browser());
      const pair = await exchangeCode(client, grant, endpointDeps());
      const again = await asking((deps) => exchangeCode(client, grant, deps));
      expect(again).toMatchObject({ answered: [[400, 'invalid_grant']], error: gone });
      expect(await statusWith(site, pair.accessToken)).toBe(200);
    });

    it('is gone after a minute', async () => {
      const client = clientOf(site);
      const grant = await codeOf(client, site.browser());
      await site.ageCodes();
      const late = await asking((deps) => exchangeCode(client, grant, deps));
      expect(late).toMatchObject({ answered: [[400, 'invalid_grant']], error: gone });
    });

    it('is worth nothing to whoever has no verifier, or comes as another, and is left to its owner', async () => {
      const client = clientOf(site);
      const grant = await codeOf(client, site.browser());
      const wrong = [
        [client, { verifier: 'x'.repeat(43) }, 'invalid_grant'],
        [clientOf(site, 'withoutPkce'), {}, 'invalid_grant'],
        [client, { redirectUri: 'http://127.0.0.1:1/callback' }, 'invalid_request'],
      ] as const;
      for (const [as, change, said] of wrong) {
        const stolen = await asking((deps) => exchangeCode(as, { ...grant, ...change }, deps));
        expect(stolen.answered).toEqual([[400, said]]);
      }
      const right = await asking((deps) => exchangeCode(client, grant, deps));
      expect(right.answered).toEqual([[200, 'access_apis']]);
    });
  });

  describe.each(['form', 'basic'] as const)('a confidential client that proves itself by %s', (by) => {
    const { secret: value } = clients.confidential;

    it('signs in, renews and revokes', async () => {
      const client = clientOf(site, 'confidential', { secret: { value, by } });
      const pair = await pairOf(client, site.browser());
      const next = await refreshTokens(client, pair.refreshToken ?? '', endpointDeps());
      expect(await statusWith(site, next.accessToken)).toBe(200);
      await revokeToken(client, next.refreshToken ?? '', endpointDeps());
      expect(await statusWith(site, next.accessToken)).toBe(401);
      const after = await renewing(client, next.refreshToken);
      expect(after).toMatchObject({ answered: [[400, 'invalid_grant']], error: refused });
    });

    it('and has the wrong secret gets nothing, and does not harm what is there', async () => {
      const client = clientOf(site, 'confidential', { secret: { value, by } });
      const pair = await pairOf(client, site.browser());
      const wrong = clientOf(site, 'confidential', { secret: { value: 'wrong', by } });
      const code = 'OAUTH_CLIENT_REFUSED';
      const signing = await attempt(wrong, site.browser());
      expect(signing).toMatchObject({ answered: [[401, 'invalid_client']], error: { code } });
      expect(signing.page.text).toContain('<h1>Not connected</h1>');
      expect(await renewing(wrong, pair.refreshToken)).toMatchObject({
        answered: [[401, 'invalid_client']],
        error: { code },
      });
      const revoking = await asking((deps) => revokeToken(wrong, pair.refreshToken ?? '', deps));
      expect(revoking.answered).toEqual([[401, 'invalid_client']]);
      expect((await renewing(client, pair.refreshToken)).answered).toEqual([[200, 'access_apis']]);
    });

    it('though it is registered as public is refused', async () => {
      const { answered, error } = await attempt(
        clientOf(site, 'public', { secret: { value, by } }),
        site.browser(),
      );
      expect([answered, error]).toMatchObject([
        [[401, 'invalid_client']],
        { code: 'OAUTH_CLIENT_REFUSED', message: expect.stringContaining('client secret') },
      ]);
    });
  });

  it('a confidential client without its secret is told to be one', async () => {
    const { baseUrl, clientId, endpoints } = clientOf(site, 'confidential');
    const { answered, error } = await attempt({ baseUrl, clientId, endpoints }, site.browser());
    expect([answered, error]).toMatchObject([
      [[401, 'invalid_client']],
      { code: 'OAUTH_CLIENT_REFUSED', message: expect.stringContaining('is registered as confidential') },
    ]);
  });

  describe('a renewal', () => {
    it('brings a new pair and ends the old one; to try that again harms nobody', async () => {
      const client = clientOf(site);
      const old = await pairOf(client, site.browser());
      const fresh = await refreshTokens(client, old.refreshToken ?? '', endpointDeps());
      expect(fresh).toMatchObject({ expiresIn: 900, scopes: ['access_apis'] });
      expect(await statusWith(site, old.accessToken)).toBe(401);
      const again = await renewing(client, old.refreshToken);
      expect(again).toMatchObject({ answered: [[400, 'invalid_grant']], error: refused });
      expect(await statusWith(site, fresh.accessToken)).toBe(200);
      expect((await renewing(client, fresh.refreshToken)).answered).toEqual([[200, 'access_apis']]);
    });

    it('that is asked for twice at once brings one and the same pair to both', async () => {
      const client = clientOf(site);
      const old = await pairOf(client, site.browser());
      const ask = () => refreshTokens(client, old.refreshToken ?? '', endpointDeps());
      const [one, two] = await site.together(() => Promise.all([ask(), ask()]));
      expect(two).toEqual(one);
      expect(await statusWith(site, one.accessToken)).toBe(200);
      // Whoever comes later has missed it.
      expect((await renewing(client, old.refreshToken)).answered).toEqual([[400, 'invalid_grant']]);
    });

    it('is not for another client', async () => {
      const pair = await pairOf(clientOf(site), site.browser());
      const other = await renewing(clientOf(site, 'withoutPkce'), pair.refreshToken);
      expect(other.answered).toEqual([[400, 'invalid_grant']]);
      expect((await renewing(clientOf(site), pair.refreshToken)).answered).toEqual([[200, 'access_apis']]);
    });

    it('works after 20 days, until the clean-up job has run', async () => {
      const client = clientOf(site);
      using idle = await signedIn(client, await pairOf(client, site.browser()));
      await site.age();
      expect(await statusWith(site, await idle.current())).toBe(401);
      const fresh = await idle.tokens.renew(idle.id, await idle.current(), site.url);
      expect(await statusWith(site, fresh)).toBe(200);
      await site.age();
      await site.cleanUp();
      await expect(idle.tokens.renew(idle.id, fresh, site.url)).rejects.toMatchObject({
        code: 'SIGN_IN_EXPIRED',
      });
      expect(idle.answered).toEqual([
        [200, 'access_apis'],
        [400, 'invalid_grant'],
      ]);
      expect(idle.credential().state).toBe('expired');
    });
  });

  describe('a sign-in that is kept', () => {
    it('is renewed once its token has run out, before it is used and after it was refused', async () => {
      const client = clientOf(site);
      using early = await signedIn(client, await pairOf(client, site.browser()), 60_000);
      expect(await statusWith(site, await early.current())).toBe(200);
      expect(early.answered).toEqual([[200, 'access_apis']]);
      const token = await early.current();
      await site.expire(token);
      expect(await statusWith(site, token)).toBe(401);
      const fresh = await early.tokens.renew(early.id, token, site.url);
      expect(await statusWith(site, fresh)).toBe(200);
      expect(await early.current()).toBe(fresh);
    });

    it('by two workspaces that renew at once works in both, and in one once they do not', async () => {
      const client = clientOf(site);
      const pair = await pairOf(client, site.browser());
      using one = await signedIn(client, pair);
      using two = await signedIn(client, pair);
      const renew = ({ tokens, id }: typeof one, stale: string) => tokens.renew(id, stale, site.url);
      const [first, second] = await site.together(() =>
        Promise.all([renew(one, pair.accessToken), renew(two, pair.accessToken)]),
      );
      expect(second).toBe(first);
      const next = await renew(one, first);
      expect(await statusWith(site, next)).toBe(200);
      await expect(renew(two, first)).rejects.toMatchObject({ code: 'SIGN_IN_EXPIRED' });
      expect([one.credential().state, two.credential().state]).toEqual(['valid', 'expired']);
    });

    it('is over once its refresh token was revoked, which ends its access token with it', async () => {
      const client = clientOf(site);
      const pair = await pairOf(client, site.browser());
      using kept = await signedIn(client, pair);
      for (let round = 0; round < 2; round += 1) {
        const revoking = await asking((deps) => revokeToken(client, pair.refreshToken ?? '', deps));
        expect(revoking).toEqual({ answered: [[200, '']], error: null });
      }
      expect(await statusWith(site, pair.accessToken)).toBe(401);
      await expect(kept.tokens.renew(kept.id, pair.accessToken, site.url)).rejects.toMatchObject({
        code: 'SIGN_IN_EXPIRED',
      });
      expect(kept.answered).toEqual([[400, 'invalid_grant']]);
      expect(kept.credential().state).toBe('expired');
    });

    /** What comes of a renewal without an access token, by what the software does there. */
    const without = {
      // Until 1.7.0 the software fails over it, which could be anything: the sign-in stays, and is not believed to be over.
      error: { answers: Array(7).fill([500, '']), code: 'SOURCE_FAILING', state: 'valid' },
      'no-scope': { answers: [[200, '']], code: 'SIGN_IN_EXPIRED', state: 'reauthorise' },
      refused: { answers: [[400, 'invalid_grant']], code: 'SIGN_IN_EXPIRED', state: 'expired' },
    };
    it.each(['on its own page', 'by revoking the access token'])(
      'and was taken away at the source, %s, is told as what it brings',
      async (how) => {
        const client = clientOf(site);
        const pair = await pairOf(client, site.browser());
        using kept = await signedIn(client, pair);
        if (how === 'on its own page') await site.takeAway(pair.accessToken);
        else await revokeToken(client, pair.accessToken, endpointDeps());
        expect(await statusWith(site, pair.accessToken)).toBe(401);
        const { answers, code, state } = without[site.withoutAccess];
        await expect(kept.tokens.renew(kept.id, pair.accessToken, site.url)).rejects.toMatchObject({ code });
        expect(kept.answered).toEqual(answers);
        expect(kept.credential().state).toBe(state);
      },
    );
  });
}

for (const [name, missing, start] of sites)
  describe.skipIf(missing !== null)(`${name} ${missing ?? ''}`.trim(), () => cases(start));
