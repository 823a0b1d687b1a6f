import { createCipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { environmentOf } from '../../main/imports/found.ts';
import { parsePgpass, passwordsOf } from '../../main/imports/libpq/pgpass.ts';
import { parseImport } from '../../main/imports/parse.ts';
import { parseSshConfig } from '../../main/imports/ssh/ssh-config.ts';
import { parseDBeaver } from '../../main/imports/tools/dbeaver.ts';
import { connectionOfUrl, parseUrls } from '../../main/imports/url.ts';
import { type ImportKind, importKinds } from '../../preload/contract/models.ts';

const around = { pgpass: null };

describe('a connection URL', () => {
  it('gives its parts, also encoded ones, and tells what was left out', () => {
    expect(
      connectionOfUrl('postgres://us%40er:p%3Aw%2Fd@db.example.org:6432/my%20db?sslmode=verify-ca&options=x')
        .connection,
    ).toEqual({
      name: 'my db on db.example.org',
      host: 'db.example.org',
      port: 6432,
      database: 'my db',
      user: 'us@er',
      password: 'p:w/d',
      tlsMode: 'verify-ca',
      tlsCa: undefined,
      tlsCert: undefined,
      notes: ['Left out: options.'],
    });
  });
  it.each([
    ['jdbc:postgresql://h/d?user=u&password=p', { host: 'h', user: 'u', password: 'p' }],
    ['postgresql://u@[2001:db8::1]:5433/d', { host: '2001:db8::1', port: 5433 }],
    ['postgres://h1:1,h2:2/d', { host: 'h1', port: 1, notes: ['Only the first of 2 hosts was taken.'] }],
    ['postgres:///d?host=h', { host: 'h', database: 'd' }],
    ['postgres://u@h', { database: 'u' }],
    [
      'mysql://u:p@h/d?ssl-mode=VERIFY_CA&socket=/s',
      { engine: 'mysql', port: 3306, tlsMode: 'verify-ca', notes: ['Left out: socket.'] },
    ],
  ])('%s', (url, parts) => {
    expect(connectionOfUrl(url).connection).toMatchObject(parts);
  });
  it('of something else is none, and its line is named', () => {
    expect(connectionOfUrl('oracle://u:p@h/d').connection).toBeUndefined();
    expect(parseUrls('postgres://h/d\n\noracle://u:secret@h/d').problems).toEqual([
      { where: 'line 3', message: 'is not a URL that begins with postgres:// or postgresql://' },
    ]);
  });
});

describe('.pgpass', () => {
  const text = [
    '# mine',
    'db:5432:sales:etl:se\\:cr\\\\et',
    '*:*:*:ro:shared',
    'db:*:*:admin:pw',
    'broken:line',
    '',
  ].join('\n');
  it('gives the lines that name one server and user, with escapes undone', () => {
    const { connections, problems } = parsePgpass(text);
    expect(
      connections.map(({ host, port, database, user, password }) => [host, port, database, user, password]),
    ).toEqual([
      ['db', 5432, 'sales', 'etl', 'se:cr\\et'],
      ['db', 5432, 'postgres', 'admin', 'pw'],
    ]);
    expect(connections[1]?.notes).toHaveLength(2);
    expect(problems.map(({ where }) => where)).toEqual(['line 3', 'line 5']);
  });
  it('lends its passwords to services that leave theirs out: the first line that fits', () => {
    const service =
      '[reports]\nhost=db\ndbname=sales\nuser=etl\nsslmode=verify-full\n[other]\nhost=far\nuser=ro\noptions=bar\n[socket]\nhost=/var/run\n';
    const { connections, problems } = parseImport('pg_service', service, {
      pgpass: text,
      credentials: undefined,
      userName: 'me',
    });
    expect(
      connections.map(({ name, database, password, tlsMode }) => [name, database, password, tlsMode]),
    ).toEqual([
      ['reports', 'sales', 'se:cr\\et', 'verify-full'],
      ['other', 'ro', 'shared', undefined],
      ['socket', 'postgres', undefined, undefined],
    ]);
    expect(connections[2]?.host).toBe('/var/run');
    expect(connections[1]?.notes).toEqual(['Left out: options.']);
    expect(problems).toEqual([]);
    expect(passwordsOf(null)({ host: 'db', port: 1, database: 'd', user: 'u' })).toBeUndefined();
  });
});

describe('an SSH configuration', () => {
  it('gives each host with the hosts that lead to it, by the first value that fits', () => {
    const { hosts } = parseSshConfig(
      'Host bastion\n  HostName b.example.org\n  User ops\n  IdentityFile "~/.ssh/my key"\nHost db-* !db-9\n  ProxyJump bastion,in@inner:2200\nHost db-1 db-9\n  HostName 10.0.0.1\nHost *\n  Port 2222\n',
      'me',
    );
    const chain = (alias: string) =>
      hosts
        .find((each) => each.alias === alias)
        ?.chain.map(({ user, host, port }) => `${user}@${host}:${port}`);
    expect(chain('bastion')).toEqual(['ops@b.example.org:2222']);
    expect(chain('db-1')).toEqual(['ops@b.example.org:2222', 'in@inner:2200', 'me@10.0.0.1:2222']);
    expect(chain('db-9')).toEqual(['me@10.0.0.1:2222']);
    expect(hosts.find(({ alias }) => alias === 'bastion')?.chain[0]).toMatchObject({
      auth: 'key',
      keyFile: '~/.ssh/my key',
    });
  });
  it('never runs or looks up anything, and says what it left out', () => {
    const mark = `/tmp/headgate-ssh-${process.pid}`;
    const { hosts, problems } = parseSshConfig(
      `Host a\n  ProxyCommand touch ${mark}\n  CanonicalizeHostname yes\n  Include x\nHost circle\n  ProxyJump circle\nMatch exec "touch ${mark}"\n  User evil\n`,
      'me',
    );
    expect(existsSync(mark)).toBe(false);
    expect(hosts.map(({ alias, notes }) => [alias, notes])).toEqual([
      ['a', ['Left out: CanonicalizeHostname.', 'It has a ProxyCommand, which is not run here.']],
    ]);
    expect(problems.map(({ where }) => where)).toEqual(['Include x', 'Match', 'circle']);
  });
});

describe('DBeaver', () => {
  const sources = JSON.stringify({
    folders: {},
    connections: {
      'postgres-jdbc-1': {
        provider: 'postgresql',
        name: 'Reports',
        folder: 'Field',
        'read-only': true,
        configuration: {
          host: 'db.example.org',
          port: '5433',
          database: 'reports',
          type: 'prod',
          handlers: {
            ssh_tunnel: {
              enabled: true,
              properties: {
                host: 'bastion',
                port: 22,
                authType: 'PUBLIC_KEY',
                keyPath: '/k',
                'jumpServer0.enabled': 'true',
                'jumpServer0.host': 'outer',
                'jumpServer0.port': 2200,
                'jumpServer0.userName': 'j',
                'jumpServer0.authType': 'AGENT',
              },
            },
            postgre_ssl: { enabled: true, properties: { sslMode: 'verify-ca', 'ca.cert': '/ca.pem' } },
          },
        },
      },
      'mysql-1': { provider: 'mysql', name: 'Old', configuration: {} },
      'oracle-1': { provider: 'oracle', name: 'Ledger', configuration: {} },
      'maria-1': {
        provider: 'mariadb',
        name: 'Ministry',
        configuration: {
          ...{ host: 'dhis.example.org', port: '3307', database: 'dhis', type: 'test' },
          url: 'jdbc:mariadb://dhis.example.org:3307/dhis',
          properties: { connectTimeout: '20000', sessionVariables: 'sql_mode=ANSI' },
          handlers: {
            mysql_ssl: {
              enabled: true,
              properties: { 'ssl.require': 'true', 'ssl.verify.server': 'true', 'ssl.ca.cert': '/ca.pem' },
            },
            ssh_tunnel: {
              enabled: true,
              properties: { host: 'bastion', port: 22, authType: 'AGENT', userName: 'ops' },
            },
          },
        },
      },
      'click-1': {
        provider: 'clickhouse',
        name: 'Events',
        configuration: {
          configurationType: 'URL',
          url: 'jdbc:clickhouse://ch.example.org/events?ssl=true',
          user: 'r',
        },
      },
    },
  });
  const seal = (text: string): string => {
    const cipher = createCipheriv(
      'aes-128-cbc',
      Buffer.from('babb4a9f774ab853c96c2d653dfe544a', 'hex'),
      Buffer.alloc(16, 7),
    );
    return Buffer.concat([Buffer.alloc(16, 7), cipher.update(text), cipher.final()]).toString('base64');
  };
  it('gives connections with their tunnels, and passwords from its file of credentials', () => {
    const credentials = seal(
      JSON.stringify({
        'postgres-jdbc-1': {
          '#connection': { user: 'etl', password: 'pw' },
          'network/ssh_tunnel': { user: 's', password: 'phrase' },
        },
      }),
    );
    const { connections, problems } = parseDBeaver(sources, credentials, around);
    expect(connections).toHaveLength(3);
    expect(connections[0]).toMatchObject({
      name: 'Reports',
      folder: 'Field',
      environment: 'production',
      readOnly: true,
      port: 5433,
      user: 'etl',
      password: 'pw',
      tlsMode: 'verify-ca',
      tlsCa: '/ca.pem',
      ssh: [
        { host: 'outer', port: 2200, user: 'j', auth: 'agent' },
        { host: 'bastion', port: 22, user: 's', auth: 'key', keyFile: '/k', keyPassphrase: 'phrase' },
      ],
    });
    expect(connections.slice(1)).toMatchObject([
      {
        ...{ engine: 'mysql', name: 'Ministry', host: 'dhis.example.org', port: 3307, database: 'dhis' },
        ...{ environment: 'staging', tlsMode: 'verify-ca', tlsCa: '/ca.pem' },
        ssh: [{ host: 'bastion', user: 'ops', auth: 'agent' }],
        notes: [expect.stringContaining('sessionVariables')],
      },
      { engine: 'clickhouse', host: 'ch.example.org', port: 8443, database: 'events', user: 'r', notes: [] },
    ]);
    // Left to whoever takes it: the usual is to check everything.
    expect(connections[2]?.tlsMode).toBeUndefined();
    expect(problems).toEqual([
      { where: 'Old', message: 'has no host' },
      {
        where: 'Ledger',
        message:
          'is for oracle; PostgreSQL, MySQL, MariaDB, ClickHouse, BigQuery, Databricks and Snowflake can be imported',
      },
    ]);
  });
  it('leaves a tunnel out that is not complete, and refuses credentials it can not open', () => {
    expect(parseDBeaver(sources, undefined, around).connections[0]?.notes).toContain(
      'Its SSH tunnel is not complete and was left out.',
    );
    expect(() => parseDBeaver(sources, Buffer.alloc(48, 1).toString('base64'), around)).toThrowError(
      /can not be opened/,
    );
  });
});

it('pgAdmin and Azure Data Studio give servers with groups, tunnels and TLS', () => {
  const options = { pgpass: 'h:*:*:u:from pgpass', credentials: undefined, userName: 'me' };
  const admin = parseImport(
    'pgadmin',
    JSON.stringify({
      Servers: {
        1: {
          Name: 'A',
          Group: 'G',
          Host: 'h',
          Port: 5432,
          MaintenanceDB: 'postgres',
          Username: 'u',
          ConnectionParameters: { sslmode: 'require' },
          UseSSHTunnel: 1,
          TunnelHost: 't',
          TunnelPort: '22',
          TunnelUsername: 'x',
          TunnelAuthentication: 0,
        },
        2: { Name: 'B', Service: 'svc' },
      },
    }),
    options,
  );
  expect(admin.connections[0]).toMatchObject({
    name: 'A',
    folder: 'G',
    password: 'from pgpass',
    tlsMode: 'require',
    ssh: [{ host: 't', auth: 'password' }],
  });
  expect(admin.problems[0]?.message).toContain('pg_service.conf');
  const azure = parseImport(
    'azure_data_studio',
    `// settings\n{ "datasource.connectionGroups": [{"id":"g","name":"Field"}], "datasource.connections": [
      {"providerName":"PGSQL","groupId":"g","options":{"connectionName":"N","server":"h","database":"d","user":"u","sslmode":"verify-full"}},
      {"providerName":"MSSQL","options":{"server":"s"}},
    ] }`,
    options,
  );
  expect(azure.connections[0]).toMatchObject({ name: 'N', folder: 'Field', tlsMode: 'verify-full' });
  expect(azure.problems).toEqual([{ where: 's', message: 'is for MSSQL; only PostgreSQL can be imported' }]);
});

it('the environment is read from a name only where it stands as a word', () => {
  expect(['Prod EU', 'my-staging-db', 'products', 'live', 'QA', 'reporting'].map(environmentOf)).toEqual([
    'production',
    'staging',
    'development',
    'production',
    'staging',
    'development',
  ]);
});

describe('whatever a file holds', () => {
  const kinds = importKinds.filter((kind): kind is Exclude<ImportKind, 'sealed'> => kind !== 'sealed');
  it.each(kinds)('%s ends in what was found or in a typed error', (kind) => {
    const json = fc.json({ maxDepth: 4 });
    const lines = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom('[a]', 'Host *', 'host=x', 'a:b:c:d:e', 'name,db_host', '{', ']'),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          lines.map((all) => all.join('\n')),
          fc.string(),
        ),
        (text) => {
          try {
            const found = parseImport(kind, text, { pgpass: null, credentials: undefined, userName: 'me' });
            expect(Array.isArray(found.connections)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
            expect((error as AppError).code).toBe('IMPORT_UNREADABLE');
          }
        },
      ),
      { numRuns: 400, seed: 4 },
    );
  });
});
