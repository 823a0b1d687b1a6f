import { endOfQuoted } from '../../../../preload/contract/sql-text.ts';

/** The code of a text by its words and signs, without space between them; texts, names and comments are one each. */
export function codeOf(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quoted = endOfQuoted(text, at);
    const rest = text.slice(at, at + 4000);
    const length =
      quoted === null ? (/^(\s+|[\w$\u0080-\uffff]+|[\s\S])/.exec(rest)?.[0].length ?? 1) : quoted - at;
    const piece = text.slice(at, at + length);
    if (piece.trim() !== '') found.push(piece.startsWith('--') ? piece.trimEnd() : piece);
    at += length;
  }
  return found;
}

/** What differs between two texts is space alone: nothing that was written is gone, moved or made into something else. */
function isSameCode(before: string, after: string): boolean {
  const [a, b] = [codeOf(before), codeOf(after)];
  // Lines within a comment are set in with it.
  const plain = (piece: string): string => (piece.startsWith('/*') ? piece.replace(/\s+/g, ' ') : piece);
  return a.length === b.length && a.every((piece, at) => plain(piece) === plain(b[at] ?? ''));
}

/**
 * A statement with its lines and indents; null where it can't be read, or where anything but space would be another. The
 * formatter comes with the first use.
 */
export async function formatted(sql: string): Promise<string | null> {
  const { formatDialect, postgresql } = await import('sql-formatter');
  try {
    const text = formatDialect(sql, {
      dialect: postgresql,
      ...{ tabWidth: 2, keywordCase: 'preserve', expressionWidth: 80, linesBetweenQueries: 1 },
      // `$1` is known to the dialect; names behind a colon are ours.
      paramTypes: { named: [':'], numbered: ['$'] },
    });
    return isSameCode(sql, text) ? text : null;
  } catch {
    return null;
  }
}
