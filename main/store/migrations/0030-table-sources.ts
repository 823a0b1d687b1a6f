/**
 * Sources that are read over a connection: the address names it, and the store holds it to one that there is, so that none is
 * deleted under its sources. And one more kind of sign-in, the connection that was lent: SQLite can't change a CHECK, so a column
 * takes the place of the one that had it.
 */
export const tableSources = `
ALTER TABLE data_sources ADD COLUMN connection_id TEXT GENERATED ALWAYS AS
  (CASE WHEN base_url LIKE 'connection:%' THEN substr(base_url, 12) END) VIRTUAL REFERENCES database_connections(id);

-- Another process may have deleted it a moment ago.
CREATE TRIGGER sources_read_what_is_there BEFORE INSERT ON data_sources
WHEN EXISTS (SELECT 1 FROM database_connections WHERE 'connection:' || id = NEW.base_url AND deleted_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the connection was deleted'); END;
CREATE TRIGGER sources_move_to_what_is_there BEFORE UPDATE OF base_url ON data_sources
WHEN EXISTS (SELECT 1 FROM database_connections WHERE 'connection:' || id = NEW.base_url AND deleted_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'the connection was deleted'); END;

ALTER TABLE credentials ADD COLUMN sign_in TEXT NOT NULL DEFAULT 'oauth'
  CHECK (sign_in IN ('oauth', 'api_key', 'password', 'none', 'connection'));
UPDATE credentials SET sign_in = kind;
ALTER TABLE credentials DROP COLUMN kind;
ALTER TABLE credentials RENAME COLUMN sign_in TO kind;
`;
