import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** How many wrong passphrases are looked at within a minute; each costs a derivation of 128 MiB besides. */
const triesPerMinute = 5;
const minuteMs = 60_000;

/** Bounds how often a passphrase can be tried. `now` in milliseconds since 1970. */
export function createTries(now: () => number) {
  /** When a wrong one was given, oldest first; within the last minute. */
  let wrong: number[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    const at = now();
    // Where the clock was set back they count as of now, or the wait would be as long as it was set back.
    wrong = wrong.map((before) => Math.min(before, at)).filter((before) => at - before < minuteMs);
    const [oldest] = wrong;
    if (oldest !== undefined && wrong.length >= triesPerMinute) {
      const next = new Date(oldest + minuteMs).toISOString();
      throw new AppError('TOO_MANY_TRIES', say('vault.tooManyTries', { until: { instant: next } }), {
        advice: say('vault.tooManyTries.advice'),
        until: next,
      });
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError && error.code === 'PASSPHRASE_WRONG') wrong.push(at);
      throw error;
    }
  };
  return {
    /** One after the other, so that many at once are counted like many in a row. Fails with TOO_MANY_TRIES. */
    attempt<T>(work: () => Promise<T>): Promise<T> {
      const mine = last.then(
        () => attempt(work),
        () => attempt(work),
      );
      last = mine.catch(() => {});
      return mine;
    },
  };
}
