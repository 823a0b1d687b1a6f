import { type EngineType, engineTraits } from '../../../preload/contract/engines.ts';
import type { TlsMode } from '../../../preload/contract/tls-modes.ts';
import { portOf } from '../found.ts';
import { lacks, type Taken, type Told, take } from './told.ts';

/** What a tool calls the way to a server of one's own. */
export interface ServerNames {
  readonly host: readonly string[];
  readonly port: readonly string[];
  readonly database: readonly string[];
  readonly user: readonly string[];
  readonly password: readonly string[];
}

/** How a server is checked, in what a connection has for it; a key is named only, it is chosen by hand. */
export interface Tls {
  readonly mode: TlsMode | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly hasKey?: boolean;
}

/** A connection to MySQL, MariaDB or ClickHouse. */
export function serverOf(
  engine: Extract<EngineType, 'mysql' | 'clickhouse'>,
  told: Told,
  name: string,
  { names, tls, notes: before = [] }: { names: ServerNames; tls: Tls; notes?: readonly string[] },
): Taken {
  const host = told.text(...names.host);
  const toldPort = told.text(...names.port);
  const database = told.text(...names.database);
  const user = told.text(...names.user);
  const password = told.text(...names.password);
  if (host === undefined) return lacks(told, 'host');
  const port = portOf(toldPort ?? engineTraits[engine].port);
  if (port === undefined) return { problem: 'has no port that could be used' };
  const first = database ?? (engine === 'clickhouse' ? 'default' : undefined);
  if (first === undefined) return lacks(told, 'database to begin with');
  const notes = [...before];
  if (database === undefined) notes.push('No database was told; “default” was taken, as its clients do.');
  if (tls.hasKey) notes.push('The key of the client certificate must be chosen by hand.');
  return take(
    told,
    {
      ...{ engine, name, host, port, database: first, user, password },
      ...{ tlsMode: tls.mode, tlsCa: tls.ca, tlsCert: tls.cert },
    },
    notes,
  );
}

/** What MySQL's clients call their modes; "preferred" is none that a connection can have, which then checks fully. */
export const mysqlModes: Readonly<Record<string, TlsMode>> = {
  disabled: 'disable',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
};

/** The mode that a word of MySQL's clients names; a note where it is one that goes on without TLS, or none. */
export function mysqlModeOf(word: string | undefined, notes: string[]): TlsMode | undefined {
  if (word === undefined) return undefined;
  const name = word.trim().toLowerCase().replaceAll('-', '_');
  if (Object.hasOwn(mysqlModes, name)) return mysqlModes[name];
  notes.push('Its TLS was not required; here the certificate of the server is checked.');
  return undefined;
}
