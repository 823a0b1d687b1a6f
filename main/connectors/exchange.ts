/** Time to the first byte of an answer. CommCare builds large answers for minutes before it sends anything. */
export const headersTimeoutMs = 120_000;
/** Longest silence inside a body. */
const idleTimeoutMs = 60_000;
/** A page larger than this is refused, so that one answer can't take the process down. */
export const maxBodyBytes = 128 * 1024 * 1024;

/** One authorised GET. */
export interface ExchangeRequest {
  readonly url: string;
  readonly token: string;
  readonly accept: string;
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

/** No whole answer was had. */
export class ExchangeFailed extends Error {
  /** What the network said, e.g. ENOTFOUND; `too_long` for a body beyond `maxBodyBytes`; null when it did not say. */
  readonly code: string | null;
  constructor(code: string | null, options?: ErrorOptions) {
    super(code ?? 'the exchange was cut off', options);
    this.code = code;
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
): Promise<Buffer> {
  const timer = setTimeout(() => abort(new Error('silent body')), idleTimeoutMs);
  // Where the length is told, the pieces go where they belong at once; else they are kept until it is known.
  const length = told !== null && /^\d{1,12}$/.test(told) ? Number(told) : null;
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
  return body;
}

/** Exchanges by `fetch`. `take` gives the memory for a body of that many bytes. */
export function createExchange(
  send: typeof fetch,
  take: (size: number) => Buffer = (size) => Buffer.allocUnsafe(size),
): Exchange {
  return async ({ url, token, accept }, signal) => {
    const local = new AbortController();
    const timer = setTimeout(() => local.abort(new Error('no answer in time')), headersTimeoutMs);
    try {
      const response = await send(url, {
        headers: { authorization: `Bearer ${token}`, accept },
        // A redirect would carry the token to an address nobody configured.
        redirect: 'manual',
        signal: AbortSignal.any([signal, local.signal]),
      });
      clearTimeout(timer);
      const told = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
      const body = response.body
        ? await readBody({ pieces: response.body, told }, take, (reason) => local.abort(reason))
        : Buffer.alloc(0);
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        retryAfter: response.headers.get('retry-after'),
        body,
      };
    } catch (cause) {
      if (cause instanceof ExchangeFailed) throw cause;
      const code = (cause as { cause?: { code?: unknown } }).cause?.code;
      throw new ExchangeFailed(typeof code === 'string' ? code : null, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}
