import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { odkCentral } from '../../main/connectors/odk-central/index.ts';
import { endSession, openSession } from '../../main/connectors/session.ts';
import { basicToken, type PasswordSignIn, signInOfKind } from '../../main/connectors/sign-in.ts';
import { AppError } from '../../main/errors.ts';
import type { TypedToken } from '../../main/oauth/sealed.ts';
import { sealedTyped } from '../../main/oauth/sealed.ts';
import { createTokenKeeper } from '../../main/oauth/tokens.ts';
import { plain } from '../../preload/contract/said.ts';
import { createOdkSimulator, type OdkSimulator } from '../simulators/odk-central/index.ts';
import { directExchange } from '../support/exchanges.ts';
import {
  codeOf,
  endpointDeps,
  instant,
  keptLog,
  nothingShared,
  storeIn,
  temporaryFolder,
  vaultIn,
} from '../support/parts.ts';

/* Passwords that are exchanged for sessions: at the source, and over the life of a sign-in. */

const way = signInOfKind(odkCentral, 'password') as PasswordSignIn;
const typed = { user: 'ada@example.org', password: 'canary words of Ada' };
const basic: PasswordSignIn = {
  ...way,
  scheme: 'Basic',
  send: { as: 'basic', token: ({ user = '', password = '' }) => basicToken(user, password) },
};

let sim: OdkSimulator;
beforeAll(async () => {
  sim = await createOdkSimulator({ projects: [], users: [{ email: typed.user, password: typed.password }] });
});
afterAll(() => sim.close());
beforeEach(() => sim.faults.clear());
const deps = (change: Partial<ReturnType<typeof endpointDeps>> = {}) => ({
  ...{ baseUrl: sim.url, title: 'ODK Central' },
  ...endpointDeps(AbortSignal.timeout(10_000)),
  ...change,
});

describe('at the source', () => {
  it('a session has the end that the source says', async () => {
    const { token, endsAt, isSession } = await openSession(way, typed, deps());
    expect(sim.isLive(token)).toBe(true);
    expect(isSession).toBe(true);
    expect((endsAt ?? 0) - Date.now()).toBeGreaterThan(86_000_000);
  });

  it('Basic asks nobody, and writes beyond ASCII as UTF-8', async () => {
    const before = sim.stats.requests.sessions;
    const words = { user: 'ada@example.org', password: 'é:“ü”' };
    const { token, endsAt, isSession } = await openSession(basic, words, deps());
    expect([Buffer.from(token, 'base64').toString('utf8'), endsAt, isSession]).toEqual([
      'ada@example.org:é:“ü”',
      null,
      false,
    ]);
    expect(await endSession(basic, token, deps())).toBe(false);
    expect(sim.stats.requests.sessions).toBe(before);
  });

  it.each([
    ['SOURCE_RATE_LIMITED', { kind: 'status', status: 429, headers: { 'Retry-After': '600' } }],
    ['SOURCE_FAILING', { kind: 'status', status: 500 }],
    ['SOURCE_BAD_ANSWER', { kind: 'status', status: 400, body: JSON.stringify(typed) }],
    ['SOURCE_LOGIN_PAGE', { kind: 'html' }],
    ['SOURCE_LOGIN_PAGE', { kind: 'wrongJson', body: '{"token": 5}' }],
    ['SOURCE_LOGIN_PAGE', { kind: 'wrongJson', body: '{"token": "two\\nlines"}' }],
    ['SOURCE_UNREACHABLE', { kind: 'resetBeforeHeaders' }],
  ] as const)('%s is what is said of it, within bounds and without the password: %o', async (code, rule) => {
    sim.faults.add({ ...rule, match: 'sessions', times: 'always' });
    const { log, lines } = keptLog();
    const before = sim.stats.requests.sessions;
    const error = await openSession(way, typed, deps({ log })).then(
      () => expect.unreachable('no session'),
      (failed: AppError) => failed,
    );
    expect(error.code).toBe(code);
    expect(sim.stats.requests.sessions - before).toBeLessThanOrEqual(7);
    expect([error.message, String(error.cause), ...lines].join('\n')).not.toContain(typed.password);
  });

  it('is given up when told to', async () => {
    sim.faults.add({ match: 'sessions', kind: 'hang', times: 'always' });
    const stop = new AbortController();
    const opening = codeOf(() => openSession(way, typed, deps({ signal: stop.signal } as never)));
    setTimeout(() => stop.abort(), 50);
    expect(await opening).toBe('CANCELLED');
  });

  it('ends a session, also one that is over, and writes it in no log', async () => {
    const { log, lines } = keptLog();
    const { token } = await openSession(way, typed, deps());
    sim.faults.add({ match: 'sessions', kind: 'status', status: 502 });
    expect(await endSession(way, token, deps({ log }))).toBe(true);
    expect(sim.isLive(token)).toBe(false);
    expect(await endSession(way, token, deps({ log }))).toBe(true);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(token);
  });
});

/** A workspace with one sign-in by a password, which `open` exchanges. */
async function signedIn(
  open: (at: number) => TypedToken | null | Error,
  expiresInMs: number | null = 900_000,
) {
  const folder = temporaryFolder();
  const [id, personId, sourceId] = [randomUUID(), randomUUID(), randomUUID()];
  const store = storeIn(folder.path);
  const { vault, redactor } = await vaultIn(folder.path);
  let opened = 0;
  const tokens = createTokenKeeper({
    ...{ store, vault, shared: nothingShared, random: () => 0.5, log: keptLog(redactor).log },
    exchangeOf: () => directExchange(),
    clock: { now: () => Date.now(), sleep: (ms) => wait(Math.min(ms, 20)) },
    clientOf: async () => ({
      ...{ baseUrl: 'http://127.0.0.1:9', clientId: '' },
      endpoints: { authorizePath: '', tokenPath: '', revokePath: null, scopes: [] },
    }),
    async openTyped(_, sealed) {
      expect(sealed).toMatchObject(typed);
      opened += 1;
      await wait(20);
      const answer = open(opened);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    holder: randomUUID(),
    onChanged: () => {},
    onRefreshed: () => {},
  });
  store.people.create(personId, 'Ada', ['analyst'], instant);
  const source = { name: 'ODK', sourceType: 'odk_central', baseUrl: 'http://127.0.0.1:9', clientId: '' };
  store.sources.create({ id: sourceId, ...source, settings: {}, tlsCa: null }, personId, instant);
  await vault.put(id, sealedTyped(typed, 'first session', source.baseUrl));
  const accessExpiresAt = expiresInMs === null ? null : new Date(Date.now() + expiresInMs).toISOString();
  store.credentials.create(
    id,
    sourceId,
    { personId },
    {
      ...{ account: 'ada@example.org', externalUserId: '5', scopes: [], accessExpiresAt },
      ...{ kind: 'password', renewable: true },
    },
    instant,
  );
  return {
    ...{ id, tokens, store, vault, baseUrl: source.baseUrl, opened: () => opened },
    async [Symbol.asyncDispose]() {
      vault.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}

describe('over the life of a sign-in', () => {
  it('one session is opened however many find theirs refused, and what was typed stays sealed', async () => {
    await using one = await signedIn(() => ({ token: 'second session', endsAt: Date.now() + 60_000_000 }));
    const { tokens, id, baseUrl } = one;
    expect(await tokens.accessToken(id, baseUrl)).toBe('first session');
    const all = await Promise.all([1, 2, 3].map(() => tokens.renew(id, 'first session', baseUrl)));
    expect(new Set(all)).toEqual(new Set(['second session']));
    expect(one.opened()).toBe(1);
    expect(await one.vault.get(id)).toEqual({ ...typed, accessToken: 'second session', origin: baseUrl });
    expect(one.store.credentials.get(id)).toMatchObject({ state: 'valid', renewable: true });
  });

  it('one that runs out is opened anew before it is used', async () => {
    await using one = await signedIn(() => ({ token: 'second session', endsAt: null }), 5000);
    expect(await one.tokens.accessToken(one.id, one.baseUrl)).toBe('second session');
    // The source named no end: it is used until it is refused.
    expect(one.store.credentials.get(one.id).accessExpiresAt).toBeNull();
    expect(await one.tokens.accessToken(one.id, one.baseUrl)).toBe('second session');
    expect(one.opened()).toBe(1);
  });

  it('a refused password ends it; a source that is away does not', async () => {
    const away = new AppError('SOURCE_UNREACHABLE', plain('away'));
    const refused = new AppError('PASSWORD_REFUSED', plain('no'));
    await using one = await signedIn((at) => (at === 1 ? away : refused));
    const renew = () => codeOf(() => one.tokens.renew(one.id, 'first session', one.baseUrl));
    expect(await renew()).toBe('SOURCE_UNREACHABLE');
    expect(one.store.credentials.get(one.id).state).toBe('valid');
    expect(await renew()).toBe('SIGN_IN_EXPIRED');
    expect(one.store.credentials.get(one.id).state).toBe('revoked');
    expect(await codeOf(() => one.tokens.accessToken(one.id, one.baseUrl))).toBe('SIGN_IN_EXPIRED');
  });

  it('what is sent as it was typed has nothing to be renewed with', async () => {
    await using one = await signedIn(() => null, null);
    expect(await one.tokens.accessToken(one.id, one.baseUrl)).toBe('first session');
    expect(await codeOf(() => one.tokens.renew(one.id, 'first session', one.baseUrl))).toBe(
      'SIGN_IN_EXPIRED',
    );
    expect(one.store.credentials.get(one.id).state).toBe('revoked');
  });

  it('it is sent to no other server', async () => {
    await using one = await signedIn(() => null);
    expect(await codeOf(() => one.tokens.accessToken(one.id, 'http://127.0.0.1:10'))).toBe('SIGN_IN_NEEDED');
    expect(await codeOf(() => one.tokens.renew(one.id, 'first session', 'http://127.0.0.1:10'))).toBe(
      'SIGN_IN_NEEDED',
    );
    expect(one.opened()).toBe(0);
  });
});
