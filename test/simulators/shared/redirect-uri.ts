const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/**
 * Whether a redirect URI matches a registered one (§1): scheme, host and path exact, registered query pairs
 * present, and the port ignored only for `http://127.0.0.1` and `http://[::1]`.
 */
export function redirectAllowed(uri: string, registered: readonly string[]): boolean {
  const asked = parse(uri);
  return asked !== undefined && registered.some((text) => matches(asked, parse(text)));
}

function parse(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || text.includes('#')) return undefined;
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function matches(asked: URL, allowed: URL | undefined): boolean {
  if (allowed === undefined) return false;
  const anyPort = allowed.protocol === 'http:' && LOOPBACK.has(allowed.hostname);
  return (
    asked.protocol === allowed.protocol &&
    asked.hostname === allowed.hostname &&
    (anyPort || asked.port === allowed.port) &&
    asked.pathname === allowed.pathname &&
    asked.username === '' &&
    asked.password === '' &&
    [...allowed.searchParams].every(([name, value]) => asked.searchParams.getAll(name).includes(value))
  );
}
