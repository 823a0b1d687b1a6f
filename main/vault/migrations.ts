import type { Migration } from '../store/migrations/index.ts';

/** The vault's own file: the seals of the data key and, under the owner's id, every sealed secret. */
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
  {
    version: 3,
    name: 'key slots',
    sql: `
-- Every seal of the one data key; what sealed it so far is the first of them.
CREATE TABLE key_slots (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  label        TEXT NOT NULL,
  sealed       BLOB NOT NULL,
  created_at   TEXT NOT NULL,
  opened_at    TEXT,
  replaced_by  TEXT
) STRICT;

INSERT INTO key_slots (id, kind, label, sealed, created_at)
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'
         || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
       protector, '', sealed, coalesce(sealed_at, created_at)
  FROM data_key;

ALTER TABLE data_key DROP COLUMN protector;
ALTER TABLE data_key DROP COLUMN sealed;
ALTER TABLE data_key DROP COLUMN sealed_at;
`,
  },
  {
    version: 4,
    name: 'notes',
    sql: `
-- Not secret, but sealed under the data key: nobody else can have written them.
CREATE TABLE notes (
  name         TEXT PRIMARY KEY,
  key_version  INTEGER NOT NULL,
  sealed       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
];
