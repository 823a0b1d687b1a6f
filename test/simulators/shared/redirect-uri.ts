const LOOPBACK = new Set(['127.0.0.1', '[::1]']);

/** An address taken apart as a text: `127.1` and `/a/../b` are not made into what they stand for. */
interface Parts {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Whether a redirect URI matches a registered one (§1): scheme, host and path exact, registered query pairs
 * present, and the port ignored only for `http://127.0.0.1` and `http://[::1]`.
 */
export function redirectAllowed(uri: string, registered: readonly string[]): boolean {
  const asked = parse(uri);
  return asked !== undefined && registered.some((text) => matches(asked, parse(text)));
}

/** Undefined for a fragment, a user, and what is neither http nor https. */
function parse(text: string): Parts | undefined {
  const found = /^(https?):\/\/(\[[\da-f:]+\]|[^/?#@:]+)(?::(\d+))?(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(text);
  if (found === null) return undefined;
  const [, scheme = '', host = '', port = '', path = '', query = ''] = found;
  const lower = { scheme: scheme.toLowerCase(), host: host.toLowerCase() };
  return { ...lower, port, path, query: new URLSearchParams(query) };
}

function matches(asked: Parts, allowed: Parts | undefined): boolean {
  if (allowed === undefined) return false;
  const anyPort = allowed.scheme === 'http' && LOOPBACK.has(allowed.host);
  return (
    asked.scheme === allowed.scheme &&
    asked.host === allowed.host &&
    (anyPort || asked.port === allowed.port) &&
    asked.path === allowed.path &&
    [...allowed.query].every(([name, value]) => asked.query.getAll(name).includes(value))
  );
}
