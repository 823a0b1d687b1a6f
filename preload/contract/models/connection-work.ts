import { z } from 'zod';
import { wireError } from '../errors.ts';
import { said } from '../said.ts';
import { id, instant, named } from './base.ts';
import { connectionTest, healthStates, rung } from './connections.ts';

/** What is done with connections: checked, used, rotated, looked into, lent. */

export const checkPoint = z.strictObject({
  at: instant,
  /** Null when it did not answer. */
  latencyMs: z.number().nullable(),
  state: z.enum(healthStates),
});
export const healthHistory = z.strictObject({
  /** Oldest first. */
  checks: z.array(checkPoint),
  /** Changes of state, newest first. */
  changes: z.array(
    z.strictObject({
      at: instant,
      from: z.enum(healthStates),
      to: z.enum(healthStates),
      /** `said` in English; null where it works. */
      message: z.string().nullable(),
      said: said.optional(),
    }),
  ),
});
export type HealthHistory = z.infer<typeof healthHistory>;

/** So many of the latest checks of a connection are told in a list. */
export const recentChecks = 24;
/** How a connection was lately, for a row of a list. */
export const recentHealth = z.strictObject({
  id,
  /** Oldest first, {@link recentChecks} at most. */
  checks: z.array(checkPoint),
  /** How far the last test came; null where it was not tested since its address, login or encryption changed. */
  rungs: z.array(rung.pick({ name: true, state: true })).nullable(),
});
export type RecentHealth = z.infer<typeof recentHealth>;

/** Where a connection is used, and which others sign in to the same server as the same user. */
export const usage = z.strictObject({
  projects: z.array(
    z.strictObject({
      id,
      name: z.string(),
      links: z.int(),
      datasets: z.int(),
      /** Syncs that are queued or running now. */
      running: z.int(),
      lastSync: instant.nullable(),
    }),
  ),
  /** Sources whose tables are read over it. */
  sources: z.array(named),
  sameLogin: z.array(named),
  leases: z.int(),
});
export type Usage = z.infer<typeof usage>;

export const testAllResult = z.strictObject({
  tested: z.int(),
  ok: z.int(),
  failed: z.array(z.strictObject({ id, name: z.string(), error: wireError })),
});

export const rotationResult = z.strictObject({
  /** False when the new password was tried and does not work: nothing was changed then. */
  done: z.boolean(),
  test: connectionTest,
  /** Which connections sign in with the new password now. */
  switched: z.array(named),
  undoableUntil: instant.nullable(),
});
export type RotationResult = z.infer<typeof rotationResult>;

// --- structure ------------------------------------------------------------------------------------------------

export const structureColumn = z.strictObject({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  comment: z.string().nullable(),
});
export const foreignKey = z.strictObject({
  columns: z.array(z.string()),
  /** `schema.table`. */
  references: z.string(),
  referenced: z.array(z.string()),
});
export const structureTable = z.strictObject({
  name: z.string(),
  kind: z.enum(['table', 'partitioned', 'view', 'materialized_view', 'foreign']),
  comment: z.string().nullable(),
  /** The planner's estimate; null where it has none. */
  rows: z.int().nullable(),
  columns: z.array(structureColumn),
  primaryKey: z.array(z.string()),
  foreignKeys: z.array(foreignKey),
});
export type StructureTable = z.infer<typeof structureTable>;

export const structureChange = z.strictObject({
  kind: z.enum([
    'schema_added',
    'schema_removed',
    'table_added',
    'table_removed',
    'column_added',
    'column_removed',
    'column_retyped',
  ]),
  schema: z.string(),
  table: z.string().nullable(),
  column: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type StructureChange = z.infer<typeof structureChange>;

export const structure = z.strictObject({
  /** When this was read from the database. */
  at: instant,
  /** Why it is not from now: the live read failed, and this is what was read last. */
  warning: wireError.nullable(),
  schemas: z.array(
    z.strictObject({
      name: z.string(),
      comment: z.string().nullable(),
      tables: z.array(structureTable),
    }),
  ),
  /** True when there are more tables than are listed. */
  cut: z.boolean(),
  /** What is different from the read before. */
  changes: z.array(structureChange),
  changesSince: instant.nullable(),
});
export type Structure = z.infer<typeof structure>;

// --- leased logins and SSH host keys ----------------------------------------------------------------------------

export const leasedLogin = z.strictObject({
  id,
  connectionId: id,
  connectionName: z.string(),
  personName: z.string(),
  /** The role's name in the database. */
  user: z.string(),
  state: z.enum(['active', 'ending', 'ended']),
  createdAt: instant,
  validUntil: instant,
});
export type LeasedLogin = z.infer<typeof leasedLogin>;

export const hostKey = z.strictObject({
  id,
  host: z.string(),
  port: z.int(),
  type: z.string(),
  fingerprint: z.string(),
  acceptedBy: z.string(),
  acceptedAt: instant,
});
export type HostKey = z.infer<typeof hostKey>;
