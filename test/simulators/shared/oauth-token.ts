import { type Call, empty, html, json, type Reply } from './http.ts';
import type { IssuedTokens, OAuthState } from './oauth-state.ts';
import type { OAuthClient } from './types.ts';

/** `POST …/token/` (§1), with its exact error shapes. */
export function token(call: Call, oauth: OAuthState): Reply {
  if (call.method !== 'POST') return empty(405, { Allow: 'POST, OPTIONS' });
  if (call.query.size > 0) return withQuery();
  const params = lastOfEach(call.body);
  const grantType = params.get('grant_type') ?? '';
  if (!GRANTS.has(grantType)) return failure(400, 'unsupported_grant_type');
  const client = authenticate(call, params, oauth);
  if (client === undefined) return invalidClient();
  if (grantType === 'refresh_token') return refresh(params, client, oauth);
  if (grantType === 'authorization_code') return exchange(params, client, oauth);
  // Known to the software, but not what clients here are registered for.
  if (grantType === 'password') return failure(400, 'invalid_grant', 'Invalid credentials given.');
  return client.clientSecret === undefined ? invalidClient() : failure(400, 'unauthorized_client');
}

const GRANTS = new Set(['authorization_code', 'refresh_token', 'password', 'client_credentials']);

/** A form, of which the last counts where a name comes twice. */
const lastOfEach = (body: string): URLSearchParams =>
  new URLSearchParams([...new Map(new URLSearchParams(body))]);

const withQuery = (): Reply => failure(400, 'invalid_request', 'URL query parameters are not allowed');

/** `POST …/revoke_token/` (§1): 200 and empty, even for an unknown token. */
export function revoke(call: Call, oauth: OAuthState): Reply {
  if (call.method !== 'POST') return empty(405, { Allow: 'POST, OPTIONS' });
  if (call.query.size > 0) return withQuery();
  const params = lastOfEach(call.body);
  if (authenticate(call, params, oauth) === undefined) return invalidClient();
  const value = params.get('token');
  if (value === null || value === '') return failure(400, 'invalid_request', 'Missing token parameter.');
  oauth.revoke(value);
  return empty(200);
}

function exchange(params: URLSearchParams, client: OAuthClient, oauth: OAuthState): Reply {
  const code = params.get('code');
  if (code === null) return failure(400, 'invalid_request', 'Missing code parameter.');
  const redirectUri = params.get('redirect_uri') ?? '';
  const grant = oauth.takeCode(code, client.clientId, redirectUri, params.get('code_verifier') ?? undefined);
  if (grant === 'no-verifier') return failure(400, 'invalid_request', 'Code verifier required.');
  if (grant === 'redirect') return failure(400, 'invalid_request', 'Mismatching redirect URI.');
  if (grant === 'invalid') return failure(400, 'invalid_grant');
  return issued(oauth.issue(client.clientId, grant.username, grant.scope), oauth);
}

function refresh(params: URLSearchParams, client: OAuthClient, oauth: OAuthState): Reply {
  const value = params.get('refresh_token');
  if (value === null) return failure(400, 'invalid_request', 'Missing refresh token parameter.');
  const found = oauth.findRefresh(value, client.clientId);
  if (found === undefined) {
    const pair = oauth.overlapping(value);
    if (pair !== undefined) return issued(pair, oauth);
    oauth.reused(value);
    return failure(400, 'invalid_grant');
  }
  if (!oauth.hasAccess(found)) {
    const { withoutAccess = 'no-scope' } = oauth.settings.behaviour ?? {};
    if (withoutAccess === 'error') return html(500, '<h1>Server Error (500)</h1>');
    if (withoutAccess === 'refused') return failure(400, 'invalid_grant');
    return issued(oauth.rotate(value, found, ''), oauth);
  }
  const scope = params.get('scope') ?? found.scope;
  const granted = found.scope.split(' ');
  if (!scope.split(' ').every((s) => granted.includes(s))) return failure(400, 'invalid_scope');
  return issued(oauth.rotate(value, found, scope), oauth);
}

function issued(tokens: IssuedTokens, oauth: OAuthState): Reply {
  return json(
    200,
    {
      access_token: tokens.accessToken,
      expires_in: oauth.settings.accessTokenSeconds,
      token_type: 'Bearer',
      scope: tokens.scope,
      refresh_token: tokens.refreshToken,
    },
    { 'Cache-Control': 'no-store', Pragma: 'no-cache' },
  );
}

/** The client, by HTTP Basic or by the form; a public client needs its id only. */
function authenticate(call: Call, params: URLSearchParams, oauth: OAuthState): OAuthClient | undefined {
  const basic = /^Basic\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  let id = params.get('client_id') ?? undefined;
  let secret = params.get('client_secret') ?? undefined;
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    id = decode(colon < 0 ? text : text.slice(0, colon));
    secret = colon < 0 ? '' : decode(text.slice(colon + 1));
  }
  const client = oauth.client(id);
  // A public client that sends any secret is refused as well.
  return client?.clientSecret === secret ? client : undefined;
}

function decode(text: string): string {
  try {
    // As in a form: RFC 6749 §2.3.1.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function invalidClient(): Reply {
  return json(401, { error: 'invalid_client' }, { 'WWW-Authenticate': 'Bearer error="invalid_client"' });
}

function failure(status: number, error: string, description?: string): Reply {
  return json(status, description === undefined ? { error } : { error, error_description: description });
}
