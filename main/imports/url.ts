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
 * none. Several hosts become the first one, and a note says so.
 */
export function connectionOfUrl(text: string): FoundConnection | null {
  const match = /^(?:jdbc:)?postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?/i.exec(
    text.trim(),
  );
  if (!match) return null;
  const [, userinfo = '', hosts = '', path = '', query = ''] = match;
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
  const [first = '', ...others] = hosts.split(',');
  if (others.length > 0) notes.push(`Only the first of ${others.length + 1} hosts was taken.`);
  const address = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(first);
  const host = decode((address?.[1] ?? '').replace(/^\[|\]$/g, '')) || options.get('host') || 'localhost';
  const port = portOf(address?.[2] || options.get('port') || '5432');
  if (port === undefined) return null;
  const user = decode(colon < 0 ? userinfo : userinfo.slice(0, colon)) || options.get('user');
  const password = colon < 0 ? options.get('password') : decode(userinfo.slice(colon + 1));
  const database = decode(path) || options.get('dbname') || user || 'postgres';
  const mode = options.get('sslmode');
  const tlsMode = tlsModeOf(mode) ?? (options.get('ssl') === 'true' ? 'require' : undefined);
  if (mode !== undefined && tlsMode === undefined) notes.push(`“${mode}” is no TLS mode and was left out.`);
  const known = [
    'host',
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

/** Connection URLs, one a line. */
export function parseUrls(text: string): Found {
  const connections: FoundConnection[] = [];
  const problems: { where: string; message: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const found = connectionOfUrl(line);
    if (found) connections.push(found);
    else problems.push({ where: `line ${index + 1}`, message: 'is not a URL that begins with postgres://' });
  }
  if (connections.length === 0 && problems.length === 0)
    throw new AppError('IMPORT_UNREADABLE', 'There is no connection URL in this text.');
  return { connections, hosts: [], projects: [], problems };
}
