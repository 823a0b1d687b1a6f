import { type Call, json, type Reply } from '../shared/http.ts';
import type { Match } from '../shared/server.ts';
import type { Json } from '../shared/types.ts';
import type { KeptForm } from './forms.ts';
import { fieldsOf, metadataOf } from './metadata.ts';
import type { OdkSimulatorOptions, OdkUser, RequestKind } from './types.ts';

/** What answers need of the server's state. */
export interface World {
  readonly options: OdkSimulatorOptions;
  readonly forms: Map<number, Map<string, KeptForm>>;
  userOf(token: string): OdkUser | undefined;
  open(email: string, password: string): { token: string; createdAt: string; expiresAt: string } | undefined;
  end(token: string): void;
}

const refused = (status: number, code: number, message: string): Reply => json(status, { message, code });
const notFound = (): Reply => refused(404, 404.1, 'Could not find the resource you were looking for.');
const mayNot = (): Reply =>
  refused(403, 403.1, 'The authentication you provided does not have rights to perform that action.');
const noSession = (): Reply => refused(401, 401.2, 'Could not authenticate with the provided credentials.');

const xml = (text: string): Reply => ({
  status: 200,
  headers: { 'Content-Type': 'application/xml; charset=utf-8' },
  body: [Buffer.from(text)],
});

/** Which answer a path of ODK Central has. */
export function route(world: World): (path: string) => Match<RequestKind> {
  const signedIn =
    (answer: (call: Call, user: OdkUser) => Reply) =>
    (call: Call): Reply => {
      const token = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
      const user = token === undefined ? undefined : world.userOf(token);
      return user === undefined ? noSession() : answer(call, user);
    };
  const inProject =
    (id: number, reads: boolean, answer: (call: Call, forms: Map<string, KeptForm>) => Reply) =>
    (call: Call): Reply =>
      signedIn((asked, { email }) => {
        const project = world.options.projects.find((each) => each.id === id);
        const forms = world.forms.get(id);
        if (project === undefined || forms === undefined) return notFound();
        if (reads && project.onlyLooking?.includes(email)) return mayNot();
        return answer(asked, forms);
      })(call);

  return (path) => {
    if (path === '/v1/sessions') return { kind: 'sessions', answer: (call) => openSession(world, call) };
    const [, session] = /^\/v1\/sessions\/(.+)$/.exec(path) ?? [];
    if (session !== undefined)
      return { kind: 'sessions', answer: signedIn((call) => endSession(world, call, session)) };
    if (path === '/v1/users/current')
      return { kind: 'current_user', answer: signedIn((_, user) => json(200, person(user))) };
    if (path === '/v1/projects')
      return { kind: 'projects', answer: signedIn(() => json(200, projectsOf(world))) };
    const [, project, rest = ''] = /^\/v1\/projects\/(\d+)(\/.*)?$/.exec(path) ?? [];
    if (project === undefined) return { kind: 'other', answer: () => notFound() };
    const id = Number(project);
    if (rest === '')
      return {
        kind: 'projects',
        answer: inProject(id, false, () =>
          json(200, projectsOf(world).find((each) => (each as { id: number }).id === id) ?? {}),
        ),
      };
    if (rest === '/forms')
      return {
        kind: 'forms',
        answer: inProject(id, false, (call, forms) => json(200, listOf(forms, call, id))),
      };
    const [, encoded = '', below] =
      /^\/forms\/([^/]+?)(?:\.svc)?\/(\$metadata|Submissions|fields)$/.exec(rest) ?? [];
    const ofForm = (answer: (call: Call, form: KeptForm) => Reply) =>
      inProject(id, true, (call, forms) => {
        const form = forms.get(decodeURIComponent(encoded));
        return form === undefined || form.spec.isDraft ? notFound() : answer(call, form);
      });
    if (below === '$metadata')
      return {
        kind: 'metadata',
        answer: ofForm((_, form) => xml(metadataOf(form.spec.xmlFormId, form.questions))),
      };
    if (below === 'fields')
      return { kind: 'fields', answer: ofForm((_, form) => json(200, fieldsOf(form.questions))) };
    if (below === 'Submissions')
      return { kind: 'submissions', answer: ofForm((call, form) => submissions(world, call, form)) };
    return { kind: 'other', answer: () => notFound() };
  };
}

function openSession(world: World, call: Call): Reply {
  if (call.method !== 'POST') return notFound();
  const { email, password } = JSON.parse(call.body || '{}') as { email?: unknown; password?: unknown };
  if (typeof email !== 'string' || typeof password !== 'string')
    return refused(400, 400.3, 'Required parameters missing. Expected (email, password).');
  const session = world.open(email, password);
  return session === undefined ? noSession() : json(200, { ...session, csrf: 'a-token-of-forms' });
}

function endSession(world: World, call: Call, token: string): Reply {
  if (call.method !== 'DELETE') return notFound();
  world.end(decodeURIComponent(token));
  return json(200, { success: true });
}

const person = ({ id = 5, email, displayName }: OdkUser): Json => ({
  ...{ id, type: 'user', displayName: displayName ?? email, email, createdAt: '2024-01-01T00:00:00.000Z' },
});

const projectsOf = ({ options }: World): Json[] =>
  options.projects.map(({ id, name }) => ({ id, name, description: null, archived: null, keyId: null }));

function listOf(forms: Map<string, KeptForm>, { headers }: Call, projectId: number): Json[] {
  const extended = headers['x-extended-metadata'] === 'true';
  return [...forms.values()].map(({ spec, records }) => ({
    ...{ projectId, xmlFormId: spec.xmlFormId, name: spec.name, version: spec.version ?? '1', state: 'open' },
    publishedAt: spec.isDraft ? null : '2025-01-01T00:00:00.000Z',
    ...(extended ? { submissions: records().length, lastSubmission: null } : {}),
  }));
}

/** A page of a form's submissions: by `$skip` and `$top`, or behind the one that a `$skiptoken` names. */
function submissions({ options }: World, call: Call, form: KeptForm): Reply {
  const { query, path, origin } = call;
  const all = form.records();
  const top = query.has('$top') ? Number(query.get('$top')) : all.length;
  const token = query.get('$skiptoken');
  let begin = Number(query.get('$skip') ?? 0);
  if (token !== null) {
    const { instanceId } = JSON.parse(Buffer.from(token.slice(2), 'base64url').toString('utf8')) as {
      instanceId: string;
    };
    begin = form.placeOf(instanceId);
    if (begin < 0) return refused(400, 400.34, 'Record associated with the provided $skiptoken not found.');
  }
  const page = all.slice(begin, begin + top);
  const next = new URLSearchParams(query);
  const last = page.at(-1) as { __id?: string } | undefined;
  if (options.pagesBySkip) next.set('$skip', String(begin + top));
  else {
    next.delete('$skip');
    const place = Buffer.from(JSON.stringify({ instanceId: last?.__id ?? '' })).toString('base64url');
    next.set('$skiptoken', `01${place}`);
  }
  const more = page.length > 0 && begin + top < all.length;
  const expand = query.get('$expand') === '*';
  const value = expand ? page : page.map((record) => withoutRepeats(record));
  return json(200, {
    '@odata.context': `${origin}${path.replace(/Submissions$/, '')}$metadata#Submissions`,
    ...(query.get('$count') === 'true' ? { '@odata.count': all.length } : {}),
    ...(more ? { '@odata.nextLink': `${origin}${path}?${next}` } : {}),
    value,
  });
}

/** Without `$expand` repeats are links only. */
function withoutRepeats(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => !Array.isArray(each))
      .map(([name, each]) => [name, withoutRepeats(each)]),
  );
}
