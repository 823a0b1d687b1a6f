import { z } from 'zod';
import type { CallName } from './channels.ts';
import {
  appInfo,
  auditEntry,
  connection,
  connectionInput,
  connectionTest,
  credential,
  dataset,
  dictionary,
  discovery,
  drift,
  id,
  job,
  landedRows,
  landedTable,
  link,
  linkInput,
  optionChoices,
  project,
  projectInput,
  source,
  sourceInput,
  sourceTypeInfo,
  theme,
  vaultStatus,
} from './models.ts';
import type { Permission } from './permissions.ts';

interface Method {
  /** What the caller's roles must allow. */
  readonly permission: Permission;
  /** Changes of state are written to the audit log by `dispatch`, under this call's name. */
  readonly changes: boolean;
  /** Parsed strictly: an unknown field is refused. */
  readonly input: z.ZodType;
  /** Parsed too: a field that is not declared here never leaves the main process. */
  readonly output: z.ZodType;
}

const nothing = z.strictObject({});
const byId = z.strictObject({ id });
const done = z.strictObject({});

/** One entry per call of the bridge: who may, what goes in, what comes out. */
export const methods = {
  'app.info': { permission: 'view', changes: false, input: nothing, output: appInfo },
  /** Of this workstation, whoever sits at it. */
  'app.setTheme': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ theme }),
    output: appInfo,
  },

  'vault.status': { permission: 'view', changes: false, input: nothing, output: vaultStatus },
  /** A new data key; every secret is sealed anew in one transaction. */
  'vault.rotate': { permission: 'manage_vault', changes: true, input: nothing, output: vaultStatus },

  'connections.list': { permission: 'view', changes: false, input: nothing, output: z.array(connection) },
  'connections.create': {
    permission: 'manage_database_connections',
    changes: true,
    input: connectionInput,
    output: connection,
  },
  /** Fields left out stay; user and password are replaced only when given. */
  'connections.update': {
    permission: 'manage_database_connections',
    changes: true,
    input: z.strictObject({
      id,
      name: connectionInput.shape.name.optional(),
      environment: connectionInput.shape.environment.removeDefault().optional(),
      description: connectionInput.shape.description.removeDefault().optional(),
      host: connectionInput.shape.host.optional(),
      port: connectionInput.shape.port.removeDefault().optional(),
      database: connectionInput.shape.database.optional(),
      tlsMode: connectionInput.shape.tlsMode.removeDefault().optional(),
      tlsCa: connectionInput.shape.tlsCa.removeDefault().optional(),
      user: connectionInput.shape.user.optional(),
      password: connectionInput.shape.password.optional(),
    }),
    output: connection,
  },
  /** Refused with IN_USE, naming the projects, while any project uses it. */
  'connections.delete': {
    permission: 'manage_database_connections',
    changes: true,
    input: byId,
    output: done,
  },
  /** Opens a real session. A failed test is an answer (`ok: false`), not an error of the call. */
  'connections.test': { permission: 'view', changes: true, input: byId, output: connectionTest },

  'sources.types': { permission: 'view', changes: false, input: nothing, output: z.array(sourceTypeInfo) },
  'sources.list': { permission: 'view', changes: false, input: nothing, output: z.array(source) },
  'sources.create': { permission: 'manage_sources', changes: true, input: sourceInput, output: source },
  'sources.update': {
    permission: 'manage_sources',
    changes: true,
    input: z.strictObject({
      id,
      name: sourceInput.shape.name.optional(),
      baseUrl: sourceInput.shape.baseUrl.optional(),
      clientId: sourceInput.shape.clientId.optional(),
      settings: sourceInput.shape.settings.removeDefault().optional(),
    }),
    output: source,
  },
  /** Destroys its credentials; its schemas stay unless `dropSchemas`. */
  'sources.delete': {
    permission: 'manage_sources',
    changes: true,
    input: z.strictObject({ id, dropSchemas: z.boolean().default(false) }),
    output: done,
  },
  /** Asks the source what the account can see; needs a sign-in. */
  'sources.discover': {
    permission: 'authorise_sources',
    changes: false,
    input: z.strictObject({ id, projectId: id.optional() }),
    output: discovery,
  },
  /** What can be chosen for the options of a link, by the option's name; empty where the source knows no list. Needs a sign-in. */
  'sources.choices': {
    permission: 'authorise_sources',
    changes: false,
    input: z.strictObject({ id, projectId: id.optional() }),
    output: optionChoices,
  },

  'credentials.list': { permission: 'view', changes: false, input: nothing, output: z.array(credential) },
  /** Opens the system browser and waits for consent: up to three minutes, cancellable. With `projectId` the credential belongs to that project. */
  'credentials.signIn': {
    permission: 'authorise_sources',
    changes: true,
    input: z.strictObject({ sourceId: id, projectId: id.optional() }),
    output: credential,
  },
  /** Revokes the tokens at the source and destroys them here. */
  'credentials.disconnect': { permission: 'authorise_sources', changes: true, input: byId, output: done },

  'projects.list': { permission: 'view', changes: false, input: nothing, output: z.array(project) },
  'projects.create': { permission: 'manage_projects', changes: true, input: projectInput, output: project },
  'projects.update': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({
      id,
      name: projectInput.shape.name.optional(),
      connectionId: projectInput.shape.connectionId.optional(),
      dbSchema: projectInput.shape.dbSchema.removeDefault().optional(),
    }),
    output: project,
  },
  'projects.delete': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({ id, dropSchemas: z.boolean().default(false) }),
    output: done,
  },

  'links.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id }),
    output: z.array(link),
  },
  'links.create': { permission: 'manage_projects', changes: true, input: linkInput, output: link },
  'links.update': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({
      id,
      syncConfig: linkInput.shape.syncConfig.optional(),
      refreshIntervalHours: linkInput.shape.refreshIntervalHours.removeDefault().optional(),
      isActive: linkInput.shape.isActive.removeDefault().optional(),
    }),
    output: link,
  },
  'links.delete': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({ id, dropSchemas: z.boolean().default(false) }),
    output: done,
  },

  'datasets.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id.optional() }),
    output: z.array(dataset),
  },
  'datasets.tables': { permission: 'read_data', changes: false, input: byId, output: z.array(landedTable) },
  /** The first rows of a published table, in key order. At most 200. */
  'datasets.rows': {
    permission: 'read_data',
    changes: false,
    input: z.strictObject({
      id,
      table: z.string().min(1).max(63),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: landedRows,
  },

  /** Tables and columns as they were published last, with their source, types and null shares. */
  'datasets.dictionary': { permission: 'read_data', changes: false, input: byId, output: dictionary },
  /** What changed from publish to publish, newest first. */
  'datasets.changes': {
    permission: 'read_data',
    changes: false,
    input: z.strictObject({ id, limit: z.int().min(1).max(5000).default(100) }),
    output: z.array(drift),
  },
  /** Publishes a refresh that is held, without reading anything; answers the job that does it. */
  'datasets.accept': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** Throws a held refresh away; what is published stays. */
  'datasets.discard': { permission: 'run_syncs', changes: true, input: byId, output: dataset },

  /**
   * Queues a sync of a link's dataset. While one runs or waits for its source, answers that one; one that was paused
   * goes on; a held refresh is thrown away and read anew.
   */
  'syncs.start': {
    permission: 'run_syncs',
    changes: true,
    input: z.strictObject({ linkId: id }),
    output: job,
  },
  /** Stops after the last commit; what is read stays and `syncs.resume` goes on from there. */
  'syncs.pause': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** One that the source asked to wait goes on by itself when its time has come, not before. */
  'syncs.resume': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** Stops at once and leaves nothing of it behind; what is published stays. */
  'syncs.cancel': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** Newest first. */
  'syncs.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ datasetId: id.optional(), limit: z.int().min(1).max(500).default(50) }),
    output: z.array(job),
  },

  'audit.list': {
    permission: 'read_audit',
    changes: false,
    input: z.strictObject({ limit: z.int().min(1).max(1000).default(200) }),
    output: z.array(auditEntry),
  },
} as const satisfies Record<CallName, Method>;

export type Methods = typeof methods;
export type Input<N extends CallName> = z.input<Methods[N]['input']>;
/** What a service receives: parsed, with defaults filled in. */
export type Parsed<N extends CallName> = z.output<Methods[N]['input']>;
export type Output<N extends CallName> = z.output<Methods[N]['output']>;
