import { BlockList, isIP } from 'node:net';

/*
 * Where the proxy for a source is: named by the environment, told by the system, or entered in the workspace. All of them
 * become a list of ways, tried from the first to the last.
 */

/** One way to a server. */
export type ProxyWay =
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'proxy';
      /** The proxy itself is spoken to over TLS. */
      readonly secure: boolean;
      readonly host: string;
      readonly port: number;
      /** For Basic, the only kind of sign-in that is spoken here. */
      readonly login: ProxyLogin | null;
    }
  /** A kind of proxy that is not spoken here, by its name. */
  | { readonly kind: 'unsupported'; readonly scheme: string };
export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}
/** The ways to a server in the order in which they are tried; never empty. */
export type ProxyWays = readonly ProxyWay[];

/** No proxy at all. */
export const directly: ProxyWays = [{ kind: 'direct' }];

/** `host:port`, with brackets around what has colons itself. */
export const authorityOf = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase();

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether a host is this computer: no proxy can lead back here, and no network is needed to get there. */
export function isOwnComputer(hostname: string): boolean {
  const host = bare(hostname).replace(/\.$/, '');
  const family = isIP(host);
  if (family === 0) return host === 'localhost' || host.endsWith('.localhost');
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** One entry with an address in it: alone, as `10.0.0.0/8` or as `10.0.0.1-10.0.0.9`. False for what is no such entry. */
function coversAddress(entry: string, host: string): boolean {
  const family = isIP(host);
  if (family === 0) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const [first = '', last] = entry.split('-', 2);
  const [net = '', bits] = first.split('/', 2);
  if (isIP(bare(net)) !== family) return false;
  try {
    const list = new BlockList();
    if (last !== undefined) list.addRange(bare(net), bare(last), type);
    else if (bits !== undefined) list.addSubnet(net, Number(bits), type);
    else list.addAddress(bare(net), type);
    return list.check(host, type);
  } catch {
    return false;
  }
}

/**
 * Whether a list of exceptions, as in `NO_PROXY`, has the server of a URL: a name with all names below it, `*` for all, an
 * address, a range of addresses, each with a port or without. Commas and blanks are between entries.
 */
export function isException(list: string, url: URL): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*' || coversAddress(entry, host)) return true;
      const [, name = '', only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === '' || (only !== undefined && only !== port)) return false;
      if (coversAddress(name, host)) return true;
      const domain = name.replace(/^\*?\./, '');
      return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
    });
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The way that a proxy's address names; null for what is no address. Without a scheme it is http, as everywhere. */
export function wayOf(address: string): ProxyWay | null {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  const url = URL.parse(text);
  if (!url || url.hostname === '') return null;
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return { kind: 'unsupported', scheme: scheme.toUpperCase() };
  const secure = scheme === 'https';
  return {
    kind: 'proxy',
    secure,
    host: bare(url.hostname),
    port: Number(url.port || (secure ? 443 : 80)),
    login:
      url.username === '' && url.password === ''
        ? null
        : { user: decoded(url.username), password: decoded(url.password) },
  };
}

/** The ways of a proxy that one address names, with its exceptions. */
export function waysOver(way: ProxyWay | null, exceptions: string, url: URL): ProxyWays {
  if (way === null || isOwnComputer(url.hostname) || isException(exceptions, url)) return directly;
  return [way];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What programs look at for a proxy, in the spelling that they agree on; the upper case is for Windows' sake. */
const variables = ['http_proxy', 'https_proxy', 'no_proxy'] as const;
export type ProxyEnvironment = Readonly<Partial<Record<(typeof variables)[number], string>>>;

/** The proxy of an environment; empty where it names none. */
export function proxyOf(env: Environment): ProxyEnvironment {
  const found: Partial<Record<(typeof variables)[number], string>> = {};
  for (const name of variables) {
    const value = env[name] || env[name.toUpperCase()];
    if (value) found[name] = value;
  }
  return found.http_proxy === undefined && found.https_proxy === undefined ? {} : found;
}

/** The ways to the server of a URL by such an environment. */
export function environmentWays(env: ProxyEnvironment, target: string): ProxyWays {
  const url = new URL(target);
  const address = url.protocol === 'https:' ? env.https_proxy : env.http_proxy;
  return address === undefined ? directly : waysOver(wayOf(address), env.no_proxy ?? '', url);
}

/** The secrets of a proxy's address, as they may be written: its password, and the line that is made of it. */
export function proxySecrets(env: ProxyEnvironment): string[] {
  return [env.http_proxy, env.https_proxy].flatMap((address = '') => {
    const way = wayOf(address);
    if (way?.kind !== 'proxy' || way.login === null || way.login.password === '') return [];
    const written = /:\/\/[^/?#]*?:([^/?#]*)@/.exec(address)?.[1] ?? way.login.password;
    return [...new Set([written, way.login.password]), basic(way.login)];
  });
}

/** What is sent for a sign-in of the kind Basic (RFC 7617), without the word before it. */
export const basic = ({ user, password }: ProxyLogin): string =>
  Buffer.from(`${user}:${password}`).toString('base64');

const systemSchemes: Readonly<Record<string, 'http' | 'https'>> = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
};

/**
 * The ways that a PAC script or Chromium names: `PROXY host:port; HTTPS host:port; SOCKS5 host:port; DIRECT`. What is no
 * such entry is left out; with nothing left the way is direct.
 */
export function systemWays(answer: string, target: string): ProxyWays {
  if (isOwnComputer(new URL(target).hostname)) return directly;
  const ways = answer.split(';').flatMap((entry): ProxyWay[] => {
    const [kind = '', place = ''] = entry.trim().split(/\s+/, 2);
    const name = kind.toUpperCase();
    if (name === 'DIRECT') return [{ kind: 'direct' }];
    const scheme = systemSchemes[name];
    if (scheme === undefined) {
      return /^[A-Z][A-Z0-9]{1,15}$/.test(name) ? [{ kind: 'unsupported', scheme: name }] : [];
    }
    const way = wayOf(`${scheme}://${place}`);
    return way === null ? [] : [way];
  });
  return ways.length > 0 ? ways : directly;
}
