import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { commcareOAuth } from '../../main/connectors/commcare/index.ts';
import { createTokenKeeper } from '../../main/oauth/tokens.ts';
import type { Vault } from '../../main/vault/vault.ts';
import { createHqSimulator, type OAuthBehaviour } from '../simulators/commcare-hq/index.ts';
import { directExchange } from '../support/exchanges.ts';
import {
  codeOf,
  inProcess,
  instant,
  keptLog,
  nothingShared,
  storeIn,
  temporaryFolder,
  vaultIn,
} from '../support/parts.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A workspace folder with one sign-in at a simulator, and as many keepers on it as a test wants. */
async function signedIn(
  change: { refreshToken?: string; expiresInMs?: number; oauth?: OAuthBehaviour } = {},
) {
  const folder = temporaryFolder();
  const sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 1, cases: 1, seed: 1 }],
    oauth: change.oauth ?? {},
  });
  const issued = sim.oauth.issueTokens();
  const id = randomUUID();
  const closers: (() => void)[] = [];

  const keeper = async (
    options: { vault?: (real: Vault) => Vault; sleep?: (ms: number) => Promise<void> } = {},
  ) => {
    const store = storeIn(folder.path);
    const { vault: real, redactor } = await vaultIn(folder.path);
    const vault = options.vault?.(real) ?? real;
    const { log, lines } = keptLog(redactor);
    let changed = 0;
    const slept: number[] = [];
    closers.push(() => {
      real.close();
      store.close();
    });
    const tokens = createTokenKeeper({
      store,
      vault,
      shared: nothingShared,
      exchangeOf: () => directExchange(),
      clock: {
        now: () => Date.now(),
        sleep: async (ms) => {
          slept.push(ms);
          await (options.sleep ?? (() => wait(40)))(ms);
        },
      },
      random: () => 0.5,
      log,
      clientOf: async () => ({ baseUrl: sim.url, clientId: 'headgate-desktop', endpoints: commcareOAuth }),
      holder: randomUUID(),
      onChanged: () => {
        changed += 1;
      },
      onRefreshed: () => {},
    });
    return {
      tokens,
      store,
      vault: real,
      lines,
      slept,
      changed: () => changed,
      state: () => store.credentials.get(id).state,
    };
  };

  const first = await keeper();
  const personId = randomUUID();
  const sourceId = randomUUID();
  first.store.people.create(personId, 'Ada', ['analyst'], instant);
  const source = {
    name: 'HQ',
    sourceType: 'commcare',
    baseUrl: sim.url,
    clientId: 'c',
    settings: {},
    tlsCa: null,
  } as const;
  first.store.sources.create({ id: sourceId, ...source }, personId, instant);
  await first.vault.put(id, { ...issued, refreshToken: change.refreshToken ?? issued.refreshToken });
  first.store.credentials.create(
    id,
    sourceId,
    { personId },
    {
      account: 'john@example.com',
      externalUserId: 'x',
      scopes: ['access_apis'],
      accessExpiresAt: iso(Date.now() + (change.expiresInMs ?? 900_000)),
    },
    instant,
  );
  const works = async (token: string): Promise<boolean> =>
    (await fetch(`${sim.url}/api/identity/v1/`, { headers: { authorization: `Bearer ${token}` } })).status ===
    200;
  return {
    ...first,
    sim,
    folder: folder.path,
    id,
    issued,
    keeper,
    works,
    async [Symbol.asyncDispose]() {
      for (const close of closers) close();
      await sim.close();
      folder[Symbol.dispose]();
    },
  };
}

describe('an access token', () => {
  it('is the stored one while it is valid, and its use is noted', async () => {
    await using one = await signedIn();
    expect(await one.tokens.accessToken(one.id, one.sim.url)).toBe(one.issued.accessToken);
    expect(one.sim.stats.requests.token).toBe(0);
    expect(one.store.credentials.get(one.id).lastUsedAt).not.toBeNull();
  });

  it('is renewed before it runs out', async () => {
    await using one = await signedIn({ expiresInMs: 60_000 });
    const fresh = await one.tokens.accessToken(one.id, one.sim.url);
    expect(fresh).not.toBe(one.issued.accessToken);
    expect(await one.works(fresh)).toBe(true);
    expect(await one.works(one.issued.accessToken)).toBe(false);
    expect(Date.parse(one.store.credentials.get(one.id).accessExpiresAt ?? '')).toBeGreaterThan(
      Date.now() + 800_000,
    );
    expect(await one.tokens.accessToken(one.id, one.sim.url)).toBe(fresh);
    expect(one.sim.stats.requests.token).toBe(1);
  });

  it('is renewed once, however many ask at the same time', async () => {
    await using one = await signedIn({ expiresInMs: -1 });
    const asked = Array.from({ length: 50 }, (_, n) =>
      n % 2 === 0
        ? one.tokens.renew(one.id, one.issued.accessToken, one.sim.url)
        : one.tokens.accessToken(one.id, one.sim.url),
    );
    const fresh = new Set(await Promise.all(asked));
    expect(fresh.size).toBe(1);
    expect(one.sim.stats.requests.token).toBe(1);
    // One that comes late with the old token gets the new one without asking again.
    expect(await one.tokens.renew(one.id, one.issued.accessToken, one.sim.url)).toBe([...fresh][0]);
    expect(one.sim.stats.requests.token).toBe(1);
    expect(one.lines.join('')).not.toContain([...fresh][0]);
  });

  it('is handed out only once it is sealed, and the pair is not lost when sealing fails', async () => {
    await using one = await signedIn();
    let full = true;
    const failing = await one.keeper({
      vault: (real) => ({
        ...real,
        put: (id, secrets) => (full ? Promise.reject(new Error('disk full')) : real.put(id, secrets)),
      }),
    });
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => failing.tokens.renew(one.id, one.issued.accessToken, one.sim.url)),
    );
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(one.sim.stats.requests.token).toBe(1);
    expect(await one.vault.get(one.id)).toEqual(one.issued);
    expect(failing.state()).toBe('valid');
    // Again, still full: the dead refresh token is not tried.
    await expect(failing.tokens.renew(one.id, one.issued.accessToken, one.sim.url)).rejects.toThrow(
      'disk full',
    );
    expect(one.sim.stats.requests.token).toBe(1);
    full = false;
    const fresh = await failing.tokens.renew(one.id, one.issued.accessToken, one.sim.url);
    expect(one.sim.stats.requests.token).toBe(1);
    expect(await one.works(fresh)).toBe(true);
    expect((await one.vault.get(one.id))?.['accessToken']).toBe(fresh);
    // And the refresh token that came with it works as well.
    expect(await one.works(await failing.tokens.renew(one.id, fresh, one.sim.url))).toBe(true);
  });
});

describe('a sign-in', () => {
  it('is over when the source says so', async () => {
    await using one = await signedIn();
    one.sim.oauth.revokeAll();
    await expect(one.tokens.renew(one.id, one.issued.accessToken, one.sim.url)).rejects.toMatchObject({
      code: 'SIGN_IN_EXPIRED',
      message: expect.stringContaining('john@example.com'),
    });
    expect(one.state()).toBe('expired');
    expect(one.changed()).toBe(1);
    expect(one.slept).toHaveLength(1);
    // Asking again does not ask the source again.
    const before = one.sim.stats.requests.token;
    expect(await codeOf(() => one.tokens.accessToken(one.id, one.sim.url))).toBe('SIGN_IN_EXPIRED');
    expect(one.sim.stats.requests.token).toBe(before);
  });

  it('is not over because of the network or of trouble at the source', async () => {
    await using one = await signedIn();
    const faults = [
      ['resetBeforeHeaders', {}, 'SOURCE_UNREACHABLE'],
      ['status', { status: 500 }, 'SOURCE_FAILING'],
      ['status', { status: 503 }, 'SOURCE_FAILING'],
      ['html', {}, 'SOURCE_LOGIN_PAGE'],
      ['wrongJson', { body: '[]' }, 'SOURCE_BAD_ANSWER'],
    ] as const;
    let stale = one.issued.accessToken;
    for (const [kind, more, code] of faults) {
      // Once is nothing that anybody has to know of.
      one.sim.faults.add({ match: 'token', kind, ...more });
      stale = await one.tokens.renew(one.id, stale, one.sim.url);
      expect(await one.works(stale), kind).toBe(true);
      one.sim.faults.add({ match: 'token', kind, ...more, times: 7 });
      expect(await codeOf(() => one.tokens.renew(one.id, stale, one.sim.url)), kind).toBe(code);
      expect(one.state(), kind).toBe('valid');
    }
    expect(await one.works(await one.tokens.renew(one.id, stale, one.sim.url))).toBe(true);
    expect(one.changed()).toBe(0);
  });

  it('of somebody new is not undone by a renewal that was under way', async () => {
    await using one = await signedIn();
    one.sim.faults.add({ match: 'token', kind: 'slow', ms: 100 });
    const renewing = one.tokens.renew(one.id, one.issued.accessToken, one.sim.url);
    const other = one.sim.oauth.issueTokens();
    await one.tokens.keep(one.id, { ...other, expiresIn: 900, scopes: [] }, one.sim.url);
    expect(await renewing).toBe(other.accessToken);
    expect(await one.vault.get(one.id)).toEqual({ ...other, origin: new URL(one.sim.url).origin });
  });

  it.each(['resetBeforeHeaders', 'cut', 'html'] as const)(
    'is over, and says so, when the answer of a renewal was lost (%s)',
    async (kind) => {
      await using one = await signedIn();
      one.sim.faults.add({ match: 'token', kind, processed: true });
      // Asked again at once, the source takes the refresh token for one that was stolen.
      expect(await codeOf(() => one.tokens.renew(one.id, one.issued.accessToken, one.sim.url))).toBe(
        'SIGN_IN_EXPIRED',
      );
      expect(one.state()).toBe('expired');
      // Signing in again makes it valid again.
      const again = one.sim.oauth.issueTokens();
      await one.tokens.keep(one.id, { ...again, expiresIn: 900, scopes: [] }, one.sim.url);
      expect(one.state()).toBe('valid');
      expect(await one.tokens.accessToken(one.id, one.sim.url)).toBe(again.accessToken);
    },
  );

  it('without a refresh token is over when its access token is', async () => {
    await using one = await signedIn({ refreshToken: '', expiresInMs: -1 });
    expect(await codeOf(() => one.tokens.accessToken(one.id, one.sim.url))).toBe('SIGN_IN_EXPIRED');
    expect(one.state()).toBe('expired');
    expect(one.sim.stats.requests.token).toBe(0);
  });

  it('that was disconnected meanwhile is a plain refusal', async () => {
    await using one = await signedIn({ expiresInMs: -1 });
    one.vault.delete(one.id);
    expect(await codeOf(() => one.tokens.accessToken(one.id, one.sim.url))).toBe('SIGN_IN_EXPIRED');
  });
});

describe('a renewal that brings a token without the scope', () => {
  it('ends the sign-in, and says that somebody took access away', async () => {
    await using one = await signedIn();
    one.sim.oauth.deleteAccess(one.issued.accessToken);
    const failed = one.tokens.renew(one.id, one.issued.accessToken, one.sim.url);
    await expect(failed).rejects.toMatchObject({
      code: 'SIGN_IN_EXPIRED',
      message:
        'The sign-in as john@example.com may not read data any more: somebody took that away at the source.',
    });
    expect(one.store.credentials.get(one.id)).toMatchObject({ state: 'reauthorise', scopes: [] });
    expect(await codeOf(() => one.tokens.accessToken(one.id, one.sim.url))).toBe('SIGN_IN_EXPIRED');
    expect(one.sim.stats.requests.token).toBe(1);
  });

  it('is told from trouble at a server that fails over it', async () => {
    await using one = await signedIn({ oauth: { withoutAccess: 'refused' } });
    one.sim.oauth.deleteAccess(one.issued.accessToken);
    expect(await codeOf(() => one.tokens.renew(one.id, one.issued.accessToken, one.sim.url))).toBe(
      'SIGN_IN_EXPIRED',
    );
    expect(one.state()).toBe('expired');
  });
});

it('the newest token that is refused ends the sign-in; an older one does not', async () => {
  await using one = await signedIn();
  await one.tokens.refused(one.id, 'an-older-one');
  expect(one.state()).toBe('valid');
  await one.tokens.refused(one.id, one.issued.accessToken);
  expect(one.state()).toBe('reauthorise');
});

describe('several processes on one workspace', () => {
  it('never send the same refresh token twice, which some servers punish', async () => {
    await using one = await signedIn({ expiresInMs: -1, oauth: { reuseProtection: true } });
    // Whoever asks without waiting for the others does it while the first one still waits for its answer.
    one.sim.faults.add({ match: 'token', kind: 'slow', ms: 400, times: 'always' });
    const at = Date.now() + 1500;
    const script = `
      import { commcareOAuth } from 'main/connectors/commcare/index.ts';
      import { systemClock } from 'main/clock.ts';
      import { createTokenKeeper } from 'main/oauth/tokens.ts';
      import { directExchange } from 'test/support/exchanges.ts';
      import { keptLog, storeIn, vaultIn } from 'test/support/parts.ts';
      const store = storeIn(${JSON.stringify(one.folder)});
      const { vault, redactor } = await vaultIn(${JSON.stringify(one.folder)});
      const shared = { isShared: () => false };
      const client = { baseUrl: ${JSON.stringify(one.sim.url)}, clientId: 'headgate-desktop', endpoints: commcareOAuth };
      const tokens = createTokenKeeper({
        ...{ store, vault, shared, exchangeOf: () => directExchange(), clock: systemClock, random: () => 0.5 },
        ...{ log: keptLog(redactor).log, clientOf: async () => client, holder: String(process.pid) },
        ...{ onChanged: () => {}, onRefreshed: () => {} },
      });
      while (Date.now() < ${at});
      console.log(await tokens.accessToken(${JSON.stringify(one.id)}, client.baseUrl));
      vault.close();
      store.close();`;
    const got = await Promise.all(Array.from({ length: 3 }, () => inProcess(script)));
    expect(new Set(got).size).toBe(1);
    expect(await one.works(got[0]?.trim() ?? '')).toBe(true);
    expect(one.sim.stats.requests.token).toBe(1);
    expect(one.state()).toBe('valid');
  });

  it('wait for one that died only until its time is up', async () => {
    await using one = await signedIn();
    const gone = iso(Date.now() - 1);
    expect(
      one.store.credentials.takeRenewal(one.id, 'another', iso(Date.now() + 20_000), iso(Date.now())),
    ).toBe(true);
    const waiting = await one.keeper({
      // Its time is up while the other one waits.
      sleep: async () => void one.store.credentials.takeRenewal(one.id, 'another', gone, iso(Date.now())),
    });
    const fresh = await waiting.tokens.renew(one.id, one.issued.accessToken, one.sim.url);
    expect(await one.works(fresh)).toBe(true);
    expect(waiting.slept).toEqual([150]);
  });
});

describe('two keepers on one workspace', () => {
  it('that race leave nobody with a dead sign-in', async () => {
    await using one = await signedIn();
    const two = await one.keeper();
    let stale = one.issued.accessToken;
    for (let round = 0; round < 12; round += 1) {
      // Sometimes one answer is slow, so that the other asks with a refresh token that is already dead.
      if (round % 3 === 0) one.sim.faults.add({ match: 'token', kind: 'slow', ms: 15 });
      const answers = await Promise.all([
        one.tokens.renew(one.id, stale, one.sim.url),
        two.tokens.renew(one.id, stale, one.sim.url),
      ]);
      const stored = (await one.vault.get(one.id))?.['accessToken'] as string;
      expect(answers).toContain(stored);
      expect(await one.works(stored)).toBe(true);
      expect(one.state()).toBe('valid');
      stale = stored;
    }
    expect(one.changed() + two.changed()).toBe(0);
  });

  it('look into the store again before they believe a refusal', async () => {
    await using one = await signedIn();
    let fresh = '';
    // The other one stores what it got while this one, refused, waits for exactly that.
    const slow = await one.keeper({
      sleep: async () => {
        fresh = await one.tokens.accessToken(one.id, one.sim.url);
      },
    });
    const other = await one.keeper({
      vault: (real) => ({ ...real, put: () => Promise.reject(new Error('not yet')) }),
    });
    await other.tokens.renew(one.id, one.issued.accessToken, one.sim.url).catch(() => {});
    // The refresh token in the vault is dead now. A new pair arrives only during the wait.
    const pair = one.sim.oauth.issueTokens();
    const waiting = await one.keeper({
      sleep: () => one.vault.put(one.id, { ...pair }),
    });
    expect(await waiting.tokens.renew(one.id, one.issued.accessToken, one.sim.url)).toBe(pair.accessToken);
    expect(waiting.state()).toBe('valid');
    expect(waiting.slept).toHaveLength(1);
    expect(await slow.tokens.renew(one.id, one.issued.accessToken, one.sim.url)).toBe(pair.accessToken);
    expect(fresh).toBe('');
  });
});
