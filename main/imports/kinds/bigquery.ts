import { engineTraits, unnamedUser } from '../../../preload/contract/engines.ts';
import { bagOf } from '../found.ts';
import { lacks, type Taken, type Told, take } from './told.ts';

/*
 * What BigQuery's tools are told (dbt, the ODBC and JDBC drivers). Signed in is by the key file of a service account only;
 * other ways are refused by their name.
 */

const instead = 'make a key for a service account, and enter its file';
const others: Readonly<Record<string, string>> = {
  oauth: 'by the sign-in of gcloud (oauth)',
  'oauth-secrets': 'by OAuth (oauth-secrets)',
  'external-oauth-wif': 'by the identity of a workload (external-oauth-wif)',
};
const gigabyte = 1e9;

const harmless = new Set([
  ...['threads', 'retries', 'job_retries', 'job_execution_timeout_seconds', 'job_retry_deadline_seconds'],
  ...[
    'job_creation_timeout_seconds',
    'timeout_seconds',
    'priority',
    'scopes',
    'driver',
    'description',
    'trace',
  ],
  ...['logintimeout', 'timeout', 'loglevel', 'sqldialect', 'rowsfetchedperblock', 'allowlargeresults'],
]);

const ofTheKey = new Set([
  ...['keyfile', 'keyfilepath', 'keyfilename', 'oauthpvtkeypath', 'credentials_path'],
  ...['email', 'oauthserviceacctemail'],
]);

/** The ceiling in the unit that a connection has it in; one that is none is left out. */
function gigabytesOf(told: Told, notes: string[]): string | undefined {
  const bytes = told.text('maximum_bytes_billed');
  if (bytes === undefined) return undefined;
  const gigabytes = Number(bytes) / gigabyte;
  if (Number.isFinite(gigabytes) && gigabytes > 0) return String(gigabytes);
  notes.push('Left out: maximum_bytes_billed.');
  return undefined;
}

/** `key`: a file of keys that stands in the entry itself. */
export function bigqueryOf(told: Told, name: string, key?: unknown): Taken {
  told.pass(harmless);
  const notes: string[] = [];
  const way = told.text('method')?.toLowerCase() ?? '';
  const mech = told.text('oauthmechanism', 'oauthtype');
  if (Object.hasOwn(others, way)) return { problem: `signs in ${others[way]}; ${instead}` };
  if (!['', 'service-account', 'service-account-json'].includes(way) || (mech !== undefined && mech !== '0'))
    return { problem: `signs in in a way that is not known here; ${instead}` };
  const project = told.text('project', 'projectid', 'catalog', 'database');
  if (project === undefined) return lacks(told, 'project');
  const settings: Record<string, string> = {};
  const location = told.text('location');
  if (location !== undefined) settings['location'] = location;
  const ceiling = gigabytesOf(told, notes);
  if (ceiling !== undefined) settings['maxGigabytes'] = ceiling;
  // Where its key is, and whose: the file says both itself.
  told.pass(ofTheKey);
  const file = Object.entries(bagOf(key)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const isWhole = file.some(
    ([field, value]) => field === 'private_key' && value.includes('PRIVATE KEY-----'),
  );
  if (!isWhole) notes.push('The key file of its service account must be chosen by hand.');
  const { host, port } = engineTraits.bigquery;
  return take(
    told,
    {
      ...{ engine: 'bigquery', name, host: host ?? '', port, database: project, settings },
      ...{ user: unnamedUser, tlsMode: 'verify-full' },
      password: isWhole ? JSON.stringify(Object.fromEntries(file)) : undefined,
    },
    notes,
  );
}
