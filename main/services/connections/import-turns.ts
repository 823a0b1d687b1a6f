import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longer than this nobody else is kept waiting: windows, syncs and the timetable share the thread. */
const longestMs = 15;

/** For long work that never really waits: called between its steps, it lets others have their turn now and then. */
export function createTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < longestMs) return;
    await nextTurn();
    since = performance.now();
  };
}
