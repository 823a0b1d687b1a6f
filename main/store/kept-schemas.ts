import type { DictionaryTable, KeptSchema } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { StoredDataset } from './datasets.ts';
import type { Db } from './db.ts';

type Row = Record<string, string | null>;

/** What a dataset that takes the schema up again goes on from. */
export interface KeptState {
  readonly names: unknown;
  readonly dictionary: { readonly jobId: string; readonly tables: readonly DictionaryTable[] } | null;
}

/** Schemas of datasets that are gone, as long as they are in a database. */
export function keptSchemaRepository(db: Db) {
  const columns = `id, schema_name AS schemaName, connection_id AS connectionId, connection_name AS connectionName,
    project_id AS projectId, project_name AS projectName, source_id AS sourceId, source_name AS sourceName,
    person_id AS personId, person_name AS personName, data_as_of AS dataAsOf, row_counts AS rowCounts, kept_at AS keptAt`;
  const list = db.prepare(`SELECT ${columns} FROM kept_schemas ORDER BY kept_at DESC, schema_name`);
  const get = db.prepare(`SELECT ${columns} FROM kept_schemas WHERE id = ?`);
  const state = db.prepare(
    'SELECT names, dictionary, dictionary_job AS jobId FROM kept_states WHERE kept_id = ?',
  );
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
  const insertState = db.prepare(`INSERT INTO kept_states (kept_id, names, dictionary, dictionary_job)
    SELECT d.id, n.names, y.tables, y.job_id FROM materialised_datasets d
    LEFT JOIN dataset_names n ON n.dataset_id = d.id
    LEFT JOIN dataset_dictionaries y ON y.dataset_id = d.id
    WHERE d.id = ?`);
  const remove = db.prepare('DELETE FROM kept_schemas WHERE id = ?');

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
      if (!row) throw new AppError('NOT_FOUND', 'Nothing is kept under this id any more.');
      return read(row);
    },
    state(id: string): KeptState {
      const row = state.get(id) as Record<'names' | 'dictionary' | 'jobId', string | null> | undefined;
      const tables = row?.dictionary ?? null;
      return {
        names: row?.names == null ? null : JSON.parse(row.names),
        dictionary:
          tables === null
            ? null
            : { jobId: row?.jobId ?? '', tables: JSON.parse(tables) as DictionaryTable[] },
      };
    },
    isSchemaTaken: (name: string): boolean => taken.get(name) !== undefined,
    /** Writes down the schema of a dataset that is about to be deleted. */
    keep(dataset: Pick<StoredDataset, 'id'>, now: string): void {
      insert.run({ id: dataset.id, now });
      insertState.run(dataset.id);
    },
    delete: (id: string): void => void remove.run(id),
  };
}
