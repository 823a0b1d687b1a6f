import { engineTraits, unnamedUser } from '../../../preload/contract/engines.ts';
import { portOf } from '../found.ts';
import { lacks, type Taken, type Told, take } from './told.ts';

/*
 * What Snowflake's connectors and drivers are told (Python connector, ODBC and JDBC drivers, dbt). Signed in is by a
 * programmatic access token or by a private key only; other ways are refused by their name.
 */

const { hostEnding = '' } = engineTraits.snowflake;

/** Ways to sign in that there are and that a connection does not have. */
const others: Readonly<Record<string, string>> = {
  externalbrowser: 'by a browser (externalbrowser)',
  oauth: 'by OAuth (oauth)',
  oauth_authorization_code: 'by OAuth (oauth_authorization_code)',
  oauth_client_credentials: 'by OAuth (oauth_client_credentials)',
  jwt: 'by a token of another service (jwt)',
  username_password_mfa: 'by a password and a second factor (username_password_mfa)',
  id_token: 'by a cached token (id_token)',
  workload_identity: 'by the identity of a workload (workload_identity)',
};
const instead = 'make a programmatic access token or a key pair for the user, and enter that';

/** A programmatic access token is a JWT: connectors take one in the place of a password. */
const isAccessToken = (text: string | undefined): boolean =>
  text !== undefined && /^eyJ[\w-]{8,}\.[\w-]+\.[\w-]+$/.test(text);

/** What changes neither where a connection leads nor how safely. */
const harmless = new Set([
  ...['threads', 'retries', 'connect_retries', 'connect_timeout', 'retry_on_database_errors', 'retry_all'],
  ...['reuse_connections', 'client_session_keep_alive', 'query_tag', 'tracing', 'locale', 'timezone'],
  ...['login_timeout', 'logintimeout', 'network_timeout', 'networktimeout', 'querytimeout', 'application'],
  ...['client_request_mfa_token', 'client_store_temporary_credential', 'description', 'driver', 'trace'],
]);

/** The host of an account; undefined where the account can't be one. */
const hostOf = (account: string): string | undefined =>
  /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(account) && !/\.cn-/i.test(account)
    ? account.toLowerCase().endsWith(hostEnding)
      ? account
      : `${account}${hostEnding}`
    : undefined;

export function snowflakeOf(told: Told, name: string): Taken {
  told.pass(harmless);
  const account = told.text('account', 'accountname');
  const server = told.text('host', 'server');
  const port = portOf(told.text('port') ?? engineTraits.snowflake.port);
  const user = told.text('user', 'uid', 'username');
  const password = told.text('password', 'pwd');
  const database = told.text('database', 'db', 'dbname', 'defaultDatabase');
  const settings: Record<string, string> = {};
  for (const [setting, ...names] of [['warehouse'], ['role'], ['schema']] as const) {
    const value = told.text(setting, ...names);
    if (value !== undefined) settings[setting] = value;
  }
  const way = told.text('authenticator')?.toLowerCase() ?? '';
  const byKey =
    way === 'snowflake_jwt' ||
    told.has(
      'private_key_file',
      'private_key_path',
      'private_key',
      'private_key_raw',
      'priv_key_file',
      'private_key_base64',
    );
  if (Object.hasOwn(others, way)) return { problem: `signs in ${others[way]}; ${instead}` };
  if (!['', 'snowflake', 'snowflake_jwt', 'programmatic_access_token'].includes(way))
    return { problem: `signs in in a way that is not known here (authenticator); ${instead}` };
  if (told.has('region', 'regionid'))
    return { problem: 'tells its region apart; write it behind the account, as account.region' };
  if (told.flag('ssl') === false || told.text('protocol')?.toLowerCase() === 'http')
    return { problem: 'goes without TLS, which a connection to Snowflake never does' };
  if (port === undefined) return { problem: 'has no port that could be used' };
  const host = server ?? (account === undefined ? undefined : hostOf(account));
  if (host === undefined)
    return account === undefined ? lacks(told, 'account') : { problem: 'has no account that could be used' };
  if (!/^[\w.-]+$/.test(host)) return { problem: 'has no host that could be used' };
  if (database === undefined) return lacks(told, 'database to begin with');
  const base = { engine: 'snowflake', name, host, port, database, tlsMode: 'verify-full' } as const;
  const notes: string[] = [];
  if (!byKey) {
    const token = told.text('token');
    const secret =
      way === 'programmatic_access_token'
        ? (token ?? password)
        : isAccessToken(password)
          ? password
          : undefined;
    if (secret === undefined && told.has('password', 'pwd'))
      notes.push(
        'Its password was left out: here Snowflake is signed in to by an access token or a private key.',
      );
    if (way !== 'programmatic_access_token' && token !== undefined)
      notes.push('Its token was left out: it does not say that it is a programmatic access token.');
    return take(
      told,
      { ...base, settings: { ...settings, signIn: 'token' }, user: user ?? unnamedUser, password: secret },
      notes,
    );
  }
  const inline = told.text('private_key', 'private_key_raw');
  const pem = inline?.includes('PRIVATE KEY-----') ? inline : undefined;
  const keyPassphrase = told.text(
    'private_key_passphrase',
    'private_key_file_pwd',
    'priv_key_file_pwd',
    'private_key_pwd',
  );
  const file = told.has('private_key_file', 'private_key_path', 'priv_key_file');
  told.text('private_key_file', 'private_key_path', 'priv_key_file');
  if (told.has('password', 'pwd')) notes.push('Its password was left out: it signs in by its key.');
  if (pem === undefined)
    notes.push(
      file
        ? 'Its private key is in a file of its own and must be chosen by hand.'
        : 'Its private key is not in the form of a key file (PEM) and must be chosen by hand.',
    );
  return take(
    told,
    { ...base, settings: { ...settings, signIn: 'private_key' }, user, password: pem, keyPassphrase },
    notes,
  );
}
