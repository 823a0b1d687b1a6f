import type { Db } from '../db.ts';

/** What was learnt about how much each source lets through; what it means is `sync/budget.ts`'s business. */
export function budgetRepository(db: Db) {
  const get = db.prepare('SELECT state FROM source_budgets WHERE key = ?');
  const put = db.prepare(`INSERT INTO source_budgets (key, state, updated_at) VALUES (@key, @state, @now)
    ON CONFLICT (key) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`);
  const old = db.prepare('SELECT key FROM source_budgets WHERE updated_at < ?').pluck();
  const remove = db.prepare('DELETE FROM source_budgets WHERE key = ? AND updated_at < ?');
  return {
    /** Forgets what was learnt before a moment and is not of one of these: how many. */
    prune: db.transaction((before: string, used: ReadonlySet<string>): number => {
      const gone = (old.all(before) as string[]).filter((key) => !used.has(key)).slice(0, 500);
      for (const key of gone) remove.run(key, before);
      return gone.length;
    }).immediate,
    /** Null where nothing was learnt yet. */
    get(key: string): unknown {
      const row = get.get(key) as { state: string } | undefined;
      return row ? JSON.parse(row.state) : null;
    },
    put: (key: string, state: object, now: string): void =>
      void put.run({ key, state: JSON.stringify(state), now }),
  };
}
