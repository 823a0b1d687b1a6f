import { setImmediate as nextTurn } from 'node:timers/promises';
import { say } from '../../../preload/messages/said.ts';
import { auditChunk } from '../../access/audit.ts';
import { auditPieces } from '../../access/audit-export.ts';
import { AppError } from '../../errors.ts';
import type { ChainedEntry } from '../../store/people/audit.ts';
import { insistThemselves } from '../confirmed.ts';
import { emitChanged, type Handler, type Services } from '../context.ts';

const brokenText = say('people.logNotWrittenSo');

/** The last of the entries that are all before a moment, but for the newest of all; null where there is none. */
async function lastBefore(
  { store }: Pick<Services, 'store'>,
  before: string,
  signal: AbortSignal,
): Promise<ChainedEntry | null> {
  const head = store.audit.head()?.seq ?? 0;
  let last: ChainedEntry | null = null;
  for (let after = store.audit.anchors().at(-1)?.seq ?? 0; ; ) {
    const chunk = store.audit.next(after, auditChunk);
    for (const entry of chunk) {
      if (entry.seq >= head || entry.at >= before) return last;
      last = entry;
    }
    if (chunk.length < auditChunk || last === null) return last;
    after = last.seq;
    await nextTurn();
    signal.throwIfAborted();
  }
}

/** Older entries go to a file, and from the log once that is wholly on the disk. */
export function auditTrim(services: Services): Handler<'audit.trim'> {
  const { access, auditAnchors, auditSeal, now, store, vault } = services;

  /** What shows that somebody changed the log must not be cut off. */
  const insistWhole = async (signal: AbortSignal): Promise<void> => {
    const { state } = vault.status();
    if (state === 'locked' || state === 'session_only')
      throw new AppError('VAULT_LOCKED', say('people.logCanOnlyTrimmedWhile'));
    await auditSeal.settle();
    const { firstBroken } = await access.audit.verify(signal);
    const isBroken = auditSeal.check().state === 'broken' || auditAnchors.check() === 'broken';
    if (firstBroken !== null || isBroken) throw new AppError('AUDIT_BROKEN', brokenText);
  };

  return async ({ before }, caller) => {
    const { person, seat, signal, tell } = caller;
    await insistWhole(signal);
    const last = await lastBefore(services, before, signal);
    if (last === null) {
      throw new AppError('NOT_FOUND', say('people.noEntryLogOld'), {
        advice: say('people.noEntryLogOld.advice'),
      });
    }
    const after = store.audit.anchors().at(-1)?.seq ?? 0;
    const count = last.seq - after;
    await insistThemselves(services, caller, {
      title: say('asks.trim.title'),
      what: say('asks.trim.what', { count, day: before.slice(0, 10) }),
      agree: say('asks.trim.agree'),
    });
    let written = 0;
    async function* texts(upTo: number): AsyncGenerator<string, void> {
      for await (const piece of auditPieces(store, {}, 'json', signal, { after, upTo })) {
        written += piece.count;
        yield piece.text;
      }
    }
    const name = `headgate-activity-${after + 1}-${last.seq}.json`;
    const path = await seat.desk.save(name, texts(last.seq));
    if (path === null) return { path, count: 0, anchor: null };
    signal.throwIfAborted();
    if (written !== count) throw new AppError('AUDIT_BROKEN', brokenText);
    access.insistSeated(caller);
    const anchor = { seq: last.seq, hash: last.hash, at: now(), person: person.name };
    tell(`from=${after + 1} upTo=${anchor.seq} hash=${anchor.hash}`);
    // Before anything goes: what was done stands in the log in any case, and the newest entry, which is sealed, stays.
    caller.record();
    await auditSeal.settle();
    const { state, seq } = auditSeal.check();
    if (state !== 'sealed' || (seq ?? 0) <= anchor.seq)
      throw new AppError('VAULT_LOCKED', say('people.logCouldNotSealed'));
    auditAnchors.add(anchor);
    // From here on it is done: what is not removed now goes by the timetable.
    while (store.audit.dropTrimmed() > 0) await nextTurn();
    emitChanged(services, 'audit');
    while (store.giveBack()) await nextTurn();
    return { path, count, anchor };
  };
}
