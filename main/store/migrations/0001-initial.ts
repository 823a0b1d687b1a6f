/**
 * The whole store of the first release. Every rule of the models that a database can hold is a constraint here,
 * so that no code path, present or later, can break it.
 */
export const initial = `
CREATE TABLE workspace (
  singleton   INTEGER PRIMARY KEY CHECK (singleton = 1),
  id          TEXT NOT NULL,
  created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE people (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE person_roles (
  person_id   TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  role        TEXT NOT NULL CHECK (role IN ('dba', 'project_admin', 'analyst', 'viewer')),
  PRIMARY KEY (person_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE database_connections (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL CHECK (length(name) > 0),
  environment  TEXT NOT NULL CHECK (environment IN ('development', 'staging', 'production')),
  description  TEXT NOT NULL DEFAULT '',
  engine       TEXT NOT NULL CHECK (engine IN ('postgres')),
  host         TEXT NOT NULL CHECK (length(host) > 0),
  port         INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  database     TEXT NOT NULL CHECK (length(database) > 0),
  tls_mode     TEXT NOT NULL CHECK (tls_mode IN ('disable', 'require', 'verify-ca', 'verify-full')),
  tls_ca       TEXT,
  last_test    TEXT CHECK (last_test IS NULL OR json_valid(last_test)),
  created_by   TEXT REFERENCES people (id) ON DELETE SET NULL,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  UNIQUE (name, environment)
) STRICT;

CREATE TABLE projects (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  -- RESTRICT: a connection that a project uses can not be deleted.
  connection_id  TEXT NOT NULL REFERENCES database_connections (id) ON DELETE RESTRICT,
  db_schema      TEXT NOT NULL DEFAULT 'public',
  created_by     TEXT REFERENCES people (id) ON DELETE SET NULL,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL
) STRICT;
CREATE INDEX projects_by_connection ON projects (connection_id);

CREATE TABLE data_sources (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  source_type  TEXT NOT NULL CHECK (source_type IN ('commcare')),
  base_url     TEXT NOT NULL,
  client_id    TEXT NOT NULL,
  settings     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) = 'object'),
  created_by   TEXT REFERENCES people (id) ON DELETE SET NULL,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL
) STRICT;

CREATE TABLE project_data_sources (
  id                      TEXT PRIMARY KEY,
  project_id              TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  data_source_id          TEXT NOT NULL REFERENCES data_sources (id) ON DELETE CASCADE,
  credential_mode         TEXT NOT NULL CHECK (credential_mode IN ('project', 'user')),
  sync_config             TEXT NOT NULL CHECK (json_type(sync_config) = 'object'),
  refresh_interval_hours  INTEGER NOT NULL CHECK (refresh_interval_hours > 0),
  is_active               INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_at              TEXT NOT NULL,
  updated_at              TEXT NOT NULL,
  UNIQUE (project_id, data_source_id)
) STRICT;
CREATE INDEX links_by_source ON project_data_sources (data_source_id);

-- Metadata of OAuth tokens; the tokens themselves are in the vault under this id.
CREATE TABLE credentials (
  id                 TEXT PRIMARY KEY,
  data_source_id     TEXT NOT NULL REFERENCES data_sources (id) ON DELETE CASCADE,
  project_id         TEXT REFERENCES projects (id) ON DELETE CASCADE,
  person_id          TEXT REFERENCES people (id) ON DELETE CASCADE,
  account            TEXT NOT NULL,
  external_user_id   TEXT NOT NULL,
  scopes             TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
  access_expires_at  TEXT NOT NULL,
  is_valid           INTEGER NOT NULL DEFAULT 1 CHECK (is_valid IN (0, 1)),
  last_used_at       TEXT,
  created_at         TEXT NOT NULL,
  updated_at         TEXT NOT NULL,
  CONSTRAINT credential_project_xor_person CHECK ((project_id IS NULL) <> (person_id IS NULL)),
  UNIQUE (data_source_id, project_id),
  UNIQUE (data_source_id, person_id)
) STRICT;

CREATE TABLE materialised_datasets (
  id                TEXT PRIMARY KEY,
  link_id           TEXT NOT NULL REFERENCES project_data_sources (id) ON DELETE CASCADE,
  -- Null in project mode.
  person_id         TEXT REFERENCES people (id) ON DELETE CASCADE,
  -- Chosen once and kept; never shared, whatever the ids behind it look like.
  schema_name       TEXT NOT NULL UNIQUE CHECK (length(CAST(schema_name AS BLOB)) BETWEEN 1 AND 63),
  status            TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'syncing', 'ready', 'error', 'expired')),
  data_as_of        TEXT,
  last_tried_at     TEXT,
  next_sync_at      TEXT,
  row_counts        TEXT NOT NULL DEFAULT '{}' CHECK (json_type(row_counts) = 'object'),
  -- Names of tables and columns, so that they stay the same from refresh to refresh.
  names             TEXT CHECK (names IS NULL OR json_valid(names)),
  error             TEXT CHECK (error IS NULL OR json_valid(error)),
  last_activity_at  TEXT NOT NULL,
  created_at        TEXT NOT NULL,
  updated_at        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_dataset_per_link_and_person ON materialised_datasets (link_id, ifnull(person_id, ''));

CREATE TABLE sync_jobs (
  id             TEXT PRIMARY KEY,
  dataset_id     TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  status         TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'completed', 'failed', 'cancelled')),
  phase          TEXT NOT NULL CHECK (phase IN ('waiting', 'starting', 'reading', 'finishing', 'publishing', 'done')),
  trigger        TEXT NOT NULL CHECK (trigger IN ('person', 'schedule', 'resume')),
  -- The process that runs it, so that jobs of one that was killed can be told from those of one that lives.
  pid            INTEGER NOT NULL,
  waiting_until  TEXT,
  row_counts     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(row_counts) = 'object'),
  notice         TEXT,
  error          TEXT CHECK (error IS NULL OR json_valid(error)),
  queued_at      TEXT NOT NULL,
  started_at     TEXT,
  finished_at    TEXT,
  CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX jobs_by_dataset ON sync_jobs (dataset_id, queued_at DESC);
CREATE INDEX jobs_by_time ON sync_jobs (queued_at DESC);
-- A dataset never has two jobs under way.
CREATE UNIQUE INDEX one_open_job_per_dataset ON sync_jobs (dataset_id) WHERE status IN ('queued', 'running', 'paused');

CREATE TABLE sync_job_tables (
  job_id    TEXT NOT NULL REFERENCES sync_jobs (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  dataset   TEXT NOT NULL,
  fetched   INTEGER NOT NULL DEFAULT 0 CHECK (fetched >= 0),
  total     INTEGER CHECK (total IS NULL OR total >= 0),
  status    TEXT NOT NULL CHECK (status IN ('waiting', 'reading', 'done')),
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;

-- Append-only, chained by hash: see access/audit.ts.
CREATE TABLE audit_log (
  seq        INTEGER PRIMARY KEY,
  at         TEXT NOT NULL,
  person     TEXT NOT NULL,
  action     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
  details    TEXT NOT NULL,
  prev_hash  TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER audit_log_is_append_only_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_is_append_only_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
