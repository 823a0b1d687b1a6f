import { isIPv6 } from 'node:net';
import type { Found, FoundConnection, Problem } from '../found.ts';
import { portOf } from '../found.ts';

interface Line {
  readonly line: number;
  readonly text: string;
}

/** Lines that libpq looks at; all marks of a line's end are stripped, and no blanks. */
function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .map((each, index) => ({ line: index + 1, text: each.replace(/\r+$/, '') }))
    .filter(({ text: each }) => each !== '' && !each.startsWith('#'));
}

/**
 * Where in the line the field behind this one begins if it stands for the value, else -1. As pwdfMatchesString in
 * fe-connect.c, the comparison runs over colons that the value has itself; a star counts only unescaped and alone.
 */
function after(line: string, from: number, value: string): number {
  if (line.startsWith('*:', from)) return from + 2;
  let at = from;
  for (let index = 0; index < value.length; index += 1, at += 1) {
    if (line[at] === '\\') at += 1;
    if (line[at] !== value[index]) return -1;
  }
  return line[at] === ':' ? at + 1 : -1;
}

interface Field {
  readonly text: string;
  readonly any: boolean;
}

/** Port, database, user and password behind the host, and the empty end that a line is always cut into. */
const behindHost = 5;

const cut = (text: string): Field[] =>
  [...text.matchAll(/((?:\\.|[^:])*)(?::|$)/gsu)].map(([, field = '']) => ({
    text: field.replace(/\\(.)/gsu, '$1'),
    any: field === '*',
  }));

/**
 * The fields between colons, with escapes undone and told whether it is the star; what follows the fifth does not count. Null
 * where an address of version 6 could end at more than one colon: a password would be taken for a user.
 */
function fieldsOf(line: string): Field[] | null {
  const address = /^[0-9a-f:.]*:/i.exec(line)?.[0] ?? '';
  const found: Field[][] = [];
  for (let at = line.indexOf(':'); at >= 0 && at < address.length; at = line.indexOf(':', at + 1)) {
    const host = line.slice(0, at);
    if (!isIPv6(host)) continue;
    const rest = cut(line.slice(at + 1));
    const port = rest[0];
    if (rest.length >= behindHost && (port?.any || /^\d+$/.test(port?.text ?? '')))
      found.push([{ text: host, any: false }, ...rest]);
  }
  return found.length > 1 ? null : (found[0] ?? cut(line));
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Lines, and the same by the host that they begin with; under null those with a star or an escape in that place. */
interface Lines {
  readonly all: readonly Line[];
  readonly ofHost: ReadonlyMap<string | null, readonly Line[]>;
}

/** A file may have ten thousand lines, and be asked for as many hosts. */
const indexed = (all: readonly Line[]): Lines => ({
  all,
  ofHost: Map.groupBy(all, ({ text }) => /^[^:*\\]*(?=:)/.exec(text)?.[0] ?? null),
});

/** The lines that may be for a host, in their order. */
function linesFor({ all, ofHost }: Lines, host: string): readonly Line[] {
  // A host with a colon may begin in one line as another host does.
  if (/[:\\]/.test(host)) return all;
  const [own = [], others = []] = [ofHost.get(host), ofHost.get(null)];
  return [...own, ...others].sort((one, other) => one.line - other.line);
}

/** The first line that fits, and its password: up to the next colon that is not escaped (PostgreSQL documentation, 34.16). */
function firstFor(lines: Lines, wanted: Login): { line: number; password: string } | undefined {
  const values = [wanted.host, String(wanted.port), wanted.database, wanted.user];
  for (const { line, text } of linesFor(lines, wanted.host)) {
    let at = 0;
    for (const value of values) {
      at = after(text, at, value);
      if (at < 0) break;
    }
    if (at < 0) continue;
    const password = /^(?:\\.|[^:])*/su.exec(text.slice(at))?.[0] ?? '';
    return { line, password: password.replace(/\\(.)/gsu, '$1') };
  }
  return undefined;
}

/**
 * Under which names a host is looked for: the folder of sockets that libpq was built with is `localhost` there, and no
 * other. Debian and Red Hat chose the first of these, PostgreSQL itself the second; for that one both are looked for.
 */
function namesOf(host: string): string[] {
  if (host === '/var/run/postgresql') return ['localhost'];
  return host === '/tmp' ? [host, 'localhost'] : [host];
}

/**
 * Finds the password that libpq would take from a .pgpass for a connection: that of the first line that fits, which may be
 * an empty one.
 */
export function passwordsOf(pgpass: string | null): (wanted: Login) => string | undefined {
  const lines = indexed(linesOf(pgpass ?? ''));
  return (wanted) => {
    const found = namesOf(wanted.host).map((host) => firstFor(lines, { ...wanted, host })?.password);
    const password = found.find((each) => each !== undefined);
    // A password whose bytes are not UTF-8 was changed by reading it, and would be the wrong one.
    return password?.includes('\ufffd') ? undefined : password || undefined;
  };
}

/** ~/.pgpass: every line that names one database of one server, and is the one that libpq takes for it. */
export function parsePgpass(text: string): Found {
  const lines = indexed(linesOf(text));
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const { line, text: each } of lines.all) {
    const refuse = (message: string): void => void problems.push({ where: `line ${line}`, message });
    if (each.startsWith('\ufeff')) {
      refuse('begins with a byte order mark, which makes libpq ignore it; save the file without one');
      continue;
    }
    if (each.includes('\ufffd')) {
      refuse('is not in UTF-8; save the file as UTF-8');
      continue;
    }
    const fields = fieldsOf(each);
    if (fields === null) {
      refuse('is not clear: write the colons of the address, and of the password, as \\:');
      continue;
    }
    const [host, port, database, user, password] = fields;
    if (password === undefined || !host?.text || !port?.text || !database?.text || !user?.text) {
      refuse('has not the form host:port:database:user:password');
      continue;
    }
    const number = port.any ? 5432 : portOf(port.text);
    if (host.any || user.any) {
      refuse('names no single server and user; its password is used for services that it fits');
      continue;
    }
    if (number === undefined || (!port.any && port.text !== String(number))) {
      refuse('has no port that could be used');
      continue;
    }
    const name = database.any ? 'postgres' : database.text;
    const login = { host: host.text, port: number, database: name, user: user.text };
    const used = firstFor(lines, login);
    if (used?.line !== line) {
      refuse(`is never used: line ${used?.line} fits before it`);
      continue;
    }
    const notes = [
      ...(database.any ? ['It is for every database of the server; “postgres” was taken.'] : []),
      ...(port.any ? ['It is for every port; 5432 was taken.'] : []),
    ];
    connections.push({
      name: `${name} on ${host.text} as ${user.text}`,
      ...login,
      password: used.password,
      notes,
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
