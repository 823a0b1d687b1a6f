import { type EngineType, engineTraits } from '../../../preload/contract/engines.ts';
import type { TlsMode } from '../../../preload/contract/tls-modes.ts';
import { readEngineUrl } from '../../../preload/contract/urls/engine-url.ts';
import type { FoundConnection } from '../found.ts';
import { bagOf, isTold, leftOut, portOf, textOf } from '../found.ts';
import {
  type Bag,
  hopsOf,
  readOfConfiguration,
  readOfEntry,
  toldOf,
  unread,
  words,
} from './dbeaver-parts.ts';

/** DBeaver's names of providers (`plugin.xml` of each of its extensions). */
const kinds: Readonly<Record<string, EngineType>> = {
  mysql: 'mysql',
  mariadb: 'mysql',
  clickhouse: 'clickhouse',
};

/** The kind of database that a provider is for, if it is one of those beside PostgreSQL; names are no properties of an object. */
export const otherKindOf = (provider: string | undefined): EngineType | undefined =>
  provider !== undefined && Object.hasOwn(kinds, provider) ? kinds[provider] : undefined;

const readOfSsl = words(`ssl.require ssl.verify.server ssl.ca.cert rootCert ca.cert`);
/** Properties of drivers without which a connection goes the same way, as safely. */
const harmless =
  words(`connectTimeout socketTimeout serverTimezone characterEncoding useUnicode zeroDateTimeBehavior
  tinyInt1isBit rewriteBatchedStatements connectionTimeZone allowPublicKeyRetrieval autoReconnect useCompression`);

interface Parts {
  readonly handlers: Bag;
  readonly secrets: Bag;
  readonly where: string;
}

/** How strictly DBeaver has the server checked; undefined where it leaves that to the driver, which may go on without TLS. */
function tlsModeOf(ssl: Bag | null, notes: string[]): TlsMode | undefined {
  if (ssl === null) return undefined;
  if (String(ssl['ssl.verify.server']) === 'true') return 'verify-ca';
  if (String(ssl['ssl.require']) === 'true') return 'require';
  notes.push('Its TLS was not required; here the certificate of the server is checked.');
  return undefined;
}

/** A connection to a database of another kind than PostgreSQL. */
export function otherOf(
  engine: EngineType,
  entry: Bag,
  { handlers, secrets, where }: Parts,
): FoundConnection | { readonly problem: string } {
  const configuration = bagOf(entry['configuration']);
  const byUrl = configuration['configurationType'] === 'URL';
  const url = textOf(configuration['url']);
  const fromUrl = url === undefined ? undefined : readEngineUrl(url);
  if (byUrl && fromUrl?.engine !== engine) return { problem: 'has a URL that can not be taken apart' };
  const field = (name: string): string | undefined =>
    byUrl || !isTold(configuration[name]) ? undefined : String(configuration[name]);
  const port = portOf(field('port') ?? fromUrl?.port ?? engineTraits[engine].port);
  const host = field('host') ?? (fromUrl?.host || undefined);
  if (host === undefined) return { problem: 'has no host' };
  if (port === undefined) return { problem: 'has no port that could be used' };
  const database = field('database') ?? (fromUrl?.database || undefined);
  if (database === undefined) return { problem: 'names no database to begin with' };

  const notes: string[] = [];
  const isOn = (name: string): boolean => bagOf(handlers[name])['enabled'] === true;
  const sslName = Object.keys(handlers).find((name) => /_ssl$/.test(name) && isOn(name));
  const ssl = sslName === undefined ? null : bagOf(bagOf(handlers[sslName])['properties']);
  const ssh = isOn('ssh_tunnel')
    ? hopsOf(bagOf(handlers['ssh_tunnel']), bagOf(secrets['network/ssh_tunnel']), notes)
    : [];
  const login = { ...bagOf(secrets['#connection']), ...toldOf(configuration) };
  const told = (name: 'user' | 'password'): string | undefined =>
    textOf(login[name]) ?? (fromUrl?.[name] || undefined);
  const others = Object.keys(handlers).filter(
    (name) => name !== 'ssh_tunnel' && name !== sslName && isOn(name),
  );
  const properties = Object.keys(bagOf(configuration['properties'])).filter((name) => !harmless.has(name));
  notes.push(
    ...leftOut([
      ...unread(entry, readOfEntry),
      ...unread(configuration, readOfConfiguration),
      ...unread(ssl ?? {}, readOfSsl),
      ...(byUrl ? (fromUrl?.left ?? []) : []),
      ...properties,
      ...others,
    ]),
  );
  const type = textOf(configuration['type']);
  return {
    ...{ engine, name: where, host, port, database, ssh, notes },
    user: told('user'),
    password: told('password'),
    tlsMode: tlsModeOf(ssl, notes) ?? (byUrl ? fromUrl?.tlsMode : undefined),
    tlsCa:
      ssl === null
        ? undefined
        : (textOf(ssl['ssl.ca.cert']) ?? textOf(ssl['rootCert']) ?? textOf(ssl['ca.cert'])),
    environment: type === 'prod' ? 'production' : type === 'test' ? 'staging' : undefined,
    folder: textOf(entry['folder']),
    description: textOf(entry['description']),
  };
}
