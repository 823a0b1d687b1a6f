import { readPlace } from '../../../preload/contract/conninfo-place.ts';
import { engineTraits } from '../../../preload/contract/engines.ts';
import { readEngineUrl } from '../../../preload/contract/urls/engine-url.ts';
import { isThisComputer } from '../connections/fixes.ts';
import type { TlsMode } from '../connections/options.ts';
import { parseConnectionUrl, type UrlParts } from '../connections/url.ts';

/** The parts that something pasted may lack. */
export const pastedFields = ['host', 'port', 'database', 'user', 'password'] as const;
export type PastedField = (typeof pastedFields)[number];

/** What was pasted, taken apart; what it did not say is empty. */
export type Pasted = Omit<UrlParts, 'tlsMode'> & { readonly tlsMode: TlsMode };

/** `host:port:database:user:password` as libpq keeps it; a backslash takes a colon or a backslash along. */
function pgpassLine(text: string): UrlParts | undefined {
  if (
    /\s|=|\/\//.test(
      text
        .split(/(?<!\\):/)
        .slice(0, 4)
        .join(' ')
        .replaceAll(' ', ''),
    )
  )
    return undefined;
  const parts = text.split(/(?<!\\):/).map((part) => part.replace(/\\([:\\])/g, '$1'));
  if (parts.length !== 5) return undefined;
  const [host = '', port = '', database = '', user = '', password = ''] = parts;
  const number = port === '*' ? 5432 : Number(port);
  if (host === '' || host === '*' || host.startsWith('/') || /^\d+$/.test(host)) return undefined;
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return undefined;
  const told = (value: string): string => (value === '*' ? '' : value);
  const engine = 'postgres';
  return {
    engine,
    host,
    port: number,
    database: told(database),
    user: told(user),
    password,
    settings: {},
    tlsMode: undefined,
  };
}

/** A section of `.my.cnf` for clients (MySQL documentation, "Using Option Files"). */
function myCnfSection(text: string): UrlParts | undefined {
  if (!/^\s*\[(?:client|mysql|mariadb)[\w-]*\]\s*$/m.test(text)) return undefined;
  const told = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const quoted = /^(["'])(.*)\1$/.exec(value)?.[2];
    if (name !== '') told.set(name.replaceAll('_', '-'), quoted ?? value);
  }
  const port = Number(told.get('port') ?? engineTraits.mysql.port);
  const host = told.get('host') ?? '';
  if (host === '' || told.has('socket') || !Number.isInteger(port) || port < 1 || port > 65_535)
    return undefined;
  const mode = { REQUIRED: 'require', VERIFY_CA: 'verify-ca', DISABLED: 'disable' } as const;
  return {
    ...{ engine: 'mysql', host, port, database: told.get('database') ?? '' },
    ...{ user: told.get('user') ?? '', password: told.get('password') ?? '', settings: {} },
    tlsMode: mode[(told.get('ssl-mode') ?? '').toUpperCase() as keyof typeof mode],
  };
}

/** A section of `pg_service.conf`, with or without its name in brackets. */
function serviceSection(text: string, withSignIn: boolean): UrlParts | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && !/^\[.*\]$/.test(line));
  if (lines.length < 2 || !lines.every((line) => /^[a-z_]+\s*=/.test(line))) return undefined;
  const keywords = lines.map((line) => {
    const at = line.indexOf('=');
    const value = line
      .slice(at + 1)
      .trim()
      .replaceAll('\\', '\\\\')
      .replaceAll("'", "\\'");
    return `${line.slice(0, at).trim()}='${value}'`;
  });
  return parseConnectionUrl(keywords.join(' '), withSignIn);
}

/**
 * Takes a URL, keywords, a line of `.pgpass`, a section of `pg_service.conf` or of `.my.cnf` apart. Undefined for what is none of them, and
 * for what says more than a plain way to a server, which the whole form and the import can take. `withSignIn`: the form is whole.
 */
export function readPasted(text: string, withSignIn = false): Pasted | undefined {
  const trimmed = text.trim();
  // Lines of a file are taken as they stand; between keywords of one line a backslash has a meaning.
  const parts =
    myCnfSection(trimmed) ??
    serviceSection(trimmed, withSignIn) ??
    parseConnectionUrl(trimmed, withSignIn) ??
    pgpassLine(trimmed);
  if (!parts) return undefined;
  // What does not leave this computer needs no encryption; whoever wrote down a mode is taken at their word.
  return { ...parts, tlsMode: parts.tlsMode ?? (isThisComputer(parts.host) ? 'disable' : 'verify-full') };
}

/** The same, of a database that data sources can be landed in. */
export function readLanding(text: string): Pasted | undefined {
  const pasted = readPasted(text);
  return pasted && engineTraits[pasted.engine].lands ? pasted : undefined;
}

/** Why a text that looks like a URL could not be taken: it has more in it than the box can keep. */
export const saysMore = (text: string): boolean =>
  readPlace(text.trim()).place !== undefined || (readEngineUrl(text)?.left.length ?? 0) > 0;
