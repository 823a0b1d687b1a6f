import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxyOf, proxySecrets } from '../../main/network-way.ts';
import { makeCertificate } from '../support/certificates.ts';
import { temporaryFolder } from '../support/parts.ts';
import { startProxy } from '../support/proxy-server.ts';

/* Sources behind an office's proxy, and with certificates of an office's own authority. */

const ca = makeCertificate('Office CA', { ca: true });
const identity = makeCertificate('hq', { names: ['hq.example.org', 'localhost'], issuer: ca });
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer(identity, (request, response) =>
    response.end(JSON.stringify({ token: request.headers.authorization })),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Asks in a process of its own: what it trusts is its own too. Answers what came, or the code of the failure. */
async function ask(url: string, env: Record<string, string>): Promise<{ thread: string; main: string }> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'ask.mts');
  const from = (path: string): string => JSON.stringify(join(import.meta.dirname, '..', '..', 'main', path));
  writeFileSync(
    file,
    `import { createExchange } from ${from('connectors/exchange.ts')};
     import { createNodeExchange } from ${from('connectors/exchange-node.ts')};
     import { createTrustingFetch, proxyOf, goOverProxy } from ${from('network-way.ts')};
     const proxy = proxyOf(process.env);
     goOverProxy(proxy);
     const request = { url: ${JSON.stringify(url)}, token: 'tok-canary', accept: 'application/json' };
     const asked = (exchange) =>
       exchange(request, AbortSignal.timeout(20_000)).then(
         ({ status, body }) => status + ' ' + body,
         ({ code }) => 'failed ' + code,
       );
     const thread = await asked(createNodeExchange((size) => Buffer.alloc(size), proxy));
     const main = await asked(createExchange(createTrustingFetch()));
     console.log(JSON.stringify({ thread, main }));
     process.exit(0);`,
  );
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await new Promise((done) => child.once('close', done));
  return JSON.parse(text);
}
const came = '200 {"token":"Bearer tok-canary"}';

describe('an authority of the computer', () => {
  it('is trusted for sources as for databases, and nobody else is', async () => {
    using folder = temporaryFolder();
    const system = join(folder.path, 'system.pem');
    writeFileSync(system, ca.cert);
    const url = `https://localhost:${port}/`;
    expect(await ask(url, { SSL_CERT_FILE: system })).toEqual({ thread: came, main: came });
    const stranger = makeCertificate('Other CA', { ca: true });
    writeFileSync(system, stranger.cert);
    const refused = await ask(url, { SSL_CERT_FILE: system });
    expect(refused.thread).toMatch(/^failed (UNABLE|SELF)/);
    expect(refused.main).toMatch(/^failed (UNABLE|SELF)/);
  });
});

describe('a proxy', () => {
  it('is found in the environment, never for this computer itself, and its password is known as a secret', () => {
    expect(proxyOf({ NO_PROXY: 'x' })).toEqual({});
    const proxy = proxyOf({ HTTPS_PROXY: 'http://u:pr%40xy-canary@proxy:3128', NO_PROXY: '.example.org' });
    expect(proxy).toEqual({
      https_proxy: 'http://u:pr%40xy-canary@proxy:3128',
      no_proxy: 'localhost,127.0.0.1,[::1],::1,.example.org',
    });
    expect(proxySecrets(proxy)).toEqual(['pr%40xy-canary', 'pr@xy-canary']);
  });

  it('is asked by every request to a source, with its sign-in, and this computer is not', async () => {
    using folder = temporaryFolder();
    const system = join(folder.path, 'system.pem');
    writeFileSync(system, ca.cert);
    await using proxy = await startProxy({ user: 'office', password: 'pr@xy-canary' });
    const env = { SSL_CERT_FILE: system, HTTPS_PROXY: proxy.url };
    // A name that only the proxy can look up.
    expect(await ask(`https://hq.example.org:${port}/`, env)).toEqual({ thread: came, main: came });
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT hq.example.org:${port}`]));
    proxy.asked.length = 0;
    expect(await ask(`https://localhost:${port}/`, env)).toEqual({ thread: came, main: came });
    expect(proxy.asked).toEqual([]);
    const wrong = { ...env, HTTPS_PROXY: proxy.url.replace('office', 'nobody') };
    const refused = await ask(`https://hq.example.org:${port}/`, wrong);
    expect([refused.thread, refused.main].join()).not.toContain('200');
    expect(refused.thread).toBe('failed ERR_PROXY_TUNNEL');
  });
});
