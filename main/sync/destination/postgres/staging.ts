import { type Ownership, requireOwn, requireOwnTables, writeMark } from '../../../engines/ownership.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../engines/sql.ts';
import { AppError } from '../../../errors.ts';
import type { JobMode } from '../../../store/jobs.ts';
import {
  dropStagingSchema,
  endSessions,
  type Lease,
  leaseColumns,
  stagingSchema,
  stateTable,
  takeLease,
} from './lease.ts';
import { type DatasetState, readStates } from './state.ts';
import { type Demands, requireTarget } from './target-role.ts';
import { inTransaction } from './transaction.ts';

export { stagingSchema, stateTable };

/** Raised when the layout of staging schemas changes: one of another version is thrown away and read anew. */
const layoutVersion = 2;
/** A staging schema older than this is not continued: what it holds would be published as if it were new. */
const longestAgeHours = 72;
/** How long opening waits for somebody else who opens, drops or commits at this moment. */
const openTimeoutMs = 10_000;

export interface StagingIdentity {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  /** What is read and how; another one makes a staging schema useless. */
  readonly fingerprint: string;
  readonly mode: JobMode;
  readonly lease: Lease;
  /** Jobs that run in this process. */
  readonly siblings: readonly string[];
  readonly demands: Demands;
}

export interface Staging {
  readonly states: DatasetState[];
  /** What was finished and waits only to be published; null while something is left to read. */
  readonly finished: unknown;
  /** When the reading began, by the server's clock: the data is complete up to then. */
  readonly startedAt: string;
}

/** What opening finds: the staging schema, or that this job was published already. */
export type Opened = { readonly published: false; readonly staging: Staging } | { readonly published: true };

const startedText = `to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started`;

/** Opening, dropping and publishing of one dataset happen one after the other; the lock ends with the transaction. */
export async function lockOpening(client: PgClient, schema: string): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = ${openTimeoutMs}`);
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`headgate ${schema}`]);
}

/** Turns a lock that was not to be had in time into words. */
export function explainLock(error: unknown, schema: string): unknown {
  if ((error as { code?: string }).code !== '55P03') return error;
  return new AppError(
    'DATASET_BUSY',
    `The schema “${schema}” is in use by another session of the database.`,
    {
      cause: error,
    },
  );
}

/**
 * Opens the staging schema beside `schema` and takes its lease: continues the one that is there, or makes a fresh one.
 * Fails with SCHEMA_NOT_OURS and DATASET_BUSY, and with NOT_FOUND where something accepted is gone.
 */
export async function openStaging(client: PgClient, identity: StagingIdentity): Promise<Opened> {
  try {
    return await inTransaction(client, () => openInTransaction(client, identity));
  } catch (error) {
    throw explainLock(error, identity.schema);
  }
}

async function openInTransaction(client: PgClient, identity: StagingIdentity): Promise<Opened> {
  const { schema, lease, mode } = identity;
  const staging = stagingSchema(schema);
  const state = qualified(staging, stateTable);
  await requireTarget(client, identity.demands);
  // What is left of this job's own sessions, after a crash or a cut line, would hold locks until the server notices.
  await endSessions(client, lease.holder.job);
  await lockOpening(client, schema);
  const live = await requireOwn(client, schema, identity.dataset, 'live');
  if (live.mark?.job === lease.holder.job) return { published: true };
  const { exists } = await requireOwn(client, staging, identity.dataset, 'staging');
  if (exists) {
    await requireOwnTables(client, staging, [stateTable]);
    if (await hasLease(client, staging)) {
      await takeLease(client, lease, identity.siblings);
      const found = await readStaging(client, identity);
      if (found) return { published: false, staging: found };
    }
    if (mode === 'accept') throw nothingToAccept(schema);
    await dropStagingSchema(client, schema);
  }
  if (mode === 'accept') throw nothingToAccept(schema);
  await client.query(`CREATE SCHEMA ${ident(staging)}`);
  await writeMark(client, staging, stagingMark(identity));
  await client.query(`CREATE TABLE ${state} (
    dataset text PRIMARY KEY, cursor jsonb, shape jsonb NOT NULL, seq integer NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now(), ${leaseColumns})`);
  const { rows } = await client.query<{ started: string }>(
    `INSERT INTO ${state} (dataset, shape) VALUES ('', $1) RETURNING ${startedText}`,
    [identityText(identity)],
  );
  await takeLease(client, lease, identity.siblings);
  return {
    published: false,
    staging: { states: [], finished: null, startedAt: rows[0]?.started as string },
  };
}

const nothingToAccept = (schema: string): AppError =>
  new AppError('NOT_FOUND', `The refresh of “${schema}” that was to be published is gone.`, {
    advice: 'Start the sync again; it reads everything anew.',
  });

const identityText = ({ fingerprint }: StagingIdentity): string =>
  JSON.stringify({ layout: layoutVersion, fingerprint });

const stagingMark = (identity: StagingIdentity): Ownership => ({
  dataset: identity.dataset,
  workspace: identity.workspace,
  role: 'staging',
  tables: [],
});

/** Whether the state table has the columns of this version; one of an older Headgate has no lease. */
async function hasLease(client: PgClient, staging: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = 'holder' AND NOT a.attisdropped`,
    [staging, stateTable],
  );
  return rows.length === 1;
}

/** What may be used of a staging schema; null when it is to be made anew. */
async function readStaging(client: PgClient, identity: StagingIdentity): Promise<Staging | null> {
  const state = qualified(stagingSchema(identity.schema), stateTable);
  const { rows } = await client.query<{
    cursor: string | null;
    started: string;
    same: string;
    young: string;
  }>(
    `SELECT cursor, ${startedText}, shape = $1::jsonb AS same, started_at > now() - $2::interval AS young
     FROM ${state} WHERE dataset = ''`,
    [identityText(identity), `${longestAgeHours} hours`],
  );
  const run = rows[0];
  if (!run) return null;
  // What a person looked at and accepted is published as it is, whatever was changed or how much time went by since.
  const usable =
    identity.mode === 'accept'
      ? run.cursor !== null
      : run.same === 't' && run.young === 't' && !(identity.mode === 'anew' && run.cursor !== null);
  if (!usable) return null;
  return {
    states: await readStates(client, identity.schema),
    finished: run.cursor === null ? null : JSON.parse(run.cursor),
    startedAt: run.started,
  };
}
