import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcare, commcareOAuth } from '../../main/connectors/commcare/index.ts';
import { createHttp } from '../../main/connectors/http.ts';
import { exchangeCode, type OAuthClient, refreshTokens, revokeToken } from '../../main/oauth/endpoint.ts';
import { directExchange } from '../support/exchanges.ts';
import { type FrontServer, startFront } from '../support/front-server.ts';
import { codeOf, endpointDeps } from '../support/parts.ts';

/* A network that wants people to sign in first answers in place of the source, whatever it is asked. */

let portal: FrontServer;
beforeAll(async () => {
  portal = await startFront('http://127.0.0.1:1');
});
afterAll(() => portal[Symbol.asyncDispose]());

const page = '<!DOCTYPE html><html><title>Welcome to Hotel WiFi</title><form></form></html>';
const html = { 'content-type': 'text/html; charset=utf-8' };
const answers: readonly (readonly [string, FrontServer['instead']])[] = [
  ['a page', { status: 200, headers: html, body: page }],
  ['a redirect', { status: 302, headers: { ...html, location: 'http://portal.example/' }, body: page }],
  ['an empty redirect', { status: 307, headers: { location: 'https://portal.example/' }, body: '' }],
  ['511', { status: 511, headers: html, body: page }],
  ['511 that says when', { status: 511, headers: { ...html, 'retry-after': '5' }, body: page }],
];

const deps = endpointDeps();
const client = (): OAuthClient => ({ baseUrl: portal.url, clientId: 'c', endpoints: commcareOAuth });
const http = () =>
  createHttp({
    ...{ baseUrl: portal.url, connector: commcare, exchange: directExchange(), clock: deps.clock },
    tokens: { current: async () => 'tok', renew: async () => expect.unreachable('the sign-in is fine') },
    ...{ random: () => 0.5, log: deps.log },
  });
const { signal } = new AbortController();
const settings = { domain: 'demo' };
const requests: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['a code', () => exchangeCode(client(), { code: 'c', redirectUri: 'http://x', verifier: 'v' }, deps)],
  ['a renewal', () => refreshTokens(client(), 'old', deps)],
  ['a revocation', () => revokeToken(client(), 'old', deps)],
  ['who it is', () => commcare.identity({ http: http(), signal })],
  ['project spaces', () => commcare.scopes({ http: http(), signal })],
  ['choices', async () => commcare.choices?.({ http: http(), settings, signal })],
  ['labels', async () => commcare.describe?.(['forms'], { http: http(), settings, options: {}, signal })],
  [
    'a page of data',
    () => commcare.read('forms', { http: http(), settings, options: {}, cursor: null, signal }).next(),
  ],
];

describe.each(answers)('a portal that answers %s', (_, instead) => {
  it.each(requests)('is told from the source when it is asked for %s', async (_what, ask) => {
    portal.instead = instead;
    const before = portal.passed.length;
    const code = await codeOf(ask);
    expect(code).toBe('SOURCE_LOGIN_PAGE');
    // It goes away once somebody has signed in: asked for again, and never where it pointed to.
    expect(portal.passed.length - before).toBeGreaterThanOrEqual(7);
  });
});
