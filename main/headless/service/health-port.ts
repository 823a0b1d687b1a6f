import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ServiceHealth } from '../../../preload/contract/models.ts';
import { listenHere, secretCheck } from '../local-port.ts';

/** Monitoring asks now and then; more than this at once is none. */
const mostConnections = 16;
const requestMs = 5000;

export interface HealthPort {
  /** Where it answers. */
  readonly url: string;
  close(): Promise<void>;
}

const headers = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

/**
 * Answers on a port of 127.0.0.1 how this Headgate is: 200 where all is well, else 503, with the facts as JSON. Only GET
 * and HEAD, with our own Host (a page elsewhere that has its name lead here can't send it) and the token. Port 0 takes a
 * free one. Fails with INPUT_INVALID where the port can't be had.
 */
export async function openHealthPort(
  port: number,
  token: string,
  health: () => Promise<ServiceHealth>,
): Promise<HealthPort> {
  const isMeant = secretCheck(`Bearer ${token}`);
  let hosts: readonly string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, body: unknown, more: Readonly<Record<string, string>> = {}): void =>
      void response.writeHead(status, { ...headers, ...more }).end(`${JSON.stringify(body)}\n`);
    const refuse = (status: number, error: string, more?: Readonly<Record<string, string>>): void =>
      say(status, { error }, more);
    if (!hosts.includes(request.headers.host ?? '')) return refuse(403, 'Another host is meant.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'Only GET and HEAD.', { allow: 'GET, HEAD' });
    if (!isMeant(request.headers.authorization ?? ''))
      return refuse(401, 'The token is missing or wrong.', { 'www-authenticate': 'Bearer' });
    if (request.url !== '/health') return refuse(404, 'There is only /health.');
    try {
      const found = await health();
      return say(found.problems.length === 0 ? 200 : 503, found);
    } catch {
      // It is on its way out; what went wrong is in the log.
      return refuse(503, 'It can not say how it is.');
    }
  };
  const server = createServer({ maxHeaderSize: 4096 }, (request, response) => void answer(request, response));
  server.maxConnections = mostConnections;
  server.maxHeadersCount = 50;
  server.headersTimeout = requestMs;
  server.requestTimeout = requestMs;
  const local = await listenHere(server, port, '--health');
  hosts = local.hosts;
  return {
    url: `http://127.0.0.1:${local.port}/health`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
