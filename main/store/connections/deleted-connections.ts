import type { DeletedConnection } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { gone, type Row, read, summaryColumns, uniquely, usedBy } from './connections.ts';

/** A deleted connection, as far as it is of use to who asks whether its days are over. */
export interface DeletedRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly deletedAt: string;
  /** When it was first seen that its days are over; null while they are not. */
  readonly overSince: string | null;
}

/** A deleted connection, without what the clock says about it. */
export type StoredDeleted = Omit<DeletedConnection, 'removedAt'> & {
  readonly access: 'everyone' | 'granted';
};

/** Connections that were deleted and can be restored. Their secrets are none of the store's. */
export function deletedConnectionRepository(db: Db) {
  const present = db.prepare(
    `SELECT ${summaryColumns}, ${usedBy} FROM database_connections c WHERE id = ? AND deleted_at IS NULL`,
  );
  const openLogins = db
    .prepare("SELECT count(*) FROM leased_logins WHERE connection_id = ? AND state <> 'ended'")
    .pluck();
  const readBy = db
    .prepare('SELECT name FROM data_sources WHERE connection_id = ? ORDER BY name COLLATE NOCASE')
    .pluck();
  // What was found with its secrets is not known of it without them.
  const markDeleted =
    db.prepare(`UPDATE database_connections SET deleted_at = @at, deleted_by = @by, rotation = NULL,
    last_test = NULL, health_state = 'unknown', health_since = NULL, health_at = NULL, health_latency = NULL,
    health_message = NULL, onboarding = 'not_started' WHERE id = @id`);
  const unmark =
    db.prepare(`UPDATE database_connections SET deleted_at = NULL, deleted_by = NULL, over_since = NULL,
    name = @name, environment = @environment, last_test = NULL, onboarding = 'not_started', updated_at = @at
    WHERE id = @id AND deleted_at IS NOT NULL`);
  const list =
    db.prepare(`SELECT id, name, environment, engine, host, port, database, access, deleted_at AS deletedAt,
    deleted_by AS deletedBy FROM database_connections WHERE deleted_at IS NOT NULL
    ORDER BY deleted_at DESC, name COLLATE NOCASE, id`);
  const rows =
    db.prepare(`SELECT id, name, created_at AS createdAt, deleted_at AS deletedAt, over_since AS overSince
    FROM database_connections WHERE deleted_at IS NOT NULL ORDER BY deleted_at, id`);
  const named = db
    .prepare(
      'SELECT 1 FROM database_connections WHERE name = ? AND environment = ? AND deleted_at IS NOT NULL LIMIT 1',
    )
    .pluck();
  const setOver = db.prepare(
    'UPDATE database_connections SET over_since = @at WHERE id = @id AND deleted_at = @deletedAt',
  );
  const setDeletedAt = db.prepare(
    'UPDATE database_connections SET deleted_at = @at, over_since = NULL WHERE id = @id AND deleted_at = @deletedAt',
  );
  const remove = db.prepare('DELETE FROM database_connections WHERE id = ? AND deleted_at = ?');
  const endedLogins = db.prepare("DELETE FROM leased_logins WHERE connection_id = ? AND state = 'ended'");

  return {
    /** Deletes one that is there. Fails with NOT_FOUND or IN_USE, naming the projects, or the sources that are read over it. */
    delete: db.transaction((id: string, by: string, at: string): void => {
      const row = present.get(id) as Row | undefined;
      if (!row) throw gone();
      const found = read(row);
      if (found.usedBy.length > 0) {
        const names = found.usedBy.map((project) => `“${project.name}”`).join(', ');
        throw new AppError('IN_USE', say('store.connectionUsed', { connection: found.name, names }));
      }
      const sources = readBy.all(id) as string[];
      if (sources.length > 0)
        throw new AppError(
          'IN_USE',
          say('store.connectionRead', { connection: found.name, names: { quoted: sources } }),
        );
      // A role that was made meanwhile could not be dropped any more.
      if ((openLogins.get(id) as number) > 0)
        throw new AppError('IN_USE', say('store.connectionLends', { connection: found.name }));
      endedLogins.run(id);
      markDeleted.run({ id, by, at });
    }).immediate,
    /** The latest first. */
    list: (): StoredDeleted[] => list.all() as StoredDeleted[],
    /** Fails with NOT_FOUND. */
    find(id: string): StoredDeleted {
      const found = this.list().find((each) => each.id === id);
      if (!found) throw gone();
      return found;
    },
    rows: (): DeletedRow[] => rows.all() as DeletedRow[],
    isNamed: (name: string, environment: string): boolean => named.get(name, environment) !== undefined,
    /** Fails with NOT_FOUND or NAME_TAKEN. */
    restore(id: string, as: { readonly name: string; readonly environment: string }, at: string): void {
      uniquely(as, () => {
        const { name, environment } = as;
        if (unmark.run({ id, name, environment, at }).changes === 0) throw gone();
      });
    },
    setOver: ({ id, deletedAt }: DeletedRow, at: string | null): void =>
      void setOver.run({ id, deletedAt, at }),
    /** Its days begin now. */
    beginDays: ({ id, deletedAt }: DeletedRow, at: string): void =>
      void setDeletedAt.run({ id, deletedAt, at }),
    /** Removes it with everything that was known of it; false where it was restored meanwhile. */
    remove: db.transaction(({ id, deletedAt }: Pick<DeletedRow, 'id' | 'deletedAt'>): boolean => {
      endedLogins.run(id);
      return remove.run(id, deletedAt).changes > 0;
    }).immediate,
  };
}
