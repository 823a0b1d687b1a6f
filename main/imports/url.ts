import { AppError } from '../errors.ts';
import type { Found, FoundConnection } from './found.ts';
import { portOf, tlsModeOf } from './found.ts';

/** Percent-encoding undone; a stray percent sign stands for itself. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * One connection URL in libpq's form (PostgreSQL documentation, 34.1.1.2), also with the prefix of JDBC. Null for what is
 * none, or has no host and port that could be used: nothing is taken in their place. As with libpq a `#` is a character like
 * others. Several hosts become the first one, and a note says so.
 */
export function connectionOfUrl(text: string): FoundConnection | null {
  const match = /^(?:jdbc:)?postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(
    text.trim(),
  );
  if (!match) return null;
  const [, userinfo = '', authority = '', path = '', query = ''] = match;
  const notes: string[] = [];
  const colon = userinfo.indexOf(':');
  const options = new Map(
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part): [string, string] => {
        const [key = '', value = ''] = part.split(/=(.*)/s);
        return [decode(key).toLowerCase(), decode(value)];
      }),
  );
  const told = options.get('host') || options.get('hostaddr') || '';
  const hosts = (authority || told).split(',');
  const [first = ''] = hosts;
  if (hosts.length > 1) notes.push(`Only the first of ${hosts.length} hosts was taken.`);
  // An address of version 6 needs its brackets before the slash, where a colon begins the port.
  const address = authority === '' ? [first, first] : /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(first);
  if (!address) return null;
  const named = decode((address[1] ?? '').replace(/^\[|\]$/g, '')) || told.split(',')[0];
  if (!named) notes.push('No host was told; this computer was taken.');
  const host = named || 'localhost';
  const port = portOf(address[2] || options.get('port')?.split(',')[0] || '5432');
  // A path is a Unix socket.
  if (port === undefined || host.startsWith('/')) return null;
  const user = decode(colon < 0 ? userinfo : userinfo.slice(0, colon)) || options.get('user');
  const password = colon < 0 ? options.get('password') : decode(userinfo.slice(colon + 1));
  const database = decode(path) || options.get('dbname') || user || 'postgres';
  const mode = options.get('sslmode');
  const tlsMode = tlsModeOf(mode) ?? (options.get('ssl') === 'true' ? 'require' : undefined);
  if (mode !== undefined && tlsMode === undefined) notes.push(`“${mode}” is no TLS mode and was left out.`);
  const known = [
    'host',
    'hostaddr',
    'port',
    'user',
    'password',
    'dbname',
    'sslmode',
    'ssl',
    'sslrootcert',
    'sslcert',
    'application_name',
  ];
  const unknown = [...options.keys()].filter((key) => !known.includes(key));
  if (unknown.length > 0) notes.push(`Left out: ${unknown.join(', ')}.`);
  return {
    name: `${database} on ${host}`,
    host,
    port,
    database,
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    tlsMode,
    tlsCa: options.get('sslrootcert'),
    tlsCert: options.get('sslcert'),
    notes,
  };
}

const whyNot = (line: string): string =>
  /^\s*(?:jdbc:)?postgres(?:ql)?:\/\//i.test(line)
    ? 'has no host and port that could be used; special characters in a password must be percent-encoded'
    : 'is not a URL that begins with postgres://';

/** Connection URLs, one a line. */
export function parseUrls(text: string): Found {
  const connections: FoundConnection[] = [];
  const problems: { where: string; message: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const found = connectionOfUrl(line);
    if (found) connections.push(found);
    else problems.push({ where: `line ${index + 1}`, message: whyNot(line) });
  }
  if (connections.length === 0 && problems.length === 0)
    throw new AppError('IMPORT_UNREADABLE', 'There is no connection URL in this text.');
  return { connections, hosts: [], projects: [], problems };
}
