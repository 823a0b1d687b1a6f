import type { HealthHistory, HealthState } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import type { Db } from '../db.ts';
import { keepSaid, messageOf } from '../kept-said.ts';

export interface HealthCheck {
  readonly state: HealthState;
  /** Null when there was no answer. */
  readonly latencyMs: number | null;
  /** What is the matter; null where it works. */
  readonly said: Said | null;
}

/** What goes in one step, so that months of history hold nobody up. */
const pruneStep = 500;
/** Changes of state kept of a connection that goes up and down all the time. */
const keptChanges = 1000;

/** How connections have been: the last check beside each, earlier ones and changes of state in tables of their own. */
export function connectionHealthRepository(db: Db) {
  const current = db.prepare(
    'SELECT health_state AS state FROM database_connections WHERE id = ? AND deleted_at IS NULL',
  );
  const set = db.prepare(`UPDATE database_connections SET health_state = @state, health_at = @at,
    health_latency = @latencyMs, health_message = @message,
    health_since = CASE WHEN health_state = @state AND health_since IS NOT NULL THEN health_since ELSE @at END
    WHERE id = @id`);
  const insertCheck = db.prepare(
    'INSERT OR REPLACE INTO connection_checks (connection_id, at, state, latency_ms) VALUES (?, ?, ?, ?)',
  );
  const insertChange = db.prepare(
    'INSERT INTO connection_changes (connection_id, at, from_state, to_state, message) VALUES (?, ?, ?, ?, ?)',
  );
  const checks = db.prepare(`SELECT at, state, latency_ms AS latencyMs FROM connection_checks
    WHERE connection_id = ? AND at >= ? ORDER BY at`);
  const newest = db.prepare(`SELECT at, state, latency_ms AS latencyMs FROM connection_checks
    WHERE connection_id = ? ORDER BY at DESC LIMIT ?`);
  const changes =
    db.prepare(`SELECT at, from_state AS "from", to_state AS "to", message FROM connection_changes
    WHERE connection_id = ? ORDER BY seq DESC LIMIT 100`);
  const prune = db.prepare(`DELETE FROM connection_checks WHERE connection_id = @id AND at IN
    (SELECT at FROM connection_checks WHERE connection_id = @id AND at < @before
       AND at < (SELECT max(at) FROM connection_checks WHERE connection_id = @id)
     ORDER BY at LIMIT ${pruneStep})`);
  const pruneChanges = db.prepare(`DELETE FROM connection_changes WHERE seq IN
    (SELECT seq FROM connection_changes WHERE connection_id = @id
       AND seq < (SELECT max(seq) FROM connection_changes WHERE connection_id = @id)
       AND (at < @before OR seq <= (SELECT seq FROM connection_changes WHERE connection_id = @id
         ORDER BY seq DESC LIMIT 1 OFFSET ${keptChanges}))
     LIMIT ${pruneStep})`);
  const due =
    db.prepare(`SELECT DISTINCT c.id FROM database_connections c JOIN projects p ON p.connection_id = c.id
    WHERE c.state = 'active' AND c.deleted_at IS NULL AND (c.health_at IS NULL OR c.health_at <= ?) ORDER BY c.id`);

  return {
    /** Writes a check down and answers the state before it; null when the connection is gone. */
    record: db.transaction((id: string, check: HealthCheck, at: string): HealthState | null => {
      const row = current.get(id) as { state: HealthState } | undefined;
      if (!row) return null;
      const { state, latencyMs } = check;
      const message = keepSaid(check.said);
      set.run({ id, at, state, latencyMs, message });
      insertCheck.run(id, at, check.state, check.latencyMs);
      // The first look at a connection is not a change.
      if (row.state !== check.state && row.state !== 'unknown')
        insertChange.run(id, at, row.state, check.state, message);
      return row.state;
    }).immediate,
    history: (id: string, since: string): HealthHistory => ({
      checks: checks.all(id, since) as HealthHistory['checks'],
      changes: (changes.all(id) as HealthHistory['changes']).map((change) => ({
        ...change,
        ...messageOf(change.message),
      })),
    }),
    /** The newest checks of a connection, oldest first. */
    latest: (id: string, most: number): HealthHistory['checks'] =>
      (newest.all(id, most) as HealthHistory['checks']).toReversed(),
    /** Active ones that a project uses and that were looked at before this time, or never. */
    due: (before: string): string[] => (due.all(before) as { id: string }[]).map(({ id }) => id),
    /** Forgets some checks of a connection before a moment, the oldest first, never the newest: how many. */
    prune: (id: string, before: string): number => prune.run({ id, before }).changes,
    /** The same of its changes of state; of those only so many stay however new they are. */
    pruneChanges: (id: string, before: string): number => pruneChanges.run({ id, before }).changes,
  };
}
