import type { Credential } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { type Console, exits, findNamed, print, type Session } from './commands.ts';

export interface SignInOptions {
  /** Whose key or password it is; without one the sign-in is in the browser. */
  readonly user: string | undefined;
  /** The project that it is for, instead of the person. */
  readonly project: string | undefined;
}

const connected = ({ account, sourceName: source, kind, projectName: project }: Credential): Said => {
  const how = {
    oauth: 'browser',
    api_key: 'key',
    password: 'password',
    none: 'open',
    connection: 'lent',
  } as const;
  const as = { source, account };
  return project === null
    ? say(`console.signIn.${how[kind]}`, as)
    : say(`console.signIn.${how[kind]}For`, { ...as, project });
};

/** `sign-in <source> [--user NAME] [--project NAME]`: in the browser, or with a key or a password, which is never an argument. */
export async function signInCommand(
  { api }: Session,
  source: string,
  { user, project }: SignInOptions,
  ask: AskSecret,
  to: Console,
): Promise<number> {
  const found = findNamed('Source', await api.sources.list(), source, to);
  if (!found) return exits.usage;
  const owner =
    project === undefined ? undefined : findNamed('Project', await api.projects.list(), project, to);
  if (project !== undefined && !owner) return exits.usage;
  const place = { sourceId: found.id, ...(owner ? { projectId: owner.id } : {}) };
  const { signal } = to;
  const ways = (await api.sources.types({}, { signal })).find(
    ({ type }) => type === found.sourceType,
  )?.signIn;
  const typed = ways?.find((way) => way.kind !== 'oauth');
  if (typed === undefined || (user === undefined && typed.fields.length > 0)) {
    const credential = await api.credentials.signIn(place, { signal });
    print(to, credential, () => connected(credential));
    return exits.done;
  }
  const [who, ...rest] = typed.fields;
  const fields: Record<string, string> = who ? { [who.name]: user ?? '' } : {};
  for (const { name, label } of rest)
    fields[name] = await ask(say('console.signIn.fieldOf', { field: label, user: user ?? '' }));
  const credential = await api.credentials.signInWith({ ...place, kind: typed.kind, fields }, { signal });
  print(to, credential, () => connected(credential));
  return exits.done;
}
