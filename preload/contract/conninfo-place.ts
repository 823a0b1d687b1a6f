import { readConninfo } from './conninfo.ts';
import { type SignInMethod, type TlsMode, tlsModes } from './tls-modes.ts';

/** One server, and how to reach it. What is `undefined` was not told. */
export interface ConninfoPlace {
  /** A path is the folder of a Unix socket. Undefined: libpq’s own default, which is on this computer. */
  readonly host: string | undefined;
  /** The address that was told beside the name. */
  readonly hostAddress: string | undefined;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly signIn: SignInMethod | undefined;
  readonly tlsMode: TlsMode | undefined;
  readonly tlsCa: string | undefined;
  readonly tlsCert: string | undefined;
  /** How many servers were named; this is the first of them. */
  readonly hosts: number;
  /** Keywords that can’t be kept with a connection. */
  readonly left: readonly string[];
}

export type PlaceOrProblem =
  | { readonly place: ConninfoPlace; readonly problem?: undefined }
  | { readonly place?: undefined; readonly problem: string };

const taken =
  `host hostaddr port dbname user password sslmode sslrootcert sslcert sslcertmode channel_binding require_auth
  application_name`.split(/\s+/);

/** What asks for more than a connection can keep, with the values that ask for nothing. */
const demands: ReadonlyMap<string, readonly string[]> = new Map([
  ['service', ['']],
  ['require_auth', ['', 'scram-sha-256']],
  ['channel_binding', ['', 'prefer', 'disable', 'require']],
  ['requirepeer', ['']],
  ['sslcrl', ['']],
  ['sslcrldir', ['']],
  ['sslnegotiation', ['', 'postgres']],
  ['sslcertmode', ['', 'allow', 'disable']],
  ['ssl_min_protocol_version', ['', 'TLSv1', 'TLSv1.1', 'TLSv1.2']],
  ['gssencmode', ['', 'prefer', 'allow', 'disable']],
  ['target_session_attrs', ['', 'any']],
  // The sessions of one sync must be at one server.
  ['load_balance_hosts', ['', 'disable', 'false']],
  ['replication', ['', 'false', 'off', 'no', '0']],
  // Of pgjdbc: it goes wherever that leads, whatever host is named.
  ['socketFactory', ['']],
]);

/** The port at one place of libpq’s list: blanks, a plus and zeros before it are fine, nothing is 5432. */
function portAt(list: readonly string[], at: number): number | undefined {
  const text = (list.length === 1 ? list[0] : list[at])?.trim() ?? '';
  if (text === '') return 5432;
  const port = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** An address in numbers; libpq looks none up here. */
const isAddress = (text: string): boolean =>
  /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) ||
  (text.includes(':') && /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`));

/** The least that the server must ask for, of what libpq was told. */
const signInOf = (told: (keyword: string) => string | undefined): SignInMethod | undefined =>
  told('channel_binding') === 'require'
    ? 'channel_binding'
    : told('require_auth') === 'scram-sha-256'
      ? 'scram'
      : undefined;

/** Where libpq’s keywords lead to, or why they lead nowhere; values are never repeated. */
export function placeOf(values: ReadonlyMap<string, string>): PlaceOrProblem {
  const told = (keyword: string): string | undefined => values.get(keyword) || undefined;
  const names = told('host')?.split(',') ?? [];
  const addresses = told('hostaddr')?.split(',') ?? [];
  const count = Math.max(names.length, addresses.length, 1);
  const ports = (values.get('port') ?? '').split(',');
  if (names.length > 0 && addresses.length > 0 && names.length !== addresses.length)
    return { problem: 'has not as many addresses (hostaddr) as hosts' };
  if (ports.length > 1 && ports.length !== count) return { problem: 'has not as many ports as hosts' };
  const port = portAt(ports, 0);
  if (port === undefined || ports.some((_, at) => portAt(ports, at) === undefined))
    return {
      problem: 'has no host and port that could be used; percent-encode special characters in a password',
    };
  const host = names[0] || addresses[0] || undefined;
  // An @ or blanks are in no host’s name: the text before them was meant to be a password.
  if (
    host !== undefined &&
    !host.startsWith('/') &&
    /[@\s:%#/]/.test(host) &&
    !/^[0-9a-f:.]+(%\w+)?$/i.test(host)
  )
    return {
      problem: 'has no host that could be used; percent-encode the special characters in the password',
    };
  const address = addresses[0] || undefined;
  if (address !== undefined && !isAddress(address))
    return { problem: 'has an address (hostaddr) that is none' };
  if (address !== undefined && host?.startsWith('/'))
    return { problem: 'has an address (hostaddr) beside a Unix socket' };
  const mode = values.get('sslmode');
  const named = tlsModes.find((each) => each === mode);
  if (mode !== undefined && named === undefined) return { problem: 'has an sslmode that there is not' };
  const system = values.get('sslrootcert') === 'system';
  if (system && mode !== undefined && mode !== 'verify-full')
    return { problem: 'has sslrootcert=system, which needs sslmode=verify-full' };
  for (const [keyword, harmless] of demands)
    if (!harmless.includes(values.get(keyword) ?? ''))
      return { problem: `has ${keyword}, which Headgate can’t keep to; leave it out if it is not needed` };
  return {
    place: {
      host,
      hostAddress: address === host ? undefined : address,
      port,
      database: told('dbname'),
      user: told('user'),
      password: told('password'),
      signIn: signInOf(told),
      tlsMode: named ?? (system ? 'verify-full' : undefined),
      tlsCa: told('sslrootcert'),
      tlsCert: told('sslcertmode') === 'disable' ? undefined : told('sslcert'),
      hosts: count,
      left: [...values.keys()].filter((keyword) => !taken.includes(keyword) && values.get(keyword) !== ''),
    },
  };
}

/** The server of one connection URL or keyword string. */
export function readPlace(text: string): PlaceOrProblem {
  const read = readConninfo(text);
  return read.values ? placeOf(read.values) : { problem: read.problem };
}
