/** One timer for everything in the window that shows how long ago something was, however much of it there is. */
export interface Ticks {
  /** Does it again and again; answers what ends it. */
  every(milliseconds: number, act: () => void): () => void;
}

interface Timers {
  start(act: () => void, milliseconds: number): number;
  stop(timer: number): void;
  /** Does all of one tick. */
  together(act: () => void): void;
}

/** Who wants the same pace shares one timer, which is there only while somebody does. */
export function createTicks({ start, stop, together }: Timers): Ticks {
  const paces = new Map<number, { readonly acts: Set<() => void>; readonly timer: number }>();
  return {
    every(milliseconds, act) {
      let pace = paces.get(milliseconds);
      if (!pace) {
        const acts = new Set<() => void>();
        const tick = (): void =>
          together(() => {
            for (const each of acts) each();
          });
        pace = { acts, timer: start(tick, milliseconds) };
        paces.set(milliseconds, pace);
      }
      const { acts, timer } = pace;
      acts.add(act);
      return () => {
        acts.delete(act);
        if (acts.size > 0 || paces.get(milliseconds)?.timer !== timer) return;
        paces.delete(milliseconds);
        stop(timer);
      };
    },
  };
}
