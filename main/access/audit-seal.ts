import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditSealing } from '../../preload/contract/models.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { Note, VaultNotes } from '../vault/notes.ts';
import { auditChunk, follows } from './audit.ts';

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
  /** Seals what is there now, if the vault is open. */
  settle(): Promise<void>;
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

  const look = (note: Note): Found => {
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
      if (!follows(entry, { seq, hash })) return null;
      ({ seq, hash } = entry);
    }
    return { seq, hash };
  };

  /** What stands in the vault next; null where that stays. What does not fit the last seal is not sealed over: it is what shows it. */
  const after = (note: Note): SealedHead | null => {
    const { state, head } = look(note);
    if (state === 'missing') {
      const newest = store.audit.head();
      return newest && { ...newest, at: now(), from: newest.seq, since: now() };
    }
    const reached = state === 'sealed' && head ? next(head) : null;
    if (!reached || !head) {
      log.error('audit.seal_broken', { seq: head?.seq });
      return null;
    }
    return reached.seq === head.seq ? null : { ...head, ...reached, at: now() };
  };

  /** True where there may be more to seal. */
  const seal = (): boolean => {
    let sealed: SealedHead | null = null;
    try {
      notes.change(name, (note) => {
        sealed = after(note);
        return sealed && JSON.stringify(sealed);
      });
    } catch (error) {
      log.warn('audit.unsealed', { error });
      return false;
    }
    return sealed !== null;
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
      const { state, head } = look(notes.read(name));
      const { seq, at, from, since } = head ?? { seq: null, at: null, from: null, since: null };
      return { state, seq, at, from, since };
    },
    settle: sealAll,
    async close() {
      stopping.abort();
      await waiting;
      await sealAll();
    },
  };
}
