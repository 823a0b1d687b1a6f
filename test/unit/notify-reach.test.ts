import { expect, it } from 'vitest';
import { addressesOf, kindOf, webhookUrl } from '../../main/notices/reach.ts';
import { codeOf } from '../support/parts.ts';

/* Where messages may go: never to what is only on this cable or inside a cloud, and into a private network only if that was meant. */

const signal = new AbortController().signal;

it.each([
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1::1', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'own_network'],
  ['172.31.0.1', 'own_network'],
  ['192.168.0.1', 'own_network'],
  ['100.64.0.1', 'own_network'],
  ['::ffff:10.0.0.1', 'own_network'],
  ['fd12::1', 'own_network'],
  ['169.254.169.254', 'never'],
  ['::ffff:169.254.169.254', 'never'],
  ['::ffff:a9fe:a9fe', 'never'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'never'],
  ['fe80::1', 'never'],
  ['fe80::1%eth0', 'never'],
  ['fd00:ec2::254', 'never'],
  ['64:ff9b::a9fe:a9fe', 'never'],
  ['100.100.100.200', 'never'],
  ['0.0.0.0', 'never'],
  ['::', 'never'],
  ['255.255.255.255', 'never'],
  ['224.0.0.1', 'never'],
  ['hooks.example.org', 'never'],
])('%s is %s', (address, kind) => {
  expect(kindOf(address)).toBe(kind);
});

it.each([
  ['https://hooks.example.org/a?b=c', false, true],
  ['http://127.0.0.1:8080/', false, true],
  ['http://localhost:8080/', false, true],
  ['https://[2606:2800:220:1::1]/', false, true],
  ['https://192.168.0.9/', true, true],
  ['https://192.168.0.9/', false, false],
  ['http://hooks.example.org/', false, false],
  ['http://192.168.0.9/', true, false],
  ['https://169.254.169.254/', true, false],
  // Written in another way it is the same.
  ['https://2852039166/', true, false],
  ['https://0xa9fea9fe/', true, false],
  ['https://[::ffff:169.254.169.254]/', true, false],
  ['https://user:word@hooks.example.org/', false, false],
  ['ftp://hooks.example.org/', false, false],
  ['file:///etc/passwd', true, false],
  ['hooks.example.org', false, false],
])('%s, own network %s: %s', async (url, ownNetwork, isTaken) => {
  expect(await codeOf(() => webhookUrl(url, ownNetwork))).toBe(isTaken ? 'did not fail' : 'NOTICE_ADDRESS');
});

it.each([
  [['93.184.216.34'], false, 'did not fail'],
  [['10.0.0.1'], false, 'NOTICE_ADDRESS'],
  [['10.0.0.1'], true, 'did not fail'],
  // One good address does not vouch for the other.
  [['93.184.216.34', '10.0.0.1'], false, 'NOTICE_ADDRESS'],
  [['93.184.216.34', '169.254.169.254'], true, 'NOTICE_ADDRESS'],
  [['127.0.0.1'], true, 'NOTICE_ADDRESS'],
  [['fe80::1'], true, 'NOTICE_ADDRESS'],
  [[], false, 'NOTICE_NOT_SENT'],
])('a name that leads to %j, own network %s: %s', async (addresses, ownNetwork, code) => {
  const lookup = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  expect(await codeOf(() => addressesOf('hooks.example.org', { ownNetwork, signal, lookup }))).toBe(code);
});

it('a look-up that does not end is not waited for', async () => {
  const stop = new AbortController();
  const waiting = addressesOf('hooks.example.org', {
    ...{ ownNetwork: false, signal: stop.signal },
    lookup: () => new Promise(() => {}),
  });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
