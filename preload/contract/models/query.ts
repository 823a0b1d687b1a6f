import { z } from 'zod';
import { exportFormats, longestSeconds, longestStatement, mostQueryRows } from '../query-words.ts';
import { id, instant, name } from './base.ts';

export * from '../query-words.ts';

/** Rows of an answer or of a page of it. */
export const mostPageRows = 5000;
/** Parameters of one statement; PostgreSQL's own limit is 65,535. */
const mostParameters = 1000;

/** A value as PostgreSQL prints it: no number is rounded, no instant cut; null is NULL. */
const value = z.string().nullable();

/** Values for `$1`, `$2` … in their order, or for `:name` by name. They are values and never become part of the statement. */
export const queryParameters = z.union([
  z.array(value).max(mostParameters),
  z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/), value)
    .refine((named) => Object.keys(named).length <= mostParameters, `at most ${mostParameters}`),
]);
export type QueryParameters = z.infer<typeof queryParameters>;

/** What a person should know of the way that a query ran. */
export const queryWarnings = [
  /** It ran as a superuser, whom a read-only transaction does not keep from files and programs of the server. */
  'superuser',
  /** The role may read or write files of the server, or start programs there. */
  'server_files',
  /** A reader role is set, and the user of the connection is not in it. */
  'no_reader_role',
] as const;
export type QueryWarning = (typeof queryWarnings)[number];

/** A name as PostgreSQL has it, without quotes. */
const identifier = z.string().min(1).max(63);

/** What a DBA lets the queries of a project read and call besides its own tables. */
export const queryScope = z.strictObject({
  /** Names without a schema are looked up in these last. */
  schemas: z.array(identifier).max(100),
  functions: z.array(z.strictObject({ schema: identifier, name: identifier })).max(200),
});
export type QueryScope = z.infer<typeof queryScope>;

export const queryColumn = z.strictObject({
  name: z.string(),
  /** As PostgreSQL calls it: `numeric(10,2)`, `timestamp with time zone`, `text[]`. */
  type: z.string(),
});
export type QueryColumn = z.infer<typeof queryColumn>;

/** A dataset that an answer was read from, and how fresh that is. */
export const querySource = z.strictObject({
  datasetId: id,
  schemaName: z.string(),
  sourceName: z.string(),
  /** Null where its data is gone by now. */
  dataAsOf: instant.nullable(),
});
export type QuerySource = z.infer<typeof querySource>;

const page = {
  rows: z.array(z.array(value)),
  /** How many rows came in all, these included. */
  soFar: z.int(),
  /** `open`: the next page has more · `limit`: there is more than the limit · `done`: that was all. */
  end: z.enum(['open', 'limit', 'done']),
};
export const queryPage = z.strictObject(page);
export type QueryPage = z.infer<typeof queryPage>;

export const queryAnswer = z.strictObject({
  ...page,
  /** The entry of the history. */
  queryId: id,
  /** What to ask for the next page with, and to close; null where that was all. */
  handle: id.nullable(),
  columns: z.array(queryColumn),
  /** The database role that it ran as. */
  role: z.string(),
  warnings: z.array(z.enum(queryWarnings)),
  sources: z.array(querySource),
  /** Milliseconds until the first rows were there. */
  ms: z.number(),
});
export type QueryAnswer = z.infer<typeof queryAnswer>;

/** Where it is asked: in a project, or over a connection to a database that is asked in SQL of its own. One of the two. */
const askedIn = { projectId: id.optional(), connectionId: id.optional() };

export const queryInput = z.strictObject({
  ...askedIn,
  sql: z.string().max(longestStatement),
  parameters: queryParameters.optional(),
  /** Rows after which it stops and says that there is more. */
  limit: z.int().min(1).max(mostQueryRows).default(10_000),
  pageRows: z.int().min(1).max(mostPageRows).default(500),
  /** Never longer than the connection allows. */
  timeoutSeconds: z.int().min(1).max(longestSeconds).optional(),
});

/** One step of a plan. */
export interface PlanStep {
  /** `Seq Scan`, `Hash Join` … */
  readonly what: string;
  /** The table, index or function that it is about. */
  readonly on: string | null;
  /** What the planner expects, and what came where it was measured. */
  readonly rows: number;
  readonly actualRows: number | null;
  readonly cost: number;
  /** Milliseconds, with everything below it; null where it was not measured. */
  readonly ms: number | null;
  readonly details: readonly { readonly name: string; readonly text: string }[];
  readonly steps: readonly PlanStep[];
}
export const planStep: z.ZodType<PlanStep> = z.lazy(() =>
  z.strictObject({
    what: z.string(),
    on: z.string().nullable(),
    rows: z.number(),
    actualRows: z.number().nullable(),
    cost: z.number(),
    ms: z.number().nullable(),
    details: z.array(z.strictObject({ name: z.string(), text: z.string() })),
    steps: z.array(planStep),
  }),
);
export const queryPlan = z.strictObject({
  root: planStep,
  /** Milliseconds; null where it was not run. */
  ms: z.number().nullable(),
  /** As PostgreSQL prints it. */
  text: z.string(),
});
export type QueryPlan = z.infer<typeof queryPlan>;

/** How a query ended. `stopped`: its reader closed it, or went on to another, before its end. */
export const queryOutcomes = ['running', 'done', 'stopped', 'refused', 'failed', 'cancelled'] as const;
export type QueryOutcome = (typeof queryOutcomes)[number];
export const queryWays = ['window', 'terminal', 'agent'] as const;
export type QueryWay = (typeof queryWays)[number];

export const pastQuery = z.strictObject({
  id,
  /** One of the two is null. */
  projectId: id.nullable(),
  connectionId: id.nullable(),
  personName: z.string(),
  /** Whether it is the asker's own. */
  isMine: z.boolean(),
  way: z.enum(queryWays),
  at: instant,
  /** As it was asked; with literals left out where the policy says so. */
  sql: z.string(),
  hasLiterals: z.boolean(),
  outcome: z.enum(queryOutcomes),
  /** Null while it runs and where it never ran. */
  ms: z.number().nullable(),
  rows: z.int().nullable(),
  /** What it failed with: a code of the contract, and a SQLSTATE where there is one. */
  code: z.string().nullable(),
  tables: z.array(z.string()),
  /** Given by a person who wants to find it again. */
  name: z.string().nullable(),
  isPinned: z.boolean(),
  /** Whether everybody who may ask in the project sees it. */
  isShared: z.boolean(),
});
export type PastQuery = z.infer<typeof pastQuery>;

export const queryHistoryInput = z.strictObject({
  ...askedIn,
  text: z.string().trim().max(200).default(''),
  only: z.enum(['mine', 'shared', 'pinned', 'all']).default('mine'),
  /** The newest first; older than this one. */
  before: id.optional(),
  limit: z.int().min(1).max(200).default(50),
});
export const queryHistory = z.strictObject({ queries: z.array(pastQuery), more: z.boolean() });
export type QueryHistory = z.infer<typeof queryHistory>;

export const keptQueryInput = z.strictObject({
  id,
  name: name.nullable().optional(),
  isPinned: z.boolean().optional(),
  isShared: z.boolean().optional(),
});

export const queryStatisticsInput = z.strictObject(askedIn);
export const queryStatistics = z.strictObject({
  /** The longest ones of the last 30 days. */
  slowest: z.array(pastQuery),
  /** Tables by how often they were asked, the most used first. */
  tables: z.array(z.strictObject({ table: z.string(), queries: z.int() })),
  queries: z.int(),
  failed: z.int(),
});
export type QueryStatistics = z.infer<typeof queryStatistics>;

export const queryExportInput = queryInput.omit({ limit: true, pageRows: true }).extend({
  format: z.enum(exportFormats),
  delimiter: z.enum([',', ';', '\t']).default(','),
  /** For spreadsheets that take a file without it for another encoding. */
  bom: z.boolean().default(false),
  /** Texts that a spreadsheet would take for a formula get an apostrophe before them. */
  escapeFormulas: z.boolean().default(false),
  /** Made by whoever asks; how far the export is comes under this name (`query.exportProgressed`). */
  progressId: id.optional(),
});
export const queryExport = z.strictObject({
  queryId: id,
  /** Where it was saved; null where the person closed the dialog. */
  savedTo: z.string().nullable(),
  rows: z.int(),
  bytes: z.int(),
  /** Cells that were longer than the format takes: each ends with a mark that says so. */
  cut: z.int(),
});
export type QueryExport = z.infer<typeof queryExport>;

/** Characters of a picture as it is sent: a large one of many points has about a million. */
const longestPicture = 8_000_000;
export const savedChartInput = z.strictObject({
  format: z.enum(['png', 'svg']),
  /** PNG in base64, SVG as its text. */
  content: z.string().min(1).max(longestPicture),
});
/** Null where the person closed the dialog. */
export const savedChart = z.strictObject({ savedTo: z.string().nullable() });
