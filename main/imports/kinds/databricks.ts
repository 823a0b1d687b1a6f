import { engineTraits, unnamedUser } from '../../../preload/contract/engines.ts';
import { portOf } from '../found.ts';
import { lacks, type Taken, type Told, take } from './told.ts';

/*
 * What Databricks' tools are told (its unified authentication, its SQL connectors and drivers, dbt). Signed in is by a
 * personal access token or by an OAuth client of a service principal; other ways are refused by their name.
 */

/** Names of ways to sign in (unified authentication, `auth_type`) that a connection does not have. */
const others: ReadonlySet<string> = new Set([
  ...[
    'azure-cli',
    'azure-client-secret',
    'azure-msi',
    'azure-devops-oidc',
    'github-oidc',
    'github-oidc-azure',
  ],
  ...['google-credentials', 'google-id', 'databricks-cli', 'external-browser', 'metadata-service', 'basic'],
  ...['env-oidc', 'file-oidc', 'runtime', 'azure-oauth', 'databricks-oauth'],
]);
const instead =
  'make a personal access token, or a secret for an OAuth client of a service principal, and enter that';
const byOthers = [
  'azure_client_id',
  'azure_client_secret',
  'azure_workspace_resource_id',
  'google_service_account',
];
const usualCatalog = 'main';

const harmless = new Set([
  ...['threads', 'retries', 'connect_retries', 'connect_timeout', 'retry_all', 'session_properties'],
  ...['connection_parameters', 'driver', 'description', 'sparkservertype', 'thrifttransport', 'trace'],
  ...['useragententry', 'transportmode', 'enablearrow', 'fastsqlprepare', 'usenativequery', 'loglevel'],
]);

/** The warehouse of an HTTP path; null where the path is of something else. */
const warehouseOf = (path: string): string | null =>
  /^\/?sql\/1\.0\/(?:warehouses|endpoints)\/([\w-]+)\/?$/.exec(path.trim())?.[1] ?? null;

/** A host as it is, or as the address of a workspace; undefined for what is neither. */
function hostOf(text: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const [, host, port] = /^(?:https:\/\/)?([\w.-]+)(?::(\d+))?\/?(?:\?o=\d+)?$/i.exec(text.trim()) ?? [];
  return host === undefined ? undefined : { host, port };
}

interface Login {
  readonly signIn: 'token' | 'client_secret';
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Who signs in with what; or why that can't be. */
function loginOf(told: Told): Login | string {
  const way = (told.text('auth_type') ?? '').toLowerCase();
  const flow = told.text('auth_flow');
  const mech = told.text('authmech');
  const secrets = ['client_secret', 'auth_client_secret', 'oauth2secret'];
  if (others.has(way)) return `signs in by ${way}; ${instead}`;
  if (!['', 'pat', 'token', 'oauth', 'oauth-m2m'].includes(way))
    return `signs in in a way that is not known here (auth_type); ${instead}`;
  if (flow === '2') return `signs in by a browser (Auth_Flow); ${instead}`;
  if (mech !== undefined && !['3', '8', '11'].includes(mech))
    return `signs in in a way that is not known here (AuthMech); ${instead}`;
  const ofClient = way === 'oauth-m2m' || way === 'oauth' || flow === '1' || told.has(...secrets);
  // What is of the other way to sign in stays unread, and is told as left out.
  if (ofClient && way !== 'pat' && way !== 'token') {
    const id = told.text('client_id', 'auth_client_id', 'oauth2clientid');
    if (id === undefined) return `signs in by OAuth without a client of its own; ${instead}`;
    return { signIn: 'client_secret', user: id, password: told.text(...secrets) };
  }
  const token = told.text('token', 'auth_accesstoken', 'access_token');
  if (token !== undefined) return { signIn: 'token', user: unnamedUser, password: token };
  const [user, password] = [told.text('uid', 'user', 'username'), told.text('pwd', 'password')];
  // The user “token” of the drivers says that the password is one.
  if (user !== undefined && user.toLowerCase() !== 'token')
    return `signs in by a user and a password; ${instead}`;
  if (password === undefined && byOthers.some((each) => told.has(each)))
    return `signs in by another cloud's identity; ${instead}`;
  return { signIn: 'token', user: unnamedUser, password };
}

export function databricksOf(told: Told, name: string): Taken {
  told.pass(harmless);
  const address = told.text('host', 'server_hostname', 'server', 'hostname');
  const at = address === undefined ? undefined : hostOf(address);
  const toldPort = told.text('port');
  const path = told.text('http_path', 'httppath');
  const id = told.text('warehouse_id', 'warehouse');
  const catalog = told.text('catalog', 'conncatalog');
  const login = loginOf(told);
  if (typeof login === 'string') return { problem: login };
  if (address === undefined) return lacks(told, 'host');
  if (at === undefined) return { problem: 'has no host that could be used' };
  if (told.has('account_id') && /^accounts\./i.test(at.host))
    return { problem: 'is for an account, not for a workspace: there is no database in it' };
  if (told.flag('ssl') === false)
    return { problem: 'goes without TLS, which a connection to Databricks never does' };
  const port = portOf(toldPort ?? at.port ?? engineTraits.databricks.port);
  if (port === undefined) return { problem: 'has no port that could be used' };
  const ofPath = path === undefined ? undefined : warehouseOf(path);
  if (ofPath === null) return { problem: 'goes to a cluster; only a SQL warehouse can be asked' };
  if (id !== undefined && ofPath !== undefined && id !== ofPath)
    return { problem: 'names two SQL warehouses' };
  const warehouse = ofPath ?? id;
  const notes: string[] = [];
  if (catalog === undefined)
    notes.push(
      `No catalog was told; “${usualCatalog}” was taken. Change it where the workspace has another.`,
    );
  const { signIn, user, password } = login;
  return take(
    told,
    {
      ...{ engine: 'databricks', name, host: at.host, port, database: catalog ?? usualCatalog },
      settings: { signIn, ...(warehouse === undefined ? {} : { warehouse }) },
      ...{ user, password, tlsMode: 'verify-full' },
    },
    notes,
  );
}
