import { z } from 'zod';
import { wireError } from '../errors.ts';
import { said } from '../said.ts';
import { environments, id, instant, name } from './base.ts';
import { outlook, partOfDay, schedule } from './schedule.ts';
import { longestDatasetName, sourceType } from './sources.ts';

// --- projects and links ---------------------------------------------------------------------------------------

export const projectInput = z.strictObject({
  name,
  connectionId: id,
  dbSchema: z
    .string()
    .trim()
    .min(1)
    .max(63)
    .refine((text) => !/^(pg_|information_schema$)/i.test(text), 'is reserved by PostgreSQL')
    .default('public'),
});
export type ProjectInput = z.input<typeof projectInput>;

export const project = z.strictObject({
  id,
  name: z.string(),
  connectionId: id,
  connectionName: z.string(),
  environment: z.enum(environments),
  dbSchema: z.string(),
  links: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type Project = z.infer<typeof project>;

/** The search_path of a project, as it is and ready to paste. */
export const searchPath = z.strictObject({
  /** The project's own schema, then those of its datasets that are there. */
  schemas: z.array(z.string()),
  /** Datasets that are read now because of it. */
  queued: z.int(),
  set: z.string(),
  /** For whoever is signed in; a DBA puts another role's name in its place. */
  alterRole: z.string(),
  /** For the query of a connection URL. */
  urlParameter: z.string(),
  /** The same from the database itself, which counts as use too. */
  ask: z.string(),
});
export type SearchPath = z.infer<typeof searchPath>;

/** Chosen options of a link, by the name of the connector's option; one that is not there was not chosen. */
export const optionValues = z
  .record(
    z.string().min(1).max(64),
    z.union([z.boolean(), z.string().trim().max(2000), z.array(z.string().trim().min(1).max(500)).max(500)]),
  )
  .refine((values) => Object.keys(values).length <= 50, 'at most 50 options');

export const credentialModes = ['project', 'user'] as const;

export const syncConfig = z.strictObject({
  /** Names of the connector's datasets; at least one. */
  datasets: z.array(z.string().min(1).max(longestDatasetName)).min(1, 'choose at least one').max(500),
  /** Keep the untouched source record in a `raw jsonb` column. */
  keepRaw: z.boolean().default(true),
  /** Roles of the target database that get USAGE and SELECT on what is published. */
  readerRoles: z.array(z.string().min(1).max(63)).max(50).default([]),
  options: optionValues.default({}),
  /** Whether a refresh that looks wrong waits for a person instead of replacing what is published. */
  guards: z.boolean().default(true),
  /** A table that lost more than this share of its rows looks wrong. */
  shrinkPercent: z.int().min(1).max(100).default(30),
  /** Whether materialised views that people built on the tables are refreshed after each publish, as their owners. */
  refreshViews: z.boolean().default(false),
  /**
   * What becomes of a column that has to change its type while something uses it: held until it is free, or the values
   * go to a second column from now on and the old one stays, empty.
   */
  secondColumn: z.boolean().default(false),
  /**
   * Whether a refresh reads everything, or only what changed with the rest proven by count, where the source lets it;
   * `automatic`: whole while there are few records. So often everything is read all the same.
   */
  refresh: z
    .strictObject({
      how: z.enum(['automatic', 'full', 'delta']),
      wholeEveryDays: z.int().min(1).max(90),
    })
    .default({ how: 'automatic', wholeEveryDays: 7 }),
});
export type SyncConfig = z.infer<typeof syncConfig>;

export const linkInput = z.strictObject({
  projectId: id,
  sourceId: id,
  credentialMode: z.enum(credentialModes).default('project'),
  syncConfig,
  schedule: schedule.default({ kind: 'every', hours: 24 }),
  /** Nothing is begun by the clock in this part of the day. */
  quietHours: partOfDay.nullable().default(null),
  /** So many hours without use, and the tables are dropped until somebody wants them again; null keeps them. */
  keepIdleHours: z.int().min(1).max(8760).nullable().default(24),
  isActive: z.boolean().default(true),
});
export type LinkInput = z.input<typeof linkInput>;

// --- sync jobs ------------------------------------------------------------------------------------------------

/** `held` is an end: everything was read and finished, and waits for `datasets.accept` or `datasets.discard`. */
export const jobStatuses = [
  'queued',
  'running',
  'paused',
  'completed',
  'held',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const jobPhases = ['waiting', 'starting', 'reading', 'finishing', 'publishing', 'done'] as const;
export type JobPhase = (typeof jobPhases)[number];

export const tableProgress = z.strictObject({
  /** Name of the connector's dataset, e.g. `forms`. */
  dataset: z.string(),
  fetched: z.int(),
  /** What the source announced; null while unknown. */
  total: z.int().nullable(),
  status: z.enum(['waiting', 'reading', 'done']),
});
export type TableProgress = z.infer<typeof tableProgress>;

export const job = z.strictObject({
  id,
  datasetId: id,
  projectName: z.string(),
  sourceName: z.string(),
  status: z.enum(jobStatuses),
  phase: z.enum(jobPhases),
  trigger: z.enum(['person', 'schedule', 'resume']),
  tables: z.array(tableProgress),
  /** Set while the source asked us to wait: when the job goes on by itself. */
  waitingUntil: instant.nullable(),
  /** Who paused a paused job: the source's rate limit, a person, Headgate being closed, or there being no network. */
  pausedBy: z.enum(['source', 'person', 'quit', 'network']).nullable(),
  /** The Headgate that runs a queued or running job, by `app.info`'s `runner`; process 0 where it is not known. */
  runner: z.strictObject({ id: z.string(), host: z.string(), pid: z.int() }).nullable(),
  /** Rows per published table, once published. */
  rowCounts: z.record(z.string(), z.int()),
  /** Something worth knowing that did not stop the job, e.g. an empty project space; of a queued one, why it waits. */
  /** `noticed` in English: what people should know of it beside its status. */
  notice: z.string().nullable(),
  noticed: said.optional(),
  error: wireError.nullable(),
  /** Records of the source that were published, or are held; null while unknown. Rows of repeats are none. */
  records: z.int().nullable(),
  /** Those that were published before; null where nothing was, and while unknown. */
  recordsBefore: z.int().nullable(),
  /** Of a held one: what became of it, and by whom. Null while nobody decided, and where that is not known. */
  decided: z
    .strictObject({ how: z.enum(['accepted', 'discarded', 'replaced']), by: z.string(), at: instant })
    .nullable(),
  queuedAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
});
export type Job = z.infer<typeof job>;

export const heldCodes = ['zero_rows', 'shrunk', 'count_mismatch', 'table_gone', 'column_gone'] as const;
/** Why a refresh waits for a person. `before` and `after` are rows; for a mismatch, what was announced and what came. */
export const heldReason = z.strictObject({
  code: z.enum(heldCodes),
  table: z.string(),
  column: z.string().nullable(),
  before: z.int().nullable(),
  after: z.int().nullable(),
  /** `said` in English. */
  message: z.string(),
  /** Missing in what older versions kept. */
  said: said.optional(),
});
export type HeldReason = z.infer<typeof heldReason>;

export const held = z.strictObject({
  at: instant,
  /** The job that read it. */
  jobId: id,
  reasons: z.array(heldReason),
});
export type Held = z.infer<typeof held>;

export const datasetStatuses = ['pending', 'syncing', 'ready', 'error', 'expired'] as const;

export const dataset = z.strictObject({
  id,
  linkId: id,
  projectId: id,
  projectName: z.string(),
  sourceId: id,
  sourceName: z.string(),
  connectionId: id,
  connectionName: z.string(),
  /** Null in project mode. */
  personId: id.nullable(),
  schemaName: z.string(),
  status: z.enum(datasetStatuses),
  /** The tables are complete up to this moment; null before the first publish. */
  dataAsOf: instant.nullable(),
  /** By its schedule the tables are refreshed by then, whatever came of it; null before the first publish. */
  freshUntil: instant.nullable(),
  /** Whether the last test of its database failed: what is in it can't be relied on to be there for readers now. */
  targetFails: z.boolean(),
  lastTriedAt: instant.nullable(),
  /** When it is refreshed next by the clock, as far as is known, and what keeps it from it. */
  outlook,
  /** When its tables are dropped if nobody uses them until then; null where they stay, and where there are none. */
  expiresAt: instant.nullable(),
  rowCounts: z.record(z.string(), z.int()),
  error: wireError.nullable(),
  /** A refresh that waits for review beside the published tables. */
  held: held.nullable(),
  /** What the last job that ended had to say. */
  /** `noticed` in English: what people should know of it beside its status. */
  notice: z.string().nullable(),
  noticed: said.optional(),
  /** Where refreshes read only what changed: when everything is read again at the latest. */
  nextWholeAt: instant.nullable().optional(),
  /** The job that is queued, running or paused now. */
  job: job.nullable(),
  /** Whether the credential that this dataset is read with works. */
  signIn: z.enum(['valid', 'expired', 'missing']),
});
export type Dataset = z.infer<typeof dataset>;

/** A schema that stays in a database after its dataset went. */
/**
 * What becomes of tables that are there when something changes that they are read by: they stay, in the list of what is
 * kept, or are dropped once the new ones are there.
 */
export const oldTables = z.enum(['keep', 'drop']);
export type OldTables = z.infer<typeof oldTables>;

/** Tables that a change would leave behind. */
export const leftTables = z.strictObject({
  datasetId: id,
  schemaName: z.string(),
  connectionName: z.string(),
  sourceName: z.string(),
  projectName: z.string(),
  /** Whose they are; null where they are the project's. */
  personName: z.string().nullable(),
  rows: z.int(),
  dataAsOf: instant,
});
export type LeftTables = z.infer<typeof leftTables>;

export const keptSchema = z.strictObject({
  /** The id that the dataset had. */
  id,
  schemaName: z.string(),
  /** Null once the connection is not in Headgate any more. */
  connectionId: id.nullable(),
  connectionName: z.string(),
  projectId: id.nullable(),
  projectName: z.string(),
  sourceId: id.nullable(),
  sourceName: z.string(),
  personId: id.nullable(),
  /** Whose tables they are; null where they are the project's. */
  personName: z.string().nullable(),
  /** Null where nothing was published: what was being read is left, because the database was not to be had. */
  dataAsOf: instant.nullable(),
  rowCounts: z.record(z.string(), z.int()),
  keptAt: instant,
  /** The dataset whose tables it goes for, once they are there; null where it stays. */
  replacedBy: id.nullable(),
});
export type KeptSchema = z.infer<typeof keptSchema>;

export const link = z.strictObject({
  id,
  projectId: id,
  sourceId: id,
  sourceName: z.string(),
  sourceType,
  credentialMode: z.enum(credentialModes),
  syncConfig,
  schedule,
  quietHours: partOfDay.nullable(),
  keepIdleHours: z.int().nullable(),
  isActive: z.boolean(),
  projectName: z.string(),
  /** The dataset of this project, or of the signed-in person; null where that person has none yet. */
  dataset: dataset.nullable(),
  /** Whether the credential works that it is read with for whoever asks: the project's, or their own. */
  signIn: z.enum(['valid', 'expired', 'missing']),
  /** Where each reads with an account of their own: how fresh what the others have is. Else null. */
  others: z
    .strictObject({
      datasets: z.int(),
      /** The oldest of theirs is complete up to then; null where nobody has data. */
      dataAsOf: instant.nullable(),
      /** The earliest time by which one of theirs is to be refreshed. */
      freshUntil: instant.nullable(),
    })
    .nullable(),
  /** Where each reads with an account of their own: who may, by name, with a sign-in that works and without. Else null. */
  people: z.strictObject({ connected: z.array(z.string()), missing: z.array(z.string()) }).nullable(),
  createdAt: instant,
});
export type Link = z.infer<typeof link>;

// --- how it went, day by day ----------------------------------------------------------------------------------

/** `afterTrouble`: it came, but a refresh of that day failed or was held before. */
export const dayOutcomes = ['complete', 'afterTrouble', 'failed', 'held', 'none'] as const;
export type DayOutcome = (typeof dayOutcomes)[number];

export const datasetDay = z.strictObject({
  /** In the zone that was asked for: `2026-11-21`. */
  day: z.iso.date(),
  outcome: z.enum(dayOutcomes),
  /** Runs that came to an end on that day; those that a person stopped are none. */
  runs: z.int(),
  /** Records of the source in what was published last on that day; null where nothing was. */
  records: z.int().nullable(),
});
export type DatasetDay = z.infer<typeof datasetDay>;

export const datasetHistory = z.strictObject({
  datasetId: id,
  /** One of each day, the oldest first; the last is today. */
  days: z.array(datasetDay),
  /** Rows per table as they were when today began; null where nothing was published before within those days. */
  before: z.record(z.string(), z.int()).nullable(),
});
export type DatasetHistory = z.infer<typeof datasetHistory>;

// --- what landed ----------------------------------------------------------------------------------------------

export const landedColumn = z.strictObject({
  name: z.string(),
  /** PostgreSQL's name of the type. */
  type: z.string(),
  /** The column's comment: where its values come from in the source record. */
  comment: z.string().nullable(),
});
export const landedTable = z.strictObject({
  name: z.string(),
  comment: z.string().nullable(),
  /** Exact, counted when the table was published. */
  rows: z.int(),
  columns: z.array(landedColumn),
});
export type LandedTable = z.infer<typeof landedTable>;

export const landedRows = z.strictObject({
  columns: z.array(landedColumn),
  /** Values as PostgreSQL prints them; null is SQL NULL; texts longer than 2,000 characters are cut and end in `…`. */
  rows: z.array(z.array(z.string().nullable())),
  more: z.boolean(),
});
export type LandedRows = z.infer<typeof landedRows>;

// --- data dictionary ------------------------------------------------------------------------------------------

export const dictionaryColumn = z.strictObject({
  name: z.string(),
  /** PostgreSQL's name of the type. */
  type: z.string(),
  /** 0 to 1, estimated from a sample; exact for an empty table; null while unknown. */
  nullShare: z.number().nullable(),
  /** How many different values there are, estimated; null while unknown. */
  distinct: z.number().nullable(),
  /** Where the values are in the source's record. */
  sourcePath: z.string().nullable(),
  /** What the source calls it, e.g. the text of a question. */
  label: z.string().nullable(),
  /** The language of the label as HTML names it, where the source says which one it is. */
  lang: z.string().max(35).optional(),
  description: z.string().nullable(),
});
export type DictionaryColumn = z.infer<typeof dictionaryColumn>;

export const dictionaryTable = z.strictObject({
  /** The same in every refresh, also when the name changes. */
  id: z.string(),
  name: z.string(),
  /** Name of the connector's dataset that it belongs to. */
  dataset: z.string(),
  /** Exact, counted before it was published. */
  rows: z.int(),
  description: z.string().nullable(),
  /** The language of what the source calls it, which the description begins with; see a column's. */
  lang: z.string().max(35).optional(),
  /** "External: CommCare HQ (host, project space)". */
  source: z.string(),
  columns: z.array(dictionaryColumn),
});
export type DictionaryTable = z.infer<typeof dictionaryTable>;

export const changeKinds = [
  'table_added',
  'table_removed',
  'column_added',
  'column_removed',
  'column_retyped',
] as const;
/** One difference between two publishes. `before` and `after` are types of columns. */
export const drift = z.strictObject({
  at: instant,
  jobId: id,
  kind: z.enum(changeKinds),
  table: z.string(),
  column: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type Drift = z.infer<typeof drift>;
