import type { TlsMode } from './options.ts';

const strictModes = ['verify-full', 'verify-ca', 'require', 'disable'] as const satisfies readonly TlsMode[];

export interface UrlParts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly tlsMode: TlsMode | undefined;
}

/** Takes apart `postgres://user:password@host:port/database?sslmode=…` as psql and hosting sites write it. */
export function parseConnectionUrl(text: string): UrlParts | undefined {
  const url = URL.parse(text.trim());
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') return undefined;
  const mode = url.searchParams.get('sslmode');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decode(url.pathname.replace(/^\//, '')),
    user: decode(url.username),
    password: decode(url.password),
    // "allow" and "prefer" may go on without encryption; whoever wants that chooses it, it is not silently taken over.
    tlsMode: strictModes.find((each) => each === mode),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
