import { createDecipheriv } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Around, Found, FoundConnection, FoundHop, Problem } from './found.ts';
import { bagOf, portOf, textOf, tlsModeOf } from './found.ts';
import { readJson } from './json.ts';
import { passwordsOf } from './pgpass.ts';
import { connectionOfUrl } from './url.ts';

/**
 * The key that every DBeaver Community has in its public source (BaseProjectImpl.LOCAL_KEY_CACHE); its documentation says
 * itself that it protects nothing ("Project security").
 */
const publicKey = Buffer.from('babb4a9f774ab853c96c2d653dfe544a', 'hex');
const ivBytes = 16;

/** credentials-config.json: AES-128-CBC, the first block is the initialisation vector. Fails with IMPORT_UNREADABLE. */
function readCredentials(base64: string): unknown {
  try {
    const sealed = Buffer.from(base64, 'base64');
    const decipher = createDecipheriv('aes-128-cbc', publicKey, sealed.subarray(0, ivBytes));
    const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes)), decipher.final()]);
    return readJson(plain.toString('utf8'));
  } catch (cause) {
    throw new AppError('IMPORT_UNREADABLE', 'The file of credentials can not be opened.', {
      cause,
      advice:
        'If DBeaver asks for a master password, its passwords can not be imported: leave that file out.',
    });
  }
}

/** The tunnel of a connection: jump hosts first, then the host that DBeaver calls the tunnel. */
function hopsOf(
  tunnel: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, unknown>>,
  notes: string[],
): FoundHop[] {
  const properties = bagOf(tunnel['properties']);
  const hopAt = (prefix: string): FoundHop | null => {
    const read = (name: string): unknown => properties[`${prefix}${name}`];
    // Also in the file itself, as CloudBeaver and files by hand have it.
    const own = prefix === '' ? { ...bagOf(tunnel), ...secrets } : {};
    const [host, port] = [textOf(read('host')), portOf(read('port') ?? 22)];
    const user = textOf(own['user']) ?? textOf(read('userName')) ?? textOf(read('user'));
    if (!host || !port || !user) return null;
    const auth =
      read('authType') === 'PUBLIC_KEY' ? 'key' : read('authType') === 'AGENT' ? 'agent' : 'password';
    const keyFile = auth === 'key' ? (textOf(read('keyPath')) ?? null) : null;
    const secret = textOf(own['password']);
    return {
      ...{ host, port, user, auth, keyFile },
      ...(secret === undefined ? {} : auth === 'key' ? { keyPassphrase: secret } : { password: secret }),
    };
  };
  const jumps = [0, 1, 2]
    .filter((at) => String(properties[`jumpServer${at}.enabled`]) === 'true')
    .map((at) => hopAt(`jumpServer${at}.`));
  const hops = [...jumps, hopAt('')];
  if (hops.some((hop) => hop === null)) notes.push('Its SSH tunnel is not complete and was left out.');
  return hops.every((hop) => hop !== null) ? hops : [];
}

/** Properties of the driver that a connection has a place for. */
const usedOfDriver = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'ApplicationName'];

/** DBeaver's data-sources.json, with the passwords of credentials-config.json where that is given. */
export function parseDBeaver(text: string, credentials: string | undefined, around: Around): Found {
  const file = bagOf(readJson(text));
  const list = bagOf(file['connections']);
  if (Object.keys(list).length === 0)
    throw new AppError(
      'IMPORT_UNREADABLE',
      'This JSON has no “connections”, so it is no data-sources.json of DBeaver.',
    );
  const opened = credentials === undefined ? {} : bagOf(readCredentials(credentials));
  const passwordOf = passwordsOf(around.pgpass);
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(list)) {
    const entry = bagOf(value);
    const configuration = bagOf(entry['configuration']);
    const name = textOf(entry['name']) ?? key;
    if (entry['provider'] !== 'postgresql') {
      problems.push({
        where: name,
        message: `is for ${textOf(entry['provider']) ?? 'another kind of database'}; only PostgreSQL can be imported`,
      });
      continue;
    }
    const url = textOf(configuration['url']);
    const byUrl = configuration['configurationType'] === 'URL';
    const { connection: fromUrl, problem } = url === undefined ? {} : connectionOfUrl(url);
    if (byUrl && !fromUrl) {
      problems.push({ where: name, message: `has a URL that ${problem ?? 'is empty'}` });
      continue;
    }
    // In this mode DBeaver goes by the URL, and the fields are what was there before.
    const fields = byUrl ? {} : configuration;
    const host = textOf(fields['host']) ?? fromUrl?.host;
    const port = portOf(fields['port']) ?? fromUrl?.port ?? 5432;
    const database = textOf(fields['database']) ?? fromUrl?.database ?? 'postgres';
    if (host === undefined) {
      problems.push({ where: name, message: 'has no host' });
      continue;
    }
    const notes: string[] = byUrl ? [...(fromUrl?.notes ?? [])] : [];
    const secrets = bagOf(opened[key]);
    const login = bagOf(secrets['#connection']);
    const user = textOf(login['user']) ?? textOf(configuration['user']) ?? fromUrl?.user;
    const password =
      textOf(login['password']) ??
      textOf(configuration['password']) ??
      (byUrl ? fromUrl?.password : undefined) ??
      (user ? passwordOf({ host, port, database, user }) : undefined);
    // A profile of the network stands in for every handler that it has; the connection's own count beside them.
    const profile = textOf(configuration['config-profile']) ?? textOf(entry['config-profile']);
    const shared =
      profile === undefined ? {} : bagOf(bagOf(bagOf(file['network-profiles'])[profile])['handlers']);
    if (profile !== undefined && Object.keys(shared).length === 0) {
      problems.push({ where: name, message: 'goes by a network profile that is not in this file' });
      continue;
    }
    const handlers = { ...bagOf(configuration['handlers']), ...shared };
    const driver = bagOf(configuration['properties']);
    const others = Object.keys(handlers).filter(
      (each) => !['ssh_tunnel', 'postgre_ssl'].includes(each) && bagOf(handlers[each])['enabled'] === true,
    );
    if (others.length > 0) notes.push(`Left out: ${others.join(', ')}.`);
    const unused = Object.keys(driver).filter((each) => !usedOfDriver.includes(each));
    if (unused.length > 0) notes.push(`Left out of the driver’s properties: ${unused.join(', ')}.`);
    const tunnel = bagOf(handlers['ssh_tunnel']);
    const ssl = bagOf(handlers['postgre_ssl']);
    const sslProperties = ssl['enabled'] === true ? bagOf(ssl['properties']) : {};
    const ssh = tunnel['enabled'] === true ? hopsOf(tunnel, bagOf(secrets['network/ssh_tunnel']), notes) : [];
    // Under the names of today, of old, and of old without their prefix.
    const read = (...names: string[]): string | undefined =>
      names.map((each) => textOf(sslProperties[each])).find((each) => each !== undefined);
    if (read('ssl.client.key', 'clientKey', 'client.key'))
      notes.push('The key of the client certificate must be chosen by hand.');
    const type = textOf(configuration['type']);
    connections.push({
      name,
      environment: type === 'prod' ? 'production' : type === 'test' ? 'staging' : undefined,
      folder: textOf(entry['folder']),
      description: textOf(entry['description']),
      readOnly: entry['read-only'] === true ? true : undefined,
      ...{ host, port, database, user, password, ssh, notes },
      tlsMode:
        tlsModeOf(sslProperties['sslMode']) ??
        tlsModeOf(driver['sslmode']) ??
        (ssl['enabled'] === true || ['', 'true'].includes(String(driver['ssl'] ?? 'false'))
          ? 'verify-full'
          : byUrl
            ? fromUrl?.tlsMode
            : undefined),
      tlsCa:
        read('ssl.ca.cert', 'rootCert', 'ca.cert') ??
        textOf(driver['sslrootcert']) ??
        (byUrl ? fromUrl?.tlsCa : undefined),
      tlsCert:
        read('ssl.client.cert', 'clientCert', 'client.cert') ??
        textOf(driver['sslcert']) ??
        (byUrl ? fromUrl?.tlsCert : undefined),
    });
  }
  return { connections, hosts: [], projects: [], problems };
}
