import { expect, it } from 'vitest';
import type { Found } from '../../main/imports/found.ts';
import { parseImport } from '../../main/imports/parse.ts';
import { type ImportKind, tlsModes } from '../../preload/contract/models.ts';
import {
  canary,
  type Dice,
  dbeaver,
  dice,
  editorSettings,
  type Generated,
  legacy,
  own,
  pgAdmin,
  pgpass,
  serviceFile,
  sshConfig,
  url,
} from '../support/generated-files.ts';
import {
  beekeeper,
  databricksCfg,
  dataGrip,
  dbGate,
  dbtProfiles,
  odbcIni,
  snowflakeToml,
} from '../support/generated-profiles.ts';
import { seeded } from '../support/random.ts';

/*
 * Of whatever a file holds each key is taken, named as left out, or refused with what it stands in; nothing that it asks of
 * the server is asked for less; no secret is in what is shown. CASES=20000 asks it of as many files of each kind.
 */

const cases = Number(process.env['CASES'] ?? 250);
type Kind = Exclude<ImportKind, 'sealed'>;

/** What a connection has a place for, by what it is then called. */
const places: Readonly<Record<string, (found: Found['connections'][number]) => boolean>> = {
  host: ({ host }) => host !== '',
  server: ({ host }) => host !== '',
  dbname: ({ database }) => database !== '',
  database: ({ database }) => database !== '',
  user: ({ user }) => user !== undefined,
  password: ({ password }) => password?.includes(canary) === true,
  sslmode: ({ tlsMode }) => tlsMode !== undefined,
  sslrootcert: ({ tlsCa }) => tlsCa !== undefined,
  sslcert: ({ tlsCert }) => tlsCert !== undefined,
  // What tools call the same things.
  servername: ({ host }) => host !== '',
  account: ({ host }) => host !== '',
  project: ({ database }) => database !== '',
  username: ({ user }) => user !== undefined,
  uid: ({ user }) => user !== undefined,
  client_id: ({ user, settings }) => settings?.['signIn'] === 'client_secret' && user !== undefined,
  pwd: ({ password }) => password?.includes(canary) === true,
  token: ({ password }) => password?.includes(canary) === true,
  client_secret: ({ password }) => password?.includes(canary) === true,
  private_key_passphrase: ({ keyPassphrase }) => keyPassphrase?.includes(canary) === true,
  priv_key_file_pwd: ({ keyPassphrase }) => keyPassphrase?.includes(canary) === true,
  warehouse: ({ settings }) => settings?.['warehouse'] !== undefined,
  http_path: ({ settings }) => settings?.['warehouse'] !== undefined,
  httppath: ({ settings }) => settings?.['warehouse'] !== undefined,
  role: ({ settings }) => settings?.['role'] !== undefined,
  location: ({ settings }) => settings?.['location'] !== undefined,
  maximum_bytes_billed: ({ settings }) => settings?.['maxGigabytes'] !== undefined,
  readonly: ({ readOnly }) => readOnly === true,
  catalog: ({ database }) => database !== '',
  port: ({ port }) => [5433, 3307].includes(port),
  schema: ({ settings, engine, database }) =>
    settings?.['schema'] !== undefined || (['mysql', 'clickhouse'].includes(engine ?? '') && database !== ''),
  sslca: ({ tlsCa }) => tlsCa !== undefined,
  calocation: ({ tlsCa }) => tlsCa !== undefined,
  client_cert: ({ tlsCert }) => tlsCert !== undefined,
  hostaddr: ({ hostAddress, host }) => hostAddress !== undefined || /[:\d]$/.test(host),
};
/** What asks for nothing with these values, so that nobody has to hear of it. */
const harmless = new Set([
  ...['application_name', 'channel_binding', 'require_auth', 'sslcertmode'],
  // Of tools: said by the mode, by the kind of secret, or by the place of a key that a note tells of.
  ...[
    'ssl_disabled',
    'secure',
    'verify',
    'driver',
    'protocol',
    'ssl',
    'proto',
    'authmech',
    'auth_flow',
    'auth_type',
  ],
  ...['authenticator', 'method', 'keyfile', 'cluster_backend'],
]);
/** Words of notes for what they tell by its sense. */
const said: Readonly<Record<string, RegExp>> = {
  sslkey: /key of the client certificate/,
  client_cert_key: /key of the client certificate/,
  privatekeyfile: /key of the client certificate/,
  private_key_path: /private key is in a file/,
  priv_key_file: /private key is in a file/,
  password: /password was left out/,
  pwd: /password was left out/,
  token: /token was left out/,
  sslmode: /certificate of the server is checked/,
};

const shownOf = ({ connections, hosts, problems }: Found): string =>
  JSON.stringify([
    connections.map(({ name, host, database, user, notes }) => [name, host, database, user, notes]),
    hosts.map(({ alias, notes }) => [alias, notes]),
    problems,
  ]);

function insist(kind: Kind, file: Generated): void {
  const { text, credentials, keys, tlsMode, tlsCa, signIn } = file;
  if (file.isRefused) {
    expect(() => parseImport(kind, text, { pgpass: null, credentials, userName: 'me' })).toThrow(
      new RegExp(`^(?:(?!${canary}).)*$`, 'i'),
    );
    return;
  }
  const found = parseImport(kind, text, { pgpass: null, credentials, userName: 'me' });
  const shown = shownOf(found);
  expect(shown.toLowerCase(), text).not.toContain(canary);
  const [connection] = found.connections;
  if (kind === 'pgpass') {
    // Every line is a connection or a problem.
    expect(found.connections.length + found.problems.length, text).toBe(keys.length);
    return;
  }
  if (!connection && found.hosts.length === 0) {
    expect(found.problems.length, text).toBeGreaterThan(0);
    return;
  }
  const sslcertOff = /sslcertmode\W{1,5}disable/.test(text);
  for (const key of keys) {
    // Tools take no heed of upper and lower case.
    const name = key in places ? key : key.toLowerCase();
    const taken = connection && places[name]?.(connection);
    const isOff = key === 'sslcert' && sslcertOff;
    const told = key === 'sslkey' ? 'key of the client certificate' : key;
    expect(
      taken ||
        isOff ||
        harmless.has(name) ||
        shown.includes(key) ||
        shown.includes(told) ||
        said[name]?.test(shown),
      `${key} of ${text}`,
    ).toBe(true);
  }
  if (!connection) return;
  const strength = (mode: string | undefined): number =>
    mode === undefined ? -1 : (tlsModes as readonly string[]).indexOf(mode);
  // A mode that there is not is refused, so what is taken is one.
  if (tlsMode !== undefined) expect(tlsModes, text).toContain(tlsMode);
  expect(strength(connection.tlsMode), text).toBeGreaterThanOrEqual(strength(tlsMode));
  if (tlsCa !== undefined) expect(connection.tlsCa, text).toBe(tlsCa);
  if (signIn !== undefined) expect(connection.signIn, text).toBe(signIn);
}

it.each<[Kind, (d: Dice) => Generated]>([
  ['pg_service', serviceFile],
  ['url', url],
  ['pgpass', pgpass],
  ['ssh_config', sshConfig],
  ['pgadmin', pgAdmin],
  ['azure_data_studio', editorSettings],
  ['dbeaver', dbeaver],
  ['legacy', legacy],
  ['headgate', own],
  ['dbt', dbtProfiles],
  ['snowflake', snowflakeToml],
  ['databricks', databricksCfg],
  ['odbc', odbcIni],
  ['datagrip', dataGrip],
  ['dbgate', dbGate],
  ['beekeeper', beekeeper],
])('%s: every key is accounted for, nothing is less strict, no secret is shown', (kind, generate) => {
  const d = dice(seeded(10));
  for (let each = 0; each < cases; each += 1) insist(kind, generate(d));
});
