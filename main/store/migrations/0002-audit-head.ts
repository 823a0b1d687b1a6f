/**
 * The audit log remembers how far it went, so that entries cut off its end show too, and an insert can only continue it:
 * `INSERT OR REPLACE` would remove entries without any trigger of a DELETE.
 */
export const auditHead = `
CREATE TABLE audit_head (
  singleton  INTEGER PRIMARY KEY CHECK (singleton = 1),
  seq        INTEGER NOT NULL CHECK (seq > 0),
  hash       TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (singleton, seq, hash) SELECT 1, seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1;

CREATE TRIGGER audit_log_is_append_only_insert BEFORE INSERT ON audit_log
WHEN NEW.seq IS NOT ifnull((SELECT seq FROM audit_head), 0) + 1
  OR NEW.prev_hash IS NOT ifnull((SELECT hash FROM audit_head), '')
  OR EXISTS (SELECT 1 FROM audit_log WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_log_moves_its_head AFTER INSERT ON audit_log
BEGIN
  INSERT INTO audit_head (singleton, seq, hash) VALUES (1, NEW.seq, NEW.hash)
  ON CONFLICT (singleton) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;
END;
CREATE TRIGGER audit_head_is_kept BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
