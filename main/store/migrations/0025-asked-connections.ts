/**
 * A query is asked in a project, or over a connection to a database that is asked in SQL of its own. The table is built anew,
 * because SQLite has no way to let a column be null.
 */
export const askedConnections = `
CREATE TABLE queries_new (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  project_id     TEXT REFERENCES projects (id) ON DELETE CASCADE,
  connection_id  TEXT REFERENCES database_connections (id) ON DELETE CASCADE,
  person_id      TEXT REFERENCES people (id) ON DELETE SET NULL,
  person_name    TEXT NOT NULL,
  way            TEXT NOT NULL CHECK (way IN ('window', 'terminal', 'agent')),
  at             TEXT NOT NULL,
  sql            TEXT NOT NULL,
  -- 0 where values were left out of the text.
  has_literals   INTEGER NOT NULL CHECK (has_literals IN (0, 1)),
  outcome        TEXT NOT NULL CHECK (outcome IN ('running', 'done', 'stopped', 'refused', 'failed', 'cancelled')),
  ms             REAL CHECK (ms >= 0),
  rows           INTEGER CHECK (rows >= 0),
  code           TEXT,
  tables         TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tables) = 'array'),
  name           TEXT CHECK (name <> ''),
  pinned         INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  shared         INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),
  -- Its person took it out of the history; it counts for the limit of an hour all the same.
  forgotten      INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1)),
  CHECK ((project_id IS NULL) <> (connection_id IS NULL))
) STRICT;
INSERT INTO queries_new (seq, id, project_id, person_id, person_name, way, at, sql, has_literals, outcome, ms, rows, code,
    tables, name, pinned, shared, forgotten)
  SELECT seq, id, project_id, person_id, person_name, way, at, sql, has_literals, outcome, ms, rows, code,
    tables, name, pinned, shared, forgotten FROM queries;
DROP TABLE queries;
ALTER TABLE queries_new RENAME TO queries;
CREATE INDEX queries_of_project ON queries (project_id, seq);
CREATE INDEX queries_of_connection ON queries (connection_id, seq);
CREATE INDEX queries_of_person ON queries (person_id, at);
CREATE INDEX queries_by_time ON queries (at);
CREATE INDEX running_queries ON queries (at) WHERE outcome = 'running';
`;
