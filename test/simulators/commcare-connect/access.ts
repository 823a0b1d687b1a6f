import { type Call, json, type Reply } from '../shared/http.ts';
import type { OAuthState } from '../shared/oauth-state.ts';
import type { ConnectUser } from './types.ts';

const detail = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply =>
  json(status, { detail: text }, headers);

export const notFound = (): Reply => detail(404, 'Not found.');
export const badVersion = (): Reply => detail(406, 'Invalid version in "Accept" header.');
export const badMethod = (method: string): Reply => detail(405, `Method "${method}" not allowed.`);

/** Who calls, or the refusal (§4): 401 without a live bearer token, 403 when it lacks the scope. */
export function authorised(call: Call, scope: string, oauth: OAuthState<ConnectUser>): ConnectUser | Reply {
  const token = /^Bearer\s+(.+)$/i.exec(call.headers.authorization ?? '')?.[1];
  const found = token === undefined ? undefined : oauth.bearer(token);
  if (found === undefined) {
    const challenge =
      token === undefined
        ? 'Bearer realm="api"'
        : 'Bearer realm="api",error="invalid_token",error_description="The access token is invalid."';
    return detail(401, 'Authentication credentials were not provided.', { 'WWW-Authenticate': challenge });
  }
  if (!found.scopes.includes(scope)) return detail(403, 'You do not have permission to perform this action.');
  return found.user;
}

/** The version the Accept header asks for; 1.0 when it names none, undefined for one that there is not. */
export function versionOf(call: Call): '1.0' | '2.0' | undefined {
  const version = /;\s*version=\s*"?([\w.]+)"?/.exec(call.headers.accept ?? '')?.[1] ?? '1.0';
  return version === '1.0' || version === '2.0' ? version : undefined;
}
