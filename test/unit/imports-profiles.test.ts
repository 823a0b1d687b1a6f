import { describe, expect, it } from 'vitest';
import { parseDatabricksCfg } from '../../main/imports/profiles/databrickscfg.ts';
import { parseDbt } from '../../main/imports/profiles/dbt.ts';
import { parseOdbc } from '../../main/imports/profiles/odbc.ts';
import { parseSnowflakeToml } from '../../main/imports/profiles/snowflake-toml.ts';

/* Profiles of command lines and drivers, in the forms that their documentation gives. */

const pem = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n';
const accessToken = 'eyJraWQiOiIx.eyJwIjoiMSJ9.c2lnbmF0dXJl';

/** What an error says, its cause included: nothing of the file may be in it. */
function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    const { message, advice, cause, code } = error as {
      message: string;
      advice?: string;
      cause?: unknown;
      code: string;
    };
    expect(code).toBe('IMPORT_UNREADABLE');
    return `${message} ${advice} ${cause instanceof Error ? cause.message : ''}`;
  }
  throw new Error('It was read.');
}

describe('a profiles.yml of dbt', () => {
  const profile = (output: string): string =>
    `shop:\n  target: dev\n  outputs:\n    dev:\n${output.replace(/^/gm, '      ')}\n`;
  const one = (output: string) => {
    const { connections, problems } = parseDbt(profile(output));
    return { ...connections[0], problem: problems[0]?.message };
  };

  it('is a connection for each output, of PostgreSQL with libpq’s modes', () => {
    expect(
      one(
        'type: postgres\nhost: db\nport: 5433\nuser: etl\npass: "s3cret"\ndbname: field\nschema: marts\nthreads: 4\nsslmode: verify-ca\nsslrootcert: ~/ca.pem\nrole: owner',
      ),
    ).toMatchObject({
      ...{ name: 'shop / dev', host: 'db', port: 5433, database: 'field', user: 'etl', password: 's3cret' },
      ...{ tlsMode: 'verify-ca', tlsCa: '~/ca.pem', notes: ['Left out: schema, role.'] },
    });
  });

  it('evaluates no template: a secret behind one is asked for, a host refused by its name', () => {
    const found = one(
      `type: postgres\nhost: db\ndbname: d\nuser: "{{ env_var('U') }}"\npassword: "{{ env_var('DBT_CANARY') }}"`,
    );
    expect([found.host, found.user, found.password]).toEqual(['db', undefined, undefined]);
    expect(found.notes?.join()).toMatch(/not looked into: user, password/);
    const refused = one(`type: postgres\nhost: "{{ env_var('H') }}"\ndbname: d`);
    expect(refused.problem).toMatch(/^has no host in the file itself.*\(host\)$/);
    expect(JSON.stringify([found, refused])).not.toMatch(/CANARY|env_var/);
  });

  it('takes values as they are written: no number loses a zero, no word becomes a switch', () => {
    for (const [written, meant] of [
      ['0123', '0123'],
      ['yes', 'yes'],
      ['1_000', '1_000'],
      ['22:22', '22:22'],
      ['"null"', 'null'],
    ])
      expect(one(`type: postgres\nhost: h\ndbname: d\nuser: u\npassword: ${written}`).password).toBe(meant);
    expect(one('type: postgres\nhost: h\ndbname: d\nuser: u\npassword: ~').password).toBeUndefined();
  });

  it('merges maps, as dbt does', () => {
    const { connections } = parseDbt(
      'x:\n  outputs:\n    dev: &dev\n      type: postgres\n      host: h\n      dbname: d\n      sslmode: verify-full\n    prod:\n      <<: *dev\n      host: p\n',
    );
    expect(connections.map(({ name, host, tlsMode }) => [name, host, tlsMode])).toEqual([
      ['x / dev', 'h', 'verify-full'],
      ['x / prod', 'p', 'verify-full'],
    ]);
  });

  it.each([
    ['a key that is there twice', 'a:\n  outputs:\n    b: {host: canary}\n    b: {host: x}\n'],
    ['a template without quotation marks', 'a:\n  outputs:\n    b:\n      host: {{ canary }}\n'],
    [
      'aliases that grow',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g']
        .map(
          (key, at, all) =>
            `${key}: &${key} [${Array(9)
              .fill(`*${at ? all[at - 1] : 'a'}`)
              .join(',')}]`,
        )
        .join('\n')}\ncanary: 1`,
    ],
    ['no end of levels', `canary: ${'['.repeat(20_000)}`],
    ['no end of text', `canary: "${'x'.repeat(300_000)}"`],
    ['a tab before a key', 'a:\n\tcanary: 1'],
    ['two documents', 'a: canary\n---\nb: 1'],
    ['nothing', ''],
  ])('is refused with %s, and nothing of it is repeated', (_, text) => {
    expect(refusalOf(() => parseDbt(text))).not.toMatch(/canary/);
  });

  it('has no end where a map is in itself, and is read all the same', () => {
    expect(parseDbt('a: &a\n  outputs:\n    b: *a\n').problems).toHaveLength(1);
  });

  it('knows the other kinds of database, and leaves those that there are not', () => {
    expect(
      one('type: mysql\nserver: db\nschema: shop\nusername: u\npassword: p\nssl_disabled: True'),
    ).toMatchObject({ engine: 'mysql', database: 'shop', port: 3306, tlsMode: 'disable' });
    expect(
      one(
        'type: clickhouse\nhost: ch\nport: 8443\nschema: d\nuser: u\npassword: p\nsecure: True\nverify: False',
      ),
    ).toMatchObject({ engine: 'clickhouse', port: 8443, tlsMode: 'require' });
    expect(one('type: clickhouse\nhost: ch\nschema: d\nsecure: true').tlsMode).toBe('verify-full');
    expect(one('type: clickhouse\nhost: ch\ndriver: native\nport: 9440').problem).toMatch(/driver: native/);
    expect(one('type: redshift\nhost: h\npassword: canary').problem).toBe(
      'is for redshift, which can’t be imported',
    );
    expect(
      one(
        `type: bigquery\nmethod: service-account\nproject: p\ndataset: d\nkeyfile: /k.json\nlocation: EU\nmaximum_bytes_billed: 1000000000`,
      ),
    ).toMatchObject({
      ...{ engine: 'bigquery', host: 'bigquery.googleapis.com', database: 'p' },
      settings: { location: 'EU', maxGigabytes: '1' },
      notes: [expect.stringMatching(/key file/), 'Left out: dataset.'],
    });
    expect(one('type: bigquery\nmethod: oauth\nproject: p').problem).toMatch(/gcloud.*service account/);
    expect(
      one(
        'type: databricks\nhost: dbc-1.cloud.databricks.com\nhttp_path: /sql/1.0/warehouses/abc123\ntoken: dapi1\ncatalog: c\nschema: s',
      ),
    ).toMatchObject({
      ...{
        engine: 'databricks',
        host: 'dbc-1.cloud.databricks.com',
        database: 'c',
        password: 'dapi1',
        user: '-',
      },
      ...{ settings: { signIn: 'token', warehouse: 'abc123' }, notes: ['Left out: schema.'] },
    });
    expect(one('type: databricks\nhost: h\nhttp_path: sql/protocolv1/o/1/0123-4\ntoken: t').problem).toMatch(
      /cluster/,
    );
  });

  it('takes a key of a service account that stands in it', () => {
    const { password } = one(
      'type: bigquery\nmethod: service-account-json\nproject: p\nkeyfile_json:\n  type: service_account\n  client_email: a@b\n  private_key: |\n    -----BEGIN PRIVATE KEY-----\n    canary\n    -----END PRIVATE KEY-----',
    );
    expect(JSON.parse(password ?? '{}')).toMatchObject({ type: 'service_account', client_email: 'a@b' });
  });
});

describe('Snowflake’s connections.toml and config.toml', () => {
  const one = (fields: string) => {
    const { connections, problems } = parseSnowflakeToml(`[prod]\n${fields}\n`);
    return { ...connections[0], problem: problems[0]?.message };
  };
  const at = 'account = "org-acct"\nuser = "etl"\ndatabase = "SALES"\n';

  it('is signed in with a key, which stays in its file, or with an access token', () => {
    expect(
      one(
        `${at}authenticator = "SNOWFLAKE_JWT"\nprivate_key_file = "~/k.p8"\nprivate_key_file_pwd = "pw"\nwarehouse = "WH"\nrole = "R"\nschema = "S"`,
      ),
    ).toMatchObject({
      ...{ engine: 'snowflake', name: 'prod', host: 'org-acct.snowflakecomputing.com', database: 'SALES' },
      ...{ user: 'etl', password: undefined, keyPassphrase: 'pw', tlsMode: 'verify-full' },
      settings: { signIn: 'private_key', warehouse: 'WH', role: 'R', schema: 'S' },
      notes: ['Its private key is in a file of its own and must be chosen by hand.'],
    });
    expect(one(`${at}private_key_raw = """${pem}"""`)).toMatchObject({ password: pem, notes: [] });
    expect(one(`${at}authenticator = "PROGRAMMATIC_ACCESS_TOKEN"\ntoken = "t"`)).toMatchObject({
      password: 't',
      settings: { signIn: 'token' },
    });
    expect(one(`${at}password = "${accessToken}"`).password).toBe(accessToken);
  });

  it('has no password taken: Snowflake is not signed in to by one here', () => {
    const found = one(`${at}password = "canary"`);
    expect(found.password).toBeUndefined();
    expect(found.notes?.join()).toMatch(/password was left out/);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it.each([
    ['externalbrowser', /externalbrowser.*access token/],
    ['oauth', /OAuth/],
    ['username_password_mfa', /second factor/],
    ['https://idp.example.org', /not known here/],
  ])('is refused by the name of its way to sign in: %s', (way, message) => {
    expect(one(`${at}authenticator = "${way}"\npassword = "canary"`).problem).toMatch(message);
  });

  it('is refused where it would lead elsewhere, or go unencrypted', () => {
    expect(one(`${at}region = "eu-west-1"`).problem).toMatch(/account\.region/);
    expect(one(`${at}protocol = "http"`).problem).toMatch(/without TLS/);
    expect(one('account = "a/b"\ndatabase = "d"').problem).toMatch(/account/);
    expect(one('user = "u"\ndatabase = "d"').problem).toBe('has no account');
    expect(one('account = "a"\nuser = "u"').problem).toBe('has no database to begin with');
  });

  it('is read within config.toml, whose other tables are no connections', () => {
    const { connections, problems } = parseSnowflakeToml(
      `default_connection_name = "dev"\n[cli.logs]\nlevel = "info"\n[connections.dev]\n${at}\n[connections.ci]\n${at}host = "x.privatelink.snowflakecomputing.com"\n`,
    );
    expect(problems).toEqual([]);
    expect(connections.map(({ name, host }) => [name, host])).toEqual([
      ['dev', 'org-acct.snowflakecomputing.com'],
      ['ci', 'x.privatelink.snowflakecomputing.com'],
    ]);
  });

  it.each([
    ['a key that is there twice', '[a]\npassword = "canary"\npassword = "x"'],
    ['a table that is there twice', '[a]\nx = 1\n[a]\npassword = "canary"'],
    ['a value without quotation marks', '[a]\npassword = canary'],
    ['no end of levels', `canary = ${'['.repeat(20_000)}`],
    ['nothing', '# canary'],
  ])('is refused with %s, and nothing of it is repeated', (_, text) => {
    expect(refusalOf(() => parseSnowflakeToml(text))).not.toMatch(/canary/);
  });
});

describe('Databricks’ .databrickscfg', () => {
  const read = (text: string) => parseDatabricksCfg(text);
  it('is a connection for each profile', () => {
    const { connections, problems } = read(
      '; The profile defined in the DEFAULT section is to be used as a fallback.\n[DEFAULT]\n\n[dev]\nhost  = https://dbc-1.cloud.databricks.com/\ntoken = dapi-canary\nwarehouse_id = abc\n\n[ci]\nHOST = https://adb-1.2.azuredatabricks.net\nclient_id = app\nclient_secret = canary\nauth_type = oauth-m2m\n',
    );
    expect(problems).toEqual([]);
    expect(connections).toMatchObject([
      {
        ...{ name: 'dev', host: 'dbc-1.cloud.databricks.com', user: '-', password: 'dapi-canary' },
        ...{ database: 'main', settings: { signIn: 'token', warehouse: 'abc' } },
        notes: [expect.stringMatching(/No catalog was told; “main”/)],
      },
      { name: 'ci', user: 'app', password: 'canary', settings: { signIn: 'client_secret' } },
    ]);
  });
  it.each([
    ['auth_type = azure-cli', /azure-cli/],
    ['auth_type = databricks-cli', /databricks-cli/],
    ['azure_client_id = x\nazure_client_secret = canary', /another cloud/],
    ['username = u\npassword = canary', /user and a password/],
    ['token = canary\nhttp_path = sql/protocolv1/o/0/1-2-x', /cluster/],
    ['token = canary\ntoken = canary2', /different things in token and token/],
    ['token = canary\nhttp_path = /sql/1.0/warehouses/a\nwarehouse_id = b', /two SQL warehouses/],
  ])('is refused with %j, by name', (fields, message) => {
    const { connections, problems } = read(`[p]\nhost = https://h.cloud.databricks.com\n${fields}\n`);
    expect(connections).toEqual([]);
    expect(problems[0]?.message).toMatch(message);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });
  it('tells the lines that it can’t place, and not what is in them', () => {
    const { problems } = read('canary\n[a]\nhost = https://h\ncanary\n[a]\nhost = https://other\n[');
    expect(problems.map(({ where }) => where)).toEqual(['line 1', 'line 4', 'line 5', 'line 7']);
    expect(JSON.stringify(problems)).not.toContain('canary');
    expect(refusalOf(() => read('token = canary'))).not.toContain('canary');
  });
});

describe('an odbc.ini', () => {
  const one = (fields: string) => {
    const { connections, problems } = parseOdbc(`[ODBC Data Sources]\ns = x\n[s]\n${fields}\n`);
    return { ...connections[0], problem: problems[0]?.message };
  };
  it.each([
    [
      'Driver = /usr/lib/odbc/psqlodbcw.so\nServername = db\nPort = 5433\nDatabase = d\nUserName = u\nPassword = p\nSSLmode = Verify-Full\nReadOnly = Yes\nConnSettings = SET x\nByteaAsLongVarBinary = 1',
      {
        ...{ host: 'db', port: 5433, database: 'd', user: 'u', password: 'p', tlsMode: 'verify-full' },
        ...{ readOnly: true, notes: ['Left out: ConnSettings.'] },
      },
    ],
    [
      'DRIVER=MySQL ODBC 8.0 Unicode Driver\nSERVER=db\nUID=u\nPWD=p\nDATABASE=d\nSSLMODE=VERIFY_CA\nSSL-CA=/ca.pem\nSSLKEY=/k',
      {
        ...{ engine: 'mysql', tlsMode: 'verify-ca', tlsCa: '/ca.pem' },
        notes: [expect.stringMatching(/key of the client certificate/)],
      },
    ],
    [
      'Driver=MariaDB\nServer=db\nUser=u\nPassword=p\nDatabase=d\nSSLVERIFY=1',
      { engine: 'mysql', tlsMode: 'verify-full' },
    ],
    [
      'Driver=libmaodbc.so\nSocket=/run/mysqld/mysqld.sock\nUser=u\nDatabase=d',
      { engine: 'mysql', host: '/run/mysqld/mysqld.sock', tlsMode: 'disable' },
    ],
    [
      'Driver=ClickHouse ODBC Driver (Unicode)\nServer=ch\nPort=8443\nProto=https\nSSLMode=allow\nUID=u\nPWD=p\nDatabase=d',
      { engine: 'clickhouse', tlsMode: 'verify-full', notes: [expect.stringMatching(/not strict/)] },
    ],
    [
      'Driver=/usr/lib64/snowflake/odbc/lib/libSnowflake.so\nServer=o-a.snowflakecomputing.com\nuid=u\nDatabase=D\nWarehouse=W\nAuthenticator=SNOWFLAKE_JWT\nPRIV_KEY_FILE=/k\nPRIV_KEY_FILE_PWD=pw',
      { engine: 'snowflake', keyPassphrase: 'pw', settings: { signIn: 'private_key', warehouse: 'W' } },
    ],
    [
      'Driver=/opt/simba/spark/lib/64/libsparkodbc_sb64.so\nHost=h.azuredatabricks.net\nPort=443\nHTTPPath=/sql/1.0/warehouses/w\nSSL=1\nThriftTransport=2\nAuthMech=3\nUID=token\nPWD=dapi',
      { engine: 'databricks', password: 'dapi', user: '-', settings: { warehouse: 'w' } },
    ],
    [
      'Driver=Simba ODBC Driver for Google BigQuery\nCatalog=proj\nOAuthMechanism=0\nEmail=a@b\nKeyFilePath=/k.json',
      { engine: 'bigquery', database: 'proj' },
    ],
  ])('has data sources of each driver: %#', (fields, found) => {
    expect(one(fields)).toMatchObject(found);
  });
  it('is a connection to MySQL whose TLS is not less strict where it says “preferred”', () => {
    expect(one('Driver=MySQL\nServer=h\nDatabase=d\nSSLMODE=PREFERRED')).toMatchObject({
      tlsMode: undefined,
      notes: [expect.stringMatching(/here the certificate of the server is checked/)],
    });
  });
  it.each([
    ['Driver = Amazon Redshift (x64)\nHost = h', /Redshift/],
    ['Driver = FreeTDS\nServer = h', /another kind/],
    ['Server = h', /another kind|names no driver/],
    ['Driver = PostgreSQL\nServer = a\nServername = b', /different things in Server and Servername/],
    ['Driver = PostgreSQL\nServer = a\nSERVER = b', /different things/],
    ['Driver = PostgreSQL\nServer = a\nSSLMode = strict', /./],
    ['Driver = Spark\nHost = h', /HTTPPath/],
    ['Driver = Databricks\nHost = h\nHTTPPath = /sql/1.0/warehouses/w\nSSL = 0', /without TLS/],
    ['Driver = Databricks\nHost = h\nHTTPPath = /sql/1.0/warehouses/w\nAuthMech=11\nAuth_Flow=2', /browser/],
  ])('refuses %j', (fields, message) => {
    expect(one(fields).problem).toMatch(message);
  });
});
