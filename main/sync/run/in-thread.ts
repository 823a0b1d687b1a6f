import { randomBytes } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { RunEntry } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { systemClock } from '../../clock.ts';
import { AppError, errorOf } from '../../errors.ts';
import { fractionsOf } from '../../host.ts';
import type { LogFields, Logger, LogLevel } from '../../log.ts';
import { RateLimited } from '../../retries.ts';
import type { Fetcher } from '../read/fetcher.ts';
import { type RunProgress, type RunSpec, wipeSpec } from '../run-spec.ts';
import { receiveSpec, type SentEnd, type SentResult, type SentSpec, sendEnd, sendResult } from './parcel.ts';
import { runSync } from './run.ts';

/** What the main thread says to a sync's worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly spec: SentSpec; readonly token: string }
  | { readonly type: 'token'; readonly id: number; readonly token: string }
  | { readonly type: 'entered'; readonly id: number; readonly at: number }
  | { readonly type: 'intended'; readonly id: number }
  /** The answer to a question of that id is an error; with `until` the source asks to wait, null when it named no time. */
  | {
      readonly type: 'refused';
      readonly id: number;
      readonly error: WireError;
      readonly until?: number | null;
    }
  | { readonly type: 'cancel' }
  /** The thread is not needed any more. */
  | { readonly type: 'end' };

/** What it answers. Exactly one of `done`, `waits` and `failed` comes last. */
export type FromWorker =
  | { readonly type: 'progress'; readonly progress: RunProgress; readonly notes: readonly RunEntry[] }
  | { readonly type: 'needToken'; readonly id: number; readonly stale: string }
  /** One that was new was refused too. */
  | { readonly type: 'tokenRefused'; readonly token: string }
  | { readonly type: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields }
  /** Asks when a request to the source may be sent; see `Gate`. */
  | { readonly type: 'enter'; readonly id: number }
  | { readonly type: 'rateLimited'; readonly until: number | null }
  | { readonly type: 'closed'; readonly until: number }
  /** Wants what is about to be published written down before it is. */
  | { readonly type: 'intend'; readonly id: number; readonly result: SentResult }
  | { readonly type: 'done'; readonly end: SentEnd }
  /** The source wants a longer pause: everything read is committed. */
  | { readonly type: 'waits'; readonly until: number | null; readonly progressed: boolean }
  | { readonly type: 'failed'; readonly error: WireError; readonly cause: string };

/** Progress is told at most so often; the last state always. */
const progressMs = 100;

/** Runs the syncs that the main thread hands over, one after the other; their requests go through `fetcher`. */
export function serveSync(port: MessagePort, fetcher: Fetcher): void {
  /** Stops the sync that runs. */
  let stop = new AbortController();
  const waiting = new Map<number, { resolve: (answer: ToWorker) => void; reject: (error: Error) => void }>();
  let token = '';
  let asked = 0;
  const post = (message: FromWorker): void => port.postMessage(message);
  /** Asks the main thread; the answer carries the same id. */
  const ask = (question: (id: number) => FromWorker): Promise<ToWorker> => {
    asked += 1;
    const id = asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      post(question(id));
    });
  };

  const plain = (fields: LogFields): LogFields =>
    JSON.parse(
      JSON.stringify(fields, (_, value: unknown) =>
        value instanceof Error ? `${value.name}: ${value.message}` : value,
      ),
    ) as LogFields;
  const write =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) =>
      post({ type: 'log', level, event, fields: plain(fields) });
  const log: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: () => log,
  };

  /** Answers how it ended, when nothing of it is left here. */
  const run = async (spec: RunSpec, signal: AbortSignal): Promise<FromWorker> => {
    let latest: RunProgress | null = null;
    let timer: NodeJS.Timeout | null = null;
    let committed = 0;
    let notes: RunEntry[] = [];
    const flush = (): void => {
      timer = null;
      if (latest) {
        post({ type: 'progress', progress: latest, notes });
        notes = [];
      }
      latest = null;
    };
    try {
      const end = await runSync(spec, {
        tokens: {
          current: () => Promise.resolve(token),
          renew(stale) {
            if (token !== stale) return Promise.resolve(token);
            return ask((id) => ({ type: 'needToken', id, stale })).then(() => token);
          },
          refused: async (refused) => post({ type: 'tokenRefused', token: refused }),
        },
        gate: {
          enter: () =>
            ask((id) => ({ type: 'enter', id })).then((answer) =>
              answer.type === 'entered' ? answer.at : 0,
            ),
          refused: (until) => post({ type: 'rateLimited', until }),
          closed: (until) => post({ type: 'closed', until }),
        },
        intend: (result) => ask((id) => ({ type: 'intend', id, result: sendResult(result) })).then(() => {}),
        exchange: fetcher.exchange,
        release: fetcher.release,
        clock: systemClock,
        random: fractionsOf(randomBytes),
        log,
        onNote: (entry) => void notes.push(entry),
        onProgress: (progress) => {
          latest = progress;
          committed = progress.committed;
          timer ??= setTimeout(flush, progressMs);
        },
        signal,
      });
      return { type: 'done', end: sendEnd(end) };
    } catch (error) {
      if (error instanceof RateLimited) {
        return { type: 'waits', until: error.until, progressed: committed > 0 };
      }
      const known =
        error instanceof AppError
          ? error
          : new AppError('SYNC_FAILED', say('sync.syncStoppedDefectHeadgate'), { cause: error });
      const cause = known.cause instanceof Error ? (known.cause.stack ?? known.cause.message) : '';
      return { type: 'failed', error: known.toWire(), cause };
    } finally {
      if (timer) clearTimeout(timer);
      flush();
      wipeSpec(spec);
      waiting.clear();
      token = '';
      fetcher.rest();
    }
  };

  port.on('message', (message: ToWorker) => {
    if (message.type === 'start') {
      token = message.token;
      stop = new AbortController();
      void run(receiveSpec(message.spec), stop.signal).then(post);
    } else if (message.type === 'cancel') {
      stop.abort();
    } else if (message.type === 'end') {
      void fetcher.close().then(() => port.close());
    } else {
      const asking = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === 'refused') {
        const { error, until } = message;
        const refused = errorOf(error);
        asking?.reject(until === undefined ? refused : new RateLimited(refused.said, until));
        return;
      }
      if (message.type === 'token') token = message.token;
      asking?.resolve(message);
    }
  });
}
