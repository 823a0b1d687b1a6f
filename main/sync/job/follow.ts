import type { Job, RunEntry, RunFacts, RunPhase } from '../../../preload/contract/models.ts';
import type { Logger } from '../../log.ts';
import { noFacts } from '../../store/data/runs.ts';
import type { Store } from '../../store/index.ts';
import type { RunProgress } from '../run-spec.ts';
import { type Hide, hidden } from './run-entry.ts';

/** The job's row is written at most so often while it runs; events are as frequent as the worker tells. */
const saveMs = 1000;
/** Stretches of a run that are kept: a source that asks to wait again and again makes three of each. */
const mostPhases = 60;

export interface FollowDeps {
  readonly store: Pick<Store, 'jobs' | 'runs' | 'transaction'>;
  /** The process that runs the job: what it tells is written only while the job is its own. */
  readonly owner: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly hide: Hide;
  readonly onProgress: (job: Job) => void;
}

/** What was known of a run, with what an attempt that goes on from there adds. */
export function addFacts(known: RunFacts, more: RunFacts): RunFacts {
  const reads = new Map(known.reads.map((read) => [read.dataset, read]));
  for (const read of more.reads) {
    const before = reads.get(read.dataset);
    reads.set(
      read.dataset,
      before ? { ...before, ms: before.ms + read.ms, pages: before.pages + read.pages } : read,
    );
  }
  return {
    phases: [...known.phases, ...more.phases].slice(-mostPhases),
    reads: [...reads.values()],
    requests: known.requests + more.requests,
    retries: known.retries + more.retries,
    waits: known.waits + more.waits,
    waitedMs: known.waitedMs + more.waitedMs,
    ...deltasOf(known, more),
  };
}

/** Of a job that went on after an interruption the last run tells how it was refreshed. */
function deltasOf(known: RunFacts, more: RunFacts): Pick<RunFacts, 'deltas' | 'fellBack'> {
  const { fellBack = known.fellBack, deltas = more.fellBack ? undefined : known.deltas } = more;
  return { ...(fellBack ? { fellBack } : {}), ...(deltas ? { deltas } : {}) };
}

/** The time in which nothing of a job ran, before it does now; null where that was but a moment. */
function idle(job: Job, phases: readonly RunPhase[], now: number): RunPhase | null {
  const last = phases.at(-1);
  const since = last ? Date.parse(last.startedAt) + last.ms : Date.parse(job.queuedAt);
  if (now - since < saveMs) return null;
  return { phase: 'waiting', startedAt: new Date(since).toISOString(), ms: now - since, waitedMs: 0 };
}

/** Writes what the worker of a job tells about itself into its row, and passes it on. */
export function followJob(deps: FollowDeps, jobId: string) {
  const { store } = deps;
  const base = store.jobs.get(jobId);
  const earlier = store.runs.find(jobId)?.facts ?? noFacts;
  const stood = idle(base, earlier.phases, deps.now());
  const known = stood ? { ...earlier, phases: [...earlier.phases, stood] } : earlier;
  let lastSaved = 0;
  let latest: RunProgress | null = null;
  let notes: RunEntry[] = [];
  let later: NodeJS.Timeout | null = null;
  const until = (progress: RunProgress): string | null =>
    progress.waitingUntil === null ? null : new Date(progress.waitingUntil).toISOString();
  const write = (progress: RunProgress): void =>
    store.transaction(() => {
      if (!store.jobs.progress(jobId, deps.owner, progress.phase, until(progress), progress.tables)) return;
      store.runs.putFacts(jobId, addFacts(known, progress.facts));
      store.runs.say(
        jobId,
        notes.map((entry) => hidden(entry, deps.hide)),
      );
      notes = [];
    });
  const save = (): void => {
    if (later) clearTimeout(later);
    later = null;
    if (!latest) return;
    try {
      write(latest);
    } catch (error) {
      // How far it is may be told late; what is published may not be forgotten, and that is written elsewhere.
      deps.log.warn('sync.progress_unsaved', { error });
    }
    lastSaved = deps.now();
  };
  return {
    /** Something that the worker does not know of; written with its next progress. */
    note: (entry: RunEntry): void => void notes.push(entry),
    /** Writes the last state at once; to be called when the worker is gone. */
    save,
    take(progress: RunProgress, said: readonly RunEntry[] = []): void {
      latest = progress;
      notes.push(...said);
      if (deps.now() - lastSaved >= saveMs) save();
      // The last of a burst too: a source may be silent for long after it.
      else later ??= setTimeout(save, saveMs);
      deps.onProgress({
        ...base,
        phase: progress.phase,
        tables: [...progress.tables],
        waitingUntil: until(progress),
      });
    },
  };
}
