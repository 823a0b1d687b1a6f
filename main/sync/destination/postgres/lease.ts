import { say } from '../../../../preload/messages/said.ts';
import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../engines/postgres/sql.ts';
import { AppError } from '../../../errors.ts';
import { osProcesses, type ProcessStamp } from '../../../os-process.ts';
import { stagingSuffix } from '../../shape/naming.ts';

/** A lease without a sign of life for so long is free, by the server's clock. */
const life = '30 seconds';
/** A sign of life at least so often; several may go missing before the lease runs out. */
export const heartbeatMs = 5000;

export const stateTable = '_headgate_state';
export const stagingSchema = (schema: string): string => `${schema}${stagingSuffix}`;

/** Columns of the state table that hold the lease; set in the row of the run, where `dataset` is empty. */
export const leaseColumns = 'holder jsonb, taken timestamptz, heartbeat timestamptz, expires timestamptz';

/** Who works on a dataset. */
export interface Holder extends ProcessStamp {
  /** Random; tells two holders apart whatever else is equal. */
  readonly id: string;
  readonly job: string;
  /** How often the job was taken by a process, as its store counts: of two holders of one job the higher one has it. */
  readonly claim: number;
}

/** The right to write to a dataset's staging schema and to publish from it, as one session holds it. */
export interface Lease {
  readonly schema: string;
  readonly holder: Holder;
}

/** The lease travels with the session that works under it, so that nothing can be committed past it. */
const leaseOf = Symbol('lease');
type LeasedClient = PgClient & { [leaseOf]?: Lease };

export function workUnder(client: PgClient, lease: Lease): void {
  (client as LeasedClient)[leaseOf] = lease;
}

export function holderOf(job: string, id: string, claim: number): Holder {
  return { id, job, claim, ...osProcesses.own() };
}

/**
 * Whether the holder is known to be gone without waiting for its lease to run out. `siblings` are the jobs that run in
 * this process; only they can still be at work among those that name it.
 */
export function isGone(holder: Holder, ours: Holder, siblings: readonly string[]): boolean {
  // The store gives a job to one process at a time: whoever had it before was replaced, also one that still runs.
  if (holder.job === ours.job && holder.claim <= ours.claim) return true;
  // Many share a target: of a twin of this machine it can't be told whether it has begun anew. A boot takes longer than
  // the lease anyway.
  if (holder.boot !== ours.boot) return false;
  const fate = osProcesses.fateOf(holder);
  return fate === 'own' ? !siblings.includes(holder.job) : fate === 'gone';
}

/**
 * Takes the lease inside the open transaction, where it is free, ran out, or its holder is gone. One that runs out later
 * than a sign of life can have said was given by a clock of the server that was wrong, and has run out too. Fails with
 * DATASET_BUSY, naming the holder and since when.
 */
export async function takeLease(client: PgClient, lease: Lease, siblings: readonly string[]): Promise<void> {
  const state = qualified(stagingSchema(lease.schema), stateTable);
  const { rows } = await client.query<{ holder: string | null; since: string; over: string | null }>(
    `SELECT holder, to_char(taken AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') AS since,
       expires < clock_timestamp() OR expires > clock_timestamp() + 2 * $1::interval AS over
     FROM ${state} WHERE dataset = '' FOR UPDATE`,
    [life],
  );
  const [row] = rows;
  const holder = row?.holder == null ? null : (JSON.parse(row.holder) as Holder);
  if (
    holder &&
    holder.id !== lease.holder.id &&
    row?.over !== 't' &&
    !isGone(holder, lease.holder, siblings)
  ) {
    throw new AppError(
      'DATASET_BUSY',
      say('sync.schemaBeingRefreshedHeadgate', {
        schema: lease.schema,
        host: holder.host,
        pid: String(holder.pid),
        since: row?.since ?? '?',
      }),
    );
  }
  // The row is missing where a crash of the server emptied the table: a lease of before is over then.
  await client.query(
    `INSERT INTO ${state} (dataset, holder, taken, heartbeat, expires)
     VALUES ('', $1, clock_timestamp(), clock_timestamp(), clock_timestamp() + $2::interval)
     ON CONFLICT (dataset) DO UPDATE SET holder = excluded.holder, taken = excluded.taken,
       heartbeat = excluded.heartbeat, expires = excluded.expires`,
    [JSON.stringify(lease.holder), life],
  );
}

/** One sign of life. False when the lease is somebody else's by now, or gone with its schema. */
export async function beat(client: PgClient, lease: Lease): Promise<boolean> {
  const state = qualified(stagingSchema(lease.schema), stateTable);
  try {
    const { rowCount } = await client.query(
      `UPDATE ${state} SET heartbeat = clock_timestamp(), expires = clock_timestamp() + $2::interval
       WHERE dataset = '' AND holder->>'id' = $1`,
      [lease.holder.id, life],
    );
    return rowCount === 1;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '3F000' || code === '42P01') return false;
    throw error;
  }
}

/**
 * Fails with LEASE_LOST unless the lease of this session is still its own. Inside a transaction the row stays locked
 * until its end, so nobody takes the lease over between this and the commit. A session without a lease works for itself.
 */
export async function requireLease(client: PgClient): Promise<void> {
  const lease = (client as LeasedClient)[leaseOf];
  if (lease && !(await beat(client, lease))) throw leaseLost(lease);
}

export function leaseLost(lease: Lease): AppError {
  return new AppError('LEASE_LOST', say('sync.anotherHeadgateTookOver', { schema: lease.schema }));
}

/** Gives the lease back, where it is still ours. */
export async function releaseLease(client: PgClient, lease: Lease): Promise<void> {
  await client.query(
    `UPDATE ${qualified(stagingSchema(lease.schema), stateTable)} SET holder = NULL, taken = NULL, heartbeat = NULL, expires = NULL
     WHERE dataset = '' AND holder->>'id' = $1`,
    [lease.holder.id],
  );
}

/** How the sessions of a job are called at the server, so that they can be found there, and by whom they are. */
export const sessionName = ({ job, claim }: Pick<Holder, 'job' | 'claim'>): string =>
  `headgate sync ${job} ${claim}`;

/** The job and the claim in the name of a session, as SQL. */
export const sessionJob = "substring(application_name FROM '^headgate sync ([0-9a-f-]{36})')";
const sessionClaim =
  "coalesce(substring(application_name FROM '^headgate sync [0-9a-f-]{36} (\\d{1,9})$')::int, 0)";

/**
 * Ends what is left of a job's sessions, whose process may be gone without the server having noticed; not those of whoever
 * took the job over from this holder.
 */
export async function endSessions(client: PgClient, { job, claim }: Holder): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
     WHERE ${sessionJob} = $1 AND ${sessionClaim} <= $2::int AND datname = current_database()
       AND usename = current_user AND pid <> pg_backend_pid()`,
    [job, claim],
  );
}
