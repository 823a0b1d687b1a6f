import type { DictionaryTable, Drift } from '../../preload/contract/models.ts';
import type { Db } from './db.ts';

/** Changes kept per dataset; older ones go. */
const keptChanges = 5000;

/** What is published, described, and how it changed. */
export function dictionaryRepository(db: Db) {
  const get = db.prepare('SELECT job_id, tables FROM dataset_dictionaries WHERE dataset_id = ?');
  const put =
    db.prepare(`INSERT INTO dataset_dictionaries (dataset_id, job_id, tables) VALUES (@datasetId, @jobId, @tables)
    ON CONFLICT (dataset_id) DO UPDATE SET job_id = excluded.job_id, tables = excluded.tables`);
  const append =
    db.prepare(`INSERT INTO dataset_changes (dataset_id, job_id, at, kind, table_name, column_name, before, after)
    VALUES (@datasetId, @jobId, @at, @kind, @table, @column, @before, @after)`);
  const trim = db.prepare(`DELETE FROM dataset_changes WHERE dataset_id = @datasetId AND seq <=
    (SELECT seq FROM dataset_changes WHERE dataset_id = @datasetId ORDER BY seq DESC LIMIT 1 OFFSET ${keptChanges})`);
  const changes =
    db.prepare(`SELECT at, job_id AS jobId, kind, table_name AS "table", column_name AS "column", before, after
    FROM dataset_changes WHERE dataset_id = ? ORDER BY seq DESC LIMIT ?`);

  return {
    /** Null before the first publish. */
    get(datasetId: string): { jobId: string; tables: DictionaryTable[] } | null {
      const row = get.get(datasetId) as { job_id: string; tables: string } | undefined;
      return row ? { jobId: row.job_id, tables: JSON.parse(row.tables) as DictionaryTable[] } : null;
    },
    put(datasetId: string, jobId: string, tables: readonly DictionaryTable[], drift: readonly Drift[]): void {
      put.run({ datasetId, jobId, tables: JSON.stringify(tables) });
      for (const change of drift) append.run({ datasetId, ...change });
      if (drift.length > 0) trim.run({ datasetId });
    },
    /** Newest first. */
    changes: (datasetId: string, limit: number): Drift[] => changes.all(datasetId, limit) as Drift[],
  };
}
