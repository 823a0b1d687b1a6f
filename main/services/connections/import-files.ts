import { join } from 'node:path';
import type { ImportKind } from '../../../preload/contract/models.ts';
import { keyType } from '../../engines/ssh/known-hosts.ts';
import type { Host } from '../../host.ts';
import { parseImport } from '../../imports/parse.ts';
import { expandHome, readPlainFile } from '../../plain-file.ts';

/** Files of this size are no lists of connections. */
const largestFile = 20_000_000;

/** Kinds that have a usual place on a computer. */
export type PlacedKind = Extract<
  ImportKind,
  | 'pgpass'
  | 'pg_service'
  | 'ssh_config'
  | 'dbeaver'
  | 'azure_data_studio'
  | 'dbgate'
  | 'beekeeper'
  | 'dbt'
  | 'snowflake'
  | 'databricks'
  | 'odbc'
>;

/** Where each tool keeps its file (its documentation), from the person's own folder; the first of them that is there counts. */
function placesOf(kind: PlacedKind, host: Pick<Host, 'homeFolder' | 'platform'>): readonly string[] {
  const { homeFolder, platform } = host;
  const [isMac, isWindows] = [platform === 'darwin', platform === 'win32'];
  const support = isMac ? 'Library/Application Support' : isWindows ? 'AppData/Roaming' : '.config';
  const dbeaver = isMac
    ? 'Library/DBeaverData'
    : isWindows
      ? 'AppData/Roaming/DBeaverData'
      : '.local/share/DBeaverData';
  // Its command line and its connectors look into their own folder first, then where the system keeps settings.
  const snowflake = ['.snowflake', isWindows ? 'AppData/Local/snowflake' : `${support}/snowflake`];
  const places: Record<PlacedKind, readonly string[]> = {
    pgpass: [isWindows ? 'AppData/Roaming/postgresql/pgpass.conf' : '.pgpass'],
    pg_service: ['.pg_service.conf'],
    ssh_config: ['.ssh/config'],
    dbeaver: [`${dbeaver}/workspace6/General/.dbeaver/data-sources.json`],
    azure_data_studio: [`${support}/azuredatastudio/User/settings.json`],
    dbgate: ['.dbgate/connections.jsonl'],
    beekeeper: [`${support}/beekeeper-studio/app.db`],
    dbt: ['.dbt/profiles.yml'],
    // Where both are there, connections.toml alone counts.
    snowflake: snowflake.flatMap((folder) => [`${folder}/connections.toml`, `${folder}/config.toml`]),
    databricks: ['.databrickscfg'],
    odbc: ['.odbc.ini'],
  };
  return places[kind].map((place) => join(homeFolder, place));
}

export const placedKinds: readonly PlacedKind[] = [
  ...(['pgpass', 'pg_service', 'ssh_config', 'dbeaver', 'azure_data_studio'] as const),
  ...(['dbgate', 'beekeeper', 'dbt', 'snowflake', 'databricks', 'odbc'] as const),
];

/** Certificates of all authorities there are take some hundred kilobytes. */
const largestCertificate = 1_000_000;

export interface Placed {
  readonly path: string;
  readonly text: string;
  readonly credentials: string | undefined;
  /** A file of passwords that others can read: libpq takes nothing from it, and neither do we. */
  readonly isOpen: boolean;
}

/** What a file of passwords grants to the group and to others (PostgreSQL documentation, 34.16). */
const others = 0o077;

/** A file in its usual place; null where there is none. */
export async function readPlaced(
  kind: PlacedKind,
  host: Pick<Host, 'homeFolder' | 'platform'>,
): Promise<Placed | null> {
  for (const path of placesOf(kind, host)) {
    const placed = await readAt(kind, path, host);
    if (placed !== null) return placed;
  }
  return null;
}

async function readAt(kind: PlacedKind, path: string, host: Pick<Host, 'platform'>): Promise<Placed | null> {
  const guarded = kind === 'pgpass' && host.platform !== 'win32';
  let isOpen = false;
  try {
    const bytes = await readPlainFile(path, largestFile, ({ mode }) => {
      isOpen = guarded && (mode & others) !== 0;
    });
    // A database is no text.
    const text = bytes.toString(kind === 'beekeeper' ? 'base64' : 'utf8');
    const beside = kind === 'dbeaver' ? join(path, '..', 'credentials-config.json') : null;
    const credentials =
      beside === null
        ? undefined
        : await readPlainFile(beside, largestFile).then(
            (bytes) => bytes.toString('base64'),
            () => undefined,
          );
    return { path, text, credentials, isOpen };
  } catch {
    // Not there, or not ours to read: then it is not offered.
    return null;
  }
}

/** A certificate that a file names by its path; undefined where it can't be read or is none. Only public ones are read. */
export async function readCertificate(path: string, home: string): Promise<string | undefined> {
  const text = await readPlainFile(expandHome(path, home), largestCertificate).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  );
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g);
  return certificates ? `${certificates.join('\n')}\n` : undefined;
}

/** A public key takes some hundred bytes, and with a certificate in it some thousands. */
const largestPublicKey = 16_384;

/** A public key that a file names by its path, without its comment; undefined where it can't be read or is none. */
export async function readPublicKey(path: string, home: string): Promise<string | undefined> {
  const text = await readPlainFile(expandHome(path, home), largestPublicKey).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  );
  const [, type, key = ''] = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,3})(?:\s|$)/.exec(text) ?? [];
  return type !== undefined && keyType(Buffer.from(key, 'base64')) === type ? `${type} ${key}` : undefined;
}

/** Whether a list of revoked certificates lies where libpq looks for one without being told. */
export const hasOwnRevocations = ({ homeFolder, platform }: Pick<Host, 'homeFolder' | 'platform'>) =>
  readPlainFile(join(ownFolder(homeFolder, platform), 'root.crl'), largestFile).then(
    () => true,
    () => false,
  );

const ownFolder = (homeFolder: string, platform: string): string =>
  join(homeFolder, platform === 'win32' ? 'AppData/Roaming/postgresql' : '.postgresql');

/**
 * A certificate that libpq takes without being told of it (PostgreSQL documentation, 34.19), from the person's own folder;
 * undefined where there is none.
 */
export function readOwnCertificate(
  name: 'root.crt' | 'postgresql.crt',
  { homeFolder, platform }: Pick<Host, 'homeFolder' | 'platform'>,
): Promise<string | undefined> {
  return readCertificate(join(ownFolder(homeFolder, platform), name), homeFolder);
}

/** How many connections and hosts a placed file names; 0 for one that can't be read. */
export function countOf(kind: PlacedKind, text: string, userName: string): number {
  try {
    const found = parseImport(kind, text, { pgpass: null, credentials: undefined, userName });
    return found.connections.length + found.hosts.length;
  } catch {
    return 0;
  }
}
