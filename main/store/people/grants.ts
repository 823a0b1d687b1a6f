import type { Grant } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

export type GrantLevel = Grant['level'];

/** Who may use or manage single connections beyond their role, and which connections are only for those. */
export function grantRepository(db: Db) {
  const columns = `g.connection_id AS connectionId, g.person_id AS personId, p.name AS personName, g.level,
    g.granted_by AS grantedBy, g.at FROM connection_grants g JOIN people p ON p.id = g.person_id`;
  const list = db.prepare(`SELECT ${columns} WHERE g.connection_id = ? ORDER BY p.name COLLATE NOCASE`);
  const level = db
    .prepare('SELECT level FROM connection_grants WHERE connection_id = ? AND person_id = ?')
    .pluck();
  const ofPerson = db.prepare('SELECT connection_id, level FROM connection_grants WHERE person_id = ?').raw();
  const access = db.prepare('SELECT access FROM database_connections WHERE id = ?').pluck();
  const put =
    db.prepare(`INSERT INTO connection_grants (connection_id, person_id, level, granted_by, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (connection_id, person_id) DO UPDATE SET level = excluded.level, granted_by = excluded.granted_by, at = excluded.at`);
  const remove = db.prepare('DELETE FROM connection_grants WHERE connection_id = ? AND person_id = ?');

  return {
    list: (connectionId: string): Grant[] => list.all(connectionId) as Grant[],
    level: (personId: string, connectionId: string): GrantLevel | null =>
      (level.get(connectionId, personId) as GrantLevel | undefined) ?? null,
    /** All of one person, by connection. */
    ofPerson: (personId: string): Map<string, GrantLevel> =>
      new Map(ofPerson.all(personId) as [string, GrantLevel][]),
    /** Whether only people with a grant may use it; false for one that is not there. */
    isRestricted: (connectionId: string): boolean => access.get(connectionId) === 'granted',
    put(grant: Omit<Grant, 'personName'>): void {
      put.run(grant.connectionId, grant.personId, grant.level, grant.grantedBy, grant.at);
    },
    remove(connectionId: string, personId: string): void {
      remove.run(connectionId, personId);
    },
  };
}
