/** What is waited for only as long as something else goes on. */
export interface AsLongAs {
  /** Resolves as `work` does, unless the other thing ends first: then it rejects. One at a time. */
  wait<T>(work: Promise<T>): Promise<T>;
}

/**
 * Waits again and again beside one long promise. `Promise.race` would do the same, and keep every answer for as long as the
 * long one lasts: what hangs on a promise stays until it is settled. `ended` is what it means that it was settled well.
 */
export function asLongAs(long: Promise<unknown>, ended: () => unknown): AsLongAs {
  let over: { readonly error: unknown } | null = null;
  let reject: ((error: unknown) => void) | null = null;
  const end = (error: unknown): void => {
    over = { error };
    reject?.(error);
  };
  long.then(() => end(ended()), end);
  return {
    wait: (work) =>
      new Promise((resolve, fail) => {
        reject = fail;
        if (over !== null) fail(over.error);
        work.then(resolve, fail).finally(() => {
          if (reject === fail) reject = null;
        });
      }),
  };
}
