import { isKeyword } from '../../../preload/contract/conninfo.ts';
import { placeOf } from '../../../preload/contract/conninfo-place.ts';
import type { Around, Found, FoundConnection, Problem } from '../found.ts';
import { connectionAt } from '../url.ts';
import { passwordsOf } from './pgpass.ts';

interface Section {
  readonly name: string;
  readonly line: number;
  readonly values: Map<string, string>;
  /** What libpq would stop at. */
  readonly wrong: Problem[];
}

/**
 * `[service]` and `key=value` as parseServiceFile in fe-connect.c reads them: what follows the bracket does not count,
 * there are no blanks around the sign, the first of two values counts.
 */
function sectionsOf(text: string): { sections: Section[]; problems: Problem[] } {
  const sections: Section[] = [];
  const problems: Problem[] = [];
  let section: Section | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const where = `line ${index + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      const name = /^\[([^\]]+)\]/.exec(line)?.[1];
      section = name === undefined ? null : { name, line: index + 1, values: new Map(), wrong: [] };
      if (section === null) problems.push({ where, message: 'is no [service]; what follows it is left out' });
      else if (sections.some((each) => each.name === name))
        problems.push({ where, message: 'is a service that is there before; only the first one counts' });
      else sections.push(section);
      continue;
    }
    const sign = line.indexOf('=');
    const key = line.slice(0, Math.max(sign, 0));
    if (section === null) problems.push({ where, message: 'belongs to no [service]' });
    else if (!isKeyword(key))
      section.wrong.push({
        where: `[${section.name}], ${where}`,
        message: 'is not key=value with a key that libpq knows and no blanks around the sign',
      });
    else if (!section.values.has(key)) section.values.set(key, line.slice(sign + 1));
  }
  return { sections, problems };
}

/** pg_service.conf: one connection per service; passwords that it leaves out come from ~/.pgpass, as with libpq. */
export function parsePgService(text: string, around: Around): Found {
  const { sections, problems } = sectionsOf(text);
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  for (const { name, line, values, wrong } of sections) {
    if (wrong.length > 0) {
      problems.push(...wrong);
      continue;
    }
    const told = new Map([...values].filter(([key]) => key !== 'sslkey'));
    const { connection, problem } = connectionAt(placeOf(told));
    if (!connection) {
      problems.push({ where: `[${name}], line ${line}`, message: problem });
      continue;
    }
    const { host, port, database, user } = connection;
    const notes = [...connection.notes];
    if (values.get('sslkey'))
      notes.push(`The key of the client certificate (${values.get('sslkey')}) must be chosen by hand.`);
    // A service with a file of its own does not look into the usual one.
    const lent = user && !values.get('passfile') ? passwordOf({ host, port, database, user }) : undefined;
    connections.push({ ...connection, name, user, password: connection.password ?? lent, notes });
  }
  return { connections, hosts: [], projects: [], problems };
}
