import type { PowerSaveBlocker } from 'electron';
import type { Running } from './running.ts';

/** Keeps the computer from going to sleep by itself while a sync runs, and no longer; the screen may go dark. */
export function keepAwakeWhileSyncing({
  powerSaveBlocker,
  running,
}: {
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  readonly running: Pick<Running, 'count' | 'onChange'>;
}): () => void {
  let held: number | null = null;
  const release = (): void => {
    if (held !== null) powerSaveBlocker.stop(held);
    held = null;
  };
  const look = (count: number): void => {
    if (count === 0) release();
    else held ??= powerSaveBlocker.start('prevent-app-suspension');
  };
  look(running.count());
  const stop = running.onChange(look);
  return () => {
    stop();
    release();
  };
}
