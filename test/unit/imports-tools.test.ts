import { describe, expect, it } from 'vitest';
import { parseAzureDataStudio } from '../../main/imports/tools/azure-data-studio.ts';
import { parseDBeaver } from '../../main/imports/tools/dbeaver.ts';
import { parsePgAdmin } from '../../main/imports/tools/pgadmin.ts';

/* DBeaver's files as its public source writes and reads them. */

const read = (configuration: object, file: object = {}, entry: object = {}) => {
  const one = { provider: 'postgresql', name: 'n', ...entry, configuration };
  const { connections, problems } = parseDBeaver(
    JSON.stringify({ connections: { c: one }, ...file }),
    undefined,
    {
      pgpass: null,
    },
  );
  return { ...connections[0], problems };
};
const at = { host: 'h', port: '5433', database: 'd' };
const tunnel = { enabled: true, user: 's', password: 'sp', properties: { host: 'jump', port: 22 } };

describe('a connection of DBeaver', () => {
  it('goes by its network profile, with its tunnel and its checks', () => {
    const handlers = {
      ssh_tunnel: tunnel,
      postgre_ssl: { enabled: true, properties: { 'ssl.ca.cert': '/ca.pem' } },
    };
    const file = { 'network-profiles': { bastion: { handlers } } };
    for (const found of [
      read(at, file, { 'config-profile': 'bastion' }),
      read({ ...at, 'config-profile': 'bastion' }, file),
    ])
      expect(found).toMatchObject({
        ssh: [{ host: 'jump', user: 's', password: 'sp' }],
        tlsMode: 'verify-full',
        tlsCa: '/ca.pem',
      });
  });
  it('is refused where its profile is not there', () => {
    const { problems, host } = read({ ...at, 'config-profile': 'gone' });
    expect(host).toBeUndefined();
    expect(problems).toHaveLength(1);
  });
  it('keeps the checks of the driver’s properties, and tells what has no place', () => {
    const properties = { sslmode: 'verify-ca', sslrootcert: '/ca.pem', socksProxyHost: 'x' };
    expect(read({ ...at, properties })).toMatchObject({
      tlsMode: 'verify-ca',
      tlsCa: '/ca.pem',
      notes: ['Left out: socksProxyHost.'],
    });
  });
  it('in URL mode goes by its URL', () => {
    const url = 'jdbc:postgresql://real:6/x?ssl=true';
    expect(read({ ...at, configurationType: 'URL', url })).toMatchObject({
      host: 'real',
      port: 6,
      database: 'x',
      tlsMode: 'verify-full',
    });
    expect(
      read({ ...at, configurationType: 'URL', url: 'jdbc:postgresql://u:canary@h/d' }).problems,
    ).toMatchObject([{ message: expect.not.stringContaining('canary') }]);
  });
  it('has the login that stands in the file itself', () => {
    expect(read({ ...at, user: 'u', password: 'p' })).toMatchObject({ user: 'u', password: 'p' });
  });
  it('is reached where its tunnel ends, with the key that the file holds', () => {
    const properties = {
      ...{
        host: 'jump',
        port: 22,
        authType: 'PUBLIC_KEY',
        keyValue: 'KEY',
        remoteHost: 'inner',
        remotePort: 6543,
      },
      'jumpServer3.enabled': 'true',
      ...{ 'jumpServer3.host': 'outer', 'jumpServer3.userName': 'o', 'jumpServer3.authType': 'AGENT' },
      proxyCommand: 'x',
    };
    expect(read({ ...at, handlers: { ssh_tunnel: { ...tunnel, properties } } })).toMatchObject({
      ...{ host: 'inner', port: 6543, notes: ['Left out of the tunnel: proxyCommand.'] },
      ssh: [
        { host: 'outer', auth: 'agent' },
        { host: 'jump', auth: 'key', keyFile: null, key: 'KEY', keyPassphrase: 'sp' },
      ],
    });
  });
  it('is what it was made for, not what its driver was replaced by', () => {
    const original = { 'original-provider': 'postgresql', 'original-driver': 'postgres-jdbc' };
    expect(read(at, {}, { ...original, provider: 'generic' })).toMatchObject({ host: 'h', problems: [] });
    expect(read(at, {}, { ...original, 'original-provider': 'oracle' }).problems).toHaveLength(1);
    expect(read(at, {}, { ...original, 'original-provider': 'mysql' })).toMatchObject({ engine: 'mysql' });
  });
  it('tells of what else it does, and is refused where that can not be kept to', () => {
    const more = { 'auth-model': 'iam', events: { BEFORE_CONNECT: { command: 'x' } } };
    expect(read({ ...at, ...more }, {}, { 'lock-password': 'x' }).notes).toEqual([
      'Left out: lock-password, auth-model, events.',
    ]);
    for (const properties of [
      { sslmode: 'very' },
      { socketFactory: 'cloud' },
      { targetServerType: 'primary' },
    ])
      expect(read({ ...at, properties })).toMatchObject({ problems: [{ where: 'n' }] });
    expect(read({ ...at, properties: { channelBinding: 'require' } })).toMatchObject({
      signIn: 'channel_binding',
    });
  });
  it('tells of a proxy that is left out', () => {
    expect(read({ ...at, handlers: { socks_proxy: { enabled: true } } }).notes).toEqual([
      'Left out: socks_proxy.',
    ]);
  });
});

it('a server of pgAdmin tells each parameter that has no place', () => {
  const ConnectionParameters = {
    sslkey: '/k',
    passfile: '/p',
    sslrootcert: 'system',
    hostaddr: '10.0.0.1,10.0.0.2',
  };
  const server = { Host: 'a,b', SharedUsername: 's', Role: 'boss', BGColor: '#fff', ConnectionParameters };
  const read = (more: object) =>
    parsePgAdmin(
      JSON.stringify({
        Servers: { 1: { ...server, ConnectionParameters: { ...ConnectionParameters, ...more } } },
      }),
      { pgpass: null },
    );
  expect(read({}).connections).toMatchObject([
    {
      ...{ host: 'a', hostAddress: '10.0.0.1', user: 's', tlsMode: 'verify-full' },
      notes: ['Only the first of 2 hosts was taken.', 'Left out: sslkey, passfile.', 'Left out: Role.'],
    },
  ]);
  // As libpq, which takes the system's authorities with all checks only; and what a connection can't keep to.
  for (const more of [{ sslmode: 'prefer' }, { sslmode: 'verifyfull' }, { sslcrl: '/crl' }])
    expect(read(more)).toMatchObject({ connections: [], problems: [{ where: 'Server 1' }] });
});

describe('settings of an editor', () => {
  const azure = (settings: object) => parseAzureDataStudio(JSON.stringify(settings), { pgpass: null });
  it('tell each option that has no place, and are refused for what can not be kept to', () => {
    const options = { server: 'h', database: 'd', user: 'u', sslmode: 'verify-ca', savePassword: true };
    const one = (more: object) =>
      azure({ 'datasource.connections': [{ providerName: 'PGSQL', options: { ...options, ...more } }] });
    expect(
      one({ hostaddr: '10.0.0.1', sslkey: '/k', authenticationType: 'AzureMFA' }).connections,
    ).toMatchObject([
      {
        ...{ host: 'h', hostAddress: '10.0.0.1', tlsMode: 'verify-ca' },
        notes: ['Left out: sslkey.', 'Left out: authenticationType.'],
      },
    ]);
    for (const more of [{ sslcrl: '/crl' }, { sslmode: 'veri' }, { requirepeer: 'postgres' }])
      expect(one(more)).toMatchObject({ connections: [], problems: [{ where: 'h' }] });
  });
  it('of VS Code have those of PostgreSQL, and those of SQL Server are told', () => {
    expect(
      azure({
        'pgsql.connections': [{ profileName: 'P', groupId: 'g', server: 'h', port: 5433, database: 'd' }],
        'pgsql.serverGroups': [{ id: 'g', name: 'Field' }],
        'mssql.connections': [{ server: 's', profileName: 'M' }],
      }),
    ).toMatchObject({
      connections: [{ name: 'P', folder: 'Field', host: 'h', port: 5433, notes: [] }],
      problems: [{ where: 'M', message: 'is for MSSQL; only PostgreSQL can be imported' }],
    });
  });
});
