import type { Db } from '../store/db.ts';
import { openBytes, sealBytes } from './aead.ts';
import type { DataKey, DataKeys } from './data-key.ts';

/** What was found of a note; `shut` where the vault is not open now. */
export type Note =
  | { readonly state: 'absent' | 'shut' | 'damaged' }
  | { readonly state: 'read'; readonly text: string };

/**
 * Short texts that are no secrets, but that nobody can have written who did not have the data key: sealed under it, beside the
 * secrets. They are read and written only while the vault is open; nobody is ever asked for a passphrase because of them.
 */
export interface VaultNotes {
  read(name: string): Note;
  /** Writes what `change` makes of it, unless that is null; no other process writes meanwhile. Nothing where the vault is shut. */
  change(name: string, change: (before: Note) => string | null): void;
}

const contextOf = (name: string, version: number): string => JSON.stringify(['headgate note', name, version]);

export function createNotes(db: Db, keys: Pick<DataKeys, 'opened'>, random: (bytes: number) => Buffer) {
  const select = db.prepare('SELECT name, key_version, sealed FROM notes');
  const put = db.prepare('INSERT OR REPLACE INTO notes (name, key_version, sealed) VALUES (?, ?, ?)');
  const deleteAll = db.prepare('DELETE FROM notes');
  interface Row {
    readonly name: string;
    readonly key_version: number;
    readonly sealed: Uint8Array;
  }
  const all = (): Row[] => select.all() as Row[];
  const textOf = (row: Row, by: DataKey): string | null => {
    try {
      return openBytes(by.bytes, row.sealed, contextOf(row.name, row.key_version)).toString('utf8');
    } catch {
      return null;
    }
  };
  const store = (by: DataKey, name: string, text: string): void => {
    const sealed = sealBytes(by.bytes, Buffer.from(text), contextOf(name, by.version), random);
    put.run(name, by.version, sealed);
  };
  const read = (name: string): Note => {
    const by = keys.opened();
    if (!by) return { state: 'shut' };
    const row = all().find((each) => each.name === name);
    if (!row) return { state: 'absent' };
    const text = textOf(row, by);
    return text === null ? { state: 'damaged' } : { state: 'read', text };
  };
  const notes: VaultNotes = {
    read: db.transaction(read).deferred,
    change: db.transaction((name: string, change: (before: Note) => string | null): void => {
      const by = keys.opened();
      const text = by && change(read(name));
      if (by && text !== null) store(by, name, text);
    }).immediate,
  };
  return {
    notes,
    /** Under another key; a damaged one stays what it is. */
    reseal(from: DataKey, to: DataKey): void {
      for (const row of all()) {
        const text = textOf(row, from);
        if (text !== null) store(to, row.name, text);
      }
    },
    removeAll: (): void => void deleteAll.run(),
  };
}
