import type { Found, FoundConnection, Problem } from './found.ts';
import { portOf } from './found.ts';

interface Entry {
  readonly line: number;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Fields between colons; a backslash takes the next character as it is (PostgreSQL documentation, 34.16). */
function entriesOf(text: string): { entries: Entry[]; problems: Problem[] } {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const fields: string[] = [];
    let field = '';
    for (let at = 0; at < line.length; at += 1) {
      if (line[at] === '\\' && at + 1 < line.length) {
        at += 1;
        field += line[at];
      } else if (line[at] === ':' && fields.length < 4) {
        fields.push(field);
        field = '';
      } else field += line[at];
    }
    fields.push(field);
    const [host, port, database, user, password] = fields;
    if (password === undefined || !host || !port || !database || !user) {
      problems.push({
        where: `line ${index + 1}`,
        message: 'has not the form host:port:database:user:password',
      });
      continue;
    }
    entries.push({ line: index + 1, host, port, database, user, password });
  }
  return { entries, problems };
}

interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Finds the password that libpq would take from a .pgpass for a connection: that of the first line that fits. */
export function passwordsOf(pgpass: string | null): (wanted: Login) => string | undefined {
  const { entries } = entriesOf(pgpass ?? '');
  const fits = (field: string, value: string): boolean => field === '*' || field === value;
  return (wanted) =>
    entries.find(
      (entry) =>
        fits(entry.host, wanted.host) &&
        fits(entry.port, String(wanted.port)) &&
        fits(entry.database, wanted.database) &&
        fits(entry.user, wanted.user),
    )?.password;
}

/** ~/.pgpass: every line that names one database of one server. */
export function parsePgpass(text: string): Found {
  const { entries, problems } = entriesOf(text);
  const connections: FoundConnection[] = [];
  for (const { line, host, port, database, user, password } of entries) {
    const number = port === '*' ? 5432 : portOf(port);
    if (host === '*' || user === '*' || number === undefined) {
      const message =
        host === '*' || user === '*'
          ? 'names no single server and user; its password is used for services that it fits'
          : 'has no port that could be used';
      problems.push({ where: `line ${line}`, message });
      continue;
    }
    const notes = [
      ...(database === '*' ? ['It is for every database of the server; “postgres” was taken.'] : []),
      ...(port === '*' ? ['It is for every port; 5432 was taken.'] : []),
    ];
    const name = database === '*' ? 'postgres' : database;
    connections.push({
      name: `${name} on ${host} as ${user}`,
      host,
      port: number,
      database: name,
      user,
      password,
      notes,
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
