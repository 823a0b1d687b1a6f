import { type EngineType, engineTraits } from '../engines.ts';
import type { TlsMode } from '../tls-modes.ts';
import type { WarehouseUrl } from './warehouse-url.ts';

/** Where a URL of a database leads; '' is what it does not say. */
export interface EnginePlace {
  readonly engine: EngineType;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** What this kind of database needs beside these. */
  readonly settings: Readonly<Record<string, string>>;
  readonly tlsMode: TlsMode | undefined;
  /** Parameters that can't be kept with a connection, by name. */
  readonly left: readonly string[];
}

/** Parameters without which a connection goes the same way, as safely, with the values for which that holds. */
const harmless: Readonly<Record<string, RegExp>> = {
  ssl: /^(?:1|true|on)$/i,
  transportmode: /^https?$/i,
  thrifttransport: /^2$/,
  authmech: /^(?:3|11)$/,
  auth_flow: /^[01]$/,
  auth_type: /^(?:pat|oauth-m2m)$/i,
  authenticator: /^(?:snowflake|snowflake_jwt|programmatic_access_token)$/i,
  oauthtype: /^0$/,
  ...Object.fromEntries(
    `tracing application login_timeout logintimeout networktimeout querytimeout query_tag timezone loglevel
    client_session_keep_alive enablearrow useragententry usenativequery fastsqlprepare timeout sparkservertype`
      .split(/\s+/)
      .map((name) => [name, /^/]),
  ),
};

/** A programmatic access token of Snowflake is a JWT, and stands where a password would. */
const isAccessToken = (text: string): boolean => /^eyJ[\w-]{8,}\.[\w-]+\.[\w-]+$/.test(text);
const snowflakeEnding = engineTraits.snowflake.hostEnding ?? '';

/** What a form can be filled with from a URL of a warehouse. Undefined where it does not say which. */
export function placeOfWarehouse({ engine, told }: WarehouseUrl): EnginePlace | undefined {
  const values = new Map(told);
  const taken = new Set<string>();
  const pick = (...names: readonly string[]): string => {
    const name = names.find((each) => (values.get(each) ?? '') !== '');
    if (name === undefined) return '';
    taken.add(name);
    return values.get(name) ?? '';
  };
  const toldPort = pick('port');
  const port = toldPort === '' ? engineTraits[engine].port : Number(toldPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  const settings: Record<string, string> = {};
  const set = (name: string, value: string): void => {
    if (value !== '') settings[name] = value;
  };
  const at = { host: '', database: '', user: '', password: '' };
  if (engine === 'databricks') {
    at.host = pick('host');
    at.database = pick('conncatalog', 'catalog');
    const path = pick('httppath', 'http_path');
    const warehouse = /^\/?sql\/1\.0\/(?:warehouses|endpoints)\/([\w-]+)\/?$/.exec(path)?.[1];
    if (path !== '' && warehouse === undefined)
      taken.delete(values.has('httppath') ? 'httppath' : 'http_path');
    set('warehouse', warehouse ?? '');
    at.user = pick('auth_client_id', 'oauth2clientid');
    at.password =
      at.user === ''
        ? pick('auth_accesstoken', 'token', 'access_token')
        : pick('auth_client_secret', 'oauth2secret');
    // The user “token” says that the password is one.
    if (at.user === '' && /^token$/i.test(values.get('uid') ?? values.get('user') ?? '')) {
      pick('uid', 'user');
      if (at.password === '') at.password = pick('pwd', 'password');
    }
    set('signIn', at.user === '' ? 'token' : 'client_secret');
  } else if (engine === 'snowflake') {
    const account = pick('account');
    const host = account === '' ? pick('host') : account;
    at.host =
      host === '' || host.toLowerCase().endsWith(snowflakeEnding) ? host : `${host}${snowflakeEnding}`;
    at.database = pick('database', 'db');
    for (const name of ['warehouse', 'role', 'schema']) set(name, pick(name));
    const way = (values.get('authenticator') ?? '').toLowerCase();
    const secret = values.get('password') ?? '';
    if (way === 'snowflake_jwt' || values.has('private_key_file')) {
      set('signIn', 'private_key');
      at.user = pick('user');
    } else {
      set('signIn', 'token');
      // The token says whose it is.
      pick('user');
      if (way === 'programmatic_access_token' || isAccessToken(secret))
        at.password = pick('token', 'password');
    }
  } else {
    at.host = engineTraits.bigquery.host ?? '';
    at.database = pick('projectid', 'project');
    set('location', pick('location'));
  }
  if (at.host === '') return undefined;
  const left = [...values]
    .filter(([name, value]) => value !== '' && !taken.has(name) && harmless[name]?.test(value) !== true)
    .map(([name]) => (name.startsWith('?') ? 'a parameter' : name));
  return { engine, ...at, port, settings, tlsMode: 'verify-full', left: [...new Set(left)] };
}
