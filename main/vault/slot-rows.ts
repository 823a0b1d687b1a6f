import type { SlotKind } from '../../preload/contract/models.ts';
import type { Db } from '../store/db.ts';

/** One seal of the data key. All of them hold the same key: the one that `data_key` has the version of. */
export interface SlotRow {
  readonly id: string;
  readonly kind: SlotKind;
  /** Who sealed it, in words; empty for one of an older Headgate until it opens. */
  readonly label: string;
  readonly sealed: Uint8Array;
  readonly created_at: string;
  /** When it was last seen to open, to the hour; null when it never was. */
  readonly opened_at: string | null;
  /** The slot that this one leaves for, once that has opened after a restart. */
  readonly replaced_by: string | null;
}

/** The slots in the file, oldest first. Who changes several of them does it in a transaction. */
export function createSlotRows(db: Db) {
  const all = db.prepare('SELECT * FROM key_slots ORDER BY rowid');
  const insert =
    db.prepare(`INSERT INTO key_slots (id, kind, label, sealed, created_at, opened_at, replaced_by)
    VALUES (@id, @kind, @label, @sealed, @created_at, @opened_at, @replaced_by)`);
  const reseal = db.prepare('UPDATE key_slots SET sealed = ? WHERE id = ?');
  const opened = db.prepare('UPDATE key_slots SET label = ?, opened_at = ? WHERE id = ?');
  const replace = db.prepare('UPDATE key_slots SET replaced_by = @by WHERE @id IN (id, replaced_by)');
  const stay = db.prepare('UPDATE key_slots SET replaced_by = NULL WHERE replaced_by = ?');
  const remove = db.prepare('DELETE FROM key_slots WHERE id = ?');
  const removeReplaced = db.prepare('DELETE FROM key_slots WHERE replaced_by = ? RETURNING *');
  const removeAll = db.prepare('DELETE FROM key_slots');
  return {
    all: (): SlotRow[] => all.all() as SlotRow[],
    insert: (row: SlotRow): void => void insert.run(row),
    reseal: (id: string, sealed: Uint8Array): void => void reseal.run(sealed, id),
    opened: (id: string, label: string, at: string): void => void opened.run(label, at, id),
    /** It leaves for another one, and so does what was to leave for it. */
    replace: (id: string, by: string): void => void replace.run({ id, by }),
    /** What was to leave for it stays. */
    remove(id: string): void {
      stay.run(id);
      remove.run(id);
    },
    /** Removes, and answers, what was to leave for it. */
    removeReplaced: (by: string): SlotRow[] => removeReplaced.all(by) as SlotRow[],
    removeAll: (): void => void removeAll.run(),
  };
}
