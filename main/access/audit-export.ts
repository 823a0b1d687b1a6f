import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditFilter } from '../../preload/contract/models.ts';
import type { ChainedEntry } from '../store/audit.ts';
import type { Store } from '../store/index.ts';
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

/** Everything that fits, oldest first, as one text: CSV with a header, or a JSON array with one entry a line. */
export async function exportAudit(
  store: Pick<Store, 'audit'>,
  filter: AuditFilter,
  format: 'csv' | 'json',
  signal: AbortSignal,
): Promise<{ text: string; count: number }> {
  const upTo = store.audit.head()?.seq ?? 0;
  const parts: string[] = [];
  let after = 0;
  for (;;) {
    const page = store.audit.page(filter, { after, upTo, limit: auditChunk });
    for (const entry of page) {
      parts.push(
        format === 'csv'
          ? csvLine(ordered(entry).map(([, value]) => value))
          : JSON.stringify(Object.fromEntries(ordered(entry))),
      );
      after = entry.seq;
    }
    if (page.length < auditChunk) break;
    await nextTurn();
    signal.throwIfAborted();
  }
  const text =
    format === 'csv'
      ? csvLine(fields) + parts.join('')
      : parts.length === 0
        ? '[]\n'
        : `[\n${parts.join(',\n')}\n]\n`;
  return { text, count: parts.length };
}
