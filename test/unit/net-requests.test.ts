import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExchangeFailed } from '../../main/net/exchange.ts';
import { directExchange } from '../support/exchanges.ts';

/* What a sync's fetching thread sends and reads, over real sockets. */

const body = Buffer.from(
  JSON.stringify({ rows: Array.from({ length: 5000 }, (_, n) => ({ n, text: 'नमस्ते' })) }),
);
const packers: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};
let server: Server;
let base: string;
const sockets = new Set<Socket>();
const seen: IncomingMessage['headers'][] = [];

const answer = (path: string, response: ServerResponse): void => {
  const pack = packers[path.slice(1)];
  if (pack) response.setHeader('content-encoding', path.slice(1)).end(pack(body));
  else if (path === '/told') response.setHeader('content-length', body.length).end(body);
  else if (path === '/short') {
    response.setHeader('content-length', body.length);
    response.write(body.subarray(0, 1000));
    setTimeout(() => response.destroy(), 20);
  } else if (path === '/odd') response.setHeader('content-encoding', 'zstd').end('x');
  else if (path === '/spoilt') response.setHeader('content-encoding', 'gzip').end('no gzip');
  else if (path === '/moved') response.writeHead(302, { location: '/told', 'retry-after': '3' }).end();
  else if (path === '/empty') response.writeHead(204).end();
};

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers);
    answer(request.url ?? '', response);
  });
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const exchange = directExchange();
const never = new AbortController().signal;
const get = (path: string, signal: AbortSignal = never) =>
  exchange(
    { url: path.startsWith('http') ? path : base + path, token: 'a-token', accept: 'application/json' },
    signal,
  );
const failure = (path: string, signal?: AbortSignal): Promise<ExchangeFailed> =>
  get(path, signal).then(
    () => expect.unreachable(),
    (error: unknown) => error as ExchangeFailed,
  );

it.each(['/told', '/gzip', '/deflate', '/br'])('a body comes whole and unpacked: %s', async (path) => {
  const { status, body: got } = await get(path);
  expect(status).toBe(200);
  expect(got.equals(body)).toBe(true);
  expect(seen.at(-1)).toMatchObject({ authorization: 'Bearer a-token', accept: 'application/json' });
});

it('a redirect is not followed, and what its head says is told', async () => {
  expect(await get('/moved')).toMatchObject({ status: 302, retryAfter: '3' });
  expect((await get('/empty')).body).toHaveLength(0);
});

it('what does not come whole fails, and says what the network said', async () => {
  expect((await failure('/short')).name).toBe('Error');
  expect((await failure('/odd')).code).toBe('content-encoding zstd');
  expect((await failure('/spoilt')).code).toBe('Z_DATA_ERROR');
  expect((await failure('http://nowhere.invalid/')).code).toMatch(/ENOTFOUND|EAI_AGAIN/);
  expect((await failure('http://127.0.0.1:1/')).code).toBe('ECONNREFUSED');
});

it('a connection that the server closed while nobody used it costs nothing', async () => {
  await get('/told');
  // Kept open by us, closed by the server: the next request finds out on its way.
  for (const socket of sockets) socket.destroy();
  expect((await get('/told')).status).toBe(200);
});

it('ends at once when it is cancelled, without a code', async () => {
  const stop = new AbortController();
  const waiting = failure('/silence', stop.signal);
  const started = performance.now();
  setTimeout(() => stop.abort(), 50);
  expect((await waiting).code).toBeNull();
  expect(performance.now() - started).toBeLessThan(1000);
});
