import http from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/*
 * How sources are reached from here: over the proxy that the environment names, trusting also the authorities of the
 * computer. Node knows both, but does neither unless it is told to.
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** What programs look at for a proxy, in the spelling that they agree on; the upper case is for Windows' sake. */
const variables = ['http_proxy', 'https_proxy', 'no_proxy'] as const;
/** A source on this computer is asked directly: no proxy can lead back here. */
const ownComputer = 'localhost,127.0.0.1,[::1],::1';

/** The proxy of an environment; empty where it names none. */
export function proxyOf(env: Environment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of variables) {
    const value = env[name] || env[name.toUpperCase()];
    if (value) found[name] = value;
  }
  if (found['http_proxy'] === undefined && found['https_proxy'] === undefined) return {};
  return { ...found, no_proxy: [ownComputer, found['no_proxy']].filter(Boolean).join(',') };
}

/** The secrets of a proxy's address, as they may be written. */
export function proxySecrets(proxy: Readonly<Record<string, string>>): string[] {
  return ['http_proxy', 'https_proxy'].flatMap((name) => {
    const address = proxy[name] ?? '';
    const password = URL.canParse(address) ? new URL(address).password : '';
    if (password === '') return [];
    try {
      return [password, decodeURIComponent(password)];
    } catch {
      return [password];
    }
  });
}

/** Codes of OpenSSL for a certificate whose authority is not known here. */
const unknownAuthority: ReadonlySet<unknown> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);
export const isUnknownAuthority = (code: unknown): boolean => unknownAuthority.has(code);

/**
 * The authorities of this computer beside Node's own. Reading them takes a tenth of a second, so it is done for the few
 * servers that need it: those whose certificate Node's own do not know.
 */
export const allAuthorities = (): string[] => [
  ...new Set([...getCACertificates('default'), ...getCACertificates('system')]),
];

/** Every `fetch` of this process goes over the proxy from now on. For the start of a program, which has the process to itself. */
export function goOverProxy(proxy: Readonly<Record<string, string>>): void {
  if (Object.keys(proxy).length > 0) http.setGlobalProxyFromEnv({ ...proxy });
}

/**
 * `fetch` that trusts the computer's authorities too, once a server needs it. A handshake that fails sends nothing, so
 * asking again is no second request.
 */
export function createTrustingFetch(
  send: typeof fetch = fetch,
  trustAll: () => void = () => setDefaultCACertificates(allAuthorities()),
): typeof fetch {
  let trusting = false;
  return async (input, init) => {
    try {
      return await send(input, init);
    } catch (error) {
      const { cause } = error as { cause?: { code?: unknown } };
      if (trusting || !isUnknownAuthority(cause?.code)) throw error;
      trusting = true;
      trustAll();
      return send(input, init);
    }
  };
}
