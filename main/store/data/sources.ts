import type { DatasetChoice, Source } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistUnique } from '../db.ts';

type Row = Record<string, string | number | null>;
export type StoredSource = Omit<Source, 'credential' | 'hasClientSecret'>;
type Fields = Pick<
  StoredSource,
  'id' | 'name' | 'sourceType' | 'baseUrl' | 'clientId' | 'clientAuth' | 'settings' | 'tlsCa' | 'isActive'
>;

/** Data sources. */
export function sourceRepository(db: Db) {
  const columns = `s.*, (SELECT json_group_array(json_object('id', u.id, 'name', u.name)) FROM
    (SELECT p.id, p.name FROM project_data_sources l JOIN projects p ON p.id = l.project_id
     WHERE l.data_source_id = s.id ORDER BY p.name COLLATE NOCASE) u) AS used_by,
    (SELECT c.name FROM database_connections c WHERE c.id = s.connection_id) AS connection_name FROM data_sources s`;
  const list = db.prepare(`SELECT ${columns} ORDER BY s.name COLLATE NOCASE`);
  const get = db.prepare(`SELECT ${columns} WHERE s.id = +?`);
  const insert = db.prepare(`INSERT INTO data_sources
    (id, name, source_type, base_url, client_id, client_auth, settings, tls_ca, created_by, created_at, updated_at)
    VALUES (@id, @name, @sourceType, @baseUrl, @clientId, @clientAuth, @settings, @tlsCa, @createdBy, @now, @now)`);
  const update = db.prepare(`UPDATE data_sources SET name = @name, base_url = @baseUrl, client_id = @clientId,
    client_auth = @clientAuth, settings = @settings, tls_ca = @tlsCa, is_active = @isActive, updated_at = @now WHERE id = @id`);
  const found = db.prepare('UPDATE data_sources SET found_datasets = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM data_sources WHERE id = ?');
  const over = db.prepare(
    'SELECT id, name FROM data_sources WHERE connection_id = ? ORDER BY name COLLATE NOCASE',
  );

  const read = (row: Row): StoredSource => ({
    id: row['id'] as string,
    name: row['name'] as string,
    sourceType: row['source_type'] as StoredSource['sourceType'],
    baseUrl: row['base_url'] as string,
    readOver:
      row['connection_id'] === null
        ? null
        : { id: row['connection_id'] as string, name: row['connection_name'] as string },
    clientId: row['client_id'] as string,
    clientAuth: row['client_auth'] as StoredSource['clientAuth'],
    settings: JSON.parse(row['settings'] as string),
    isActive: row['is_active'] === 1,
    tlsCa: row['tls_ca'] as string | null,
    datasets: JSON.parse(row['found_datasets'] as string),
    usedBy: JSON.parse(row['used_by'] as string),
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  });
  const unique = (name: string, write: () => void): void =>
    insistUnique(say('store.alreadyDataSourceNamed', { name }), write);

  return {
    list: (): StoredSource[] => (list.all() as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): StoredSource {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.dataSourceNoLonger'));
      return read(row);
    },
    /** Switched on. Fails with NAME_TAKEN. */
    create(
      {
        clientAuth = null,
        ...item
      }: Omit<Fields, 'isActive' | 'clientAuth'> & Partial<Pick<Fields, 'clientAuth'>>,
      createdBy: string,
      now: string,
    ): StoredSource {
      unique(item.name, () =>
        insert.run({ ...item, clientAuth, settings: JSON.stringify(item.settings), createdBy, now }),
      );
      return this.get(item.id);
    },
    /** Fails with NAME_TAKEN. */
    update(id: string, change: Partial<Fields>, now: string): StoredSource {
      const { name, baseUrl, clientId, clientAuth, settings, tlsCa, isActive } = {
        ...this.get(id),
        ...change,
      };
      unique(name, () =>
        update.run({
          ...{ id, name, baseUrl, clientId, clientAuth, tlsCa, settings: JSON.stringify(settings) },
          isActive: isActive ? 1 : 0,
          now,
        }),
      );
      return this.get(id);
    },
    /** Those that are read over a connection. */
    readOver: (connectionId: string): { id: string; name: string }[] =>
      over.all(connectionId) as { id: string; name: string }[],
    /** What it said that it has of its own. */
    putDatasets: (id: string, datasets: readonly DatasetChoice[]): void =>
      void found.run(JSON.stringify(datasets), id),
    delete(id: string): void {
      this.get(id);
      remove.run(id);
    },
  };
}
