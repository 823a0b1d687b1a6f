import { parse } from 'csv-parse/sync';
import { tlsModes } from '../../preload/contract/tls-modes.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Found, FoundConnection, LegacyProject, Problem } from './found.ts';
import { bagOf, isTold, leftOut, portOf, textOf, tlsModeOf, usualTlsMode } from './found.ts';
import { readJson } from './json.ts';

/*
 * Projects as they were before connections were shared: each with the host, port, database, user and password of its
 * database. Equal ones of these become one connection that the projects point to.
 */

type Fields = Record<string, unknown>;

/** As long as the contract takes one. */
const longestName = 200;

/** Names under which older versions and other exports have the same field. */
const names = {
  name: ['name', 'project', 'project_name'],
  schema: ['db_schema', 'schema'],
  host: ['db_host', 'host'],
  port: ['db_port', 'port'],
  database: ['db_name', 'database', 'dbname'],
  user: ['db_user', '_db_user', 'user', 'username'],
  password: ['db_password', '_db_password', 'password'],
  tlsMode: ['db_sslmode', 'sslmode', 'db_tls_mode'],
  environment: ['environment'],
} as const;
/** What must not be in the file any more once connections are shared. */
const embedded: readonly string[] = [
  ...names.host,
  ...names.port,
  ...names.database,
  ...names.user,
  ...names.password,
  ...names.tlsMode,
];
/** What the cleaned file has in their place. */
const pointer = 'database_connection';

const isEmbedded = (key: string): boolean => embedded.includes(key.trim().toLowerCase());
const hasCredentials = (fields: Fields): boolean => Object.keys(fields).some(isEmbedded);

/** The name of a field; of several the one that stands first in the list, whatever stands first in the file. */
const keyOf = (fields: Fields, of: readonly string[]): string | undefined =>
  of
    .map((name) => Object.keys(fields).find((each) => each.trim().toLowerCase() === name))
    .find((key) => key !== undefined);
const fieldOf = (fields: Fields, of: readonly string[]): unknown => {
  const key = keyOf(fields, of);
  return key === undefined ? undefined : fields[key];
};

/** Fields that are about the way to the database, or a second time what is read of another one. */
function unreadOf(fields: Fields): string[] {
  const read = Object.values(names).map((of) => keyOf(fields, of));
  return Object.keys(fields).filter(
    (key) =>
      !read.includes(key) &&
      isTold(fields[key]) &&
      (isEmbedded(key) || /^_?(?:db|pg|ssl|ssh|tls)_?/i.test(key.trim())),
  );
}

function readConnection(fields: Fields): FoundConnection | string {
  const host = textOf(fieldOf(fields, names.host))?.trim();
  const database = textOf(fieldOf(fields, names.database))?.trim();
  const toldPort = fieldOf(fields, names.port) ?? '';
  // A table has an empty field where JSON has none.
  const port = portOf(typeof toldPort === 'string' && toldPort.trim() === '' ? 5432 : toldPort);
  const user = textOf(fieldOf(fields, names.user));
  const password = fieldOf(fields, names.password);
  if (!host || !database) return 'has no host and database';
  if (port === undefined) return 'has no port that could be used';
  if (user === undefined) return 'has no user';
  const mode = fieldOf(fields, names.tlsMode);
  if (isTold(mode) && tlsModeOf(mode) === undefined) return 'has a TLS mode that there is not';
  if (typeof password !== 'string') return 'has no password as text; encrypted ones can not be taken over';
  const environment = textOf(fieldOf(fields, names.environment));
  return {
    name: '',
    environment: (['development', 'staging', 'production'] as const).find((each) => each === environment),
    ...{ host, port, database, user, password },
    tlsMode: tlsModeOf(mode),
    notes: leftOut(unreadOf(fields)),
  };
}

/** Identical host, port, database, user and password are one connection. */
const identityOf = ({ host, port, database, user, password }: FoundConnection): string =>
  JSON.stringify([host.toLowerCase(), port, database, user, password]);

/** One connection of two projects: it asks as much of the server as the one that asks more. */
function stricter(one: FoundConnection, other: FoundConnection): FoundConnection {
  const rank = ({ tlsMode = usualTlsMode }: FoundConnection): number => tlsModes.indexOf(tlsMode);
  const notes = [...new Set([...one.notes, ...other.notes])];
  return { ...one, tlsMode: rank(other) > rank(one) ? other.tlsMode : one.tlsMode, notes };
}

/** A name per connection that tells it from the others: database and host, with the user where those two are equal. */
function named(connections: readonly FoundConnection[]): FoundConnection[] {
  const short = ({ database, host }: FoundConnection): string => `${database} on ${host}`;
  const alike = new Map<string, number>();
  for (const each of connections) alike.set(short(each), (alike.get(short(each)) ?? 0) + 1);
  const taken = new Map<string, number>();
  const unique = (name: string): string => {
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  };
  return connections.map((each) => {
    const alone = alike.get(short(each)) === 1;
    return { ...each, name: unique(alone ? short(each) : `${short(each)} as ${each.user}`) };
  });
}

function collect(
  rows: readonly { where: string; fields: Fields }[],
  /** Writes the file anew; `pointers` are the names of connections by row. */
  clean: (pointers: ReadonlyMap<number, string>) => string,
): Found {
  const connections: FoundConnection[] = [];
  const known = new Map<string, number>();
  const projects: LegacyProject[] = [];
  const seen = new Set<string>();
  const problems: Problem[] = [];
  /** row -> connection and project, for those that are understood. */
  const byRow = new Map<number, { connection: number; project: string }>();
  for (const [row, { where, fields }] of rows.entries()) {
    const name = textOf(fieldOf(fields, names.name))?.trim();
    if (name === undefined) {
      problems.push({ where, message: 'is a project without a name' });
      continue;
    }
    if (name.length > longestName) {
      problems.push({ where, message: `is a project with a name of more than ${longestName} characters` });
      continue;
    }
    if (!hasCredentials(fields)) {
      // It is as it should be already: from a file that was cleaned before.
      continue;
    }
    const found = readConnection(fields);
    if (typeof found === 'string') {
      problems.push({ where: `${where} (${name})`, message: found });
      continue;
    }
    if (seen.has(name)) {
      problems.push({ where: `${where} (${name})`, message: 'has the name of another project in this file' });
      continue;
    }
    const identity = identityOf(found);
    let connection = known.get(identity);
    if (connection === undefined) {
      connection = connections.push(found) - 1;
      known.set(identity, connection);
    } else connections[connection] = stricter(connections[connection] as FoundConnection, found);
    byRow.set(row, { connection, project: name });
    seen.add(name);
    projects.push({ name, schema: textOf(fieldOf(fields, names.schema))?.trim() ?? 'public', connection });
  }
  return {
    connections: named(connections),
    hosts: [],
    projects,
    problems,
    clean(connectionNames, taken) {
      const pointers = new Map(
        [...byRow]
          .filter(([, { connection, project }]) => taken(connection, project))
          .map(([row, { connection }]) => [row, connectionNames[connection] as string]),
      );
      return rows.some(({ fields }, row) => !pointers.has(row) && hasCredentials(fields))
        ? null
        : clean(pointers);
    },
  };
}

/** The same row without the embedded fields; one that has none stays as it is. */
function cleaned(fields: Fields, connection: string | undefined): Fields {
  if (connection === undefined) return fields;
  const rest = Object.entries(fields).filter(([key]) => !isEmbedded(key));
  return { ...Object.fromEntries(rest), [pointer]: connection };
}

function parseJson(text: string): Found {
  const value = readJson(text);
  const wrapped = Array.isArray(value) ? null : bagOf(value);
  const list = wrapped ? wrapped['projects'] : value;
  if (!Array.isArray(list)) throw new AppError('IMPORT_UNREADABLE', say('imports.noListProjectsJson'));
  // Django's dumpdata puts the fields of a record one level down.
  const inside = (entry: unknown): Fields | null => {
    const bag = bagOf(entry);
    return 'model' in bag && 'fields' in bag ? bagOf(bag['fields']) : null;
  };
  const rows = list.map((entry, index) => ({
    where: `project ${index + 1}`,
    fields: inside(entry) ?? bagOf(entry),
  }));
  return collect(rows, (pointers) => {
    const next = list.map((entry: unknown, row) => {
      const connection = pointers.get(row);
      const fields = inside(entry);
      return fields
        ? { ...bagOf(entry), fields: cleaned(fields, connection) }
        : cleaned(bagOf(entry), connection);
    });
    return `${JSON.stringify(wrapped ? { ...wrapped, projects: next } : next, null, 2)}\n`;
  });
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Of two columns with one name it would be chance which of them counts. */
function onlyOnce(columns: string[]): string[] {
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined)
    throw new AppError('IMPORT_UNREADABLE', say('imports.csvColumnTwiceLeave', { twice }));
  return columns;
}

function parseCsv(text: string): Found {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { bom: true, columns: onlyOnce, skip_empty_lines: true, relax_column_count: false });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { lines } = cause as { lines?: number };
    throw new AppError(
      'IMPORT_UNREADABLE',
      lines ? say('imports.notCsvLine', { line: String(lines) }) : say('imports.notCsv'),
      { cause },
    );
  }
  if (rows.length > 0 && fieldOf(rows[0] as Fields, names.name) === undefined)
    throw new AppError('IMPORT_UNREADABLE', say('imports.csvNoColumnName'));
  return collect(
    rows.map((fields, index) => ({ where: `line ${index + 2}`, fields })),
    (pointers) => {
      const next = rows.map((fields, row) => cleaned(fields, pointers.get(row)));
      const columns = [...new Set(next.flatMap((fields) => Object.keys(fields)))];
      const lines = [columns, ...next.map((fields) => columns.map((column) => String(fields[column] ?? '')))];
      return `${lines.map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
    },
  );
}

/** Legacy projects as JSON (a list, `{projects: […]}`, Django's dumpdata) or CSV with a header line. */
export function parseLegacy(text: string): Found {
  const start = text.replace(/^\ufeff/, '').trimStart();
  return start.startsWith('[') || start.startsWith('{') ? parseJson(text) : parseCsv(text);
}
