import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type ForeignRow, readForeignTables } from '../../store/foreign.ts';
import type { Found } from '../found.ts';
import { bagOf, textOf } from '../found.ts';
import { bigqueryOf } from '../kinds/bigquery.ts';
import { createTold, type Taken } from '../kinds/told.ts';
import { foundOf } from '../profiles/entries.ts';
import { type ClientNames, clientOf, type ToldHop } from './desktop-client.ts';

/*
 * Beekeeper Studio's app.db: connections in the table saved_connection, their jump hosts beside it since version 5.5, and within
 * it before. Passwords and URLs are encrypted.
 */

const tables = ['saved_connection', 'connection_folder', 'connection_ssh_config', 'ssh_config'] as const;

/** Encrypted, also where nothing was entered: what is in them can't be known, and is asked for. */
const encrypted = `password sshPassword sshKeyfilePassword sshBastionPassword sshBastionKeyfilePassword url azureAuthOptions
  iamAuthOptions surrealDbOptions`;
const harmless = new Set(
  `${encrypted} id createdAt updatedAt version name connectionType labelColor workspaceId rememberPassword position
  uniqueHash connectionFolderId readOnlyMode sshEnabled sshHost sshPort sshKeyfile sshUsername sshMode sshBastionHost
  sshBastionHostPort sshBastionMode sshBastionUsername sshBastionKeyfile sshKeepaliveInterval sslCaFile sslCertFile sslKeyFile
  sslRejectUnauthorized socketPath socketPathEnabled trustServerCertificate bigQueryOptions redshiftOptions cassandraOptions
  libsqlOptions sqlAnywhereOptions dynamoDbOptions snowflakeOptions`
    .trim()
    .split(/\s+/),
);

const names: ClientNames = {
  ...{ host: ['host'], port: ['port'], database: ['defaultDatabase'], user: ['username'], password: [] },
  ...{ tls: ['ssl'], ca: ['sslCaFile'], cert: ['sslCertFile'], key: ['sslKeyFile'] },
  ...{ checks: ['sslRejectUnauthorized'] },
};

const engines: Readonly<Record<string, Parameters<typeof clientOf>[0]>> = {
  ...{ postgresql: 'postgres', psql: 'postgres', postgres: 'postgres' },
  ...{ mysql: 'mysql', mariadb: 'mysql', clickhouse: 'clickhouse' },
};

const text = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : textOf(value);
const isOn = (value: unknown): boolean => value === 1 || value === 'true' || value === '1';

/** What a column of JSON has in it; nothing where it is none. */
function json(value: unknown): ReturnType<typeof bagOf> {
  try {
    return bagOf(JSON.parse(textOf(value) ?? '{}'));
  } catch {
    return {};
  }
}

/** Jump hosts of a connection, in their order. */
function hopsOf(
  row: ForeignRow,
  joined: readonly ForeignRow[],
  hosts: ReadonlyMap<unknown, ForeignRow>,
): ToldHop[] {
  if (!isOn(row['sshEnabled'])) return [];
  const hop = (of: ForeignRow, [host, port, user, mode, keyFile]: readonly string[]): ToldHop => ({
    ...{ host: text(of[host ?? '']), port: text(of[port ?? '']), user: text(of[user ?? '']) },
    ...{ mode: text(of[mode ?? '']) ?? 'agent', keyFile: text(of[keyFile ?? '']) },
    ...{ password: undefined, keyPassphrase: undefined },
  });
  const own = joined
    .filter(({ connectionId }) => connectionId === row['id'])
    .sort((one, other) => Number(one['position']) - Number(other['position']))
    .map(({ sshConfigId }) => hosts.get(sshConfigId) ?? {});
  if (own.length > 0) return own.map((each) => hop(each, ['host', 'port', 'username', 'mode', 'keyfile']));
  const bastion = [
    'sshBastionHost',
    'sshBastionHostPort',
    'sshBastionUsername',
    'sshBastionMode',
    'sshBastionKeyfile',
  ];
  return [
    ...(text(row['sshBastionHost']) === undefined ? [] : [hop(row, bastion)]),
    hop(row, ['sshHost', 'sshPort', 'sshUsername', 'sshMode', 'sshKeyfile']),
  ];
}

function takenOf(row: ForeignRow, name: string, hops: readonly ToldHop[]): Taken {
  const kind = (text(row['connectionType']) ?? '').toLowerCase();
  const { connectionMethod, ...options } = json(row['options']);
  const bySocket = isOn(row['socketPathEnabled']) && text(row['socketPath']) !== undefined;
  const fields = { ...row, ...(bySocket ? { host: row['socketPath'] } : {}), options };
  if (kind === 'bigquery') {
    const { projectId, keyFilename, ...rest } = json(row['bigQueryOptions']);
    const told = createTold(
      Object.entries({ projectId, keyFilename, ...rest, defaultDatabase: row['defaultDatabase'] }),
      { fold: (name) => name.toLowerCase() },
    );
    return bigqueryOf(told, name);
  }
  const engine = Object.hasOwn(engines, kind) ? engines[kind] : undefined;
  if (engine === undefined)
    return {
      problem: `is for ${/^[\w-]{1,30}$/.test(kind) ? kind : 'another kind of database'}, which can’t be imported`,
    };
  if (connectionMethod === 'connectionString')
    return { problem: 'gives its place as a connection string, which Beekeeper Studio encrypts' };
  const told = createTold(Object.entries(fields));
  told.pass(harmless);
  return clientOf(engine, told, name, { names, hops });
}

/** `base64`: the file as it is. Fails with IMPORT_UNREADABLE. */
export function parseBeekeeper(base64: string): Found {
  const read = readForeignTables(Buffer.from(base64, 'base64'), tables);
  if (!read) throw new AppError('IMPORT_UNREADABLE', say('imports.noSqlite'));
  const { rows, hasLog } = read;
  const of = (table: (typeof tables)[number]): readonly ForeignRow[] => rows.get(table) ?? [];
  const folders = new Map(of('connection_folder').map(({ id, name }) => [id, text(name)]));
  const hosts = new Map(of('ssh_config').map((each) => [each['id'] as unknown, each]));
  const entries = of('saved_connection').map((row, index) => {
    const where = text(row['name']) ?? `connection ${index + 1}`;
    const taken = takenOf(row, where, hopsOf(row, of('connection_ssh_config'), hosts));
    const folder = folders.get(row['connectionFolderId'] ?? null);
    const readOnly = isOn(row['readOnlyMode']) ? true : undefined;
    return {
      where,
      taken: taken.connection ? { connection: { ...taken.connection, folder, readOnly } } : taken,
    };
  });
  return foundOf(
    entries,
    hasLog
      ? [
          {
            where: 'app.db',
            message:
              'may lack what Beekeeper Studio changed last, which it keeps beside this file; close it before importing',
          },
        ]
      : [],
  );
}
