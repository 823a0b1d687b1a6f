/**
 * What may be megabytes moves to tables of its own. SQLite reads a long row page by page up to the column that is asked
 * for, and writes all of it when one column changes: a list of datasets, or a sign of life of a job, must not pay for that.
 * The indexes are the orders in which history is read: newest first, and the end that came last.
 */
export const shortRows = `
-- Names of tables and columns, so that they stay the same from refresh to refresh.
CREATE TABLE dataset_names (
  dataset_id  TEXT PRIMARY KEY REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  names       TEXT NOT NULL CHECK (json_valid(names))
) STRICT;
INSERT INTO dataset_names (dataset_id, names) SELECT id, names FROM materialised_datasets WHERE names IS NOT NULL;
ALTER TABLE materialised_datasets DROP COLUMN names;

-- What is about to be published, written before it is: found published, it needs only to be taken over.
CREATE TABLE sync_job_intents (
  job_id  TEXT PRIMARY KEY REFERENCES sync_jobs (id) ON DELETE CASCADE,
  intent  TEXT NOT NULL CHECK (json_valid(intent))
) STRICT;
INSERT INTO sync_job_intents (job_id, intent) SELECT id, intent FROM sync_jobs WHERE intent IS NOT NULL;
ALTER TABLE sync_jobs DROP COLUMN intent;

-- What a dataset that takes a kept schema up again goes on from.
CREATE TABLE kept_states (
  kept_id         TEXT PRIMARY KEY REFERENCES kept_schemas (id) ON DELETE CASCADE,
  names           TEXT CHECK (names IS NULL OR json_valid(names)),
  -- The data dictionary, so that such a dataset sees what changes.
  dictionary      TEXT CHECK (dictionary IS NULL OR json_valid(dictionary)),
  dictionary_job  TEXT
) STRICT;
INSERT INTO kept_states (kept_id, names, dictionary, dictionary_job)
  SELECT id, names, dictionary, dictionary_job FROM kept_schemas;
ALTER TABLE kept_schemas DROP COLUMN names;
ALTER TABLE kept_schemas DROP COLUMN dictionary;
ALTER TABLE kept_schemas DROP COLUMN dictionary_job;

DROP INDEX jobs_by_dataset;
DROP INDEX jobs_by_time;
CREATE INDEX jobs_by_dataset ON sync_jobs (dataset_id, queued_at);
CREATE INDEX jobs_by_time ON sync_jobs (queued_at);
CREATE INDEX ended_jobs_by_dataset ON sync_jobs (dataset_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX datasets_by_person ON materialised_datasets (person_id);
`;
