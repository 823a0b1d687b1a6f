import { createHash } from 'node:crypto';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import {
  authorizationUrl,
  type EndpointDeps,
  exchangeCode,
  type OAuthClient,
  type TokenSet,
} from './endpoint.ts';
import { openReceiver } from './loopback.ts';
import { englishPages, type SignInPages } from './pages.ts';

export interface FlowDeps extends EndpointDeps {
  readonly bytes: (count: number) => Buffer;
  readonly openUrl: (url: string) => Promise<void>;
  /** Told the page before it is opened, so that it can be copied where no browser opens. */
  readonly onUrl: (url: string) => void;
  /** What the browser shows in the end; in English unless given. */
  readonly pages?: SignInPages;
  readonly timeoutMs?: number;
}

/**
 * The authorisation code flow of a desktop application (RFC 8252): the system's browser, PKCE with S256, a loopback
 * receiver for one request. What `use` does with the tokens belongs to it: only then does the browser say that it worked. Fails with OAUTH_DENIED, OAUTH_TIMEOUT, OAUTH_CODE_EXPIRED, OAUTH_CLIENT_REFUSED,
 * OAUTH_FAILED, SOURCE_UNREACHABLE, SOURCE_FAILING, SOURCE_RATE_LIMITED or CANCELLED.
 */
export async function signIn<T>(
  client: OAuthClient,
  deps: FlowDeps,
  use: (tokens: TokenSet) => Promise<T>,
): Promise<T> {
  const state = deps.bytes(24).toString('base64url');
  // RFC 7636 §4.1: 32 random bytes give the recommended 43 characters.
  const verifier = deps.bytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const receiver = await openReceiver(
    state,
    deps.signal,
    deps.pages ?? (await englishPages()),
    deps.timeoutMs,
  );
  try {
    const url = authorizationUrl(client, { redirectUri: receiver.redirectUri, state, challenge });
    deps.onUrl(url);
    // Without a browser the link can still be copied: the wait goes on.
    deps.openUrl(url).catch(() => {});
    const answer = await receiver.answer;
    const error = answer.get('error');
    if (error !== null) throw refused(error, client);
    const code = answer.get('code');
    if (!code) throw new AppError('OAUTH_FAILED', say('oauth.browserCameBackWithout'));
    const tokens = await exchangeCode(client, { code, redirectUri: receiver.redirectUri, verifier }, deps);
    const used = await use(tokens);
    receiver.tell(true);
    return used;
  } finally {
    receiver.close();
  }
}

/** RFC 6749 §4.1.2.1. */
function refused(error: string, client: OAuthClient): AppError {
  const { host } = new URL(client.baseUrl);
  if (error === 'access_denied') {
    return new AppError('OAUTH_DENIED', say('oauth.youDidNotAllow', { host }));
  }
  if (error === 'unauthorized_client' || error === 'invalid_request') {
    return new AppError('OAUTH_CLIENT_REFUSED', say('oauth.refusedRequestSourcesClient', { host, error }));
  }
  // Only the registered words of the RFC are repeated; anything else is the server's own text.
  return new AppError(
    'OAUTH_FAILED',
    /^[a-z_]{1,40}$/.test(error) ? say('oauth.ended', { host, error }) : say('oauth.endedUnknown', { host }),
  );
}
