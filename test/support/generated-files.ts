import { createCipheriv } from 'node:crypto';

/* Files of other tools, made of keys that are known, unknown, there twice or oddly spelt: what a property is asked of. */

/** Something that no note, problem or name may repeat. */
export const canary = 'canary';

export interface Generated {
  readonly text: string;
  readonly credentials?: string;
  /** Each key that was written and has a value, as a note or a problem would name it. */
  readonly keys: readonly string[];
  /** What the file asks for, the strictest that counts; undefined where it asks for nothing. */
  readonly tlsMode?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly signIn?: string | undefined;
  /** Whether the whole file has to be refused. */
  readonly isRefused?: boolean;
}

export interface Dice {
  below(count: number): number;
  one<T>(of: readonly T[]): T;
  chance(part: number): boolean;
}
export const dice = (random: () => number): Dice => {
  const below = (count: number): number => Math.floor(random() * count);
  return { below, one: (of) => of[below(of.length)] as never, chance: (part) => random() < part };
};

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const odd = ['verifyfull', 'Verify-Full', 'strict'];

/** Values of libpq's keywords beside those that say where; a secret one is a canary. */
const further: Readonly<Record<string, readonly string[]>> = {
  sslrootcert: ['/ca.pem', '~/ca.pem'],
  sslcert: ['/c.pem'],
  sslkey: ['/k.pem'],
  sslcrl: ['/crl.pem'],
  sslpassword: [`${canary}-tls`],
  passfile: ['/pass'],
  channel_binding: ['require', 'prefer', 'disable'],
  require_auth: ['scram-sha-256', 'md5', '!none'],
  sslnegotiation: ['postgres', 'direct'],
  sslcertmode: ['allow', 'disable', 'require'],
  target_session_attrs: ['any', 'read-write'],
  load_balance_hosts: ['disable', 'random'],
  ssl_min_protocol_version: ['TLSv1.2', 'TLSv1.3'],
  gssencmode: ['disable', 'require'],
  requirepeer: ['postgres'],
  hostaddr: ['10.0.0.5', '2001:db8::1', 'no-address'],
  options: ['-c geqo=off'],
  application_name: ['x'],
  connect_timeout: ['5'],
  keepalives: ['1'],
};

/** Keywords with values, some of them; `sslmode` in `modeShare` of all. */
export function keywords(d: Dice): [string, string][] {
  const told: [string, string][] = [
    ['host', d.one(['db.example.org', '/run/pg', '10.1.1.1'])],
    ['user', 'etl'],
    ['password', `${canary}-${d.below(1000)}`],
    ['dbname', 'field'],
  ];
  if (d.chance(0.6)) told.push(['sslmode', d.chance(0.1) ? d.one(odd) : d.one(modes)]);
  for (const [name, values] of Object.entries(further)) if (d.chance(0.12)) told.push([name, d.one(values)]);
  return told;
}

const demanded = (told: ReadonlyMap<string, string>) => ({
  tlsMode: told.get('sslmode'),
  tlsCa: told.get('sslrootcert'),
  signIn:
    told.get('channel_binding') === 'require'
      ? 'channel_binding'
      : told.get('require_auth') === 'scram-sha-256'
        ? 'scram'
        : undefined,
});
const namesOf = (told: readonly (readonly [string, unknown])[]): string[] => told.map(([name]) => name);
const shuffled = <T>(d: Dice, list: readonly T[]): T[] => {
  const rest = [...list];
  return list.map(() => rest.splice(d.below(rest.length), 1)[0] as T);
};

/** pg_service.conf; the first of two values counts. */
export function serviceFile(d: Dice): Generated {
  const told = shuffled(d, keywords(d));
  const twice = d.chance(0.3) ? [d.one(told)].map(([name]) => [name, `${canary}-again`] as const) : [];
  const unknown = d.chance(0.2) ? ([[d.one(['Host', 'foo', 'ssl']), 'x']] as const) : [];
  const lines = [...told, ...twice, ...unknown].map(([name, value]) => `${name}=${value}`);
  if (d.chance(0.2)) lines.splice(d.below(lines.length), 0, '# a comment', '');
  return {
    text: `[s]${d.one(['', ' # x', 'y'])}\n${lines.join(d.one(['\n', '\r\n']))}\n`,
    keys: namesOf(told),
    ...demanded(new Map(told)),
  };
}

/** A URL of libpq, its keyword form, or a URL of pgjdbc; the last of two values counts. */
export function url(d: Dice): Generated {
  const told = shuffled(d, keywords(d));
  const keys = namesOf(told);
  const asked = demanded(new Map(told));
  const query = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  if (d.chance(0.3)) {
    const quoted = told.map(([name, value]) => `${name} = '${value}'`);
    return { text: quoted.join(' '), keys, ...asked };
  }
  if (d.chance(0.3)) {
    const jdbc = told
      .filter(([name]) => !['host', 'dbname', 'channel_binding', 'require_auth'].includes(name))
      .concat(d.chance(0.3) ? [['socketFactoryArg', 'x']] : []);
    // A mode is spelt as one likes there, but is one of these.
    const { tlsMode, tlsCa } = asked;
    return {
      text: `jdbc:postgresql://db.example.org/field?${query(jdbc)}`,
      ...{ keys: namesOf(jdbc), tlsMode: tlsMode?.toLowerCase(), tlsCa },
    };
  }
  return { text: `postgresql:///?${query(told)}`, keys, ...asked };
}

/** pgAdmin's export; parameters of libpq as an object, further fields beside it. */
export function pgAdmin(d: Dice): Generated {
  const told = keywords(d);
  const all = new Map(told);
  const parameters = told.filter(([name]) => !['host', 'user', 'dbname'].includes(name));
  const fields: [string, unknown][] = [];
  if (d.chance(0.3)) fields.push(['Role', 'boss']);
  if (d.chance(0.2)) fields.push(['PasswordExecCommand', `echo ${canary}`]);
  if (d.chance(0.2)) fields.push(['Oddly Spelt', 1]);
  const server = {
    ...{ Name: 'n', Group: 'g', Host: all.get('host'), Port: 5432, MaintenanceDB: 'field', Username: 'etl' },
    ConnectionParameters: Object.fromEntries(parameters),
    ...Object.fromEntries(fields),
    ...(d.chance(0.3) ? { UseSSHTunnel: 1, TunnelHost: 'jump', TunnelUsername: 'x' } : {}),
  };
  return {
    text: JSON.stringify({ Servers: { 1: server } }),
    keys: [...namesOf(parameters), ...namesOf(fields)],
    ...demanded(all),
  };
}

/** Settings of Azure Data Studio or VS Code. */
export function editorSettings(d: Dice): Generated {
  const told = keywords(d);
  const renamed: Readonly<Record<string, string>> = { host: 'server', dbname: 'database' };
  const options: [string, unknown][] = told.map(([name, value]) => [renamed[name] ?? name, value]);
  if (d.chance(0.2)) options.push(['authenticationType', 'AzureMFA']);
  if (d.chance(0.2)) options.push(['oddlySpelt', true]);
  const entry = Object.fromEntries(shuffled(d, options));
  const settings = d.chance(0.5)
    ? { 'datasource.connections': [{ providerName: 'PGSQL', options: entry }] }
    : { 'pgsql.connections': [entry] };
  return { text: JSON.stringify(settings), keys: namesOf(options), ...demanded(new Map(told)) };
}

const dbeaverKey = Buffer.from('babb4a9f774ab853c96c2d653dfe544a', 'hex');

/** DBeaver's data-sources.json with its file of credentials; strictness by the driver, or by the page for TLS. */
export function dbeaver(d: Dice): Generated {
  const told = keywords(d).filter(
    ([name]) =>
      !['host', 'user', 'password', 'dbname', 'hostaddr', 'channel_binding', 'require_auth'].includes(name),
  );
  const more: [string, unknown][] = [];
  if (d.chance(0.2)) more.push(['auth-model', 'iam']);
  if (d.chance(0.2)) more.push(['events', { BEFORE_CONNECT: { command: canary } }]);
  if (d.chance(0.2)) more.push(['oddly-spelt', 'x']);
  const mode = d.chance(0.5) ? d.one(modes) : undefined;
  const page = d.chance(0.4);
  const handlers = page
    ? {
        postgre_ssl: {
          enabled: true,
          properties: { ...(mode ? { sslMode: mode } : {}), 'ssl.keystore': '/ks' },
        },
      }
    : {};
  const configuration = {
    ...{ host: 'db.example.org', port: '5432', database: 'field' },
    properties: Object.fromEntries(told),
    handlers,
    ...Object.fromEntries(more),
  };
  const driver = new Map(told);
  const cipher = createCipheriv('aes-128-cbc', dbeaverKey, Buffer.alloc(16, 7));
  const plain = JSON.stringify({ c: { '#connection': { user: 'etl', password: `${canary}-db` } } });
  return {
    text: JSON.stringify({ connections: { c: { provider: 'postgresql', name: 'n', configuration } } }),
    credentials: Buffer.concat([Buffer.alloc(16, 7), cipher.update(plain), cipher.final()]).toString(
      'base64',
    ),
    keys: [...namesOf(told), ...namesOf(more), ...(page ? ['ssl.keystore'] : [])],
    tlsMode: (page ? (mode ?? driver.get('sslmode') ?? 'verify-full') : driver.get('sslmode'))?.toLowerCase(),
    tlsCa: driver.get('sslrootcert'),
  };
}

const sshValues: Readonly<Record<string, readonly string[]>> = {
  HostName: ['h.example.org', '%h.x'],
  Port: ['2222', 'https'],
  User: ['bob'],
  IdentityFile: ['~/.ssh/k', '~/.ssh/k.pub', 'none'],
  IdentityAgent: ['/run/agent', 'none', '$SOCK'],
  ProxyJump: ['gate', 'none'],
  Ciphers: ['aes256-ctr'],
  MACs: ['hmac-sha2-256'],
  KexAlgorithms: ['curve25519-sha256'],
  HostKeyAlgorithms: ['ssh-ed25519'],
  PubkeyAcceptedAlgorithms: ['ssh-ed25519'],
  RevokedHostKeys: ['/revoked'],
  UserKnownHostsFile: ['/known'],
  BindAddress: ['10.0.0.1'],
  BindInterface: ['eth1'],
  AddressFamily: ['inet'],
  ConnectTimeout: ['5'],
  CheckHostIP: ['yes'],
  StrictHostKeyChecking: ['yes'],
  CertificateFile: ['~/.ssh/c'],
  HostKeyAlias: ['x'],
  CanonicalizeHostname: ['yes'],
  ProxyCommand: ['nc %h %p'],
};
/** Of these it is no secret that nothing is made of them. */
const sshTaken = /^(?:hostname|port|user|identityfile|identityagent|proxyjump|proxycommand)$/i;

/** An ssh_config with one host that is named; spelling of keywords is free. */
export function sshConfig(d: Dice): Generated {
  const lines: string[] = [];
  const keys = new Set<string>();
  for (const [name, values] of Object.entries(sshValues)) {
    if (!d.chance(0.3)) continue;
    const spelt = d.one([name, name.toLowerCase(), name.toUpperCase()]);
    lines.push(`  ${spelt}${d.one([' ', '=', ' = '])}${d.one(values)}`);
    if (d.chance(0.2)) lines.push(`  ${spelt} ${d.one(values)}`);
    if (!sshTaken.test(name)) keys.add(name);
  }
  const other = d.chance(0.3) ? 'Host *.elsewhere\n  User nobody\n' : '';
  const text = `Host a\n${shuffled(d, lines).join('\n')}\n${other}`;
  return { text, keys: [...keys, ...(other === '' ? [] : ['Host *.elsewhere'])] };
}

/** Lines of a .pgpass; each is a key. */
export function pgpass(d: Dice): Generated {
  const lines = Array.from({ length: 1 + d.below(5) }, () =>
    [
      d.one(['db', '*', 'h\\:1', '::1', '/tmp']),
      d.one(['5432', '*', 'x']),
      d.one(['d', '*']),
      d.one(['u', 'v', '*']),
      d.one([`${canary}`, `${canary}:x`, `${canary}\\:y`]),
    ]
      .slice(0, d.chance(0.1) ? 3 : 5)
      .join(':'),
  );
  return { text: lines.join('\n'), keys: lines.map((_, at) => `line ${at + 1}`) };
}

/** Projects of old; a mode that is none is told by somebody. */
export function legacy(d: Dice): Generated {
  const mode = d.chance(0.6) ? (d.chance(0.2) ? d.one(odd) : d.one(modes)) : undefined;
  const project: Record<string, unknown> = {
    ...{ name: 'p', db_host: 'h', db_port: 5432, db_name: 'd', db_user: 'u', db_password: canary },
    ...(mode === undefined ? {} : { db_sslmode: mode }),
  };
  const keys: string[] = [];
  for (const key of ['db_sslrootcert', 'sslcert', 'ssh_host', 'db_options'])
    if (d.chance(0.2)) {
      project[key] = 'x';
      keys.push(key);
    }
  const text = d.chance(0.5)
    ? JSON.stringify([project])
    : `${Object.keys(project).join(',')}\n${Object.values(project).join(',')}\n`;
  const known = mode?.toLowerCase();
  return { text, keys, tlsMode: known };
}

/** Our own export; it is strict about what it has. */
export function own(d: Dice): Generated {
  const mode = d.one(modes);
  const signIn = d.one(['any', 'scram', 'channel_binding']);
  const unknown = d.chance(0.3) ? { [d.one(['sslcrl', 'odd'])]: 'x' } : {};
  const connection = {
    ...{ name: 'n', host: 'h', database: 'd', tlsMode: mode, signIn, user: 'u', password: canary },
    ...unknown,
  };
  return {
    text: JSON.stringify({ format: 'headgate-connections', version: 1, connections: [connection] }),
    ...{ keys: Object.keys(unknown), tlsMode: mode, signIn },
  };
}
