import { type Document, Token } from '../../../connectors/document.ts';

/** Longer pieces are copied by the runtime, shorter ones by a loop: a call into it costs as much as some fifty bytes. */
export const longPiece = 56;
const firstSize = 4096;

const hasControl = (text: string): boolean =>
  text.includes('\n') || text.includes('\t') || text.includes('\r') || text.includes('\0');

/** Text format of COPY (PostgreSQL docs, "COPY", File Formats). NUL can't be stored and is dropped. */
export function copyText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\');
  if (!hasControl(escaped)) return escaped;
  return escaped.replaceAll('\0', '').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

/** An escaped NUL, or half of a surrogate pair without the other half: jsonb takes neither. */
const suspicious =
  /\\u0000|\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F]/;

/** Each string of a JSON text; only these are rewritten, so numbers stay as they came. */
const jsonString = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** A JSON text that jsonb takes: NULs dropped, lone surrogates replaced. Untouched unless it has either. */
export function cleanJson(text: string): string {
  if (!text.includes('\\u') || !suspicious.test(text)) return text;
  return text.replace(jsonString, (string) =>
    suspicious.test(string)
      ? JSON.stringify((JSON.parse(string) as string).replaceAll('\0', '').toWellFormed())
      : string,
  );
}

const hexDigit = (c: number): number => (c <= 57 ? c - 48 : (c | 32) - 87);

/** The four hex digits of an escape that begins with its `u` at `at`. */
const unit = (bytes: Buffer, at: number): number =>
  (hexDigit(bytes[at + 1] as number) << 12) |
  (hexDigit(bytes[at + 2] as number) << 8) |
  (hexDigit(bytes[at + 3] as number) << 4) |
  hexDigit(bytes[at + 4] as number);

/** COPY data of one table, as it grows. `bytes` and `size` are open to the loop that writes rows, which is the hottest there is. */
export class CopyBuffer {
  bytes: Buffer;
  size = 0;

  constructor(room = firstSize) {
    this.bytes = Buffer.allocUnsafeSlow(room);
  }

  /** The data so far, not copied: valid until the next piece. */
  data(): Buffer {
    return this.bytes.subarray(0, this.size);
  }

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    if (this.size + more <= this.bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.size + more));
    this.bytes.copy(wider, 0, 0, this.size);
    this.bytes = wider;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.size] = value;
    this.size += 1;
  }

  /** A text that is COPY data already. */
  string(text: string): void {
    this.reserve(text.length * 3);
    this.size += this.bytes.write(text, this.size, 'utf8');
  }

  /** A whole number from 0. */
  number(value: number): void {
    if (value < 10) this.byte(48 + value);
    else this.string(String(value));
  }

  /** Bytes as they are. */
  copy(source: Buffer, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    if (length > longPiece) source.copy(this.bytes, this.size, start, end);
    else {
      const { bytes } = this;
      for (let at = start, to = this.size; at < end; at += 1, to += 1) bytes[to] = source[at] as number;
    }
    this.size += length;
  }

  /** The content of a scalar token as text. */
  text({ bytes, tape }: Document, at: number): void {
    const start = tape[at + 1] as number;
    const end = tape[at + 2] as number;
    // JSON has no bare control characters in its strings, so without a backslash the text is COPY data as it is.
    if (tape[at] === Token.escaped) this.#unescaped(bytes, start, end);
    else this.copy(bytes, start, end);
  }

  /** A JSON string with escapes as COPY text: most escapes are the same in both. */
  #unescaped(source: Buffer, start: number, end: number): void {
    // No escape becomes longer than it was.
    this.reserve(end - start);
    const bytes = this.bytes;
    let to = this.size;
    for (let at = start; at < end; at += 1) {
      const c = source[at] as number;
      if (c !== 92) {
        bytes[to] = c;
        to += 1;
        continue;
      }
      at += 1;
      const letter = source[at] as number;
      if (letter === 34 || letter === 47) {
        bytes[to] = letter;
        to += 1;
      } else if (letter !== 117) {
        bytes[to] = 92;
        bytes[to + 1] = letter;
        to += 2;
      } else {
        let code = unit(source, at);
        at += 4;
        if (code >= 0xd800 && code < 0xdc00 && source[at + 1] === 92 && source[at + 2] === 117) {
          const low = unit(source, at + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 6;
          }
        }
        if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
        to = putCharacter(bytes, to, code);
      }
    }
    this.size = to;
  }

  /** Any value as JSON text in COPY data. */
  json(document: Document, at: number): void {
    const { bytes, tape } = document;
    const isString = tape[at] === Token.string || tape[at] === Token.escaped ? 1 : 0;
    const start = (tape[at + 1] as number) - isString;
    const end = (tape[at + 2] as number) + isString;
    this.reserve(2 * (end - start));
    const to = this.bytes;
    let size = this.size;
    for (let i = start; i < end; i += 1) {
      const c = bytes[i] as number;
      if (c === 92) {
        // `\u` may hide what jsonb refuses; looked at as a whole then.
        if (bytes[i + 1] === 117) {
          this.string(copyText(cleanJson(bytes.toString('utf8', start, end))));
          return;
        }
        to[size] = 92;
        to[size + 1] = 92;
        size += 2;
        // The escaped character may be a backslash itself.
        i += 1;
        const next = bytes[i] as number;
        to[size] = next;
        size += 1;
        if (next === 92) {
          to[size] = 92;
          size += 1;
        }
      } else {
        // Bare control characters are white space between tokens.
        to[size] = c < 32 ? 32 : c;
        size += 1;
      }
    }
    this.size = size;
  }
}

/** A character as UTF-8 in COPY text; NUL is dropped, and what ends a field or a row is escaped. Returns where it ends. */
function putCharacter(bytes: Buffer, at: number, code: number): number {
  let to = at;
  if (code === 0) return to;
  if (code < 0x80) {
    const letter = code === 9 ? 116 : code === 10 ? 110 : code === 13 ? 114 : code === 92 ? 92 : 0;
    if (letter !== 0) {
      bytes[to] = 92;
      to += 1;
    }
    bytes[to] = letter === 0 ? code : letter;
    return to + 1;
  }
  if (code < 0x800) {
    bytes[to] = 0xc0 | (code >> 6);
    bytes[to + 1] = 0x80 | (code & 63);
    return to + 2;
  }
  if (code < 0x10000) {
    bytes[to] = 0xe0 | (code >> 12);
    bytes[to + 1] = 0x80 | ((code >> 6) & 63);
    bytes[to + 2] = 0x80 | (code & 63);
    return to + 3;
  }
  bytes[to] = 0xf0 | (code >> 18);
  bytes[to + 1] = 0x80 | ((code >> 12) & 63);
  bytes[to + 2] = 0x80 | ((code >> 6) & 63);
  bytes[to + 3] = 0x80 | (code & 63);
  return to + 4;
}
