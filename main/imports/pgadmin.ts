import { AppError } from '../errors.ts';
import type { Around, Found, FoundConnection, FoundHop, Problem } from './found.ts';
import { bagOf, portOf, textOf, tlsModeOf } from './found.ts';
import { readJson } from './json.ts';
import { passwordsOf } from './pgpass.ts';

/** Parameters that a connection has a place for, or that change nothing in where it leads and how it is checked. */
const taken = ['hostaddr', 'sslmode', 'sslrootcert', 'sslcert', 'connect_timeout'];

/** pgAdmin 4's export of servers (its documentation, import_export_servers): without passwords. */
export function parsePgAdmin(text: string, around: Around): Found {
  const servers = bagOf(bagOf(readJson(text))['Servers']);
  if (Object.keys(servers).length === 0)
    throw new AppError('IMPORT_UNREADABLE', 'This JSON has no “Servers”, so it is no export of pgAdmin.');
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(servers)) {
    const server = bagOf(value);
    const parameters = bagOf(server['ConnectionParameters']);
    const name = textOf(server['Name']) ?? `Server ${key}`;
    const hosts = (textOf(server['Host']) ?? '').split(',');
    const host = textOf(hosts[0]) ?? textOf(server['HostAddr']) ?? textOf(parameters['hostaddr']);
    const port = portOf(server['Port'] ?? 5432);
    if (host === undefined || port === undefined || host.startsWith('/')) {
      const what = server['Service']
        ? 'names a service of pg_service.conf; import that file'
        : 'has no host and port that could be used';
      problems.push({ where: name, message: what });
      continue;
    }
    const notes: string[] = [];
    if (hosts.length > 1) notes.push(`Only the first of ${hosts.length} hosts was taken.`);
    const left = Object.keys(parameters).filter((each) => !taken.includes(each) && parameters[each] !== '');
    const address = textOf(server['HostAddr']) ?? textOf(parameters['hostaddr']);
    if (address !== undefined && address !== host) left.push('hostaddr');
    if (left.length > 0) notes.push(`Left out: ${left.join(', ')}.`);
    const authority = textOf(parameters['sslrootcert'] ?? server['SSLRootCert']);
    const ssh: FoundHop[] = [];
    if (server['UseSSHTunnel'] === 1 || server['UseSSHTunnel'] === true) {
      const hop = {
        host: textOf(server['TunnelHost']),
        port: portOf(server['TunnelPort'] ?? 22),
        user: textOf(server['TunnelUsername']),
      };
      if (hop.host && hop.port && hop.user) {
        const keyFile = textOf(server['TunnelIdentityFile']);
        const byKey = server['TunnelAuthentication'] === 1 || server['TunnelAuthentication'] === true;
        ssh.push({
          ...{ host: hop.host, port: hop.port, user: hop.user },
          auth: byKey ? (keyFile ? 'key' : 'agent') : 'password',
          keyFile: byKey ? (keyFile ?? null) : null,
        });
        if (!byKey) notes.push('The password of the SSH tunnel is not in the file.');
      } else notes.push('Its SSH tunnel is not complete and was left out.');
    }
    const user = textOf(server['Username']) ?? textOf(server['SharedUsername']);
    const database = textOf(server['MaintenanceDB']) ?? 'postgres';
    const password = user ? passwordOf({ host, port, database, user }) : undefined;
    connections.push({
      name,
      folder: textOf(server['Group']),
      description: textOf(server['Comment']),
      ...{ host, port, database, user, password, ssh, notes },
      // The authorities of the system go with all checks only, as with libpq.
      tlsMode: authority === 'system' ? 'verify-full' : tlsModeOf(parameters['sslmode'] ?? server['SSLMode']),
      tlsCa: authority,
      tlsCert: textOf(parameters['sslcert'] ?? server['SSLCert']),
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
