/** Agents that may read a project for a person: each comes with a token, of which only a hash is here. */
export const agentGrants = `
CREATE TABLE agent_grants (
  id           TEXT PRIMARY KEY,
  person_id    TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  project_id   TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name         TEXT NOT NULL CHECK (name <> ''),
  -- SHA-256 of the token, in hexadecimal; 256 random bits need no salt.
  token_hash   TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  may_refresh  INTEGER NOT NULL CHECK (may_refresh IN (0, 1)),
  created_at   TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  last_used_at TEXT,
  -- The hour that its calls are counted in, and how many there were.
  hour_from    TEXT,
  hour_calls   INTEGER NOT NULL DEFAULT 0 CHECK (hour_calls >= 0)
) STRICT;
CREATE INDEX agent_grants_of_person ON agent_grants (person_id);
CREATE INDEX agent_grants_of_project ON agent_grants (project_id);
`;
