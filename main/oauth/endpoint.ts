import { AppError, cancelled } from '../errors.ts';

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
}

/** What the token endpoint hands out (RFC 6749 §5.1). */
export interface TokenSet {
  readonly accessToken: string;
  /** Kept from before when the answer has none. */
  readonly refreshToken: string | null;
  /** Seconds from now. */
  readonly expiresIn: number;
  readonly scopes: readonly string[];
}

/** The `error` of an OAuth answer (RFC 6749 §5.2) beside the typed error it became. */
export class OAuthRefusal extends AppError {
  readonly oauthError: string;
  constructor(code: AppError['code'], message: string, oauthError: string) {
    super(code, message);
    this.oauthError = oauthError;
  }
}

/** Below the base URL and never anywhere else: resolved as a reference, a path that begins with `//` would be another host. */
const endpoint = (client: OAuthClient, path: string): URL => {
  const url = new URL(client.baseUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  return url;
};

/** Reads a text of at most {@link largestAnswer}; what comes after is not fetched. */
async function readBounded(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size >= largestAnswer) break;
  }
  return Buffer.concat(pieces).subarray(0, largestAnswer).toString('utf8');
}

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

async function post(
  client: OAuthClient,
  path: string,
  fields: Record<string, string>,
  deps: { fetch: typeof fetch; signal: AbortSignal },
): Promise<{ status: number; body: Record<string, unknown> }> {
  const url = endpoint(client, path);
  try {
    const response = await deps.fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...fields, client_id: client.clientId }).toString(),
      redirect: 'manual',
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    const text = await readBounded(response);
    let body: unknown = null;
    try {
      body = JSON.parse(text);
    } catch {
      // An empty or an HTML answer; the status decides.
    }
    return { status: response.status, body: (body ?? {}) as Record<string, unknown> };
  } catch (cause) {
    if (deps.signal.aborted) throw cancelled();
    throw new AppError('SOURCE_UNREACHABLE', `${url.host} can not be reached.`, { cause });
  }
}

async function requestTokens(
  client: OAuthClient,
  fields: Record<string, string>,
  deps: { fetch: typeof fetch; signal: AbortSignal },
): Promise<TokenSet> {
  const { status, body } = await post(client, client.endpoints.tokenPath, fields, deps);
  const { host } = new URL(client.baseUrl);
  if (status === 200 && isToken(body['access_token'])) {
    return {
      accessToken: body['access_token'],
      refreshToken: isToken(body['refresh_token']) ? body['refresh_token'] : null,
      expiresIn: lifetime(body['expires_in']),
      scopes: typeof body['scope'] === 'string' ? body['scope'].split(' ').filter(Boolean) : [],
    };
  }
  // Only a word of the RFC is repeated; anything else is the server's own text and may quote what it was sent.
  const said = body['error'];
  const error = typeof said === 'string' && /^[a-z_]{1,40}$/.test(said) ? said : '';
  if (error === 'invalid_grant') {
    throw fields['grant_type'] === 'refresh_token'
      ? new OAuthRefusal('SIGN_IN_EXPIRED', `${host} does not accept this sign-in any more.`, error)
      : new OAuthRefusal(
          'OAUTH_CODE_EXPIRED',
          `${host} says the sign-in took too long or was used already.`,
          error,
        );
  }
  if (error === 'invalid_client' || error === 'unauthorized_client') {
    throw new OAuthRefusal(
      'OAUTH_CLIENT_REFUSED',
      `${host} does not know the client id of this source.`,
      error,
    );
  }
  throw new AppError('OAUTH_FAILED', `${host} answered the sign-in with ${error || `status ${status}`}.`);
}

/** Exchanges the code of the browser for tokens; the redirect must be the one that was sent, port included. */
export function exchangeCode(
  client: OAuthClient,
  grant: { code: string; redirectUri: string; verifier: string },
  deps: { fetch: typeof fetch; signal: AbortSignal },
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
  deps: { fetch: typeof fetch; signal: AbortSignal },
): Promise<TokenSet> {
  return requestTokens(client, { grant_type: 'refresh_token', refresh_token: refreshToken }, deps);
}

/** Revokes a refresh token and with it its access token (RFC 7009). An unreachable server is reported by throwing. */
export async function revokeToken(
  client: OAuthClient,
  refreshToken: string,
  deps: { fetch: typeof fetch; signal: AbortSignal },
): Promise<void> {
  if (client.endpoints.revokePath === null) return;
  await post(
    client,
    client.endpoints.revokePath,
    { token: refreshToken, token_type_hint: 'refresh_token' },
    deps,
  );
}
