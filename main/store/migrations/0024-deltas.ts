/**
 * How a link wants its datasets refreshed; and what a publish leaves for the next refresh, which reads only what changed
 * since. It is only good for the tables that its job published.
 */
export const deltas = `
UPDATE project_data_sources SET sync_config = json_set(sync_config,
  '$.refresh', json('{"how":"automatic","wholeEveryDays":7}'));

CREATE TABLE dataset_deltas (
  dataset_id  TEXT PRIMARY KEY REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  job_id      TEXT NOT NULL,
  -- When everything was read last.
  whole_at    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (json_type(state) = 'object')
) STRICT;
`;
