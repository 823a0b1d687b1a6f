import { createHash, randomBytes } from 'node:crypto';
import { commcareOAuth } from '../../../main/connectors/commcare/index.ts';
import {
  authorizationUrl,
  type OAuthClient,
  type OAuthEndpoints,
  type TokenSet,
} from '../../../main/oauth/endpoint.ts';
import { signIn } from '../../../main/oauth/flow.ts';
import { openReceiver } from '../../../main/oauth/loopback.ts';
import { englishPages } from '../../../main/oauth/pages.ts';
import { endpointDeps, random } from '../../support/parts.ts';
import type { Browser, Page } from './browser.ts';
import { type Answered, watchedExchange } from './signed-in.ts';
import { clients, type Site } from './sites.ts';

/* The application's own client code in front of a site. */

const never = new AbortController().signal;

/** A client as the application has it; of one that is registered as confidential, with its secret as form fields. */
export function clientOf(
  site: Site,
  which: keyof typeof clients = 'public',
  change: Partial<OAuthClient> & { readonly endpoints?: OAuthEndpoints } = {},
): OAuthClient {
  const registered = clients[which];
  const secret = 'secret' in registered ? { secret: { value: registered.secret, by: 'form' as const } } : {};
  return { baseUrl: site.url, clientId: registered.id, endpoints: commcareOAuth, ...secret, ...change };
}

export interface Attempt {
  /** What the browser showed at the end. */
  readonly page: Page;
  /** Where it was sent. */
  readonly asked: URL;
  readonly answered: readonly Answered[];
  /** Null when it failed. */
  readonly pair: TokenSet | null;
  readonly error: unknown;
}

/** A whole sign-in. Where the pages end elsewhere than at the application, the person gives it up. */
export async function attempt(
  client: OAuthClient,
  browser: Browser,
  change: (url: URL) => void = () => {},
): Promise<Attempt> {
  const { exchange, answered } = watchedExchange();
  const abort = new AbortController();
  let [page, asked]: [Promise<Page> | null, URL | null] = [null, null];
  const openUrl = async (url: string): Promise<void> => {
    asked = new URL(url);
    change(asked);
    page = browser.visit(asked.href);
    const { url: last } = await page;
    if (new URL(last).origin === new URL(client.baseUrl).origin) abort.abort();
  };
  const deps = { ...endpointDeps(abort.signal), exchange, bytes: random, openUrl, onUrl: () => {} };
  const [pair, error] = await signIn(client, { ...deps, timeoutMs: 30_000 }, async (fresh) => fresh).then(
    (fresh): [TokenSet, null] => [fresh, null],
    (failed: unknown): [null, unknown] => [null, failed],
  );
  if (page === null || asked === null) throw new Error('no browser was opened', { cause: error });
  return { page: await page, asked, answered, pair, error };
}

/** The pair of a sign-in that works. */
export async function pairOf(client: OAuthClient, browser: Browser): Promise<TokenSet> {
  const { pair, error } = await attempt(client, browser);
  if (pair === null) throw error;
  return pair;
}

/** A code that nobody has exchanged yet, with what belongs to it. */
export async function codeOf(
  client: OAuthClient,
  browser: Browser,
): Promise<{ code: string; redirectUri: string; verifier: string }> {
  const state = randomBytes(24).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const receiver = await openReceiver(state, never, await englishPages(), 30_000);
  try {
    const { redirectUri } = receiver;
    receiver.answer.then(() => receiver.tell(true)).catch(() => {});
    await browser.visit(authorizationUrl(client, { redirectUri, state, challenge }));
    const code = (await receiver.answer).get('code') ?? '';
    return { code, redirectUri, verifier };
  } finally {
    receiver.close();
  }
}

/** The status with which the site's API takes a token. */
export const statusWith = async (site: Site, token: string): Promise<number> =>
  (await fetch(`${site.url}/api/identity/v1/`, { headers: { authorization: `Bearer ${token}` } })).status;
