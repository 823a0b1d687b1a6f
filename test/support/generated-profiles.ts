import { beekeeperFile } from './beekeeper-file.ts';
import { canary, type Dice, type Generated } from './generated-files.ts';

/* Profiles of command lines, drivers and other tools, made of keys that are known, unknown and there twice. */

type Told = [string, string][];

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const unknown = ['odd_key', 'oddly-spelt', 'search_path', 'region_hint'];

/** Some of these, each with one of its values. */
const some = (d: Dice, from: Readonly<Record<string, readonly string[]>>, part = 0.3): Told =>
  Object.entries(from).flatMap(([name, values]): Told => (d.chance(part) ? [[name, d.one(values)]] : []));
const odd = (d: Dice): Told => (d.chance(0.3) ? [[d.one(unknown), 'x']] : []);
const namesOf = (told: Told): string[] => told.map(([name]) => name);
const of = (told: Told, name: string): string | undefined => told.find(([each]) => each === name)?.[1];

/** What each kind of database is told in a profile; a secret is a canary. */
const kinds: Readonly<Record<string, (d: Dice) => Told>> = {
  postgres: (d) => [
    ...([
      ['host', 'db'],
      ['user', 'etl'],
      ['password', `${canary}-1`],
      ['dbname', 'd'],
    ] as Told),
    ...some(d, {
      sslmode: modes,
      sslrootcert: ['/ca.pem'],
      sslcert: ['/c.pem'],
      sslkey: ['/k'],
      port: ['5433'],
      role: ['r'],
    }),
  ],
  mysql: (d) => [
    ...([
      ['server', 'db'],
      ['username', 'etl'],
      ['password', `${canary}-2`],
      ['schema', 'd'],
    ] as Told),
    ...some(d, { ssl_disabled: ['False'], port: ['3307'], unix_socket: ['/run/x'] }),
  ],
  clickhouse: (d) => [
    ...([
      ['host', 'ch'],
      ['user', 'etl'],
      ['password', `${canary}-3`],
      ['schema', 'd'],
    ] as Told),
    ...some(d, {
      secure: ['True'],
      verify: ['False', 'True'],
      client_cert: ['/c'],
      client_cert_key: ['/k'],
      cluster: ['c'],
      driver: ['http', 'native'],
    }),
  ],
  snowflake: (d) => [
    ...([
      ['account', 'o-a'],
      ['user', 'etl'],
      ['database', 'D'],
    ] as Told),
    ...some(d, {
      password: [`${canary}-4`],
      token: [`${canary}-5`],
      authenticator: ['snowflake_jwt', 'programmatic_access_token', 'externalbrowser', 'oauth'],
      private_key_path: ['/k.p8'],
      private_key_passphrase: [`${canary}-6`],
      warehouse: ['W'],
      role: ['R'],
      schema: ['S'],
      region: ['eu-west-1'],
      protocol: ['https', 'http'],
      insecure_mode: ['true'],
      ocsp_fail_open: ['true'],
    }),
  ],
  databricks: (d) => [
    ...([['host', 'https://h.cloud.databricks.com']] as Told),
    ...some(d, {
      token: [`${canary}-7`],
      http_path: ['/sql/1.0/warehouses/w', 'sql/protocolv1/o/0/1-x'],
      client_id: ['app'],
      client_secret: [`${canary}-8`],
      auth_type: ['pat', 'oauth-m2m', 'azure-cli', 'odd'],
      catalog: ['c'],
      schema: ['s'],
      cluster_id: ['1-x'],
      azure_tenant_id: ['t'],
      insecure: ['true'],
    }),
  ],
  bigquery: (d) => [
    ...([['project', 'p']] as Told),
    ...some(d, {
      method: ['service-account', 'oauth'],
      keyfile: ['/k.json'],
      dataset: ['d'],
      location: ['EU'],
      maximum_bytes_billed: ['1000000000', 'many'],
      execution_project: ['q'],
      impersonate_service_account: ['a@b'],
      api_endpoint: ['https://elsewhere'],
    }),
  ],
};
/** Without TLS only where a file says so; what a warehouse is told goes with TLS always. */
const modeOf = (kind: string, told: Told): string | undefined =>
  kind === 'postgres'
    ? of(told, 'sslmode')
    : kind === 'clickhouse' && of(told, 'secure') === 'True'
      ? of(told, 'verify') === 'False'
        ? 'require'
        : 'verify-full'
      : ['snowflake', 'databricks', 'bigquery'].includes(kind)
        ? 'verify-full'
        : undefined;

/** profiles.yml with one output. */
export function dbtProfiles(d: Dice): Generated {
  const kind = d.one(Object.keys(kinds));
  const told = [...(kinds[kind] as (d: Dice) => Told)(d), ...odd(d)];
  const closed = d.chance(0.2) ? d.one(told) : undefined;
  const lines = told.map(
    ([name, value]) =>
      `      ${name}: ${closed?.[0] === name ? `"{{ env_var('${canary.toUpperCase()}') }}"` : JSON.stringify(value)}`,
  );
  const twice = d.chance(0.1) ? [`      ${d.one(told)[0]}: x`] : [];
  const text = `p:\n  target: o\n  outputs:\n    o:\n      type: ${kind}\n${[...lines, ...twice].join('\n')}\n`;
  if (twice.length > 0) return { text, keys: [], isRefused: true };
  // What stands behind a template asks for nothing that is known.
  return { text, keys: namesOf(told), tlsMode: closed ? undefined : modeOf(kind, told) };
}

/** connections.toml, or config.toml. */
export function snowflakeToml(d: Dice): Generated {
  const told = [...(kinds['snowflake'] as (d: Dice) => Told)(d), ...odd(d)];
  const lines = told.map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const twice = d.chance(0.1) ? [`${d.one(told)[0]} = "${canary}"`] : [];
  const head = d.chance(0.5) ? '[prod]' : 'default_connection_name = "prod"\n[connections.prod]';
  const text = `${head}\n${[...lines, ...twice].join('\n')}\n`;
  if (twice.length > 0) return { text, keys: [], isRefused: true };
  return { text, keys: namesOf(told), tlsMode: 'verify-full' };
}

/** .databrickscfg; of two values of one key none counts. */
export function databricksCfg(d: Dice): Generated {
  const told = [...(kinds['databricks'] as (d: Dice) => Told)(d), ...odd(d)];
  const twice: Told = d.chance(0.1) ? [[d.one(told)[0].toUpperCase(), `${canary}-again`]] : [];
  const lines = [...told, ...twice].map(([name, value]) => `${name} = ${value}`);
  return {
    text: `; a comment\n[p]\n${lines.join(d.one(['\n', '\r\n']))}\n`,
    keys: namesOf(told),
    tlsMode: 'verify-full',
  };
}

const drivers: Readonly<Record<string, readonly [string, (d: Dice) => Told]>> = {
  postgres: [
    'psqlodbcw.so',
    (d) => [
      ...([
        ['Servername', 'db'],
        ['UserName', 'etl'],
        ['Password', `${canary}-1`],
        ['Database', 'd'],
      ] as Told),
      ...some(d, {
        SSLmode: modes,
        Pqopt: ['sslrootcert=/x'],
        ReadOnly: ['1'],
        ConnSettings: ['SET x'],
        GssAuthUseGSS: ['1'],
      }),
    ],
  ],
  mysql: [
    'MySQL ODBC 9',
    (d) => [
      ...([
        ['SERVER', 'db'],
        ['UID', 'etl'],
        ['PWD', `${canary}-2`],
        ['DATABASE', 'd'],
      ] as Told),
      ...some(d, {
        SSLMODE: ['DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY', 'odd'],
        SSLCA: ['/ca'],
        SSLKEY: ['/k'],
        INITSTMT: ['x'],
        NO_TLS_1_3: ['1'],
      }),
    ],
  ],
  clickhouse: [
    'libclickhouseodbcw.so',
    (d) => [
      ...([
        ['Server', 'ch'],
        ['UID', 'etl'],
        ['PWD', `${canary}-3`],
        ['Database', 'd'],
      ] as Told),
      ...some(d, {
        Proto: ['https'],
        SSLMode: ['allow', 'require'],
        CALocation: ['/ca'],
        PrivateKeyFile: ['/k'],
      }),
    ],
  ],
  snowflake: [
    'libSnowflake.so',
    (d) => [
      ...([
        ['Server', 'o-a.snowflakecomputing.com'],
        ['UID', 'etl'],
        ['Database', 'D'],
      ] as Told),
      ...some(d, {
        PWD: [`${canary}-4`],
        Authenticator: ['SNOWFLAKE_JWT', 'externalbrowser'],
        PRIV_KEY_FILE: ['/k'],
        PRIV_KEY_FILE_PWD: [`${canary}-5`],
        Role: ['R'],
        SSL: ['on', 'off'],
        Proxy: ['x'],
      }),
    ],
  ],
  databricks: [
    'libsparkodbc_sb64.so',
    (d) => [
      ...([
        ['Host', 'h.cloud.databricks.com'],
        ['HTTPPath', '/sql/1.0/warehouses/w'],
        ['UID', 'token'],
        ['PWD', `${canary}-6`],
      ] as Told),
      ...some(d, {
        AuthMech: ['3', '11', '1'],
        Auth_Flow: ['0', '1', '2'],
        SSL: ['1', '0'],
        AllowSelfSignedServerCert: ['1'],
        Schema: ['s'],
      }),
    ],
  ],
};
const mysqlModes: Readonly<Record<string, string>> = {
  ...{ DISABLED: 'disable', REQUIRED: 'require', VERIFY_CA: 'verify-ca', VERIFY_IDENTITY: 'verify-full' },
};

/** odbc.ini with one data source; spelling of keys is free. */
export function odbcIni(d: Dice): Generated {
  const kind = d.one(Object.keys(drivers));
  const [driver, make] = drivers[kind] as NonNullable<(typeof drivers)[string]>;
  const told = [...make(d), ...odd(d)];
  const spell = d.one([(name: string) => name, (name: string) => name.toUpperCase()]);
  const lines = told.map(([name, value]) => `${spell(name)}${d.one(['=', ' = '])}${value}`);
  const tlsMode =
    kind === 'postgres'
      ? of(told, 'SSLmode')
      : kind === 'mysql'
        ? mysqlModes[of(told, 'SSLMODE') ?? '']
        : kind === 'clickhouse'
          ? of(told, 'Proto') && 'verify-full'
          : 'verify-full';
  return {
    text: `[ODBC Data Sources]\ns=x\n\n[s]\nDriver=${driver}\n${lines.join('\n')}\n`,
    keys: told.map(([name]) => spell(name)),
    tlsMode,
  };
}

/** dataSources.xml with a URL of pgjdbc, or what the clipboard has. */
export function dataGrip(d: Dice): Generated {
  const properties = some(d, {
    sslmode: modes,
    sslrootcert: ['/ca.pem'],
    socksProxyHost: ['x'],
    options: ['-c x=y'],
  });
  const page = d.chance(0.4) ? d.one(['REQUIRE', 'VERIFY_CA', 'VERIFY_FULL']) : undefined;
  const further = d.chance(0.3) ? ['odd-element'] : [];
  const xml = [
    '<data-source source="LOCAL" name="n" uuid="1"><driver-ref>postgresql</driver-ref>',
    '<jdbc-url>jdbc:postgresql://db/d</jdbc-url><user-name>etl</user-name>',
    `<password>${canary}-1</password>`,
    `<driver-properties>${properties.map(([name, value]) => `<property name="${name}" value="${value}"/>`).join('')}</driver-properties>`,
    page === undefined ? '' : `<ssl-config><enabled>true</enabled><mode>${page}</mode></ssl-config>`,
    ...further.map((name) => `<${name}>${canary}</${name}>`),
    '</data-source>',
  ].join('');
  const text = d.chance(0.5)
    ? `#DataSourceSettings#\n#LocalDataSource: n\n#BEGIN#\n${xml}\n#END#\n`
    : `<?xml version="1.0"?>\n<project><component name="DataSourceManagerImpl">${xml}</component></project>`;
  const asked = [of(properties, 'sslmode'), page?.toLowerCase().replace('_', '-')];
  const ranks = asked.map((mode) => modes.indexOf(mode ?? ''));
  return {
    text,
    keys: [...namesOf(properties), ...further],
    tlsMode: modes[Math.max(...ranks)],
    tlsCa: of(properties, 'sslrootcert'),
  };
}

/** A line of DBGate, or a row of Beekeeper Studio: both say the same in other words. */
const clients = {
  dbgate: { certs: ['sslCaFile', 'sslCertFile', 'sslKeyFile'], isOn: 'useSsl' },
  beekeeper: { certs: ['sslCaFile', 'sslCertFile', 'sslKeyFile'], isOn: 'ssl' },
} as const;

function client(d: Dice, tool: keyof typeof clients) {
  const { certs, isOn } = clients[tool];
  const tls = d.chance(0.6);
  const files = certs.filter(() => d.chance(0.3));
  const checks = d.one([undefined, 1, 0]);
  const further = d.chance(0.3) ? { oddColumn: 'x' } : {};
  return {
    fields: {
      ...{
        port: 5433,
        [isOn]: tls ? 1 : 0,
        ...Object.fromEntries(files.map((each) => [each, `/${each}.pem`])),
      },
      ...(checks === undefined ? {} : { sslRejectUnauthorized: checks }),
      ...further,
    },
    keys: [
      ...(tls ? files.filter((each) => each === 'sslKeyFile').map(() => 'key of the client') : []),
      ...Object.keys(further),
    ],
    tlsMode: tls ? (files.length > 0 && checks !== 0 ? 'verify-full' : 'require') : undefined,
    tlsCa: tls && files.includes('sslCaFile') ? '/sslCaFile.pem' : undefined,
  };
}

export function dbGate(d: Dice): Generated {
  const { fields, ...asked } = client(d, 'dbgate');
  const secret = d.one([`crypt:${canary}`, `${canary}-1`]);
  const line = {
    ...{ _id: '1', engine: 'postgres@dbgate-plugin-postgres', server: 'db', user: 'etl', password: secret },
    ...{ defaultDatabase: 'd', displayName: 'n', ...fields },
  };
  return { text: `${JSON.stringify(line)}\n`, ...asked };
}

export function beekeeper(d: Dice): Generated {
  const { fields, ...asked } = client(d, 'beekeeper');
  const row = {
    ...{ id: 1, name: 'n', connectionType: 'postgresql', host: 'db', username: 'etl', defaultDatabase: 'd' },
    ...{ password: canary, url: canary, options: '{}', ...fields },
  };
  return { text: beekeeperFile({ saved_connection: [row] }), ...asked };
}
