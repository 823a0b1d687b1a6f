import { type Call, html, json, type Reply } from '../shared/http.ts';
import { authorize } from '../shared/oauth-authorize.ts';
import type { OAuthState } from '../shared/oauth-state.ts';
import { revoke, token } from '../shared/oauth-token.ts';
import type { Match } from '../shared/server.ts';
import { authorised, badMethod, badVersion, notFound, versionOf } from './access.ts';
import { csvOf } from './csv.ts';
import { page } from './paging.ts';
import { OPPORTUNITY_LISTS, type RequestKind, V2_ONLY } from './request-kinds.ts';
import { VISIT_FORMS } from './rows-visits.ts';
import type { Table } from './table.ts';
import type { AutoConsent, ConnectUser, JsonObject, ListName } from './types.ts';
import { detailed, isMember, listed, mayRead, type Opportunity, programRow, type World } from './world.ts';

/** Everything the routes answer from. */
export interface Site {
  readonly world: World;
  readonly oauth: OAuthState<ConnectUser>;
  readonly consent: AutoConsent | undefined;
  readonly maxPageSize: number;
}

const NOT_FOUND =
  '<!doctype html><html lang="en"><head><title>404</title></head><body><h1>Not Found</h1></body></html>';

/** Finds what answers a path. */
export function route(path: string, site: Site): Match<RequestKind> {
  const { oauth, consent } = site;
  if (/^\/o\/authorize\/?$/.test(path))
    return {
      kind: 'authorize',
      answer: (call) => authorize(call, oauth, (username) => slugsOf(username, site), consent),
    };
  if (/^\/o\/token\/?$/.test(path)) return { kind: 'token', answer: (call) => token(call, oauth) };
  if (/^\/o\/revoke_token\/?$/.test(path)) return { kind: 'revoke', answer: (call) => revoke(call, oauth) };
  if (/^\/o\/userinfo\/?$/.test(path)) return { kind: 'userinfo', answer: (call) => userinfo(call, site) };
  const rest = /^\/export\/(.+?)\/?$/.exec(path)?.[1];
  return (rest === undefined ? undefined : exported(rest, site)) ?? other;
}

const other: Match<RequestKind> = { kind: 'other', answer: () => html(404, NOT_FOUND) };

const slugsOf = (username: string, { oauth, world }: Site): string[] => {
  const user = oauth.user(username);
  return world.organizations
    .map(({ slug }) => slug)
    .filter((slug) => user !== undefined && isMember(user, slug));
};

/** `GET /o/userinfo/`: errors without the scope `openid` (§1). */
function userinfo(call: Call, { oauth }: Site): Reply {
  const user = authorised(call, 'openid', oauth);
  if ('status' in user) return user;
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ');
  return json(200, {
    sub: user.id ?? '',
    name,
    email: user.email ?? user.username,
    username: user.username,
  });
}

/** Checks the caller before it answers. */
const asUser =
  (site: Site, answer: (call: Call, user: ConnectUser) => Reply) =>
  (call: Call): Reply => {
    const user = authorised(call, 'export', site.oauth);
    if ('status' in user) return user;
    if (versionOf(call) === undefined) return badVersion();
    return call.method === 'GET' ? answer(call, user) : badMethod(call.method);
  };

function exported(rest: string, site: Site): Match<RequestKind> | undefined {
  const { world } = site;
  if (rest === 'opp_org_program_list')
    return { kind: rest, answer: asUser(site, (_call, user) => everything(user, world)) };
  if (rest === 'llo_entity')
    return {
      kind: rest,
      answer: asUser(site, (call, user) =>
        user.internal === false ? notFound() : list(call, rest, world.lloEntities, site),
      ),
    };
  if (rest === 'labs_record')
    return { kind: rest, answer: asUser(site, (call, user) => labsRecords(call, user, world)) };
  const program = /^program\/(\d+)\/opportunity$/.exec(rest)?.[1];
  if (program !== undefined)
    return {
      kind: 'program_opportunity',
      answer: asUser(site, (_call, user) =>
        json(200, {
          next: null,
          results: readable(world, user)
            .filter(({ spec }) => spec.program === Number(program))
            .map(detailed),
        }),
      ),
    };
  const organization = /^organization\/([\w-]+)\/program$/.exec(rest)?.[1];
  if (organization !== undefined)
    return {
      kind: 'organization_program',
      answer: asUser(site, (_call, user) => programsOf(organization, user, world)),
    };
  const [, id, what] = /^opportunity\/(\d+)(?:\/(\w+))?$/.exec(rest) ?? [];
  return id === undefined ? undefined : ofOpportunity(Number(id), what, site);
}

function ofOpportunity(id: number, what: string | undefined, site: Site): Match<RequestKind> | undefined {
  const { world } = site;
  const answer = (make: (call: Call, opportunity: Opportunity) => Reply) =>
    asUser(site, (call, user) => {
      const found = world.opportunities.get(id);
      return found === undefined || !mayRead(world, user, found) ? notFound() : make(call, found);
    });
  if (what === undefined)
    return { kind: 'opportunity', answer: answer((_call, found) => json(200, detailed(found))) };
  const paged = OPPORTUNITY_LISTS.find((each) => each === what);
  if (paged !== undefined)
    return {
      kind: paged,
      answer: answer((call, found) => list(call, paged, found.tables.get(paged) as Table, site)),
    };
  if (what === 'app_structure') return { kind: what, answer: answer(appStructure) };
  if (what === 'image')
    return {
      kind: what,
      answer: answer(() => ({
        status: 200,
        headers: { 'Content-Type': 'image/jpeg' },
        body: [Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
      })),
    };
  if (what === 'attachment_signed_url')
    return {
      kind: what,
      answer: answer((call) =>
        json(200, {
          attachment_signed_url: `${call.origin}/blob/${call.query.get('blob_id') ?? ''}?expires=600`,
        }),
      ),
    };
  return undefined;
}

/** A list in the version that is asked for. `?username=` filters completed modules, `?images=true` adds them to visits. */
function list(call: Call, name: ListName, table: Table, { maxPageSize }: Site): Reply {
  if (versionOf(call) === '1.0') {
    if (V2_ONLY.has(name)) return badVersion();
    const text = csvOf([...table.all()], (index) => table.row(index));
    return { status: 200, headers: { 'Content-Type': 'text/csv' }, body: [Buffer.from(text)] };
  }
  if (name !== 'user_visits' || call.query.get('images') !== 'true') return page(call, table, maxPageSize);
  return page(call, table, maxPageSize, (index) => {
    const row = table.row(index);
    const images =
      index % 3 === 0
        ? [{ blob_id: `blob-${table.pk(index)}`, name: 'photo.jpg', parent_id: row['user_visit_id'] ?? '' }]
        : [];
    return { ...row, images };
  });
}

const readable = (world: World, user: ConnectUser): Opportunity[] =>
  [...world.opportunities.values()].filter((each) => mayRead(world, user, each));

function everything(user: ConnectUser, world: World): Reply {
  const organizations = world.organizations
    .map(({ slug, name, funder }, index) => ({
      id: index + 1,
      slug,
      name: name ?? slug,
      funder: funder ?? false,
    }))
    .filter(({ slug }) => isMember(user, slug));
  const programs = world.programs.filter(({ organization }) => isMember(user, organization)).map(programRow);
  return json(200, {
    organizations,
    opportunities: readable(world, user).map((each) => listed(world, each)),
    programs,
  });
}

function programsOf(slug: string, user: ConnectUser, world: World): Reply {
  const found = world.programs.filter(({ organization }) => organization === slug && isMember(user, slug));
  return json(200, { next: null, results: found.map(programRow) });
}

/** `labs_record/?opportunity_id=`: a bare array, unpaged; without one only public records, and there are none. */
function labsRecords(call: Call, user: ConnectUser, world: World): Reply {
  const id = call.query.get('opportunity_id');
  if (id === null) return json(200, []);
  const found = world.opportunities.get(Number(id));
  if (found === undefined || !mayRead(world, user, found)) return notFound();
  const table = found.tables.get('labs_record') as Table;
  return json(
    200,
    [...table.all()].map((index) => table.row(index)),
  );
}

/** The apps in the shape of HQ's application API; `app_type` narrows them to one of the two, the other is null then. */
function appStructure(call: Call): Reply {
  const type = call.query.get('app_type') ?? 'both';
  if (!['learn', 'deliver', 'both'].includes(type))
    return json(400, { error: 'Invalid app_type. Must be one of: learn, deliver, both' });
  const forms: JsonObject[] = VISIT_FORMS.map(({ name, xmlns }) => ({
    xmlns,
    name: { en: name, fr: `${name} (fr)` },
    questions: [
      { label: 'Village', tag: 'input', value: '/data/village', repeat: null },
      {
        label: 'Name of the child',
        tag: 'input',
        value: '/data/children/item/name',
        repeat: '/data/children/item',
      },
    ],
  }));
  const deliver = {
    id: 'd',
    name: 'Deliver',
    langs: ['en', 'fr'],
    modules: [{ name: { en: 'Visits' }, forms }],
  };
  const learn = { id: 'l', name: 'Learn', langs: ['en'], modules: [] };
  return json(200, {
    learn_app: type === 'deliver' ? null : learn,
    deliver_app: type === 'learn' ? null : deliver,
  });
}
