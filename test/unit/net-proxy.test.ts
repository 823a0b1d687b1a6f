import { expect, it } from 'vitest';
import {
  environmentWays,
  isException,
  isOwnComputer,
  proxyOf,
  proxySecrets,
  systemWays,
  wayOf,
} from '../../main/net/proxy.ts';

/* What an environment, a PAC script and the system say of a proxy, and whom it is not for. */

const https = 'https://hq.example.org/a/';
const direct = [{ kind: 'direct' }];
const over = (host: string, port: number, more: object = {}) => ({
  ...{ kind: 'proxy', secure: false, host, port, login: null },
  ...more,
});

it('is found in the environment, in either spelling, and its password is known as a secret', () => {
  expect(proxyOf({ NO_PROXY: 'x' })).toEqual({});
  const proxy = proxyOf({ HTTPS_PROXY: 'http://u:pr%40xy-canary@proxy:3128', NO_PROXY: '.example.org' });
  expect(proxy).toEqual({ https_proxy: 'http://u:pr%40xy-canary@proxy:3128', no_proxy: '.example.org' });
  expect(proxySecrets(proxy)).toEqual([
    'pr%40xy-canary',
    'pr@xy-canary',
    Buffer.from('u:pr@xy-canary').toString('base64'),
  ]);
  expect(environmentWays(proxy, https)).toEqual(direct);
  expect(environmentWays(proxy, 'https://example.net')).toEqual([
    over('proxy', 3128, { login: { user: 'u', password: 'pr@xy-canary' } }),
  ]);
  // One for https is none for http.
  expect(environmentWays(proxy, 'http://example.net')).toEqual(direct);
});

it.each([
  ['proxy.lan:8080', over('proxy.lan', 8080)],
  ['http://proxy.lan', over('proxy.lan', 80)],
  ['HTTPS://proxy.lan', over('proxy.lan', 443, { secure: true })],
  ['http://[fd00::1]:3128', over('fd00::1', 3128)],
  ['http://u@proxy.lan', over('proxy.lan', 80, { login: { user: 'u', password: '' } })],
  ['http://u:100%@proxy.lan', over('proxy.lan', 80, { login: { user: 'u', password: '100%' } })],
  ['socks5h://proxy.lan:1080', { kind: 'unsupported', scheme: 'SOCKS5H' }],
  ['http://', null],
])('the address %s is read as it is meant', (address, way) => {
  expect(wayOf(address)).toEqual(way);
});

it.each([
  ['DIRECT', direct],
  ['PROXY proxy:3128; DIRECT', [over('proxy', 3128), ...direct]],
  ['HTTPS proxy:443', [over('proxy', 443, { secure: true })]],
  ['PROXY [fd00::1]:3128', [over('fd00::1', 3128)]],
  ['SOCKS5 s:1080; PROXY p:80', [{ kind: 'unsupported', scheme: 'SOCKS5' }, over('p', 80)]],
  ['SOCKS s:1080', [{ kind: 'unsupported', scheme: 'SOCKS' }]],
  ['proxy p:1;;  ', [over('p', 1)]],
  ['', direct],
  ['<nonsense>', direct],
])('the system’s answer %s', (answer, ways) => {
  expect(systemWays(answer, https)).toEqual(ways);
});

it('never leads back to this computer', () => {
  for (const host of ['localhost', 'LOCALHOST.', 'x.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '::1'])
    expect(isOwnComputer(host)).toBe(true);
  for (const host of ['example.org', '128.0.0.1', '[fd00::1]', 'localhost.example.org'])
    expect(isOwnComputer(host)).toBe(false);
  const proxy = { http_proxy: 'http://p', https_proxy: 'http://p' };
  expect(environmentWays(proxy, 'http://127.0.0.1:8000')).toEqual(direct);
  expect(environmentWays(proxy, 'https://[::1]:8000')).toEqual(direct);
  expect(systemWays('PROXY p:1', 'https://localhost')).toEqual(direct);
});

it.each([
  ['*', true],
  ['example.org', true],
  ['.example.org', true],
  ['*.example.org', true],
  ['HQ.Example.org', true],
  ['hq.example.org:443', true],
  ['a, b hq.example.org', true],
  ['hq.example.org:8443', false],
  ['ample.org', false],
  ['hq', false],
  ['', false],
])('the exceptions %j have hq.example.org: %s', (list, has) => {
  expect(isException(list, new URL(https))).toBe(has);
});

it.each([
  ['10.1.2.3', true],
  ['10.0.0.0/8', true],
  ['10.1.2.1-10.1.2.9', true],
  ['10.1.2.3:443', true],
  ['10.1.2.3:80', false],
  ['10.2.0.0/16', false],
  ['10.1.2.4-10.1.2.9', false],
  ['10.0.0.0/99', false],
  ['fd00::/8', false],
])('the exceptions %j have 10.1.2.3: %s', (list, has) => {
  expect(isException(list, new URL('https://10.1.2.3/'))).toBe(has);
});

it.each([
  ['fd00::/8', true],
  ['fd00::1', true],
  ['[fd00::1]', true],
  ['[fd00::1]:443', true],
  ['[fd00::1]:1', false],
  ['10.0.0.0/8', false],
])('the exceptions %j have [fd00::1]: %s', (list, has) => {
  expect(isException(list, new URL('https://[fd00::1]/'))).toBe(has);
});
