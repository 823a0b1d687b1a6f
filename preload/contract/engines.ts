import type { TlsMode } from './tls-modes.ts';

/** The kinds of database that a connection can lead to. */
export const engineTypes = [
  'postgres',
  'mysql',
  'clickhouse',
  'bigquery',
  'databricks',
  'snowflake',
] as const;
export type EngineType = (typeof engineTypes)[number];

/** How an engine keeps a query from writing, for the sentence beside it. */
export type ReadingGuard =
  /** The server refuses writes for as long as the transaction lasts. */
  | 'transaction'
  /** The server refuses writes by a setting of the session or of the request. */
  | 'setting'
  /** The server has no such lock: a statement is let through by what it says, and the rights of the user are what holds. */
  | 'rights';

/** Something that a kind of database needs beside host, port and database; never a secret. Its words are `engineField.NAME`. */
export interface EngineField {
  readonly name: string;
  readonly isRequired: boolean;
  /** What can be chosen; anything where it is missing. */
  readonly choices?: readonly string[];
}

/**
 * What the secret of a connection is: `password` of a user; `token` that stands for one; `client_secret` of an OAuth client, whose id
 * is the user; `private_key` in PEM, of a user; `service_account`, a file of keys that says itself whose it is.
 */
export type EngineSecret = 'password' | 'token' | 'client_secret' | 'private_key' | 'service_account';

/** Whether somebody is named beside a secret; else the secret says who it is. */
export const isOfUser: Readonly<Record<EngineSecret, boolean>> = {
  password: true,
  token: false,
  client_secret: true,
  private_key: true,
  service_account: false,
};

/** The user of a connection whose secret is a token: the server knows whose it is. */
export const unnamedUser = '-';

/**
 * What asking a database something takes: nothing; money for each query; or a warehouse that is started by it, and paid for as
 * long as it runs. Where it is not free, nothing is asked by the clock, and a query is estimated first.
 */
export type Asking = 'free' | 'billed' | 'starts_warehouse';

/**
 * What an engine is and can do, as data: window, imports and services ask this, and never which engine it is. Names of
 * products are not translated.
 */
export interface EngineTraits {
  readonly title: string;
  /** Of the URLs that lead to it; none where there is no usual one. */
  readonly schemes: readonly string[];
  readonly port: number;
  /** Where it is, if that is the same for everybody. */
  readonly host: string | null;
  /** What every host of it ends with: a name without a dot is meant to be completed by it. */
  readonly hostEnding?: string;
  /** The kinds of secret that it is signed in with; the first is the usual one, and `settings.signIn` names another. */
  readonly secrets: readonly EngineSecret[];
  readonly settings: readonly EngineField[];
  /** A test asks only for what is free of any engine; see `Asking`. */
  readonly asking: Asking;
  /** Whether data sources are landed in it: what a project can be put into. */
  readonly lands: boolean;
  /** Whether its server can be reached by a socket of this computer. */
  readonly sockets: boolean;
  /** The ways to encrypt that it has, weakest first. */
  readonly tlsModes: readonly TlsMode[];
  /** Whether a client certificate can be shown. */
  readonly clientCertificates: boolean;
  /** Whether it can be asked for how a server must sign in (SCRAM, channel binding). */
  readonly signInMethods: boolean;
  /** Whether short-lived logins can be made in it. */
  readonly leases: boolean;
  /** Whether its own users' passwords can be changed over the connection. */
  readonly changesPasswords: boolean;
  readonly readOnly: ReadingGuard;
  /** What its SQL quotes a name with. */
  readonly quote: '"' | '`';
}

const serverOfOnesOwn = {
  host: null,
  secrets: ['password'],
  settings: [],
  asking: 'free',
} as const;

const strictTls = ['disable', 'require', 'verify-ca', 'verify-full'] as const satisfies readonly TlsMode[];

export const engineTraits: Readonly<Record<EngineType, EngineTraits>> = {
  postgres: {
    title: 'PostgreSQL',
    schemes: ['postgres', 'postgresql'],
    port: 5432,
    ...serverOfOnesOwn,
    lands: true,
    sockets: true,
    tlsModes: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    clientCertificates: true,
    signInMethods: true,
    leases: true,
    changesPasswords: true,
    readOnly: 'transaction',
    quote: '"',
  },
  mysql: {
    title: 'MySQL / MariaDB',
    schemes: ['mysql', 'mariadb'],
    port: 3306,
    ...serverOfOnesOwn,
    lands: false,
    sockets: true,
    tlsModes: strictTls,
    clientCertificates: true,
    signInMethods: false,
    leases: false,
    changesPasswords: false,
    readOnly: 'transaction',
    quote: '`',
  },
  clickhouse: {
    title: 'ClickHouse',
    schemes: ['clickhouse', 'clickhouses', 'ch', 'chs'],
    port: 8443,
    ...serverOfOnesOwn,
    lands: false,
    sockets: false,
    tlsModes: strictTls,
    clientCertificates: true,
    signInMethods: false,
    leases: false,
    changesPasswords: false,
    readOnly: 'setting',
    quote: '`',
  },
  bigquery: {
    title: 'BigQuery',
    schemes: ['bigquery'],
    port: 443,
    host: 'bigquery.googleapis.com',
    secrets: ['service_account'],
    settings: [
      { name: 'location', isRequired: false },
      { name: 'maxGigabytes', isRequired: false },
    ],
    asking: 'billed',
    lands: false,
    sockets: false,
    tlsModes: ['verify-full'],
    clientCertificates: false,
    signInMethods: false,
    leases: false,
    changesPasswords: false,
    readOnly: 'setting',
    quote: '`',
  },
  databricks: {
    title: 'Databricks',
    schemes: ['databricks'],
    port: 443,
    host: null,
    secrets: ['token', 'client_secret'],
    settings: [
      { name: 'signIn', isRequired: false, choices: ['token', 'client_secret'] },
      { name: 'warehouse', isRequired: true },
    ],
    asking: 'starts_warehouse',
    lands: false,
    sockets: false,
    tlsModes: ['verify-full'],
    clientCertificates: false,
    signInMethods: false,
    leases: false,
    changesPasswords: false,
    readOnly: 'rights',
    quote: '`',
  },
  snowflake: {
    title: 'Snowflake',
    schemes: ['snowflake'],
    port: 443,
    host: null,
    hostEnding: '.snowflakecomputing.com',
    secrets: ['token', 'private_key'],
    settings: [
      { name: 'signIn', isRequired: false, choices: ['token', 'private_key'] },
      { name: 'warehouse', isRequired: false },
      { name: 'role', isRequired: false },
      { name: 'schema', isRequired: false },
    ],
    asking: 'starts_warehouse',
    lands: false,
    sockets: false,
    tlsModes: ['verify-full'],
    clientCertificates: false,
    signInMethods: false,
    leases: false,
    changesPasswords: false,
    readOnly: 'rights',
    quote: '"',
  },
};

/** The engine that a URL's scheme names. */
export const engineOfScheme = (scheme: string): EngineType | undefined =>
  engineTypes.find((type) => engineTraits[type].schemes.includes(scheme.toLowerCase()));

/** Which secret a connection is signed in with. */
export function secretOf(engine: EngineType, settings: Readonly<Record<string, string>>): EngineSecret {
  const { secrets } = engineTraits[engine];
  return secrets.find((each) => each === settings['signIn']) ?? (secrets[0] as EngineSecret);
}
