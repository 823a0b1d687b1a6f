import { type AppError, cancelled } from '../../errors.ts';

/** How long a wait for something outside may take, and who may end it. */
export interface Bounds {
  readonly signal: AbortSignal;
  readonly ms: number;
  /** What it fails with when the time is over. */
  readonly late: () => AppError;
}

/**
 * A wait for the outside that always ends. `begin` starts it and answers how to undo it: that is called once when it
 * fails, comes too late or is cancelled, also for what arrives afterwards. Fails with CANCELLED when the signal ends it.
 */
export function bounded<T>(
  { signal, ms, late }: Bounds,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    let undo: (() => void) | null = null;
    let state: 'waits' | 'came' | 'failed' = 'waits';
    const settle = (as: 'came' | 'failed', tell: () => void): void => {
      if (state !== 'waits') return;
      state = as;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      tell();
      if (as === 'failed') undo?.();
    };
    const fail = (error: unknown): void => settle('failed', () => reject(error));
    const abort = (): void => fail(cancelled());
    const timer = setTimeout(() => fail(late()), ms);
    signal.addEventListener('abort', abort, { once: true });
    try {
      undo = begin((value) => settle('came', () => resolve(value)), fail);
    } catch (error) {
      fail(error);
    }
    // It failed before there was a way to undo it.
    if ((state as string) === 'failed') undo?.();
  });
}

/** Milliseconds since `started` (of performance.now), with one decimal. */
export function sinceMs(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}
