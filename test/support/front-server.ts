import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What went through, once it was answered. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly sent: Buffer;
  readonly answered: Buffer;
}

export interface FrontServer extends AsyncDisposable {
  readonly url: string;
  readonly passed: Passed[];
  /** Connections that were opened, whatever became of them. */
  readonly opened: number;
  /** Answered to everything while it is set, in place of what the server behind it would say. */
  instead: { status: number; headers: OutgoingHttpHeaders; body: string } | null;
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** What is answered in place of the server behind. */
export interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | string;
}

/**
 * A server that stands before another one, with TLS where it has a certificate; 127.0.0.1 and `localhost` lead to it. What
 * `answer` has an answer for never comes to the server behind.
 */
export async function startFront(
  behind: string,
  tls?: { readonly cert: string; readonly key: string },
  answer?: (url: URL) => Promise<Answered> | null,
): Promise<FrontServer> {
  const passed: Passed[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const front: Pick<FrontServer, 'instead'> = { instead: null };
  const server = (tls ? createSecureServer(tls) : createServer()).on(
    'request',
    async (request: IncomingMessage, response) => {
      const sent = await wholeOf(request).catch(() => null);
      if (sent === null) return;
      const { method = 'GET', url: path = '/', headers } = request;
      const note = (answered: Buffer): void => void passed.push({ method, path, headers, sent, answered });
      const instead = front.instead ?? (await answer?.(new URL(path, behind))) ?? null;
      if (instead !== null) {
        const { status, headers: more, body } = instead;
        note(Buffer.from(body));
        response.writeHead(status, more).end(body);
        return;
      }
      const onward = httpRequest(new URL(path, behind), { method, headers });
      onward.on('error', () => response.destroy());
      onward.once('response', async (answer) => {
        const answered = await wholeOf(answer).catch(() => null);
        if (answered === null) {
          response.destroy();
          return;
        }
        note(answered);
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
      });
      onward.end(sent);
    },
  );
  server.on('connection', (socket: Socket) => {
    opened += 1;
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    passed,
    get opened() {
      return opened;
    },
    get instead() {
      return front.instead;
    },
    set instead(answer) {
      front.instead = answer;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
