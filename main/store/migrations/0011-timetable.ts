/**
 * Times by the calendar beside intervals, attempts that are counted, data that goes when nobody uses it, sources that can be
 * switched off, and what the timetable's jobs did last. What was linked before keeps its data: nobody agreed that it goes.
 */
export const timetable = `
ALTER TABLE project_data_sources ADD COLUMN schedule TEXT NOT NULL DEFAULT '{"kind":"every","hours":24}'
  CHECK (json_type(schedule) = 'object');
UPDATE project_data_sources SET schedule = json_object('kind', 'every', 'hours', refresh_interval_hours);
ALTER TABLE project_data_sources DROP COLUMN refresh_interval_hours;
-- A part of the day in which nothing is begun by the clock; null for none.
ALTER TABLE project_data_sources ADD COLUMN quiet_hours TEXT CHECK (quiet_hours IS NULL OR json_type(quiet_hours) = 'object');
-- So long data stays that nobody uses; null for always.
ALTER TABLE project_data_sources ADD COLUMN keep_idle_hours INTEGER CHECK (keep_idle_hours > 0);

ALTER TABLE data_sources ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1));

-- Attempts in a row that failed; the next one comes at retry_at, or at the planned time where that is null.
ALTER TABLE materialised_datasets ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
ALTER TABLE materialised_datasets ADD COLUMN retry_at TEXT;
-- How often the server had read the tables when that was last looked at, and after which job.
ALTER TABLE materialised_datasets ADD COLUMN reads_seen TEXT CHECK (reads_seen IS NULL OR json_type(reads_seen) = 'object');

CREATE TABLE timetable_jobs (
  name      TEXT PRIMARY KEY,
  due_at    TEXT NOT NULL,
  last_at   TEXT NOT NULL,
  outcome   TEXT NOT NULL CHECK (outcome IN ('did', 'nothing', 'failed')),
  count     INTEGER NOT NULL,
  waiting   INTEGER NOT NULL,
  error     TEXT,
  made_up   INTEGER NOT NULL CHECK (made_up IN (0, 1))
) STRICT;
`;
