/**
 * A stock browser does not load a scheme of an app, so `app://host/path` travels as
 * `https://host.app.invalid/path` inside Chromium. The main process sees the app's own URLs only.
 */
export function toBrowser(url: string, schemes: ReadonlySet<string>): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(url);
  const [, scheme, host, rest] = parts ?? [];
  if (scheme === undefined || !schemes.has(scheme.toLowerCase())) return url;
  return `https://${host}.${scheme.toLowerCase()}.invalid${rest || '/'}`;
}

export function toApp(url: string): string {
  return url.replace(/^https:\/\/([^/?#]+)\.([a-z][a-z0-9-]*)\.invalid(?=[/?#]|$)/, '$2://$1');
}

/** The origin as Electron writes it: a scheme of an app has one, unlike in Node's URL. */
export function originOf(url: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(url);
  return parts ? `${parts[1]}://${parts[2]}` : 'null';
}

export function schemeOf(url: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase();
}

const numbers: Readonly<Record<string, number>> = {
  ERR_FAILED: -2,
  ERR_ABORTED: -3,
  ERR_FILE_NOT_FOUND: -6,
  ERR_UNEXPECTED: -9,
  ERR_BLOCKED_BY_CLIENT: -20,
  ERR_CONNECTION_REFUSED: -102,
  ERR_NAME_NOT_RESOLVED: -105,
  ERR_INTERNET_DISCONNECTED: -106,
  ERR_ADDRESS_UNREACHABLE: -109,
  ERR_INVALID_URL: -300,
  ERR_UNKNOWN_URL_SCHEME: -302,
};

/** What `loadURL` rejects with. */
export class LoadError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly url: string;
  constructor(description: string, url: string) {
    const code = description.replace(/^net::/, '');
    const errno = numbers[code] ?? -2;
    super(`${code} (${errno}) loading '${url}'`);
    this.code = code;
    this.errno = errno;
    this.url = url;
  }
}
