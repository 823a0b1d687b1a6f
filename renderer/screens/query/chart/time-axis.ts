export const timeUnits = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type TimeUnit = (typeof timeUnits)[number];

const dayMs = 86_400_000;
const lengths: Readonly<Record<TimeUnit, number>> = {
  ...{ minute: 60_000, hour: 3_600_000, day: dayMs, week: 7 * dayMs },
  ...{ month: 28 * dayMs, year: 365 * dayMs },
};

/**
 * Milliseconds of a date or an instant as PostgreSQL prints it. The clock is taken as it stands there, without its offset, so
 * that a chart says what the rows say. Null for `infinity`, years before our era and what is no time.
 */
export function parseTime(text: string | null): number | null {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:[+-][\d:]+)?$/.exec(
    text ?? '',
  );
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((each) => (each === undefined ? undefined : Number(each)));
  const at = Date.UTC(year, month - 1, day, hour, minute, second, Number(`0.${match[7] ?? 0}`) * 1000);
  return Number.isNaN(at) ? null : at;
}

/** The smallest unit of which no more than so many lie between two instants. */
export function unitFor(low: number, high: number, most: number): TimeUnit {
  return timeUnits.find((unit) => (high - low) / lengths[unit] < most - 1) ?? 'year';
}

/** The beginning of the unit that an instant lies in; weeks begin on Mondays. */
export function bucketOf(at: number, unit: TimeUnit): number {
  const date = new Date(at);
  if (unit === 'year') return Date.UTC(date.getUTCFullYear(), 0);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  if (unit === 'week') {
    const day = Math.floor(at / dayMs);
    // The first of January 1970 was a Thursday.
    return (day - ((((day + 3) % 7) + 7) % 7)) * dayMs;
  }
  return Math.floor(at / lengths[unit]) * lengths[unit];
}
