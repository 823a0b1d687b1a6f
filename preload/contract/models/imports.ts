import { z } from 'zod';
import { longestTyped, shortestBundlePassphrase } from '../typed.ts';
import { environments, id, name } from './base.ts';
import { tlsModes } from './connections.ts';

/** What connections can be brought in from. `headgate` is our own export, `sealed` a sealed bundle, `legacy` projects with embedded credentials. */
export const importKinds = [
  'url',
  'pgpass',
  'pg_service',
  'ssh_config',
  'dbeaver',
  'pgadmin',
  'azure_data_studio',
  'datagrip',
  'dbgate',
  'beekeeper',
  'dbt',
  'snowflake',
  'databricks',
  'odbc',
  'headgate',
  'sealed',
  'legacy',
] as const;
export type ImportKind = (typeof importKinds)[number];

/** A file of another tool in its usual place. */
export const foundImport = z.strictObject({
  kind: z.enum(importKinds),
  path: z.string(),
  /** How many connections or hosts it names. */
  count: z.int(),
});

export const plannedConnection = z.strictObject({
  /** Names it within the plan. */
  key: z.string(),
  name: z.string(),
  environment: z.enum(environments),
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  tlsMode: z.enum(tlsModes),
  /** Jump hosts as `user@host:port`. */
  ssh: z.array(z.string()),
  hasPassword: z.boolean(),
  /**
   * `new`; `same`: one is there that is equal in everything that was told; `taken`: another one has this name in this
   * environment; `incomplete`: something is missing that must be entered after importing.
   */
  status: z.enum(['new', 'same', 'taken', 'incomplete']),
  /** What one should know before taking it: a field left out, a mode made stricter. */
  notes: z.array(z.string()),
  /** Names of the projects that would use it. */
  projects: z.array(z.string()),
  /** The connection that is there already, for `same` and `taken`. */
  existingId: id.nullable(),
});
export type PlannedConnection = z.infer<typeof plannedConnection>;

/** A host of an SSH configuration, with the hosts that lead to it; it can be put in front of connections. */
export const plannedHost = z.strictObject({
  key: z.string(),
  alias: z.string(),
  /** The chain as `user@host:port`, the last one is the host itself. */
  chain: z.array(z.string()),
  notes: z.array(z.string()),
  /** Connections whose host it leads to. */
  suggested: z.array(id),
});
export type PlannedHost = z.infer<typeof plannedHost>;

/** A source that a project in a file of Headgate reads. */
export const plannedLink = z.strictObject({
  source: z.string(),
  baseUrl: z.string(),
  /** `new`; `same`: a source of this kind, server and settings is there; `taken`: its name is another source's. */
  status: z.enum(['new', 'same', 'taken']),
  hasClientSecret: z.boolean(),
  /** The account of the project's own sign-in, where that comes with it. */
  signIn: z.string().nullable(),
  /** Whether that is shared with the workspace that it comes from. */
  isShared: z.boolean(),
});
export type PlannedLink = z.infer<typeof plannedLink>;
export const plannedProject = z.strictObject({
  name: z.string(),
  schema: z.string(),
  connectionKey: z.string(),
  /**
   * `repointed`: a legacy project is there, and would use the connection; `extended`: it is there, and gets what it does not
   * have yet; `taken`: another project has this name.
   */
  status: z.enum(['new', 'repointed', 'same', 'extended', 'taken']),
  links: z.array(plannedLink),
  /** What one should know before taking it. */
  notes: z.array(z.string()),
});
export type PlannedProject = z.infer<typeof plannedProject>;

export const importPlan = z.strictObject({
  planId: id,
  kind: z.enum(importKinds),
  connections: z.array(plannedConnection),
  hosts: z.array(plannedHost),
  /** Projects, and what would become of each. */
  projects: z.array(plannedProject),
  /** What could not be read, with its line or its place. Nothing of it is imported. */
  problems: z.array(z.strictObject({ where: z.string(), message: z.string() })),
});
export type ImportPlan = z.infer<typeof importPlan>;

export const importChoice = z.strictObject({
  key: z.string(),
  /** For a connection that is there: `replace` takes over what the file says. */
  action: z.enum(['create', 'replace', 'skip']),
  name: name.optional(),
  environment: z.enum(environments).optional(),
});
export type ImportChoice = z.infer<typeof importChoice>;
export const hostChoice = z.strictObject({ key: z.string(), connectionIds: z.array(id).max(500) });

export const importResult = z.strictObject({
  created: z.array(z.strictObject({ id, name: z.string() })),
  replaced: z.array(z.strictObject({ id, name: z.string() })),
  skipped: z.int(),
  /** Projects that were made or changed. */
  projects: z.array(z.strictObject({ id, name: z.string() })),
  problems: z.array(z.strictObject({ where: z.string(), message: z.string() })),
  /** A legacy file as it should be from now on: without credentials. */
  cleaned: z.string().nullable(),
});
export type ImportResult = z.infer<typeof importResult>;

/** What a bundle is sealed to. */
export const bundlePassphrase = z
  .string()
  .min(shortestBundlePassphrase, `at least ${shortestBundlePassphrase} characters`)
  .max(longestTyped);

/**
 * Who can open a sealed bundle: everybody with the passphrase, or the Headgate whose public key it is. A terminal gives the
 * passphrase; the window says that there is to be one, and asks for it in one of its own.
 */
export const sealFor = z.union([
  z.literal('passphrase'),
  z.strictObject({ passphrase: bundlePassphrase }),
  z.strictObject({
    publicKey: z
      .string()
      .trim()
      .regex(
        /^(age1[02-9ac-hj-np-z]{58}|headgate-x25519:[A-Za-z0-9_-]{43})$/,
        'is not a public key of Headgate',
      ),
  }),
]);
