/**
 * A source may have authorities of its own, and a job waits for the network of the computer: one more way to be paused,
 * for which the table of jobs is built anew, because SQLite has no way to change a CHECK.
 */
export const network = `
-- PEM certificates, which are public. Null: those that the computer trusts.
ALTER TABLE data_sources ADD COLUMN tls_ca TEXT CHECK (length(tls_ca) > 0);

CREATE TABLE sync_jobs_new (
  id             TEXT PRIMARY KEY,
  dataset_id     TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  status         TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'completed', 'held', 'failed', 'cancelled')),
  phase          TEXT NOT NULL CHECK (phase IN ('waiting', 'starting', 'reading', 'finishing', 'publishing', 'done')),
  trigger        TEXT NOT NULL CHECK (trigger IN ('person', 'schedule', 'resume')),
  -- What it may use of what is there: go on from it, read anew, or publish what a person accepted.
  mode           TEXT NOT NULL DEFAULT 'continue' CHECK (mode IN ('continue', 'anew', 'accept')),
  -- The process that runs it, or ran it last; its signs of life, and how often one took the job.
  owner          TEXT NOT NULL DEFAULT '{}' CHECK (json_type(owner) = 'object'),
  beat           INTEGER NOT NULL DEFAULT 0,
  claim          INTEGER NOT NULL DEFAULT 1 CHECK (claim >= 1),
  paused_by      TEXT CHECK (paused_by IN ('source', 'person', 'quit', 'network')),
  waiting_until  TEXT,
  waiting_since  TEXT,
  -- How often in a row the source asked to wait without anything having been read in between.
  waits          INTEGER NOT NULL DEFAULT 0 CHECK (waits >= 0),
  row_counts     TEXT NOT NULL DEFAULT '{}' CHECK (json_type(row_counts) = 'object'),
  notice         TEXT,
  error          TEXT CHECK (error IS NULL OR json_valid(error)),
  queued_at      TEXT NOT NULL,
  started_at     TEXT,
  finished_at    TEXT,
  CHECK ((status IN ('completed', 'held', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CHECK ((status = 'paused') = (paused_by IS NOT NULL))
) STRICT;
-- With their numbers: jobs of one moment are listed in the order in which they were queued.
INSERT INTO sync_jobs_new (rowid, id, dataset_id, status, phase, trigger, mode, owner, beat, claim, paused_by, waiting_until,
    waiting_since, waits, row_counts, notice, error, queued_at, started_at, finished_at)
  SELECT rowid, id, dataset_id, status, phase, trigger, mode, owner, beat, claim, paused_by, waiting_until,
    waiting_since, waits, row_counts, notice, error, queued_at, started_at, finished_at FROM sync_jobs;
DROP TABLE sync_jobs;
ALTER TABLE sync_jobs_new RENAME TO sync_jobs;
CREATE UNIQUE INDEX one_open_job_per_dataset ON sync_jobs (dataset_id) WHERE status IN ('queued', 'running', 'paused');
CREATE INDEX jobs_by_dataset ON sync_jobs (dataset_id, queued_at);
CREATE INDEX jobs_by_time ON sync_jobs (queued_at);
CREATE INDEX ended_jobs_by_dataset ON sync_jobs (dataset_id, finished_at) WHERE finished_at IS NOT NULL;
`;
