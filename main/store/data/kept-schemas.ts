import type { KeptSchema } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';
import type { StoredDataset } from './datasets.ts';

type Row = Record<string, string | null>;

/** Schemas of datasets that are gone, as long as they are in a database. */
export function keptSchemaRepository(db: Db) {
  // One that was deleted is as good as gone until it is restored.
  const columns = `id, schema_name AS schemaName,
    (SELECT c.id FROM database_connections c WHERE c.id = connection_id AND c.deleted_at IS NULL) AS connectionId, connection_name AS connectionName,
    project_id AS projectId, project_name AS projectName, source_id AS sourceId, source_name AS sourceName,
    person_id AS personId, person_name AS personName, data_as_of AS dataAsOf, row_counts AS rowCounts, kept_at AS keptAt, replaced_by AS replacedBy`;
  const list = db.prepare(`SELECT ${columns} FROM kept_schemas ORDER BY kept_at DESC, schema_name`);
  const get = db.prepare(`SELECT ${columns} FROM kept_schemas WHERE id = ?`);
  const giveNames = db.prepare(`INSERT INTO dataset_names (dataset_id, names)
    SELECT kept_id, names FROM kept_states WHERE kept_id = ? AND names IS NOT NULL`);
  const giveDictionary = db.prepare(`INSERT INTO dataset_dictionaries (dataset_id, job_id, version)
    SELECT kept_id, ifnull(dictionary_job, ''), dictionary_version FROM kept_states
    WHERE kept_id = ? AND dictionary_version IS NOT NULL`);
  const taken = db.prepare('SELECT 1 FROM kept_schemas WHERE schema_name = ?');
  const insert = db.prepare(`INSERT INTO kept_schemas
    (id, schema_name, connection_id, connection_name, project_id, project_name, source_id, source_name, person_id, person_name,
     data_as_of, row_counts, kept_at)
    SELECT d.id, d.schema_name, p.connection_id, c.name, p.id, p.name, s.id, s.name, d.person_id, h.name,
      d.data_as_of, d.row_counts, @now
    FROM materialised_datasets d
    JOIN project_data_sources l ON l.id = d.link_id
    JOIN projects p ON p.id = l.project_id
    JOIN database_connections c ON c.id = p.connection_id
    JOIN data_sources s ON s.id = l.data_source_id
    LEFT JOIN people h ON h.id = d.person_id
    WHERE d.id = @id`);
  const insertState = db.prepare(`INSERT INTO kept_states (kept_id, names, dictionary_version, dictionary_job)
    SELECT d.id, n.names, y.version, y.job_id FROM materialised_datasets d
    LEFT JOIN dataset_names n ON n.dataset_id = d.id
    LEFT JOIN dataset_dictionaries y ON y.dataset_id = d.id
    WHERE d.id = ?`);
  const remove = db.prepare('DELETE FROM kept_schemas WHERE id = ?');
  const replacedBy = db.prepare('UPDATE kept_schemas SET replaced_by = ? WHERE id = ?');
  const replaced = db.prepare(`SELECT ${columns} FROM kept_schemas WHERE replaced_by IN
    (SELECT id FROM materialised_datasets WHERE data_as_of IS NOT NULL) ORDER BY kept_at`);

  const read = (row: Row): KeptSchema => ({
    ...(row as unknown as Omit<KeptSchema, 'rowCounts'>),
    rowCounts: JSON.parse(row['rowCounts'] as string),
  });

  return {
    /** Newest first. */
    list: (): KeptSchema[] => (list.all() as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): KeptSchema {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.nothingKeptUnderId'));
      return read(row);
    },
    /**
     * Names and dictionary go to the dataset of the same id, which has none yet, without being read. To be called before
     * `delete`, which takes along what belongs to no dataset.
     */
    handOver(id: string): void {
      giveNames.run(id);
      giveDictionary.run(id);
    },
    isSchemaTaken: (name: string): boolean => taken.get(name) !== undefined,
    /** Writes down the schema of a dataset that is about to be deleted. */
    keep(dataset: Pick<StoredDataset, 'id'>, now: string): void {
      insert.run({ id: dataset.id, now });
      insertState.run(dataset.id);
    },
    /** It goes once the tables of that dataset are there; null: it stays. */
    replacedBy: (id: string, datasetId: string | null): void => void replacedBy.run(datasetId, id),
    /** Those that are to go, and whose replacement is there. */
    replaced: (): KeptSchema[] => (replaced.all() as Row[]).map(read),
    delete: (id: string): void => void remove.run(id),
  };
}
