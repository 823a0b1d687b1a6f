import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { AuditSealing, AuditVerification } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { below, say, several } from '../../../preload/messages/said.ts';
import { verifyExport } from '../../access/audit-file.ts';
import { AppError } from '../../errors.ts';
import { type Console, exits, print, type Session } from './commands.ts';

/* Proving what was done, handing it to others, and letting old entries go. */

function sealSaid({ state, seq, at, from, since }: AuditSealing): Said {
  if (state === 'unchecked') return say('console.seal.unchecked');
  if (state === 'missing') return say('console.seal.missing');
  if (seq === null) return say('console.seal.changed');
  const upTo = { seq: String(seq), at: at ?? '' };
  return state === 'sealed'
    ? say('console.seal.sealed', { ...upTo, from: String(from), since: since ?? '' })
    : say('console.seal.other', upTo);
}

function anchorSaid({ anchors, anchored }: AuditVerification): Said[] {
  const last = anchors.at(-1);
  if (!last) return anchored === 'broken' ? [say('console.anchor.broken')] : [];
  const { seq, hash, person, at } = last;
  const where = say('console.anchor.at', { seq: String(seq), hash, person, at });
  return [anchored === 'none' ? where : several([where, say(`console.anchor.${anchored}`)])];
}

async function verifyLog(session: Session, to: Console): Promise<number> {
  const found = await session.api.audit.verify({}, { signal: to.signal });
  const { entries, firstBroken, headSeq, headHash } = found;
  print(to, found, () =>
    below([
      firstBroken === null
        ? say('console.audit.unbroken', { entries, seq: String(headSeq), hash: headHash })
        : say('console.audit.broken', { seq: String(firstBroken), entries }),
      ...anchorSaid(found),
      sealSaid(found.seal),
    ]),
  );
  // Nothing to complain of where the vault can't say; a log that has no seal although it could is not as it should be.
  const sealed = found.seal.state === 'sealed' || found.seal.state === 'unchecked' || found.headSeq === 0;
  const anchored = found.anchored !== 'broken' && found.anchored !== 'missing';
  return found.firstBroken === null && sealed && anchored ? 0 : exits.config;
}

/** How one end of a file fits this log: `unknown` where that has no such entry. */
type End = 'fits' | 'other' | 'unknown';

async function verifyFile(session: Session, file: string, to: Console): Promise<number> {
  await access(file).catch((cause: unknown) => {
    throw new AppError('INPUT_INVALID', say('command.fileCanNotRead', { file }), { cause });
  });
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const found = await verifyExport(lines);
  const endOf = async (seq: number, hash: string): Promise<End> => {
    // Before the first entry there is nothing, and everybody knows its hash.
    if (seq === 0) return hash === '' ? 'fits' : 'other';
    const { entryHash } = await session.api.audit.verify({ entry: seq }, { signal: to.signal });
    return entryHash === null ? 'unknown' : entryHash === hash ? 'fits' : 'other';
  };
  const { first, last, brokenLine, entries } = found;
  const begins: End = first === null ? 'unknown' : await endOf(first.seq - 1, first.prevHash);
  const ends: End = last === null ? 'unknown' : await endOf(last.seq, last.hash);
  const joins = begins !== 'other' && ends === 'fits';
  print(to, { file, ...found, begins, ends }, () =>
    below([
      brokenLine !== null
        ? say('console.audit.fileBroken', { line: String(brokenLine) })
        : first && last
          ? say('console.audit.fileWhole', { entries, first: String(first.seq), last: String(last.seq) })
          : say('console.audit.fileEmpty', { entries }),
      ...(last === null
        ? []
        : [
            joins
              ? say('console.audit.ofThis', { seq: String(last.seq) })
              : ends === 'unknown' && begins !== 'other'
                ? say('console.audit.unknownEntry', { seq: String(last.seq) })
                : say('console.audit.notOfThis'),
          ]),
    ]),
  );
  return brokenLine === null && joins ? 0 : exits.config;
}

/** A day or a moment as people write them: `2026-01-01`, in the time zone of this computer. */
function momentOf(text: string): string {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text);
  if (Number.isNaN(at.getTime())) throw new AppError('INPUT_INVALID', say('command.noDaySuch2026', { text }));
  return at.toISOString();
}

export interface AuditOptions {
  readonly format: string | undefined;
  readonly file: string | undefined;
  readonly before: string | undefined;
}

/** `audit verify [--file FILE]`, `audit export [csv|json]` and `audit trim --before DATE --file FILE`. */
export async function auditCommand(
  session: Session,
  what: string,
  { format, file, before }: AuditOptions,
  to: Console,
): Promise<number> {
  if (what === 'verify') return file === undefined ? verifyLog(session, to) : verifyFile(session, file, to);
  if (what === 'export' && (format === undefined || format === 'csv' || format === 'json')) {
    // Written to the output piece by piece: the desk of this command saves there.
    await session.api.audit.export({ format: format ?? 'csv', save: true }, { signal: to.signal });
    return 0;
  }
  if (what === 'trim' && before !== undefined && file !== undefined) {
    const done = await session.api.audit.trim({ before: momentOf(before) }, { signal: to.signal });
    print(to, done, () => say('console.audit.trimmed', { entries: done.count, file: done.path ?? '' }));
    return 0;
  }
  to.err.write(
    'audit verify [--file FILE] | audit export [csv|json] | audit trim --before DATE --file FILE\n',
  );
  return exits.usage;
}
