import { type Connector, type DatasetSpec, type Page, specsOf } from '../../../main/connectors/connector.ts';
import { createHttp, type SourceHttp, type Tokens } from '../../../main/connectors/http.ts';
import type { Json } from '../../../main/connectors/json.ts';
import { openSession } from '../../../main/connectors/session.ts';
import { signInOfKind } from '../../../main/connectors/sign-in.ts';
import type { Clock } from '../../../main/host.ts';
import type { Logger } from '../../../main/log.ts';
import type { OAuthClient } from '../../../main/oauth/endpoint.ts';
import { refreshTokens } from '../../../main/oauth/endpoint.ts';
import { byFetch } from '../../support/exchanges.ts';
import { endpointDeps, keptLog } from '../../support/parts.ts';
import type { Fixture, Site } from './fixture.ts';

/** Pages in one read of a test; more is a loop. */
const mostPages = 500;

/** A clock that skips every wait, and says how long it would have been. */
export function skippingClock(): Clock & { readonly skipped: number } {
  let skipped = 0;
  return {
    get skipped() {
      return skipped;
    },
    now: () => Date.now() + skipped,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      skipped += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** How the answers or requests of one read are meddled with. */
export interface Meddling {
  /** Most records a page. */
  readonly pageSize?: number;
  /** Changes the body of an answer to a data request, counted from 1. */
  readonly body?: (body: Buffer, nth: number) => Buffer;
  readonly signal?: AbortSignal;
  readonly tokens?: Tokens;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** What a simulator's server answers where the simulator itself throws; see `listen`. */
const thrown = 'Simulator fault: ';

/** Fetch between a connector and its simulator. `onThrow` is told what the simulator threw instead of answering. */
export function meddlingFetch(
  fixture: Fixture,
  meddling: Meddling,
  onThrow: (message: string) => void = () => {},
): typeof fetch {
  let nth = 0;
  return async (input, init) => {
    const url = new URL(String(input));
    if (meddling.pageSize !== undefined) fixture.clamp(url.searchParams, meddling.pageSize);
    const answer = await fetch(url, init);
    if (answer.status === 500) {
      const said = await answer.clone().text();
      if (said.startsWith(thrown)) onThrow(`${url.pathname}: ${said.slice(thrown.length)}`);
    }
    if (meddling.body === undefined || init?.method === 'POST') return answer;
    nth += 1;
    const body = meddling.body(Buffer.from(await answer.arrayBuffer()), nth);
    const headers = new Headers(answer.headers);
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(new Uint8Array(body), { status: answer.status, headers });
  };
}

/** How a connector signs in in the browser. */
export function oauthOf(connector: Connector) {
  const way = signInOfKind(connector, 'oauth');
  if (way === undefined) throw new Error(`${connector.type} has no sign-in in the browser`);
  return way;
}

export const clientOf = (connector: Connector, site: Site): OAuthClient => ({
  baseUrl: site.url,
  clientId: 'headgate-desktop',
  endpoints: oauthOf(connector).endpoints,
});

/** How a connector takes passwords. */
export function passwordOf(connector: Connector) {
  const way = signInOfKind(connector, 'password');
  if (way === undefined) throw new Error(`${connector.type} takes no passwords`);
  return way;
}

/** What is needed to open or end a session of a simulator. */
export const sessionDeps = (connector: Connector, site: Site) => ({
  ...{ baseUrl: site.url, title: connector.title },
  ...endpointDeps(AbortSignal.timeout(10_000)),
});

type LiveTokens = Tokens & { readonly renewals: number; readonly access: string; readonly first: string };

/** Ends a sign-in at the simulator, so that nothing renews it. */
export function endToken(site: Site, access: string): void {
  site.oauth?.expire(access);
  site.sessions?.expire(access);
}

/** A pair of tokens of the simulator, or a session of it where it has those. */
export function issuedBy(connector: Connector, site: Site): { accessToken: string; refreshToken: string } {
  if (site.oauth)
    return site.oauth.issueTokens(undefined, { scope: oauthOf(connector).endpoints.scopes.join(' ') });
  if (connector.signIn[0]?.kind === 'none') return { accessToken: '', refreshToken: '' };
  if (site.sessions) return { accessToken: site.sessions.issue(), refreshToken: '' };
  throw new Error(`the site of ${connector.type} says nothing of signing in`);
}

/** Tokens of a real pair, renewed as the connector says at the simulator's own endpoint, one renewal at a time. */
export function liveTokens(connector: Connector, site: Site, pair = issuedBy(connector, site)): LiveTokens {
  let { accessToken, refreshToken } = pair;
  let renewals = 0;
  let running: Promise<string> | null = null;
  const renew = async (): Promise<string> => {
    renewals += 1;
    if (site.sessions) {
      const deps = sessionDeps(connector, site);
      accessToken = (await openSession(passwordOf(connector), site.sessions.typed, deps)).token;
      return accessToken;
    }
    const deps = endpointDeps(AbortSignal.timeout(10_000));
    const fresh = await refreshTokens(clientOf(connector, site), refreshToken, deps);
    accessToken = fresh.accessToken;
    refreshToken = fresh.refreshToken ?? refreshToken;
    return accessToken;
  };
  return {
    get renewals() {
      return renewals;
    },
    get access() {
      return accessToken;
    },
    /** The access token it began with. */
    first: pair.accessToken,
    current: () => Promise.resolve(accessToken),
    renew(stale) {
      if (stale !== accessToken) return Promise.resolve(accessToken);
      running ??= renew().finally(() => {
        running = null;
      });
      return running;
    },
  };
}

export function httpFor(
  fixture: Fixture,
  site: Site,
  meddling: Meddling = {},
  onThrow?: (message: string) => void,
): SourceHttp {
  return createHttp({
    baseUrl: site.url,
    connector: fixture.connector,
    signIn: fixture.connector.signIn[0]?.kind ?? 'oauth',
    tokens: meddling.tokens ?? liveTokens(fixture.connector, site),
    exchange: byFetch(meddlingFetch(fixture, meddling, onThrow)),
    clock: meddling.clock ?? skippingClock(),
    random: () => 0.5,
    log: meddling.log ?? keptLog().log,
  });
}

/** Reads a dataset from a cursor to its end, page by page; every cursor goes through JSON as the database's does. */
export async function* pagesOf(
  fixture: Fixture,
  site: Site,
  dataset: string,
  cursor: Json | null = null,
  meddling: Meddling = {},
): AsyncGenerator<Page, void> {
  const { connector, settings, options } = fixture;
  const signal = meddling.signal ?? AbortSignal.timeout(15_000);
  let broken: string | null = null;
  const http = httpFor(fixture, site, meddling, (message) => {
    broken = message;
  });
  let count = 0;
  try {
    for await (const page of connector.read(dataset, { http, settings, options, cursor, signal })) {
      count += 1;
      if (count > mostPages) throw new Error(`more than ${mostPages} pages of ${dataset}`);
      yield { ...page, cursor: JSON.parse(JSON.stringify(page.cursor)) as Json };
    }
  } catch (error) {
    if (broken === null) throw error;
    throw new Error(`The simulator threw while “${dataset}” was read, ${broken}`, { cause: error });
  }
}

/** How the covered datasets are read: those of every source, and what this one is asked for. */
export function specsFor(
  fixture: Fixture,
  site: Site,
  names: readonly string[] = fixture.datasets.map(({ name }) => name),
): Promise<readonly DatasetSpec[]> {
  const { connector, settings, options } = fixture;
  const signal = AbortSignal.timeout(15_000);
  return specsOf(connector, names, { http: httpFor(fixture, site), settings, options, signal });
}

/** What identifies the records of a page: the source's own key or the connector's. */
export function keysOfPage(fixture: Fixture, dataset: string, page: Page): string[] {
  const shape = fixture.connector.datasets.find(({ name }) => name === dataset)?.shape;
  return page.records.map(
    (record, index) => page.keys?.[index] ?? record.get(shape?.key ?? fixture.key ?? '')?.text() ?? 'no key',
  );
}

export interface Whole {
  readonly pages: readonly Page[];
  /** JSON texts, sorted. */
  readonly records: readonly string[];
  readonly keys: readonly string[];
}

const canonical = (value: unknown): string => JSON.stringify(value);
/** The records of pages as sorted JSON texts: comparable as multisets. */
export const textsOf = (pages: readonly Page[]): string[] =>
  pages.flatMap((page) => page.records.map((record) => canonical(JSON.parse(record.source())))).sort();

export async function readWhole(
  fixture: Fixture,
  site: Site,
  dataset: string,
  cursor: Json | null = null,
  meddling: Meddling = {},
): Promise<Whole> {
  const pages: Page[] = [];
  for await (const page of pagesOf(fixture, site, dataset, cursor, meddling)) pages.push(page);
  return {
    pages,
    records: textsOf(pages),
    keys: pages.flatMap((page) => keysOfPage(fixture, dataset, page)),
  };
}

/** What a dataset should hold, as sorted JSON texts. */
export async function expectedOf(site: Site, dataset: string): Promise<string[]> {
  return (await site.records(dataset)).map(canonical).sort();
}

/** How a read ended: the code of its error, or that it came to an end. */
export const outcomeOf = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => 'read',
    (error: { code?: string; message?: string }) => error.code ?? String(error.message),
  );
