import { type Call, html, type Reply, redirect } from './http.ts';
import { consentPage, errorPage } from './oauth-page.ts';
import type { OAuthState } from './oauth-state.ts';
import { redirectAllowed } from './redirect-uri.ts';
import type { AutoConsent, OAuthClient } from './types.ts';

interface Request {
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scope: string;
  readonly challenge: string | undefined;
  readonly method: 'S256' | 'plain';
}

/** Names of the projects a user would share, for the consent page. */
export type ProjectsOf = (username: string) => readonly string[];

/**
 * `GET …/authorize/` shows the consent page, `POST` takes its decision (§1). A bad client or redirect is
 * an HTML 400 without a redirect; other faults redirect with `error`.
 */
export function authorize(
  call: Call,
  oauth: OAuthState,
  projectsOf: ProjectsOf,
  consent: AutoConsent | undefined,
): Reply {
  const params = call.method === 'POST' ? new URLSearchParams(call.body) : call.query;
  const request = check(params, oauth);
  if ('status' in request) return request;
  if (call.method === 'POST') {
    return params.get('allow') === 'Allow'
      ? allow(request, oauth, params.get('username') ?? '')
      : deny(request);
  }
  if (consent === 'deny') return deny(request);
  if (consent !== undefined) return allow(request, oauth, consent.allow);
  const users = oauth.settings.users.map((user) => ({ user, projects: projectsOf(user.username) }));
  return html(200, consentPage(oauth.settings.profile, request.client, request.scope, users, params), {
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; " +
      `form-action 'self' ${formTarget(request.redirectUri)}`,
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
}

/** The loopback address the form may redirect to; a policy cannot name an IPv6 host, so its scheme stands in. */
function formTarget(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.hostname.startsWith('[') ? url.protocol : url.origin;
}

/** Those that may not come twice; of the others the last one counts. */
const ONCE = ['client_id', 'response_type', 'redirect_uri', 'scope', 'state'];

function check(params: URLSearchParams, oauth: OAuthState): Request | Reply {
  const twice = ONCE.find((name) => params.getAll(name).length > 1);
  if (twice !== undefined) return html(400, errorPage('invalid_request', `Duplicate ${twice} parameter.`));
  const client = oauth.client(params.get('client_id') ?? undefined);
  if (client === undefined)
    return html(400, errorPage('invalid_request', 'Invalid client_id parameter value.'));
  const redirectUri =
    params.get('redirect_uri') ?? (client.redirectUris.length === 1 ? client.redirectUris[0] : undefined);
  if (redirectUri === undefined || !redirectAllowed(redirectUri, client.redirectUris)) {
    return html(400, errorPage('invalid_request', 'Mismatching redirect URI.'));
  }
  const state = params.get('state') ?? undefined;
  const fail = (error: string, description?: string): Reply =>
    back(redirectUri, { error, error_description: description, state });
  const type = params.get('response_type');
  if (type === null) return fail('invalid_request', 'Missing response_type parameter.');
  // Known, but not what clients here are registered for.
  if (type === 'token') return fail('unauthorized_client');
  if (type !== 'code') return fail('unsupported_response_type');
  const challenge = params.get('code_challenge') ?? undefined;
  if (challenge === undefined && client.pkceRequired)
    return fail('invalid_request', 'Code challenge required.');
  const method = params.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain')
    return fail('invalid_request', 'Transform algorithm not supported.');
  const known = Object.keys(oauth.settings.profile.scopes);
  const scope = params.get('scope') ?? known.join(' ');
  if (!scope.split(' ').every((s) => known.includes(s))) return fail('invalid_scope');
  return { client, redirectUri, state, scope, challenge, method };
}

function allow(request: Request, oauth: OAuthState, username: string): Reply {
  if (oauth.user(username) === undefined)
    return html(400, errorPage('invalid_request', 'Choose who is signing in.'));
  const code = oauth.newCode({
    clientId: request.client.clientId,
    redirectUri: request.redirectUri,
    username,
    scope: request.scope,
    challenge: request.challenge,
    method: request.method,
  });
  return back(request.redirectUri, { code, state: request.state });
}

function deny(request: Request): Reply {
  return back(request.redirectUri, { error: 'access_denied', state: request.state });
}

function back(redirectUri: string, values: Record<string, string | undefined>): Reply {
  const pairs = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value).replaceAll('%20', '+')}`],
  );
  return redirect(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${pairs.join('&')}`);
}
