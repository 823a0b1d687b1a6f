import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DictionaryTable, Drift } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

/** Changes of a dataset that there can be at most, however many a publish brings; how many stay is a setting. */
const keptChanges = 5000;
/** Tables of a former version that go in one step: one can be some hundred kilobytes. */
const pruneStep = 4;
/** Changes of a dataset that go in one step. */
const shedStep = 500;

/**
 * What is published, described, and how it changed. A description can be megabytes: it is read and written table by table,
 * a new version beside the one that counts.
 */
export function dictionaryRepository(db: Db) {
  const current = db.prepare(
    'SELECT job_id AS jobId, version FROM dataset_dictionaries WHERE dataset_id = ?',
  );
  const table = db
    .prepare(
      `SELECT described FROM dictionary_tables
    WHERE dataset_id = @datasetId AND version = @version AND position = @position`,
    )
    .pluck();
  const next = db
    .prepare(
      `SELECT 1 + max(ifnull((SELECT version FROM dataset_dictionaries WHERE dataset_id = @datasetId), 0),
    ifnull((SELECT max(version) FROM dictionary_tables WHERE dataset_id = @datasetId), 0))`,
    )
    .pluck();
  const add = db.prepare(`INSERT INTO dictionary_tables (dataset_id, version, position, described)
    VALUES (@datasetId, @version, @position, @described)`);
  const point = db.prepare(`INSERT INTO dataset_dictionaries (dataset_id, job_id, version)
    VALUES (@datasetId, @jobId, @version)
    ON CONFLICT (dataset_id) DO UPDATE SET job_id = excluded.job_id, version = excluded.version`);
  const prune = db.prepare(`DELETE FROM dictionary_tables WHERE id IN (SELECT id FROM dictionary_tables
    WHERE dataset_id = @datasetId
      AND version IS NOT (SELECT version FROM dataset_dictionaries WHERE dataset_id = @datasetId)
    LIMIT ${pruneStep})`);
  const shedChanges = db.prepare(`DELETE FROM dataset_changes WHERE seq IN
    (SELECT seq FROM dataset_changes WHERE dataset_id = ? LIMIT ${shedStep})`);
  const shedTables = db.prepare(`DELETE FROM dictionary_tables WHERE id IN
    (SELECT id FROM dictionary_tables WHERE dataset_id = ? LIMIT ${pruneStep})`);
  const append =
    db.prepare(`INSERT INTO dataset_changes (dataset_id, job_id, at, kind, table_name, column_name, before, after)
    VALUES (@datasetId, @jobId, @at, @kind, @table, @column, @before, @after)`);
  const trim = db.prepare(`DELETE FROM dataset_changes WHERE dataset_id = @datasetId AND seq <=
    (SELECT seq FROM dataset_changes WHERE dataset_id = @datasetId ORDER BY seq DESC LIMIT 1 OFFSET ${keptChanges})`);
  const pruneChanges = db.prepare(`DELETE FROM dataset_changes WHERE seq IN
    (SELECT seq FROM dataset_changes WHERE dataset_id = @datasetId AND seq <=
      (SELECT seq FROM dataset_changes WHERE dataset_id = @datasetId ORDER BY seq DESC LIMIT 1 OFFSET @most)
     LIMIT ${shedStep})`);
  const changes =
    db.prepare(`SELECT at, job_id AS jobId, kind, table_name AS "table", column_name AS "column", before, after
    FROM dataset_changes WHERE dataset_id = ? ORDER BY seq DESC LIMIT ?`);

  const currentOf = (datasetId: string) =>
    current.get(datasetId) as { jobId: string; version: number } | undefined;
  const tableOf = (datasetId: string, version: number, position: number): DictionaryTable | null => {
    const described = table.get({ datasetId, version, position }) as string | undefined;
    return described === undefined ? null : (JSON.parse(described) as DictionaryTable);
  };

  return {
    /** Which version counts; another text after every publish. Null before the first one. */
    state(datasetId: string): string | null {
      const known = currentOf(datasetId);
      return known ? `${known.version} ${known.jobId}` : null;
    },
    /** One table of what is published; null where there is none at this place. */
    table(datasetId: string, position: number): DictionaryTable | null {
      const known = currentOf(datasetId);
      return known ? tableOf(datasetId, known.version, position) : null;
    },
    /** All of one version; others get their turn after every table. Null before the first publish. */
    async read(datasetId: string): Promise<{ jobId: string; tables: DictionaryTable[] } | null> {
      for (;;) {
        const known = currentOf(datasetId);
        if (!known) return null;
        const tables = await this.version(datasetId, known.version);
        // Published anew meanwhile: what was being read may be gone in parts.
        if (currentOf(datasetId)?.version === known.version) return { jobId: known.jobId, tables };
      }
    },
    /** All tables of a version that need not count yet; others get their turn after every table. */
    async version(datasetId: string, version: number): Promise<DictionaryTable[]> {
      const tables: DictionaryTable[] = [];
      for (;;) {
        const found = tableOf(datasetId, version, tables.length);
        if (found === null) return tables;
        tables.push(found);
        await nextTurn();
      }
    },
    /** A number that no version of this dataset has. */
    nextVersion: (datasetId: string): number => next.get({ datasetId }) as number,
    /** Writes a table, as JSON, of a version that does not count yet. */
    add: (datasetId: string, item: { version: number; position: number; described: string }): void =>
      void add.run({ datasetId, ...item }),
    /** From now on this version counts. */
    publish(
      datasetId: string,
      { jobId, version }: { jobId: string; version: number },
      drift: readonly Drift[],
    ): void {
      point.run({ datasetId, jobId, version });
      for (const change of drift) append.run({ datasetId, ...change });
      if (drift.length > 0) trim.run({ datasetId });
    },
    /** Removes a few tables of versions that do not count; false when there are no more. */
    prune: (datasetId: string): boolean => prune.run({ datasetId }).changes > 0,
    /** Forgets some of the changes of a dataset but the newest `most`: how many. */
    pruneChanges: (datasetId: string, most: number): number => pruneChanges.run({ datasetId, most }).changes,
    /**
     * Of a dataset that is about to be deleted: removes some of what is known of its changes, and then of its tables unless
     * they are handed over; false when there is no more.
     */
    shed: (datasetId: string, tablesToo: boolean): boolean =>
      shedChanges.run(datasetId).changes > 0 || (tablesToo && shedTables.run(datasetId).changes > 0),
    /** Newest first. */
    changes: (datasetId: string, limit: number): Drift[] => changes.all(datasetId, limit) as Drift[],
  };
}
