import { AppError } from '../errors.ts';
import type { Around, Found, FoundConnection, Problem } from './found.ts';
import { bagOf, portOf, textOf, tlsModeOf } from './found.ts';
import { readJson } from './json.ts';
import { passwordsOf } from './pgpass.ts';

/** The settings.json of Azure Data Studio (retired in February 2026); its passwords stay in the system's keychain. */
export function parseAzureDataStudio(text: string, around: Around): Found {
  const settings = bagOf(readJson(text));
  const list = settings['datasource.connections'];
  if (!Array.isArray(list))
    throw new AppError(
      'IMPORT_UNREADABLE',
      'This JSON has no “datasource.connections”, so it is no settings.json of Azure Data Studio.',
    );
  const groups = new Map<string, string>();
  const groupList = settings['datasource.connectionGroups'];
  for (const group of Array.isArray(groupList) ? groupList.map(bagOf) : []) {
    const [id, name] = [textOf(group['id']), textOf(group['name'])];
    if (id && name && name !== 'ROOT') groups.set(id, name);
  }
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [index, entry] of list.map(bagOf).entries()) {
    const options = bagOf(entry['options']);
    const host = textOf(options['host']) ?? textOf(options['server']);
    const database = textOf(options['dbname']) ?? textOf(options['database']) ?? 'postgres';
    const where = textOf(options['connectionName']) ?? host ?? `connection ${index + 1}`;
    if (entry['providerName'] !== 'PGSQL') {
      problems.push({
        where,
        message: `is for ${textOf(entry['providerName']) ?? 'another kind of database'}; only PostgreSQL can be imported`,
      });
      continue;
    }
    const port = portOf(options['port'] ?? 5432);
    if (host === undefined || port === undefined) {
      problems.push({ where, message: 'has no host and port that could be used' });
      continue;
    }
    const user = textOf(options['user']);
    const password =
      textOf(options['password']) ?? (user ? passwordOf({ host, port, database, user }) : undefined);
    connections.push({
      name: textOf(options['connectionName']) ?? `${database} on ${host}`,
      folder: groups.get(textOf(entry['groupId']) ?? ''),
      ...{ host, port, database, user, password },
      tlsMode: tlsModeOf(options['sslmode']),
      tlsCa: textOf(options['sslrootcert']),
      tlsCert: textOf(options['sslcert']),
      notes: [],
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
