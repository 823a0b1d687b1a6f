import type { Connection } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import { type Db, insistUnique } from './db.ts';

type Row = Record<string, string | number | null>;
export type StoredConnection = Omit<Connection, 'hasSecret'>;

/** What a new connection needs; secrets are not among it, they go to the vault. */
export type NewConnection = Pick<
  StoredConnection,
  'id' | 'name' | 'environment' | 'description' | 'host' | 'port' | 'database' | 'tlsMode' | 'tlsCa'
>;

/** Database connections. */
export function connectionRepository(db: Db) {
  const columns = `c.*, (SELECT json_group_array(json_object('id', p.id, 'name', p.name))
    FROM (SELECT id, name FROM projects WHERE connection_id = c.id ORDER BY name COLLATE NOCASE) p) AS used_by`;
  const list = db.prepare(
    `SELECT ${columns} FROM database_connections c ORDER BY name COLLATE NOCASE, environment`,
  );
  const get = db.prepare(`SELECT ${columns} FROM database_connections c WHERE id = ?`);
  const insert = db.prepare(`INSERT INTO database_connections
    (id, name, environment, description, engine, host, port, database, tls_mode, tls_ca, created_by, created_at, updated_at)
    VALUES (@id, @name, @environment, @description, 'postgres', @host, @port, @database, @tlsMode, @tlsCa, @createdBy, @now, @now)`);
  const update = db.prepare(`UPDATE database_connections SET name = @name, environment = @environment,
    description = @description, host = @host, port = @port, database = @database, tls_mode = @tlsMode, tls_ca = @tlsCa,
    last_test = @lastTest, updated_at = @now WHERE id = @id`);
  const setTest = db.prepare('UPDATE database_connections SET last_test = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM database_connections WHERE id = ?');

  const read = (row: Row): StoredConnection => ({
    id: row['id'] as string,
    name: row['name'] as string,
    environment: row['environment'] as StoredConnection['environment'],
    description: row['description'] as string,
    engine: 'postgres',
    host: row['host'] as string,
    port: row['port'] as number,
    database: row['database'] as string,
    tlsMode: row['tls_mode'] as StoredConnection['tlsMode'],
    tlsCa: row['tls_ca'] as string | null,
    lastTest: row['last_test'] === null ? null : JSON.parse(row['last_test'] as string),
    usedBy: JSON.parse(row['used_by'] as string),
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  });
  const unique = (item: { name: string; environment: string }, write: () => void): void =>
    insistUnique(`There is already a connection named “${item.name}” for ${item.environment}.`, write);

  return {
    list: (): StoredConnection[] => (list.all() as Row[]).map(read),
    find(id: string): StoredConnection | null {
      const row = get.get(id) as Row | undefined;
      return row ? read(row) : null;
    },
    /** Fails with NOT_FOUND. */
    get(id: string): StoredConnection {
      const found = this.find(id);
      if (!found) throw new AppError('NOT_FOUND', 'This database connection no longer exists.');
      return found;
    },
    /** Fails with NAME_TAKEN. */
    create(item: NewConnection, createdBy: string, now: string): StoredConnection {
      unique(item, () => insert.run({ ...item, createdBy, now }));
      return this.get(item.id);
    },
    /** Replaces the given fields; a change of where it points forgets the last test. Fails with NAME_TAKEN. */
    update(id: string, change: Partial<NewConnection>, forgetTest: boolean, now: string): StoredConnection {
      const next = { ...this.get(id), ...change };
      const lastTest = forgetTest || next.lastTest === null ? null : JSON.stringify(next.lastTest);
      const { usedBy: _, createdAt: __, updatedAt: ___, engine: ____, ...fields } = next;
      unique(next, () => update.run({ ...fields, lastTest, now }));
      return this.get(id);
    },
    recordTest(id: string, test: Connection['lastTest']): void {
      setTest.run(test === null ? null : JSON.stringify(test), id);
    },
    /** Fails with IN_USE, naming the projects. */
    delete: db.transaction((id: string): void => {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', 'This database connection no longer exists.');
      const found = read(row);
      if (found.usedBy.length > 0) {
        const names = found.usedBy.map((project) => `“${project.name}”`).join(', ');
        throw new AppError('IN_USE', `The connection “${found.name}” is used by ${names}.`);
      }
      remove.run(id);
    }).immediate,
  };
}
