import { describe, expect, it } from 'vitest';
import { parseDBeaver } from '../../main/imports/dbeaver.ts';
import { parsePgAdmin } from '../../main/imports/pgadmin.ts';

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
      notes: ['Left out of the driver’s properties: socksProxyHost.'],
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
    hostaddr: '10.0.0.1',
    sslmode: 'prefer',
  };
  const text = JSON.stringify({ Servers: { 1: { Host: 'a,b', SharedUsername: 's', ConnectionParameters } } });
  expect(parsePgAdmin(text, { pgpass: null }).connections).toMatchObject([
    {
      ...{ host: 'a', user: 's', tlsMode: 'verify-full' },
      notes: ['Only the first of 2 hosts was taken.', 'Left out: sslkey, passfile, hostaddr.'],
    },
  ]);
});
