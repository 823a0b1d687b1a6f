import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { allAuthorities, isUnknownAuthority, trusting } from './authorities.ts';
import {
  type Exchange,
  ExchangeFailed,
  type ExchangeRequest,
  headersTimeoutMs,
  notTls,
  readBody,
} from './exchange.ts';
import type { ProxyWay, ProxyWays } from './proxy.ts';
import {
  nameOf,
  ProxyFailed,
  refusedBy,
  signInOf,
  TunnelAgent,
  type TunnelRequest,
  unreachable,
} from './tunnel.ts';

/*
 * Exchanges with sources, everywhere in Headgate: over the proxy that there is, and trusting whom the source says. `fetch`
 * does neither; and where threads come and go it may not be used at all: it parses HTTP in WebAssembly, and V8 sometimes
 * ends the whole process when threads with WebAssembly end ("Check failed: jit_page.has_value()", nodejs/node#64500).
 * node:http parses in C.
 */

/** How a source is reached, as plain data. */
export interface Route {
  readonly ways: ProxyWays;
  /** PEM text of the only authorities that are trusted; null for those of this computer. */
  readonly ca: string | null;
}

export interface Requests {
  readonly exchange: Exchange;
  /** Closes the connections that were kept open. */
  close(): void;
}

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

/** What the network said. An answer that is no TLS has two codes: which, is decided by whether something was being written. */
function codeOf(failure: unknown): string | null {
  const { code, message } = failure as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') return null;
  return code === 'EPROTO' && /wrong version number/i.test(String(message)) ? notTls : code;
}

interface Sending {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

/** One way to a source, with the connections that are kept open on it. */
interface Line {
  send(url: URL, sending: Sending): ClientRequest;
  /** From now on the authorities of the computer are trusted too. */
  trustAll(): void;
  close(): void;
}

/** Of a proxy that lets requests through at all. */
const longestTunnelMs = 20_000;

const pooled = { keepAlive: true, maxSockets: mostConnections };

/** Node's own authorities first, where no CA is entered. */
const trusted = (ca: string | null) => (ca === null ? {} : trusting(ca));

function directLine(ca: string | null): Line {
  const plain = new http.Agent(pooled);
  let secure = new https.Agent({ ...pooled, ...trusted(ca) });
  return {
    send: (url, sending) =>
      url.protocol === 'https:'
        ? https.request(url, { ...sending, agent: secure })
        : http.request(url, { ...sending, agent: plain }),
    trustAll() {
      secure.destroy();
      secure = new https.Agent({ ...pooled, ca: allAuthorities() });
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

type Proxy = Extract<ProxyWay, { kind: 'proxy' }>;

function proxyLine(way: Proxy, ca: string | null, ms: number): Line {
  // A proxy that is spoken to over TLS is one of the office, whose authority the computer knows and Node may not.
  const office = way.secure ? { ca: allAuthorities() } : {};
  const toProxy = { ...office, ms };
  const plain = way.secure ? new https.Agent({ ...pooled, ...office }) : new http.Agent(pooled);
  let secure = new TunnelAgent(way, toProxy, { ...pooled, ...trusted(ca) });
  return {
    send(url, sending) {
      if (url.protocol === 'https:') {
        const options: TunnelRequest = { ...sending, agent: secure, tunnelUntil: sending.signal };
        return https.request(url, options);
      }
      // The proxy is asked for the whole address (RFC 9112 §3.2.2).
      return (way.secure ? https : http).request({
        ...{ ...sending, host: way.host, port: way.port, path: url.href, agent: plain },
        ...nameOf(way),
        headers: { ...sending.headers, host: url.host, ...signInOf(way) },
      });
    },
    trustAll() {
      secure.destroy();
      secure = new TunnelAgent(way, toProxy, { ...pooled, ca: allAuthorities() });
    },
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/**
 * Exchanges by node:http over the ways of a route; one whose proxy can't be reached is followed by the next, and the one
 * that worked is asked first from then on. `take` gives the memory for a body of that many bytes; a proxy has `tunnelMs` to
 * let a request through.
 */
export function createRequests(
  { ways, ca }: Route,
  take: (size: number) => Buffer = (size) => Buffer.allocUnsafe(size),
  tunnelMs = longestTunnelMs,
): Requests {
  const usable = ways.filter((way) => way.kind !== 'unsupported');
  const [strange] = ways.flatMap((way) => (way.kind === 'unsupported' ? [way.scheme] : []));
  const lines = usable.map((way) => ({
    way,
    line: way.kind === 'proxy' ? proxyLine(way, ca, tunnelMs) : directLine(ca),
  }));
  let current = 0;
  let trusting = ca !== null;

  /** The head of the answer; the body is still to come. */
  const ask = (line: Line, url: URL, request: ExchangeRequest, sending: Sending): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = line.send(url, sending);
      sent.once('response', resolve);
      sent.once('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })));
      sent.end(request.form ?? request.json);
    });

  /** A connection that was kept open may have been closed meanwhile, which says nothing about the source. */
  const askAgain: typeof ask = async (line, url, request, sending) => {
    try {
      return await ask(line, url, request, sending);
    } catch (error) {
      const { reused, code } = error as { reused?: boolean; code?: string };
      // A handshake that fails sends nothing, so asking again is no second request.
      if (!trusting && isUnknownAuthority(code)) {
        trusting = true;
        for (const each of lines) each.line.trustAll();
        return askAgain(line, url, request, sending);
      }
      const closed = reused === true && (code === 'ECONNRESET' || code === 'EPIPE');
      // What is no GET may have been taken all the same.
      if (!closed || sending.method !== 'GET' || sending.signal.aborted) throw error;
      return ask(line, url, request, sending);
    }
  };

  const overWays = async (url: URL, request: ExchangeRequest, sending: Sending): Promise<IncomingMessage> => {
    // Other requests may be finding the same at this moment: each goes on from where it is itself.
    for (let tried = 1, mine = current; ; tried += 1, mine = (mine + 1) % lines.length) {
      const at = lines[mine];
      if (at === undefined) {
        const trouble = { what: 'kind', place: '', detail: strange ?? '' } as const;
        throw new ProxyFailed(trouble);
      }
      try {
        const response = await askAgain(at.line, url, request, sending);
        if (at.way.kind === 'proxy' && response.statusCode === 407) {
          response.destroy();
          throw refusedBy(at.way, 407, response.headers['proxy-authenticate']);
        }
        current = mine;
        return response;
      } catch (error) {
        if (sending.signal.aborted) throw error;
        const known =
          error instanceof ProxyFailed || at.way.kind === 'direct' || url.protocol === 'https:'
            ? error
            : // Without a tunnel only the proxy itself is spoken to.
              unreachable(at.way, error);
        const away = known instanceof ProxyFailed && ['unreachable', 'silent'].includes(known.trouble.what);
        if (!away || tried >= lines.length) throw known;
      }
    }
  };

  return {
    async exchange(request, signal) {
      const { url, token, scheme = 'Bearer', accept, form, json, cutAt } = request;
      const local = new AbortController();
      const timer = setTimeout(() => local.abort(new Error('no answer in time')), headersTimeoutMs);
      const either = AbortSignal.any([signal, local.signal]);
      const headers: Record<string, string> = {
        ...request.headers,
        ...{ accept, 'accept-encoding': 'gzip, deflate, br' },
      };
      if (token !== undefined) headers['authorization'] = `${scheme} ${token}`;
      const sent = form ?? json;
      if (sent !== undefined) {
        headers['content-type'] =
          form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
        headers['content-length'] = String(Buffer.byteLength(sent));
      }
      const method = request.method ?? (sent === undefined ? 'GET' : 'POST');
      try {
        const response = await overWays(new URL(url), request, { method, headers, signal: either });
        clearTimeout(timer);
        const abort = (reason: Error): void => {
          local.abort(reason);
          response.destroy(reason);
        };
        const body = await readBody(bodyOf(response), take, abort, cutAt);
        return {
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          retryAfter: response.headers['retry-after'] ?? null,
          body,
        };
      } catch (cause) {
        if (cause instanceof ExchangeFailed) throw cause;
        if (cause instanceof ProxyFailed && !either.aborted)
          throw new ExchangeFailed(null, { cause, proxy: cause.trouble });
        throw new ExchangeFailed(either.aborted ? null : codeOf(cause), { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      for (const { line } of lines) line.close();
    },
  };
}
