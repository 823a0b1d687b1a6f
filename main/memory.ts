/*
 * How much memory V8 takes before it looks for what can be thrown away. It is made for programs that are alone on a computer:
 * what is short-lived may come to 100 MB before it grows no more, and WebAssembly that is used often is compiled once more by
 * an optimising compiler, which takes some 500 MB for PostgreSQL's grammar and gives them back a second later. The main process
 * passes rows on and parses a statement now and then; it needs neither.
 */

export interface Memory {
  /** WebAssembly that is loaded from now on is compiled once, quickly, and not again for speed. */
  compileOnce(): void;
  /**
   * Until the answer is called, room for what is short-lived does not grow: rows that are passed on page by page are thrown away
   * as they go. Calls may overlap. It is for the whole process, its threads too: nothing is held longer than somebody reads.
   */
  holdYoung(): () => void;
}

/** `setFlags` is V8's own, `setFlagsFromString` of node:v8. */
export function createMemory(setFlags: (flag: string) => void): Memory {
  let holding = 0;
  return {
    compileOnce() {
      for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlags(flag);
    },
    holdYoung() {
      holding += 1;
      if (holding === 1) setFlags('--semi-space-growth-factor=1');
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holding -= 1;
        if (holding === 0) setFlags('--semi-space-growth-factor=2');
      };
    },
  };
}
