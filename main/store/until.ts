/** Clocks of one computer and of servers differ a little, and are set right by a little now and then. */
const toleranceMs = 60_000;

/**
 * A stored "not before": null when it is not to be believed, because it lies further ahead than it can have been set, or
 * was set in the future. A clock that was wrong then would else keep everything waiting until the time it showed.
 */
export function believable(
  stored: { readonly until: string | null; readonly since: string | null },
  longestMs: number,
  now: string,
): string | null {
  const { until, since } = stored;
  if (until === null) return null;
  const at = Date.parse(now);
  if (Date.parse(until) > at + longestMs + toleranceMs) return null;
  return since !== null && Date.parse(since) > at + toleranceMs ? null : until;
}
