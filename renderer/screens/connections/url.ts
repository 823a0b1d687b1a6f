import { readPlace } from '../../../preload/contract/conninfo-place.ts';
import type { EngineType } from '../../../preload/contract/engines.ts';
import { readEngineUrl } from '../../../preload/contract/urls/engine-url.ts';
import type { SignInMethod, TlsMode } from './options.ts';

const strictModes = ['verify-full', 'verify-ca', 'require', 'disable'] as const satisfies readonly TlsMode[];

/** What may be left out without the connection going another way, or less safely, than the text asks for. */
const harmless =
  /^(?:application_name|fallback_application_name|client_encoding|connect_timeout|keepalives.*|sslsni)$/;

export interface UrlParts {
  readonly engine: EngineType;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly tlsMode: TlsMode | undefined;
  /** What the server must ask for; missing where the text says nothing of it. */
  readonly signIn?: SignInMethod;
}

/**
 * Takes apart `postgres://user:password@host:port/database?sslmode=…` with the rules of imports, and URLs of other databases.
 * Undefined also where the form has no field for something that matters: certificates, several hosts; those are imported instead.
 * `withSignIn`: it has one for what the server must ask for.
 */
export function parseConnectionUrl(text: string, withSignIn = false): UrlParts | undefined {
  const other = readEngineUrl(text);
  if (other) {
    const { left, ...parts } = other;
    return left.length === 0 ? parts : undefined;
  }
  const { place } = readPlace(text);
  if (!place?.host || place.host.startsWith('/') || place.hosts > 1 || place.hostAddress) return undefined;
  if (
    (place.tlsCa ?? 'system') !== 'system' ||
    place.tlsCert ||
    (place.signIn && !withSignIn) ||
    !place.left.every((each) => harmless.test(each))
  )
    return undefined;
  const { host, port, database = '', user = '', password = '', tlsMode } = place;
  // "allow" and "prefer" may go on without encryption; whoever wants that chooses it, it is not silently taken over.
  const engine = 'postgres';
  return {
    engine,
    host,
    port,
    database,
    user,
    password,
    settings: {},
    tlsMode: strictModes.find((each) => each === tlsMode),
    ...(place.signIn ? { signIn: place.signIn } : {}),
  };
}
