/**
 * The log may be trimmed, once what goes was written to a file: up to an anchor, which says where the rest goes on from. An
 * anchor is put on an entry that is there, behind the one before; only what is up to it can be deleted.
 */
export const auditAnchors = `
CREATE TABLE audit_anchors (
  seq     INTEGER PRIMARY KEY CHECK (seq > 0),
  hash    TEXT NOT NULL,
  at      TEXT NOT NULL,
  person  TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_anchors_are_entries BEFORE INSERT ON audit_anchors
WHEN NEW.seq <= ifnull((SELECT max(seq) FROM audit_anchors), 0)
  OR NOT EXISTS (SELECT 1 FROM audit_log WHERE seq = NEW.seq AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_anchors_stay_update BEFORE UPDATE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_anchors_stay_delete BEFORE DELETE ON audit_anchors
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

DROP TRIGGER audit_log_is_append_only_delete;
CREATE TRIGGER audit_log_is_append_only_delete BEFORE DELETE ON audit_log
WHEN OLD.seq > ifnull((SELECT max(seq) FROM audit_anchors), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
