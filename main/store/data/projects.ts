import type { Project, Usage } from '../../../preload/contract/models.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistUnique } from '../db.ts';

type Row = Record<string, string | number | null>;
type Fields = Pick<Project, 'id' | 'name' | 'connectionId' | 'dbSchema'>;

/** Projects. */
export function projectRepository(db: Db) {
  const columns = `p.*, c.name AS connection_name, c.environment,
    (SELECT count(*) FROM project_data_sources l WHERE l.project_id = p.id) AS links
    FROM projects p JOIN database_connections c ON c.id = p.connection_id`;
  const list = db.prepare(`SELECT ${columns} ORDER BY p.name COLLATE NOCASE`);
  const get = db.prepare(`SELECT ${columns} WHERE p.id = +?`);
  const byName = db.prepare(`SELECT ${columns} WHERE p.name = +?`);
  const insert =
    db.prepare(`INSERT INTO projects (id, name, connection_id, db_schema, created_by, created_at, updated_at)
    VALUES (@id, @name, @connectionId, @dbSchema, @createdBy, @now, @now)`);
  const update = db.prepare(
    'UPDATE projects SET name = @name, connection_id = @connectionId, db_schema = @dbSchema, updated_at = @now WHERE id = @id',
  );
  const remove = db.prepare('DELETE FROM projects WHERE id = ?');

  const usage = db.prepare(`SELECT p.id, p.name,
      (SELECT count(*) FROM project_data_sources l WHERE l.project_id = p.id) AS links,
      (SELECT count(*) FROM materialised_datasets d JOIN project_data_sources l ON l.id = d.link_id
        WHERE l.project_id = p.id) AS datasets,
      (SELECT count(*) FROM sync_jobs j JOIN materialised_datasets d ON d.id = j.dataset_id
        JOIN project_data_sources l ON l.id = d.link_id
        WHERE l.project_id = p.id AND j.status IN ('queued', 'running')) AS running,
      (SELECT max(d.data_as_of) FROM materialised_datasets d JOIN project_data_sources l ON l.id = d.link_id
        WHERE l.project_id = p.id) AS lastSync
    FROM projects p WHERE p.connection_id = ? ORDER BY p.name COLLATE NOCASE`);

  const read = (row: Row): Project => ({
    id: row['id'] as string,
    name: row['name'] as string,
    connectionId: row['connection_id'] as string,
    connectionName: row['connection_name'] as string,
    environment: row['environment'] as Project['environment'],
    dbSchema: row['db_schema'] as string,
    links: row['links'] as number,
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  });
  const unique = (name: string, write: () => void): void =>
    insistUnique(`There is already a project named “${name}”.`, write);

  return {
    list: (): Project[] => (list.all() as Row[]).map(read),
    findNamed(name: string): Project | null {
      const row = byName.get(name) as Row | undefined;
      return row ? read(row) : null;
    },
    /** The projects of a connection, with what goes on in them. */
    usageOf: (connectionId: string): Usage['projects'] => usage.all(connectionId) as Usage['projects'],
    /** Fails with NOT_FOUND. */
    get(id: string): Project {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', 'This project no longer exists.');
      return read(row);
    },
    /** Fails with NAME_TAKEN. */
    create(item: Fields, createdBy: string, now: string): Project {
      unique(item.name, () => insert.run({ ...item, createdBy, now }));
      return this.get(item.id);
    },
    /** Fails with NAME_TAKEN. */
    update(id: string, change: Partial<Fields>, now: string): Project {
      const { name, connectionId, dbSchema } = { ...this.get(id), ...change };
      unique(name, () => update.run({ id, name, connectionId, dbSchema, now }));
      return this.get(id);
    },
    delete(id: string): void {
      this.get(id);
      remove.run(id);
    },
  };
}
