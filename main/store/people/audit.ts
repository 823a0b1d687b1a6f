import type { AuditAnchor, AuditEntry, AuditFilter } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

export interface ChainedEntry extends AuditEntry {
  readonly prevHash: string;
  readonly hash: string;
}

/** The newest entry ever written, whether or not it is still there. */
export type AuditHead = Pick<ChainedEntry, 'seq' | 'hash'>;

/** Entries that go in one step: some milliseconds, after which others write. */
const trimStep = 200;

/** The audit log as stored; how entries are chained is `access/audit.ts`'s business. */
export function auditRepository(db: Db) {
  // SQLite's own lower() and LIKE know the case of ASCII letters only.
  db.function('audit_fold', { deterministic: true }, (text) => String(text).toLowerCase());
  const columns = 'seq, at, person, action, subject, outcome, details, prev_hash AS prevHash, hash';
  const fits = `(@person IS NULL OR instr(audit_fold(person), @person) > 0)
    AND (@action IS NULL OR substr(audit_fold(action), 1, length(@action)) = @action)
    AND (@subject IS NULL OR instr(audit_fold(subject), @subject) > 0 OR instr(audit_fold(details), @subject) > 0)
    AND (@outcome IS NULL OR outcome = @outcome)
    AND (@from IS NULL OR at >= @from) AND (@to IS NULL OR at < @to)`;
  const newest = db.prepare(`SELECT seq, at, person, action, subject, outcome, details FROM audit_log
    WHERE seq < @before AND seq >= @downTo AND ${fits} ORDER BY seq DESC LIMIT @limit`);
  const oldest = db.prepare(`SELECT ${columns} FROM audit_log
    WHERE seq > @after AND seq <= @upTo AND ${fits} ORDER BY seq LIMIT @limit`);
  const after = db.prepare(`SELECT ${columns} FROM audit_log WHERE seq > ? ORDER BY seq LIMIT ?`);
  const head = db.prepare('SELECT seq, hash FROM audit_head');
  const last = db.prepare('SELECT max(seq) FROM audit_log').pluck();
  const anchors = db.prepare('SELECT seq, hash, at, person FROM audit_anchors ORDER BY seq');
  const anchor = db.prepare(
    'INSERT INTO audit_anchors (seq, hash, at, person) VALUES (@seq, @hash, @at, @person)',
  );
  const dropTrimmed = db.prepare(`DELETE FROM audit_log WHERE seq IN (SELECT seq FROM audit_log
    WHERE seq <= (SELECT max(seq) FROM audit_anchors) ORDER BY seq LIMIT ${trimStep})`);
  const insert =
    db.prepare(`INSERT INTO audit_log (seq, at, person, action, subject, outcome, details, prev_hash, hash)
    VALUES (@seq, @at, @person, @action, @subject, @outcome, @details, @prevHash, @hash)`);

  const readHead = (): AuditHead | null => (head.get() as AuditHead | undefined) ?? null;
  const parameters = ({ person, action, subject, outcome, from, to }: AuditFilter) => ({
    person: person?.toLowerCase() ?? null,
    action: action?.toLowerCase() ?? null,
    subject: subject?.toLowerCase() ?? null,
    outcome: outcome ?? null,
    from: from ?? null,
    to: to ?? null,
  });

  return {
    /** Newest first; only those before the number `before` and from `downTo` on. */
    list: (
      limit: number,
      filter: AuditFilter = {},
      before: number | null = null,
      downTo = Number.NEGATIVE_INFINITY,
    ): AuditEntry[] =>
      newest.all({
        ...parameters(filter),
        before: before ?? Number.POSITIVE_INFINITY,
        downTo,
        limit,
      }) as AuditEntry[],
    /** Oldest first, after one number and up to another. */
    page: (filter: AuditFilter, place: { after: number; upTo: number; limit: number }): ChainedEntry[] =>
      oldest.all({ ...parameters(filter), ...place }) as ChainedEntry[],
    /** The next entries in the order of their numbers, whatever is in them. */
    next: (seq: number, limit: number): ChainedEntry[] => after.all(seq, limit) as ChainedEntry[],
    head: readHead,
    /** Every place up to which the log was trimmed, oldest first. */
    anchors: (): AuditAnchor[] => anchors.all() as AuditAnchor[],
    /** From now on what is up to this entry may be deleted. Throws where there is no such entry, or none behind it. */
    anchor: (item: AuditAnchor): void => void anchor.run(item),
    /** Deletes some of what is up to the last anchor, the oldest first: how many. */
    dropTrimmed: (): number => dropTrimmed.run().changes,
    /** The head and the highest number that is there, of one moment. */
    ends: db.transaction((): { head: AuditHead | null; last: number } => ({
      head: readHead(),
      last: (last.get() as number | null) ?? 0,
    })).deferred,
    /**
     * Continues from the newest entry ever written in one write transaction, so that two processes can not fork the
     * chain: begun as a reader, the second one would fail at its write instead of waiting.
     */
    append: db.transaction((next: (head: AuditHead | null) => ChainedEntry): void => {
      insert.run(next(readHead()));
    }).immediate,
  };
}
