import type { Db } from '../db.ts';

/** What was learnt about how much each source lets through; what it means is `sync/budget.ts`'s business. */
export function budgetRepository(db: Db) {
  const get = db.prepare('SELECT state FROM source_budgets WHERE key = ?');
  const put = db.prepare(`INSERT INTO source_budgets (key, state, updated_at) VALUES (@key, @state, @now)
    ON CONFLICT (key) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`);
  return {
    /** Null where nothing was learnt yet. */
    get(key: string): unknown {
      const row = get.get(key) as { state: string } | undefined;
      return row ? JSON.parse(row.state) : null;
    },
    put: (key: string, state: object, now: string): void =>
      void put.run({ key, state: JSON.stringify(state), now }),
  };
}
