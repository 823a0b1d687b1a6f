import { writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExchangeFailed } from '../../main/net/exchange.ts';
import { directly, type ProxyWays, wayOf } from '../../main/net/proxy.ts';
import { createRequests, type Requests, type Route } from '../../main/net/requests.ts';
import { makeCertificate } from '../support/certificates.ts';
import { inProcess, temporaryFolder } from '../support/parts.ts';
import { behindProxy, startProxy } from '../support/proxy-server.ts';

/* Sources behind an office's proxy, and with certificates of an office's own authority. */

const ca = makeCertificate('Office CA', { ca: true });
const stranger = makeCertificate('Other CA', { ca: true });
const identity = makeCertificate('hq', { names: [behindProxy, 'localhost'], issuer: ca });
const login = { user: 'office', password: 'pr@xy-canary' };
const came = '200 GET Bearer tok-canary';
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ family }) => family === 'IPv6'),
);

const listen = async (
  server: Server | ReturnType<typeof createPlainServer>,
  host: string,
): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, host, done));
  return (server.address() as AddressInfo).port;
};
const echo = createServer(identity, (request, response) =>
  response.end(`${request.method} ${request.headers.authorization}`),
);
const plainEcho = createPlainServer((request, response) =>
  response.end(`${request.method} ${request.headers.authorization} ${request.headers.host} ${request.url}`),
);
let port: number;
let plainPort: number;
beforeAll(async () => {
  [port, plainPort] = await Promise.all([listen(echo, '127.0.0.1'), listen(plainEcho, '127.0.0.1')]);
});
afterAll(() => {
  for (const server of [echo, plainEcho]) {
    server.closeAllConnections();
    server.close();
  }
});

const over = (...addresses: string[]): ProxyWays =>
  addresses.map((address) => wayOf(address) ?? expect.unreachable(address));
const never = new AbortController().signal;

const askBy = ({ exchange }: Requests, url: string): Promise<string> =>
  exchange({ url, token: 'tok-canary', accept: 'application/json' }, never).then(
    ({ status, body }) => `${status} ${body}`,
    (error: unknown) => {
      if (!(error instanceof ExchangeFailed)) throw error;
      const { code, proxy } = error;
      return proxy ? `proxy ${proxy.what} ${proxy.detail}`.trim() : `failed ${code}`;
    },
  );

/** What came, or why nothing did. */
async function ask(url: string, route: Partial<Route>, tunnelMs?: number): Promise<string> {
  const requests = createRequests({ ways: directly, ca: ca.cert, ...route }, undefined, tunnelMs);
  try {
    return await askBy(requests, url);
  } finally {
    requests.close();
  }
}

describe('whom a source’s certificate is believed', () => {
  const url = (): string => `https://localhost:${port}/`;

  it('the authorities of the computer, and nobody else', async () => {
    using folder = temporaryFolder();
    const system = join(folder.path, 'system.pem');
    const asked = (): Promise<string> =>
      inProcess(
        `import { createRequests } from 'main/net/requests.ts';
         const { exchange } = createRequests({ ways: [{ kind: 'direct' }], ca: null });
         const request = { url: '${url()}', token: 'tok-canary', accept: '*/*' };
         const said = await exchange(request, AbortSignal.timeout(20_000)).then(
           ({ status, body }) => status + ' ' + body,
           ({ code }) => 'failed ' + code,
         );
         process.stdout.write(said, () => process.exit(0));`,
        { SSL_CERT_FILE: system },
      );
    writeFileSync(system, ca.cert);
    expect(await asked()).toBe(came);
    writeFileSync(system, stranger.cert);
    expect(await asked()).toMatch(/^failed (UNABLE|SELF)/);
  });

  it('the source’s own, one of several in a text, instead of the computer’s', async () => {
    expect(await ask(url(), { ca: ca.cert })).toBe(came);
    expect(await ask(url(), { ca: `Office:\n${stranger.cert}\n${ca.cert}` })).toBe(came);
    // As with a database: one that is entered is trusted as it is, also the server's own.
    expect(await ask(url(), { ca: identity.cert })).toBe(came);
    expect(await ask(url(), { ca: stranger.cert })).toMatch(/^failed (UNABLE|SELF)/);
    expect(await ask(url(), { ca: null })).toMatch(/^failed (UNABLE|SELF)/);
  });

  it('for its own name only', async () => {
    expect(await ask(`https://127.0.0.1:${port}/`, {})).toBe('failed ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('a proxy', () => {
  /** A name that only the proxy can look up. */
  const url = (): string => `https://${behindProxy}:${port}/`;

  it('is asked for a tunnel, with its sign-in, and never sees what goes through', async () => {
    await using proxy = await startProxy({ login });
    const requests = createRequests({ ways: over(proxy.url), ca: ca.cert });
    for (let page = 1; page <= 3; page += 1) expect(await askBy(requests, url())).toBe(came);
    requests.close();
    // One tunnel for all pages.
    expect(proxy.asked).toEqual([`CONNECT ${behindProxy}:${port}`]);
    expect(proxy.heard.join()).not.toContain('tok-canary');
  });

  it('is asked for the whole address of a source without TLS', async () => {
    await using proxy = await startProxy({ login });
    const where = `${behindProxy}:${plainPort}`;
    expect(await ask(`http://${where}/a?b=c`, { ways: over(proxy.url) })).toBe(`${came} ${where} /a?b=c`);
    expect(proxy.asked).toEqual([`GET http://${where}/a?b=c`]);
  });

  it('is told that its user or password are missing or wrong, for every kind of request', async () => {
    await using proxy = await startProxy({ login });
    const bare = `http://127.0.0.1:${proxy.port}`;
    for (const target of [url(), `http://${behindProxy}:${plainPort}/`]) {
      expect(await ask(target, { ways: over(bare) })).toBe('proxy asks');
      expect(await ask(target, { ways: over(bare.replace('//', '//office:wrong@')) })).toBe('proxy refuses');
    }
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ['Digest realm="Basic", nonce="x"', 'schemes Digest'],
    ['NTLM\r\nProxy-Authenticate: Negotiate', 'schemes NTLM, Negotiate'],
    ['NTLM\r\nProxy-Authenticate: Basic realm="x"', 'asks'],
    ['Basic realm="<script>alert(1)</script>, NTLM \\" Digest , "', 'asks'],
    ['Basic realm="never ending NTLM', 'asks'],
    ['Anything-else', 'asks'],
  ])('that offers %s is understood', async (offered, said) => {
    const answers = `HTTP/1.1 407 No\r\nProxy-Authenticate: ${offered}\r\nContent-Length: 0\r\n\r\n`;
    await using proxy = await startProxy({ answers });
    expect(await ask(url(), { ways: over(proxy.url) })).toBe(`proxy ${said}`);
  });

  it.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n<html>Blocked</html>', 'proxy blocks 403'],
    ['HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n', 'proxy blocks 302'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n<html>', 'proxy away 502'],
    ['HTTP/1.1 200 OK\r\n\r\n<html>Sign in</html>', 'failed ERR_SSL_WRONG_VERSION_NUMBER'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'proxy unreachable HPE_INVALID_CONSTANT'],
  ])('that answers %j lets nothing through', async (answers, said) => {
    await using proxy = await startProxy({ answers });
    expect(await ask(url(), { ways: over(proxy.url) })).toBe(said);
  });

  it('that hangs is given up', async () => {
    await using proxy = await startProxy({ answers: null });
    expect(await ask(url(), { ways: over(proxy.url) }, 100)).toBe('proxy silent');
  });

  it('has that time only until it lets through: what is open then stays open', async () => {
    await using proxy = await startProxy();
    const requests = createRequests({ ways: over(proxy.url), ca: ca.cert }, undefined, 300);
    expect(await askBy(requests, url())).toBe(came);
    const late = AbortSignal.timeout(400);
    await new Promise((done) => late.addEventListener('abort', done));
    expect(await askBy(requests, url())).toBe(came);
    requests.close();
    expect(proxy.asked).toHaveLength(1);
  });

  it('that is not there is followed by the next, which is asked first from then on', async () => {
    await using proxy = await startProxy();
    const gone = 'http://127.0.0.1:1';
    expect(await ask(url(), { ways: over(gone) })).toBe('proxy unreachable ECONNREFUSED');
    expect(await ask(`http://${behindProxy}:1/`, { ways: over(gone) })).toBe(
      'proxy unreachable ECONNREFUSED',
    );
    const requests = createRequests({ ways: over('socks5://x:1', gone, proxy.url), ca: ca.cert });
    expect(await askBy(requests, url())).toBe(came);
    expect(await askBy(requests, url())).toBe(came);
    requests.close();
    // Two that find it out at the same moment do not lead each other astray.
    const both = createRequests({ ways: over(gone, proxy.url), ca: ca.cert });
    expect(await Promise.all([askBy(both, url()), askBy(both, url())])).toEqual([came, came]);
    both.close();
    const local = `https://localhost:${port}/`;
    expect(await ask(local, { ways: [...over(gone), ...directly] })).toBe(came);
    // One that says no is not gone round.
    await using no = await startProxy({ login });
    const bare = `http://127.0.0.1:${no.port}`;
    expect(await ask(local, { ways: [...over(bare), ...directly] })).toBe('proxy asks');
  });

  it('of a kind that is not spoken here is named', async () => {
    expect(await ask(url(), { ways: over('socks5://x:1080') })).toBe('proxy kind SOCKS5');
  });

  it('that is spoken to over TLS has to be one that the computer trusts', async () => {
    const names = makeCertificate('proxy', { names: ['localhost'], issuer: ca });
    await using proxy = await startProxy({ tls: names });
    using folder = temporaryFolder();
    const system = join(folder.path, 'system.pem');
    writeFileSync(system, ca.cert);
    const asked = (env: Record<string, string>): Promise<string> =>
      inProcess(
        `import { createRequests } from 'main/net/requests.ts';
         const way = { kind: 'proxy', secure: true, host: 'localhost', port: ${proxy.port}, login: null };
         const { exchange } = createRequests({ ways: [way], ca: ${JSON.stringify(ca.cert)} });
         const said = await exchange({ url: '${url()}', token: 'tok-canary', accept: '*/*' }, AbortSignal.timeout(20_000)).then(
           ({ status, body }) => status + ' ' + body,
           ({ proxy }) => proxy.what + ' ' + proxy.detail,
         );
         process.stdout.write(said, () => process.exit(0));`,
        env,
      );
    expect(await asked({ SSL_CERT_FILE: system })).toBe(came);
    expect(await asked({})).toMatch(/^unreachable (UNABLE|SELF)/);
  });

  it('ends its wait when the call is cancelled', async () => {
    await using proxy = await startProxy({ answers: null });
    const stop = new AbortController();
    const { exchange, close } = createRequests({ ways: over(proxy.url), ca: ca.cert });
    const asking = exchange({ url: url(), accept: '*/*' }, stop.signal).catch((error: unknown) => error);
    while (proxy.heard.length === 0) await new Promise((done) => setTimeout(done, 5));
    stop.abort();
    expect(await asking).toMatchObject({ code: null, proxy: null });
    close();
  });
});

it('a name of both families leads there by whichever answers', async () => {
  const said = await inProcess(
    `import dns from 'node:dns';
     import { createRequests } from 'main/net/requests.ts';
     const both = [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }];
     dns.lookup = (_, { all }, done) => (all ? done(null, both) : done(null, '::1', 6));
     const { exchange } = createRequests({ ways: [{ kind: 'direct' }], ca: ${JSON.stringify(ca.cert)} });
     const request = { url: 'https://${behindProxy}:${port}/', token: 'tok-canary', accept: '*/*' };
     const { status, body } = await exchange(request, AbortSignal.timeout(20_000));
     process.stdout.write(status + ' ' + body, () => process.exit(0));`,
  );
  expect(said).toBe(came);
});

describe.skipIf(!hasIpv6)('IPv6', () => {
  it('leads to a source by its address, and to a proxy', async () => {
    const six = makeCertificate('six', { names: ['localhost', '::1'], issuer: ca });
    const server = createServer(six, (request, response) =>
      response.end(`${request.method} ${request.headers.authorization}`),
    );
    const there = await listen(server, '::1');
    try {
      expect(await ask(`https://[::1]:${there}/`, {})).toBe(came);
      await using proxy = await startProxy({ host: '::1', login });
      expect(await ask(`https://[::1]:${there}/`, { ways: over(proxy.url) })).toBe(came);
      expect(proxy.asked).toEqual([`CONNECT [::1]:${there}`]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
