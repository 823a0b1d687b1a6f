import type { Job, RunEntry, RunFacts } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

/** So many entries of a run are kept: those of its beginning, and the newest. */
export const mostEntries = 400;
const keptFromBeginning = 50;
/** Entries of one write: of a burst only the newest are worth more than knowing that it was one. */
const mostAtOnce = 200;

export type Counts = Readonly<Record<string, number>>;
type Decided = NonNullable<Job['decided']>;

/** What is kept of a run beside its job: rows before and after are null where none are known. */
export interface RunRecord {
  readonly facts: RunFacts;
  readonly before: Counts | null;
  readonly after: Counts | null;
}

export const noFacts: RunFacts = { phases: [], reads: [], requests: 0, retries: 0, waits: 0, waitedMs: 0 };

/** How each run went and what it said on the way. Everything of a run goes with its job. */
export function runRepository(db: Db) {
  const facts = db.prepare('SELECT facts, before, after FROM sync_job_facts WHERE job_id = ?');
  const putFacts = db.prepare(`INSERT INTO sync_job_facts (job_id, facts) VALUES (@jobId, @facts)
    ON CONFLICT (job_id) DO UPDATE SET facts = excluded.facts`);
  const putCounts =
    db.prepare(`INSERT INTO sync_job_facts (job_id, facts, before, after) VALUES (@jobId, @facts, @before, @after)
    ON CONFLICT (job_id) DO UPDATE SET before = excluded.before, after = excluded.after`);
  const putRecords = db.prepare(
    'UPDATE sync_jobs SET records = @records, records_before = @recordsBefore WHERE id = @jobId',
  );
  const decide = db.prepare("UPDATE sync_jobs SET decided = @decided WHERE id = @jobId AND status = 'held'");
  const log = db.prepare('SELECT first, count, entries FROM sync_job_log WHERE job_id = ? ORDER BY first');
  const sizes = db.prepare('SELECT first, count FROM sync_job_log WHERE job_id = ? ORDER BY first');
  const add = db.prepare(
    'INSERT INTO sync_job_log (job_id, first, count, entries) VALUES (@jobId, @first, @count, @entries)',
  );
  const drop = db.prepare('DELETE FROM sync_job_log WHERE job_id = @jobId AND first = @first');

  type Piece = { readonly first: number; readonly count: number; readonly entries: string };
  const countsOf = (text: string | null): Counts | null => (text === null ? null : JSON.parse(text));

  return {
    /** Null for a run of before this was kept, and for one that did not begin. */
    find(jobId: string): RunRecord | null {
      const row = facts.get(jobId) as Record<'facts' | 'before' | 'after', string | null> | undefined;
      if (!row) return null;
      return {
        facts: JSON.parse(row.facts as string),
        before: countsOf(row.before),
        after: countsOf(row.after),
      };
    },
    putFacts: (jobId: string, known: RunFacts): void =>
      void putFacts.run({ jobId, facts: JSON.stringify(known) }),
    /** Rows per table, and records of the source, before and after; `before` is null where nothing was published. */
    putCounts(
      jobId: string,
      counts: { before: Counts | null; after: Counts; records: number; recordsBefore: number | null },
    ): void {
      const { before, after, records, recordsBefore } = counts;
      const texts = { before: before && JSON.stringify(before), after: JSON.stringify(after) };
      putCounts.run({ jobId, facts: JSON.stringify(noFacts), ...texts });
      putRecords.run({ jobId, records, recordsBefore });
    },
    /** What a person decided about a held run. */
    decide: (jobId: string, decided: Decided): void =>
      void decide.run({ jobId, decided: JSON.stringify(decided) }),
    /**
     * Adds what a run said; the oldest after its beginning goes where it is too much. Belongs into a transaction: two
     * processes may say something of one job.
     */
    say(jobId: string, said: readonly RunEntry[]): void {
      if (said.length === 0) return;
      const pieces = sizes.all(jobId) as Omit<Piece, 'entries'>[];
      const last = pieces.at(-1);
      const next = last ? last.first + last.count : 1;
      const kept = said.slice(-mostAtOnce);
      const first = next + said.length - kept.length;
      add.run({ jobId, first, count: kept.length, entries: JSON.stringify(kept) });
      let total = pieces.reduce((sum, { count }) => sum + count, kept.length);
      for (const piece of pieces) {
        if (total <= mostEntries) break;
        if (piece.first <= keptFromBeginning) continue;
        drop.run({ jobId, first: piece.first });
        total -= piece.count;
      }
    },
    /** Everything that is kept of what a run said, numbered from 1; a gap in the numbers is what went. */
    log: (jobId: string): { readonly seq: number; readonly entry: RunEntry }[] =>
      (log.all(jobId) as Piece[]).flatMap(({ first, entries }) =>
        (JSON.parse(entries) as RunEntry[]).map((entry, at) => ({ seq: first + at, entry })),
      ),
  };
}
