/**
 * Sources that have datasets of their own keep what they said last that they have; and two more kinds of
 * sign-in, the password of an account and none at all: SQLite can't change a CHECK, so a column takes the place of the one that had it.
 */
export const sourceKinds = `
ALTER TABLE data_sources ADD COLUMN found_datasets TEXT NOT NULL DEFAULT '[]' CHECK (json_type(found_datasets) = 'array');

ALTER TABLE credentials ADD COLUMN sign_in TEXT NOT NULL DEFAULT 'oauth'
  CHECK (sign_in IN ('oauth', 'api_key', 'password', 'none'));
UPDATE credentials SET sign_in = kind;
ALTER TABLE credentials DROP COLUMN kind;
ALTER TABLE credentials RENAME COLUMN sign_in TO kind;
`;
