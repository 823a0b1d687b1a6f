import type { PgClient } from '../../../../engines/postgres-client.ts';
import type { Difference } from './difference.ts';
import { held } from './hold.ts';

/** Of the server's lock table a publish takes at most this share: others need it too. */
const share = 0.7;
/** A table moved into the schema: itself, its index, its TOAST table and that one's index, and entries of both schemas. */
const locksOfMove = 6;

/**
 * Fails with PUBLISH_HELD when one transaction would need more locks than the server has room for, before it takes the
 * room from everybody else: each changed table is locked with its indexes and its TOAST table until the commit. The room
 * is `max_locks_per_transaction` for each session that the server allows (docs, "Lock Management").
 */
export async function insistRoom(
  client: PgClient,
  schema: string,
  differences: readonly Difference[],
  moved: number,
): Promise<void> {
  const needed = differences.reduce((sum, { work }) => sum + 3 + work.live.indexes, 0) + moved * locksOfMove;
  if (needed < 500) return;
  const { rows } = await client.query<{ room: string; each: string; sessions: string }>(
    `SELECT s.each * s.sessions AS room, s.each, s.sessions FROM (
       SELECT current_setting('max_locks_per_transaction')::int AS each,
         sum(setting::int) FILTER (WHERE name IN ('max_connections', 'max_prepared_transactions', 'max_worker_processes', 'max_wal_senders')) +
         coalesce(max(setting::int) FILTER (WHERE name = 'autovacuum_worker_slots'), max(setting::int) FILTER (WHERE name = 'autovacuum_max_workers')) AS sessions
       FROM pg_settings) s`,
  );
  const room = Number(rows[0]?.room);
  if (needed <= room * share) return;
  const wanted = Math.ceil(needed / share / Number(rows[0]?.sessions) / 64) * 64;
  throw held(
    `The refresh of “${schema}” changes ${differences.length + moved} tables at once and needs about ${needed} locks for it; the server has room for ${room} in all.`,
    [`ALTER SYSTEM SET max_locks_per_transaction = ${wanted}, and restart the server`],
  );
}
