import { z } from 'zod';
import type { Method } from '../method.ts';
import { byId, done, nothing } from '../method.ts';
import {
  credential,
  credentialModes,
  dataset,
  datasetHistory,
  dictionary,
  discovery,
  drift,
  id,
  instant,
  job,
  keptSchema,
  landedTable,
  leftTables,
  link,
  linkInput,
  listedCredential,
  oldTables,
  optionChoices,
  project,
  projectInput,
  recount,
  runDetail,
  runLog,
  runLogInput,
  searchPath,
  secret,
  source,
  sourceInput,
  sourcePace,
  sourceTypeInfo,
  timetable,
  timeZone,
  typedKinds,
} from '../models.ts';

/** Sources, projects, links, and the data they bring. */
export const dataMethods = {
  'sources.types': { permission: 'view', changes: false, input: nothing, output: z.array(sourceTypeInfo) },
  'sources.list': { permission: 'view', changes: false, input: nothing, output: z.array(source) },
  /** How fast each may be asked, as far as its refusals told. Nothing is asked for it. */
  'sources.pace': { permission: 'view', changes: false, input: nothing, output: z.array(sourcePace) },
  'sources.create': { permission: 'manage_sources', changes: true, input: sourceInput, output: source },
  /** Another CA certificate is confirmed outside the page: whoever has its key could stand in for the source. */
  'sources.update': {
    permission: 'manage_sources',
    changes: true,
    input: z.strictObject({
      id,
      name: sourceInput.shape.name.optional(),
      baseUrl: sourceInput.shape.baseUrl.optional(),
      clientId: sourceInput.shape.clientId.removeDefault().optional(),
      /** Null takes it away. */
      clientSecret: sourceInput.shape.clientSecret.nullable(),
      clientAuth: sourceInput.shape.clientAuth.removeDefault().optional(),
      settings: sourceInput.shape.settings.removeDefault().optional(),
      isActive: z.boolean().optional(),
      /** Needed with other settings where there are tables: they are of another scope then. */
      oldTables: oldTables.optional(),
      tlsCa: sourceInput.shape.tlsCa.removeDefault().optional(),
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
    usesSecret: true,
    input: z.strictObject({ id, projectId: id.optional() }),
    output: discovery,
  },
  /** What can be chosen for the options of a link, by the option's name; empty where the source knows no list. Needs a sign-in. */
  'sources.choices': {
    permission: 'authorise_sources',
    changes: false,
    usesSecret: true,
    input: z.strictObject({ id, projectId: id.optional() }),
    output: optionChoices,
  },

  'credentials.list': {
    permission: 'view',
    changes: false,
    input: nothing,
    output: z.array(listedCredential),
  },
  /** Opens the system browser and waits for consent: up to three minutes, cancellable. With `projectId` the credential belongs to that project. */
  'credentials.signIn': {
    permission: 'authorise_sources',
    changes: true,
    input: z.strictObject({ sourceId: id, projectId: id.optional() }),
    output: credential,
  },
  /**
   * With what is typed in, by the fields that the kind of source declares for that kind of sign-in; proven at the source
   * before it takes the place of anything.
   */
  'credentials.signInWith': {
    permission: 'authorise_sources',
    changes: true,
    input: z.strictObject({
      sourceId: id,
      projectId: id.optional(),
      kind: z.enum(typedKinds),
      fields: z.record(z.string().max(40), secret),
    }),
    output: credential,
  },
  /**
   * Revokes the tokens at the source and destroys them here, in any case. `atSource` says what became of it there: `revoked`,
   * `unknown` where the source did not say so, `stays` for a key, which only its owner can delete. One that is shared with
   * other workspaces needs `everywhere`: without it, it is only forgotten here, and works for the others (`shared`).
   */
  'credentials.disconnect': {
    permission: 'authorise_sources',
    changes: true,
    input: z.strictObject({ id, everywhere: z.boolean().optional() }),
    output: z.strictObject({
      atSource: z.enum(['revoked', 'unknown', 'stays', 'shared']),
      /** Of a shared one that ended for everybody: whether the other workspaces are told of it. */
      others: z.enum(['told', 'unknown']).optional(),
    }),
  },

  'projects.list': { permission: 'view', changes: false, input: nothing, output: z.array(project) },
  'projects.create': { permission: 'manage_projects', changes: true, input: projectInput, output: project },
  /** With another connection everything is read anew there; `oldTables` is needed where there are tables. Fails with IN_USE without. */
  'projects.update': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({
      id,
      name: projectInput.shape.name.optional(),
      connectionId: projectInput.shape.connectionId.optional(),
      dbSchema: projectInput.shape.dbSchema.removeDefault().optional(),
      oldTables: oldTables.optional(),
    }),
    output: project,
  },
  'projects.delete': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({ id, dropSchemas: z.boolean().default(false) }),
    output: done,
  },

  /**
   * The search_path of a project for whoever asks: its own schema, then every ready dataset that is the project's or theirs.
   * It counts as use of them; what is not there is read.
   */
  'projects.searchPath': {
    permission: 'read_data',
    changes: true,
    input: z.strictObject({ projectId: id }),
    output: searchPath,
  },

  /** Of one project or of all, each with what is the reader's own in it. */
  'links.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id.optional() }),
    output: z.array(link),
  },
  /** With `adopt` it goes on with tables that were kept when the source was unlinked before; see `kept.list`. */
  'links.create': {
    permission: 'manage_projects',
    changes: true,
    input: linkInput.extend({ adopt: id.optional() }),
    output: link,
  },
  'links.update': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({
      id,
      /** Changed, datasets of another owner take the place of those that are there; `oldTables` is needed where there are tables. */
      credentialMode: z.enum(credentialModes).optional(),
      oldTables: oldTables.optional(),
      syncConfig: linkInput.shape.syncConfig.optional(),
      schedule: linkInput.shape.schedule.removeDefault().optional(),
      quietHours: linkInput.shape.quietHours.removeDefault().optional(),
      keepIdleHours: linkInput.shape.keepIdleHours.removeDefault().optional(),
      isActive: linkInput.shape.isActive.removeDefault().optional(),
    }),
    output: link,
  },
  /** Stops what goes on for it. Its tables stay, in the list of what is kept, unless `dropSchemas`. */
  'links.delete': {
    permission: 'manage_projects',
    changes: true,
    input: z.strictObject({ id, dropSchemas: z.boolean().default(false) }),
    output: done,
  },

  /** The tables that a project at another connection, a link in another mode, or a source with other settings would leave behind. */
  'kept.wouldBe': {
    permission: 'manage_projects',
    changes: false,
    input: z.union([
      z.strictObject({ projectId: id }),
      z.strictObject({ linkId: id }),
      z.strictObject({ sourceId: id }),
    ]),
    output: z.array(leftTables),
  },
  /** Schemas that stay in a database though Headgate has no dataset for them any more; a person's own are that person's to see. */
  'kept.list': { permission: 'view', changes: false, input: nothing, output: z.array(keptSchema) },
  /**
   * Drops a kept schema with the tables that Headgate made there. Fails with IN_USE, naming them, where other people's
   * things are in it or built on it.
   */
  'kept.drop': { permission: 'manage_projects', changes: true, input: byId, output: done },
  /** Takes a schema off the list and touches nothing at the database. */
  'kept.forget': { permission: 'manage_projects', changes: true, input: byId, output: done },

  'datasets.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id.optional() }),
    output: z.array(dataset),
  },
  /** How the refreshes of datasets went on each of the last days; those that the caller may not see, and those that went, are left out. */
  'datasets.history': {
    permission: 'view',
    changes: false,
    input: z.strictObject({
      ids: z.array(id).max(200),
      days: z.int().min(1).max(92).default(30),
      /** Where the days begin and end. */
      zone: timeZone,
    }),
    output: z.array(datasetHistory),
  },
  'datasets.tables': {
    permission: 'read_data',
    changes: false,
    usesSecret: true,
    input: byId,
    output: z.array(landedTable),
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
  /** Counts as use: tables that would go because nobody uses them begin their time anew. */
  'datasets.keep': { permission: 'read_data', changes: true, input: byId, output: dataset },
  /** Publishes a refresh that is held, without reading anything; answers the job that does it. */
  'datasets.accept': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** Throws a held refresh away; what is published stays. */
  'datasets.discard': { permission: 'run_syncs', changes: true, input: byId, output: dataset },
  /**
   * Asks the source of a held refresh how many records it counts now, without reading them: the first answers of each dataset
   * that is held. Fails with NOT_FOUND when nothing is held; what fails for one dataset is in its line.
   */
  'datasets.recount': {
    permission: 'run_syncs',
    changes: false,
    usesSecret: true,
    input: byId,
    output: recount,
  },

  /**
   * Queues a sync of a link's dataset. While one runs or waits for its source, answers that one; one that was paused
   * goes on; a held refresh is thrown away and read anew.
   */
  'syncs.start': {
    permission: 'run_syncs',
    changes: true,
    input: z.strictObject({
      linkId: id,
      /** Everything is read, also where only what changed would be. */
      whole: z.boolean().default(false),
    }),
    output: job,
  },
  /** Stops after the last commit; what is read stays and `syncs.resume` goes on from there. */
  'syncs.pause': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /**
   * Lets a paused sync go on now. One that its source asked to wait goes on by itself when its time has come; who resumes it
   * wants the source asked again before that.
   */
  'syncs.resume': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /** Stops at once and leaves nothing of it behind; what is published stays. */
  'syncs.cancel': { permission: 'run_syncs', changes: true, input: byId, output: job },
  /**
   * Takes a sync from whichever Headgate of this computer runs it, also from one that is alive, and goes on with it here.
   * The reason is for the activity log.
   */
  'syncs.takeOver': {
    permission: 'run_syncs',
    changes: true,
    input: z.strictObject({ id, reason: z.string().trim().min(1).max(500) }),
    output: job,
  },
  /** What is done by the clock, and how it went last. */
  'timetable.get': { permission: 'view', changes: false, input: nothing, output: timetable },
  /** Holds refreshes by the clock back on this computer, e.g. while its network costs; what a person starts runs. */
  'timetable.hold': {
    permission: 'run_syncs',
    changes: true,
    input: z.strictObject({ on: z.boolean() }),
    output: timetable,
  },
  /**
   * Newest first. The next page is what came before the last one of this page; `since` and `until` are by when they were
   * queued, the second not included.
   */
  'syncs.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({
      datasetId: id.optional(),
      /** Only of these. */
      datasetIds: z.array(id).min(1).max(100).optional(),
      since: instant.optional(),
      until: instant.optional(),
      /** The job that the page before ended with. */
      before: id.optional(),
      limit: z.int().min(1).max(500).default(50),
    }),
    output: z.array(job),
  },
  /** One run, how it went, and its rows before and after. */
  'syncs.get': { permission: 'view', changes: false, input: byId, output: runDetail },
  /** What a run said on its way, oldest first; asked again with the last `seq` it is followed. */
  'syncs.log': { permission: 'view', changes: false, input: runLogInput, output: runLog },
} as const satisfies Record<string, Method>;
