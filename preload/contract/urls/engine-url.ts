import { engineOfScheme, engineTraits } from '../engines.ts';
import type { TlsMode } from '../tls-modes.ts';
import { type EnginePlace, placeOfWarehouse } from './warehouse-place.ts';
import { readWarehouseUrl } from './warehouse-url.ts';

export type { EnginePlace } from './warehouse-place.ts';

/** What clients of MySQL call their modes (MySQL documentation, `--ssl-mode`; Connector/J, `sslMode`; MariaDB's, `sslMode`). */
const modes: Readonly<Record<string, TlsMode | undefined>> = {
  disabled: 'disable',
  disable: 'disable',
  required: 'require',
  require: 'require',
  trust: 'require',
  verify_ca: 'verify-ca',
  'verify-ca': 'verify-ca',
  verify_identity: 'verify-full',
  'verify-full': 'verify-full',
  preferred: undefined,
  prefer: undefined,
};
const modeNames = new Set(['ssl-mode', 'sslmode', 'ssl_mode']);
const switches = new Set(['usessl', 'ssl', 'tls', 'secure']);
/** Parameters without which a connection goes the same way, as safely. */
const harmless =
  /^(?:charset|characterencoding|collation|timezone|servertimezone|connecttimeout|connect_timeout|sockettimeout|allowpublickeyretrieval|useunicode|zerodatetimebehavior|autoreconnect|reconnect|parsetime|loc|application_name|statusColor|env|name|usepool)$/i;

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/**
 * Takes `mysql://user:password@host:port/database?ssl-mode=…` apart, also with `jdbc:` before it and as `mariadb://`. Undefined for
 * what is none, for several hosts, and for PostgreSQL, whose URLs have rules of their own (`readPlace`).
 */
export function readEngineUrl(text: string): EnginePlace | undefined {
  const warehouse = readWarehouseUrl(text);
  if (warehouse) return placeOfWarehouse(warehouse);
  const [, scheme = '', rest = ''] = /^(?:jdbc:)?([a-z+]+):\/\/(\S*)$/i.exec(text.trim()) ?? [];
  const engine = engineOfScheme(scheme);
  if (engine === undefined || engine === 'postgres') return undefined;
  const [, login = '', places = '', path = '', query = ''] =
    /^(?:([^@/?]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?/.exec(rest) ?? [];
  const [, bracketed, name = '', portText] = /^(?:\[([^\]]+)\]|([^:,[\]]*))(?::(\d+))?$/.exec(places) ?? [];
  const host = bracketed ?? name;
  const port = portText === undefined ? engineTraits[engine].port : Number(portText);
  if (host === '' || /[\s@%]/.test(host) || port < 1 || port > 65_535) return undefined;
  const at = login.indexOf(':');
  const parts = [at < 0 ? login : login.slice(0, at), at < 0 ? '' : login.slice(at + 1), path].map(decoded);
  const [user, password, database] = parts;
  if (user === undefined || password === undefined || database === undefined) return undefined;
  const told = { user, password };
  let tlsMode: TlsMode | undefined;
  const left: string[] = [];
  for (const [key, value] of new URLSearchParams(query)) {
    const word = key.toLowerCase();
    const mode = value.toLowerCase();
    if (modeNames.has(word) && Object.hasOwn(modes, mode)) tlsMode = modes[mode];
    else if (switches.has(word) && /^(?:true|1|false|0)$/.test(mode))
      tlsMode = /^(?:true|1)$/.test(mode) ? undefined : 'disable';
    else if (word === 'user' && told.user === '') told.user = value;
    else if (word === 'password' && told.password === '') told.password = value;
    else if (!harmless.test(key)) left.push(key);
  }
  return { engine, host, port, database, ...told, settings: {}, tlsMode, left };
}
