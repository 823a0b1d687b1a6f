/*
 * Where and how to connect, as text: libpq's URLs and keyword strings (PostgreSQL documentation, 34.1.1) and the URLs of
 * pgjdbc. One reader for the window, imports and the command line. What the tool that owns the form refuses is refused;
 * no message repeats any of the text, because a piece of it may be a password in the wrong place.
 */

/** What was read, under libpq's keywords, or why nothing was. The sentence goes on after “it”, “this line”. */
export type Conninfo =
  | { readonly values: ReadonlyMap<string, string>; readonly problem?: undefined }
  | { readonly values?: undefined; readonly problem: string };

/** All that libpq knows up to version 18. */
const keywords = new Set(
  `application_name channel_binding client_encoding connect_timeout dbname fallback_application_name gssdelegation
  gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle keepalives_interval krbsrvname
  load_balance_hosts max_protocol_version min_protocol_version oauth_client_id oauth_client_secret oauth_issuer
  oauth_scope options passfile password port replication require_auth requirepeer scram_client_key scram_server_key
  service servicefile ssl_max_protocol_version ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl
  sslcrldir sslkey sslkeylogfile sslmode sslnegotiation sslpassword sslrootcert sslsni target_session_attrs
  tcp_user_timeout user`.split(/\s+/),
);

/** Whether libpq knows a keyword; they are case-sensitive. */
export const isKeyword = (text: string): boolean => keywords.has(text);

class Refused extends Error {}
const refuse = (problem: string): never => {
  throw new Refused(problem);
};

const unclear =
  'is not clear: percent-encode the special characters in the password (@ is %40, / is %2F, % is %25)';

/** Percent-encoding undone; as libpq 17 and later, blanks around a part do not count and blanks inside are refused. */
function decoded(text: string): string {
  const part = text.trim();
  if (/\s/.test(part)) return refuse('has a blank inside; write it as %20');
  if (/%(?![0-9a-f]{2})/i.test(part) || part.includes('%00')) return refuse(unclear);
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse('is not in UTF-8');
  }
}

function known(keyword: string): string {
  return keywords.has(keyword)
    ? keyword
    : refuse(
        'has a parameter that PostgreSQL’s own programs do not know; leave that out, or percent-encode & and ?',
      );
}

/** `a=1&b=2` behind the question mark of a URL; the last of two counts. */
function readQuery(query: string, values: Map<string, string>): void {
  for (const part of (query.endsWith('&') ? query.slice(0, -1) : query).split('&')) {
    if (query === '') return;
    const [keyword = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined)
      refuse('has a parameter that is not name=value; percent-encode = (%3D) and & (%26)');
    const [name, told] = [decoded(keyword), decoded(value ?? '')];
    if (name === 'ssl' && told === 'true') values.set('sslmode', 'require');
    else values.set(known(name), told);
  }
}

/** As conninfo_uri_parse_options in fe-connect.c does it, step by step. */
function readUrl(rest: string): Map<string, string> {
  const values = new Map<string, string>();
  const store = (keyword: string, text: string): void => {
    if (text !== '') values.set(keyword, decoded(text));
  };
  // The login ends at the first @, if that comes before any slash.
  const at = /^[^@/]*@/.exec(rest)?.[0].length ?? 0;
  if (at > 0) {
    const login = rest.slice(0, at - 1);
    const colon = login.indexOf(':');
    store('user', colon < 0 ? login : login.slice(0, colon));
    if (colon >= 0) store('password', login.slice(colon + 1));
  }
  let text = rest.slice(at);
  const hosts: string[] = [];
  const ports: string[] = [];
  for (;;) {
    const match = /^(?:\[([^\]]+)\](?=[:/?,]|$)|([^[:/?,][^:/?,]*|))(?::([^/?,]*))?/.exec(text);
    if (!match) return refuse('has no host that could be used; an address of version 6 is [address]:port');
    hosts.push(match[1] ?? match[2] ?? '');
    ports.push(match[3] ?? '');
    text = text.slice(match[0].length);
    if (!text.startsWith(',')) break;
    text = text.slice(1);
  }
  store('host', hosts.join(','));
  store('port', ports.join(','));
  if (text.startsWith('/')) {
    const end = text.includes('?') ? text.indexOf('?') : text.length;
    store('dbname', text.slice(1, end));
    text = text.slice(end);
  }
  readQuery(text.slice(1), values);
  return values;
}

/** `host=h user='a b'`; a backslash takes the next character as it is. */
function readKeywords(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const pair =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:(?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*|)(?=\s|$)))/suy;
  for (let rest = text.trim(); rest !== ''; ) {
    pair.lastIndex = 0;
    const match = pair.exec(rest);
    if (!match)
      return refuse('is not keyword=value; put a value with blanks or quotes between single quotes');
    values.set(known(match[1] as string), (match[2] ?? match[3] ?? '').replace(/\\(.)/gsu, '$1'));
    rest = rest.slice(match[0].length).trim();
  }
  return values;
}

/** What pgjdbc calls otherwise than libpq. */
const jdbcNames: ReadonlyMap<string, string> = new Map([
  ['PGHOST', 'host'],
  ['PGPORT', 'port'],
  ['PGDBNAME', 'dbname'],
  ['ApplicationName', 'application_name'],
  ['channelBinding', 'channel_binding'],
  ['gssEncMode', 'gssencmode'],
  ['loadBalanceHosts', 'load_balance_hosts'],
  ['requireAuth', 'require_auth'],
  ['sslNegotiation', 'sslnegotiation'],
  ['targetServerType', 'target_session_attrs'],
]);

/** What it knows beside these and libpq’s (PGProperty.java): a name of them is no piece of a password. */
const jdbcOnly = new Set(
  `adaptiveFetch adaptiveFetchMaximum adaptiveFetchMinimum allowEncodingChanges assumeMinServerVersion
  authenticationPluginClassName autosave binaryTransfer binaryTransferDisable binaryTransferEnable cancelSignalTimeout
  cleanupSavepoints connectTimeout currentSchema databaseMetadataCacheFields databaseMetadataCacheFieldsMiB
  defaultRowFetchSize disableColumnSanitiser escapeSyntaxCallMode groupStartupParameters gssResponseTimeout
  gssUseDefaultCreds hideUnprivilegedObjects hostRecheckSeconds jaasApplicationName jaasLogin kerberosServerName
  localSocketAddress logServerErrorDetail logUnclosedConnections loggerFile loggerLevel loginTimeout maxResultBuffer
  maxSendBufferSize preferQueryMode prepareThreshold preparedStatementCacheQueries preparedStatementCacheSizeMiB
  protocolVersion queryTimeout quoteReturningIdentifiers reWriteBatchedInserts readOnly readOnlyMode receiveBufferSize
  sendBufferSize socketFactory socketFactoryArg socketTimeout sslContextProvider sslResponseTimeout sslfactory
  sslfactoryarg sslhostnameverifier sslpasswordcallback sspiServiceClass stringtype tcpKeepAlive tcpNoDelay
  unknownLength useSpnego xmlFactoryFactory`.split(/\s+/),
);

/** Whether pgjdbc knows a property. */
export const isJdbc = (name: string): boolean =>
  name === 'ssl' || jdbcOnly.has(name) || keywords.has(jdbcNames.get(name) ?? name);
/** What stands for properties that it does not know, whose names may be anything. */
export const unknownToDriver = 'what the driver does not know';

/**
 * Properties of pgjdbc under libpq’s keywords. A driver takes whatever it does not know; so do we, as something that is left
 * out: under its name, or where that may be anything, without it.
 */
export function ofJdbc(properties: Iterable<readonly [name: string, value: string]>): Map<string, string> {
  const values = new Map<string, string>();
  let ssl = false;
  for (const [name, value] of properties) {
    const keyword = jdbcNames.get(name) ?? name;
    if (name === 'ssl') ssl = value === '' || value.toLowerCase() === 'true';
    else if (!isJdbc(name)) values.set(unknownToDriver, value || 'told');
    else values.set(keyword, /^(?:sslmode|channelBinding)$/.test(name) ? value.toLowerCase() : value);
  }
  if (ssl && !values.has('sslmode'))
    values.set(
      'sslmode',
      values.get('sslfactory')?.endsWith('NonValidatingFactory') ? 'require' : 'verify-full',
    );
  return values;
}

/** A URL of pgjdbc: no login before the host, `+` is a blank behind the question mark, and `ssl` asks for all checks. */
function readJdbc(rest: string): Map<string, string> {
  const values = new Map<string, string>();
  const cut = rest.includes('?') ? rest.indexOf('?') : rest.length;
  const [place, query] = [rest.slice(0, cut), rest.slice(cut + 1)];
  const match = /^(?:\/\/([^/]*)\/?)?(.*)$/s.exec(place);
  const authority = match?.[1] ?? '';
  if (authority.includes('@'))
    refuse('has a login before the host, where JDBC has none; use ?user=…&password=…');
  const places = authority.split(',').map((each) => /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(each));
  if (places.some((each) => each === null)) refuse('has no host and port that could be used');
  values.set('host', places.map((each) => each?.[1]?.replace(/^\[|\]$/g, '') || 'localhost').join(','));
  values.set('port', places.map((each) => each?.[2] ?? '5432').join(','));
  if (match?.[2]) values.set('dbname', decoded(match[2]));
  const properties = query
    .split('&')
    .filter((each) => each !== '')
    .map((part) => {
      const sign = part.includes('=') ? part.indexOf('=') : part.length;
      return [part.slice(0, sign), decoded(part.slice(sign + 1).replaceAll('+', '%20'))] as const;
    });
  for (const [keyword, value] of ofJdbc(properties)) values.set(keyword, value);
  return values;
}

/** Takes one connection URL or keyword string apart. */
export function readConninfo(text: string): Conninfo {
  const line = text.trim();
  try {
    const url = /^postgres(?:ql)?:\/\/(.*)$/s.exec(line);
    if (url) return { values: readUrl(url[1] as string) };
    const jdbc = /^jdbc:postgresql:(.*)$/s.exec(line);
    if (jdbc) return { values: readJdbc(jdbc[1] as string) };
    if (line.includes('=') && !/^[\w+.-]+:/.test(line)) return { values: readKeywords(line) };
    return { problem: 'is not a URL that begins with postgres:// or postgresql://' };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message };
    throw error;
  }
}
