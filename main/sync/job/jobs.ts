import type { Job } from '../../../preload/contract/models.ts';
import { RateLimited } from '../../connectors/retries.ts';
import { type Target, wipeTarget } from '../../engines/engine.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/index.ts';
import type { JobMode } from '../../store/jobs.ts';
import { abandon } from '../destination/postgres/abandon.ts';
import { isAlive } from '../destination/postgres/lease.ts';
import type { RunResult, RunSpec } from '../run-spec.ts';
import { type Budgets, budgetKey } from './budget.ts';
import { followJob } from './follow.ts';
import { createOutcomes } from './outcome.ts';
import { type Outcome, runInThread } from './thread.ts';

/** So long the target may take to be rid of what a job left there; then the job is over without it. */
const abandonMs = 8000;
/** How often a job that another process runs is looked at by somebody who waits for its end. */
const watchMs = 500;

/** What a run needs, apart from what the job itself says. */
export type Preparation = Omit<RunSpec, 'jobId' | 'mode' | 'intent' | 'siblings'>;

export interface JobDeps {
  readonly store: Store;
  readonly worker: URL;
  readonly log: Logger;
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly budgets: Budgets;
  /** Collects what the run needs, secrets included; they are overwritten here. Fails with what keeps it from running. */
  readonly prepare: (datasetId: string) => Promise<{ spec: Preparation; token: string }>;
  /** Where the dataset is, for what has to be undone there; its secrets are overwritten here. */
  readonly place: (datasetId: string) => Promise<{ target: Target; schema: string }>;
  readonly renewToken: (datasetId: string, stale: string) => Promise<string>;
  readonly onProgress: (job: Job) => void;
  /** A job began, paused or ended. */
  readonly onChanged: (job: Job) => void;
}

type StopReason = 'person' | 'quit' | 'cancel';

interface Running {
  readonly stop: (why: StopReason) => void;
  /** The job when this run of it is over: ended, or paused. */
  readonly over: Promise<Job>;
}

/** The sync jobs of this process: at most one per dataset, each in a worker thread of its own. */
export interface Jobs {
  /**
   * Starts a job, or answers the one that is under way: running, or waiting for its source. One that was paused goes
   * on. A person who starts while a refresh is held has it read anew.
   */
  start(datasetId: string, trigger: Job['trigger']): Job;
  /** Stops after the last commit; what is read stays. */
  pause(jobId: string): Promise<Job>;
  resume(jobId: string): Job;
  /** Stops at once and leaves nothing of it behind in the target. */
  cancel(jobId: string): Promise<Job>;
  /** Publishes what is held. Fails with NOT_FOUND when nothing is. */
  accept(datasetId: string): Job;
  /** Throws away what is held. */
  discard(datasetId: string): Promise<void>;
  /** Drops whatever is staged for a dataset, before it goes. Fails with DATASET_BUSY while somebody works on it. */
  dropStaged(datasetId: string): Promise<void>;
  /** Resolves when the job has ended, or was paused by a person or by closing. */
  ended(jobId: string): Promise<Job>;
  /** Marks the jobs of processes that are gone as ones that can be taken up. */
  closeOrphans(): void;
  /** Continues what can go on by itself: waits that are over, and jobs that Headgate's end cut off. Returns how many. */
  takeUp(): number;
  readonly running: number;
  close(): Promise<void>;
}

export function createJobs(deps: JobDeps): Jobs {
  const { store, clock } = deps;
  const running = new Map<string, Running>();
  const closing = new AbortController();
  const outcomes = createOutcomes({ ...deps, now: () => clock.now() });
  const iso = (): string => new Date(clock.now()).toISOString();
  const isLater = (until: string | null): boolean => until !== null && Date.parse(until) > clock.now();

  const siblings = (): string[] => [...running.keys()];

  const leaveNothing = async (job: Pick<Job, 'id' | 'datasetId'>): Promise<boolean> => {
    const { target, schema } = await deps.place(job.datasetId);
    return abandon(
      { target, schema, dataset: job.datasetId, job: job.id, id: deps.newId(), siblings: siblings() },
      AbortSignal.timeout(abandonMs),
    );
  };

  /** After a cancel: the target is cleaned and the job ends, or turns out to be published. */
  const finishCancel = async (job: Job, log: Logger): Promise<Job> => {
    const { mode, intent } = store.jobs.inner(job.id);
    let notice: string | null = null;
    try {
      // What a person was shown stays until they discard it.
      const published = mode !== 'accept' && (await leaveNothing(job));
      if (published && intent !== null) return outcomes.completed(job, intent as RunResult);
    } catch (error) {
      log.warn('sync.leftover', { error });
      const why = error instanceof AppError ? error.message : 'the database did not answer';
      notice = `What was read so far could not be removed from the database: ${why}`;
    }
    return outcomes.cancelled(job, cancelled().toWire(), notice);
  };

  const runOnce = async (
    job: Job,
    stop: AbortSignal,
    log: Logger,
  ): Promise<{ outcome: Outcome; key: string }> => {
    let key = '';
    const preparing = deps.prepare(job.datasetId);
    try {
      const { spec, token } = await Promise.race([preparing, abortOf(stop)]);
      key = budgetKey(spec.source.baseUrl, spec.source.settings);
      store.transaction(() => {
        store.jobs.start(job.id, iso());
        store.datasets.syncing(job.datasetId, iso());
      });
      deps.onChanged(store.jobs.get(job.id));
      const { mode, intent } = store.jobs.inner(job.id);
      const follow = followJob({ store, now: () => clock.now(), log, onProgress: deps.onProgress }, job.id);
      const outcome = await runInThread(
        {
          worker: deps.worker,
          log,
          gate: deps.budgets.gate(key),
          renewToken: (stale) => deps.renewToken(job.datasetId, stale),
          intend: (result) =>
            store.transaction(() => {
              store.jobs.intend(job.id, result);
              // Columns are made before anything is published: they are known for ours from now on, whatever comes of it.
              store.datasets.remember(job.datasetId, result.names, iso());
            }),
          onProgress: follow.take,
        },
        {
          ...spec,
          jobId: job.id,
          mode,
          intent: intent as RunResult | null,
          siblings: siblings().filter((id) => id !== job.id),
        },
        token,
        stop,
      );
      follow.save();
      return { outcome, key };
    } catch (error) {
      // Of a source that was asked for a token and asks to wait.
      if (error instanceof RateLimited)
        return { outcome: { kind: 'waits', until: error.until, progressed: false }, key };
      const known =
        error instanceof AppError
          ? error
          : new AppError('SYNC_FAILED', 'The sync could not be started.', { cause: error });
      if (known.code !== 'CANCELLED') log.error('sync.failed', { code: known.code, error: known });
      return { outcome: { kind: 'failed', error: known.toWire() }, key };
    } finally {
      // Also of a preparation that came too late.
      preparing.then(
        ({ spec }) => wipeTarget(spec.target),
        () => {},
      );
    }
  };

  const settle = async (
    job: Job,
    { outcome, key }: { outcome: Outcome; key: string },
    why: StopReason | null,
    log: Logger,
  ): Promise<Job> => {
    if (outcome.kind === 'published') return outcomes.completed(job, outcome.result);
    if (why === 'cancel') return finishCancel(job, log);
    if (outcome.kind === 'held') return outcomes.held(job, outcome.reasons);
    if (why !== null) return outcomes.paused(job, why);
    if (outcome.kind === 'failed') return outcomes.fail(job, outcome.error);
    if (outcomes.tooOften(job, outcome.progressed)) {
      const error = new AppError('SOURCE_RATE_LIMITED', 'The source asks to wait again and again.');
      return outcomes.fail(job, error.toWire());
    }
    const waiting = outcomes.waits(job, outcome.until, outcome.progressed);
    if (key !== '') deps.budgets.block(key, waiting.until);
    return waiting.job;
  };

  /** Runs a queued job of this process until it ends or pauses. */
  const launch = (job: Job): Job => {
    const log = deps.log.with({ jobId: job.id });
    const stopping = new AbortController();
    let why: StopReason | null = null;
    const work = async (): Promise<Job> => {
      const ran = await runOnce(job, stopping.signal, log);
      try {
        return await settle(job, ran, why, log);
      } catch (cause) {
        // The store itself failed. Its row still says that it runs here, so it is taken up again as one cut off; what
        // was published is recognised then.
        const text = 'The end of the sync could not be written to the workspace file.';
        const error = new AppError('STORE_UNAVAILABLE', text, { cause });
        log.error('sync.unwritten', { error });
        return { ...job, status: 'failed', phase: 'done', error: error.toWire(), finishedAt: iso() };
      }
    };
    const over = work().then((last) => {
      running.delete(job.id);
      deps.onProgress(last);
      deps.onChanged(last);
      if (last.status === 'paused' && last.pausedBy === 'source') wakeLater(last);
      return last;
    });
    running.set(job.id, {
      stop(reason) {
        // A cancel overrules a pause, nothing overrules a cancel.
        if (why !== 'cancel') why = reason;
        stopping.abort();
      },
      over,
    });
    deps.onChanged(job);
    return job;
  };

  /** Takes a paused job for this process and runs it; null when another process was faster or it ended. */
  const takeOver = (job: Job, trigger: Job['trigger'] | null): Job | null =>
    store.jobs.claim(job.id, process.pid, trigger) ? launch(store.jobs.get(job.id)) : null;

  const wakeLater = (job: Job): void => {
    const wait = Math.max(0, Date.parse(job.waitingUntil ?? iso()) - clock.now());
    clock.sleep(wait, closing.signal).then(
      () => {
        const now = closing.signal.aborted ? null : store.jobs.find(job.id);
        if (now?.status !== 'paused' || now.pausedBy !== 'source') return;
        if (isLater(now.waitingUntil)) wakeLater(now);
        else takeOver(now, null);
      },
      () => {},
    );
  };

  const create = (datasetId: string, trigger: Job['trigger'], mode: JobMode): Job =>
    launch(store.jobs.create({ id: deps.newId(), datasetId, trigger, mode, pid: process.pid }, iso()));

  const closeOrphans = (): void => {
    for (const { job, pid } of store.jobs.open()) {
      if (job.status === 'paused' || running.has(job.id)) continue;
      if (pid !== process.pid && isAlive(pid)) continue;
      if (!store.jobs.orphan(job.id, pid)) continue;
      store.datasets.settle(job.datasetId, iso());
      deps.log.info('sync.orphan', { jobId: job.id, pid });
    }
  };

  const elsewhere = (job: Job): AppError =>
    new AppError(
      'DATASET_BUSY',
      `This sync of “${job.sourceName}” is run by another Headgate of this computer.`,
    );

  /** Whether it goes on by itself: a person's pause does not. */
  const canGoOn = (job: Job): boolean => job.pausedBy !== 'person' && !isLater(job.waitingUntil);

  return {
    start(datasetId, trigger) {
      closeOrphans();
      const open = store.jobs.findOpen(datasetId);
      if (open) {
        if (open.status !== 'paused') return open;
        if (trigger === 'person') return this.resume(open.id);
        return (canGoOn(open) ? takeOver(open, null) : null) ?? store.jobs.get(open.id);
      }
      const { held } = store.datasets.get(datasetId);
      if (held === null) return create(datasetId, trigger, trigger === 'person' ? 'anew' : 'continue');
      if (trigger !== 'person') return store.jobs.get(held.jobId);
      store.datasets.release(datasetId, iso());
      return create(datasetId, trigger, 'anew');
    },
    async pause(jobId) {
      closeOrphans();
      const job = store.jobs.get(jobId);
      const here = running.get(jobId);
      if (here) {
        here.stop('person');
        return here.over;
      }
      if (job.finishedAt !== null) return job;
      if (job.status !== 'paused') throw elsewhere(job);
      const paused = outcomes.paused(job, 'person');
      deps.onChanged(paused);
      return paused;
    },
    resume(jobId) {
      closeOrphans();
      const job = store.jobs.get(jobId);
      if (job.status !== 'paused') return job;
      if (!isLater(job.waitingUntil)) return takeOver(job, null) ?? store.jobs.get(jobId);
      // The source has to be waited for all the same.
      const { waits } = store.jobs.inner(jobId);
      const waiting = store.jobs.pause(jobId, 'source', job.waitingUntil, waits);
      if (job.pausedBy !== 'source') wakeLater(waiting);
      deps.onChanged(waiting);
      return waiting;
    },
    async cancel(jobId) {
      closeOrphans();
      const here = running.get(jobId);
      if (here) {
        here.stop('cancel');
        return here.over;
      }
      const job = store.jobs.get(jobId);
      if (job.finishedAt !== null) return job;
      if (job.status !== 'paused') throw elsewhere(job);
      // Claimed, so that nobody takes it up while its schema is dropped.
      if (!store.jobs.claim(jobId, process.pid, null)) throw elsewhere(job);
      const over = finishCancel(job, deps.log.with({ jobId }));
      running.set(jobId, { stop: () => {}, over });
      try {
        const last = await over;
        deps.onProgress(last);
        deps.onChanged(last);
        return last;
      } finally {
        running.delete(jobId);
      }
    },
    accept(datasetId) {
      closeOrphans();
      if (store.datasets.get(datasetId).held === null) throw nothingHeld();
      return store.jobs.findOpen(datasetId) ?? create(datasetId, 'person', 'accept');
    },
    async discard(datasetId) {
      closeOrphans();
      const { held } = store.datasets.get(datasetId);
      if (held === null) throw nothingHeld();
      const open = store.jobs.findOpen(datasetId);
      if (open) throw new AppError('DATASET_BUSY', 'A sync of this dataset is under way.');
      await leaveNothing({ id: held.jobId, datasetId });
      store.datasets.release(datasetId, iso());
    },
    async dropStaged(datasetId) {
      await leaveNothing({ id: deps.newId(), datasetId });
    },
    async ended(jobId) {
      let last = store.jobs.get(jobId);
      while (!closing.signal.aborted) {
        const here = running.get(jobId);
        last = here ? await here.over : store.jobs.get(jobId);
        const waits = last.status === 'paused' && last.pausedBy === 'source';
        if (last.finishedAt !== null || (last.status === 'paused' && !waits)) return last;
        const { pid } = store.jobs.inner(jobId);
        if (!waits && !running.has(jobId) && (pid === process.pid || !isAlive(pid))) return last;
        await clock.sleep(watchMs, closing.signal).catch(() => {});
      }
      return last;
    },
    closeOrphans,
    takeUp() {
      closeOrphans();
      const ready = store.jobs.paused().filter(canGoOn);
      let taken = 0;
      for (const job of ready) if (takeOver(job, job.pausedBy === 'quit' ? 'resume' : null)) taken += 1;
      return taken;
    },
    get running() {
      return running.size;
    },
    async close() {
      closing.abort();
      await Promise.all(
        [...running.values()].map((job) => {
          job.stop('quit');
          return job.over;
        }),
      );
    },
  };
}

const nothingHeld = (): AppError =>
  new AppError('NOT_FOUND', 'No refresh of this dataset waits for review.', {
    advice: 'It may have been accepted or discarded already.',
  });

/** Rejects when the signal is aborted; never resolves. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(cancelled());
    signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
}
