import type { Clock } from '../../host.ts';
import type { Core } from '../core.ts';

/** How often it is looked whether the last sync is over: what tells of its end comes while its thread still ends. */
const lookMs = 1000;

/** How many syncs run in this process, told to whoever wants to know. */
export interface Running {
  count(): number;
  /** Told when the number has changed; returns what stops listening. */
  onChange(listener: (count: number) => void): () => void;
  close(): void;
}

export function watchRunning({
  core,
  clock,
}: {
  readonly core: Pick<Core, 'runningSyncs' | 'onEvent'>;
  readonly clock: Pick<Clock, 'sleep'>;
}): Running {
  const listeners = new Set<(count: number) => void>();
  const stop = new AbortController();
  let known = core.runningSyncs;
  let watching = false;

  const look = (): void => {
    const count = core.runningSyncs;
    if (count === known) return;
    known = count;
    for (const listener of [...listeners]) listener(count);
  };
  /** Looks again and again as long as something runs. */
  const watch = async (): Promise<void> => {
    if (watching) return;
    watching = true;
    try {
      while (known > 0 && !stop.signal.aborted) {
        await clock.sleep(lookMs, stop.signal);
        look();
      }
    } catch {
      // It ends with the app.
    } finally {
      watching = false;
    }
  };
  const stopEvents = core.onEvent(() => {
    look();
    void watch();
  });
  void watch();
  return {
    count: () => core.runningSyncs,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      stop.abort();
      stopEvents();
    },
  };
}
