import type { Person } from '../../preload/contract/models.ts';
import type { Role } from '../../preload/contract/permissions.ts';
import { AppError } from '../errors.ts';
import type { Db } from './db.ts';

type Row = Record<string, string>;

/** People and the roles they hold. */
export function peopleRepository(db: Db) {
  const columns = `p.id, p.name, (SELECT json_group_array(role) FROM
    (SELECT role FROM person_roles WHERE person_id = p.id ORDER BY role)) AS roles FROM people p`;
  const list = db.prepare(`SELECT ${columns} ORDER BY p.created_at, p.rowid`);
  const get = db.prepare(`SELECT ${columns} WHERE p.id = ?`);
  const insert = db.prepare('INSERT INTO people (id, name, created_at) VALUES (?, ?, ?)');
  const grant = db.prepare('INSERT INTO person_roles (person_id, role) VALUES (?, ?)');
  const revokeAll = db.prepare('DELETE FROM person_roles WHERE person_id = ?');
  const read = (row: Row): Person => ({
    id: row['id'] as string,
    name: row['name'] as string,
    roles: JSON.parse(row['roles'] as string),
  });

  return {
    list: (): Person[] => (list.all() as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): Person {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', 'This person is not known here.');
      return read(row);
    },
    create: db.transaction((id: string, name: string, roles: readonly Role[], now: string): void => {
      insert.run(id, name, now);
      for (const role of roles) grant.run(id, role);
    }),
    setRoles: db.transaction((id: string, roles: readonly Role[]): void => {
      revokeAll.run(id);
      for (const role of roles) grant.run(id, role);
    }),
  };
}
