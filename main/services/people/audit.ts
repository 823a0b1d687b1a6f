import { auditPieces, exportAudit, listAudit } from '../../access/audit-export.ts';
import type { Handlers, Services } from '../context.ts';
import { auditTrim } from './audit-trim.ts';

/** The log of who did what: looked at, verified and handed to others. */
export function auditService(services: Services): Handlers<'audit'> {
  const { access, auditAnchors, auditSeal, store, now } = services;
  /** Of the log, or of an anchor that ended with it. */
  const hashOfEntry = (seq: number): string | null => {
    const [entry] = store.audit.next(seq - 1, 1);
    if (entry?.seq === seq) return entry.hash;
    return store.audit.anchors().find((anchor) => anchor.seq === seq)?.hash ?? null;
  };
  return {
    'audit.trim': auditTrim(services),
    'audit.list': ({ limit, before, ...filter }, { signal }) =>
      listAudit(store, filter, { limit, before: before ?? null }, signal),
    'audit.verify': async ({ entry }, { signal }) => ({
      ...(await access.audit.verify(signal)),
      anchors: store.audit.anchors(),
      anchored: auditAnchors.check(),
      entryHash: entry === undefined ? null : hashOfEntry(entry),
      seal: auditSeal.check(),
    }),
    async 'audit.export'({ format, save, ...filter }, { seat, signal }) {
      if (!save) return { ...(await exportAudit(store, filter, format, signal)), path: null };
      let count = 0;
      async function* texts(): AsyncGenerator<string, void> {
        for await (const piece of auditPieces(store, filter, format, signal)) {
          count += piece.count;
          yield piece.text;
        }
      }
      const path = await seat.desk.save(`headgate-activity-${now().slice(0, 10)}.${format}`, texts());
      return { text: null, path, count };
    },
  };
}
