import { placeOf } from '../../../preload/contract/conninfo-place.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Around, Found, FoundConnection, Problem } from '../found.ts';
import { asText, bagOf, isTold, leftOut, textOf } from '../found.ts';
import { readJson } from '../json.ts';
import { passwordsOf } from '../libpq/pgpass.ts';
import { connectionAt } from '../url.ts';

type Bag = Readonly<Record<string, unknown>>;

/** Options that are called otherwise than libpq’s keywords. */
const keywords: Readonly<Record<string, string>> = {
  ...{ server: 'host', database: 'dbname', connectTimeout: 'connect_timeout' },
  ...{ clientEncoding: 'client_encoding', applicationName: 'application_name' },
};
/** What is read in another way, or says how the editor keeps and shows it. */
const read = new Set(
  `connectionName profileName groupId id savePassword emptyPasswordInput expiresOn databaseDisplayName configSource
  profileSource providerName`.split(/\s+/),
);

interface Entry {
  readonly options: Bag;
  readonly provider: string;
  readonly group: string | undefined;
}

/** Entries of Azure Data Studio, and of the extensions for SQL Server and PostgreSQL of VS Code that took its place. */
function entriesOf(settings: Bag): Entry[] | null {
  const listed = (key: string): Bag[] | null => {
    const list = settings[key];
    return Array.isArray(list) ? list.map(bagOf) : null;
  };
  const studio = listed('datasource.connections')?.map((entry) => ({
    options: bagOf(entry['options']),
    provider: textOf(entry['providerName']) ?? 'another kind of database',
    group: textOf(entry['groupId']),
  }));
  const flat = (key: string, provider: string): Entry[] | undefined =>
    listed(key)?.map((options) => ({ options, provider, group: textOf(options['groupId']) }));
  const all = [studio, flat('pgsql.connections', 'PGSQL'), flat('mssql.connections', 'MSSQL')];
  return all.every((each) => each === undefined) ? null : all.flatMap((each) => each ?? []);
}

function groupsOf(settings: Bag): Map<string, string> {
  const groups = new Map<string, string>();
  for (const key of ['datasource.connectionGroups', 'pgsql.connectionGroups', 'pgsql.serverGroups']) {
    const list = settings[key];
    for (const group of Array.isArray(list) ? list.map(bagOf) : []) {
      const [id, name] = [textOf(group['id']), textOf(group['name'])];
      if (id && name && name !== 'ROOT') groups.set(id, name);
    }
  }
  return groups;
}

/** How an entry signs in, where that is by something that a connection does not have. */
const signsInOtherwise = ({ authenticationType: by }: Bag): boolean =>
  isTold(by) && !['SqlLogin', 'Password'].includes(asText(by));

/**
 * The settings.json of Azure Data Studio (retired in February 2026) or of VS Code; their passwords stay in the system's
 * keychain.
 */
export function parseAzureDataStudio(text: string, around: Around): Found {
  const settings = bagOf(readJson(text));
  const entries = entriesOf(settings);
  if (entries === null) throw new AppError('IMPORT_UNREADABLE', say('imports.jsonNoDatasourceConnections'));
  const groups = groupsOf(settings);
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [index, { options, provider, group }] of entries.entries()) {
    const values = new Map<string, string>();
    const told = Object.entries(options).filter(([, value]) => isTold(value));
    for (const [option, value] of told)
      if (!read.has(option) && option !== 'authenticationType')
        values.set(keywords[option] ?? option, asText(value));
    const label = textOf(options['connectionName']) ?? textOf(options['profileName']);
    const where = label ?? textOf(values.get('host')) ?? `connection ${index + 1}`;
    if (provider !== 'PGSQL') {
      problems.push({ where, message: `is for ${provider}; only PostgreSQL can be imported` });
      continue;
    }
    const { connection, problem } = connectionAt(placeOf(values));
    if (!connection || !(values.get('host') || values.get('hostaddr'))) {
      problems.push({ where, message: problem ?? 'has no host and port that could be used' });
      continue;
    }
    const { host, port, user } = connection;
    const database = values.get('dbname') ? connection.database : 'postgres';
    const notes = [
      ...connection.notes,
      ...(signsInOtherwise(options) ? leftOut(['authenticationType']) : []),
    ];
    const lent = user && !values.get('passfile') ? passwordOf({ host, port, database, user }) : undefined;
    connections.push({
      ...connection,
      name: label ?? `${database} on ${host}`,
      folder: groups.get(group ?? ''),
      ...{ database, password: connection.password ?? lent, notes },
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
