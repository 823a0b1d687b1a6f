import type { Credential } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { type Console, exits, findNamed, print, type Session } from './commands.ts';

export interface SignInOptions {
  /** Whose key it is; without one the sign-in is in the browser. */
  readonly user: string | undefined;
  /** The project that it is for, instead of the person. */
  readonly project: string | undefined;
}

const connected = ({ account, sourceName: source, kind, projectName: project }: Credential): Said => {
  const how = kind === 'api_key' ? 'key' : 'browser';
  const as = { source, account };
  return project === null
    ? say(`console.signIn.${how}`, as)
    : say(`console.signIn.${how}For`, { ...as, project });
};

/** `sign-in <source> [--user NAME] [--project NAME]`: in the browser, or with an API key, which is never an argument. */
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
  const credential =
    user === undefined
      ? await api.credentials.signIn(place, { signal })
      : await api.credentials.signInByKey(
          { ...place, user, apiKey: await ask(say('console.signIn.apiKey', { user })) },
          { signal },
        );
  print(to, credential, () => connected(credential));
  return exits.done;
}
