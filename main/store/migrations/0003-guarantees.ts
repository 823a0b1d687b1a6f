/**
 * What a run needs to be paused, taken up again and reviewed. Two tables are built anew, because SQLite has no way to
 * change a CHECK: sources take any connector's name, and jobs have one more end and say who paused them.
 */
export const guarantees = `
CREATE TABLE data_sources_new (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  -- The name of a connector; which ones there are is not the store's business.
  source_type  TEXT NOT NULL CHECK (length(source_type) > 0),
  base_url     TEXT NOT NULL,
  client_id    TEXT NOT NULL,
  settings     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) = 'object'),
  created_by   TEXT REFERENCES people (id) ON DELETE SET NULL,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL
) STRICT;
INSERT INTO data_sources_new (id, name, source_type, base_url, client_id, settings, created_by, created_at, updated_at)
  SELECT id, name, source_type, base_url, client_id, settings, created_by, created_at, updated_at FROM data_sources;
DROP TABLE data_sources;
ALTER TABLE data_sources_new RENAME TO data_sources;

CREATE TABLE sync_jobs_new (
  id             TEXT PRIMARY KEY,
  dataset_id     TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  status         TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'completed', 'held', 'failed', 'cancelled')),
  phase          TEXT NOT NULL CHECK (phase IN ('waiting', 'starting', 'reading', 'finishing', 'publishing', 'done')),
  trigger        TEXT NOT NULL CHECK (trigger IN ('person', 'schedule', 'resume')),
  -- What it may use of what is there: go on from it, read anew, or publish what a person accepted.
  mode           TEXT NOT NULL DEFAULT 'continue' CHECK (mode IN ('continue', 'anew', 'accept')),
  -- The process that runs it, so that jobs of one that was killed can be told from those of one that lives.
  pid            INTEGER NOT NULL,
  paused_by      TEXT CHECK (paused_by IN ('source', 'person', 'quit')),
  waiting_until  TEXT,
  -- How often in a row the source asked to wait without anything having been read in between.
  waits          INTEGER NOT NULL DEFAULT 0 CHECK (waits >= 0),
  -- What is about to be published, written before it is: found published, it needs only to be taken over.
  intent         TEXT CHECK (intent IS NULL OR json_valid(intent)),
  row_counts     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(row_counts) = 'object'),
  notice         TEXT,
  error          TEXT CHECK (error IS NULL OR json_valid(error)),
  queued_at      TEXT NOT NULL,
  started_at     TEXT,
  finished_at    TEXT,
  CHECK ((status IN ('completed', 'held', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CHECK ((status = 'paused') = (paused_by IS NOT NULL))
) STRICT;
INSERT INTO sync_jobs_new (id, dataset_id, status, phase, trigger, pid, paused_by, waiting_until, row_counts, notice, error,
    queued_at, started_at, finished_at)
  SELECT id, dataset_id, status, phase, trigger, pid, CASE WHEN status = 'paused' THEN 'person' END, waiting_until,
    row_counts, notice, error, queued_at, started_at, finished_at FROM sync_jobs;
DROP TABLE sync_jobs;
ALTER TABLE sync_jobs_new RENAME TO sync_jobs;
CREATE INDEX jobs_by_dataset ON sync_jobs (dataset_id, queued_at DESC);
CREATE INDEX jobs_by_time ON sync_jobs (queued_at DESC);
CREATE UNIQUE INDEX one_open_job_per_dataset ON sync_jobs (dataset_id) WHERE status IN ('queued', 'running', 'paused');

ALTER TABLE materialised_datasets ADD COLUMN held TEXT CHECK (held IS NULL OR json_valid(held));

UPDATE project_data_sources SET sync_config = json_set(sync_config,
  '$.options', json('{}'), '$.guards', json('true'), '$.shrinkPercent', 30);

-- What is published, described; one per dataset, replaced by every publish.
CREATE TABLE dataset_dictionaries (
  dataset_id  TEXT PRIMARY KEY REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  job_id      TEXT NOT NULL,
  tables      TEXT NOT NULL CHECK (json_type(tables) = 'array')
) STRICT, WITHOUT ROWID;

CREATE TABLE dataset_changes (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id  TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  job_id      TEXT NOT NULL,
  at          TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('table_added', 'table_removed', 'column_added', 'column_removed', 'column_retyped')),
  table_name  TEXT NOT NULL,
  column_name TEXT,
  before      TEXT,
  after       TEXT
) STRICT;
CREATE INDEX changes_by_dataset ON dataset_changes (dataset_id, seq DESC);

-- What was learnt about how much a source lets through: see sync/budget.ts.
CREATE TABLE source_budgets (
  key         TEXT PRIMARY KEY,
  state       TEXT NOT NULL CHECK (json_type(state) = 'object'),
  updated_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
