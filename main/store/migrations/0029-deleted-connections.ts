/**
 * A deleted connection stays for some days, without its secrets, until it is restored or removed for good; and how far the first
 * test of a connection came. The table is built anew, because SQLite has no way to take a UNIQUE away: the name of a deleted
 * connection is free.
 */
export const deletedConnections = `
CREATE TABLE database_connections_new (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL CHECK (length(name) > 0),
  environment  TEXT NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
  description  TEXT NOT NULL DEFAULT '',
  folder       TEXT NOT NULL DEFAULT '',
  tags         TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tags) = 'array'),
  state        TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled', 'archived')),
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
  superuser_reason  TEXT NOT NULL DEFAULT '',
  host_address TEXT,
  sign_in      TEXT NOT NULL DEFAULT 'any' CHECK (sign_in IN ('any', 'scram', 'channel_binding')),
  settings     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) = 'object'),
  -- The first test of it where it leads now.
  onboarding   TEXT NOT NULL DEFAULT 'not_started' CHECK (onboarding IN ('not_started', 'in_progress', 'completed', 'failed')),
  deleted_at   TEXT,
  -- The name of who deleted it.
  deleted_by   TEXT,
  -- When it was first seen that its days are over; it goes at a later look that sees the same.
  over_since   TEXT,
  CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)),
  CHECK (over_since IS NULL OR deleted_at IS NOT NULL)
) STRICT;
INSERT INTO database_connections_new (id, name, environment, description, folder, tags, state, engine, host, port, database, read_only, access,
    tls_mode, tls_ca, tls_cert, ssh, pool, lease, last_test, rotation, health_state, health_since, health_at,
    health_latency, health_message, search_text, created_by, created_at, updated_at, superuser_reason,
    host_address, sign_in, settings, onboarding)
  SELECT id, name, environment, description, folder, tags, state, engine, host, port, database, read_only, access,
    tls_mode, tls_ca, tls_cert, ssh, pool, lease, last_test, rotation, health_state, health_since, health_at,
    health_latency, health_message, search_text, created_by, created_at, updated_at, superuser_reason,
    host_address, sign_in, settings,
    CASE WHEN json_extract(last_test, '$.ok') = 1 OR health_state IN ('works', 'warns') THEN 'completed'
      WHEN last_test IS NOT NULL THEN 'failed' ELSE 'not_started' END
  FROM database_connections;
DROP TABLE database_connections;
ALTER TABLE database_connections_new RENAME TO database_connections;
CREATE UNIQUE INDEX one_connection_of_a_name ON database_connections (name, environment) WHERE deleted_at IS NULL;
CREATE INDEX connections_by_name ON database_connections (name COLLATE NOCASE, environment);
-- Whether what is imported is there already.
CREATE INDEX connections_by_address ON database_connections (host COLLATE NOCASE, port, database);

-- Another process may have deleted it a moment ago.
CREATE TRIGGER projects_use_what_is_there BEFORE INSERT ON projects
WHEN EXISTS (SELECT 1 FROM database_connections WHERE id = NEW.connection_id AND deleted_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the connection was deleted'); END;
CREATE TRIGGER projects_move_to_what_is_there BEFORE UPDATE OF connection_id ON projects
WHEN EXISTS (SELECT 1 FROM database_connections WHERE id = NEW.connection_id AND deleted_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the connection was deleted'); END;
CREATE TRIGGER logins_are_leased_of_what_is_there BEFORE INSERT ON leased_logins
WHEN EXISTS (SELECT 1 FROM database_connections WHERE id = NEW.connection_id AND deleted_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the connection was deleted'); END;
`;
