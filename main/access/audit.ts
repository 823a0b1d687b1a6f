import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditEntry, AuditVerification } from '../../preload/contract/models.ts';
import type { Store } from '../store/index.ts';
import type { AuditHead, ChainedEntry } from '../store/people/audit.ts';

/** What the chain says by itself; what the vault says of it comes from `audit-seal.ts`. */
export type ChainVerification = Omit<AuditVerification, 'seal' | 'anchors' | 'anchored' | 'entryHash'>;
export type AuditRecord = Pick<AuditEntry, 'person' | 'action' | 'subject' | 'outcome' | 'details'>;

/** Entries that are checked or written out in one go: some milliseconds, after which others get their turn. */
export const auditChunk = 1000;

/** The hash of an entry covers every field and the hash before it, so a removed, moved or altered entry shows. */
export function hashOf(entry: Omit<ChainedEntry, 'hash'>): string {
  const { seq, at, person, action, subject, outcome, details, prevHash } = entry;
  return createHash('sha256')
    .update(JSON.stringify([seq, at, person, action, subject, outcome, details, prevHash]))
    .digest('hex');
}

/** Whether an entry, as it is, is the one behind another, of which number and hash are known. */
export const follows = (entry: ChainedEntry, { seq, hash }: Pick<ChainedEntry, 'seq' | 'hash'>): boolean =>
  entry.seq === seq + 1 && entry.prevHash === hash && entry.hash === hashOf(entry);

/** The append-only log of who did what. Details are written by `dispatch` and hold no secrets. */
export function createAudit(store: Pick<Store, 'audit'>, now: () => string, onRecorded = (): void => {}) {
  /**
   * Where the chain begins: with nothing, or behind the last anchor. Of a trim that is under way, or was cut off, some entries
   * up to the anchor are still there; that they lead to its hash is what shows that they are as they were.
   */
  const beginning = (anchor: AuditHead | undefined): AuditHead => {
    const nothing = { seq: 0, hash: '' };
    const [oldest] = store.audit.next(Number.NEGATIVE_INFINITY, 1);
    // One that was put before number 1 is none of ours.
    if (anchor === undefined || (oldest && oldest.seq < 1)) return nothing;
    if (!oldest || oldest.seq > anchor.seq) return { seq: anchor.seq, hash: anchor.hash };
    return { seq: oldest.seq - 1, hash: oldest.prevHash };
  };

  /**
   * Walks along the chain up to the head as it is now, and stops after every chunk. Entries are only ever added behind
   * the head, so that a chunk read later is still of the same log; those added meanwhile are not looked at. One that is
   * trimmed meanwhile is read from its new beginning.
   */
  function* walk(): Generator<void, ChainVerification> {
    const head = store.audit.head();
    const upTo = head?.seq ?? Number.MAX_SAFE_INTEGER;
    const anchor = store.audit.anchors().at(-1);
    const from = beginning(anchor);
    let { seq, hash: prevHash } = from;
    let firstBroken: number | null = null;
    let chunk: ChainedEntry[];
    do {
      // From the very first: one that was put before it is none of ours either.
      chunk = store.audit.next(seq === from.seq ? Number.NEGATIVE_INFINITY : seq, auditChunk);
      for (const entry of chunk) {
        if (seq === upTo) break;
        const fits =
          follows(entry, { seq, hash: prevHash }) &&
          (entry.seq !== anchor?.seq || entry.hash === anchor.hash);
        seq += 1;
        if (!fits) {
          firstBroken = seq;
          break;
        }
        prevHash = entry.hash;
      }
      yield;
      const now = store.audit.anchors().at(-1);
      if (now?.seq !== anchor?.seq || beginning(now).seq !== from.seq) return yield* walk();
    } while (firstBroken === null && seq < upTo && chunk.length === auditChunk);

    // Entries cut off the end leave a chain that fits; what it once reached is remembered beside it.
    if (firstBroken === null && head === null) firstBroken = seq === 0 ? null : seq;
    else if (firstBroken === null && seq < upTo) firstBroken = seq + 1;
    else if (firstBroken === null && head?.hash !== prevHash) firstBroken = seq;
    // What stands behind the head was not written by `append`, which moves the head along.
    const ends = store.audit.ends();
    if (firstBroken === null && ends.last > (ends.head?.seq ?? 0)) firstBroken = (ends.head?.seq ?? 0) + 1;
    return { entries: seq - from.seq, firstBroken, headSeq: head?.seq ?? 0, headHash: head?.hash ?? '' };
  }

  return {
    record(entry: AuditRecord): void {
      // SQLite keeps UTF-8, in which half a surrogate pair has no place: its hash would not fit what is read back.
      const { person, action, subject, outcome, details } = entry;
      const texts = {
        person: person.toWellFormed(),
        action,
        subject: subject.toWellFormed(),
        outcome,
        details: details.toWellFormed(),
      };
      store.audit.append((head) => {
        const next = { ...texts, seq: (head?.seq ?? 0) + 1, at: now(), prevHash: head?.hash ?? '' };
        return { ...next, hash: hashOf(next) };
      });
      onRecorded();
    },
    /** The number of the first entry that does not fit the chain or is missing; null when all are as written. */
    firstBroken(): number | null {
      const steps = walk();
      for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value.firstBroken;
    },
    /** The same without keeping others waiting, however long the log is. */
    async verify(signal: AbortSignal): Promise<ChainVerification> {
      const steps = walk();
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) return step.value;
        await nextTurn();
        signal.throwIfAborted();
      }
    },
  };
}
export type Audit = ReturnType<typeof createAudit>;
