import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import type { Difference } from '../compare/difference.ts';
import { stagingSchema } from '../lease.ts';
import { held } from './hold.ts';
import type { LiveTable } from './live.ts';

/** Of the server's lock table a publish takes at most this share: others need it too. */
const share = 0.7;
/** The state of the run, the catalogue and its indexes, and what is looked up of the server's own tables. */
const locksBeside = 80;

/** What one publish writes to at once. */
export interface Writes {
  readonly differences: readonly Difference[];
  /** Tables that are emptied, because the source has them no more. */
  readonly gone: readonly LiveTable[];
  /** How many tables are moved into the schema: each is locked by itself. */
  readonly moved: number;
}

/**
 * Fails with PUBLISH_HELD when one transaction would need more locks than the server has room for, before it takes the
 * room from everybody else: each changed table is locked with its indexes and the table of its difference until the
 * commit; their TOAST tables, with an index each, only where there is anything in one. The room is
 * `max_locks_per_transaction` for each session that the server allows (docs, "Lock Management").
 */
export async function insistRoom(client: PgClient, schema: string, writes: Writes): Promise<void> {
  const { differences, gone, moved } = writes;
  const live = [...differences.map(({ work }) => work.live), ...gone];
  const certain = live.reduce((sum, { indexes }) => sum + 1 + indexes, 0) + differences.length + moved;
  // Two TOAST tables, each with an index: far below what any server has room for.
  if (certain + live.length * 4 < 500) return;
  const { rows } = await client.query<{ room: string; sessions: string; toasted: string }>(
    `SELECT s.each * s.sessions AS room, s.sessions,
       (SELECT count(*) FROM pg_class c WHERE (c.oid = ANY ($1::oid[]) OR c.relnamespace = to_regnamespace(quote_ident($2))
          AND c.relname = ANY ($3)) AND c.reltoastrelid <> 0 AND pg_relation_size(c.reltoastrelid) > 0) AS toasted
     FROM (
       SELECT current_setting('max_locks_per_transaction')::int AS each,
         sum(setting::int) FILTER (WHERE name IN ('max_connections', 'max_prepared_transactions', 'max_worker_processes', 'max_wal_senders')) +
         coalesce(max(setting::int) FILTER (WHERE name = 'autovacuum_worker_slots'), max(setting::int) FILTER (WHERE name = 'autovacuum_max_workers')) AS sessions
       FROM pg_settings) s`,
    [live.map(({ oid }) => oid), stagingSchema(schema), differences.map(({ table }) => table)],
  );
  const [row] = rows;
  const room = Number(row?.room);
  // Long values of a difference get into the TOAST table of the published one too.
  const needed = certain + Number(row?.toasted) * 4 + locksBeside;
  if (needed <= room * share) return;
  const wanted = Math.ceil(needed / share / Number(row?.sessions) / 64) * 64;
  throw held(say('sync.refreshChangesTablesOnce', { schema, value: live.length + moved, needed, room }), [
    `ALTER SYSTEM SET max_locks_per_transaction = ${wanted}, and restart the server`,
  ]);
}
