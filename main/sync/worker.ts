import { randomBytes } from 'node:crypto';
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { WireError } from '../../preload/contract/errors.ts';
import { systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { LogFields, Logger, LogLevel } from '../log.ts';
import { runSync } from './run.ts';
import type { RunProgress, RunResult, RunSpec } from './run-spec.ts';

/** What the main thread says to a sync's worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly spec: RunSpec; readonly token: string }
  | { readonly type: 'token'; readonly id: number; readonly token: string }
  | { readonly type: 'tokenFailed'; readonly id: number; readonly error: WireError }
  | { readonly type: 'cancel' };

/** What it answers. Exactly one of `done` and `failed` comes last. */
export type FromWorker =
  | { readonly type: 'progress'; readonly progress: RunProgress }
  | { readonly type: 'needToken'; readonly id: number; readonly stale: string }
  | { readonly type: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields }
  | { readonly type: 'done'; readonly result: RunResult }
  | { readonly type: 'failed'; readonly error: WireError; readonly cause: string };

/** Progress is told at most so often; the last state always. */
const progressMs = 100;

function start(port: MessagePort): void {
  const stop = new AbortController();
  const waiting = new Map<number, { resolve: (token: string) => void; reject: (error: Error) => void }>();
  let token = '';
  let asked = 0;
  const post = (message: FromWorker): void => port.postMessage(message);

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

  let latest: RunProgress | null = null;
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    timer = null;
    if (latest) post({ type: 'progress', progress: latest });
    latest = null;
  };

  const run = async (spec: RunSpec): Promise<void> => {
    try {
      const result = await runSync(spec, {
        tokens: {
          current: () => Promise.resolve(token),
          renew(stale) {
            if (token !== stale) return Promise.resolve(token);
            asked += 1;
            const id = asked;
            post({ type: 'needToken', id, stale });
            return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
          },
        },
        fetch,
        clock: systemClock,
        random: () => randomBytes(4).readUInt32LE() / 2 ** 32,
        log,
        onProgress: (progress) => {
          latest = progress;
          timer ??= setTimeout(flush, progressMs);
        },
        signal: stop.signal,
      });
      flush();
      post({ type: 'done', result });
    } catch (error) {
      flush();
      const known =
        error instanceof AppError
          ? error
          : new AppError('SYNC_FAILED', 'The sync stopped on a defect of Headgate.', { cause: error });
      const cause = known.cause instanceof Error ? (known.cause.stack ?? known.cause.message) : '';
      post({ type: 'failed', error: known.toWire(), cause });
    } finally {
      if (timer) clearTimeout(timer);
      port.close();
    }
  };

  port.on('message', (message: ToWorker) => {
    if (message.type === 'start') {
      token = message.token;
      void run(message.spec);
    } else if (message.type === 'cancel') {
      stop.abort();
    } else {
      const asking = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === 'token') {
        token = message.token;
        asking?.resolve(message.token);
      } else {
        const { code, message: text, advice } = message.error;
        asking?.reject(new AppError(code, text, { advice }));
      }
    }
  });
}

if (parentPort) start(parentPort);
