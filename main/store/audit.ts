import type { AuditEntry } from '../../preload/contract/models.ts';
import type { Db } from './db.ts';

export interface ChainedEntry extends AuditEntry {
  readonly prevHash: string;
  readonly hash: string;
}

/** The newest entry ever written, whether or not it is still there. */
export type AuditHead = Pick<ChainedEntry, 'seq' | 'hash'>;

/** The audit log as stored; how entries are chained is `access/audit.ts`'s business. */
export function auditRepository(db: Db) {
  const columns = 'seq, at, person, action, subject, outcome, details, prev_hash AS prevHash, hash';
  const list = db.prepare(`SELECT ${columns} FROM audit_log ORDER BY seq DESC LIMIT ?`);
  const all = db.prepare(`SELECT ${columns} FROM audit_log ORDER BY seq`);
  const head = db.prepare('SELECT seq, hash FROM audit_head');
  const insert =
    db.prepare(`INSERT INTO audit_log (seq, at, person, action, subject, outcome, details, prev_hash, hash)
    VALUES (@seq, @at, @person, @action, @subject, @outcome, @details, @prevHash, @hash)`);

  const readHead = (): AuditHead | null => (head.get() as AuditHead | undefined) ?? null;

  return {
    list: (limit: number): AuditEntry[] =>
      (list.all(limit) as ChainedEntry[]).map(({ prevHash: _, hash: __, ...entry }) => entry),
    all: (): IterableIterator<ChainedEntry> => all.iterate() as IterableIterator<ChainedEntry>,
    head: readHead,
    /**
     * Continues from the newest entry ever written in one write transaction, so that two processes can not fork the
     * chain: begun as a reader, the second one would fail at its write instead of waiting.
     */
    append: db.transaction((next: (head: AuditHead | null) => ChainedEntry): void => {
      insert.run(next(readHead()));
    }).immediate,
    /** Runs `work` on one state of the log, whatever others write meanwhile. */
    reading: <T>(work: () => T): T => db.transaction(work).deferred(),
  };
}
