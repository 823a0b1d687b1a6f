import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import { openBytes, sealBytes } from './aead.ts';
import type { DataKey } from './data-key.ts';
import { type SecretFields, wipeFields } from './open-secrets.ts';

interface SecretRow {
  record_id: string;
  field: string;
  key_version: number;
  sealed: Uint8Array;
}

/** Associated data: a sealed value moved to another record, field or key version does not open. */
const contextOf = (recordId: string, field: string, version: number): string =>
  JSON.stringify(['headgate secret', recordId, field, version]);

/** The sealed secrets in the file. Who writes several of them at once does it in a transaction. */
export function createSecretRows(db: Db, random: (bytes: number) => Buffer) {
  const selectAll = db.prepare('SELECT * FROM secrets');
  const selectRecord = db.prepare('SELECT * FROM secrets WHERE record_id = ?');
  const hasRecord = db.prepare('SELECT 1 FROM secrets WHERE record_id = ? LIMIT 1');
  const hasField = db.prepare('SELECT 1 FROM secrets WHERE record_id = ? AND field = ?');
  const count = db.prepare('SELECT count(DISTINCT record_id) AS n FROM secrets');
  const insert = db.prepare(
    'INSERT INTO secrets (record_id, field, key_version, sealed) VALUES (?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE secrets SET key_version = ?, sealed = ? WHERE record_id = ? AND field = ?',
  );
  const deleteRecord = db.prepare('DELETE FROM secrets WHERE record_id = ?');
  const deleteField = db.prepare('DELETE FROM secrets WHERE record_id = ? AND field = ?');
  const deleteAll = db.prepare('DELETE FROM secrets');

  const seal = (by: DataKey, recordId: string, field: string, plain: Uint8Array): Buffer =>
    sealBytes(by.bytes, plain, contextOf(recordId, field, by.version), random);
  const open = (row: SecretRow, by: DataKey): Buffer => {
    try {
      return openBytes(by.bytes, row.sealed, contextOf(row.record_id, row.field, row.key_version));
    } catch (cause) {
      const text = say('vault.storedSecretCanNot');
      throw new AppError('VAULT_DAMAGED', text, { cause });
    }
  };
  const add = (by: DataKey, recordId: string, fields: SecretFields): void => {
    for (const [field, plain] of fields)
      insert.run(recordId, field, by.version, seal(by, recordId, field, plain));
  };

  return {
    has: (recordId: string, field?: string): boolean =>
      (field === undefined ? hasRecord.get(recordId) : hasField.get(recordId, field)) !== undefined,
    countRecords: (): number => (count.get() as { n: number }).n,
    /** Buffers that the caller owns; null when the record has none. */
    read(by: DataKey, recordId: string): SecretFields | null {
      const fields: SecretFields = new Map();
      try {
        for (const row of selectRecord.all(recordId) as SecretRow[]) fields.set(row.field, open(row, by));
      } catch (error) {
        wipeFields(fields);
        throw error;
      }
      return fields.size === 0 ? null : fields;
    },
    replace(by: DataKey, recordId: string, fields: SecretFields): void {
      deleteRecord.run(recordId);
      add(by, recordId, fields);
    },
    patch(by: DataKey, recordId: string, fields: SecretFields, removed: readonly string[]): void {
      for (const field of [...removed, ...fields.keys()]) deleteField.run(recordId, field);
      add(by, recordId, fields);
    },
    addMissing(by: DataKey, recordId: string, fields: SecretFields): void {
      for (const [field, plain] of fields)
        if (hasField.get(recordId, field) === undefined) add(by, recordId, new Map([[field, plain]]));
    },
    /** Everything under another key. */
    reseal(from: DataKey, to: DataKey): void {
      for (const row of selectAll.all() as SecretRow[]) {
        const plain = open(row, from);
        update.run(to.version, seal(to, row.record_id, row.field, plain), row.record_id, row.field);
        plain.fill(0);
      }
    },
    /** Whether there was anything. */
    remove: (recordId: string): boolean => deleteRecord.run(recordId).changes > 0,
    removeAll: (): void => void deleteAll.run(),
  };
}
