import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditSealing } from '../../preload/contract/models.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { VaultNotes } from '../vault/notes.ts';
import { auditChunk, hashOf } from './audit.ts';

/*
 * The hashes that chain the log can be computed by anybody. So how far it went is noted in the vault as well, where nobody
 * can write it without the data key: who rewrites the log, hashes included, can't make that note fit. It does not show that
 * the log and the vault were put back to an older state together, nor what somebody does with the vault open.
 */

const name = 'audit';
/** Entries come in bursts. */
const everyMs = 1000;

/** As it stands in the vault. */
interface SealedHead {
  /** The newest entry that is vouched for, and its hash; by the chain, all before it. */
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  /** Where sealing began: what is older was in the log already. */
  readonly from: number;
  readonly since: string;
}

export interface AuditSeal {
  /** An entry was written: the log is sealed up to it within a second, if the vault is open then. */
  noted(): void;
  /** Whether the log reaches, unchanged, the entry that was sealed last. */
  check(): AuditSealing;
  /** Seals what is left. */
  close(): Promise<void>;
}

/** What there is of a seal; `head` is null where nothing can be read. */
interface Found {
  readonly state: AuditSealing['state'];
  readonly head: SealedHead | null;
}

export function createAuditSeal(deps: {
  readonly store: Pick<Store, 'audit'>;
  readonly notes: VaultNotes;
  readonly now: () => string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
}): AuditSeal {
  const { store, notes, now, clock, log } = deps;
  const stopping = new AbortController();
  let waiting: Promise<void> | null = null;

  const look = (): Found => {
    const note = notes.read(name);
    if (note.state !== 'read') {
      if (note.state === 'damaged') return { state: 'broken', head: null };
      return { state: note.state === 'shut' ? 'unchecked' : 'missing', head: null };
    }
    // Nobody but Headgate can have written it, or it would not have opened.
    const head = JSON.parse(note.text) as SealedHead;
    const [entry] = store.audit.next(head.seq - 1, 1);
    const fits = entry?.seq === head.seq && entry.hash === head.hash;
    return { state: fits ? 'sealed' : 'broken', head };
  };

  /** The newest entry up to which the log goes on from a sealed one as it was written; some of them at a time. */
  const next = (from: SealedHead): Pick<SealedHead, 'seq' | 'hash'> | null => {
    let { seq, hash } = from;
    for (const entry of store.audit.next(seq, auditChunk)) {
      if (entry.seq !== seq + 1 || entry.prevHash !== hash || entry.hash !== hashOf(entry)) return null;
      ({ seq, hash } = entry);
    }
    return { seq, hash };
  };

  /** True where there is more to seal. What does not fit the last seal is not sealed over: it is what shows it. */
  const seal = (): boolean => {
    try {
      const found = look();
      if (found.state === 'unchecked') return false;
      if (found.state === 'missing') {
        const head = store.audit.head();
        if (head) notes.write(name, JSON.stringify({ ...head, at: now(), from: head.seq, since: now() }));
        return false;
      }
      const reached = found.state === 'sealed' && found.head ? next(found.head) : null;
      if (!reached || !found.head) {
        log.error('audit.seal_broken', { seq: found.head?.seq });
        return false;
      }
      if (reached.seq === found.head.seq) return false;
      notes.write(name, JSON.stringify({ ...found.head, ...reached, at: now() } satisfies SealedHead));
      return reached.seq - found.head.seq === auditChunk;
    } catch (error) {
      log.warn('audit.unsealed', { error });
      return false;
    }
  };

  const sealAll = async (): Promise<void> => {
    while (seal()) await nextTurn();
  };

  return {
    noted() {
      if (stopping.signal.aborted) return;
      waiting ??= clock
        .sleep(everyMs, stopping.signal)
        .then(sealAll, () => {})
        .finally(() => {
          waiting = null;
        });
    },
    check() {
      const { state, head } = look();
      const { seq, at, from, since } = head ?? { seq: null, at: null, from: null, since: null };
      return { state, seq, at, from, since };
    },
    async close() {
      stopping.abort();
      await waiting;
      await sealAll();
    },
  };
}
