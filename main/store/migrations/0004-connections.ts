/**
 * The DBA's world: what a connection is beyond an address, how it has been, who may use it, and who the people are. The
 * connections' table is built anew, because SQLite has no way to change a CHECK: TLS has all of libpq's modes now.
 */
export const connections = `
CREATE TABLE database_connections_new (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL CHECK (length(name) > 0),
  environment  TEXT NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
  description  TEXT NOT NULL DEFAULT '',
  folder       TEXT NOT NULL DEFAULT '',
  tags         TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tags) = 'array'),
  state        TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled', 'archived')),
  -- Which engines there are is not the store's business.
  engine       TEXT NOT NULL CHECK (length(engine) > 0),
  host         TEXT NOT NULL CHECK (length(host) > 0),
  port         INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  database     TEXT NOT NULL CHECK (length(database) > 0),
  read_only    INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1)),
  access       TEXT NOT NULL DEFAULT 'everyone' CHECK (access IN ('everyone', 'granted')),
  tls_mode     TEXT NOT NULL CHECK (tls_mode IN ('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full')),
  tls_ca       TEXT,
  tls_cert     TEXT,
  -- Jump hosts without their secrets.
  ssh          TEXT NOT NULL DEFAULT '[]' CHECK (json_type(ssh) = 'array'),
  pool         TEXT NOT NULL DEFAULT '{}' CHECK (json_type(pool) = 'object'),
  lease        TEXT CHECK (lease IS NULL OR json_type(lease) = 'object'),
  last_test    TEXT CHECK (last_test IS NULL OR json_valid(last_test)),
  -- The rotation that can still be undone: {until, onServer, with}.
  rotation     TEXT CHECK (rotation IS NULL OR json_type(rotation) = 'object'),
  health_state    TEXT NOT NULL DEFAULT 'unknown' CHECK (health_state IN ('unknown', 'works', 'warns', 'fails', 'unreachable')),
  health_since    TEXT,
  health_at       TEXT,
  health_latency  REAL,
  health_message  TEXT,
  -- Name, host, database, description, folder and tags, folded for searching.
  search_text  TEXT NOT NULL DEFAULT '',
  created_by   TEXT REFERENCES people (id) ON DELETE SET NULL,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  UNIQUE (name, environment)
) STRICT;
INSERT INTO database_connections_new (id, name, environment, description, engine, host, port, database, tls_mode, tls_ca,
    search_text, created_by, created_at, updated_at)
  SELECT id, name, environment, description, engine, host, port, database, tls_mode, tls_ca,
    lower(name || ' ' || host || ' ' || database || ' ' || description), created_by, created_at, updated_at
  FROM database_connections;
DROP TABLE database_connections;
ALTER TABLE database_connections_new RENAME TO database_connections;
CREATE INDEX connections_by_name ON database_connections (name COLLATE NOCASE, environment);
-- Whether what is imported is there already.
CREATE INDEX connections_by_address ON database_connections (host COLLATE NOCASE, port, database);

-- How each background check went; old ones are removed.
CREATE TABLE connection_checks (
  connection_id  TEXT NOT NULL REFERENCES database_connections (id) ON DELETE CASCADE,
  at             TEXT NOT NULL,
  state          TEXT NOT NULL,
  latency_ms     REAL,
  PRIMARY KEY (connection_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE connection_changes (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  connection_id  TEXT NOT NULL REFERENCES database_connections (id) ON DELETE CASCADE,
  at             TEXT NOT NULL,
  from_state     TEXT NOT NULL,
  to_state       TEXT NOT NULL,
  message        TEXT
) STRICT;
CREATE INDEX changes_by_connection ON connection_changes (connection_id, seq DESC);

CREATE TABLE connection_grants (
  connection_id  TEXT NOT NULL REFERENCES database_connections (id) ON DELETE CASCADE,
  person_id      TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  level          TEXT NOT NULL CHECK (level IN ('use', 'manage')),
  granted_by     TEXT NOT NULL,
  at             TEXT NOT NULL,
  PRIMARY KEY (connection_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_person ON connection_grants (person_id);

-- What was read last, so that it can be looked at when the database can't be reached.
CREATE TABLE connection_structures (
  connection_id  TEXT PRIMARY KEY REFERENCES database_connections (id) ON DELETE CASCADE,
  at             TEXT NOT NULL,
  structure      TEXT NOT NULL CHECK (json_valid(structure)),
  changes        TEXT NOT NULL CHECK (json_type(changes) = 'array'),
  changes_since  TEXT
) STRICT, WITHOUT ROWID;

-- Keys of SSH servers that somebody accepted.
CREATE TABLE ssh_host_keys (
  id           TEXT PRIMARY KEY,
  host         TEXT NOT NULL,
  port         INTEGER NOT NULL,
  type         TEXT NOT NULL,
  key          TEXT NOT NULL,
  accepted_by  TEXT NOT NULL,
  accepted_at  TEXT NOT NULL,
  UNIQUE (host, port, type)
) STRICT;

-- Written down before the role is made, so that none is forgotten; the row stays until the role is gone.
CREATE TABLE leased_logins (
  id             TEXT PRIMARY KEY,
  connection_id  TEXT NOT NULL REFERENCES database_connections (id) ON DELETE RESTRICT,
  person_id      TEXT REFERENCES people (id) ON DELETE SET NULL,
  person_name    TEXT NOT NULL,
  role_name      TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('active', 'ending', 'ended')),
  created_at     TEXT NOT NULL,
  valid_until    TEXT NOT NULL
) STRICT;
CREATE INDEX leases_by_connection ON leased_logins (connection_id);

CREATE TABLE person_passphrases (
  person_id   TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  -- In the form of a PHC string: algorithm, parameters, salt, hash.
  hash        TEXT NOT NULL,
  changed_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Wrong passphrases in a row; kept over a restart, or a restart would begin the guessing anew.
CREATE TABLE person_tries (
  person_id   TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  failures    INTEGER NOT NULL CHECK (failures >= 0),
  wait_until  TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  name   TEXT PRIMARY KEY,
  value  TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_time ON audit_log (at);
`;
