/** Who gives no sign of life for so long has lost its jobs; they are given every five seconds. */
const silentMs = 30_000;
/**
 * Between two looks no more than this counts, however long it was: the computer may have slept, and whoever is looked at
 * with it.
 */
const longestStepMs = 10_000;

interface Seen {
  readonly mark: string;
  /** When it was looked at last, and how long nothing had changed by then. */
  at: number;
  quiet: number;
}

/**
 * Tells whose signs of life have stopped, by whether they change while somebody looks. What the clock shows, here or where
 * they were written, has no part in it: it may be set at any time. `elapsed`: milliseconds that only go forward.
 */
export function createWatch(elapsed: () => number) {
  const seen = new Map<string, Seen>();
  return {
    /** One look at what somebody gives signs of life with. True once it has stood still for too long. */
    isSilent(id: string, mark: string): boolean {
      const now = elapsed();
      const known = seen.get(id);
      if (known?.mark !== mark) {
        seen.set(id, { mark, at: now, quiet: 0 });
        return false;
      }
      known.quiet += Math.min(longestStepMs, now - known.at);
      known.at = now;
      return known.quiet >= silentMs;
    },
    /** Nobody but these is looked at any more. */
    keepOnly(ids: ReadonlySet<string>): void {
      for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
    },
  };
}
