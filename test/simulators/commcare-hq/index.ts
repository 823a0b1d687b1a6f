import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { control } from './control.ts';
import { type Domain, makeDomain, makeHandle } from './domain.ts';
import { FaultList } from './faults.ts';
import { type Call, compressed, html, type Reply, readBody } from './http.ts';
import { OAuthState } from './oauth-state.ts';
import { hexId } from './random.ts';
import { route, type World } from './routes.ts';
import { send, sendCut, sendDripping, spoiltReply } from './send.ts';
import { StatsBook } from './stats.ts';
import { Throttle } from './throttle.ts';
import type {
  DomainHandle,
  FaultRule,
  HqSimulator,
  HqSimulatorOptions,
  OAuthClient,
  RecordedRequest,
  SimUser,
} from './types.ts';

export type * from './types.ts';

/** The client used when none is given: public, loopback, PKCE required. */
export const DEFAULT_CLIENT: OAuthClient = {
  clientId: 'headgate-desktop',
  name: 'Headgate',
  redirectUris: ['http://127.0.0.1/callback'],
  pkceRequired: true,
};

/** The user used when none is given. */
export const DEFAULT_USER: SimUser = {
  username: 'john@example.com',
  id: hexId('john@example.com'),
  firstName: 'John',
  lastName: 'Doe',
  email: 'john@example.com',
};

/**
 * Starts a local CommCare HQ on 127.0.0.1: OAuth, identity, forms, cases, applications, throttle and faults.
 * It knows no HTTPS, no Digest auth and no writes to forms or cases.
 */
export async function createHqSimulator(options: HqSimulatorOptions): Promise<HqSimulator> {
  const clock = options.clock ?? Date.now;
  const domains = new Map<string, Domain>();
  const settings = {
    preserialise: options.preserialise ?? false,
    publicUrl: options.publicUrl ?? 'https://www.commcarehq.org',
  };
  for (const spec of options.domains) domains.set(spec.name, makeDomain(spec, settings));
  const oauth = new OAuthState({
    clients: options.clients ?? [DEFAULT_CLIENT],
    users: (options.users ?? [DEFAULT_USER]).map((user) => ({ id: hexId(user.username), ...user })),
    clock,
    accessTokenSeconds: options.accessTokenSeconds ?? 900,
    codeSeconds: options.codeSeconds ?? 60,
  });
  const faults = new FaultList(options.latencyMs ?? 0);
  const stats = new StatsBook();
  const closing = new AbortController();
  const world: World = { domains, oauth, throttle: new Throttle(clock), consent: options.consent };
  const domain = (name: string): DomainHandle => {
    const found = domains.get(name);
    if (found === undefined) throw new Error(`No domain ${name}`);
    return makeHandle(found);
  };
  let url = '';
  const context: Context = {
    options,
    world,
    faults,
    stats,
    oauth,
    signal: closing.signal,
    domain,
    origin: () => url,
  };
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    handle(request, response, context).catch((error: unknown) => {
      if (!closing.signal.aborted && !response.destroyed) fail(response, error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    faults,
    stats,
    oauth,
    domain,
    close: () =>
      new Promise<void>((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Context {
  readonly options: HqSimulatorOptions;
  readonly world: World;
  readonly faults: FaultList;
  readonly stats: StatsBook;
  readonly oauth: OAuthState;
  readonly signal: AbortSignal;
  domain(name: string): DomainHandle;
  origin(): string;
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else
    send(response, html(500, `Simulator fault: ${error instanceof Error ? error.message : String(error)}`));
}

async function handle(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const method = request.method ?? 'GET';
  const call: Call = {
    method: method === 'HEAD' ? 'GET' : method,
    path,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    origin: context.origin(),
    body: method === 'GET' || method === 'HEAD' ? '' : await readBody(request),
  };
  if (path.startsWith('/_sim/')) {
    send(response, control(call, context));
    return;
  }
  const found = route(path, context.world);
  const record = context.stats.begin(found.kind, method, target);
  const outcome = { status: 0, bytes: 0 };
  try {
    await answer(call, found.answer, record, response, context, outcome);
  } finally {
    context.stats.end(record, outcome.status, outcome.bytes);
  }
}

async function answer(
  call: Call,
  make: (call: Call) => Reply,
  record: RecordedRequest,
  response: ServerResponse,
  context: Context,
  outcome: { status: number; bytes: number },
): Promise<void> {
  await context.options.onRequest?.(record);
  const rule = context.faults.take(record);
  const pause =
    context.faults.latencyMs + (rule?.kind === 'slow' && rule.drip !== true ? (rule.ms ?? 1000) : 0);
  if (pause > 0) await sleep(pause, undefined, { signal: context.signal });
  const real =
    rule === undefined || usesReal(rule)
      ? await compressed(make(call), call, context.options.gzip)
      : undefined;
  if (rule?.kind === 'hang') return hang(response, context.signal);
  if (rule?.kind === 'resetBeforeHeaders') {
    response.socket?.resetAndDestroy();
    return;
  }
  const reply = (rule === undefined ? undefined : spoiltReply(rule)) ?? real ?? html(500, '');
  outcome.status = reply.status;
  if (rule?.kind === 'cut') outcome.bytes = await sendCut(response, reply);
  else if (rule?.kind === 'slow' && rule.drip === true) {
    outcome.bytes = await sendDripping(response, reply, rule.ms ?? 100, context.signal);
  } else outcome.bytes = send(response, reply);
}

/** Whether the request is acted on although its answer may be lost. */
function usesReal(rule: FaultRule): boolean {
  return rule.kind === 'cut' || rule.kind === 'slow' || rule.processed === true;
}

/** Never answers; ends when the client gives up or the simulator closes. */
function hang(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
