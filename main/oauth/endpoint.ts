import type { ClientAuth } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import { type Exchange, type ExchangeAnswer, ExchangeFailed } from '../net/exchange.ts';
import { explainExchange } from '../net/failures.ts';
import { createPatience, longestNamedWaitMs, retryAfterMs } from '../retries.ts';

const requestTimeoutMs = 30_000;
const largestAnswer = 64 * 1024;
/** Of a server that names no lifetime, or one that makes no sense. */
const shortLifeSeconds = 300;
const longestLifeSeconds = 10 * 365 * 86_400;

/** Where the OAuth 2.0 endpoints of a kind of source are, below its base URL. A connector declares them as data. */
export interface OAuthEndpoints {
  readonly authorizePath: string;
  readonly tokenPath: string;
  readonly revokePath: string | null;
  readonly scopes: readonly string[];
}

/** The OAuth client of a source, as far as it is needed to talk to its endpoints. */
export interface OAuthClient {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly endpoints: OAuthEndpoints;
  /** Only of a client that is registered as confidential, with how it proves itself. */
  readonly secret?: { readonly value: string; readonly by: ClientAuth };
}

/** What the token endpoint hands out (RFC 6749 §5.1). */
export interface TokenSet {
  readonly accessToken: string;
  /** Kept from before when the answer has none. */
  readonly refreshToken: string | null;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** What the server named; null where it did not say, which means what was asked for (RFC 6749 §5.1). */
  readonly scopes: readonly string[] | null;
}

/** What requests to the endpoints need. */
export interface EndpointDeps {
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The `error` of an OAuth answer (RFC 6749 §5.2) beside the typed error it became. */
export class OAuthRefusal extends AppError {
  readonly oauthError: string;
  constructor(code: AppError['code'], message: Said, oauthError: string, advice?: Said) {
    super(code, message, advice === undefined ? {} : { advice });
    this.oauthError = oauthError;
  }
}

/** Below the base URL and never anywhere else: resolved as a reference, a path that begins with `//` would be another host. */
const endpoint = (client: OAuthClient, path: string): URL => {
  const url = new URL(client.baseUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  return url;
};

/** RFC 6749 appendix A.12, A.17: visible ASCII and the space. Anything else could not be sent back in a header. */
const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);

function lifetime(value: unknown): number {
  const seconds = typeof value === 'string' ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return shortLifeSeconds;
  return Math.min(seconds, longestLifeSeconds);
}

/** The page to open in the browser (RFC 6749 §4.1.1, RFC 7636 §4.3 with S256). */
export function authorizationUrl(
  client: OAuthClient,
  request: { redirectUri: string; state: string; challenge: string },
): string {
  const url = endpoint(client, client.endpoints.authorizePath);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: request.redirectUri,
    scope: client.endpoints.scopes.join(' '),
    state: request.state,
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.toString();
}

/** As in a form, and only then joined by a colon: RFC 6749 §2.3.1. */
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** What a request carries to say which client it comes from, and to prove it. */
function proofOf({ clientId, secret }: OAuthClient) {
  if (secret === undefined) return { fields: { client_id: clientId }, header: {} };
  if (secret.by === 'form') {
    return { fields: { client_id: clientId, client_secret: secret.value }, header: {} };
  }
  const token = Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret.value)}`).toString('base64');
  return { fields: {}, header: { scheme: 'Basic', token } };
}

/** Whether a scope that is needed is not among those that the server named. */
export const lacksScope = (named: TokenSet['scopes'], wanted: readonly string[]): boolean =>
  named !== null && !wanted.every((scope) => named.includes(scope));

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly content: 'json' | 'none' | 'other';
  readonly retryAfter: string | null;
}

function readAnswer({ status, retryAfter, body }: ExchangeAnswer): Answer {
  const text = body.toString('utf8');
  let read: unknown = null;
  try {
    read = JSON.parse(text);
  } catch {
    // An empty or an HTML answer; the status decides.
  }
  const fields = typeof read === 'object' && read !== null ? read : {};
  return {
    ...{ status, retryAfter, body: fields as Record<string, unknown> },
    content: text === '' ? 'none' : read === null ? 'other' : 'json',
  };
}

/** What an answer is told as that is neither what was asked for nor a refusal. RFC 6585 §6: 511 is a network's own word. */
function unexpected(host: string, { status, content }: Answer): AppError {
  if (status === 408 || (status >= 500 && status !== 511))
    return new AppError('SOURCE_FAILING', say('oauth.answersErrorOwn', { host, status: String(status) }));
  return content === 'json' && status !== 511
    ? new AppError('SOURCE_BAD_ANSWER', say('oauth.sentAnswerHoldsNo', { host }))
    : new AppError('SOURCE_LOGIN_PAGE', say('oauth.webPageCameBack', { host }));
}

/**
 * Asks an endpoint as patiently as any page of data is asked for: again where the network or the server fails, whatever
 * stands in such an answer, and later where the server says so. Returns the first answer that `isAnswer` takes for one,
 * or a refusal (400 to 499). Fails with SOURCE_*, PROXY_*, RateLimited or CANCELLED.
 */
async function post(
  client: OAuthClient,
  path: string,
  fields: Record<string, string>,
  deps: EndpointDeps,
  isAnswer: (answer: Answer) => boolean,
): Promise<Answer> {
  const { clock, log, signal } = deps;
  const url = endpoint(client, path);
  const proof = proofOf(client);
  const form = new URLSearchParams({ ...fields, ...proof.fields }).toString();
  const patience = createPatience({ site: url.host, clock, random: deps.random, signal });
  for (;;) {
    let error: AppError;
    try {
      const request = {
        url: url.href,
        accept: 'application/json',
        form,
        cutAt: largestAnswer,
        ...proof.header,
      };
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
      const answer = readAnswer(await deps.exchange(request, inTime));
      const { status } = answer;
      const named = retryAfterMs(answer.retryAfter, clock.now());
      if (status === 429 || (status === 503 && named !== null)) {
        log.info('oauth.rate_limited', { path, waitMs: named });
        const until = named === null ? null : clock.now() + Math.min(named, longestNamedWaitMs);
        await patience.sitOut(until, status === 429 ? 'too many requests' : 'maintenance');
        continue;
      }
      if (isAnswer(answer) || (status >= 400 && status < 500 && status !== 408)) return answer;
      error = unexpected(url.host, answer);
    } catch (failed) {
      if (signal.aborted) throw cancelled();
      if (!(failed instanceof ExchangeFailed)) throw failed;
      const explained = explainExchange(url.host, failed);
      if (!explained.again) throw explained.error;
      ({ error } = explained);
    }
    const { code, message } = error;
    log.warn('oauth.retry', { path, code, message, failures: patience.failures + 1 });
    await patience.again(error);
  }
}

async function requestTokens(
  client: OAuthClient,
  fields: Record<string, string>,
  deps: EndpointDeps,
): Promise<TokenSet> {
  const { status, body } = await post(
    client,
    client.endpoints.tokenPath,
    fields,
    deps,
    (answer) => answer.status === 200 && isToken(answer.body['access_token']),
  );
  const { host } = new URL(client.baseUrl);
  if (status === 200 && isToken(body['access_token'])) {
    return {
      accessToken: body['access_token'],
      refreshToken: isToken(body['refresh_token']) ? body['refresh_token'] : null,
      expiresIn: lifetime(body['expires_in']),
      scopes: typeof body['scope'] === 'string' ? body['scope'].split(' ').filter(Boolean) : null,
    };
  }
  const renewing = fields['grant_type'] === 'refresh_token';
  // Only a word of the RFC is repeated; anything else is the server's own text and may quote what it was sent.
  const said = body['error'];
  const error = typeof said === 'string' && /^[a-z_]{1,40}$/.test(said) ? said : '';
  if (error === 'invalid_grant') {
    throw renewing
      ? new OAuthRefusal('SIGN_IN_EXPIRED', say('oauth.doesNotAcceptSign', { host }), error)
      : new OAuthRefusal('OAUTH_CODE_EXPIRED', say('oauth.saysSignTookToo', { host }), error);
  }
  if (error === 'invalid_client' || error === 'unauthorized_client') {
    throw clientRefused(client, host, renewing, error);
  }
  const answered = error || `status ${status}`;
  if (renewing) {
    throw new AppError('SOURCE_BAD_ANSWER', say('oauth.didNotRenewSign', { host, answered }), {
      advice: say('oauth.didNotRenewSign.advice'),
    });
  }
  throw new AppError('OAUTH_FAILED', say('oauth.answeredSign', { host, answered }));
}

/** An unknown client never gets a code: who has one and is refused is known, and is to prove itself. */
function clientRefused({ secret }: OAuthClient, host: string, renewing: boolean, error: string): AppError {
  const code = 'OAUTH_CLIENT_REFUSED';
  if (secret !== undefined) {
    const advice = say('oauth.enterClientSecretSource');
    return new OAuthRefusal(code, say('oauth.doesNotAcceptClient', { host }), error, advice);
  }
  if (renewing) return new OAuthRefusal(code, say('oauth.doesNotKnowClient', { host }), error);
  const advice = say('oauth.enterClientSecretOrPublic');
  return new OAuthRefusal(code, say('oauth.clientSourceRegisteredConfidential', { host }), error, advice);
}

/** Exchanges the code of the browser for tokens; the redirect must be the one that was sent, port included. */
export function exchangeCode(
  client: OAuthClient,
  grant: { code: string; redirectUri: string; verifier: string },
  deps: EndpointDeps,
): Promise<TokenSet> {
  return requestTokens(
    client,
    {
      grant_type: 'authorization_code',
      code: grant.code,
      redirect_uri: grant.redirectUri,
      code_verifier: grant.verifier,
    },
    deps,
  );
}

/** Renews; the server kills both old tokens at that moment (rotation), so the answer must be kept at once. */
export function refreshTokens(
  client: OAuthClient,
  refreshToken: string,
  deps: EndpointDeps,
): Promise<TokenSet> {
  return requestTokens(client, { grant_type: 'refresh_token', refresh_token: refreshToken }, deps);
}

/** Revokes a refresh token and with it its access token (RFC 7009). Throws where the server did not say that it did. */
export async function revokeToken(
  client: OAuthClient,
  refreshToken: string,
  deps: EndpointDeps,
): Promise<void> {
  const { revokePath } = client.endpoints;
  if (revokePath === null) return;
  const fields = { token: refreshToken, token_type_hint: 'refresh_token' };
  const { status } = await post(
    client,
    revokePath,
    fields,
    deps,
    // RFC 7009 §2.2: the status tells. A web page is that of a network that wants a sign-in of its own.
    (answer) => answer.status === 200 && answer.content !== 'other',
  );
  if (status === 200) return;
  const { host } = new URL(client.baseUrl);
  throw new AppError('OAUTH_FAILED', say('oauth.didNotRevokeSign', { host, status: String(status) }));
}
