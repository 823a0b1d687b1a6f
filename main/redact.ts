import { isUtf8 } from 'node:buffer';
import { createHmac, randomBytes } from 'node:crypto';

/** What stands in the place of a secret. */
export const redacted = '••••';

const secretKey =
  /pass(word|phrase|wd)|pass$|pwd|secret|token|authorization|cookie|(private|tls|ssh)_?key|api_?key|verifier|^code$|credential_value|dsn|connection_?string/i;

/** A value shorter than this is too common a text to be replaced wherever it occurs. */
const shortestValue = 4;
/** What is left of a short value in the middle of a base64 text could be any word; from this length on it is not. */
const shortestBase64 = 8;

/** Takes secrets out of everything that leaves the process: by the name of a field, and by value wherever it stands. */
export interface Redactor {
  /** Registers a secret in use, of which nothing is kept that could be read; the returned function forgets it. */
  add(secret: string | Uint8Array): () => void;
  /**
   * Replaces every registered secret, also where it was JSON-, URL- or base64-encoded, and what stands where a
   * password or a token is written: in a URL, after `password=`, after `Bearer`.
   */
  text(text: string): string;
  /** The same value with every text in it redacted, and with fields whose name says they are secret taken out. */
  value(value: unknown): unknown;
}

/** Bytes somewhere in a base64 text: three alignments, each without the characters it shares with its neighbours. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const core = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.byteLength) * 8) / 6));
    if (core.length < shortestBase64) return [];
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/*
 * No expression touches a secret here: the engine keeps the text of the last match (`RegExp.input`) as long as no other
 * follows.
 */
const mapUnits = (text: string, change: (unit: string) => string): string => {
  let out = '';
  for (let at = 0; at < text.length; at += 1) out += change(text.charAt(at));
  return out;
};
const inAscii = (text: string): string =>
  mapUnits(text, (unit) =>
    unit < '\u0080' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
/** Percent codes in small letters; everything else stays. */
const lowerHex = (text: string): string =>
  text
    .split('%')
    .map((part, index) => (index === 0 ? part : part.slice(0, 2).toLowerCase() + part.slice(2)))
    .join('%');

/** Every way in which a text is usually written into another one. */
function textForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  // A lone surrogate has no percent-encoding; its replacement character has one.
  const url = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const escaped = [json, inAscii(json)].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [secret, ...escaped, url, form, lowerHex(url), lowerHex(form)];
}

/** The same for a secret; bytes that are no text are only ever encoded. */
function formsOf(secret: string | Uint8Array): Set<string> {
  if (typeof secret === 'string')
    return new Set([...textForms(secret), ...base64Forms(Buffer.from(secret, 'utf8'))]);
  const bytes = Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength);
  const hex = bytes.toString('hex');
  const texts = isUtf8(bytes) ? textForms(bytes.toString('utf8')) : [];
  return new Set([...texts, ...base64Forms(bytes), hex, hex.toUpperCase()]);
}

/** What is kept of a registered text: enough to find it again, nothing to read it from. */
interface Mark {
  /** Hash of its first four characters. */
  readonly start: number;
  readonly length: number;
  /** Hash of its last four. */
  readonly end: number;
  /** HMAC-SHA-256 of the whole. */
  readonly digest: string;
}

/** How many answers of the digest are kept within one text, so that one full of the same word is quick too. */
const longestMemo = 1000;

/** Finds all registered texts in one pass over a text, however many there are. `key` is this process's own. */
function createFinder(key: Uint8Array) {
  /** How many registered texts begin with four characters of this hash; sorts out nearly every position at once. */
  const starts = new Uint32Array(1 << 16);
  /** Start -> length -> end -> digest -> how often it was registered. The end tells tokens that all begin alike apart. */
  const known = new Map<number, Map<number, Map<number, Map<string, number>>>>();
  const hashAt = (text: string, at: number): number =>
    (text.charCodeAt(at) ^
      (text.charCodeAt(at + 1) << 4) ^
      (text.charCodeAt(at + 2) << 8) ^
      (text.charCodeAt(at + 3) << 12)) &
    0xffff;
  const digestOf = (text: string): string =>
    createHmac('sha256', key).update(text, 'utf16le').digest('base64');

  return {
    markOf: (text: string): Mark => ({
      start: hashAt(text, 0),
      length: text.length,
      end: hashAt(text, text.length - shortestValue),
      digest: digestOf(text),
    }),
    change({ start, length, end, digest }: Mark, by: 1 | -1): void {
      const lengths = known.get(start) ?? new Map<number, Map<number, Map<string, number>>>();
      const ends = lengths.get(length) ?? new Map<number, Map<string, number>>();
      const digests = ends.get(end) ?? new Map<string, number>();
      const count = (digests.get(digest) ?? 0) + by;
      if (count > 0) digests.set(digest, count);
      else digests.delete(digest);
      if (digests.size > 0) ends.set(end, digests);
      else ends.delete(end);
      if (ends.size > 0) lengths.set(length, ends);
      else lengths.delete(length);
      if (lengths.size > 0) known.set(start, lengths);
      else known.delete(start);
      starts[start] = lengths.size;
    },
    /** Overlapping finds become one, so that no piece of either is left. */
    hide(text: string): string {
      if (known.size === 0) return text;
      const memo = new Map<string, string>();
      const digestIn = (piece: string): string => {
        const before = memo.get(piece);
        if (before !== undefined) return before;
        const digest = digestOf(piece);
        if (memo.size < longestMemo) memo.set(piece, digest);
        return digest;
      };
      let out = '';
      let copied = 0;
      let end = -1;
      let begin = -1;
      const flush = (): void => {
        if (begin < 0) return;
        out += text.slice(copied, begin) + redacted;
        copied = end;
        begin = -1;
      };
      for (let at = 0; at + shortestValue <= text.length; at += 1) {
        const hash = hashAt(text, at);
        if (starts[hash] === 0) continue;
        for (const [length, ends] of known.get(hash) ?? []) {
          if (at + length > text.length) continue;
          const digests = ends.get(hashAt(text, at + length - shortestValue));
          if (!digests?.has(digestIn(text.slice(at, at + length)))) continue;
          if (begin >= 0 && at >= end) flush();
          if (begin < 0) begin = at;
          end = Math.max(end, at + length);
        }
      }
      flush();
      return copied === 0 ? text : out + text.slice(copied);
    },
  };
}

/** The forms of one secret, as what is kept of them. */
function marksOf(finder: ReturnType<typeof createFinder>, secret: string | Uint8Array): Mark[] {
  const marks: Mark[] = [];
  for (const form of formsOf(secret)) if (form.length >= shortestValue) marks.push(finder.markOf(form));
  return marks;
}

/** What names a secret at the end of a longer name too (`PGPASSWORD`, `dbPassword`, `sslpassword`). */
const names =
  'password|passwd|passphrase|pwd|access_?token|refresh_?token|id_?token|secret|code_?verifier|api_?key|private_?key';
/*
 * A text in quotes, however a quote is written inside it (`\\'` or `''`). One that does not end goes to the end of the text:
 * what is cut off is hidden, and no second look at the same characters is needed, which keeps every expression linear.
 */
const inSingle = "'(?:[^'\\\\]|\\\\[\\s\\S]|'')*(?:'|\\\\?$)";
const inDouble = '"(?:[^"\\\\]|\\\\[\\s\\S]|"")*(?:"|\\\\?$)';
/** A quote or comma in the middle of a word belongs to it. */
const bare = `(?:[^\\s&;,"']|["',](?=[^\\s&;,"')\\]}]))+`;
const assigned = new RegExp(`(${names})(\\s*=\\s*)(${inSingle}|${inDouble}|${bare})`, 'gi');
/** JSON, and what `util.inspect` writes. */
const quoted = new RegExp(`((?:${names})\\w{0,16}["']?)(\\s*:\\s*)(${inSingle}|${inDouble})`, 'gi');
const numbered = new RegExp(`((?:${names})\\w{0,16}"\\s*:\\s*)-?\\d[\\d.eE+-]*`, 'gi');
/** JSON that is itself a text in JSON. */
const escapedTwice = new RegExp(
  `((?:${names})\\w{0,16}\\\\"\\s*:\\s*\\\\")(?:[^"\\\\]|\\\\\\\\(?:\\\\[\\s\\S]|[^\\\\]))*`,
  'gi',
);
/** `ALTER ROLE x PASSWORD '…'`, `IDENTIFIED BY '…'`; also with dollar quotes, and without any where that is allowed. */
const dollar = '\\$(\\w{0,63})\\$[\\s\\S]*?(?:\\$\\2\\$|$)';
const sqlPassword = new RegExp(`\\b(PASSWORD\\s+)(?:[EU]?&?${inSingle}|${inDouble}|${dollar})`, 'gi');
const identifiedBy = new RegExp(
  `\\b(IDENTIFIED\\s+BY\\s+(?:PASSWORD\\s+)?)(?:${inSingle}|${inDouble}|[^\\s;,'"]+)`,
  'gi',
);
/** What PostgreSQL says of a value that is there already: `Key (name, password)=(a, b) already exists.` */
const keyDetail = new RegExp(`((?:${names})[^()=]{0,200}\\)=\\()[^)]*`, 'gi');
/** A block that is cut off goes to the end of the text. */
const privateKey =
  /(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)[\s\S]*?(-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g;
/** What PostgreSQL keeps of a password (pg_authid.rolpassword): good enough to guess at. */
const verifier = /(SCRAM-SHA-256\$)[^\s'"]+/g;
const md5Verifier = /\bmd5[0-9a-f]{32}\b/g;
/**
 * A line of .pgpass, host:port:database:user:password with `\:` for a colon in a field; in the middle of a text up to the
 * next space. Hex groups alone are an IPv6 or hardware address.
 */
const pgpass =
  /(^|[\s"'`(])(?![0-9a-fA-F:]+(?:[\s"'`)\]]|$))((?:\\.|[^:\\\s"'`(])+:(?:\d{1,5}|\*)(?::(?:\\.|[^:\\\s"'`])+){2}:)(?:\\.|[^\s"'`\\])+/gm;

/** Whether a text can have such a line at all: the search for one looks at every word. */
const likePgpass = /:(?:\d{1,5}|\*)(?::[^:\s"'`]+){2}:[^\s"'`]/;

/** What the surroundings give away as a secret, registered or not. Every expression here is linear in the text. */
function hideByPlace(text: string): string {
  let out = text;
  if (out.includes('PRIVATE KEY-----')) out = out.replace(privateKey, `$1${redacted}$2`);
  if (out.includes('://')) {
    out = out.replace(/:\/\/[^\s"'<>]*/g, (run) => {
      const colon = run.indexOf(':', 3);
      // The last one: a password may contain an @ of its own.
      const at = run.lastIndexOf('@');
      return colon < 0 || at < colon ? run : `${run.slice(0, colon + 1)}${redacted}${run.slice(at)}`;
    });
  }
  if (out.includes('=')) {
    out = out
      .replace(assigned, (_, name: string, sign: string) => `${name}${sign}${redacted}`)
      .replace(keyDetail, `$1${redacted}`)
      .replace(/([?&]code=)[^&\s"'#]+/g, `$1${redacted}`);
  }
  if (out.includes(':')) {
    if (likePgpass.test(out)) out = out.replace(pgpass, `$1$2${redacted}`);
    out = out
      .replace(quoted, (_, name: string, sign: string, value: string) => {
        const quote = value.charAt(0);
        return `${name}${sign}${quote}${redacted}${quote}`;
      })
      .replace(numbered, `$1"${redacted}"`);
    if (out.includes('\\"')) out = out.replace(escapedTwice, `$1${redacted}`);
  }
  if (out.includes("'") || out.includes('"') || out.includes('$')) {
    out = out.replace(sqlPassword, `$1'${redacted}'`);
  }
  out = out
    .replace(identifiedBy, `$1'${redacted}'`)
    .replace(verifier, `$1${redacted}`)
    .replace(md5Verifier, `md5${redacted}`)
    .replace(/\b(Bearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${redacted}`)
    .replace(/\b(authorization["']?\s*[:=]\s*["']?basic\s+)[A-Za-z0-9+/=_-]+/gi, `$1${redacted}`);
  // The engine forgets the text of the last match only for another one.
  /(?:)/.test('');
  return out;
}

export function createRedactor(key: Uint8Array = randomBytes(32)): Redactor {
  const finder = createFinder(key);
  const hide = (text: string): string => hideByPlace(finder.hide(text));

  /** The code of an error is a word of the contract or of the system, not an OAuth code. */
  const isErrorCode = (key: string, item: unknown): boolean =>
    key === 'code' && (typeof item === 'number' || (typeof item === 'string' && /^[A-Z0-9_]+$/.test(item)));

  const value = (item: unknown): unknown => {
    if (typeof item === 'string') return hide(item);
    if (typeof item === 'number' || typeof item === 'bigint') {
      const text = String(item);
      return finder.hide(text) === text ? item : redacted;
    }
    if (Array.isArray(item)) return item.map(value);
    // Field by field its bytes would be numbers that say nothing to the rules above, and everything to a reader.
    if (ArrayBuffer.isView(item) || item instanceof ArrayBuffer) return `<${item.byteLength} bytes>`;
    if (item && typeof item === 'object') {
      return Object.fromEntries(
        Object.entries(item).map(([key, inner]) => [
          hide(key),
          secretKey.test(key) && !isErrorCode(key, inner) ? redacted : value(inner),
        ]),
      );
    }
    return item;
  };

  /** In a scope of its own: what it returns lives long, and holds the marks alone. */
  const keep = (marks: readonly Mark[]): (() => void) => {
    for (const mark of marks) finder.change(mark, 1);
    let known = true;
    return () => {
      if (known) for (const mark of marks) finder.change(mark, -1);
      known = false;
    };
  };

  return {
    add(secret) {
      return secret.length < shortestValue ? () => {} : keep(marksOf(finder, secret));
    },
    text: hide,
    value,
  };
}
