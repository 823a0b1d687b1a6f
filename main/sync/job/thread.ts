import type { WireError } from '../../../preload/contract/errors.ts';
import type { RunEntry } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Gate } from '../../connectors/http.ts';
import { copyTarget } from '../../engines/engine.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { RateLimited } from '../../retries.ts';
import type { FromWorker, ToWorker } from '../run/in-thread.ts';
import { sendSpec, unpackEnd, unpackResult } from '../run/parcel.ts';
import { type RunEnd, type RunProgress, type RunResult, type RunSpec, wipeSpec } from '../run-spec.ts';
import type { Threads } from './threads.ts';

/** A worker that was asked to stop has this long before it is ended. Its transaction is undone by the server. */
const stopMs = 700;

/** How a run in a thread ended. A run that was stopped fails with CANCELLED. */
export type Outcome =
  | RunEnd
  | { readonly kind: 'waits'; readonly until: number | null; readonly progressed: boolean }
  | { readonly kind: 'failed'; readonly error: WireError };

export interface ThreadDeps {
  readonly threads: Pick<Threads, 'take' | 'rest' | 'end'>;
  readonly log: Logger;
  readonly gate: Gate;
  readonly renewToken: (stale: string) => Promise<string>;
  readonly tokenRefused: (token: string) => Promise<void>;
  /** Writes down what is about to be published; throws when it can't. */
  readonly intend: (result: RunResult) => Promise<void>;
  readonly onProgress: (progress: RunProgress, notes: readonly RunEntry[]) => void;
}

/**
 * Runs one sync in a worker thread. The secrets of the spec's target go there and are overwritten here, and there at the
 * end of the sync. The thread may be used again where its sync ended in order, and ends with it otherwise. Never rejects.
 */
export function runInThread(
  deps: ThreadDeps,
  spec: RunSpec,
  token: string,
  stop: AbortSignal,
): Promise<Outcome> {
  const { log, threads } = deps;
  const worker = threads.take(spec.route);
  const post = (message: ToWorker): void => worker.postMessage(message);
  const answer = (id: number, work: Promise<ToWorker>, otherwise: () => AppError): void =>
    void work.then(post, (error: unknown) => {
      const known = error instanceof AppError ? error : otherwise();
      const wait = known instanceof RateLimited ? { until: known.until } : {};
      post({ type: 'refused', id, error: known.toWire(), ...wait });
    });

  return new Promise<Outcome>((resolve) => {
    let settled = false;
    let killer: NodeJS.Timeout | null = null;
    const end = (outcome: Outcome): void => {
      if (settled) return;
      settled = true;
      if (killer) clearTimeout(killer);
      stop.removeEventListener('abort', cancel);
      worker.off('message', hear).off('error', broken).off('exit', gone);
      // One that was told to stop may hear of it after its next sync began; one that failed may not be done with it.
      const inOrder = outcome.kind === 'published' || outcome.kind === 'held';
      if (inOrder && !stop.aborted) threads.rest(worker);
      else threads.end(worker);
      resolve(outcome);
    };
    const failed = (error: AppError): void => {
      // The end of the thread follows each other end, and is news only without one.
      if (settled) return;
      log.error('sync.failed', { code: error.code, error });
      end({ kind: 'failed', error: error.toWire() });
    };
    const cancel = (): void => {
      post({ type: 'cancel' });
      killer = setTimeout(() => void worker.terminate(), stopMs);
    };
    const hear = (message: FromWorker): void => {
      switch (message.type) {
        case 'progress':
          deps.onProgress(message.progress, message.notes);
          break;
        case 'needToken':
          answer(
            message.id,
            deps.renewToken(message.stale).then((fresh) => ({ type: 'token', id: message.id, token: fresh })),
            () => new AppError('SYNC_FAILED', say('sync.signCouldNotRenewed')),
          );
          break;
        case 'tokenRefused':
          deps
            .tokenRefused(message.token)
            .catch((error: unknown) => log.warn('sync.token_refused', { error }));
          break;
        case 'enter':
          answer(
            message.id,
            deps.gate.enter().then((at) => ({ type: 'entered', id: message.id, at })),
            () => new AppError('STORE_UNAVAILABLE', say('sync.workspaceFileCanNot')),
          );
          break;
        case 'rateLimited':
          deps.gate.refused(message.until);
          break;
        case 'closed':
          deps.gate.closed(message.until);
          break;
        case 'intend':
          answer(
            message.id,
            (async () => {
              await deps.intend(unpackResult(message.result));
              return { type: 'intended', id: message.id };
            })(),
            () => new AppError('STORE_UNAVAILABLE', say('sync.whatPublishedCouldNot')),
          );
          break;
        case 'log':
          log[message.level](message.event, { ...message.fields });
          break;
        case 'done':
          end(unpackEnd(message.end));
          break;
        case 'waits':
          end({ kind: 'waits', until: message.until, progressed: message.progressed });
          break;
        case 'failed':
          if (message.error.code !== 'CANCELLED') {
            log.error('sync.failed', { code: message.error.code, cause: message.cause });
          }
          end({ kind: 'failed', error: message.error });
          break;
      }
    };
    const broken = (cause: unknown): void =>
      failed(
        new AppError(
          'SYNC_FAILED',
          (cause as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? say('sync.syncNeededMoreMemory')
            : say('sync.syncStoppedDefectHeadgate'),
          { cause },
        ),
      );
    const gone = (): void =>
      stop.aborted
        ? end({ kind: 'failed', error: cancelled().toWire() })
        : failed(new AppError('SYNC_FAILED', say('sync.workerSyncEndedEarly')));
    worker.on('message', hear).on('error', broken).on('exit', gone);
    if (stop.aborted) cancel();
    else stop.addEventListener('abort', cancel, { once: true });
    const { source } = spec;
    const own = {
      target: copyTarget(spec.target),
      source: { ...source, ...(source.target && { target: copyTarget(source.target) }) },
    };
    post({ type: 'start', spec: sendSpec({ ...spec, ...own }), token });
    for (const copy of [own, spec]) wipeSpec(copy);
  });
}
