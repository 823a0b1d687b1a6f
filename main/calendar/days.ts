import { DateTime } from 'luxon';

/** A day of the calendar in some place, with the instants in UTC at which it begins and is over. */
export interface Day {
  /** `2026-11-21`. */
  readonly day: string;
  readonly from: string;
  readonly to: string;
}

/** The last days in a zone, today's included, the oldest first. A day of a change of clocks has 23 or 25 hours. */
export function lastDays(count: number, zone: string, now: number): Day[] {
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  return Array.from({ length: count }, (_, at) => {
    const day = today.minus({ days: count - 1 - at });
    const utc = (time: DateTime): string => time.toUTC().toISO() ?? '';
    return { day: day.toISODate() ?? '', from: utc(day), to: utc(day.plus({ days: 1 }).startOf('day')) };
  });
}
