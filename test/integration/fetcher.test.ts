import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from '../../main/connectors/document.ts';
import type { ExchangeFailed } from '../../main/net/exchange.ts';
import { directly } from '../../main/net/proxy.ts';
import { startFetcher } from '../../main/sync/read/fetcher.ts';
import { syncWorker } from '../support/sync-worker.ts';

/* Pages fetched in a thread of their own: the same answers, cancelled at once, in memory that is used again. */

const worker = syncWorker();
const never = new AbortController().signal;
let server: Server;
let base: string;
const seen: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    const path = request.url ?? '';
    if (path.startsWith('/page')) {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ path, rows: Array.from({ length: 2000 }, (_, n) => ({ n, text: 'नमस्ते' })) }),
      );
    } else if (path === '/html') {
      response.setHeader('content-type', 'text/html');
      response.end('<html>Sign in to the hotel</html>');
    } else if (path === '/wait') {
      response.statusCode = 429;
      response.setHeader('retry-after', '7');
      response.end();
    } else if (path === '/cut') {
      response.write('{"rows":[');
      setTimeout(() => response.destroy(), 20);
    }
    // Everything else is never answered.
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const request = (path: string) => ({ url: `${base}${path}`, token: 'a-token', accept: 'application/json' });

describe('the thread that fetches', () => {
  it('brings the answers, and the tapes of those that are JSON', async () => {
    const fetcher = startFetcher(worker, { ways: directly, ca: null });
    try {
      const answer = await fetcher.exchange(request('/page/1'), never);
      expect(seen.at(-1)).toBe('Bearer a-token');
      const page = parseDocument(answer.body);
      expect(page.document.tape.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(page.get('path')?.text()).toBe('/page/1');
      expect(page.get('rows')?.items().at(-1)?.json()).toEqual({ n: 1999, text: 'नमस्ते' });

      const html = await fetcher.exchange(request('/html'), never);
      expect(html.contentType).toBe('text/html');
      expect(html.body.toString()).toContain('hotel');
      expect(() => parseDocument(html.body)).toThrow(SyntaxError);

      const wait = await fetcher.exchange(request('/wait'), never);
      expect([wait.status, wait.retryAfter]).toEqual([429, '7']);
    } finally {
      await fetcher.close();
    }
  });

  it('uses the memory of a page again, but only once it was given back', async () => {
    const fetcher = startFetcher(worker, { ways: directly, ca: null });
    try {
      const get = async (path: string) => parseDocument((await fetcher.exchange(request(path), never)).body);
      const first = await get('/page/a');
      const second = await get('/page/b');
      expect(second.document.bytes.buffer).not.toBe(first.document.bytes.buffer);
      expect(first.get('path')?.text()).toBe('/page/a');
      const mark = new Uint8Array(first.document.bytes.buffer);
      fetcher.release(first.document);
      await get('/page/c');
      // The same memory, looked at through the view that was there before.
      expect(Buffer.from(mark).toString('utf8', 0, 20)).toContain('/page/c');
      expect(second.get('path')?.text()).toBe('/page/b');
    } finally {
      await fetcher.close();
    }
  });

  it('says what the network said, stops at once, and fails what waits when it ends', async () => {
    const fetcher = startFetcher(worker, { ways: directly, ca: null });
    const failure = (promise: Promise<unknown>): Promise<ExchangeFailed> =>
      promise.then(
        () => expect.unreachable(),
        (error: unknown) => error as ExchangeFailed,
      );
    try {
      const nobody = { ...request('/'), url: 'http://127.0.0.1:9/' };
      expect((await failure(fetcher.exchange(nobody, never))).name).toBe('Error');
      expect((await failure(fetcher.exchange(request('/cut'), never))).message).toBeTruthy();

      const stop = new AbortController();
      const waiting = failure(fetcher.exchange(request('/silence'), stop.signal));
      await new Promise((resolve) => setTimeout(resolve, 50));
      stop.abort();
      expect((await waiting).code).toBeNull();

      const last = failure(fetcher.exchange(request('/silence'), never));
      await fetcher.close();
      expect((await last).code).toBeNull();
      expect((await failure(fetcher.exchange(request('/page/1'), never))).code).toBeNull();
    } finally {
      await fetcher.close();
    }
  });
});
