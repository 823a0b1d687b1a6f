import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import type { SignInPages } from './pages.ts';

/** A person has this long to consent in the browser; then the port closes. */
export const consentMs = 3 * 60_000;

export interface Receiver {
  /** `http://127.0.0.1:{port}/callback`, the redirect to send and to repeat at the token endpoint (RFC 8252 §7.3). */
  readonly redirectUri: string;
  /** The query of the one request that was accepted. Fails with OAUTH_TIMEOUT or CANCELLED. */
  readonly answer: Promise<URLSearchParams>;
  /** What the page in the browser says, which waits for it; on `close` it says that nothing came of it. */
  tell(connected: boolean): void;
  close(): void;
}

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

/**
 * Listens on an ephemeral port of 127.0.0.1 for exactly one answer of the authorisation server: GET, our path, our
 * own Host, our state. Anything else gets a plain refusal and changes nothing. The page it answers with is static, and comes
 * when it is known what came of the sign-in.
 * Closes on the answer, on abort and after {@link consentMs}.
 */
export async function openReceiver(
  state: string,
  signal: AbortSignal,
  pages: SignInPages,
  timeoutMs = consentMs,
): Promise<Receiver> {
  if (signal.aborted) throw cancelled();
  const { promise: answer, resolve, reject } = Promise.withResolvers<URLSearchParams>();
  // Whoever awaits it later gets the failure; until then it must not count as unhandled.
  answer.catch(() => {});
  let port = 0;
  let answered = false;
  /** The page that waits for what came of it. */
  let waiting: ServerResponse | null = null;

  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const refuse = (status: number): void => {
      response
        .writeHead(status, {
          ...headers,
          'content-type': 'text/plain; charset=utf-8',
          ...(status === 405 ? { allow: 'GET' } : {}),
        })
        .end('Not here.\n');
    };
    // A page elsewhere that guesses the port can't also send our Host (DNS rebinding) nor know the state.
    if (request.headers.host !== `127.0.0.1:${port}`) return refuse(403);
    const url = URL.parse(request.url ?? '', `http://127.0.0.1:${port}`);
    if (url?.pathname !== '/callback') return refuse(404);
    if (request.method !== 'GET') return refuse(405);
    if (answered) return refuse(410);
    if (url.searchParams.get('state') !== state) return refuse(400);
    answered = true;
    // The answer counts from here on: a browser that goes away before it has the page must not lose the sign-in.
    resolve(url.searchParams);
    stopListening();
    response.once('close', () => server.closeAllConnections());
    waiting = response;
    return undefined;
  });
  server.maxHeadersCount = 50;
  server.requestTimeout = 10_000;
  function tell(connected: boolean): void {
    waiting?.writeHead(200, headers).end(connected ? pages.connected : pages.notConnected);
    waiting = null;
  }
  /** No new connection from here on. */
  function stopListening(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    server.close();
  }
  function close(): void {
    stopListening();
    // Whoever holds a connection open without a request must not hold the process; the page under way may arrive.
    if (!answered) server.closeAllConnections();
    tell(false);
    reject(cancelled());
  }

  const timer = setTimeout(() => {
    reject(new AppError('OAUTH_TIMEOUT', say('oauth.nobodyFinishedSignBrowser')));
    close();
  }, timeoutMs);
  const abort = (): void => {
    reject(cancelled());
    close();
  };
  signal.addEventListener('abort', abort, { once: true });

  await new Promise<void>((done, failed) => {
    server.once('error', (cause) => {
      const text = say('oauth.noPortComputerCould');
      failed(new AppError('OAUTH_FAILED', text, { cause }));
      close();
    });
    // Closed before it listens, a server says nothing more.
    answer.catch(failed);
    server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      if (signal.aborted) close();
      done();
    });
  });
  port = (server.address() as { port: number }).port;
  return { redirectUri: `http://127.0.0.1:${port}/callback`, answer, tell, close };
}
