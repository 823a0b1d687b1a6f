import { auditPieces, exportAudit, listAudit } from '../../access/audit-export.ts';
import type { Handlers, Services } from '../context.ts';

/** The log of who did what: looked at, verified and handed to others. */
export function auditService({ access, auditSeal, store, now }: Services): Handlers<'audit'> {
  return {
    'audit.list': ({ limit, before, ...filter }, { signal }) =>
      listAudit(store, filter, { limit, before: before ?? null }, signal),
    'audit.verify': async (_, { signal }) => ({
      ...(await access.audit.verify(signal)),
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
