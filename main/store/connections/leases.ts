import type { LeasedLogin } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistThere } from '../db.ts';
import { gone } from './connections.ts';

export interface StoredLease extends LeasedLogin {
  readonly personId: string | null;
}

/** Leased logins: written down before the role is made, so that none is ever forgotten in a database. */
export function leaseRepository(db: Db) {
  const columns = `l.id, l.connection_id AS connectionId, c.name AS connectionName, l.person_id AS personId,
    l.person_name AS personName, l.role_name AS user, l.state, l.created_at AS createdAt, l.valid_until AS validUntil
    FROM leased_logins l JOIN database_connections c ON c.id = l.connection_id`;
  const list = db.prepare(`SELECT ${columns} ORDER BY l.created_at DESC LIMIT 1000`);
  const listOf = db.prepare(
    `SELECT ${columns} WHERE l.connection_id = ? ORDER BY l.created_at DESC LIMIT 1000`,
  );
  const open = db.prepare(`SELECT ${columns} WHERE l.state <> 'ended' ORDER BY l.created_at`);
  const get = db.prepare(`SELECT ${columns} WHERE l.id = ?`);
  const insert =
    db.prepare(`INSERT INTO leased_logins (id, connection_id, person_id, person_name, role_name, state, created_at, valid_until)
    VALUES (@id, @connectionId, @personId, @personName, @user, 'active', @createdAt, @validUntil)`);
  const setState = db.prepare('UPDATE leased_logins SET state = ? WHERE id = ?');
  const removeEnded = db.prepare("DELETE FROM leased_logins WHERE state = 'ended' AND connection_id = ?");
  const prune = db.prepare(`DELETE FROM leased_logins WHERE id IN
    (SELECT id FROM leased_logins WHERE state = 'ended' AND valid_until < ? LIMIT 500)`);
  return {
    list: (connectionId: string | null): StoredLease[] =>
      (connectionId === null ? list.all() : listOf.all(connectionId)) as StoredLease[],
    /** Those whose role may still be there. */
    open: (): StoredLease[] => open.all() as StoredLease[],
    /** Fails with NOT_FOUND. */
    get(id: string): StoredLease {
      const found = get.get(id) as StoredLease | undefined;
      if (!found) throw new AppError('NOT_FOUND', say('store.leasedLoginNotKnown'));
      return found;
    },
    create(item: Omit<StoredLease, 'connectionName' | 'state'>): StoredLease {
      insistThere(gone, () => insert.run(item));
      return this.get(item.id);
    },
    setState: (id: string, state: LeasedLogin['state']): void => void setState.run(state, id),
    /** Ended ones of a connection that is about to go. */
    forgetEnded: (connectionId: string): void => void removeEnded.run(connectionId),
    /** Forgets some ended ones that were valid until before a moment: how many. */
    prune: (before: string): number => prune.run(before).changes,
  };
}
