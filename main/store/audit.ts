import type { AuditEntry } from '../../preload/contract/models.ts';
import type { Db } from './db.ts';

export interface ChainedEntry extends AuditEntry {
  readonly prevHash: string;
  readonly hash: string;
}

/** The audit log as stored; how entries are chained is `access/audit.ts`'s business. */
export function auditRepository(db: Db) {
  const columns = 'seq, at, person, action, subject, outcome, details, prev_hash AS prevHash, hash';
  const last = db.prepare(`SELECT ${columns} FROM audit_log ORDER BY seq DESC LIMIT 1`);
  const list = db.prepare(`SELECT ${columns} FROM audit_log ORDER BY seq DESC LIMIT ?`);
  const all = db.prepare(`SELECT ${columns} FROM audit_log ORDER BY seq`);
  const head = db.prepare('SELECT seq, hash FROM audit_head');
  const insert =
    db.prepare(`INSERT INTO audit_log (seq, at, person, action, subject, outcome, details, prev_hash, hash)
    VALUES (@seq, @at, @person, @action, @subject, @outcome, @details, @prevHash, @hash)`);

  return {
    list: (limit: number): AuditEntry[] =>
      (list.all(limit) as ChainedEntry[]).map(({ prevHash: _, hash: __, ...entry }) => entry),
    all: (): IterableIterator<ChainedEntry> => all.iterate() as IterableIterator<ChainedEntry>,
    /** The newest entry ever written, whether or not it is still there. */
    head: (): { seq: number; hash: string } | null =>
      (head.get() as { seq: number; hash: string } | undefined) ?? null,
    /**
     * Reads the last entry and appends the next in one write transaction, so that two processes can not fork the chain:
     * begun as a reader, the second one would fail at its write instead of waiting.
     */
    append: db.transaction((next: (last: ChainedEntry | null) => ChainedEntry): void => {
      insert.run(next((last.get() as ChainedEntry | undefined) ?? null));
    }).immediate,
    /** Runs `work` on one state of the log, whatever others write meanwhile. */
    reading: <T>(work: () => T): T => db.transaction(work).deferred(),
  };
}
