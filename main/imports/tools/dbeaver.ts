import { createDecipheriv } from 'node:crypto';
import { isJdbc, ofJdbc, readConninfo, unknownToDriver } from '../../../preload/contract/conninfo.ts';
import { placeOf } from '../../../preload/contract/conninfo-place.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Around, Found, FoundConnection, Problem } from '../found.ts';
import { bagOf, isTold, leftOut, textOf } from '../found.ts';
import { readJson } from '../json.ts';
import { passwordsOf } from '../libpq/pgpass.ts';
import { connectionAt } from '../url.ts';
import { otherKindOf, otherOf } from './dbeaver-others.ts';
import {
  type Bag,
  hopsOf,
  readOfConfiguration,
  readOfEntry,
  toldOf,
  unread,
  words,
} from './dbeaver-parts.ts';
import { warehouseKindOf, warehouseOf } from './dbeaver-warehouses.ts';

/**
 * The key that every DBeaver Community has in its public source (BaseProjectImpl.LOCAL_KEY_CACHE); its documentation says
 * itself that it protects nothing ("Project security").
 */
const publicKey = Buffer.from('babb4a9f774ab853c96c2d653dfe544a', 'hex');
const ivBytes = 16;

/** credentials-config.json: AES-128-CBC, the first block is the initialisation vector. Fails with IMPORT_UNREADABLE. */
function readCredentials(base64: string): unknown {
  try {
    const sealed = Buffer.from(base64, 'base64');
    const decipher = createDecipheriv('aes-128-cbc', publicKey, sealed.subarray(0, ivBytes));
    const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes)), decipher.final()]);
    return readJson(plain.toString('utf8'));
  } catch (cause) {
    throw new AppError('IMPORT_UNREADABLE', say('imports.fileCredentialsCanNot'), {
      cause,
      advice: say('imports.fileCredentialsCanNot.advice'),
    });
  }
}

const readOfSsl =
  words(`sslMode ssl.ca.cert rootCert ca.cert ssl.client.cert clientCert client.cert ssl.client.key clientKey
  client.key ssl.method`);

/** What is asked of the server, under libpq’s keywords: of the driver’s properties, the URL and the page for TLS. */
function demandsOf(driver: Bag, ssl: Bag | null): Map<string, string> {
  const told = Object.entries(driver).filter(([, value]) => value !== null && value !== undefined);
  const values = ofJdbc(told.map(([name, value]) => [name, String(value)] as const));
  // Names of JSON are no pieces of a password.
  const unknown = told.map(([name]) => name).filter((name) => !isJdbc(name));
  values.delete(unknownToDriver);
  for (const name of unknown) values.set(name, 'told');
  if (ssl === null) return values;
  // Under the names of today, of old, and of old without their prefix.
  const read = (...names: string[]): string | undefined =>
    names.map((each) => textOf(ssl[each])).find((each) => each !== undefined);
  const asked: [string, string | undefined][] = [
    ['sslmode', read('sslMode')?.toLowerCase() ?? values.get('sslmode') ?? 'verify-full'],
    ['sslrootcert', read('ssl.ca.cert', 'rootCert', 'ca.cert')],
    ['sslcert', read('ssl.client.cert', 'clientCert', 'client.cert')],
    ['sslkey', read('ssl.client.key', 'clientKey', 'client.key')],
  ];
  for (const [keyword, value] of asked) if (value !== undefined) values.set(keyword, value);
  return values;
}

/** DBeaver's data-sources.json, with the passwords of credentials-config.json where that is given. */
export function parseDBeaver(text: string, credentials: string | undefined, around: Around): Found {
  const file = bagOf(readJson(text));
  const list = bagOf(file['connections']);
  if (Object.keys(list).length === 0)
    throw new AppError('IMPORT_UNREADABLE', say('imports.jsonNoConnectionsSo'));
  const opened = credentials === undefined ? {} : bagOf(readCredentials(credentials));
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(list)) {
    const entry = bagOf(value);
    const where = textOf(entry['name']) ?? key;
    const found = connectionOf(entry, { file, secrets: bagOf(opened[key]), where });
    if ('problem' in found) {
      problems.push({ where, message: found.problem });
      continue;
    }
    const { host, port, database, user, password } = found;
    const lent = user ? passwordOf({ host, port, database, user }) : undefined;
    connections.push({ ...found, password: password ?? lent });
  }
  return { connections, hosts: [], projects: [], problems };
}

/** Its handlers: a profile of the network stands in for every handler that it has; its own count beside them. */
function handlersOf(entry: Bag, configuration: Bag, file: Bag): Bag | null {
  const profile = textOf(configuration['config-profile']) ?? textOf(entry['config-profile']);
  const own = bagOf(configuration['handlers']);
  if (profile === undefined) return own;
  const shared = bagOf(bagOf(bagOf(file['network-profiles'])[profile])['handlers']);
  return Object.keys(shared).length === 0 ? null : { ...own, ...shared };
}

function connectionOf(
  entry: Bag,
  { file, secrets, where }: { readonly file: Bag; readonly secrets: Bag; readonly where: string },
): FoundConnection | { readonly problem: string } {
  const configuration = bagOf(entry['configuration']);
  // An entry that goes by another driver than it was made for says what it was made for.
  const provider = textOf(entry['original-driver']) && textOf(entry['original-provider']);
  const kind = provider || textOf(entry['provider']);
  const handlers = handlersOf(entry, configuration, file);
  if (handlers === null) return { problem: 'goes by a network profile that is not in this file' };
  const engine = otherKindOf(kind);
  if (engine !== undefined) return otherOf(engine, entry, { handlers, secrets, where });
  const warehouse = warehouseKindOf(kind);
  if (warehouse !== undefined) {
    const { connection, problem } = warehouseOf(warehouse, entry, { handlers, secrets, where });
    return connection ?? { problem };
  }
  if (kind !== 'postgresql')
    return {
      problem: `is for ${kind ?? 'another kind of database'}; PostgreSQL, MySQL, MariaDB, ClickHouse, BigQuery, Databricks and Snowflake can be imported`,
    };
  const isOn = (name: string): boolean => bagOf(handlers[name])['enabled'] === true;
  const ssl = isOn('postgre_ssl') ? bagOf(bagOf(handlers['postgre_ssl'])['properties']) : null;

  const url = textOf(configuration['url']);
  const byUrl = configuration['configurationType'] === 'URL';
  const fromUrl = url === undefined ? undefined : readConninfo(url);
  if (byUrl && !fromUrl?.values) return { problem: `has a URL that ${fromUrl?.problem ?? 'is empty'}` };
  const values = demandsOf(bagOf(configuration['properties']), ssl);
  // In this mode DBeaver goes by the URL, and the fields are what was there before.
  const fields = byUrl ? {} : { host: 'host', port: 'port', database: 'dbname' };
  for (const [keyword, told] of fromUrl?.values ?? [])
    if (byUrl || ['host', 'port', 'dbname', 'user'].includes(keyword)) values.set(keyword, told);
  for (const [field, keyword] of Object.entries(fields))
    if (isTold(configuration[field])) values.set(keyword, String(configuration[field]));
  if (byUrl && ssl !== null) for (const [keyword, told] of demandsOf({}, ssl)) values.set(keyword, told);
  const login = { ...bagOf(secrets['#connection']), ...toldOf(configuration) };
  for (const field of ['user', 'password']) {
    const told = textOf(login[field]);
    if (told !== undefined) values.set(field, told);
  }
  if (!values.get('host')) return { problem: 'has no host' };

  const notes: string[] = [];
  const ssh = isOn('ssh_tunnel')
    ? hopsOf(bagOf(handlers['ssh_tunnel']), bagOf(secrets['network/ssh_tunnel']), notes)
    : [];
  // Where the way from the last jump host leads, when that is not what the connection is called by.
  const way = bagOf(bagOf(handlers['ssh_tunnel'])['properties']);
  if (ssh.length > 0 && textOf(way['remoteHost'])) values.set('host', textOf(way['remoteHost']) as string);
  if (ssh.length > 0 && isTold(way['remotePort'])) values.set('port', String(way['remotePort']));

  const told = values.get('sslkey');
  values.delete('sslkey');
  const { connection, problem } = connectionAt(placeOf(values));
  if (!connection) return { problem };
  const others = Object.keys(handlers).filter(
    (each) => !['ssh_tunnel', 'postgre_ssl'].includes(each) && isOn(each),
  );
  notes.unshift(...connection.notes);
  notes.push(
    ...leftOut([
      ...unread(entry, readOfEntry),
      ...unread(configuration, readOfConfiguration),
      ...unread(ssl ?? {}, readOfSsl),
      ...others,
    ]),
  );
  if (told) notes.push('The key of the client certificate must be chosen by hand.');
  const type = textOf(configuration['type']);
  return {
    ...connection,
    name: where,
    environment: type === 'prod' ? 'production' : type === 'test' ? 'staging' : undefined,
    folder: textOf(entry['folder']),
    description: textOf(entry['description']),
    readOnly: entry['read-only'] === true ? true : undefined,
    database: values.get('dbname') ? connection.database : 'postgres',
    ssh,
    notes,
  };
}
