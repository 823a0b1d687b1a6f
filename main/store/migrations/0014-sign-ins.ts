/**
 * Sign-ins by API key beside those by OAuth, why one ended, whose it is, and who renews it at this moment; how the client of
 * a source proves itself where it has a secret.
 */
export const signIns = `
ALTER TABLE credentials ADD COLUMN kind TEXT NOT NULL DEFAULT 'oauth' CHECK (kind IN ('oauth', 'api_key'));
ALTER TABLE credentials ADD COLUMN ended TEXT CHECK (ended IN ('expired', 'revoked', 'reauthorise'));
UPDATE credentials SET ended = 'expired' WHERE is_valid = 0;
ALTER TABLE credentials DROP COLUMN is_valid;
ALTER TABLE credentials ADD COLUMN renewable INTEGER NOT NULL DEFAULT 1 CHECK (renewable IN (0, 1));
ALTER TABLE credentials ADD COLUMN signed_in_by TEXT REFERENCES people (id) ON DELETE SET NULL;
UPDATE credentials SET signed_in_by = person_id;
ALTER TABLE credentials ADD COLUMN renewed_by TEXT;
ALTER TABLE credentials ADD COLUMN renewed_until TEXT;
ALTER TABLE data_sources ADD COLUMN client_auth TEXT CHECK (client_auth IN ('form', 'basic'));
`;
