import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commcare, commcareOAuth } from '../../main/connectors/commcare/index.ts';
import { createHttp } from '../../main/connectors/http.ts';
import { AppError } from '../../main/errors.ts';
import { wayOf } from '../../main/net/proxy.ts';
import { createRequests } from '../../main/net/requests.ts';
import { refreshTokens } from '../../main/oauth/endpoint.ts';
import { type FrontServer, startFront } from '../support/front-server.ts';
import { writings } from '../support/leaks.ts';
import { endpointDeps, keptLog } from '../support/parts.ts';
import { startProxy } from '../support/proxy-server.ts';

/* A proxy that somebody else runs: what it says ends in no message, it leads nowhere, and it is told no more than it must. */

const token = 'tok-canary-0123456789';
const refreshToken = 'refresh-canary-0123456789';
const login = { user: 'office', password: 'pr@xy-canary-0123' };
const hostile = '<img src=x onerror=alert(1)> call +1-555-EVIL';
const source = 'https://hq.example.org';

let elsewhere: FrontServer;
beforeAll(async () => {
  elsewhere = await startFront('http://127.0.0.1:1');
});
afterAll(() => elsewhere[Symbol.asyncDispose]());

const answers: readonly (readonly [string, (to: string) => string, string])[] = [
  [
    'wants a sign-in, with a realm that it made up',
    () => `407 ${hostile}\r\nProxy-Authenticate: Basic realm="${hostile}"\r\n\r\n${hostile}`,
    'PROXY_LOGIN',
  ],
  [
    'names a kind of sign-in that it made up',
    () => `407 No\r\nProxy-Authenticate: ${hostile.replaceAll(' ', '')} x\r\n\r\n`,
    'PROXY_LOGIN',
  ],
  [
    'sends requests on to a place of its own',
    (to) => `302 Found\r\nLocation: ${to}/\r\n\r\n${hostile}`,
    'PROXY_REFUSED',
  ],
  ['moves them for good', (to) => `308 Moved\r\nLocation: ${to}/\r\n\r\n`, 'PROXY_REFUSED'],
  [
    'blocks them with a page of its own',
    () => `403 Forbidden\r\n\r\n<html>${hostile}</html>`,
    'PROXY_REFUSED',
  ],
  ['says that it is the source', () => `200 OK\r\n\r\n{"access_token":"of-the-proxy"}`, 'SOURCE_LOGIN_PAGE'],
  ['is out of order', () => `502 ${hostile}\r\n\r\n`, 'SOURCE_UNREACHABLE'],
  ['sends headers without end', () => `407 No\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`, 'PROXY_UNREACHABLE'],
];

it.each(answers)('one that %s gets nobody anywhere', async (_, answer, code) => {
  const text = `HTTP/1.1 ${answer(elsewhere.url)}`;
  await using proxy = await startProxy({ answers: text });
  const way = wayOf(`http://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${proxy.port}`);
  const { exchange, close } = createRequests({ ways: way ? [way] : [], ca: null });
  const { log, lines } = keptLog();
  const deps = { ...endpointDeps(), exchange, log };
  const http = createHttp({
    ...{ baseUrl: source, connector: commcare, exchange, clock: deps.clock, random: () => 0.5, log },
    tokens: { current: async () => token, renew: async () => expect.unreachable('the sign-in is fine') },
  });
  const { signal } = new AbortController();
  const client = { baseUrl: source, clientId: 'c', endpoints: commcareOAuth };
  const failures = await Promise.all([
    commcare.identity({ http, signal }).catch((error: unknown) => error),
    refreshTokens(client, refreshToken, deps).catch((error: unknown) => error),
  ]);
  close();
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code });
    const wire = JSON.stringify((failure as AppError).toWire());
    expect(wire).not.toMatch(/EVIL|onerror|of-the-proxy/);
    for (const form of writings(login.password)) expect(wire).not.toContain(form);
  }
  expect(lines.join()).not.toMatch(/EVIL|onerror|of-the-proxy/);
  expect(elsewhere.passed).toEqual([]);
  // It learnt which server is asked, and its own sign-in; nothing of what was to be said there.
  expect(proxy.heard.length).toBeGreaterThan(0);
  for (const heard of proxy.heard) {
    expect(heard).toMatch(/^CONNECT hq\.example\.org:443\n/);
    for (const secret of [token, refreshToken, ...writings(token)]) expect(heard).not.toContain(secret);
  }
});

it('one that takes the place of the source is found out before anything is said', async () => {
  const said: Buffer[] = [];
  const sockets = new Set<Socket>();
  // It lets everybody through to itself, and speaks HTTP where TLS is expected.
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (piece) => {
        said.push(piece);
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"access_token":"of-the-proxy"}',
        );
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const way = wayOf(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { exchange, close } = createRequests({ ways: way ? [way] : [], ca: null });
  const client = { baseUrl: source, clientId: 'c', endpoints: commcareOAuth };
  const failure = await refreshTokens(client, refreshToken, { ...endpointDeps(), exchange }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: 'SOURCE_LOGIN_PAGE' });
  expect(Buffer.concat(said).includes(refreshToken)).toBe(false);
  close();
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
});
