import { expect, it } from 'vitest';
import { parseKnownHosts } from '../../main/engines/ssh/known-hosts.ts';
import { hostKeyOrder, refuseHostKey } from '../../main/engines/ssh/ssh-hop.ts';
import { parsePgpass, passwordsOf } from '../../main/imports/libpq/pgpass.ts';

const line = (type: string): string => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return `h ${type} ${Buffer.concat([length, Buffer.from(`${type}key`)]).toString('base64')}\n`;
};

it('a server is asked for the kinds of key that are known of it, whatever their order in the file', () => {
  const orders = [line('ssh-rsa') + line('ssh-ed25519'), line('ssh-ed25519') + line('ssh-rsa')].map((text) =>
    hostKeyOrder(parseKnownHosts(text), { host: 'h', port: 22 }),
  );
  expect(orders[0]).toEqual(orders[1]);
  expect(orders[0]?.slice(0, 2)).toEqual(['ssh-ed25519', 'rsa-sha2-512']);
});

it('lines of a .pgpass that are not UTF-8, or begin with a byte order mark, are refused', () => {
  const text =
    Buffer.from('\ufeffa:1:d:u:pw\n').toString('utf8') +
    Buffer.from('b:1:d:u:d\xe9c', 'latin1').toString('utf8');
  const { connections, problems } = parsePgpass(text);
  expect(connections).toEqual([]);
  expect(problems.map(({ where }) => where)).toEqual(['line 1', 'line 2']);
  expect(passwordsOf(text)({ host: 'b', port: 1, database: 'd', user: 'u' })).toBeUndefined();
});

it('a key that has changed tells of the authority that known_hosts names', () => {
  const question = {
    host: 'h',
    port: 22,
    type: 'ssh-rsa',
    fingerprint: 'SHA256:x',
    key: '',
    reason: 'changed' as const,
  };
  const told = (text: string): string => refuseHostKey(question, parseKnownHosts(text)).message;
  expect(told(line('ssh-ed25519'))).not.toContain('@cert-authority');
  expect(told(`${line('ssh-ed25519')}@cert-authority ${line('ssh-rsa')}`)).toContain('@cert-authority');
});
