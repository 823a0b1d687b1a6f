import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultList } from './faults.ts';
import { type Call, compressed, html, type Reply, readBody } from './http.ts';
import { halfOf, send, sendCut, sendDripping, spoiltReply } from './send.ts';
import type { StatsBook } from './stats.ts';
import type { FaultRule, RecordedRequest } from './types.ts';

/** What answers a path, and what its requests are counted as. */
export interface Match<K extends string> {
  readonly kind: K;
  answer(call: Call): Reply;
}

/** Everything a local server answers with. */
export interface ServerParts<K extends string> {
  /** Default 0, an ephemeral port. */
  readonly port?: number | undefined;
  /** Default: gzip when the client accepts it, except for rows kept from earlier. */
  readonly gzip?: boolean | undefined;
  /** Called for every request before it is answered. */
  readonly onRequest?: ((request: RecordedRequest<K>) => void | Promise<void>) | undefined;
  readonly faults: FaultList<K>;
  readonly stats: StatsBook<K>;
  route(path: string): Match<K>;
  /** Answers the paths under `/_sim/`, which exist on the simulator only. */
  control(call: Call): Reply;
}

/** A server that listens, on 127.0.0.1 and nowhere else. */
export interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a local server: counts, spoils what a fault asks for, compresses, sends. It knows no HTTPS. */
export async function listen<K extends string>(parts: ServerParts<K>): Promise<Listening> {
  const sent = new Map<string, Reply>();
  const closing = new AbortController();
  let url = '';
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    handle(request, response, { ...parts, sent }, url, closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted && !response.destroyed) fail(response, error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else
    send(response, html(500, `Simulator fault: ${error instanceof Error ? error.message : String(error)}`));
}

interface Serving<K extends string> extends ServerParts<K> {
  /** The last real answer of each path, whatever its query was. */
  readonly sent: Map<string, Reply>;
}

async function handle<K extends string>(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Serving<K>,
  origin: string,
  signal: AbortSignal,
): Promise<void> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const method = request.method ?? 'GET';
  const call: Call = {
    method: method === 'HEAD' ? 'GET' : method,
    path,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    origin,
    body: method === 'GET' || method === 'HEAD' ? '' : await readBody(request),
  };
  if (path.startsWith('/_sim/')) {
    send(response, parts.control(call));
    return;
  }
  const found = parts.route(path);
  const record = parts.stats.begin(found.kind, method, target);
  const outcome = { status: 0, bytes: 0 };
  try {
    await answer(call, found, record, response, parts, signal, outcome);
  } finally {
    parts.stats.end(record, outcome.status, outcome.bytes);
  }
}

async function answer<K extends string>(
  call: Call,
  found: Match<K>,
  record: RecordedRequest<K>,
  response: ServerResponse,
  parts: Serving<K>,
  signal: AbortSignal,
  outcome: { status: number; bytes: number },
): Promise<void> {
  await parts.onRequest?.(record);
  const rule = parts.faults.take(record);
  const pause =
    parts.faults.latencyMs + (rule?.kind === 'slow' && rule.drip !== true ? (rule.ms ?? 1000) : 0);
  if (pause > 0) await sleep(pause, undefined, { signal });
  const before = parts.sent.get(call.path);
  let real: Reply | undefined;
  if (rule === undefined || usesReal(rule) || (rule.kind === 'repeat' && before === undefined)) {
    const whole = found.answer(call);
    parts.sent.set(call.path, whole);
    real = await compressed(rule?.kind === 'truncated' ? halfOf(whole) : whole, call, parts.gzip);
  }
  if (rule?.kind === 'hang') return hang(response, signal);
  if (rule?.kind === 'resetBeforeHeaders') {
    response.socket?.resetAndDestroy();
    return;
  }
  const reply =
    (rule === undefined ? undefined : rule.kind === 'repeat' ? before : spoiltReply(rule)) ??
    real ??
    html(500, '');
  outcome.status = reply.status;
  if (rule?.kind === 'cut') outcome.bytes = await sendCut(response, reply);
  else if (rule?.kind === 'slow' && rule.drip === true) {
    outcome.bytes = await sendDripping(response, reply, rule.ms ?? 100, signal);
  } else outcome.bytes = send(response, reply);
}

/** Whether the request is acted on although its answer may be lost. */
function usesReal(rule: FaultRule): boolean {
  return ['cut', 'truncated', 'slow'].includes(rule.kind) || rule.processed === true;
}

/** Never answers; ends when the client gives up or the simulator closes. */
function hang(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
