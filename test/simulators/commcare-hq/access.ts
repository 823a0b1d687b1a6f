import { type Call, empty, html, json, type Reply } from '../shared/http.ts';
import type { OAuthState } from '../shared/oauth-state.ts';
import type { Domain } from './domain.ts';
import type { Throttle } from './throttle.ts';
import type { Json, Permission, Refusal, SimUser } from './types.ts';

/** v1: tastypie lists; v2: the plain views of case v2, with other 403 and 429 shapes. */
export type Family = 'v1' | 'v2';

const REFUSALS: Readonly<Record<Refusal, Json>> = {
  'not-authorized': { error: 'not authorized' },
  subscription: { error: 'Your current subscription does not have access to this feature' },
  'cut-off': {
    error:
      'API access has been temporarily cut off due to too many requests.  To re-enable, please contact support.',
  },
};

const FORBIDDEN_PAGE =
  '<!doctype html><html lang="en"><head><title>Permission Denied</title></head><body><h1>403 Forbidden</h1><p>Sorry, you do not have permission to access this page.</p></body></html>';

/** The user of a request: a bearer token, `ApiKey user:key` or Basic; undefined means the empty 401. */
export function whoCalls(
  call: Call,
  oauth: OAuthState<SimUser>,
  domain: string | null = null,
): SimUser | undefined {
  const match = /^(\S+)\s+(.+)$/.exec(call.headers.authorization ?? '');
  const [, scheme = '', value = ''] = match ?? [];
  if (scheme.toLowerCase() === 'bearer') {
    const found = oauth.bearer(value);
    return found?.scopes.includes('access_apis') ? found.user : undefined;
  }
  if (scheme.toLowerCase() === 'apikey') return byKey(value, oauth, domain);
  if (scheme.toLowerCase() === 'basic')
    return byKey(Buffer.from(value, 'base64').toString('utf8'), oauth, domain);
  return undefined;
}

/** Every request comes from here. */
const HERE = '127.0.0.1';

function byKey(text: string, oauth: OAuthState<SimUser>, domain: string | null): SimUser | undefined {
  const colon = text.indexOf(':');
  const user = oauth.user(text.slice(0, Math.max(0, colon)));
  if (user?.apiKey === undefined || user.apiKey !== text.slice(colon + 1)) return undefined;
  const { domain: only, addresses, inactive, expires } = user.keyLimits ?? {};
  const allowed =
    inactive !== true &&
    (expires === undefined || oauth.settings.clock() < expires) &&
    (addresses === undefined || addresses.length === 0 || addresses.includes(HERE)) &&
    (only === undefined || domain === null || only === domain);
  return allowed ? user : undefined;
}

export function unauthorized(): Reply {
  return empty(401);
}

export function isMember(user: SimUser, domain: string): boolean {
  return user.domains === undefined || user.domains.includes(domain);
}

/**
 * Whether a call to a domain may go on (§2): the empty 401 of a bad token, the three JSON 401s that are not
 * about the token, an empty 403 for non-members, an empty (v1) or HTML (v2) 403 for a lacking permission, and
 * a 429 without (v1) or with a fractional (v2) `Retry-After`.
 */
export function refused(
  call: Call,
  name: string,
  domain: Domain | undefined,
  needs: readonly Permission[],
  family: Family,
  oauth: OAuthState<SimUser>,
  throttle: Throttle,
): Reply | undefined {
  const user = whoCalls(call, oauth, name);
  if (user === undefined) return unauthorized();
  if (domain === undefined) return json(401, REFUSALS['not-authorized']);
  if (domain.refusal === 'not-authorized') return json(401, REFUSALS['not-authorized']);
  if (!isMember(user, domain.spec.name)) return empty(403);
  const lacks = user.lacks?.[domain.spec.name] ?? [];
  if (needs.some((permission) => lacks.includes(permission))) {
    return family === 'v1' ? empty(403) : html(403, FORBIDDEN_PAGE);
  }
  if (domain.refusal !== null) return json(401, REFUSALS[domain.refusal]);
  const wait = throttle.take(domain.spec);
  if (wait <= 0) return undefined;
  return family === 'v1'
    ? empty(429)
    : empty(429, { 'Retry-After': (Math.ceil(wait * 1000) / 1000).toFixed(3) });
}
