import type { WireError } from '../../preload/contract/errors.ts';

/**
 * The first attempt after a failure, and the longest wait before one; each wait is twice as long as the one before. What looks
 * like a person's to mend may be a database that is restarted or a network that is away: it is tried again too, less eagerly.
 */
const firstMs = 5 * 60_000;
const firstForPeopleMs = 3_600_000;
const longestMs = 4 * 3_600_000;
/** With the first attempt seven, over at least five hours; then a person is needed, and the next planned time is the next attempt. */
export const mostRetries = 6;

/** How long after so many failures in a row it is tried again; null where it has failed too often. */
export function retryAfter(
  failures: number,
  { kind }: Pick<WireError, 'kind'>,
  random: () => number,
): number | null {
  if (failures > mostRetries) return null;
  const first = kind === 'config' || kind === 'denied' ? firstForPeopleMs : firstMs;
  const wait = Math.min(longestMs, first * 2 ** (failures - 1));
  return Math.round(wait * (0.75 + random() / 4));
}
