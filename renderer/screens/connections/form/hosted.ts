import type { EngineType } from '../../../../preload/contract/engines.ts';
import type { TlsMode } from '../options.ts';

/** How a service lets one in: straight, or through a pooler that lends a session for a while. Its words are `hosted.kind.*`. */
export type HostedKind = 'direct' | 'session' | 'transaction';

/** What to watch for; its words are `hosted.*`. `place` is where in the service's console, in the console's own words. */
export interface HostedHint {
  readonly name:
    | 'find'
    | 'ca'
    | 'noName'
    | 'user'
    | 'ipv6'
    | 'transaction'
    | 'poolerLeases'
    | 'letIn'
    | 'sleeps';
  readonly place?: string;
}

/** A service that runs databases for others: what is the same for everybody there, and where one's own is found. */
export interface Hosted {
  readonly id: string;
  readonly engine: EngineType;
  /** Names of products are not translated. */
  readonly title: string;
  /** Missing where there is one way only. */
  readonly kind?: HostedKind;
  /** What its hosts look like; missing where they look like any other. */
  readonly pattern?: RegExp;
  readonly example: string;
  readonly port: number;
  /** As they are called unless somebody made others; '' where each has a name of its own. */
  readonly database: string;
  readonly user: string;
  /** What users are called where the name says more than who it is. */
  readonly users?: { readonly pattern: RegExp; readonly example: string };
  /** The most that the service can prove of itself. */
  readonly tlsMode: TlsMode;
  readonly hints: readonly HostedHint[];
}

type Shared = Pick<Hosted, 'engine' | 'title' | 'database' | 'tlsMode'>;
type SharedHosts = Shared & Pick<Hosted, 'pattern' | 'example' | 'user' | 'users'>;

const supabase: Shared = {
  engine: 'postgres',
  title: 'Supabase',
  database: 'postgres',
  tlsMode: 'verify-full',
};
const supabasePooler: SharedHosts = {
  ...supabase,
  pattern: /\.pooler\.supabase\.com$/i,
  example: 'aws-0-REGION.pooler.supabase.com',
  user: '',
  users: { pattern: /^[^.]+\.[a-z0-9]+$/i, example: 'postgres.PROJECT' },
};
const supabaseCa: HostedHint = { name: 'ca', place: 'Database → Settings → SSL Configuration' };
const azure: SharedHosts = {
  engine: 'postgres',
  title: 'Azure Database for PostgreSQL',
  database: 'postgres',
  tlsMode: 'verify-full',
  pattern: /\.postgres\.database\.azure\.com$/i,
  example: 'SERVER.postgres.database.azure.com',
  user: '',
};
const azureHints: readonly HostedHint[] = [
  { name: 'find', place: 'Overview → Endpoint' },
  { name: 'letIn', place: 'Networking → Firewall rules' },
];
const neon: Shared & Pick<Hosted, 'port' | 'user'> = {
  engine: 'postgres',
  title: 'Neon',
  database: 'neondb',
  tlsMode: 'verify-full',
  port: 5432,
  user: 'neondb_owner',
};

export const hostedServices: readonly Hosted[] = [
  {
    ...supabase,
    ...{ id: 'supabase', kind: 'direct', port: 5432, user: 'postgres' },
    pattern: /^db\.[a-z0-9]+\.supabase\.co$/i,
    example: 'db.PROJECT.supabase.co',
    hints: [{ name: 'find', place: 'Connect → Direct connection' }, supabaseCa, { name: 'ipv6' }],
  },
  {
    ...supabasePooler,
    ...{ id: 'supabase-session', kind: 'session', port: 5432 },
    hints: [
      { name: 'find', place: 'Connect → Session pooler' },
      ...[{ name: 'user' } as const, supabaseCa, { name: 'poolerLeases' } as const],
    ],
  },
  {
    ...supabasePooler,
    ...{ id: 'supabase-transaction', kind: 'transaction', port: 6543 },
    hints: [
      { name: 'find', place: 'Connect → Transaction pooler' },
      ...[{ name: 'user' } as const, supabaseCa, { name: 'transaction' } as const],
      { name: 'poolerLeases' },
    ],
  },
  {
    ...{ id: 'rds', engine: 'postgres', title: 'Amazon RDS / Aurora', port: 5432 },
    pattern: /\.rds\.amazonaws\.com(?:\.cn)?$/i,
    example: 'NAME.ID.REGION.rds.amazonaws.com',
    ...{ database: 'postgres', user: '', tlsMode: 'verify-full' },
    hints: [
      { name: 'find', place: 'Connectivity & security → Endpoint' },
      { name: 'ca', place: 'truststore.pki.rds.amazonaws.com/global/global-bundle.pem' },
      { name: 'letIn', place: 'VPC security groups' },
    ],
  },
  {
    ...{ id: 'cloud-sql', engine: 'postgres', title: 'Google Cloud SQL', port: 5432 },
    // Most are reached by an address, which looks like any other.
    pattern: /\.sql\.goog\.?$/i,
    example: '203.0.113.7',
    ...{ database: 'postgres', user: 'postgres', tlsMode: 'verify-ca' },
    hints: [
      { name: 'find', place: 'Overview → Public IP address' },
      { name: 'ca', place: 'Connections → Security' },
      { name: 'noName' },
      { name: 'letIn', place: 'Connections → Networking → Authorized networks' },
    ],
  },
  { ...azure, id: 'azure', kind: 'direct', port: 5432, hints: azureHints },
  {
    ...{ ...azure, id: 'azure-pooled', kind: 'transaction', port: 6432 },
    hints: [...azureHints, { name: 'transaction' }],
  },
  {
    ...{ ...neon, id: 'neon', kind: 'direct', example: 'ep-NAME.REGION.aws.neon.tech' },
    pattern: /^(?!.*-pooler\.).*\.neon\.tech$/i,
    hints: [{ name: 'find', place: 'Connect → Connection pooling: off' }, { name: 'sleeps' }],
  },
  {
    ...{ ...neon, id: 'neon-pooled', kind: 'transaction', example: 'ep-NAME-pooler.REGION.aws.neon.tech' },
    pattern: /-pooler\..*\.neon\.tech$/i,
    hints: [
      { name: 'find', place: 'Connect → Connection pooling: on' },
      ...[{ name: 'transaction' } as const, { name: 'sleeps' } as const],
    ],
  },
];

interface Place {
  readonly engine: EngineType;
  readonly host: string;
  readonly port: string;
}

/** The service that a host is one of; where it has several ways in, the one at this port. */
export function recognised({ engine, host, port }: Place): Hosted | undefined {
  const name = host.trim();
  const fitting = hostedServices.filter((each) => each.engine === engine && each.pattern?.test(name));
  return fitting.find((each) => String(each.port) === port.trim()) ?? fitting[0];
}

/** The service that a form is about: recognised by its host, else the one that was chosen. */
export const hostedOf = (draft: Place & { readonly hosted: string }): Hosted | undefined =>
  recognised(draft) ??
  hostedServices.find(({ id, engine }) => id === draft.hosted && engine === draft.engine);

export interface Filled extends Place {
  readonly hosted: string;
  readonly database: string;
  readonly user: string;
  readonly tlsMode: TlsMode;
}

/** What choosing a service fills in: what somebody entered themselves stays, unless it is of the service before. */
export function withHosted(draft: Filled, id: string): Partial<Filled> {
  const before = hostedOf(draft);
  const after = hostedServices.find((each) => each.id === id);
  const host = recognised(draft) === undefined || after?.pattern?.test(draft.host) ? {} : { host: '' };
  if (after === undefined) return { hosted: '', ...host };
  const keeps = (value: string, usual: string | undefined): boolean => value !== '' && value !== usual;
  return {
    ...{ hosted: id, port: String(after.port), tlsMode: after.tlsMode, ...host },
    ...(keeps(draft.database, before?.database) ? {} : { database: after.database }),
    ...(keeps(draft.user, before?.user) ? {} : { user: after.user }),
  };
}
