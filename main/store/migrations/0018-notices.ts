/**
 * What people are told of: each thing once from its beginning to its end, to whom it went and who read it; what is still to
 * be told on which way; and the messages, which a restart neither loses nor makes anew.
 */
export const notices = `
CREATE TABLE notices (
  id         TEXT PRIMARY KEY,
  -- What it is about: a dataset, a sign-in, a connection.
  key        TEXT NOT NULL CHECK (key <> ''),
  event      TEXT NOT NULL CHECK (event IN
    ('failed', 'held', 'stale', 'sign_in_expiring', 'sign_in_expired', 'signer_left', 'connection_down', 'expiring_data')),
  subject    TEXT NOT NULL CHECK (json_type(subject) = 'object'),
  -- Whom it concerns, by role or by person.
  audience   TEXT NOT NULL CHECK (json_type(audience) = 'object'),
  opened_at  TEXT NOT NULL,
  told_at    TEXT NOT NULL,
  closed_at  TEXT,
  outcome    TEXT CHECK (outcome IN ('over', 'off', 'gone', 'deleted')),
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_open_notice_per_key ON notices (key) WHERE closed_at IS NULL;
CREATE INDEX notices_by_time ON notices (told_at);
CREATE INDEX notices_by_key ON notices (key, closed_at);

CREATE TABLE notice_readers (
  notice_id  TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  person_id  TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  read_at    TEXT,
  PRIMARY KEY (notice_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_of_person ON notice_readers (person_id);

CREATE TABLE notice_preferences (
  person_id    TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
  preferences  TEXT NOT NULL CHECK (json_type(preferences) = 'object')
) STRICT;

CREATE TABLE notice_messages (
  id             TEXT PRIMARY KEY,
  channel        TEXT NOT NULL CHECK (channel IN ('desktop', 'email', 'webhook')),
  person_id      TEXT REFERENCES people (id) ON DELETE CASCADE,
  parts          TEXT NOT NULL CHECK (json_type(parts) = 'array'),
  made_at        TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- The next attempt; after the end, when that was.
  at             TEXT NOT NULL,
  problem        TEXT,
  -- Who sends it at this moment, and until when nobody else does.
  sender         TEXT,
  sent_until     TEXT,
  CHECK ((channel = 'webhook') = (person_id IS NULL))
) STRICT;
CREATE INDEX waiting_messages ON notice_messages (at) WHERE state = 'waiting';
CREATE INDEX messages_by_way ON notice_messages (channel, person_id, made_at);

CREATE TABLE notice_parts (
  seq         INTEGER PRIMARY KEY,
  notice_id   TEXT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  channel     TEXT NOT NULL CHECK (channel IN ('desktop', 'email', 'webhook')),
  person_id   TEXT REFERENCES people (id) ON DELETE CASCADE,
  part        TEXT NOT NULL CHECK (part IN ('alarm', 'recovery')),
  -- Quiet hours put it off.
  not_before  TEXT NOT NULL,
  message_id  TEXT REFERENCES notice_messages (id) ON DELETE CASCADE,
  CHECK ((channel = 'webhook') = (person_id IS NULL))
) STRICT;
CREATE INDEX parts_of_notice ON notice_parts (notice_id);
CREATE INDEX waiting_parts ON notice_parts (not_before) WHERE message_id IS NULL;
`;
