import { connectionInput } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Found, FoundConnection, Problem } from './found.ts';
import { bagOf } from './found.ts';
import { readJson } from './json.ts';
import { parseProjects } from './own-projects.ts';

/** What both of our files begin with. */
export const exportFormat = 'headgate-connections';
export const exportVersion = 1;
/** Of a file that holds projects: a Headgate that does not know them would leave them out without a word. */
export const versionWithProjects = 2;

/** Our own export, or what was in a sealed bundle. Every connection must be one that the contract takes. */
export function parseOwn(text: string): Found {
  const file = bagOf(readJson(text));
  if (file['format'] !== exportFormat || !Array.isArray(file['connections']))
    throw new AppError('IMPORT_UNREADABLE', say('imports.noExportConnectionsFrom'));
  if (file['version'] !== exportVersion && file['version'] !== versionWithProjects)
    throw new AppError('IMPORT_UNREADABLE', say('imports.exportMadeNewerHeadgate'), {
      advice: say('imports.exportMadeNewerHeadgate.advice'),
    });
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  /** Where the connection of each place in the file went; none for one that is not valid. */
  const places: (number | null)[] = [];
  for (const [index, entry] of file['connections'].entries()) {
    const bag = bagOf(entry);
    // Without secrets it is no whole input; they are checked where they are, and left out where they are not.
    const parsed = connectionInput.safeParse({
      ...bag,
      user: bag['user'] ?? '-',
      password: bag['password'] ?? '',
    });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const name = typeof bag['name'] === 'string' ? ` (${bag['name']})` : '';
      problems.push({
        where: `connection ${index + 1}${name}`,
        message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`,
      });
      places.push(null);
      continue;
    }
    const {
      ssh,
      state,
      access,
      superuserReason,
      pool,
      lease,
      tlsCa,
      tlsCert,
      tlsKey,
      tlsKeyPassphrase,
      ...rest
    } = parsed.data;
    const { name, environment, description, folder, tags, host, port, database, tlsMode, readOnly } = rest;
    places.push(connections.length);
    connections.push({
      ...{ name, environment, description, folder, tags, host, port, database, tlsMode, readOnly },
      ...{ engine: rest.engine, settings: rest.settings, keyPassphrase: rest.keyPassphrase ?? undefined },
      ...{ hostAddress: rest.hostAddress ?? undefined, signIn: rest.signIn },
      user: bag['user'] === undefined ? undefined : rest.user,
      password: bag['password'] === undefined ? undefined : rest.password,
      tlsCa: tlsCa ?? undefined,
      tlsCert: tlsCert ?? undefined,
      tlsKey: tlsKey ?? undefined,
      tlsKeyPassphrase: tlsKeyPassphrase ?? undefined,
      ssh: ssh.map(({ id: _, key, keyPassphrase, password, ...hop }) => ({
        ...hop,
        ...(key === undefined ? {} : { key }),
        ...(keyPassphrase === undefined ? {} : { keyPassphrase }),
        ...(password === undefined ? {} : { password }),
      })),
      more: { state, access, superuserReason, pool, lease },
      notes: [],
    });
  }
  const taken = parseProjects(file, places, problems);
  return { connections, hosts: [], projects: [], problems, ...taken };
}
