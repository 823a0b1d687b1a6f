import type { Around, Found, FoundConnection, Problem } from './found.ts';
import { portOf, textOf, tlsModeOf } from './found.ts';
import { passwordsOf } from './pgpass.ts';

const understood = [
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'connect_timeout',
];

interface Section {
  readonly name: string;
  readonly line: number;
  readonly values: Map<string, string>;
}

/** `[service]` and `key=value` without spaces around the sign (PostgreSQL documentation, 34.17). */
function sectionsOf(text: string): { sections: Section[]; problems: Problem[] } {
  const sections: Section[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header) {
      sections.push({ name: (header[1] as string).trim(), line: index + 1, values: new Map() });
      continue;
    }
    const sign = line.indexOf('=');
    const section = sections.at(-1);
    if (sign < 1 || !section) {
      problems.push({ where: `line ${index + 1}`, message: 'is neither a [service] nor key=value' });
      continue;
    }
    section.values.set(line.slice(0, sign).trim().toLowerCase(), line.slice(sign + 1).trim());
  }
  return { sections, problems };
}

/** pg_service.conf: one connection per service; passwords that it leaves out come from ~/.pgpass, as with libpq. */
export function parsePgService(text: string, around: Around): Found {
  const { sections, problems } = sectionsOf(text);
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  for (const { name, line, values } of sections) {
    const notes: string[] = [];
    const hosts = (values.get('host') ?? values.get('hostaddr') ?? '').split(',');
    const [host = ''] = hosts;
    if (hosts.length > 1) notes.push(`Only the first of ${hosts.length} hosts was taken.`);
    if (host.startsWith('/')) {
      problems.push({
        where: `[${name}], line ${line}`,
        message: 'uses a Unix socket; Headgate needs a host',
      });
      continue;
    }
    if (host === '') notes.push('No host was told; this computer was taken.');
    const port = portOf((values.get('port') ?? '5432').split(',')[0]);
    if (port === undefined) {
      problems.push({ where: `[${name}], line ${line}`, message: 'has no port that could be used' });
      continue;
    }
    const user = textOf(values.get('user'));
    const database = textOf(values.get('dbname')) ?? user ?? 'postgres';
    const known = { host: host === '' ? 'localhost' : host, port, database };
    const password = textOf(values.get('password')) ?? (user ? passwordOf({ ...known, user }) : undefined);
    if (values.has('sslkey'))
      notes.push(`The key of the client certificate (${values.get('sslkey')}) must be chosen by hand.`);
    const left = [...values.keys()].filter((key) => !understood.includes(key));
    if (left.length > 0) notes.push(`Left out: ${left.join(', ')}.`);
    connections.push({
      name,
      ...known,
      user,
      password,
      tlsMode: tlsModeOf(values.get('sslmode')),
      tlsCa: values.get('sslrootcert'),
      tlsCert: values.get('sslcert'),
      notes,
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
