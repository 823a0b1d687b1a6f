import type { ChainedEntry } from '../store/people/audit.ts';
import { follows } from './audit.ts';

/** What an exported file says by itself. */
export interface ExportVerification {
  readonly entries: number;
  /** The first entry, and the hash that it goes on from; null for a file without entries. */
  readonly first: { readonly seq: number; readonly prevHash: string } | null;
  readonly last: { readonly seq: number; readonly hash: string } | null;
  /** The line of the first entry that does not go on from the one before, or is none; null when all do. */
  readonly brokenLine: number | null;
}

const isEntry = (value: unknown): value is ChainedEntry =>
  typeof value === 'object' &&
  value !== null &&
  Number.isSafeInteger((value as ChainedEntry).seq) &&
  typeof (value as ChainedEntry).hash === 'string' &&
  typeof (value as ChainedEntry).prevHash === 'string';

function entryOf(line: string): ChainedEntry | null {
  try {
    const value: unknown = JSON.parse(line.replace(/,$/, ''));
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Computes the chain of an export (its JSON form, an entry a line) anew, a line at a time. That it is of a certain log is told
 * by comparing its ends with that.
 */
export async function verifyExport(lines: AsyncIterable<string>): Promise<ExportVerification> {
  let [entries, line] = [0, 0];
  let first: ExportVerification['first'] = null;
  let last: ExportVerification['last'] = null;
  for await (const text of lines) {
    line += 1;
    const bare = text.trim();
    if (bare === '' || bare === '[' || bare === ']' || bare === '[]') continue;
    const entry = entryOf(bare);
    if (entry === null) return { entries, first, last, brokenLine: line };
    const before: Pick<ChainedEntry, 'seq' | 'hash'> = last ?? { seq: entry.seq - 1, hash: entry.prevHash };
    if (!follows(entry, before)) return { entries, first, last, brokenLine: line };
    first ??= { seq: entry.seq, prevHash: entry.prevHash };
    last = { seq: entry.seq, hash: entry.hash };
    entries += 1;
  }
  return { entries, first, last, brokenLine: null };
}
