import type { Migration } from '../store/migrations/index.ts';

/** The vault's own file: the sealed data key and, under the owner's id, every sealed secret. */
export const vaultMigrations: readonly Migration[] = [
  {
    version: 1,
    name: 'initial',
    sql: `
CREATE TABLE data_key (
  singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
  version     INTEGER NOT NULL CHECK (version > 0),
  protector   TEXT NOT NULL,
  sealed      BLOB NOT NULL,
  created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
  record_id    TEXT NOT NULL,
  field        TEXT NOT NULL,
  key_version  INTEGER NOT NULL,
  sealed       BLOB NOT NULL,
  PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    version: 2,
    name: 'change of protection and wipe',
    sql: `
-- When the protector of today sealed the key; null where that is when the key was made.
ALTER TABLE data_key ADD COLUMN sealed_at TEXT;

-- The version of the last key that was destroyed: none is given out twice, or another process would take its own for the new one.
CREATE TABLE wiped_keys (
  singleton  INTEGER PRIMARY KEY CHECK (singleton = 1),
  version    INTEGER NOT NULL CHECK (version > 0)
) STRICT;
`,
  },
];
