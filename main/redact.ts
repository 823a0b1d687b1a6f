/** What stands in the place of a secret. */
export const redacted = '••••';

const secretKey =
  /pass(word|phrase|wd)|pass$|pwd|secret|token|authorization|cookie|private_?key|api_?key|verifier|^code$|credential_value|dsn|connection_?string/i;

/** A value shorter than this is too common a text to be replaced wherever it occurs. */
const shortestValue = 4;
/** What is left of a short value in the middle of a base64 text could be any word; from this length on it is not. */
const shortestBase64 = 8;

/** Takes secrets out of everything that leaves the process: by the name of a field, and by value wherever it stands. */
export interface Redactor {
  /** Registers a secret in use; the returned function forgets it. */
  add(secret: string): () => void;
  /**
   * Replaces every registered secret, also where it was JSON-, URL- or base64-encoded, and what stands where a
   * password or a token is written: in a URL, after `password=`, after `Bearer`.
   */
  text(text: string): string;
  /** The same value with every text in it redacted, and with fields whose name says they are secret taken out. */
  value(value: unknown): unknown;
}

/** Bytes somewhere in a base64 text: three alignments, each without the characters it shares with its neighbours. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const core = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.byteLength) * 8) / 6));
    if (core.length < shortestBase64) return [];
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const lowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

/** Every way in which a secret is usually written into another text. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  // A lone surrogate has no percent-encoding; its replacement character has one.
  const url = encodeURIComponent(secret.toWellFormed());
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const escaped = [json, ascii].flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [...new Set([secret, ...escaped, url, form, lowerHex(url), lowerHex(form), ...base64Forms(secret)])];
}

/** Finds all registered texts in one pass over a text, however many there are. */
function createFinder() {
  /** How many registered texts begin with four characters of this hash; sorts out nearly every position at once. */
  const starts = new Uint32Array(1 << 16);
  /** hash of the first four characters -> text -> how often it was registered. */
  const buckets = new Map<number, Map<string, number>>();
  const hashAt = (text: string, at: number): number =>
    (text.charCodeAt(at) ^
      (text.charCodeAt(at + 1) << 4) ^
      (text.charCodeAt(at + 2) << 8) ^
      (text.charCodeAt(at + 3) << 12)) &
    0xffff;

  const change = (text: string, by: 1 | -1): void => {
    const hash = hashAt(text, 0);
    const bucket = buckets.get(hash) ?? new Map<string, number>();
    const count = (bucket.get(text) ?? 0) + by;
    if (count > 0) bucket.set(text, count);
    else bucket.delete(text);
    buckets.set(hash, bucket);
    if (bucket.size === 0) buckets.delete(hash);
    starts[hash] = bucket.size;
  };

  return {
    change,
    /** Overlapping finds become one, so that no piece of either is left. */
    hide(text: string): string {
      if (buckets.size === 0) return text;
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
        for (const candidate of buckets.get(hash)?.keys() ?? []) {
          // Their last characters tell tokens that all begin alike apart.
          const last = candidate.length - 1;
          if (text.charCodeAt(at + last) !== candidate.charCodeAt(last) || !text.startsWith(candidate, at))
            continue;
          if (begin >= 0 && at >= end) flush();
          if (begin < 0) begin = at;
          end = Math.max(end, at + candidate.length);
        }
      }
      flush();
      return copied === 0 ? text : out + text.slice(copied);
    },
  };
}

const names =
  'password|passwd|passphrase|pwd|access_token|refresh_token|id_token|client_secret|code_verifier|api_?key|secret';
const assigned = new RegExp(`\\b(${names})(\\s*=\\s*)('(?:[^'\\\\]|\\\\.)*'|"[^"]*"|[^\\s&;,"']+)`, 'gi');
const quoted = new RegExp(`"(${names})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');

/** What the surroundings give away as a secret, registered or not. Every expression here is linear in the text. */
function hideByPlace(text: string): string {
  let out = text;
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
      .replace(/([?&]code=)[^&\s"'#]+/g, `$1${redacted}`);
  }
  if (out.includes('":') || out.includes('" :')) {
    out = out.replace(quoted, (_, name: string, sign: string) => `"${name}"${sign}"${redacted}"`);
  }
  return out
    .replace(/\b(Bearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${redacted}`)
    .replace(/\b(authorization["']?\s*[:=]\s*["']?basic\s+)[A-Za-z0-9+/=_-]+/gi, `$1${redacted}`);
}

export function createRedactor(): Redactor {
  const finder = createFinder();
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

  return {
    add(secret) {
      if (secret.length < shortestValue) return () => {};
      const forms = formsOf(secret);
      for (const form of forms) finder.change(form, 1);
      let known = true;
      return () => {
        if (known) for (const form of forms) finder.change(form, -1);
        known = false;
      };
    },
    text: hide,
    value,
  };
}
