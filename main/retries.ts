import type { Said } from '../preload/contract/said.ts';
import { say } from '../preload/messages/said.ts';
import { AppError, cancelled } from './errors.ts';
import type { Clock } from './host.ts';

/** Attempts at one request when the network or the server fails; with back-off about two minutes in all. */
const mostAttempts = 7;
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
/** Longest sum of waits that a rate limit may impose inside one request; for a longer one the job gives its worker back. */
const longestInnerWaitMs = 5000;
/** So long at least: a source that says "wait 0 seconds" again and again must not be asked in a tight loop. */
const shortestInnerWaitMs = 50;
/** A source that names a time further away than this is asked again then. */
export const longestNamedWaitMs = 24 * 3_600_000;

/** Milliseconds before the next attempt: exponential with full jitter, random between 0 and 2^attempt · base, at most the cap. */
const backoffMs = (random: () => number, attempt: number): number =>
  Math.ceil(random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** attempt)) + 50;

/** RFC 9110 §10.2.3: seconds or an HTTP date; CommCare also sends fractions. Null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Math.ceil(Number(header) * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The source wants us to wait longer than a request can. */
export class RateLimited extends AppError {
  /** Milliseconds since 1970; null when the source named no time. */
  readonly until: number | null;
  constructor(said: Said, until: number | null) {
    super('SOURCE_RATE_LIMITED', said, until === null ? {} : { until: new Date(until).toISOString() });
    this.until = until;
  }
}

/** Why a source asks to wait. */
export type WaitReason = 'too many requests' | 'maintenance';

/** What it is told as when `site` asks to wait until then, in ms since 1970; null when it named no time. */
function rateLimited(site: string, until: number | null, now: number, reason: WaitReason): RateLimited {
  const seconds = until === null ? null : Math.max(1, Math.ceil((until - now) / 1000));
  const why = reason === 'maintenance' ? 'maintenance' : 'requests';
  if (seconds === null) return new RateLimited(say(`source.wait.${why}`, { site }), until);
  if (seconds < 120) return new RateLimited(say(`source.waitSeconds.${why}`, { site, seconds }), until);
  return new RateLimited(say(`source.waitMinutes.${why}`, { site, minutes: Math.ceil(seconds / 60) }), until);
}

export interface PatienceDeps {
  /** Whom the request goes to, for messages. */
  readonly site: string;
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Told when the source makes us wait (until, in ms since 1970), and with null when it goes on. */
  readonly onWait?: (until: number | null) => void;
}

/** How often and how long one request is waited for, and when it is given up. */
export function createPatience({ site, clock, random, signal, onWait }: PatienceDeps) {
  let failures = 0;
  let rateWaits = 0;
  let waited = 0;
  return {
    /** How often it has failed. */
    get failures(): number {
      return failures;
    },
    /** Waits before another attempt; throws `error` when the attempts are used up. */
    async again(error: AppError): Promise<void> {
      failures += 1;
      if (failures >= mostAttempts) throw error;
      await clock.sleep(backoffMs(random, failures), signal).catch(() => {});
      if (signal.aborted) throw cancelled();
    },
    /** Sits out a short wait; throws RateLimited for a long one. `until` is null where the source named no time. */
    async sitOut(until: number | null, reason: WaitReason): Promise<void> {
      const now = clock.now();
      // Without a named time: about 1 s, then 2 s, jittered so that parallel jobs don't come back together.
      const wait =
        until === null
          ? 1000 * 2 ** rateWaits * (0.5 + random() / 2)
          : Math.max(shortestInnerWaitMs, until - now);
      rateWaits += 1;
      waited += wait;
      if (waited > longestInnerWaitMs) throw rateLimited(site, until, now, reason);
      onWait?.(now + wait);
      await clock.sleep(wait, signal).catch(() => {});
      onWait?.(null);
      if (signal.aborted) throw cancelled();
    },
  };
}

export type Patience = ReturnType<typeof createPatience>;
