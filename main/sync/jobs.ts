import { Worker } from 'node:worker_threads';
import type { WireError } from '../../preload/contract/errors.ts';
import type { Job } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { RunProgress, RunSpec } from './run-spec.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** The job's row is written at most so often while it runs; events are as frequent as the worker tells. */
const saveMs = 1000;
/** A refresh that failed when it was due is tried again after this time. */
const retryMs = 3_600_000;
/** A worker that was asked to stop has this long before it is ended. Its transaction is undone by the server. */
const stopMs = 10_000;
/**
 * The worker's old generation may grow to this before V8 collects in earnest; without a bound it would take what the
 * machine has. Three pages in flight need a fraction of it.
 */
const workerHeapMb = 512;
/** A page's records live as long as the page: a young generation that holds a few of them spares most of the collector's work. */
const workerYoungMb = 64;

export interface JobDeps {
  readonly store: Store;
  readonly worker: URL;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: () => string;
  /** Collects what the run needs, secrets included. Fails with what keeps it from running. */
  readonly prepare: (datasetId: string) => Promise<{ spec: RunSpec; token: string }>;
  readonly renewToken: (datasetId: string, stale: string) => Promise<string>;
  readonly onProgress: (job: Job) => void;
  /** A job began or ended. */
  readonly onChanged: (job: Job) => void;
}

interface Running {
  readonly stop: () => void;
  readonly ended: Promise<Job>;
}

/** The sync jobs of this process: at most one per dataset, each in a worker thread of its own. */
export interface Jobs {
  /** Starts a job, or answers the one that is under way. */
  start(datasetId: string, trigger: Job['trigger']): Job;
  /** Stops it at once; what is committed stays and is continued by the next one. */
  cancel(jobId: string): Promise<Job>;
  /** Resolves when the job has ended, however. */
  ended(jobId: string): Promise<Job>;
  /** Ends the jobs of processes that were killed: their work is in the target and goes on when started again. */
  closeOrphans(): void;
  readonly running: number;
  close(): Promise<void>;
}

/** Whether a process of this machine runs. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function createJobs(deps: JobDeps): Jobs {
  const { store, log } = deps;
  const running = new Map<string, Running>();
  const iso = (): string => new Date(deps.now()).toISOString();

  const retryAt = (): string => new Date(deps.now() + retryMs).toISOString();

  const fail = (job: Job, error: WireError): Job => {
    const cancelled = error.code === 'CANCELLED';
    return store.transaction(() => {
      if (cancelled) store.datasets.settle(job.datasetId, iso());
      else store.datasets.failed(job.datasetId, error, retryAt(), iso());
      return store.jobs.finish(job.id, { status: cancelled ? 'cancelled' : 'failed', error }, iso());
    });
  };

  const run = async (job: Job, stopping: AbortController): Promise<Job> => {
    try {
      const { spec, token } = await deps.prepare(job.datasetId);
      if (stopping.signal.aborted) throw new AppError('CANCELLED', 'The sync was cancelled.');
      store.transaction(() => {
        store.jobs.start(job.id, iso());
        store.datasets.syncing(job.datasetId, iso());
      });
      deps.onChanged(store.jobs.get(job.id));
      return await inWorker(job, spec, token, stopping.signal);
    } catch (error) {
      const known =
        error instanceof AppError
          ? error
          : new AppError('SYNC_FAILED', 'The sync could not be started.', { cause: error });
      log.error('sync.failed', { jobId: job.id, code: known.code, error: known });
      return fail(job, known.toWire());
    }
  };

  const inWorker = (job: Job, spec: RunSpec, token: string, stop: AbortSignal): Promise<Job> => {
    const worker = new Worker(deps.worker, {
      name: `sync ${job.id}`,
      resourceLimits: { maxOldGenerationSizeMb: workerHeapMb, maxYoungGenerationSizeMb: workerYoungMb },
      // The worker gets nothing of the process's environment or arguments.
      env: {},
      argv: [],
      execArgv: [],
    });
    const post = (message: ToWorker): void => worker.postMessage(message);
    let lastSaved = 0;
    let latest: RunProgress | null = null;

    const save = (progress: RunProgress): void => {
      const until = progress.waitingUntil === null ? null : new Date(progress.waitingUntil).toISOString();
      store.jobs.progress(job.id, progress.phase, until, progress.tables);
      lastSaved = deps.now();
    };
    const view = (progress: RunProgress): Job => ({
      ...base,
      phase: progress.phase,
      tables: [...progress.tables],
      waitingUntil: progress.waitingUntil === null ? null : new Date(progress.waitingUntil).toISOString(),
    });
    const base = store.jobs.get(job.id);

    return new Promise<Job>((resolve) => {
      let settled = false;
      let killer: NodeJS.Timeout | null = null;
      const end = (finish: () => Job): void => {
        if (settled) return;
        settled = true;
        if (killer) clearTimeout(killer);
        stop.removeEventListener('abort', cancel);
        if (latest) save(latest);
        resolve(finish());
      };
      const failed = (error: AppError): void => {
        log.error('sync.failed', { jobId: job.id, code: error.code, error });
        end(() => fail(job, error.toWire()));
      };
      const cancel = (): void => {
        post({ type: 'cancel' });
        killer = setTimeout(() => void worker.terminate(), stopMs);
      };
      stop.addEventListener('abort', cancel, { once: true });

      worker.on('message', (message: FromWorker) => {
        switch (message.type) {
          case 'progress':
            latest = message.progress;
            if (deps.now() - lastSaved >= saveMs) save(latest);
            deps.onProgress(view(latest));
            break;
          case 'needToken':
            deps.renewToken(job.datasetId, message.stale).then(
              (fresh) => post({ type: 'token', id: message.id, token: fresh }),
              (error: unknown) => {
                const known =
                  error instanceof AppError
                    ? error
                    : new AppError('SIGN_IN_EXPIRED', 'No new token could be had.');
                post({ type: 'tokenFailed', id: message.id, error: known.toWire() });
              },
            );
            break;
          case 'log':
            log[message.level](message.event, { jobId: job.id, ...message.fields });
            break;
          case 'done':
            end(() => complete(job, spec, message.result));
            break;
          case 'failed':
            if (message.error.code !== 'CANCELLED') {
              log.error('sync.failed', { jobId: job.id, code: message.error.code, cause: message.cause });
            }
            end(() => fail(job, message.error));
            break;
        }
      });
      worker.on('error', (cause) =>
        failed(
          new AppError(
            'SYNC_FAILED',
            (cause as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? 'The sync needed more memory than it may use.'
              : 'The sync stopped on a defect of Headgate.',
            { cause },
          ),
        ),
      );
      worker.on('exit', () =>
        stop.aborted
          ? end(() => fail(job, new AppError('CANCELLED', 'The sync was cancelled.').toWire()))
          : failed(new AppError('SYNC_FAILED', 'The worker of the sync ended early.')),
      );
      post({ type: 'start', spec, token });
    });
  };

  const complete = (
    job: Job,
    spec: RunSpec,
    result: Extract<FromWorker, { type: 'done' }>['result'],
  ): Job => {
    const link = store.links.get(store.datasets.get(job.datasetId).linkId);
    return store.transaction(() => {
      const nextSyncAt = new Date(deps.now() + link.refreshIntervalHours * 3_600_000).toISOString();
      store.datasets.ready(
        job.datasetId,
        { dataAsOf: result.dataAsOf, nextSyncAt, rowCounts: result.rowCounts, names: result.names },
        iso(),
      );
      log.info('sync.completed', { jobId: job.id, schema: spec.schema });
      return store.jobs.finish(
        job.id,
        { status: 'completed', rowCounts: result.rowCounts, notice: result.notice },
        iso(),
      );
    });
  };

  return {
    start(datasetId, trigger) {
      this.closeOrphans();
      const open = store.jobs.findOpen(datasetId);
      if (open) return open;
      const job = store.jobs.create(deps.newId(), datasetId, trigger, process.pid, iso());
      const stopping = new AbortController();
      const settled = run(job, stopping).then((last) => {
        running.delete(job.id);
        deps.onProgress(last);
        deps.onChanged(last);
        return last;
      });
      running.set(job.id, { stop: () => stopping.abort(), ended: settled });
      deps.onChanged(job);
      return job;
    },
    async cancel(jobId) {
      const job = running.get(jobId);
      if (!job) return store.jobs.get(jobId);
      job.stop();
      return job.ended;
    },
    async ended(jobId) {
      return running.get(jobId)?.ended ?? store.jobs.get(jobId);
    },
    closeOrphans() {
      for (const { job, pid } of store.jobs.open()) {
        if (running.has(job.id) || isAlive(pid)) continue;
        fail(job, new AppError('SYNC_FAILED', 'Headgate was closed while this sync ran.').toWire());
      }
    },
    get running() {
      return running.size;
    },
    async close() {
      const ending = [...running.values()].map((job) => {
        job.stop();
        return job.ended;
      });
      await Promise.all(ending);
    },
  };
}
