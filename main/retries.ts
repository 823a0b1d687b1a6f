import { AppError } from './errors.ts';

/** Attempts at one request when the network or the server fails; with back-off about two minutes in all. */
export const mostAttempts = 7;
const firstBackoffMs = 500;
const longestBackoffMs = 30_000;
/** Longest sum of waits that a rate limit may impose inside one request; for a longer one the job gives its worker back. */
export const longestInnerWaitMs = 5000;
/** So long at least: a source that says "wait 0 seconds" again and again must not be asked in a tight loop. */
export const shortestInnerWaitMs = 50;
/** A source that names a time further away than this is asked again then. */
export const longestNamedWaitMs = 24 * 3_600_000;

/** Milliseconds before the next attempt: exponential with full jitter, random between 0 and 2^attempt · base, at most the cap. */
export const backoffMs = (random: () => number, attempt: number): number =>
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
  constructor(message: string, until: number | null) {
    super('SOURCE_RATE_LIMITED', message);
    this.until = until;
  }
}

/** Why a source asks to wait. */
export type WaitReason = 'too many requests' | 'maintenance';

/** What it is told as when `site` asks to wait until then, in ms since 1970; null when it named no time. */
export function rateLimited(
  site: string,
  until: number | null,
  now: number,
  reason: WaitReason,
): RateLimited {
  const seconds = until === null ? null : Math.max(1, Math.ceil((until - now) / 1000));
  const time =
    seconds === null ? '' : seconds < 120 ? ` ${seconds} seconds` : ` ${Math.ceil(seconds / 60)} minutes`;
  return new RateLimited(`${site} asks to wait${time}, because of ${reason}.`, until);
}
