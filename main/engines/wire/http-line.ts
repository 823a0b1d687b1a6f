import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { noTls, startTls } from '../tls/tls.ts';
import { sinceMs } from './bounded.ts';
import type { Wire } from './channel.ts';
import { placeText } from './tcp.ts';
import { describeTls, openWay, type WayOptions } from './way.ts';

/** One stream to a server that speaks HTTP, encrypted as the target asks, through its jump hosts. */
export interface HttpWire {
  readonly agent: Agent;
  readonly tls: TlsDetails;
  ended(): boolean;
  hold(holds: boolean): void;
  /** Ends it at once. */
  cut(): void;
}

/** An agent whose one socket is open already. */
class WireAgent extends Agent {
  readonly #wire: Wire;
  constructor(wire: Wire) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#wire = wire;
  }
  override createConnection(): Socket {
    return this.#wire as unknown as Socket;
  }
}

/** Opens the stream; nothing was said on it yet. Leaves nothing open when it fails. Fails with DB_*, SSH_* or CANCELLED. */
export async function openHttpWire(
  target: Target,
  signal: AbortSignal,
  options: Omit<WayOptions, 'signal'> = {},
): Promise<HttpWire> {
  const base = await openWay(target, { ...options, signal });
  base.on('error', () => {});
  let [wire, tls]: [Wire, TlsDetails] = [base, noTls];
  if (target.tlsMode !== 'disable') {
    const ms = target.connectTimeoutMs;
    const late = (): AppError =>
      new AppError(
        'DB_TIMEOUT',
        say('engine.reachedButSaidNothing', {
          where: placeText(target.host, target.port),
          seconds: ms / 1000,
        }),
        { advice: say('engine.reachedButSaidNothing.advice') },
      );
    const started = performance.now();
    options.watch?.begin?.('tls');
    try {
      const secured = await startTls(base, target, { signal, ms, late }, options.onTls ?? (() => {}));
      [wire, tls] = [secured.stream, secured.details];
    } catch (error) {
      base.destroy();
      throw error;
    }
    options.watch?.done?.('tls', describeTls(target, tls), sinceMs(started));
  }
  const agent = new WireAgent(wire);
  let over = false;
  for (const event of ['close', 'end', 'error']) {
    base.on(event, () => {
      over = true;
    });
  }
  return {
    agent,
    tls,
    ended: () => over,
    hold: (holds) => void (holds ? base.ref() : base.unref()),
    cut() {
      over = true;
      agent.destroy();
      wire.destroy();
      base.destroy();
    },
  };
}

export interface HttpAsked {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends a request over a stream that is open. The head of the answer has `answerMs`; after that the stream is cut. Fails with
 * DB_TIMEOUT, and with what Node fails with.
 */
export function sendOver(
  { agent, cut }: HttpWire,
  target: Pick<Target, 'host' | 'port'>,
  { method, path, headers, body }: HttpAsked,
  answerMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      cut();
      reject(
        new AppError(
          'DB_TIMEOUT',
          say('engine.stoppedAnswering', { place: placeText(target.host, target.port) }),
        ),
      );
    }, answerMs);
    const asked = request({ agent, method, host: target.host, port: target.port, path, headers });
    asked.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.once('response', (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    // As bytes: with a text Node would write the head in the encoding of the text.
    asked.end(body === undefined ? undefined : Buffer.from(body, 'utf8'));
  });
}

/** The text of an answer, at most so many characters of it. */
export async function textOf(answer: IncomingMessage, most: number): Promise<string> {
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) {
    text += piece;
    if (text.length > most) break;
  }
  return text;
}
