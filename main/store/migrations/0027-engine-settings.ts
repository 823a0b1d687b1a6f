/** What a kind of database needs beside host, port and database; none of it is secret. */
export const engineSettings = `
ALTER TABLE database_connections ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) = 'object');
`;
