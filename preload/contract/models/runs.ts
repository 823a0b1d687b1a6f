import { z } from 'zod';
import { wireError } from '../errors.ts';
import { said } from '../said.ts';
import { id, instant } from './base.ts';
import { job, jobPhases } from './data.ts';

// --- how a run went -------------------------------------------------------------------------------------------

export const runLevels = ['info', 'warn', 'error'] as const;
export type RunLevel = (typeof runLevels)[number];

/** Something that a run said on its way: never a secret, and written where it is read. */
export const runEntry = z.strictObject({ at: instant, level: z.enum(runLevels), said });
export type RunEntry = z.infer<typeof runEntry>;

/** A stretch of a run, in the order in which they came; one that was begun again has several. */
export const runPhase = z.strictObject({
  phase: z.enum(jobPhases),
  startedAt: instant,
  /** Until now for the one that goes on. */
  ms: z.int(),
  /** Of that, what the source asked to wait. */
  waitedMs: z.int(),
});
export type RunPhase = z.infer<typeof runPhase>;

/** The reading of one dataset of the connector. */
export const runRead = z.strictObject({
  dataset: z.string(),
  startedAt: instant,
  ms: z.int(),
  pages: z.int(),
});
export type RunRead = z.infer<typeof runRead>;

/** How a dataset was refreshed by its changes, and proven to be whole. */
export const runDelta = z.strictObject({
  dataset: z.string(),
  /** Records that were asked for, and how many there are. */
  asked: z.int(),
  total: z.int(),
  /** Requests that it took, and about how many reading everything would have. */
  requests: z.int(),
  whole: z.int(),
  /** Requests that only counted, slices that were read again because a count differed, pages that were read again in turn. */
  counted: z.int(),
  reread: z.int(),
  audited: z.int(),
  /** Records that were not at the source any more. */
  gone: z.int(),
});
export type RunDelta = z.infer<typeof runDelta>;

export const runFacts = z.strictObject({
  phases: z.array(runPhase),
  reads: z.array(runRead),
  /** Requests to the source, those included that were made again. */
  requests: z.int(),
  retries: z.int(),
  /** How often the source asked to wait, and for how long in all. */
  waits: z.int(),
  waitedMs: z.int(),
  /** Datasets that were refreshed by their changes; none where everything was read. */
  deltas: z.array(runDelta).optional(),
  /** Why everything was read although only changes were to be. */
  fellBack: said.optional(),
});
export type RunFacts = z.infer<typeof runFacts>;

export const runDetail = z.strictObject({
  job,
  /** Null for runs of before this was kept, and for those that did not begin. */
  facts: runFacts.nullable(),
  /** Rows per table: published before it, and after it; of a held one, what it would publish. Null where not known. */
  tables: z.array(
    z.strictObject({ name: z.string(), before: z.int().nullable(), after: z.int().nullable() }),
  ),
});
export type RunDetail = z.infer<typeof runDetail>;

export const runLog = z.strictObject({
  entries: z.array(runEntry.extend({ seq: z.int() })),
  /** Whether there are more after the last of them. */
  more: z.boolean(),
  /** Entries that were not kept, because there were too many. */
  dropped: z.int(),
  /** Whether the run may still say something. */
  open: z.boolean(),
});
export type RunLog = z.infer<typeof runLog>;

/** What the source counts now, beside what is published and what is held. */
export const recount = z.strictObject({
  at: instant,
  counts: z.array(
    z.strictObject({
      dataset: z.string(),
      /** Its main table. */
      table: z.string(),
      published: z.int().nullable(),
      held: z.int().nullable(),
      /** Null where the source does not count. */
      counted: z.int().nullable(),
      /** The source says about how many; the records can't be held against it. */
      rough: z.boolean(),
      error: wireError.nullable(),
    }),
  ),
});
export type Recount = z.infer<typeof recount>;

export const runLogInput = z.strictObject({
  id,
  /** Only what came after this one: the `seq` of the last that is known. */
  after: z.int().min(0).default(0),
  limit: z.int().min(1).max(400).default(100),
  levels: z.array(z.enum(runLevels)).min(1).optional(),
  /** Only entries in whose English sentence this stands. */
  search: z.string().trim().max(200).optional(),
});
