import { createHmac } from 'node:crypto';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a receiver of webhooks got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly received: Received[];
  /** How the next ones are answered; 204 at first. Null: not at all. */
  answer: { readonly status: number; readonly headers?: Record<string, string> } | null;
}

/** A receiver of webhooks on this computer. */
export async function startListening(): Promise<Listening> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString('utf8'),
      });
      if (listening.answer === null) return;
      response.writeHead(listening.answer.status, listening.answer.headers);
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const listening: Listening = {
    port: (server.address() as AddressInfo).port,
    received,
    answer: { status: 204 },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return listening;
}

/** Whether a message is signed as the README says, checked as a receiver would. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const timestamp = String(headers['headgate-timestamp']);
  const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return headers['headgate-signature'] === `v1=${expected}`;
}
