import type { Db } from '../db.ts';

/** What a publish leaves for the next refresh of its dataset; the sync engine alone knows what is in it. */
export function deltaRepository(db: Db) {
  const find = db.prepare('SELECT job_id AS job, state FROM dataset_deltas WHERE dataset_id = ?');
  const put = db.prepare(`INSERT INTO dataset_deltas (dataset_id, job_id, whole_at, state)
    VALUES (@datasetId, @jobId, @wholeAt, @state)
    ON CONFLICT (dataset_id) DO UPDATE SET job_id = excluded.job_id, whole_at = excluded.whole_at, state = excluded.state`);
  const remove = db.prepare('DELETE FROM dataset_deltas WHERE dataset_id = ?');
  return {
    /** The job that left it, and what it is; null where everything is to be read. */
    find(datasetId: string): { readonly job: string; readonly state: unknown } | null {
      const row = find.get(datasetId) as { job: string; state: string } | undefined;
      return row ? { job: row.job, state: JSON.parse(row.state) } : null;
    },
    put: (datasetId: string, left: { jobId: string; wholeAt: string; state: unknown }): void =>
      void put.run({ ...left, datasetId, state: JSON.stringify(left.state) }),
    /** The next refresh reads everything. */
    remove: (datasetId: string): void => void remove.run(datasetId),
  };
}
