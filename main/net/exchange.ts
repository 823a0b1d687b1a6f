/** Time to the first byte of an answer. CommCare builds large answers for minutes before it sends anything. */
export const headersTimeoutMs = 120_000;
/** Longest silence inside a body. */
const idleTimeoutMs = 60_000;
/** A page larger than this is refused, so that one answer can't take the process down. */
export const maxBodyBytes = 128 * 1024 * 1024;

/** A GET, the POST of a form or of a JSON text, or what `method` says. No redirect is followed: it would carry a token to an address that nobody configured. */
export interface ExchangeRequest {
  readonly url: string;
  /** Sent as the bearer, or under `scheme`; without one nobody is named. */
  readonly token?: string;
  /** Of the Authorization header; `Bearer` unless given. */
  readonly scheme?: string;
  readonly accept: string;
  /** The form of a POST, URL-encoded. */
  readonly form?: string;
  /** The JSON text of a POST. */
  readonly json?: string;
  readonly method?: 'DELETE';
  /** What a kind of source wants beside the usual; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What comes after so many bytes of the body is not read. */
  readonly cutAt?: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | null;
  /** Whole, and decompressed. */
  readonly body: Buffer;
}

/** Sends a request and reads the whole answer, whatever it says. Fails with `ExchangeFailed`. */
export type Exchange = (request: ExchangeRequest, signal: AbortSignal) => Promise<ExchangeAnswer>;

/** OpenSSL's code for an answer that is no TLS: a network that wants a sign-in of its own often answers so. */
export const notTls = 'ERR_SSL_WRONG_VERSION_NUMBER';

/** Why a proxy let nothing through, as plain data. Of what the proxy itself said only known words are in it. */
export interface ProxyTrouble {
  /**
   * `unreachable`: it does not answer as a proxy; `silent`: not in time; `asks`: for a user and a password, and none were
   * sent; `refuses`: those that were sent; `schemes`: it knows only kinds of sign-in that are not spoken here; `blocks`: it
   * does not let anybody there; `away`: it can't get there itself; `kind`: a kind of proxy that is not spoken here.
   */
  readonly what: 'unreachable' | 'silent' | 'asks' | 'refuses' | 'schemes' | 'blocks' | 'away' | 'kind';
  /** `host:port` of the proxy; empty where it has none. */
  readonly place: string;
  /** Names of kinds, a status, or a code of the network. */
  readonly detail: string;
}

/** No whole answer was had. */
export class ExchangeFailed extends Error {
  /** What the network said, e.g. ENOTFOUND; `too_long` for a body beyond `maxBodyBytes`; null when it did not say. */
  readonly code: string | null;
  /** What was wrong with the proxy on the way; null when nothing was. */
  readonly proxy: ProxyTrouble | null;
  constructor(code: string | null, options: ErrorOptions & { proxy?: ProxyTrouble | null } = {}) {
    super(code ?? options.proxy?.what ?? 'the exchange was cut off', options);
    this.code = code;
    this.proxy = options.proxy ?? null;
  }
}

/** A body that comes in pieces, decompressed, and what the answer's head says of its length as it comes. */
export interface Body {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** `content-length`, where what comes is what was sent; null where it was compressed or not told. */
  readonly told: string | null;
}

/** Reads a body with a bound on size and silence, into memory from `take`; `abort` ends the wait for it. */
export async function readBody(
  { pieces, told }: Body,
  take: (size: number) => Buffer,
  abort: (reason: Error) => void,
  cutAt = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const timer = setTimeout(() => abort(new Error('silent body')), idleTimeoutMs);
  // Where the length is told, the pieces go where they belong at once; else they are kept until it is known.
  const length = told !== null && /^\d{1,12}$/.test(told) && Number(told) <= cutAt ? Number(told) : null;
  if (length !== null && length > maxBodyBytes) {
    clearTimeout(timer);
    abort(new Error('too long'));
    throw new ExchangeFailed('too_long');
  }
  let body = length === null ? null : take(length);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of pieces) {
      timer.refresh();
      if (size + chunk.byteLength > (body?.length ?? maxBodyBytes)) {
        throw new ExchangeFailed(body ? null : 'too_long');
      }
      if (body) body.set(chunk, size);
      else chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= cutAt) break;
    }
  } finally {
    clearTimeout(timer);
  }
  if (body) {
    if (size < body.length) throw new ExchangeFailed(null);
    return body;
  }
  body = take(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return size > cutAt ? body.subarray(0, cutAt) : body;
}
