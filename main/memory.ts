import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * How much memory V8 takes before it looks for what can be thrown away. It is made for programs that are alone on a computer:
 * what is short-lived may come to 100 MB before it grows no more, what is old to a multiple of what is in use, and WebAssembly
 * that is used often is compiled once more by an optimising compiler, which takes some 500 MB for PostgreSQL's grammar and
 * gives them back a second later. The main process passes rows on and parses a statement now and then; it needs none of it.
 */

export interface Memory {
  /** WebAssembly that is loaded from now on is compiled once, quickly, and not again for speed. */
  compileOnce(): void;
  /**
   * Until the answer is called, the heap grows by little before it is tidied up: rows that are passed on page by page are thrown
   * away as they go. Calls may overlap. It is for the whole process, its threads too, and the first call takes some 50 ms:
   * nothing is held longer than somebody reads.
   */
  holdTight(): () => void;
}

/** What is asked of V8; a flag is taken at any time. */
export interface V8 {
  setFlag(flag: string): void;
  /** Throws away what nobody refers to, and sets the heap's next bound by what is left. */
  collect(): void;
}

const tight = ['--semi-space-growth-factor=1', '--heap-growing-percent=20'];
/** V8's own. */
const usual = ['--semi-space-growth-factor=2', '--heap-growing-percent=0'];

export function createMemory(v8: V8): Memory {
  let holding = 0;
  return {
    compileOnce() {
      for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'])
        v8.setFlag(flag);
    },
    holdTight() {
      holding += 1;
      if (holding === 1) {
        for (const flag of tight) v8.setFlag(flag);
        v8.collect();
      }
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holding -= 1;
        if (holding === 0) for (const flag of usual) v8.setFlag(flag);
      };
    },
  };
}

/** The V8 that this runs in. */
export function thisV8(): V8 {
  let collect: (() => void) | null = null;
  return {
    setFlag: setFlagsFromString,
    collect() {
      if (collect === null) {
        // Only a context that is made now has it.
        setFlagsFromString('--expose-gc');
        collect = runInNewContext('gc') as () => void;
        setFlagsFromString('--no-expose-gc');
      }
      collect();
    },
  };
}
