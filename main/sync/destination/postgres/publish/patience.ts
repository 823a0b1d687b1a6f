import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { AppError } from '../../../../errors.ts';
import type { Clock } from '../../../../host.ts';
import { requireLease } from '../lease.ts';
import { inTransaction, look } from '../transaction.ts';

/** What waiting needs. */
export interface Patience {
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/**
 * How long a lock is waited for at most, and the share of the server's `deadlock_timeout`: whoever else waits in a circle
 * with us is never the one that the server ends, because we let go long before it looks.
 */
const longestWaitMs = 400;
const shareOfDeadlock = 0.4;
/** With the pauses between them about a minute in all. */
const maxAttempts = 12;

/** The `SET LOCAL` for it; one look-up per session. */
export async function lockTimeout(client: PgClient): Promise<string> {
  const rows = await look<{ ms: string }>(
    client,
    "SELECT extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000 AS ms",
  );
  const ms = Math.floor(Math.min(longestWaitMs, Number(rows[0]?.ms ?? longestWaitMs) * shareOfDeadlock));
  return `SET LOCAL lock_timeout = ${Math.max(1, ms)}`;
}

/** Somebody holds a lock: lock_not_available, deadlock_detected, serialization_failure (of a concurrent DDL). */
export const isLocked = (error: unknown): boolean =>
  ['55P03', '40P01', '40001'].includes((error as { code?: string }).code ?? '');

/**
 * Runs `work` in a transaction that waits for no lock longer than `bound` says, again and again for about a minute. Fails
 * with PUBLISH_BLOCKED when somebody held it all that time, with LEASE_LOST when somebody took the lease over meanwhile.
 */
export async function patiently<T>(
  client: PgClient,
  schema: string,
  bound: string,
  patience: Patience,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(client, work, bound);
    } catch (error) {
      if (!isLocked(error)) throw error;
      // The sign of life in each attempt is undone with it; between them it has to stand, or the lease would run out.
      await stayAlive(client, bound);
      if (attempt === maxAttempts) {
        throw new AppError('PUBLISH_BLOCKED', say('sync.tablesUseMinute', { schema }), {
          cause: error,
        });
      }
      await patience.clock.sleep(250 + patience.random() * 1000 * attempt, patience.signal);
    }
  }
}

async function stayAlive(client: PgClient, bound: string): Promise<void> {
  try {
    await inTransaction(client, () => requireLease(client), bound);
  } catch (error) {
    // Somebody else gives one at this moment.
    if (!isLocked(error)) throw error;
  }
}

/** How often it is looked whether older transactions have ended, and how long at most. */
const lookMs = 200;
const longestOlderMs = 60_000;

/**
 * Waits until every transaction that runs now in this database has ended: whoever begins later sees what is committed
 * now. False when one of them is still there after a minute. Virtual transaction ids are
 * visible to every role; sessions without a user are the server's own.
 */
export async function olderTransactionsEnd(
  client: PgClient,
  patience: Patience,
  longestMs = longestOlderMs,
): Promise<boolean> {
  const running = async (): Promise<Set<string>> => {
    const rows = await look<{ id: string }>(
      client,
      `SELECT l.virtualxid AS id FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
         AND a.usesysid IS NOT NULL`,
    );
    return new Set(rows.map(({ id }) => id));
  };
  let older = await running();
  const until = patience.clock.now() + longestMs;
  while (older.size > 0 && patience.clock.now() < until) {
    await patience.clock.sleep(lookMs, patience.signal);
    const now = await running();
    older = new Set([...older].filter((id) => now.has(id)));
  }
  return older.size === 0;
}
