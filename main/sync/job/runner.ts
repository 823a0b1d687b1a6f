import type { ErrorCode } from '../../../preload/contract/errors.ts';
import type { Job, RunEntry, RunLevel } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Target } from '../../engines/engine.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import type { Logger } from '../../log.ts';
import { RateLimited } from '../../retries.ts';
import type { Owner } from '../../store/data/jobs.ts';
import type { Store } from '../../store/index.ts';
import { abandon } from '../destination/postgres/abandon.ts';
import { roomForSyncs } from '../destination/postgres/room.ts';
import { type RunSpec, wipeSpec } from '../run-spec.ts';
import { type Budgets, budgetKey } from './budget.ts';
import { followJob } from './follow.ts';
import { createHeart } from './heart.ts';
import type { createOutcomes } from './outcome.ts';
import { entryOf, type Hide } from './run-entry.ts';
import { createSlots } from './slots.ts';
import type { Outcome, runInThread } from './thread.ts';
import type { Threads } from './threads.ts';

/** So long the target may take to be rid of what a job left there; then the job is over without it. */
const abandonMs = 8000;
/** So long a target may take to say how much room it has; then it is taken for as much as is wanted. */
const roomMs = 5000;

/** What a run needs, apart from what the job itself says. */
export type Preparation = Omit<RunSpec, 'jobId' | 'claim' | 'mode' | 'intent' | 'siblings'>;

export interface RunnerDeps {
  readonly store: Store;
  readonly threads: Threads;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly budgets: Budgets;
  /** How many jobs run at once in this process. */
  readonly atOnce: number;
  /** Runs one: in a worker thread. */
  readonly run: typeof runInThread;
  /** Collects what the run needs, secrets included; they are overwritten here. Fails with what keeps it from running. */
  readonly prepare: (datasetId: string) => Promise<{ spec: Preparation; token: string }>;
  /** Where the dataset is, for what has to be undone there; its secrets are overwritten here. */
  readonly place: (datasetId: string) => Promise<{ target: Target; schema: string }>;
  /** Whether a dataset's source or target can't be reached because this computer is on no network. */
  readonly mustWait: (datasetId: string) => boolean;
  /** What a connection leads to, to ask for its room; its secrets are overwritten here. */
  readonly target: (connectionId: string) => Promise<Target>;
  /** A newer token for the server that the run asks. */
  readonly renewToken: (datasetId: string, stale: string, source: Preparation['source']) => Promise<string>;
  /** Told that a token which was new is refused. */
  readonly tokenRefused: (datasetId: string, token: string) => Promise<void>;
  /** Takes secrets out of what a run says. */
  readonly hide: Hide;
  readonly onProgress: (job: Job) => void;
  /** A job began, paused or ended. */
  readonly onChanged: (job: Job) => void;
}

/** `taken`: another process has the job now, and nothing of it is for this one to say any more. */
export type StopReason = 'person' | 'quit' | 'network' | 'cancel' | 'taken';

export interface Running {
  readonly stop: (why: StopReason) => void;
  /** The job when this run of it is over: ended, or paused. */
  readonly over: Promise<Job>;
}

/** How a run ended, or that it waits for the network before it begins. */
interface Ran {
  readonly outcome: Outcome | { readonly kind: 'offline' };
  readonly key: string;
}

/** What a run fails with where a network goes away under it. */
const networkCodes: ReadonlySet<string> = new Set<ErrorCode>([
  ...(['OFFLINE', 'SOURCE_UNREACHABLE', 'PROXY_UNREACHABLE', 'DB_HOST_UNKNOWN', 'DB_REFUSED'] as const),
  ...(['DB_TIMEOUT', 'DB_LOST', 'SSH_UNREACHABLE', 'SSH_LOST'] as const),
]);

export interface Launch {
  /** A person wants it to go on although its source asked to wait. */
  readonly overrule?: boolean;
}

/** Runs the jobs that this process has taken, each in a worker thread of its own, as many at once as there is room for. */
export function createRunner(
  deps: RunnerDeps,
  own: {
    readonly owner: Owner;
    readonly outcomes: ReturnType<typeof createOutcomes>;
    readonly closing: AbortSignal;
    /** A job's run is over: it ended, or was paused. */
    readonly onOver: (job: Job) => void;
  },
) {
  const { store, clock } = deps;
  const { owner, outcomes } = own;
  const running = new Map<string, Running>();
  const iso = (): string => new Date(clock.now()).toISOString();
  const siblings = (): string[] => [...running.keys()];
  const tell = (level: RunLevel, said: Said): RunEntry => entryOf(iso(), level, said, deps.hide);
  const heart = createHeart({
    ...{ store, clock, log: deps.log, owner: owner.id, running: siblings },
    onTaken(jobId) {
      deps.log.warn('sync.taken', { jobId });
      running.get(jobId)?.stop('taken');
    },
  });
  const slots = createSlots({
    ...{ limit: deps.atOnce, signal: own.closing, clock, log: deps.log },
    async roomOf(connectionId, jobs) {
      return roomForSyncs(await deps.target(connectionId), jobs, AbortSignal.timeout(roomMs));
    },
  });

  const leaveNothing = async (job: Pick<Job, 'id' | 'datasetId'>): Promise<boolean> => {
    const { target, schema } = await deps.place(job.datasetId);
    return abandon(
      {
        ...{ target, schema, dataset: job.datasetId, job: job.id, claim: store.jobs.claims(job.id) },
        ...{ id: deps.newId(), siblings: siblings() },
      },
      AbortSignal.timeout(abandonMs),
    );
  };

  /** After a cancel: the target is cleaned and the job ends, or turns out to be published. */
  const finishCancel = async (job: Job, log: Logger): Promise<Job> => {
    const { mode } = store.jobs.inner(job.id);
    let notice: Said | null = null;
    try {
      // What a person was shown stays until they discard it.
      const published = mode !== 'accept' && (await leaveNothing(job));
      const intent = published ? await outcomes.intended(job) : null;
      if (intent !== null) return await outcomes.completed(job, intent);
    } catch (error) {
      log.warn('sync.leftover', { error });
      const why = error instanceof AppError ? error.said : say('sync.databaseSilent');
      notice = say('sync.notRemoved', { why });
    }
    return outcomes.cancelled(job, cancelled().toWire(), notice);
  };

  const runOnce = async (
    job: Job,
    stop: AbortSignal,
    log: Logger,
    { overrule = false }: Launch,
  ): Promise<{ outcome: Outcome; key: string }> => {
    let key = '';
    const preparing = deps.prepare(job.datasetId);
    try {
      const { spec, token } = await Promise.race([preparing, abortOf(stop)]);
      key = budgetKey(spec.source.baseUrl, spec.source.settings);
      if (overrule) deps.budgets.unblock(key);
      store.transaction(() => {
        store.jobs.start(job.id, owner.id, iso());
        store.datasets.syncing(job.datasetId, iso());
      });
      deps.onChanged(store.jobs.get(job.id));
      const { mode, claim } = store.jobs.inner(job.id);
      const follow = followJob(
        { store, owner: owner.id, now: () => clock.now(), log, hide: deps.hide, onProgress: deps.onProgress },
        job.id,
      );
      const outcome = await deps.run(
        {
          threads: deps.threads,
          log,
          gate: deps.budgets.gate(key),
          async renewToken(stale) {
            const fresh = await deps.renewToken(job.datasetId, stale, spec.source);
            follow.note(tell('info', say('runs.signInRenewed')));
            return fresh;
          },
          tokenRefused(refused) {
            follow.note(tell('error', say('runs.signInRefused')));
            return deps.tokenRefused(job.datasetId, refused);
          },
          intend: (result) => outcomes.intend(job, result),
          onProgress: follow.take,
        },
        {
          ...spec,
          jobId: job.id,
          claim,
          mode,
          intent: await outcomes.intended(job),
          siblings: siblings().filter((id) => id !== job.id),
        },
        token,
        stop,
      );
      follow.save();
      return { outcome, key };
    } catch (error) {
      return { outcome: endedBy(error, log), key };
    } finally {
      // Also of a preparation that came too late.
      preparing.then(
        ({ spec }) => wipeSpec(spec),
        () => {},
      );
    }
  };

  /** Waits until there is room for it, then runs it. */
  const runInTurn = async (job: Job, stop: AbortSignal, log: Logger, how: Launch): Promise<Ran> => {
    let told = '';
    const onWait = (reason: Said): void => {
      if (JSON.stringify(reason) === told) return;
      told = JSON.stringify(reason);
      try {
        store.jobs.note(job.id, owner.id, reason);
        const waiting = store.jobs.get(job.id);
        deps.onProgress(waiting);
        deps.onChanged(waiting);
      } catch (error) {
        log.warn('sync.wait_untold', { error });
      }
    };
    try {
      if (deps.mustWait(job.datasetId)) return { outcome: { kind: 'offline' }, key: '' };
      const { connectionId, sourceId } = store.datasets.get(job.datasetId);
      const urgent = job.trigger === 'person';
      return await slots.run({ jobId: job.id, connectionId, sourceId, urgent, signal: stop, onWait }, () =>
        runOnce(job, stop, log, how),
      );
    } catch (error) {
      return { outcome: endedBy(error, log), key: '' };
    }
  };

  const settle = async (
    job: Job,
    { outcome, key }: Ran,
    why: StopReason | null,
    log: Logger,
  ): Promise<Job> => {
    if (why === 'taken' || !store.jobs.mayWrite(job.id, owner.id)) return store.jobs.get(job.id);
    if (outcome.kind === 'published') return outcomes.completed(job, outcome.result);
    if (why === 'cancel') return finishCancel(job, log);
    if (outcome.kind === 'held') return outcomes.held(job, outcome.reasons, outcome.rowCounts);
    if (why !== null) return outcomes.paused(job, why);
    if (outcome.kind === 'offline') return outcomes.paused(job, 'network');
    if (outcome.kind === 'failed') {
      // No attempt is lost to a network that went away: it goes on from its last commit when there is one again.
      if (networkCodes.has(outcome.error.code) && deps.mustWait(job.datasetId))
        return outcomes.paused(job, 'network');
      return outcomes.fail(job, outcome.error);
    }
    if (outcomes.tooOften(job, outcome.progressed)) {
      const error = new AppError('SOURCE_RATE_LIMITED', say('sync.sourceAsksWaitAgain'));
      return outcomes.fail(job, error.toWire());
    }
    const waiting = outcomes.waits(job, outcome.until, outcome.progressed);
    if (key !== '') deps.budgets.block(key, waiting.until);
    return waiting.job;
  };

  return {
    leaveNothing,
    has: (jobId: string): boolean => running.has(jobId),
    get: (jobId: string): Running | undefined => running.get(jobId),
    get size(): number {
      return running.size;
    },
    /** Runs a queued job of this process until it ends or pauses. */
    launch(job: Job, how: Launch = {}): Job {
      const log = deps.log.with({ jobId: job.id });
      const stopping = new AbortController();
      let why: StopReason | null = null;
      const work = async (): Promise<Job> => {
        const ran = await runInTurn(job, stopping.signal, log, how);
        try {
          return await settle(job, ran, why, log);
        } catch (cause) {
          // The store itself failed. Its row still says that it runs here, so it is taken up again as one cut off; what
          // was published is recognised then.
          const text = say('sync.endSyncCouldNot');
          const error = new AppError('STORE_UNAVAILABLE', text, { cause });
          log.error('sync.unwritten', { error });
          return { ...job, status: 'failed', phase: 'done', error: error.toWire(), finishedAt: iso() };
        }
      };
      const over = work().then((last) => {
        running.delete(job.id);
        deps.onProgress(last);
        deps.onChanged(last);
        own.onOver(last);
        return last;
      });
      running.set(job.id, {
        stop(reason) {
          // A cancel overrules a pause, nothing overrules a cancel but that the job is somebody else's.
          if (why !== 'taken' && (why !== 'cancel' || reason === 'taken')) why = reason;
          stopping.abort();
        },
        over,
      });
      heart.wake();
      deps.onChanged(job);
      return job;
    },
    /** Stops what runs here and can't go on without a network, after its last commit. */
    awaitNetwork(): void {
      for (const [jobId, job] of running)
        if (deps.mustWait(store.jobs.get(jobId).datasetId)) job.stop('network');
    },
    /** Cancels a job of this process that is not running; nobody may take it up meanwhile. */
    async cancel(job: Job): Promise<Job> {
      const over = finishCancel(job, deps.log.with({ jobId: job.id }));
      running.set(job.id, { stop: () => {}, over });
      heart.wake();
      try {
        const last = await over;
        deps.onProgress(last);
        deps.onChanged(last);
        return last;
      } finally {
        running.delete(job.id);
      }
    },
    async close(): Promise<void> {
      await Promise.all(
        [...running.values()].map((job) => {
          job.stop('quit');
          return job.over;
        }),
      );
      heart.stop();
    },
  };
}

/** What becomes of a run that an error kept from beginning. */
function endedBy(error: unknown, log: Logger): Outcome {
  // Of a source that was asked for a token and asks to wait.
  if (error instanceof RateLimited) return { kind: 'waits', until: error.until, progressed: false };
  const known =
    error instanceof AppError
      ? error
      : new AppError('SYNC_FAILED', say('sync.syncCouldNotStarted'), { cause: error });
  if (known.code !== 'CANCELLED') log.error('sync.failed', { code: known.code, error: known });
  return { kind: 'failed', error: known.toWire() };
}

/** Rejects when the signal is aborted; never resolves. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(cancelled());
    signal.addEventListener('abort', () => reject(cancelled()), { once: true });
  });
}
