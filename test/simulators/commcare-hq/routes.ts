import { type Call, empty, html, json, type Reply } from '../shared/http.ts';
import { authorize } from '../shared/oauth-authorize.ts';
import type { OAuthState } from '../shared/oauth-state.ts';
import { revoke, token } from '../shared/oauth-token.ts';
import type { Match } from '../shared/server.ts';
import { type Family, isMember, refused, unauthorized, whoCalls } from './access.ts';
import { getCaseV1, listCasesV1 } from './cases-v1.ts';
import { bulkFetch, getCasesV2, listCasesV2 } from './cases-v2.ts';
import type { Domain } from './domain.ts';
import { getForm, listForms } from './forms.ts';
import { getShort } from './lists.ts';
import { getFixture, listFixtures, listLookupRows, listLookupTables } from './lists-lookup.ts';
import { listGroups, listUsers, listWebUsers } from './lists-people.ts';
import { listLocations, listLocationTypes } from './lists-places.ts';
import type { Throttle } from './throttle.ts';
import type { AutoConsent, ListName, Permission, RequestKind, SimUser } from './types.ts';

/** Everything the routes answer from. */
export interface World {
  readonly domains: ReadonlyMap<string, Domain>;
  readonly oauth: OAuthState<SimUser>;
  readonly throttle: Throttle;
  readonly consent: AutoConsent | undefined;
}

type Answer = (call: Call, domain: Domain, id: string) => Reply;

interface DomainRoute {
  readonly kind: RequestKind;
  readonly family: Family;
  readonly needs: readonly Permission[];
  /** Resource names with versions, as they stand in the path. */
  readonly at: readonly string[];
  readonly list: Answer;
  readonly detail?: Answer;
}

/** One entry per list of a domain: `/a/<domain>/api/<at>/` and `/<id>/`. v0.5 aliases v1, v0.6 aliases v2 (§2). */
const DOMAIN_ROUTES: readonly DomainRoute[] = [
  {
    kind: 'form',
    family: 'v1',
    needs: ['edit_data'],
    at: ['form/v1', 'v0.5/form'],
    list: listForms,
    detail: getForm,
  },
  {
    kind: 'case',
    family: 'v1',
    needs: ['edit_data'],
    at: ['case/v1', 'v0.5/case'],
    list: listCasesV1,
    detail: (_call, domain, id) => getCaseV1(domain, id),
  },
  {
    kind: 'case',
    family: 'v2',
    needs: ['edit_data', 'access_api'],
    at: ['case/v2', 'v0.6/case'],
    list: listCasesV2,
    detail: (call, domain, id) =>
      id === 'bulk-fetch' ? bulkFetch(call, domain) : getCasesV2(call, domain, id),
  },
  {
    kind: 'application',
    family: 'v1',
    needs: ['access_api'],
    at: ['application/v1', 'v0.5/application'],
    list: (_call, domain) => listApplications(domain),
    detail: (_call, domain, id) => {
      const found = domain.applications.find((application) => application['id'] === id);
      return found === undefined ? empty(404) : json(200, found);
    },
  },
  {
    ...short('user', 'user', 'edit_commcare_users', listUsers),
    detail: (_call, domain, id) => {
      const active = getShort(domain.lists.user, id);
      return active.status === 404 ? getShort(domain.lists.inactive_user, id) : active;
    },
  },
  short('web-user', 'web-user', 'edit_web_users', listWebUsers),
  short('group', 'group', 'edit_commcare_users', listGroups),
  {
    ...short('location', 'location', 'edit_locations', listLocations),
    at: ['location/v2', 'v0.6/location'],
  },
  short('location_type', 'location_type', 'edit_locations', listLocationTypes),
  short('lookup_table', 'lookup_table', 'access_api', listLookupTables),
  short('lookup_table_item', 'lookup_table_item', 'access_api', listLookupRows),
  {
    ...short('fixture', 'lookup_table_item', 'edit_apps', listFixtures),
    detail: (_call, domain, id) => getFixture(domain, id),
  },
];

/** A list of the kind that is kept whole, under its own name. */
function short(
  kind: RequestKind,
  name: ListName,
  needs: Permission,
  list: (call: Call, domain: Domain) => Reply,
): DomainRoute {
  return {
    kind,
    family: 'v1',
    needs: [needs],
    at: [`${kind}/v1`, `v0.5/${kind}`],
    list,
    detail: (_call, domain, id) => getShort(domain.lists[name], id),
  };
}

function listApplications(domain: Domain): Reply {
  const objects = domain.applications;
  const meta = { limit: null, offset: 0, total_count: objects.length, next: null, previous: null };
  return json(200, { meta, objects });
}

const NOT_FOUND =
  '<!doctype html><html lang="en"><head><title>404</title></head><body><h1>Not Found</h1></body></html>';

/** Finds what answers a path; one whose slash at the end was forgotten is sent on to where it should be, as by Django. */
export function route(path: string, world: World): Match<RequestKind> {
  const found = routeOf(path.endsWith('/') ? path : `${path}/`, world);
  // Cases by id are found with the slash and without (§3.3).
  const complete = path.endsWith('/') || /\/(case\/v2|v0\.6\/case)\/[^/]+$/.test(path);
  if (complete || found.kind === 'other') return found;
  return {
    kind: found.kind,
    answer: (call) => moved(`${path}/${call.query.size > 0 ? `?${call.query}` : ''}`),
  };
}

const moved = (location: string): Reply => ({ ...empty(301), headers: { Location: location } });

function routeOf(path: string, world: World): Match<RequestKind> {
  const domainPath = /^\/a\/([^/]+)\/api\/(.+?)\/?$/.exec(path);
  if (domainPath !== null) return domainRoute(decode(domainPath[1] ?? ''), domainPath[2] ?? '', world);
  if (/^\/oauth\/authorize\/?$/.test(path)) {
    return {
      kind: 'authorize',
      answer: (call) => authorize(call, world.oauth, (user) => domainsOf(user, world), world.consent),
    };
  }
  if (/^\/oauth\/token\/?$/.test(path)) return { kind: 'token', answer: (call) => token(call, world.oauth) };
  if (/^\/oauth\/revoke_token\/?$/.test(path))
    return { kind: 'revoke', answer: (call) => revoke(call, world.oauth) };
  if (/^\/api\/(identity\/v1|v0\.5\/identity)\/?$/.test(path))
    return { kind: 'identity', answer: (call) => identity(call, world) };
  if (/^\/api\/(user_domains\/v1|v0\.5\/user_domains)\/?$/.test(path)) {
    return { kind: 'user_domains', answer: (call) => userDomains(call, world) };
  }
  return { kind: 'other', answer: () => html(404, NOT_FOUND) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function domainRoute(name: string, rest: string, world: World): Match<RequestKind> {
  for (const entry of DOMAIN_ROUTES) {
    const at = entry.at.find((prefix) => rest === prefix || rest.startsWith(`${prefix}/`));
    if (at === undefined) continue;
    const id = decode(rest.slice(at.length + 1));
    return {
      kind: entry.kind,
      answer: (call) => {
        const domain = world.domains.get(name);
        const refusal = refused(call, name, domain, entry.needs, entry.family, world.oauth, world.throttle);
        if (refusal !== undefined || domain === undefined) return refusal ?? empty(401);
        const posts = entry.family === 'v2' && id === 'bulk-fetch';
        if (call.method !== 'GET' && !posts) return methodNotAllowed(entry.family);
        if (id === '') return entry.list(call, domain, '');
        return entry.detail === undefined ? empty(404) : entry.detail(call, domain, id);
      },
    };
  }
  return { kind: 'other', answer: () => html(404, NOT_FOUND) };
}

function methodNotAllowed(family: Family): Reply {
  return family === 'v1' ? empty(405, { Allow: 'GET' }) : json(405, { error: 'Request method not allowed' });
}

function domainsOf(username: string, world: World): string[] {
  const user = world.oauth.user(username);
  return [...world.domains.keys()].filter((name) => user !== undefined && isMember(user, name));
}

/** `GET /api/identity/v1/`: the bare user (§1). */
function identity(call: Call, world: World): Reply {
  const user = whoCalls(call, world.oauth);
  if (user === undefined) return unauthorized();
  return json(200, {
    id: user.id ?? '',
    username: user.username,
    first_name: user.firstName ?? '',
    last_name: user.lastName ?? '',
    email: user.email ?? user.username,
  });
}

/** `GET /api/user_domains/v1/`: unpaginated (§2). */
function userDomains(call: Call, world: World): Reply {
  const user = whoCalls(call, world.oauth);
  if (user === undefined) return unauthorized();
  const objects = domainsOf(user.username, world).map((name) => ({
    domain_name: name,
    project_name: world.domains.get(name)?.spec.projectName ?? name,
  }));
  return json(200, { meta: { total_count: objects.length }, objects });
}
