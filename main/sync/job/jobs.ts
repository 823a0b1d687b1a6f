import type { Job } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { ProcessTable } from '../../os-process.ts';
import type { JobMode, OpenJob, Owner } from '../../store/data/jobs.ts';
import { createOutcomes } from './outcome.ts';
import { entryOf } from './run-entry.ts';
import { createRunner, type Launch, type RunnerDeps } from './runner.ts';
import { createWatch } from './watch.ts';

/** How often a job that another process runs is looked at by somebody who waits for its end. */
const watchMs = 500;

export interface JobDeps extends RunnerDeps {
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly processes: ProcessTable;
  /** Milliseconds that only go forward, whatever becomes of the clock. */
  readonly elapsed: () => number;
}

/** What somebody who follows a job waits for meanwhile, beside its own work. */
export type WaitsFor =
  | { readonly kind: 'process'; readonly owner: Owner }
  | { readonly kind: 'source'; readonly until: string }
  | { readonly kind: 'network' };

export interface Following {
  readonly onWait?: (job: Job, what: WaitsFor) => void;
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal;
}

/** The sync jobs of this process: at most one per dataset, each in a worker thread of its own. */
export interface Jobs {
  /** What this process is called in the jobs that it runs. */
  readonly runner: string;
  /**
   * Starts a job, or answers the one that is under way: queued, running, or waiting for its source. One that was paused
   * goes on. A person who starts while a refresh is held has it read anew.
   */
  start(datasetId: string, trigger: Job['trigger']): Job;
  /** Stops after the last commit; what is read stays. */
  pause(jobId: string): Promise<Job>;
  /** A person wants a paused job to go on now, also one that its source asked to wait. */
  resume(jobId: string): Job;
  /** Takes an open job from whichever process runs it, also one that is alive, and runs it here. */
  takeOver(jobId: string): Job;
  /** Stops at once and leaves nothing of it behind in the target. */
  cancel(jobId: string): Promise<Job>;
  /** Publishes what is held. Fails with NOT_FOUND when nothing is. */
  accept(datasetId: string): Job;
  /** Throws away what is held. */
  discard(datasetId: string): Promise<void>;
  /** Drops whatever is staged for a dataset, before it goes. Fails with DATASET_BUSY while somebody works on it. */
  dropStaged(datasetId: string): Promise<void>;
  /**
   * Resolves when the job has ended, or was paused by a person or by closing this process. Whoever else runs it is waited
   * for; when that one goes away, the job is taken up here.
   */
  ended(jobId: string, following?: Following): Promise<Job>;
  /** Marks the jobs of processes that are gone as ones that can be taken up. */
  closeOrphans(): void;
  /** Stops after the last commit what can't go on without the network that this computer lost; `takeUp` continues it. */
  awaitNetwork(): void;
  /** Continues what can go on by itself: waits that are over, and jobs that Headgate's end cut off. Returns how many. */
  takeUp(): number;
  readonly running: number;
  close(): Promise<void>;
}

export function createJobs(deps: JobDeps): Jobs {
  const { store, clock } = deps;
  const owner: Owner = { id: deps.newId(), ...deps.processes.own() };
  const closing = new AbortController();
  const outcomes = createOutcomes({ ...deps, owner: owner.id, now: () => clock.now() });
  const watch = createWatch(deps.elapsed);
  const iso = (): string => new Date(clock.now()).toISOString();
  const tell = (jobId: string, said: Said): void =>
    store.runs.say(jobId, [entryOf(iso(), 'info', said, deps.hide)]);
  const isLater = (until: string | null): boolean => until !== null && Date.parse(until) > clock.now();
  const waitsForSource = (job: Job): boolean => job.status === 'paused' && job.pausedBy === 'source';

  const runner = createRunner(deps, {
    ...{ owner, outcomes, closing: closing.signal },
    onOver(last) {
      if (waitsForSource(last)) wakeLater(last);
    },
  });

  /** Takes a paused job for this process and runs it; null when another process was faster or it ended. */
  const take = (job: Job, trigger: Job['trigger'] | null, how?: Launch): Job | null => {
    if (!store.jobs.claim(job.id, owner, trigger)) return null;
    tell(job.id, say('runs.taken'));
    return runner.launch(store.jobs.get(job.id), how);
  };

  const wakeLater = (job: Job): void => {
    const wait = Math.max(0, Date.parse(job.waitingUntil ?? iso()) - clock.now());
    clock.sleep(wait, closing.signal).then(
      () => {
        const now = closing.signal.aborted ? null : store.jobs.find(job.id);
        if (!now || !waitsForSource(now)) return;
        if (isLater(now.waitingUntil)) wakeLater(now);
        else take(now, null);
      },
      () => {},
    );
  };

  /** Begins a job; another process may have begun one at the same moment, which is joined then. */
  const create = (datasetId: string, trigger: Job['trigger'], mode: JobMode): Job => {
    const made = store.jobs.create({ id: deps.newId(), datasetId, trigger, mode, owner }, iso());
    if (made) tell(made.id, say(`runs.asked.${mode === 'accept' ? mode : trigger}`));
    return made ? runner.launch(made) : (store.jobs.findOpen(datasetId) ?? create(datasetId, trigger, mode));
  };

  /** Whether whoever runs an open job is known to be gone, or gives no sign of life any more. */
  const isOrphan = ({ job, owner: theirs, beat }: OpenJob): boolean => {
    const fate = theirs.id === owner.id ? 'gone' : deps.processes.fateOf(theirs);
    // What this very process began under another name was closed: there is one of these at a time.
    return fate === 'gone' || fate === 'own' || watch.isSilent(job.id, `${theirs.id} ${beat}`);
  };

  const orphan = (job: Job, theirs: Owner, event: string): boolean => {
    if (!store.jobs.orphan(job.id, theirs.id)) return false;
    store.datasets.settle(job.datasetId, iso());
    deps.log.info(event, { jobId: job.id, host: theirs.host, pid: theirs.pid });
    return true;
  };

  const closeOrphans = (): void => {
    const open = store.jobs.open().filter(({ job }) => job.status !== 'paused' && !runner.has(job.id));
    watch.keepOnly(new Set(open.map(({ job }) => job.id)));
    for (const each of open) if (isOrphan(each)) orphan(each.job, each.owner, 'sync.orphan');
  };

  const elsewhere = (job: Job): AppError =>
    new AppError(
      'DATASET_BUSY',
      say('sync.syncRunAnotherHeadgate', {
        sourceName: job.sourceName,
        pid: String(store.jobs.inner(job.id).owner.pid),
      }),
      {
        advice: say('sync.syncRunAnotherHeadgate.advice'),
      },
    );

  const staysOffline = ({ pausedBy, datasetId }: Job): boolean =>
    pausedBy === 'network' && deps.mustWait(datasetId);
  /** Whether it goes on by itself: a person's pause does not. */
  const canGoOn = (job: Job): boolean =>
    job.pausedBy !== 'person' && !isLater(job.waitingUntil) && !staysOffline(job);

  /** Lets a paused job go on that somebody wants, when its source lets it. */
  const goOn = (job: Job): Job => {
    if (!isLater(job.waitingUntil)) return take(job, null) ?? store.jobs.get(job.id);
    if (job.pausedBy === 'source') return job;
    const waiting = store.jobs.pause(job.id, 'source', job.waitingUntil, store.jobs.inner(job.id).waits);
    wakeLater(waiting);
    deps.onChanged(waiting);
    return waiting;
  };

  return {
    runner: owner.id,
    start(datasetId, trigger) {
      closeOrphans();
      const open = store.jobs.findOpen(datasetId);
      if (open) {
        if (open.status !== 'paused') return open;
        if (trigger === 'person') return goOn(open);
        return (canGoOn(open) ? take(open, null) : null) ?? store.jobs.get(open.id);
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
      const here = runner.get(jobId);
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
      return take(job, null, { overrule: true }) ?? store.jobs.get(jobId);
    },
    takeOver(jobId) {
      const job = store.jobs.get(jobId);
      if (job.finishedAt !== null || runner.has(jobId)) return job;
      if (job.status !== 'paused') orphan(job, store.jobs.inner(jobId).owner, 'sync.taken_over');
      return this.resume(jobId);
    },
    async cancel(jobId) {
      closeOrphans();
      const here = runner.get(jobId);
      if (here) {
        here.stop('cancel');
        return here.over;
      }
      const job = store.jobs.get(jobId);
      if (job.finishedAt !== null) return job;
      // Claimed, so that nobody takes it up while its schema is dropped.
      if (job.status !== 'paused' || !store.jobs.claim(jobId, owner, null)) throw elsewhere(job);
      return runner.cancel(job);
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
      if (open) throw new AppError('DATASET_BUSY', say('sync.syncDatasetUnderWay'));
      await runner.leaveNothing({ id: held.jobId, datasetId });
      store.datasets.release(datasetId, iso());
    },
    async dropStaged(datasetId) {
      await runner.leaveNothing({ id: deps.newId(), datasetId });
    },
    async ended(jobId, { onWait = () => {}, signal = new AbortController().signal } = {}) {
      const stop = AbortSignal.any([closing.signal, signal]);
      const left = new Promise<null>((resolve) => {
        if (signal.aborted) resolve(null);
        else signal.addEventListener('abort', () => resolve(null), { once: true });
      });
      /** Somebody else had it while it was waited for. */
      let ranElsewhere = false;
      let last = store.jobs.get(jobId);
      while (!stop.aborted) {
        const here = runner.get(jobId);
        // Whoever closes this process waits until it is paused; whoever only leaves does not.
        last = (here && (await Promise.race([here.over, left]))) ?? store.jobs.get(jobId);
        if (last.finishedAt !== null) return last;
        if (stop.aborted || runner.has(jobId)) continue;
        if (waitsForSource(last)) {
          if (isLater(last.waitingUntil)) onWait(last, { kind: 'source', until: last.waitingUntil ?? '' });
          else if (take(last, null)) continue;
        } else if (last.status === 'paused' && last.pausedBy === 'network') {
          if (staysOffline(last)) onWait(last, { kind: 'network' });
          else if (canGoOn(last) && take(last, null)) continue;
        } else if (last.status === 'paused') {
          // Whoever it was that ran it has left it: it goes on here, for the one who waits.
          if (!ranElsewhere || last.pausedBy === 'person') return last;
          if (take(last, 'resume')) continue;
        } else {
          ranElsewhere = true;
          onWait(last, { kind: 'process', owner: store.jobs.inner(jobId).owner });
          closeOrphans();
        }
        await clock.sleep(watchMs, stop).catch(() => {});
      }
      return last;
    },
    closeOrphans,
    awaitNetwork: () => runner.awaitNetwork(),
    takeUp() {
      closeOrphans();
      const ready = store.jobs.paused().filter(canGoOn);
      let taken = 0;
      for (const job of ready) if (take(job, job.pausedBy === 'quit' ? 'resume' : null)) taken += 1;
      return taken;
    },
    get running() {
      return runner.size;
    },
    async close() {
      closing.abort();
      await runner.close();
    },
  };
}

export const nothingHeld = (): AppError =>
  new AppError('NOT_FOUND', say('sync.noRefreshDatasetWaits'), {
    advice: say('sync.noRefreshDatasetWaits.advice'),
  });
