import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditEntry, AuditFilter } from '../../preload/contract/models.ts';
import type { Store } from '../store/index.ts';
import type { ChainedEntry } from '../store/people/audit.ts';
import { auditChunk } from './audit.ts';

/*
 * Handing the log to others. The hash of an entry is the SHA-256, in hex, of the JSON array
 * [seq, at, person, action, subject, outcome, details, prevHash] without blanks: with the JSON form anybody can compute
 * the chain again. The CSV form is for spreadsheets; a cell there may carry one apostrophe more.
 */

const fields = [
  'seq',
  'at',
  'person',
  'action',
  'subject',
  'outcome',
  'details',
  'prevHash',
  'hash',
] as const satisfies readonly (keyof ChainedEntry)[];

/**
 * One cell (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it, also behind what
 * ends a cell where the comma is for decimals; the wide forms count where people write Japanese.
 */
export function csvCell(value: string | number): string {
  const text =
    typeof value === 'string'
      ? value.replace(/^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?=[=+\-@＝＋－＠])/g, "'")
      : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`;
const ordered = (entry: ChainedEntry): [string, string | number][] =>
  fields.map((field) => [field, entry[field]]);

/**
 * The newest entries that fit, newest first. A filter may have to look through the whole log: others get their turn after
 * every chunk.
 */
export async function listAudit(
  store: Pick<Store, 'audit'>,
  filter: AuditFilter,
  { limit, before }: { readonly limit: number; readonly before: number | null },
  signal: AbortSignal,
): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  // What is written while this looks is not looked for.
  const { last } = store.audit.ends();
  let end = Math.min(before ?? Number.POSITIVE_INFINITY, last + 1);
  while (end > 1) {
    const downTo = end - auditChunk;
    found.push(...store.audit.list(limit - found.length, filter, end, downTo));
    if (found.length === limit) break;
    end = downTo;
    await nextTurn();
    signal.throwIfAborted();
  }
  return found;
}

/** A part of an export, and how many entries are in it. */
interface ExportPiece {
  readonly text: string;
  readonly count: number;
}

/**
 * Everything that fits, oldest first, in pieces that make one text: CSV with a header, or a JSON array with one entry a
 * line. Only as much of the log as one piece has is held at a time, and others get their turn after each.
 */
export async function* auditPieces(
  store: Pick<Store, 'audit'>,
  filter: AuditFilter,
  format: 'csv' | 'json',
  signal: AbortSignal,
  /** The numbers between which entries are looked at; all unless given. */
  range?: { readonly after: number; readonly upTo: number },
): AsyncGenerator<ExportPiece, void> {
  const last = range?.upTo ?? store.audit.head()?.seq ?? 0;
  // What is before an anchor is in a file already.
  const begin = range?.after ?? store.audit.anchors().at(-1)?.seq ?? 0;
  if (format === 'csv') yield { text: csvLine(fields), count: 0 };
  let any = false;
  for (let after = begin; after < last; after += auditChunk) {
    // So many entries are looked at, however few fit.
    const upTo = Math.min(last, after + auditChunk);
    const found = store.audit.page(filter, { after, upTo, limit: auditChunk });
    if (found.length > 0) {
      yield {
        text: format === 'csv' ? csvOf(found) : `${any ? ',\n' : '[\n'}${jsonOf(found)}`,
        count: found.length,
      };
      any = true;
    }
    await nextTurn();
    signal.throwIfAborted();
  }
  if (format === 'json') yield { text: any ? '\n]\n' : '[]\n', count: 0 };
}

const csvOf = (entries: readonly ChainedEntry[]): string =>
  entries.map((entry) => csvLine(ordered(entry).map(([, value]) => value))).join('');
const jsonOf = (entries: readonly ChainedEntry[]): string =>
  entries.map((entry) => JSON.stringify(Object.fromEntries(ordered(entry)))).join(',\n');

/** The same as one text, for the clipboard. */
export async function exportAudit(
  ...given: Parameters<typeof auditPieces>
): Promise<{ text: string; count: number }> {
  const parts: string[] = [];
  let count = 0;
  for await (const piece of auditPieces(...given)) {
    parts.push(piece.text);
    count += piece.count;
  }
  return { text: parts.join(''), count };
}
