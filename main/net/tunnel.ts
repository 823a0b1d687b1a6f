import http from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ProxyTrouble } from './exchange.ts';
import { authorityOf, basic, type ProxyWay } from './proxy.ts';

type Proxy = Extract<ProxyWay, { kind: 'proxy' }>;

/** How a proxy is spoken to. */
export interface ToProxy {
  /** Whom to believe that they are the proxy, where it is spoken to over TLS. */
  readonly ca?: readonly string[];
  /** One that lets nobody through in this time is one that hangs. */
  readonly ms: number;
}

/** A proxy that let nothing through. */
export class ProxyFailed extends Error {
  readonly trouble: ProxyTrouble;
  constructor(trouble: ProxyTrouble, options?: ErrorOptions) {
    super(`proxy: ${trouble.what}`, options);
    this.trouble = trouble;
  }
}

export const placeOf = ({ host, port }: Proxy): string => authorityOf(host, port);

/** Kinds of sign-in at a proxy that have a name, in the spelling that people know. */
const schemes = ['Basic', 'Digest', 'NTLM', 'Negotiate', 'Kerberos', 'Bearer'] as const;

/** Why a proxy that answered with another status than one of success lets nothing through. What it wrote is not repeated. */
export function refusedBy(way: Proxy, status: number, offered: string | readonly string[] = ''): ProxyFailed {
  const place = placeOf(way);
  if (status === 407) {
    // A realm is the proxy's own text, and may be anything: also the name of a kind.
    const words = String(offered).replace(/"(?:[^"\\]|\\.)*"?/g, '');
    const known = schemes.filter((each) => new RegExp(`(?:^|[\\s,])${each}(?:$|[\\s,])`, 'i').test(words));
    if (known.length > 0 && !known.includes('Basic'))
      return new ProxyFailed({ what: 'schemes', place, detail: known.join(', ') });
    return new ProxyFailed({ what: way.login === null ? 'asks' : 'refuses', place, detail: '' });
  }
  return new ProxyFailed({ what: status >= 500 ? 'away' : 'blocks', place, detail: String(status) });
}

/** Why a proxy could not be asked. */
export function unreachable(way: Proxy, cause: unknown): ProxyFailed {
  const { code } = cause as { code?: unknown };
  const detail = typeof code === 'string' ? code : '';
  const what = detail === 'ETIMEDOUT' ? 'silent' : 'unreachable';
  return new ProxyFailed({ what, place: placeOf(way), detail }, { cause });
}

/** The name that a proxy's certificate has to have; not that of the server whose name stands in the request. */
export const nameOf = ({ host }: Proxy): { servername: string } => ({
  servername: isIP(host) === 0 ? host : '',
});

/** The header by which a proxy is told who asks; nothing without a sign-in. */
export const signInOf = ({ login }: Proxy): Record<string, string> =>
  login === null ? {} : { 'proxy-authorization': `Basic ${basic(login)}` };

/** A stream through a proxy to a server (CONNECT, RFC 9110 §9.3.6). Fails with ProxyFailed. */
export function openTunnel(
  way: Proxy,
  to: { readonly host: string; readonly port: number },
  { ca, ms }: ToProxy,
  signal: AbortSignal,
): Promise<Duplex> {
  const target = authorityOf(to.host, to.port);
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(ms);
    const asking = (way.secure ? https : http).request({
      ...{ method: 'CONNECT', host: way.host, port: way.port, path: target, agent: false },
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...nameOf(way),
      headers: { host: target, ...signInOf(way) },
      signal: AbortSignal.any([signal, late]),
    });
    asking.once('connect', (answer, stream: Socket, first) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        if (first.length > 0) stream.unshift(first);
        resolve(stream);
        return;
      }
      stream.on('error', () => {});
      stream.destroy();
      reject(refusedBy(way, status, answer.headers['proxy-authenticate']));
    });
    asking.once('error', (cause) =>
      reject(
        late.aborted
          ? new ProxyFailed({ what: 'silent', place: placeOf(way), detail: '' }, { cause })
          : unreachable(way, cause),
      ),
    );
    asking.end();
  });
}

/** What a request over a tunnel says beside all else. Its own signal reaches only a connection that is open. */
export interface TunnelRequest extends RequestOptions {
  readonly tunnelUntil: AbortSignal;
}

/** Connections to servers over TLS, each through a tunnel of its own. */
export class TunnelAgent extends https.Agent {
  readonly #way: Proxy;
  readonly #toProxy: ToProxy;
  constructor(way: Proxy, toProxy: ToProxy, options: https.AgentOptions) {
    super(options);
    this.#way = way;
    this.#toProxy = toProxy;
  }

  override createConnection(
    options: TunnelRequest,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const done = callback as (error: Error | null, stream?: Duplex) => void;
    const to = { host: String(options.host), port: Number(options.port) };
    openTunnel(this.#way, to, this.#toProxy, options.tunnelUntil).then(
      (tunnel) => {
        const through = { ...options, socket: tunnel } as RequestOptions;
        done(null, super.createConnection(through) as Duplex);
      },
      (error: Error) => done(error),
    );
  }
}
