import { say } from '../../../../preload/messages/said.ts';
import {
  type Ownership,
  requireOwn,
  requireOwnTables,
  writeMark,
} from '../../../engines/postgres/ownership.ts';
import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../engines/postgres/sql.ts';
import { AppError } from '../../../errors.ts';
import type { JobMode } from '../../../store/data/jobs.ts';
import { dropStagedTables, dropStateTables } from './drop-staging.ts';
import { type Finished, readFinished } from './finish/finished.ts';
import {
  endSessions,
  type Lease,
  requireLease,
  stagingSchema,
  stateTable,
  takeLease,
  workUnder,
} from './lease.ts';
import { createStateTables, type DatasetState, readStates, stateTables } from './state.ts';
import { type Demands, requireTarget } from './target-role.ts';
import { inTransaction } from './transaction.ts';

/** Raised when the layout of staging schemas changes: one of another version is thrown away and read anew. */
const layoutVersion = 6;
/** A staging schema older than this is not continued: what it holds would be published as if it were new. */
const longestAgeHours = 72;
/** What the same job finished is published later only within this time; after it the source is read again. */
const freshMinutes = 60;
/** How long opening waits for somebody else who opens, drops or commits at this moment. */
const openTimeoutMs = 10_000;

export interface StagingIdentity {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  /** What is read and how; another one makes a staging schema useless. */
  readonly fingerprint: string;
  readonly mode: JobMode;
  /** The job whose tables the changes are read on top of; null where everything is read. */
  readonly base?: string | null;
  readonly lease: Lease;
  /** Jobs that run in this process. */
  readonly siblings: readonly string[];
  readonly demands: Demands;
}

export interface Staging {
  readonly states: DatasetState[];
  /** What was finished and waits only to be published; null while something is left to read. */
  readonly finished: Finished | null;
  /** When the reading began, by the server's clock: the data is complete up to then. */
  readonly startedAt: string;
  /** The job whose tables what is staged is the changes of; null where it is everything. */
  readonly base: string | null;
  /** Staged tables do without a write-ahead log, because they are only compared with published ones. */
  readonly unlogged: boolean;
}

/** What opening finds. */
export type Opened =
  | { readonly kind: 'staging'; readonly staging: Staging }
  /**
   * This job was published already, and only its answer was lost. `staged`: its staging schema is still there, with what
   * was finished, so that what follows a publish can be done again.
   */
  | { readonly kind: 'published'; readonly staged: boolean; readonly finished: Finished | null }
  /**
   * An earlier job finished this and could not publish it. It is out of date by now; but as long as what kept it is still
   * there, reading the source again would be for nothing. `resetStaging` begins anew.
   */
  | { readonly kind: 'earlier'; readonly finished: Finished };

const startedText = `to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started`;

/** Opening, dropping and publishing of one dataset happen one after the other; the lock ends with the transaction. */
export async function lockOpening(client: PgClient, schema: string): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = ${openTimeoutMs}`);
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [openingOf(schema)]);
}

/** The same where nobody has to be waited for; false where somebody does. */
export async function tryLockOpening(client: PgClient, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ got: string }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))::text AS got',
    [openingOf(schema)],
  );
  return rows[0]?.got === 'true';
}

const openingOf = (schema: string): string => `headgate ${schema}`;

/** Turns a lock that was not to be had in time into words. */
export function explainLock(error: unknown, schema: string): unknown {
  if ((error as { code?: string }).code !== '55P03') return error;
  return new AppError('DATASET_BUSY', say('sync.schemaUseAnotherSession', { schema }), {
    cause: error,
  });
}

/** What is to be made of a staging schema that is there. */
type Found = Opened | { readonly kind: 'useless' };

/**
 * Opens the staging schema beside `schema` and takes its lease for this session: continues the one that is there, or
 * makes a fresh one. Fails with SCHEMA_NOT_OURS and DATASET_BUSY, and with NOT_FOUND where something accepted is gone.
 */
export async function openStaging(client: PgClient, identity: StagingIdentity): Promise<Opened> {
  try {
    const found = await inTransaction(client, () => openInTransaction(client, identity));
    workUnder(client, identity.lease);
    if (found.kind === 'useless') return { kind: 'staging', staging: await resetStaging(client, identity) };
    return found;
  } catch (error) {
    throw explainLock(error, identity.schema);
  }
}

async function openInTransaction(client: PgClient, identity: StagingIdentity): Promise<Found> {
  const { schema, lease, mode } = identity;
  const staging = stagingSchema(schema);
  await requireTarget(client, identity.demands);
  // What is left of this job's own sessions, after a crash or a cut line, would hold locks until the server notices.
  await endSessions(client, lease.holder);
  await lockOpening(client, schema);
  const live = await requireOwn(client, schema, identity.dataset, 'live');
  const { exists } = await requireOwn(client, staging, identity.dataset, 'staging');
  const published = live.mark?.job ?? null;
  if (published === lease.holder.job && !exists) return { kind: 'published', staged: false, finished: null };
  if (!exists) {
    if (mode === 'accept') throw nothingToAccept(schema);
    await client.query(`CREATE SCHEMA ${ident(staging)}`);
    await writeMark(client, staging, stagingMark(identity));
    return { kind: 'staging', staging: await makeState(client, identity, live.mark) };
  }
  await requireOwnTables(client, staging, stateTables);
  if (!(await hasLease(client, staging))) {
    if (mode === 'accept') throw nothingToAccept(schema);
    // Left by another version, or by a crash between two steps of dropping it.
    await dropStateTables(client, schema);
    await makeState(client, identity, live.mark);
    return { kind: 'useless' };
  }
  await takeLease(client, lease, identity.siblings);
  if (published === lease.holder.job)
    return { kind: 'published', staged: true, finished: await finishedBefore(client, schema) };
  const found = await readStaging(client, identity, published);
  if (found.kind === 'useless' && mode === 'accept') throw nothingToAccept(schema);
  return found;
}

const hasTables = (mark: Ownership | null): boolean => (mark?.tables.length ?? 0) > 0;

/** Throws away what is staged and begins anew; the lease stays with this session. */
export async function resetStaging(client: PgClient, identity: StagingIdentity): Promise<Staging> {
  await dropStagedTables(client, identity.schema);
  return inTransaction(client, async () => {
    await requireLease(client);
    const live = await requireOwn(client, identity.schema, identity.dataset, 'live');
    await dropStateTables(client, identity.schema);
    return makeState(client, identity, live.mark);
  });
}

/** Makes the tables of a run's state, with the lease in them. Changes are read only on top of what is published. */
async function makeState(
  client: PgClient,
  identity: StagingIdentity,
  live: Ownership | null,
): Promise<Staging> {
  const unlogged = hasTables(live);
  const base = unlogged && identity.base !== undefined && identity.base === live?.job ? identity.base : null;
  const state = qualified(stagingSchema(identity.schema), stateTable);
  await client.query(createStateTables(stagingSchema(identity.schema), unlogged));
  const { rows } = await client.query<{ started: string }>(
    `INSERT INTO ${state} (dataset, identity) VALUES ('', $1) RETURNING ${startedText}`,
    [identityText(identity, unlogged, base)],
  );
  await takeLease(client, identity.lease, identity.siblings);
  return { states: [], finished: null, startedAt: rows[0]?.started as string, base, unlogged };
}

const nothingToAccept = (schema: string): AppError =>
  new AppError('NOT_FOUND', say('sync.refreshPublishedGone', { schema }), {
    advice: say('sync.publishedButWhatNot.advice'),
  });

const identityText = ({ fingerprint }: StagingIdentity, unlogged: boolean, base: string | null): string =>
  JSON.stringify({ layout: layoutVersion, fingerprint, unlogged, base });

const stagingMark = (identity: StagingIdentity): Ownership => ({
  dataset: identity.dataset,
  workspace: identity.workspace,
  role: 'staging',
  tables: [],
});

/** Whether the state table is there and has the columns of this version; one of an older Headgate has no lease. */
export async function hasLease(client: PgClient, staging: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = 'holder' AND NOT a.attisdropped`,
    [staging, stateTable],
  );
  return rows.length === 1;
}

/** What was finished; null when nothing is saved, or a crash of the server emptied the state. */
async function finishedBefore(client: PgClient, schema: string): Promise<Finished | null> {
  const { rows } = await client.query<{ finished: string | null }>(
    `SELECT finished FROM ${qualified(stagingSchema(schema), stateTable)} WHERE dataset = ''`,
  );
  const saved = rows[0]?.finished ?? null;
  return saved === null ? null : readFinished(client, schema, saved);
}

interface SavedRun {
  readonly finished: string | null;
  readonly job: string | null;
  readonly recent: string | null;
  readonly started: string;
  readonly same: string;
  readonly unlogged: string | null;
  readonly layout: string | null;
  readonly base: string | null;
  readonly young: string;
}

/** What may be used of a staging schema. `published`: the job whose refresh is live. */
async function readStaging(
  client: PgClient,
  identity: StagingIdentity,
  published: string | null,
): Promise<Found> {
  const state = qualified(stagingSchema(identity.schema), stateTable);
  const { rows } = await client.query<SavedRun>(
    `SELECT finished, finished_by AS job, finished_at > clock_timestamp() - $2::interval AS recent, ${startedText},
       identity - 'unlogged' - 'base' = $1::jsonb AS same, identity->>'base' AS base, identity->>'unlogged' AS unlogged, identity->>'layout' AS layout,
       started_at > clock_timestamp() - $3::interval AS young
     FROM ${state} WHERE dataset = ''`,
    [
      JSON.stringify({ layout: layoutVersion, fingerprint: identity.fingerprint }),
      `${freshMinutes} minutes`,
      `${longestAgeHours} hours`,
    ],
  );
  const run = rows[0];
  // Emptied by a crash of the server, or laid out as another version does.
  if (!run || run.unlogged === null || run.layout !== String(layoutVersion)) return { kind: 'useless' };
  const { base, finished } = run;
  // Changes of tables that are not published any more.
  if (base !== null && base !== published) return { kind: 'useless' };
  if (finished !== null && run.job !== null && run.job === published) return { kind: 'useless' };
  // What a person looked at and accepted is published as it is, whatever was changed or how much time went by since.
  if (identity.mode === 'accept') {
    if (finished === null) return { kind: 'useless' };
  } else if (run.same !== 't' || run.young !== 't' || (base !== null && base !== (identity.base ?? null))) {
    return { kind: 'useless' };
  } else if (finished !== null) {
    const own = run.job === identity.lease.holder.job;
    // A person who starts has reasons to believe that something is different now.
    if (!own && identity.mode !== 'anew')
      return { kind: 'earlier', finished: await readFinished(client, identity.schema, finished) };
    if (!own || run.recent !== 't') return { kind: 'useless' };
  }
  return {
    kind: 'staging',
    staging: {
      states: finished === null ? await readStates(client, identity.schema) : [],
      finished: finished === null ? null : await readFinished(client, identity.schema, finished),
      startedAt: run.started,
      base,
      unlogged: run.unlogged === 'true',
    },
  };
}
