import type { AuditAnchor, AuditVerification } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import type { VaultNotes } from '../vault/notes.ts';

/*
 * Where the log begins after it was trimmed. Anybody who can write the workspace's file could put an anchor there and delete
 * what is before it; so every anchor is noted in the vault as well, like how far the log went (`audit-seal.ts`). It is noted
 * before it is put: a trim that was cut off in between has one anchor more in the vault than in the log, which is whole then.
 */

const name = 'audit-anchors';

export interface AuditAnchors {
  /** Whether the vault knows the anchors of this log. */
  check(): AuditVerification['anchored'];
  /**
   * Notes an anchor and puts it; from then on what is up to it may be deleted. Fails with VAULT_LOCKED where it can't be noted,
   * and throws where there is no such entry.
   */
  add(anchor: AuditAnchor): void;
}

const plain = (anchors: readonly AuditAnchor[]): string =>
  JSON.stringify(anchors.map(({ seq, hash, at, person }) => [seq, hash, at, person]));

export function createAuditAnchors({
  store,
  notes,
}: {
  readonly store: Pick<Store, 'audit'>;
  readonly notes: VaultNotes;
}): AuditAnchors {
  return {
    check() {
      const there = store.audit.anchors();
      const note = notes.read(name);
      if (note.state === 'damaged') return 'broken';
      if (note.state !== 'read') {
        if (there.length === 0) return 'none';
        return note.state === 'shut' ? 'unchecked' : 'missing';
      }
      // Nobody but Headgate can have written it, or it would not have opened.
      const noted = JSON.parse(note.text) as AuditAnchor[];
      if (plain(noted) !== plain(there) && plain(noted.slice(0, -1)) !== plain(there)) return 'broken';
      return there.length === 0 ? 'none' : 'sealed';
    },
    add(anchor) {
      const next = [...store.audit.anchors(), anchor];
      let noted = false;
      notes.change(name, () => {
        noted = true;
        return JSON.stringify(next);
      });
      if (!noted) throw new AppError('VAULT_LOCKED', say('people.logCanOnlyTrimmed'));
      store.audit.anchor(anchor);
    },
  };
}
