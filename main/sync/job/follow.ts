import type { Job } from '../../../preload/contract/models.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/index.ts';
import type { RunProgress } from '../run-spec.ts';

/** The job's row is written at most so often while it runs; events are as frequent as the worker tells. */
const saveMs = 1000;

export interface FollowDeps {
  readonly store: Pick<Store, 'jobs'>;
  /** The process that runs the job: what it tells is written only while the job is its own. */
  readonly owner: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly onProgress: (job: Job) => void;
}

/** Writes what the worker of a job tells about itself into its row, and passes it on. */
export function followJob(deps: FollowDeps, jobId: string) {
  const base = deps.store.jobs.get(jobId);
  let lastSaved = 0;
  let latest: RunProgress | null = null;
  let later: NodeJS.Timeout | null = null;
  const until = (progress: RunProgress): string | null =>
    progress.waitingUntil === null ? null : new Date(progress.waitingUntil).toISOString();
  const save = (): void => {
    if (later) clearTimeout(later);
    later = null;
    if (!latest) return;
    try {
      deps.store.jobs.progress(jobId, deps.owner, latest.phase, until(latest), latest.tables);
    } catch (error) {
      // How far it is may be told late; what is published may not be forgotten, and that is written elsewhere.
      deps.log.warn('sync.progress_unsaved', { error });
    }
    lastSaved = deps.now();
  };
  return {
    /** Writes the last state at once; to be called when the worker is gone. */
    save,
    take(progress: RunProgress): void {
      latest = progress;
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
