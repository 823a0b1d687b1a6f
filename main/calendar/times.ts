import { DateTime } from 'luxon';
import type { PartOfDay, Schedule } from '../../preload/contract/models.ts';

/*
 * Times by the calendar, as milliseconds since 1970. Days of 23 and 25 hours and a change of a zone's rules are luxon's
 * business, which has them from the JavaScript engine.
 */

const hourMs = 3_600_000;
/** No place's clock jumps further, and a week holds each weekday. */
const daysToLook = 9;

/** The hour and minute on that day, the first of two where the clock is set back; where that time is left out, the time the clock jumps to. */
function onDay(day: DateTime, time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return day.set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
}

/** The first planned time after `after`. `planned` is one of the times that an interval goes by; null where there was none yet. */
export function nextTime(schedule: Schedule, planned: number | null, after: number): number {
  if (schedule.kind === 'every') {
    const step = schedule.hours * hourMs;
    // From the planned time, or an hourly refresh that takes five minutes would be one every 65 minutes.
    const base = planned ?? after;
    return base + step * (Math.floor((after - base) / step) + 1);
  }
  const today = DateTime.fromMillis(after, { zone: schedule.zone }).startOf('day');
  for (let days = 0; days < daysToLook; days += 1) {
    const day = today.plus({ days });
    const at = onDay(day, schedule.time);
    if (at > after && schedule.weekdays.includes(day.weekday)) return at;
  }
  throw new RangeError(`no time within ${daysToLook} days`);
}

/** The longest that two planned times can lie apart, with what clocks may be set: a stored time further ahead is wrong. */
export function longestStep(schedule: Schedule): number {
  return schedule.kind === 'every' ? (schedule.hours + 1) * hourMs : daysToLook * 24 * hourMs;
}

/** When the part of the day that `now` lies in ends; null where it lies in none. */
export function endOfPart({ from, to, zone }: PartOfDay, now: number): number | null {
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  // What goes over midnight may have begun yesterday.
  for (const days of [-1, 0]) {
    const day = today.plus({ days });
    const begin = onDay(day, from);
    const end = onDay(to > from ? day : day.plus({ days: 1 }), to);
    if (begin <= now && now < end) return end;
  }
  return null;
}

/** As the log and the command line say it: `every 24 h`, `06:00 Africa/Nairobi on 1+2+3`. */
export function inWords(schedule: Schedule): string {
  if (schedule.kind === 'every') return `every ${schedule.hours} h`;
  const days = schedule.weekdays.length === 7 ? '' : ` on ${schedule.weekdays.join('+')}`;
  return `${schedule.time} ${schedule.zone}${days}`;
}

/** The longest time between two planned ones as they are meant, in milliseconds: over a weekend, where only weekdays are. */
export function longestInterval(schedule: Schedule): number {
  const dayMs = 24 * hourMs;
  if (schedule.kind === 'every') return schedule.hours * hourMs;
  const days = schedule.weekdays;
  const gaps = days.map((day, at) => ((((days[at + 1] ?? (days[0] ?? day) + 7) - day + 6) % 7) + 1) * dayMs);
  return Math.max(dayMs, ...gaps);
}

/** How long a part of the day is, in milliseconds, on a day of 24 hours. */
export function lengthOfPart({ from, to }: PartOfDay): number {
  const [begin = 0, end = 0] = [from, to].map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return ((end - begin + 24 * 60) % (24 * 60)) * 60_000;
}
