/** Schemas that stay in a database after Headgate let go of their dataset: they can be dropped later, or taken up again. */
export const keptSchemas = `
CREATE TABLE kept_schemas (
  -- The id that the dataset had: the schema's mark names it.
  id               TEXT PRIMARY KEY,
  schema_name      TEXT NOT NULL UNIQUE,
  -- Null once the connection is gone; its name tells which it was.
  connection_id    TEXT REFERENCES database_connections (id) ON DELETE SET NULL,
  connection_name  TEXT NOT NULL,
  project_id       TEXT REFERENCES projects (id) ON DELETE SET NULL,
  project_name     TEXT NOT NULL,
  source_id        TEXT REFERENCES data_sources (id) ON DELETE SET NULL,
  source_name      TEXT NOT NULL,
  -- Both null where the tables were the project's.
  person_id        TEXT REFERENCES people (id) ON DELETE SET NULL,
  person_name      TEXT,
  -- Null where nothing was published, and only what was being read could not be removed.
  data_as_of       TEXT,
  row_counts       TEXT NOT NULL CHECK (json_type(row_counts) = 'object'),
  names            TEXT CHECK (names IS NULL OR json_valid(names)),
  -- The data dictionary, so that a dataset that takes the schema up again sees what changes.
  dictionary       TEXT CHECK (dictionary IS NULL OR json_valid(dictionary)),
  dictionary_job   TEXT,
  kept_at          TEXT NOT NULL
) STRICT;
`;
