import type { FoundHop } from '../found.ts';
import { portOf, textOf } from '../found.ts';
import { postgresOf } from '../kinds/postgres.ts';
import { type ServerNames, serverOf, type Tls } from '../kinds/server.ts';
import type { Taken, Told } from '../kinds/told.ts';

/*
 * What DBGate and Beekeeper Studio have in common: drivers for Node, and their ways to say how a server is checked and by which
 * hosts it is reached.
 */

export interface ClientNames extends ServerNames {
  readonly tls: readonly string[];
  readonly ca: readonly string[];
  readonly cert: readonly string[];
  readonly key: readonly string[];
  readonly checks: readonly string[];
}

/**
 * How these tools check a server: with TLS and no file of certificates they take any certificate; with one they check unless
 * that is turned off. Undefined where they are told nothing: they go without TLS then, which nobody asks for here.
 */
function tlsOf(told: Told, names: ClientNames): Tls {
  const isOn = told.flag(...names.tls);
  const [ca, cert, key] = [told.text(...names.ca), told.text(...names.cert), told.text(...names.key)];
  const checks = told.flag(...names.checks);
  if (isOn !== true) return { mode: undefined };
  const hasFile = ca !== undefined || cert !== undefined || key !== undefined;
  return {
    mode: hasFile && checks !== false ? 'verify-full' : 'require',
    ca,
    cert,
    hasKey: key !== undefined,
  };
}

/** A jump host of one of these tools; a password or passphrase that it encrypted is asked for. */
export interface ToldHop {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly user: string | undefined;
  readonly mode: string | undefined;
  readonly keyFile: string | undefined;
  readonly password: string | undefined;
  readonly keyPassphrase: string | undefined;
}

/** Jump hosts in their order; none where one of them is not complete, which is told. */
export function hopsOf(told: readonly ToldHop[], notes: string[]): FoundHop[] {
  const hops = told.map(({ host, port, user, mode, keyFile, password, keyPassphrase }): FoundHop | null => {
    const number = portOf(port ?? 22);
    const auth = { agent: 'agent', keyfile: 'key', userpass: 'password', userpassword: 'password' } as const;
    const word = (mode ?? '').toLowerCase();
    if (!textOf(host) || !textOf(user) || number === undefined || !Object.hasOwn(auth, word)) return null;
    const by = auth[word as keyof typeof auth];
    return {
      ...{ host: host as string, port: number, user: user as string, auth: by },
      keyFile: by === 'key' ? (keyFile ?? null) : null,
      ...(by === 'password' && password !== undefined ? { password } : {}),
      ...(by === 'key' && keyPassphrase !== undefined ? { keyPassphrase } : {}),
    };
  });
  if (hops.every((hop) => hop !== null)) return hops;
  notes.push('Its SSH tunnel is not complete and was left out.');
  return [];
}

/** A connection of one of these tools. */
export function clientOf(
  engine: 'postgres' | 'mysql' | 'clickhouse',
  told: Told,
  name: string,
  { names, hops }: { names: ClientNames; hops: readonly ToldHop[] },
): Taken {
  const tls = tlsOf(told, names);
  const notes: string[] = [];
  const ssh = hopsOf(hops, notes);
  let taken: Taken;
  if (engine === 'postgres') {
    const { host, port, user, password, database: dbname } = names;
    const asked: [string, string | undefined][] = [
      ['sslmode', tls.mode],
      ['sslrootcert', tls.ca],
      ['sslcert', tls.cert],
      ['sslkey', tls.hasKey ? 'told' : undefined],
    ];
    const further = new Map(asked.filter((each): each is [string, string] => each[1] !== undefined));
    taken = postgresOf(told, name, { host, port, user, password, dbname }, further);
  } else taken = serverOf(engine, told, name, { names, tls });
  if (!taken.connection) return taken;
  return { connection: { ...taken.connection, ssh, notes: [...notes, ...taken.connection.notes] } };
}
