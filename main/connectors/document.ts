import { type Json, parseJson } from './json.ts';

/*
 * One JSON answer as the bytes it came in and a tape of what stands where. Nothing is turned into objects or strings
 * unless somebody asks: of the two thousand bytes of a form most only travel from the source's JSON to the database's
 * COPY, and making objects of them costs more than all the rest together.
 */

/** What a token is. */
export const Token = {
  object: 1,
  array: 2,
  string: 3,
  /** A string with a backslash in it. */
  escaped: 4,
  number: 5,
  true: 6,
  false: 7,
  null: 8,
} as const;

/** Integers a token takes on the tape: kind, first byte, byte behind the last, where the next sibling's token begins. */
export const tokenSize = 4;
/** Deeper documents are refused: nothing that people fill in nests so deep, and PostgreSQL's stack ends somewhere too. */
const deepest = 1000;
/** Tokens per byte that a tape is first made for; forms have about one in fifteen bytes. */
const bytesPerToken = 12;

/** `bytes` is valid JSON, and `tape` says what stands where in it: the root's token first, each member's key before its value. */
export interface Document {
  readonly bytes: Buffer;
  readonly tape: Int32Array;
}

/** Where bytes carry the tape that another thread made of them. */
const ready = Symbol('tape');
interface Tokenized extends Buffer {
  [ready]?: Int32Array;
}

/** Bytes whose tape is made already: `parseDocument` takes it as it is. */
export function withTape(bytes: Buffer, tape: Int32Array): Buffer {
  (bytes as Tokenized)[ready] = tape;
  return bytes;
}

const isSpace = (c: number | undefined): boolean => c === 32 || c === 10 || c === 13 || c === 9;
const isHex = (c: number | undefined): boolean =>
  c !== undefined && ((c >= 48 && c <= 57) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102));
const isDigit = (c: number | undefined): boolean => c !== undefined && c >= 48 && c <= 57;

function unexpected(bytes: Buffer, at: number): SyntaxError {
  return new SyntaxError(at >= bytes.length ? 'the JSON text ends early' : `not JSON at byte ${at}`);
}

/** The byte behind a number that begins at `at` (RFC 8259 §6). */
function endOfNumber(bytes: Buffer, at: number): number {
  let i = at;
  if (bytes[i] === 45) i += 1;
  if (bytes[i] === 48) i += 1;
  else {
    if (!isDigit(bytes[i])) throw unexpected(bytes, i);
    while (isDigit(bytes[i])) i += 1;
  }
  if (bytes[i] === 46) {
    i += 1;
    if (!isDigit(bytes[i])) throw unexpected(bytes, i);
    while (isDigit(bytes[i])) i += 1;
  }
  if (bytes[i] === 101 || bytes[i] === 69) {
    i += 1;
    if (bytes[i] === 43 || bytes[i] === 45) i += 1;
    if (!isDigit(bytes[i])) throw unexpected(bytes, i);
    while (isDigit(bytes[i])) i += 1;
  }
  return i;
}

/** The closing quote of a string whose content has a backslash at `at`; checks every escape on the way. */
function endOfEscaped(bytes: Buffer, at: number): number {
  let i = at;
  for (;;) {
    const c = bytes[i];
    if (c === 92) {
      const next = bytes[i + 1];
      if (next === 117) {
        for (let k = 2; k < 6; k += 1) if (!isHex(bytes[i + k])) throw unexpected(bytes, i + k);
        i += 6;
      } else if (
        next === 34 ||
        next === 92 ||
        next === 47 ||
        next === 98 ||
        next === 102 ||
        next === 110 ||
        next === 114 ||
        next === 116
      ) {
        i += 2;
      } else throw unexpected(bytes, i + 1);
    } else if (c === 34) return i;
    else if (c === undefined || c < 32) throw unexpected(bytes, i);
    else i += 1;
  }
}

const words = [
  { first: 116, text: 'true', token: Token.true },
  { first: 102, text: 'false', token: Token.false },
  { first: 110, text: 'null', token: Token.null },
] as const;

/**
 * The tape of a JSON text, which is checked strictly (RFC 8259). The bytes must be UTF-8. Throws a SyntaxError. `take`
 * gives the memory for so many integers, or more.
 */
export function tokenize(
  bytes: Buffer,
  take = (ints: number): Int32Array => new Int32Array(ints),
): Int32Array {
  let tape = take((Math.ceil(bytes.length / bytesPerToken) + 16) * tokenSize);
  let size = 0;
  let i = 0;
  /** Tape positions of the containers that are open. */
  const open: number[] = [];

  const room = (): void => {
    const wider = take(tape.length * 2);
    wider.set(tape);
    tape = wider;
  };
  const string = (): void => {
    // `i` stands at the opening quote.
    const start = i + 1;
    let end = start;
    let c = bytes[end] as number;
    while (c !== 34 && c !== 92 && c >= 32) {
      end += 1;
      c = bytes[end] as number;
    }
    let kind: number = Token.string;
    if (c !== 34) {
      if (c !== 92) throw unexpected(bytes, end);
      kind = Token.escaped;
      end = endOfEscaped(bytes, end);
    }
    tape[size] = kind;
    tape[size + 1] = start;
    tape[size + 2] = end;
    size += tokenSize;
    tape[size - 1] = size;
    i = end + 1;
  };

  for (;;) {
    // A value is expected.
    while (isSpace(bytes[i])) i += 1;
    if (size + 3 * tokenSize > tape.length) room();
    const c = bytes[i];
    if (c === 34) string();
    else if (c === 123 || c === 91) {
      tape[size] = c === 123 ? Token.object : Token.array;
      tape[size + 1] = i;
      open.push(size);
      size += tokenSize;
      if (open.length > deepest) throw new SyntaxError(`the JSON nests deeper than ${deepest} levels`);
      i += 1;
      while (isSpace(bytes[i])) i += 1;
      if (bytes[i] !== c + 2) {
        if (c === 123) {
          if (bytes[i] !== 34) throw unexpected(bytes, i);
          string();
          while (isSpace(bytes[i])) i += 1;
          if (bytes[i] !== 58) throw unexpected(bytes, i);
          i += 1;
        }
        continue;
      }
      // Empty: closed below like any other.
    } else if (c === 45 || isDigit(c)) {
      tape[size] = Token.number;
      tape[size + 1] = i;
      i = endOfNumber(bytes, i);
      tape[size + 2] = i;
      size += tokenSize;
      tape[size - 1] = size;
    } else {
      const word = words.find(({ first }) => first === c);
      if (!word) throw unexpected(bytes, i);
      for (let k = 1; k < word.text.length; k += 1) {
        if (bytes[i + k] !== word.text.charCodeAt(k)) throw unexpected(bytes, i + k);
      }
      tape[size] = word.token;
      tape[size + 1] = i;
      i += word.text.length;
      tape[size + 2] = i;
      size += tokenSize;
      tape[size - 1] = size;
    }
    // A value ended, or an empty container stands before its end.
    for (;;) {
      while (isSpace(bytes[i])) i += 1;
      const container = open.at(-1);
      if (container === undefined) {
        if (i < bytes.length) throw unexpected(bytes, i);
        return tape.subarray(0, size);
      }
      const isObject = tape[container] === Token.object;
      const at = bytes[i];
      if (at === (isObject ? 125 : 93)) {
        i += 1;
        tape[container + 2] = i;
        tape[container + 3] = size;
        open.pop();
        continue;
      }
      if (at !== 44) throw unexpected(bytes, i);
      i += 1;
      if (isObject) {
        while (isSpace(bytes[i])) i += 1;
        if (bytes[i] !== 34) throw unexpected(bytes, i);
        if (size + 3 * tokenSize > tape.length) room();
        string();
        while (isSpace(bytes[i])) i += 1;
        if (bytes[i] !== 58) throw unexpected(bytes, i);
        i += 1;
      }
      break;
    }
  }
}

/** The text of a string token, its escapes resolved. */
export function stringAt({ bytes, tape }: Document, at: number): string {
  const start = tape[at + 1] as number;
  const end = tape[at + 2] as number;
  if (tape[at] === Token.escaped) return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
  return bytes.toString('utf8', start, end);
}

/** Whether a key token spells `name`. */
export function spells(document: Document, at: number, name: string): boolean {
  const { bytes, tape } = document;
  if (tape[at] === Token.escaped) return stringAt(document, at) === name;
  const start = tape[at + 1] as number;
  const length = (tape[at + 2] as number) - start;
  // A character takes one to three bytes for each of its UTF-16 units.
  if (length < name.length || length > 3 * name.length) return false;
  for (let i = 0; i < name.length; i += 1) {
    const c = name.charCodeAt(i);
    if (c > 127) return stringAt(document, at) === name;
    if (bytes[start + i] !== c) return false;
  }
  return length === name.length;
}

type ValueKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';
const kindNames: readonly ValueKind[] = [
  'object',
  'array',
  'string',
  'string',
  'number',
  'true',
  'false',
  'null',
];

/** One value of a document, looked at where it stands. */
export class Value {
  readonly document: Document;
  /** Where its token begins on the tape. */
  readonly at: number;

  constructor(document: Document, at: number) {
    this.document = document;
    this.at = at;
  }

  get kind(): ValueKind {
    return kindNames[(this.document.tape[this.at] as number) - 1] as ValueKind;
  }

  /** The member of an object; undefined where there is none, and for everything that is no object. Of two the first. */
  get(key: string): Value | undefined {
    const { tape } = this.document;
    if (tape[this.at] !== Token.object) return undefined;
    const end = tape[this.at + 3] as number;
    for (let at = this.at + tokenSize; at < end; at = tape[at + tokenSize + 3] as number) {
      if (spells(this.document, at, key)) return new Value(this.document, at + tokenSize);
    }
    return undefined;
  }

  /** The names of an object's members, in the order they came. */
  keys(): string[] {
    const { tape } = this.document;
    if (tape[this.at] !== Token.object) return [];
    const keys: string[] = [];
    const end = tape[this.at + 3] as number;
    for (let at = this.at + tokenSize; at < end; at = tape[at + tokenSize + 3] as number) {
      keys.push(stringAt(this.document, at));
    }
    return keys;
  }

  /** The elements of an array; empty for everything else. */
  items(): Value[] {
    const { tape } = this.document;
    if (tape[this.at] !== Token.array) return [];
    const items: Value[] = [];
    const end = tape[this.at + 3] as number;
    for (let at = this.at + tokenSize; at < end; at = tape[at + 3] as number) {
      items.push(new Value(this.document, at));
    }
    return items;
  }

  /** A string's content, a number's digits as they came, `true` or `false`; empty for null, objects and arrays. */
  text(): string {
    const { bytes, tape } = this.document;
    switch (tape[this.at]) {
      case Token.string:
      case Token.escaped:
        return stringAt(this.document, this.at);
      case Token.number:
      case Token.true:
      case Token.false:
        return bytes.toString('latin1', tape[this.at + 1], tape[this.at + 2]);
      default:
        return '';
    }
  }

  /** The text it was cut from. */
  source(): string {
    const { bytes, tape } = this.document;
    const isString = this.kind === 'string' ? 1 : 0;
    return bytes.toString(
      'utf8',
      (tape[this.at + 1] as number) - isString,
      (tape[this.at + 2] as number) + isString,
    );
  }

  /** The value as plain data. Numbers that a double would change become strings of their digits. */
  json(): Json {
    return parseJson(this.source());
  }
}

/** Reads a JSON text (RFC 8259, UTF-8). Throws a SyntaxError; a text that was cut off is one too. */
export function parseDocument(bytes: Buffer): Value {
  return new Value({ bytes, tape: (bytes as Tokenized)[ready] ?? tokenize(bytes) }, 0);
}

/** Plain data as a document, for records that a connector puts together itself. */
export function documentOf(json: Json): Value {
  return parseDocument(Buffer.from(JSON.stringify(json), 'utf8'));
}
