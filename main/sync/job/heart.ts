import type { Clock } from '../../host.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/index.ts';

/** A sign of life so often; several may go missing before somebody takes the jobs over. */
export const beatMs = 5000;

export interface HeartDeps {
  readonly store: Pick<Store, 'jobs'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly owner: string;
  /** The jobs of this process. */
  readonly running: () => readonly string[];
  /** Another process has this job now. */
  readonly onTaken: (jobId: string) => void;
}

/** Gives signs of life for the jobs of this process while there are some, and hears when one was taken over. */
export function createHeart(deps: HeartDeps) {
  let beating = false;
  const stopping = new AbortController();
  const beat = (): void => {
    try {
      deps.store.jobs.beat(deps.owner);
      for (const id of deps.running()) if (!deps.store.jobs.mayWrite(id, deps.owner)) deps.onTaken(id);
    } catch (error) {
      deps.log.warn('sync.beat_failed', { error });
    }
  };
  const run = async (): Promise<void> => {
    while (deps.running().length > 0 && !stopping.signal.aborted) {
      await deps.clock.sleep(beatMs, stopping.signal).catch(() => {});
      if (deps.running().length > 0 && !stopping.signal.aborted) beat();
    }
    beating = false;
  };
  return {
    /** To be called when a job begins. */
    wake(): void {
      if (beating || stopping.signal.aborted) return;
      beating = true;
      void run();
    },
    stop: (): void => stopping.abort(),
  };
}
