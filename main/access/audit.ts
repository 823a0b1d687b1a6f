import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../preload/contract/models.ts';
import type { ChainedEntry } from '../store/audit.ts';
import type { Store } from '../store/index.ts';

export type AuditRecord = Pick<AuditEntry, 'person' | 'action' | 'subject' | 'outcome' | 'details'>;

/** The hash of an entry covers every field and the hash before it, so a removed, moved or altered entry shows. */
function hashOf(entry: Omit<ChainedEntry, 'hash'>): string {
  const { seq, at, person, action, subject, outcome, details, prevHash } = entry;
  return createHash('sha256')
    .update(JSON.stringify([seq, at, person, action, subject, outcome, details, prevHash]))
    .digest('hex');
}

/** The append-only log of who did what. Details are written by `dispatch` and hold no secrets. */
export function createAudit(store: Store, now: () => string) {
  return {
    record(entry: AuditRecord): void {
      store.audit.append((head) => {
        const next = { ...entry, seq: (head?.seq ?? 0) + 1, at: now(), prevHash: head?.hash ?? '' };
        return { ...next, hash: hashOf(next) };
      });
    },
    /** The sequence number of the first entry that does not fit the chain or is missing; null when all are as written. */
    firstBroken(): number | null {
      return store.audit.reading(() => {
        let prevHash = '';
        let seq = 0;
        for (const entry of store.audit.all()) {
          seq += 1;
          if (entry.seq !== seq || entry.prevHash !== prevHash || entry.hash !== hashOf(entry)) return seq;
          prevHash = entry.hash;
        }
        // Entries cut off the end leave a chain that fits; what it once reached is remembered beside it.
        const head = store.audit.head();
        if (head === null) return seq === 0 ? null : seq;
        if (head.seq > seq) return seq + 1;
        return head.seq === seq && head.hash === prevHash ? null : seq;
      });
    },
  };
}
export type Audit = ReturnType<typeof createAudit>;
