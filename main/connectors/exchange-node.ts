import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { allAuthorities, isUnknownAuthority } from '../network-way.ts';
import { type Exchange, ExchangeFailed, headersTimeoutMs, readBody } from './exchange.ts';

/*
 * Exchanges for threads that come and go. `fetch` parses HTTP in WebAssembly, and V8 sometimes ends the whole process when
 * threads with WebAssembly end ("Check failed: jit_page.has_value()", nodejs/node#64500); node:http parses in C.
 */

/** Connections that stay open between two pages; as many as there are lanes. */
const mostConnections = 8;

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body as it was meant, and the length that was told where that is the length of what comes. */
function bodyOf(response: IncomingMessage): { pieces: Readable; told: string | null } {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') {
    return { pieces: response, told: response.headers['content-length'] ?? null };
  }
  const make = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (!make) throw new ExchangeFailed(`content-encoding ${encoding.slice(0, 20)}`);
  const decoder = make();
  response.once('error', (error) => decoder.destroy(error));
  decoder.once('close', () => response.destroy());
  response.pipe(decoder);
  return { pieces: decoder, told: null };
}

/** Exchanges by node:http, over `proxy` (see `proxyOf`). `take` gives the memory for a body of that many bytes. */
export function createNodeExchange(
  take: (size: number) => Buffer,
  proxy: Readonly<Record<string, string>> = {},
): Exchange {
  const options = {
    ...{ keepAlive: true, maxSockets: mostConnections },
    ...(Object.keys(proxy).length > 0 ? { proxyEnv: { ...proxy } } : {}),
  };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  let trusting = false;

  /** The head of the answer; the body is still to come. */
  const ask = (url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const agent = secure ? agents['https:'] : agents['http:'];
      const sent = (secure ? https : http).get(url, { agent, headers, signal }, resolve);
      sent.once('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })));
    });

  /** A connection that was kept open may have been closed meanwhile, which says nothing about the source. */
  const askAgain: typeof ask = async (url, headers, signal) => {
    try {
      return await ask(url, headers, signal);
    } catch (error) {
      const { reused, code } = error as { reused?: boolean; code?: string };
      if (!trusting && isUnknownAuthority(code)) {
        trusting = true;
        agents['https:'] = new https.Agent({ ...options, ca: allAuthorities() });
        return askAgain(url, headers, signal);
      }
      if (reused !== true || signal.aborted || (code !== 'ECONNRESET' && code !== 'EPIPE')) throw error;
      return ask(url, headers, signal);
    }
  };

  return async ({ url, token, accept }, signal) => {
    const local = new AbortController();
    const timer = setTimeout(() => local.abort(new Error('no answer in time')), headersTimeoutMs);
    const either = AbortSignal.any([signal, local.signal]);
    const headers = { authorization: `Bearer ${token}`, accept, 'accept-encoding': 'gzip, deflate, br' };
    try {
      const response = await askAgain(new URL(url), headers, either);
      clearTimeout(timer);
      const abort = (reason: Error): void => {
        local.abort(reason);
        response.destroy(reason);
      };
      const body = await readBody(bodyOf(response), take, abort);
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        retryAfter: response.headers['retry-after'] ?? null,
        body,
      };
    } catch (cause) {
      if (cause instanceof ExchangeFailed) throw cause;
      const { code } = cause as { code?: unknown };
      throw new ExchangeFailed(typeof code === 'string' && !either.aborted ? code : null, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}
