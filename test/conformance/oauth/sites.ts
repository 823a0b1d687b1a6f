import { randomBytes } from 'node:crypto';
import { createHqSimulator, type OAuthBehaviour } from '../../simulators/commcare-hq/index.ts';
import { noDjangoOAuth, startDjangoOAuth } from '../../support/django-oauth.ts';
import { type Browser, browserOf, type Person } from './browser.ts';

/** What a renewal brings whose access token was taken away: the versions of django-oauth-toolkit differ. */
export type WithoutAccess = NonNullable<OAuthBehaviour['withoutAccess']>;

/** A server that hands out tokens, and what time and people do to it. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly withoutAccess: WithoutAccess;
  browser(person?: Person, choice?: 'allow' | 'deny'): Browser;
  /** An access token has run out. */
  expire(accessToken: string): Promise<void>;
  /** Every code that was given out is too old. */
  ageCodes(): Promise<void>;
  /** Nothing was asked for in 20 days. With that alone every refresh token still works. */
  age(): Promise<void>;
  /** The job that operators let run; it ends what was not used for 15 days. */
  cleanUp(): Promise<void>;
  /** Two requests for tokens that `work` makes are in the server at the same time, and were both found to be in order. */
  together<T>(work: () => Promise<T>): Promise<T>;
  /** Somebody takes away what was allowed, where the site shows it. */
  takeAway(accessToken: string): Promise<void>;
  /** How many refresh tokens of somebody would still work. */
  live(person: Person): Promise<number>;
}

const password = randomBytes(12).toString('hex');
export const john: Person = { name: 'john@example.com', password };
export const mina: Person = { name: 'mina@example.com', password };

const loopback = 'http://127.0.0.1/callback';

/** How clients are registered, the same everywhere. */
export const clients = {
  public: { id: 'headgate-desktop', redirect: loopback, pkce: true },
  withoutPkce: { id: 'headgate-older', redirect: loopback, pkce: false },
  elsewhere: { id: 'web', redirect: 'https://example.org/back', pkce: true },
  // With everything that two ways of encoding could treat differently.
  confidential: { id: 'head gate:1', secret: 'a+b c%20:ü/&=~*', redirect: loopback, pkce: true },
} as const;

/** The software itself, as far as it is installed. */
async function software(): Promise<Site> {
  const real = await startDjangoOAuth(
    [
      { ...john, spaces: ['demo'] },
      { ...mina, spaces: [] },
    ],
    Object.values(clients),
  );
  const [major = 0, minor = 0, patch = 0] = real.version.split('.').map(Number);
  const latest = major * 10_000 + minor * 100 + patch >= 30_401;
  const browser: Site['browser'] = (person = john, choice = 'allow') => browserOf(person, choice);
  return {
    url: real.url,
    withoutAccess: major < 2 ? 'error' : latest ? 'refused' : 'no-scope',
    browser,
    expire: async (token) => void (await real.change('expire', token)),
    ageCodes: async () => void (await real.change('age_codes')),
    age: async () => void (await real.change('age_refresh_tokens')),
    cleanUp: async () => void (await real.change('clean_up')),
    async together(work) {
      await real.change('meet', 2);
      try {
        return await work();
      } finally {
        await real.change('meet', 0);
      }
    },
    takeAway: () => browser().takeAway(real.url),
    live: async ({ name }) => Number(await real.change('live', name)),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
}

/** What stands in for it everywhere else, in the version that CommCare HQ has. */
async function simulator(withoutAccess: WithoutAccess): Promise<Site> {
  const time = { now: Date.now() };
  const oauth: OAuthBehaviour = { withoutAccess };
  const sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 1, cases: 1, seed: 1 }],
    users: [
      { username: john.name, firstName: 'John', lastName: 'Doe', email: john.name, domains: ['demo'] },
      { username: mina.name, firstName: 'John', lastName: 'Doe', email: mina.name, domains: [] },
    ],
    clients: Object.values(clients).map((client) => ({
      ...{ clientId: client.id, redirectUris: [client.redirect], pkceRequired: client.pkce },
      ...('secret' in client ? { clientSecret: client.secret } : {}),
    })),
    ...{ oauth, clock: () => time.now },
  });
  return {
    ...{ url: sim.url, withoutAccess },
    browser: (person = john, choice = 'allow') => browserOf(person, choice),
    expire: async (token) => sim.oauth.expire(token),
    async ageCodes() {
      time.now += 61_000;
    },
    async age() {
      time.now += 20 * 86_400_000;
    },
    cleanUp: async () => sim.oauth.clearTokens(),
    async together(work) {
      oauth.overlapMs = 60_000;
      try {
        return await work();
      } finally {
        oauth.overlapMs = 0;
      }
    },
    takeAway: async (token) => sim.oauth.deleteAccess(token),
    live: async ({ name }) => sim.oauth.live(name),
    [Symbol.asyncDispose]: () => sim.close(),
  };
}

/** Every site that the list of cases is run over: its name, why it can't be, and how it is started. */
export const sites: readonly [name: string, missing: string | null, start: () => Promise<Site>][] = [
  ['the simulator', null, () => simulator('no-scope')],
  ['the simulator, as older software', null, () => simulator('error')],
  ['django-oauth-toolkit', noDjangoOAuth, software],
];
