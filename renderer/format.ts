import type { Schedule } from '../preload/contract/models.ts';
import { perLocale, t } from './i18n/index.ts';

const number = perLocale((locale) => new Intl.NumberFormat(locale));
// The short style writes 8:50 AM, 08:50 or 8 h 50, whichever the person's locale does.
const clock = perLocale((locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'short' }));
const day = perLocale((locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
const dayOfYear = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' }),
);
const full = perLocale((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }));
const weekday = perLocale((locale) => new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }));
const relative = perLocale(
  (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }),
);

const signed = perLocale((locale) => new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' }));
const calendarDay = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }),
);
const today = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      ...{ weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' },
    }),
);

export function formatNumber(value: number): string {
  return number().format(value);
}

function daysBetween(from: Date, to: Date): number {
  const start = new Date(from.getFullYear(), from.getMonth(), from.getDate());
  const end = new Date(to.getFullYear(), to.getMonth(), to.getDate());
  return Math.round((end.getTime() - start.getTime()) / 86_400_000);
}

const megabytes = perLocale(
  (locale) =>
    new Intl.NumberFormat(locale, {
      ...{ style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 },
    }),
);
/** Bytes as people read the size of a file. */
export const formatMegabytes = (bytes: number): string => megabytes().format(bytes / 1e6);

const percent = perLocale((locale) => new Intl.NumberFormat(locale, { style: 'percent' }));
const smallPercent = perLocale(
  (locale) => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
);

/** "43 %", "0.4 %": a share of 0 to 1. What is not all is never rounded to all, and what is there never to nothing. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.001) return `< ${smallPercent().format(0.001)}`;
  if (share > 0.999 && share < 1) return `> ${smallPercent().format(0.999)}`;
  return (share < 0.01 || share > 0.99 ? smallPercent : percent)().format(share);
}

/** "10:42 today", "10:42 yesterday", "18 Nov, 10:42": a moment as people say it. */
export function formatMoment(instant: string, now: number): string {
  return momentWith(clock(), instant, now);
}

function momentWith(format: Intl.DateTimeFormat, instant: string, now: number): string {
  const date = new Date(instant);
  const time = format.format(date);
  const days = daysBetween(new Date(now), date);
  if (days === 0) return t('time.today', { time });
  if (days === -1) return t('time.yesterday', { time });
  if (days === 1) return t('time.tomorrow', { time });
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return t('time.onDay', { day: (sameYear ? day : dayOfYear)().format(date), time });
}

// To the second: two runs of one minute are told apart.
const clockSeconds = perLocale((locale) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }));

/** "10:42:07 today": as {@link formatMoment}, to the second. */
export function formatClock(instant: string, now: number): string {
  return momentWith(clockSeconds(), instant, now);
}

/** "10:42:07". */
export function formatTimeOfDay(instant: string): string {
  return clockSeconds().format(new Date(instant));
}

const axisHour = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }),
);
/** "08:00": an hour of the reader's clock on an axis. */
export const formatAxisHour = (at: number): string => axisHour().format(at);
/** "18 Nov": a day of the reader's calendar on an axis. */
export const formatAxisDay = (at: number): string => day().format(at);

const chartMinute = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    }),
);
const chartClock = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      ...{ day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', timeZone: 'UTC' },
    }),
);
const chartDay = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
);
const chartMonth = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
);
const chartYear = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { year: 'numeric', timeZone: 'UTC' }),
);
const dayMs = 86_400_000;

/** A place on an axis of so many milliseconds, as fine as the axis needs it; whole where it spans nothing. The clock is UTC. */
export function formatOnAxis(at: number, span: number): string {
  if (span === 0) return chartMinute().format(at);
  if (span > 20 * 365 * dayMs) return chartYear().format(at);
  if (span > 300 * dayMs) return chartMonth().format(at);
  return (span > 4 * dayMs ? chartDay : chartClock)().format(at);
}

/** "18 Nov 2026": a day, with its year. */
export function formatDay(instant: string): string {
  return dayOfYear().format(new Date(instant));
}

/** Full date and time with the zone, for tooltips and screen readers. */
export function formatAbsolute(instant: string): string {
  return full().format(new Date(instant));
}

const steps: readonly [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [86_400 * 60, 'day', 86_400],
  [86_400 * 700, 'month', 86_400 * 30.44],
];

/** "3 min. ago", "in 2 hr.". */
export function formatRelative(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  if (Math.abs(seconds) < 45) return t('time.now');
  for (const [limit, unit, size] of steps) {
    if (Math.abs(seconds) < limit) return relative().format(Math.round(seconds / size), unit);
  }
  return relative().format(Math.round(seconds / (86_400 * 365.25)), 'year');
}

/** "+36", "−2", "0": what came or went. */
export function formatSigned(value: number): string {
  return signed().format(value);
}

/** "Sat, 21 Nov": a day of the calendar, `2026-11-21`. */
export function formatCalendarDay(day: string): string {
  return calendarDay().format(new Date(`${day}T00:00:00Z`));
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-21`: the day of the reader's calendar that a moment is in. */
export const calendarDayOf = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** `10:45:07`, on the reader's clock. */
export const clockOf = (date: Date): string =>
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

const dayName = perLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }),
);
const dayNameOfYear = perLocale(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' }),
);
/** "Today, Saturday 21 November": a day of the reader's calendar, `2026-11-21`, as a heading. */
export function formatDayName(day: string, now: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  const name = (date.getUTCFullYear() === new Date(now).getFullYear() ? dayName : dayNameOfYear)().format(
    date,
  );
  const days = daysBetween(new Date(now), new Date(`${day}T00:00:00`));
  if (days === 0) return t('time.dayToday', { day: name });
  return days === -1 ? t('time.dayYesterday', { day: name }) : name;
}

/** "Saturday, 21 November, 10:45". */
export function formatToday(now: number): string {
  return today().format(now);
}

/** "42 s", "3 min 05 s", "1 h 12 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (milliseconds < 1000) return t('duration.milliseconds', { n: Math.max(0, Math.round(milliseconds)) });
  if (seconds < 60) return t('duration.seconds', { n: seconds });
  if (seconds < 3600) {
    return t('duration.minutes', { m: Math.floor(seconds / 60), s: String(seconds % 60).padStart(2, '0') });
  }
  return t('duration.hours', {
    h: Math.floor(seconds / 3600),
    m: String(Math.floor(seconds / 60) % 60).padStart(2, '0'),
  });
}

/** "2:59", for what runs out. */
export function formatCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** "every 6 hours", "every day", "every week". */
export function formatInterval(hours: number): string {
  if (hours % 168 === 0) return t('interval.weeks', { n: hours / 168 });
  if (hours % 24 === 0) return t('interval.days', { n: hours / 24 });
  return t('interval.hours', { n: hours });
}

/** "Monday": a day of the week as ISO 8601 counts them, 1 is Monday. */
export function formatWeekday(day: number): string {
  // The first of January 2024 was a Monday.
  return weekday().format(Date.UTC(2024, 0, day));
}

/** "Every 6 hours", "06:00 in Africa/Nairobi, Monday and Friday". */
export function formatSchedule(schedule: Schedule): string {
  if (schedule.kind === 'every') return formatInterval(schedule.hours);
  const { time, zone, weekdays } = schedule;
  if (weekdays.length === 7) return t('schedule.daily', { time, zone });
  return t('schedule.onDays', { time, zone, days: formatList(weekdays.map(formatWeekday)) });
}

const list = perLocale((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));
export function formatList(items: readonly string[]): string {
  return list().format(items);
}
