/**
 * What a run leaves behind of itself: how it went (phases, requests, waits), the rows before and after, what it said on the
 * way, and what a person decided about one that was held. Apart from the job's own row, which lists read. What is said comes
 * in pieces as it was written: a row for each entry would be a dozen times as many.
 */
export const runRecords = `
-- Records of the source that were published, or would have been; and those that were published before.
ALTER TABLE sync_jobs ADD COLUMN records INTEGER;
ALTER TABLE sync_jobs ADD COLUMN records_before INTEGER;
-- Of a held one: how, by whom and when it was decided.
ALTER TABLE sync_jobs ADD COLUMN decided TEXT CHECK (decided IS NULL OR json_type(decided) = 'object');

CREATE TABLE sync_job_facts (
  job_id  TEXT PRIMARY KEY REFERENCES sync_jobs (id) ON DELETE CASCADE,
  facts   TEXT NOT NULL CHECK (json_type(facts) = 'object'),
  -- Rows per table: published before, and after or to be.
  before  TEXT CHECK (before IS NULL OR json_type(before) = 'object'),
  after   TEXT CHECK (after IS NULL OR json_type(after) = 'object')
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_job_log (
  job_id   TEXT NOT NULL REFERENCES sync_jobs (id) ON DELETE CASCADE,
  -- The number of its first entry, from 1 in each run, and how many are in it.
  first    INTEGER NOT NULL CHECK (first >= 1),
  count    INTEGER NOT NULL CHECK (count >= 1),
  entries  TEXT NOT NULL CHECK (json_type(entries) = 'array'),
  PRIMARY KEY (job_id, first)
) STRICT, WITHOUT ROWID;
`;
