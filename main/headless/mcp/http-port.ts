import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallError } from '../../../preload/contract/client.ts';
import { AppError } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import { listenHere, secretCheck } from '../local-port.ts';
import type { AgentLine } from './line.ts';
import { agentServer, endAfterAnswer } from './server.ts';

/** Clients at once, each with a seat and open queries of its own. */
export const mostSessions = 16;
/** A client that asks nothing and listens to nothing for so long has gone. */
export const idleMs = 3_600_000;
const lookEveryMs = 60_000;
/** The longest statement there is, as JSON at its worst, fits. */
export const mostBody = 2 * 1024 * 1024;
const mostConnections = 128;
const headersMs = 5000;
const requestMs = 30_000;
export const mcpPath = '/mcp';

export interface HttpAgents {
  /** Where clients connect to. */
  readonly url: string;
  /** Clients that are there now. */
  readonly sessions: number;
  /** Ends what runs, and every session. */
  close(): Promise<void>;
}

export interface HttpAgentsDeps {
  /** 0 takes a free one. */
  readonly port: number;
  /** What clients have to show. */
  readonly token: string;
  /** Pages of this computer that may connect; nobody else who sends an Origin. */
  readonly origins: readonly string[];
  /** A seat of its own for one more client. Fails with LOCKED once the grant has ended. */
  readonly sit: () => Promise<AgentLine>;
  readonly version: string;
  readonly clock: Clock;
}

interface Session {
  readonly transport: StreamableHTTPServerTransport;
  readonly server: McpServer;
  readonly line: AgentLine;
  /** Requests that are not answered to the end, a stream that is listened to among them. */
  open: number;
  /** Milliseconds since 1970. */
  lastAt: number;
  ended: boolean;
}

/** What the Authorization header carries; empty where it carries none. */
const bearerOf = ({ headers }: IncomingMessage): string =>
  /^Bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

/**
 * Serves agents by Streamable HTTP on a port of 127.0.0.1. Only with our own Host (a page elsewhere that has its name lead here
 * can't send it), without an Origin unless that was allowed, and with the token. Fails with INPUT_INVALID where the port can't
 * be had.
 */
export async function openHttpAgents(deps: HttpAgentsDeps): Promise<HttpAgents> {
  const { clock, origins } = deps;
  const isToken = secretCheck(deps.token);
  const sessions = new Map<string, Session>();
  const stop = new AbortController();
  let hosts: readonly string[] = [];
  let beginning = 0;

  const end = async (session: Session): Promise<void> => {
    if (session.ended) return;
    session.ended = true;
    const { sessionId } = session.transport;
    if (sessionId !== undefined) sessions.delete(sessionId);
    await session.server.close();
    await session.line.leave();
  };
  const endIdle = async (): Promise<void> => {
    const late = clock.now() - idleMs;
    await Promise.all(
      [...sessions.values()].filter(({ open, lastAt }) => open === 0 && lastAt <= late).map(end),
    );
  };
  const begin = async (): Promise<Session> => {
    const line = await deps.sit();
    const server = agentServer({ api: line.api, grant: line.grant, version: deps.version });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: mostBody,
      onsessioninitialized: (id) => void sessions.set(id, session),
    });
    const session: Session = { transport, server, line, open: 0, lastAt: clock.now(), ended: false };
    // Its client ended it.
    server.server.onclose = () => void end(session);
    endAfterAnswer(transport, line, () => void end(session));
    await server.connect(transport);
    return session;
  };
  const serve = async (
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    session.open += 1;
    session.lastAt = clock.now();
    response.once('close', () => {
      session.open -= 1;
      session.lastAt = clock.now();
    });
    await session.transport.handleRequest(request, response);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, message: string, more: Readonly<Record<string, string>> = {}): void => {
      const body = { jsonrpc: '2.0', error: { code: -32_000, message }, id: null };
      response
        .writeHead(status, { 'content-type': 'application/json', connection: 'close', ...more })
        .end(`${JSON.stringify(body)}\n`, () => {
          // What is still on the way is not taken.
          if (!request.complete) request.destroy();
        });
    };
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    if (!hosts.includes(request.headers.host ?? '')) return refuse(403, 'Another host is meant.');
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!origins.includes(origin)) return refuse(403, 'Pages may not connect.');
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'mcp-session-id');
      response.setHeader('vary', 'origin');
    }
    const { method } = request;
    if (request.url !== mcpPath) return refuse(404, `There is only ${mcpPath}.`);
    if (method === 'OPTIONS' && origin !== undefined) {
      const more = {
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers':
          'authorization, content-type, last-event-id, mcp-protocol-version, mcp-session-id',
      };
      return void response.writeHead(204, more).end();
    }
    if (!isToken(bearerOf(request)))
      return refuse(401, 'The token is missing or wrong.', { 'www-authenticate': 'Bearer' });
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE')
      return refuse(405, 'Only GET, POST and DELETE.', { allow: 'GET, POST, DELETE' });
    if (Number(request.headers['content-length'] ?? 0) > mostBody)
      return refuse(413, `A request has at most ${mostBody} bytes.`);
    await endIdle();
    const id = request.headers['mcp-session-id'];
    if (id !== undefined) {
      const session = typeof id === 'string' ? sessions.get(id) : undefined;
      if (session === undefined) return refuse(404, 'There is no such session.');
      return serve(session, request, response);
    }
    if (method !== 'POST') return refuse(400, 'A session begins with POST.');
    if (sessions.size + beginning >= mostSessions)
      return refuse(503, `At most ${mostSessions} clients are served at once.`, { 'retry-after': '60' });
    beginning += 1;
    try {
      const session = await begin();
      await serve(session, request, response);
      // It did not begin a session.
      if (session.transport.sessionId === undefined) await end(session);
    } catch (error) {
      if (response.headersSent) throw error;
      const { code, message } =
        error instanceof CallError || error instanceof AppError
          ? error
          : { code: 'INTERNAL', message: 'Something went wrong inside Headgate.' };
      if (code === 'LOCKED') refuse(401, message, { 'www-authenticate': 'Bearer error="invalid_token"' });
      else refuse(503, `${message} (${code})`);
    } finally {
      beginning -= 1;
    }
  };
  const server = createServer({ maxHeaderSize: 8192 }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.maxConnections = mostConnections;
  server.maxHeadersCount = 50;
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  const local = await listenHere(server, deps.port, '--http');
  hosts = local.hosts;
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(lookEveryMs, stop.signal);
      await endIdle();
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${local.port}${mcpPath}`,
    get sessions() {
      return sessions.size;
    },
    async close() {
      stop.abort();
      await looking;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...sessions.values()].map(end));
      server.closeAllConnections();
      await closed;
    },
  };
}
