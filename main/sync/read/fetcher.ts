import type { MessagePort } from 'node:worker_threads';
import { type Document, tokenize, withTape } from '../../connectors/document.ts';
import {
  type Exchange,
  type ExchangeAnswer,
  ExchangeFailed,
  type ExchangeRequest,
  type ProxyTrouble,
} from '../../net/exchange.ts';
import { createRequests, type Route } from '../../net/requests.ts';
import { startThread } from './role.ts';

/*
 * Requests and the tokenizing of their answers in a thread of their own, so that the thread that flattens and writes
 * never keeps the network waiting, nor the network it. Bodies and tapes are shared memory that goes back and forth:
 * megabytes outside the heap for each page would otherwise make the engine collect garbage every other page.
 */

/** The thread holds little on its heap: chunks of one answer at a time. */
const heapMb = 64;
const youngMb = 4;
/** Pieces of shared memory that are kept for the next page; more are left to the garbage collector. */
const mostSpare = 3;

type ToFetcher =
  | { readonly type: 'get'; readonly id: number; readonly request: ExchangeRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'release'; readonly body: SharedArrayBuffer; readonly tape: SharedArrayBuffer }
  | { readonly type: 'rest' };

type FromFetcher =
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly head: Omit<ExchangeAnswer, 'body'>;
      readonly body: SharedArrayBuffer;
      readonly size: number;
      /** Null for what is no JSON. */
      readonly tape: { readonly memory: SharedArrayBuffer; readonly length: number } | null;
    }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: string | null;
      readonly proxy: ProxyTrouble | null;
    };

/** Fetches in another thread. */
export interface Fetcher {
  readonly exchange: Exchange;
  /** Gives the memory of a document back. Nothing may look at its values any more. */
  release(document: Document): void;
  /** Gives up what is kept for the next page: memory, and open connections. Nothing may be under way. */
  rest(): void;
  close(): Promise<void>;
}

/** A spare piece of at least `bytes`, or a new one with some to spare for a page that is a little longer. */
function takeFrom(spare: SharedArrayBuffer[], bytes: number): SharedArrayBuffer {
  const at = spare.findIndex((piece) => piece.byteLength >= bytes);
  return spare.splice(at, at < 0 ? 0 : 1)[0] ?? new SharedArrayBuffer(Math.ceil(bytes * 0.3) * 4);
}

/** The other side: runs in the thread, until its port is closed. */
export function serveExchanges(port: MessagePort, route: Route): void {
  const bodies: SharedArrayBuffer[] = [];
  const tapes: SharedArrayBuffer[] = [];
  const open = new Map<number, AbortController>();
  const post = (message: FromFetcher): void => port.postMessage(message);
  const { exchange, close } = createRequests(route, (size) => Buffer.from(takeFrom(bodies, size), 0, size));

  const tapeOf = ({ status, body }: ExchangeAnswer) => {
    if (status !== 200) return null;
    try {
      const tape = tokenize(body, (ints) => new Int32Array(takeFrom(tapes, ints * 4)));
      return { memory: tape.buffer as unknown as SharedArrayBuffer, length: tape.length };
    } catch {
      // What is wrong with it is found again, and told, by whoever asked.
      return null;
    }
  };
  const get = async (id: number, request: ExchangeRequest): Promise<void> => {
    const stop = new AbortController();
    open.set(id, stop);
    try {
      const { body, ...head } = await exchange(request, stop.signal);
      post({
        type: 'answer',
        id,
        head,
        body: body.buffer as unknown as SharedArrayBuffer,
        size: body.byteLength,
        tape: tapeOf({ ...head, body }),
      });
    } catch (error) {
      const { code, proxy } = error instanceof ExchangeFailed ? error : { code: null, proxy: null };
      post({ type: 'failed', id, code, proxy });
    } finally {
      open.delete(id);
    }
  };
  port.on('message', (message: ToFetcher) => {
    if (message.type === 'get') void get(message.id, message.request);
    else if (message.type === 'cancel') open.get(message.id)?.abort();
    else if (message.type === 'rest') {
      bodies.length = 0;
      tapes.length = 0;
      close();
    } else {
      if (bodies.length < mostSpare) bodies.push(message.body);
      if (tapes.length < mostSpare) tapes.push(message.tape);
    }
  });
}

/** Starts the thread from the file of the sync worker, for a source that is reached so. */
export function startFetcher(file: URL, route: Route): Fetcher {
  const worker = startThread(file, { does: 'fetch', route }, heapMb, youngMb);
  const waiting = new Map<
    number,
    { resolve: (answer: ExchangeAnswer) => void; reject: (error: Error) => void }
  >();
  let asked = 0;
  let ended = false;
  const post = (message: ToFetcher): void => worker.postMessage(message);
  const settle = (id: number) => {
    const asking = waiting.get(id);
    waiting.delete(id);
    return asking;
  };
  const end = (): void => {
    ended = true;
    for (const id of [...waiting.keys()]) settle(id)?.reject(new ExchangeFailed(null));
  };
  worker.on('message', (message: FromFetcher) => {
    const asking = settle(message.id);
    if (!asking) return;
    if (message.type === 'failed') {
      asking.reject(new ExchangeFailed(message.code, { proxy: message.proxy }));
      return;
    }
    const body = Buffer.from(message.body, 0, message.size);
    const { tape } = message;
    if (tape) withTape(body, new Int32Array(tape.memory, 0, tape.length));
    asking.resolve({ ...message.head, body });
  });
  worker.on('error', end);
  worker.on('exit', end);

  return {
    exchange(request, signal) {
      if (ended || signal.aborted) return Promise.reject(new ExchangeFailed(null));
      asked += 1;
      const id = asked;
      return new Promise<ExchangeAnswer>((resolve, reject) => {
        const cancel = (): void => {
          if (ended) return;
          post({ type: 'cancel', id });
          settle(id)?.reject(new ExchangeFailed(null));
        };
        const done = (): void => signal.removeEventListener('abort', cancel);
        waiting.set(id, {
          resolve: (answer) => {
            done();
            resolve(answer);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        signal.addEventListener('abort', cancel, { once: true });
        post({ type: 'get', id, request });
      });
    },
    release({ bytes, tape }) {
      if (
        ended ||
        !(bytes.buffer instanceof SharedArrayBuffer) ||
        !(tape.buffer instanceof SharedArrayBuffer)
      )
        return;
      post({ type: 'release', body: bytes.buffer, tape: tape.buffer });
    },
    rest() {
      if (!ended) post({ type: 'rest' });
    },
    async close() {
      await worker.terminate();
    },
  };
}
