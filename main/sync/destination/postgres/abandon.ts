import { type Target, wipeTarget } from '../../../engines/engine.ts';
import { requireOwn, requireOwnTables } from '../../../engines/postgres/ownership.ts';
import { connect, cut, endSession, explainPgError } from '../../../engines/postgres/postgres-client.ts';
import { ident } from '../../../engines/postgres/sql.ts';
import { dropStaging } from './drop-staging.ts';
import {
  endSessions,
  holderOf,
  type Lease,
  stagingSchema,
  stateTable,
  takeLease,
  workUnder,
} from './lease.ts';
import { explainLock, hasLease, lockOpening } from './staging.ts';
import { inTransaction } from './transaction.ts';

export interface Abandoned {
  readonly target: Target;
  readonly schema: string;
  readonly dataset: string;
  /** The job whose work it is. */
  readonly job: string;
  /** How often that job was taken by a process so far. */
  readonly claim: number;
  /** Random: names who drops. */
  readonly id: string;
  readonly siblings: readonly string[];
}

/**
 * Leaves nothing of an unfinished or unwanted refresh: ends the sessions that the job may still have at the server and
 * drops its staging schema. What is published is not touched. True when the job turns out to be published: its last
 * answer was lost, and there is nothing left to undo. Fails with DATASET_BUSY while somebody else works on it. The
 * target's secrets are overwritten as soon as the session is open.
 */
export async function abandon(what: Abandoned, signal: AbortSignal): Promise<boolean> {
  const client = await connect(what.target, signal).finally(() => wipeTarget(what.target));
  const stop = (): void => cut(client);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const lease: Lease = { schema: what.schema, holder: holderOf(what.job, what.id, what.claim) };
    await endSessions(client, lease.holder);
    const { exists, published } = await inTransaction(client, async () => {
      await lockOpening(client, what.schema);
      const live = await requireOwn(client, what.schema, what.dataset, 'live');
      const staging = await requireOwn(client, stagingSchema(what.schema), what.dataset, 'staging');
      if (staging.exists) await requireOwnTables(client, stagingSchema(what.schema), [stateTable]);
      const leased = staging.exists && (await hasLease(client, stagingSchema(what.schema)));
      if (leased) await takeLease(client, lease, what.siblings);
      // Without a lease nobody of this version works there; what is left is small, or of an older Headgate.
      else if (staging.exists) await client.query(`DROP SCHEMA ${ident(stagingSchema(what.schema))} CASCADE`);
      return { exists: leased, published: live.mark?.job === what.job };
    });
    if (exists) {
      workUnder(client, lease);
      await dropStaging(client, what.schema);
    }
    return published;
  } catch (error) {
    throw explainPgError(explainLock(error, what.schema), what.target);
  } finally {
    signal.removeEventListener('abort', stop);
    await endSession(client);
  }
}
