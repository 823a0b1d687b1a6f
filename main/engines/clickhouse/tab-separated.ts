/**
 * `TabSeparated` as ClickHouse prints it (documentation, "TabSeparated"): a row a line, values between tabs, `\N` for null. Numbers
 * are whole, nothing is rounded, and every version of the server has it.
 */

/** A row that is longer than any that could be shown. */
export class LineTooLong extends Error {}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
};

export function fieldValue(field: string): string | null {
  if (field === '\\N') return null;
  return field.includes('\\') ? field.replace(/\\(.)/gs, (_, mark: string) => escapes[mark] ?? mark) : field;
}

/** Values of these types come as ClickHouse writes them in a statement, and escaped no further. */
export const isWritten = (type: string): boolean => /^(?:Array|Tuple|Map|Nested)\(/.test(type);

/** The values of a line; `written` says which of them stand as they are. */
export const valuesOf = (line: string, written: readonly boolean[] = []): (string | null)[] =>
  line.split('\t').map((field, at) => (written[at] === true ? field : fieldValue(field)));

/** The longest line in characters: a row of it would fill the memory before anybody has seen it. */
const longestLine = 64 * 1024 * 1024;

/** The lines of a stream of bytes; what comes after the last line break is no whole line and is told last. */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  longest = longestLine,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + decoder.decode(piece, { stream: true });
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      yield text.slice(from, at);
      from = at + 1;
    }
    rest = text.slice(from);
    if (rest.length > longest) throw new LineTooLong();
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
