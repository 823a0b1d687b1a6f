import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { commcareOAuth } from '../../main/connectors/commcare/index.ts';
import type { AppError } from '../../main/errors.ts';
import { authorizationUrl, type OAuthClient, refreshTokens, revokeToken } from '../../main/oauth/endpoint.ts';
import { RateLimited } from '../../main/retries.ts';
import { codeOf, endpointDeps } from '../support/parts.ts';

const deps = endpointDeps();

/** A token endpoint that answers what a test says. */
async function server(listener: RequestListener) {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const client: OAuthClient = {
    baseUrl: `http://127.0.0.1:${port}`,
    clientId: 'c',
    endpoints: commcareOAuth,
  };
  return {
    client,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
  server((_, response) => response.writeHead(status, headers).end(body));
const good = { access_token: 'at', refresh_token: 'rt', expires_in: 900, scope: 'access_apis' };

describe('the addresses of a source', () => {
  it.each([
    ['https://www.commcarehq.org', 'https://www.commcarehq.org/oauth/authorize/'],
    ['https://hq.example/sub/folder', 'https://hq.example/sub/folder/oauth/authorize/'],
    // Read as a reference, this path would name another host.
    ['https://www.commcarehq.org//evil.example', 'https://www.commcarehq.org//evil.example/oauth/authorize/'],
  ])('of %s stay below it', (baseUrl, wanted) => {
    const client = { baseUrl, clientId: 'a&b', endpoints: commcareOAuth };
    const url = new URL(
      authorizationUrl(client, { redirectUri: 'http://127.0.0.1:1/callback', state: 's', challenge: 'x' }),
    );
    expect(url.origin + url.pathname).toBe(wanted);
    expect(url.searchParams.get('client_id')).toBe('a&b');
  });
});

describe('the answer of a token endpoint', () => {
  it('is taken with what it says', async () => {
    await using hq = await answering(200, JSON.stringify(good));
    expect(await refreshTokens(hq.client, 'old', deps)).toEqual({
      accessToken: 'at',
      refreshToken: 'rt',
      expiresIn: 900,
      scopes: ['access_apis'],
    });
  });

  it.each([
    [undefined, 300],
    ['900', 900],
    ['soon', 300],
    [-5, 300],
    [1e300, 315_360_000],
    [null, 300],
  ])('lives for a time that makes sense when it says %j', async (said, seconds) => {
    await using hq = await answering(200, JSON.stringify({ ...good, expires_in: said }));
    const { expiresIn } = await refreshTokens(hq.client, 'old', deps);
    expect(expiresIn).toBe(seconds);
    expect(() => new Date(Date.now() + expiresIn * 1000).toISOString()).not.toThrow();
  });

  it.each([
    ['{"access_token":""}', 200, 'SOURCE_BAD_ANSWER'],
    ['{"access_token":5}', 200, 'SOURCE_BAD_ANSWER'],
    [JSON.stringify({ ...good, access_token: 'with\nnewline' }), 200, 'SOURCE_BAD_ANSWER'],
    [JSON.stringify({ ...good, access_token: 'ünicode' }), 200, 'SOURCE_BAD_ANSWER'],
    ['null', 200, 'SOURCE_LOGIN_PAGE'],
    ['"text"', 200, 'SOURCE_BAD_ANSWER'],
    ['[1]', 200, 'SOURCE_BAD_ANSWER'],
    ['<html>', 200, 'SOURCE_LOGIN_PAGE'],
    ['', 502, 'SOURCE_FAILING'],
    ['{"error":"invalid_grant"}', 500, 'SOURCE_FAILING'],
    ['{"error":"invalid_grant"}', 400, 'SIGN_IN_EXPIRED'],
    ['{"error":"invalid_client"}', 401, 'OAUTH_CLIENT_REFUSED'],
    ['blocked', 403, 'SOURCE_BAD_ANSWER'],
  ])('that is %s with status %i is told as what it is', async (body, status, code) => {
    await using hq = await answering(status, body);
    const failure = await refreshTokens(hq.client, 'old', deps).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    // Only a definite refusal sends anybody to the sign-in.
    if (code.startsWith('SOURCE'))
      expect((failure as AppError).toWire().advice).not.toMatch(/sign in again|reconnect/i);
  });

  it.each([
    ['503', (response: ServerResponse) => response.writeHead(503).end()],
    ['429', (response: ServerResponse) => response.writeHead(429).end()],
    ['429 for a moment', (response: ServerResponse) => response.writeHead(429, { 'retry-after': '2' }).end()],
    ['503 for a moment', (response: ServerResponse) => response.writeHead(503, { 'retry-after': '2' }).end()],
    ['a web page', (response: ServerResponse) => response.writeHead(200).end('<html>')],
    ['a cut connection', (response: ServerResponse) => response.destroy()],
  ])('is asked for again after %s', async (_, fault) => {
    let asked = 0;
    await using hq = await server((_request, response) => {
      asked += 1;
      if (asked === 1) fault(response);
      else response.end(JSON.stringify(good));
    });
    expect(await refreshTokens(hq.client, 'old', deps)).toMatchObject({ accessToken: 'at' });
    expect(asked).toBe(2);
    asked = 0;
    await revokeToken(hq.client, 'old', deps);
    expect(asked).toBe(2);
  });

  it.each([429, 503])('is waited for as long as the source asks, with status %i', async (status) => {
    await using hq = await answering(status, '', { 'retry-after': '1200' });
    const failure = await refreshTokens(hq.client, 'old', deps).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RateLimited);
    expect((failure as RateLimited).until).toBeGreaterThan(Date.now() + 1_100_000);
  });

  it('is not asked for without end', async () => {
    let asked = 0;
    await using hq = await server((_, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    expect(await codeOf(() => refreshTokens(hq.client, 'old', deps))).toBe('SOURCE_FAILING');
    expect(asked).toBe(7);
  });

  it('never puts what it was sent into a message', async () => {
    await using hq = await server((request, response) => {
      let sent = '';
      request.setEncoding('utf8').on('data', (piece: string) => {
        sent += piece;
      });
      request.on('end', () => response.writeHead(400).end(JSON.stringify({ error: `bad request: ${sent}` })));
    });
    const failure = await refreshTokens(hq.client, 'the-refresh-token', deps).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'SOURCE_BAD_ANSWER',
      message: expect.stringContaining('status 400'),
    });
    expect(String(failure)).not.toContain('the-refresh-token');
  });

  it('carries nothing to another address', async () => {
    let reached = 0;
    await using other = await server((_, response) => {
      reached += 1;
      response.end(JSON.stringify(good));
    });
    for (const status of [301, 302, 307, 308]) {
      await using hq = await answering(status, '', { location: `${other.client.baseUrl}/oauth/token/` });
      expect(await codeOf(() => refreshTokens(hq.client, 'old', deps))).toBe('SOURCE_LOGIN_PAGE');
    }
    expect(reached).toBe(0);
  });

  it('that never ends is cut off', async () => {
    let sent = 0;
    await using hq = await server((_, response) => {
      const piece = 'x'.repeat(16_384);
      const more = (): void => {
        while (!response.destroyed && sent < 500 * 1024 * 1024) {
          sent += piece.length;
          if (!response.write(piece)) {
            response.once('drain', more);
            return;
          }
        }
      };
      response.on('error', () => {});
      more();
    });
    expect(await codeOf(() => refreshTokens(hq.client, 'old', deps))).toBe('SOURCE_LOGIN_PAGE');
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('that never comes is not waited for once the call is cancelled', async () => {
    await using hq = await server(() => {});
    const abort = new AbortController();
    const asking = refreshTokens(hq.client, 'old', endpointDeps(abort.signal));
    setTimeout(() => abort.abort(), 20);
    expect(await codeOf(() => asking)).toBe('CANCELLED');
  });

  it('can not be had from a server that is not there', async () => {
    const client = { baseUrl: 'http://127.0.0.1:9', clientId: 'c', endpoints: commcareOAuth };
    expect(await codeOf(() => refreshTokens(client, 'old', deps))).toBe('SOURCE_UNREACHABLE');
    expect(await codeOf(() => revokeToken(client, 'old', deps))).toBe('SOURCE_UNREACHABLE');
    const none = { ...client, endpoints: { ...commcareOAuth, revokePath: null } };
    await revokeToken(none, 'old', deps);
  });
});
