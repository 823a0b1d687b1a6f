import { placeOf } from '../../../preload/contract/conninfo-place.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Around, Found, FoundConnection, FoundHop, Problem } from '../found.ts';
import { asText, bagOf, isTold, leftOut, portOf, textOf } from '../found.ts';
import { readJson } from '../json.ts';
import { passwordsOf } from '../libpq/pgpass.ts';
import { connectionAt } from '../url.ts';

type Bag = Readonly<Record<string, unknown>>;

/** Fields of a server that are keywords of libpq; its own parameters come on top of these, which older exports have. */
const keywords: Readonly<Record<string, string>> = {
  ...{ Host: 'host', HostAddr: 'hostaddr', Port: 'port', MaintenanceDB: 'dbname' },
  ...{ SharedUsername: 'user', Username: 'user', PassFile: 'passfile', Timeout: 'connect_timeout' },
  ...{ SSLMode: 'sslmode', SSLRootCert: 'sslrootcert', SSLCert: 'sslcert', SSLKey: 'sslkey' },
  ...{ SSLCrl: 'sslcrl', SSLCompression: 'sslcompression' },
};
/** What is read in another way, or is there for the eye only. */
const read = new Set(
  `Name Group Comment Service ConnectionParameters UseSSHTunnel TunnelHost TunnelPort TunnelUsername TunnelAuthentication
  TunnelIdentityFile Shared BGColor FGColor`.split(/\s+/),
);

function valuesOf(server: Bag): Map<string, string> {
  const values = new Map<string, string>([['port', '5432']]);
  for (const [field, keyword] of Object.entries(keywords))
    if (isTold(server[field])) values.set(keyword, asText(server[field]));
  for (const [keyword, value] of Object.entries(bagOf(server['ConnectionParameters'])))
    if (isTold(value)) values.set(keyword, asText(value));
  return values;
}

/** The tunnel of a server; null where it is not complete. */
function tunnelOf(server: Bag, notes: string[]): FoundHop | null {
  const host = textOf(server['TunnelHost']);
  const port = portOf(server['TunnelPort'] ?? 22);
  const user = textOf(server['TunnelUsername']);
  if (!host || !port || !user) {
    notes.push('Its SSH tunnel is not complete and was left out.');
    return null;
  }
  const keyFile = textOf(server['TunnelIdentityFile']);
  const byKey = server['TunnelAuthentication'] === 1 || server['TunnelAuthentication'] === true;
  if (!byKey) notes.push('The password of the SSH tunnel is not in the file.');
  if (!byKey && keyFile) notes.push(...leftOut(['TunnelIdentityFile']));
  return {
    ...{ host, port, user },
    auth: byKey ? (keyFile ? 'key' : 'agent') : 'password',
    keyFile: byKey ? (keyFile ?? null) : null,
  };
}

/** pgAdmin 4's export of servers (its documentation, import_export_servers): without passwords. */
export function parsePgAdmin(text: string, around: Around): Found {
  const servers = bagOf(bagOf(readJson(text))['Servers']);
  if (Object.keys(servers).length === 0)
    throw new AppError('IMPORT_UNREADABLE', say('imports.jsonNoServersSo'));
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(servers)) {
    const server = bagOf(value);
    const name = textOf(server['Name']) ?? `Server ${key}`;
    const values = valuesOf(server);
    const refuse = (message: string): void => void problems.push({ where: name, message });
    if (isTold(server['Service'])) {
      refuse('names a service of pg_service.conf; import that file');
      continue;
    }
    const { connection, problem } = connectionAt(placeOf(values));
    if (!connection || !(values.get('host') || values.get('hostaddr'))) {
      refuse(problem ?? 'has no host and port that could be used');
      continue;
    }
    const { host, port, user, database } = connection;
    const notes = [...connection.notes];
    const unread = Object.keys(server).filter(
      (field) => !(field in keywords) && !read.has(field) && isTold(server[field]),
    );
    notes.push(...leftOut(unread));
    const tunnel =
      server['UseSSHTunnel'] === 1 || server['UseSSHTunnel'] === true ? tunnelOf(server, notes) : null;
    const lent = user && !values.get('passfile') ? passwordOf({ host, port, database, user }) : undefined;
    connections.push({
      ...connection,
      name,
      folder: textOf(server['Group']),
      description: textOf(server['Comment']),
      database: values.get('dbname') ? database : 'postgres',
      password: connection.password ?? lent,
      ssh: tunnel ? [tunnel] : [],
      notes,
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
