import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { AuditSealing, AuditVerification } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { verifyExport } from '../../access/audit-file.ts';
import { AppError } from '../../errors.ts';
import { count } from '../terminal/terminal.ts';
import { type Console, exits, print, type Session } from './commands.ts';

/* Proving what was done, handing it to others, and letting old entries go. */

function sealText({ state, seq, at, from, since }: AuditSealing): string {
  if (state === 'unchecked') return 'The vault is not open, so that its seal of the log can not be checked.';
  if (state === 'missing') return 'NOT SEALED: the vault has no seal of this log, or it was taken away.';
  if (seq === null) return 'SEAL BROKEN: it was changed by something other than Headgate.';
  return state === 'sealed'
    ? `Sealed up to entry ${seq} at ${at}, with every entry since ${from} (${since}).`
    : `SEAL BROKEN: this is not the log that was sealed up to entry ${seq} at ${at}.`;
}

const anchoredWords: Readonly<Record<AuditVerification['anchored'], string>> = {
  none: '',
  sealed: 'The vault knows that.',
  missing: 'NOT SEALED: the vault does not know of that, or its note was taken away.',
  broken: 'ANCHOR BROKEN: the log was not trimmed there by Headgate.',
  unchecked: 'The vault is not open, so that it can not be asked.',
};

function anchorText({ anchors, anchored }: AuditVerification): string[] {
  const last = anchors.at(-1);
  if (!last) return anchored === 'broken' ? [anchoredWords.broken] : [];
  const where = `Begins behind entry ${last.seq} ${last.hash}, up to which ${last.person} had it trimmed at ${last.at}.`;
  return [`${where} ${anchoredWords[anchored]}`];
}

async function verifyLog(session: Session, to: Console): Promise<number> {
  const found = await session.api.audit.verify({}, { signal: to.signal });
  print(to, found, () =>
    [
      found.firstBroken === null
        ? `${count(found.entries)} entries, unbroken. Newest: ${found.headSeq} ${found.headHash}`
        : `BROKEN from entry ${found.firstBroken} of ${count(found.entries)}: it was altered, moved or removed.`,
      ...anchorText(found),
      sealText(found.seal),
    ].join('\n'),
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
    [
      brokenLine === null
        ? `${count(entries)} entries${first && last ? `, ${first.seq} to ${last.seq}` : ''}, unbroken.`
        : `BROKEN at line ${brokenLine}: it is no entry, or not the one behind the one before.`,
      ...(last === null
        ? []
        : [
            joins
              ? `It is of this log: entry ${last.seq} has the hash that the log knows.`
              : ends === 'unknown' && begins !== 'other'
                ? `The log does not know entry ${last.seq}, so that it can not say whether this is of it.`
                : 'NOT OF THIS LOG: its ends have other hashes than the log knows.',
          ]),
    ].join('\n'),
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
    print(to, done, () => `${count(done.count)} entries are in ${done.path} now, and no longer in the log.`);
    return 0;
  }
  to.err.write(
    'audit verify [--file FILE] | audit export [csv|json] | audit trim --before DATE --file FILE\n',
  );
  return exits.usage;
}
