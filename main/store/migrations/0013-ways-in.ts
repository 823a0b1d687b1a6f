/** Where a server is, whatever its name leads to; and the least that it must ask for before it is signed in to. */
export const waysIn = `
ALTER TABLE database_connections ADD COLUMN host_address TEXT;
ALTER TABLE database_connections ADD COLUMN sign_in TEXT NOT NULL DEFAULT 'any'
  CHECK (sign_in IN ('any', 'scram', 'channel_binding'));
`;
