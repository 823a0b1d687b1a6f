import { describe, expect, it } from 'vitest';
import { commcareOAuth } from '../../main/connectors/commcare/index.ts';
import { type OAuthClient, refreshTokens, revokeToken } from '../../main/oauth/endpoint.ts';
import { signIn } from '../../main/oauth/flow.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { endpointDeps, random } from '../support/parts.ts';

/* Clients that are registered as confidential prove themselves with a secret, in one of two ways. */

// With everything that two ways of encoding could treat differently.
const value = 'a+b c%20:ü/&=~*';
const simulator = async () => {
  const sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 1, cases: 1, seed: 1 }],
    clients: [
      {
        ...{ clientId: 'head gate:1', name: 'Headgate', clientSecret: value, pkceRequired: true },
        redirectUris: ['http://127.0.0.1/callback'],
      },
      { clientId: 'public', redirectUris: ['http://127.0.0.1/callback'], pkceRequired: true },
    ],
  });
  return { url: sim.url, [Symbol.asyncDispose]: () => sim.close() };
};
const flow = { ...endpointDeps(), bytes: random, openUrl: scriptedBrowser('allow'), onUrl: () => {} };

describe.each(['form', 'basic'] as const)('a secret that is sent by %s', (by) => {
  it('signs in, renews and revokes', async () => {
    await using site = await simulator();
    const client: OAuthClient = {
      ...{ baseUrl: site.url, clientId: 'head gate:1', endpoints: commcareOAuth, secret: { value, by } },
    };
    const pair = await signIn(client, { ...flow, timeoutMs: 5000 }, async (fresh) => fresh);
    const next = await refreshTokens(client, pair.refreshToken ?? '', endpointDeps());
    await revokeToken(client, next.refreshToken ?? '', endpointDeps());
    await expect(refreshTokens(client, next.refreshToken ?? '', endpointDeps())).rejects.toMatchObject({
      code: 'SIGN_IN_EXPIRED',
    });
  });

  it('and is wrong is told as wrong, without the secret', async () => {
    await using site = await simulator();
    const client: OAuthClient = {
      ...{ baseUrl: site.url, clientId: 'head gate:1', endpoints: commcareOAuth },
      secret: { value: 'wrong-secret', by },
    };
    const failed = await signIn(client, { ...flow, timeoutMs: 5000 }, async () => {}).catch((error) => error);
    expect(failed).toMatchObject({
      code: 'OAUTH_CLIENT_REFUSED',
      message: expect.stringContaining('client secret'),
    });
    expect(JSON.stringify(failed.toWire())).not.toContain('wrong-secret');
  });

  it('is refused by a server that knows the client as public', async () => {
    await using site = await simulator();
    const client: OAuthClient = {
      ...{ baseUrl: site.url, clientId: 'public', endpoints: commcareOAuth, secret: { value, by } },
    };
    await expect(signIn(client, { ...flow, timeoutMs: 5000 }, async () => {})).rejects.toMatchObject({
      code: 'OAUTH_CLIENT_REFUSED',
    });
  });
});

it('a client whose secret was not entered is told to be confidential, and not to be unknown', async () => {
  await using site = await simulator();
  const client: OAuthClient = { baseUrl: site.url, clientId: 'head gate:1', endpoints: commcareOAuth };
  const failed = await signIn(client, { ...flow, timeoutMs: 5000 }, async () => {}).catch((error) => error);
  expect(failed.toWire()).toMatchObject({
    code: 'OAUTH_CLIENT_REFUSED',
    message: expect.stringContaining('is registered as confidential'),
    advice: expect.stringContaining('client secret'),
  });
});
