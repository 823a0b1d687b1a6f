import type { Project, Usage } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { gone } from '../connections/connections.ts';
import { type Db, insistThere, insistUnique } from '../db.ts';

type Row = Record<string, string | number | null>;
type Fields = Pick<Project, 'id' | 'name' | 'connectionId' | 'dbSchema'>;

/** What queries of a project may read and call besides its own; functions as they were when that was said. */
export interface StoredQueryScope {
  readonly schemas: readonly string[];
  readonly functions: readonly {
    readonly schema: string;
    readonly name: string;
    readonly definitions: readonly string[];
  }[];
}

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
    // What may be read besides was said of the database that the project leaves.
    `UPDATE projects SET name = @name, connection_id = @connectionId, db_schema = @dbSchema, updated_at = @now,
       query_scope = CASE WHEN connection_id = @connectionId THEN query_scope END WHERE id = @id`,
  );
  const scope = db.prepare('SELECT query_scope FROM projects WHERE id = ?').pluck();
  const setScope = db.prepare(
    'UPDATE projects SET query_scope = @scope, updated_at = @now WHERE id = @id AND connection_id = @connectionId',
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
    insistUnique(say('store.alreadyProjectNamed', { name }), () => insistThere(gone, write));

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
      if (!row) throw new AppError('NOT_FOUND', say('store.projectNoLongerExists'));
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
    /** Fails with NOT_FOUND. */
    queryScope(id: string): StoredQueryScope {
      this.get(id);
      const text = scope.get(id) as string | null;
      return text === null ? { schemas: [], functions: [] } : (JSON.parse(text) as StoredQueryScope);
    },
    /** Fails with NOT_FOUND where the project is gone, or in another database than the one that was looked at. */
    setQueryScope(id: string, connectionId: string, item: StoredQueryScope, now: string): void {
      const isNone = item.schemas.length + item.functions.length === 0;
      const text = isNone ? null : JSON.stringify(item);
      if (setScope.run({ id, connectionId, scope: text, now }).changes !== 1)
        throw new AppError('NOT_FOUND', say('store.projectNoLongerExistsAnother'));
    },
    delete(id: string): void {
      this.get(id);
      remove.run(id);
    },
  };
}
