import type { EngineType } from '../engines.ts';

/** Kinds of database whose URLs are made of parameters: their drivers have no form in common. */
export type WarehouseType = Extract<EngineType, 'bigquery' | 'databricks' | 'snowflake'>;

/** What a URL of a warehouse tells, by the names of its parameters in small letters; other parts have the name of a parameter. */
export interface WarehouseUrl {
  readonly engine: WarehouseType;
  readonly told: readonly (readonly [string, string])[];
}

/**
 * Parameters that the drivers of these have, so far as they are about the way to a server. Any other name could be a piece of a
 * password with the sign between parameters in it, and is not repeated.
 */
const known = new Set(
  `host server account port user uid username password pwd database db schema warehouse role authenticator token
  private_key_file private_key_file_pwd private_key_base64 private_key_pwd region protocol ssl tracing application
  login_timeout logintimeout networktimeout querytimeout query_tag timezone client_session_keep_alive ocspfailopen
  insecuremode disableocspchecks proxyhost proxyport proxyuser proxypassword useproxy nonproxyhosts passcode
  http_path httppath catalog conncatalog connschema authmech auth_flow auth_accesstoken auth_client_id auth_client_secret
  oauth2clientid oauth2secret auth_type access_token transportmode sparkservertype thrifttransport enablearrow
  useragententry usenativequery fastsqlprepare allowselfsignedcerts sslTrustStore ssltruststorepwd cookies
  loglevel logpath projectid project dataset defaultdataset location oauthtype oauthserviceacctemail oauthpvtkeypath
  oauthaccesstoken oauthrefreshtoken oauthclientid oauthclientsecret credentials_path credentials_base64
  maximum_bytes_billed additionalprojects timeout`
    .toLowerCase()
    .trim()
    .split(/\s+/),
);

type Pair = readonly [string, string];

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `name=value` between signs. Undefined where a value can't be decoded. */
function pairsOf(text: string, sign: ';' | '&'): Pair[] | undefined {
  const pairs: Pair[] = [];
  for (const [index, piece] of text.split(sign).entries()) {
    if (piece.trim() === '') continue;
    const at = piece.indexOf('=');
    const name = (at < 0 ? '' : piece.slice(0, at)).trim().toLowerCase();
    const value = sign === '&' ? decoded(piece.slice(at + 1).replaceAll('+', ' ')) : piece.slice(at + 1);
    if (value === undefined) return undefined;
    pairs.push([known.has(name) ? name : `?${index}`, value]);
  }
  return pairs;
}

/** The names of what stands in the path and before the host; those of Snowflake's path are two. */
interface Forms {
  readonly host: string;
  readonly path: readonly string[];
}

/** `//login@host:port/path?query`, or with `;name=value` behind the path, as drivers for Java have it. */
function readParts(rest: string, forms: Forms): Pair[] | undefined {
  const [, login = '', host = '', port = '', path = '', behind = '', query = ''] =
    /^(?:([^@/?;#]*)@)?([\w.-]+)(?::(\d{1,5}))?(?:\/([^?;#\s]*))?((?:;[^;]*)*)(?:\?([^#\s]*))?$/.exec(rest) ??
    [];
  if (host === '') return undefined;
  const at = login.indexOf(':');
  const further: [string, string][] = [
    [forms.host, host],
    ['port', port],
    ['user', at < 0 ? login : login.slice(0, at)],
    ['password', at < 0 ? '' : login.slice(at + 1)],
    ...path.split('/').map((value, index): [string, string] => [forms.path[index] ?? `?p${index}`, value]),
  ];
  const plain: Pair[] = [];
  for (const [name, value] of further) {
    const meant = decoded(value);
    if (meant === undefined) return undefined;
    if (meant !== '') plain.push([name, meant]);
  }
  const told = [pairsOf(behind, ';'), pairsOf(query, '&')];
  return told.every((each) => each !== undefined) ? [...plain, ...told.flat()] : undefined;
}

/**
 * Takes a URL of Databricks, Snowflake or BigQuery apart, those of drivers for Java (`jdbc:`) and those of libraries for Python.
 * Undefined for what is none.
 */
export function readWarehouseUrl(text: string): WarehouseUrl | undefined {
  const [, jdbc, scheme = '', rest = ''] =
    /^(jdbc:)?(databricks|spark|snowflake|bigquery)(?:\+\w+)?:\/\/(.*)$/is.exec(text.trim()) ?? [];
  const name = scheme.toLowerCase();
  const is = (engine: WarehouseType, told: Pair[] | undefined): WarehouseUrl | undefined =>
    told && { engine, told };
  switch (name) {
    case 'databricks':
    case 'spark': {
      const told = readParts(rest, { host: 'host', path: ['schema'] });
      // Every driver for Java writes it there; it says nothing.
      return is(
        'databricks',
        told?.filter(([key, value]) => !(jdbc && key === 'schema' && value === 'default')),
      );
    }
    case 'snowflake':
      return is(
        'snowflake',
        readParts(rest, { host: jdbc ? 'host' : 'account', path: ['database', 'schema'] }),
      );
    case 'bigquery': {
      if (!jdbc) return is('bigquery', readParts(rest, { host: 'project', path: ['defaultdataset'] }));
      const [, behind] =
        /^https:\/\/(?:www|bigquery)\.googleapis\.com\/bigquery\/v2(?::443)?\/?((?:;[^;]*)*)$/i.exec(rest) ??
        [];
      return behind === undefined ? undefined : is('bigquery', pairsOf(behind, ';'));
    }
    default:
      return undefined;
  }
}
