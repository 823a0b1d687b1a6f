import { z } from 'zod';
import { isTimeZone, timeOfDayShape } from '../times.ts';
import { instant } from './base.ts';

/** Days of the week as ISO 8601 counts them: 1 is Monday. */
const everyDay = [1, 2, 3, 4, 5, 6, 7];

/** A time of the day, 24 hours. */
export const timeOfDay = z.string().regex(timeOfDayShape, 'is not a time such as 06:00');

/** A time zone by its name in the IANA database, e.g. `Africa/Nairobi`. */
export const timeZone = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, 'is not the name of a time zone, such as Africa/Nairobi');

/** When something is done again and again: every so many hours, or at a time of the day in a place. */
export const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('every'), hours: z.int().min(1).max(8760) }),
  z.strictObject({
    kind: z.literal('at'),
    time: timeOfDay,
    zone: timeZone,
    weekdays: z
      .array(z.int().min(1).max(7))
      .min(1, 'choose at least one day')
      .max(7)
      .default(everyDay)
      .transform((days) => [...new Set(days)].sort()),
  }),
]);
export type Schedule = z.infer<typeof schedule>;

/** A part of each day; one that ends before it begins goes over midnight. */
export const partOfDay = z
  .strictObject({ from: timeOfDay, to: timeOfDay, zone: timeZone })
  .refine(({ from, to }) => from !== to, 'has to end at another time than it begins');
export type PartOfDay = z.infer<typeof partOfDay>;

/** Why a dataset is not refreshed now although its time may have come. */
export const waitCodes = [
  /** Its time has not come. */
  'not_yet',
  /** It failed, and is tried again before its time. */
  'retry',
  /** It failed again and again: at its next time once more, unless a person sees to it before. */
  'needs_you',
  /** A job of it is under way already. */
  'under_way',
  /** A refresh waits for a person's review. */
  'held',
  'link_off',
  'source_off',
  /** Nobody has signed in for it. */
  'signed_out',
  'sign_in_expired',
  'vault_locked',
  'quiet_hours',
  /** Scheduled refreshes are held back on this computer, because its network costs. */
  'metered',
  /** As many as may run at once do so on this computer, for this source, or at this database. */
  'computer_busy',
  'source_busy',
  'database_busy',
] as const;
export type WaitCode = (typeof waitCodes)[number];

/** What the timetable makes of a dataset: when it is refreshed next, and what keeps it from it. */
export const outlook = z.strictObject({
  /** When it is due; null where nothing is planned. */
  at: instant.nullable(),
  wait: z.enum(waitCodes),
  /** When what keeps it ends by itself; null where that is not known. */
  until: instant.nullable(),
  /** Attempts in a row that failed. */
  failures: z.int(),
});
export type Outlook = z.infer<typeof outlook>;

/** How a turn of a job of the timetable went. */
export const turnOutcomes = ['did', 'nothing', 'failed'] as const;

/** A job of the timetable. */
export const timetableJob = z.strictObject({
  name: z.string(),
  /** When its next turn is. */
  dueAt: instant,
  /** Its last turn; null before the first. */
  lastAt: instant.nullable(),
  outcome: z.enum(turnOutcomes).nullable(),
  /** How much it did in that turn. */
  count: z.int(),
  /** How much was due and could not be done; why, each of them says itself. */
  waiting: z.int(),
  /** The code of what it failed with. */
  error: z.string().nullable(),
  /** A turn that came late, because the computer slept or Headgate was not running. */
  madeUp: z.boolean(),
});
export type TimetableJob = z.infer<typeof timetableJob>;

export const timetable = z.strictObject({
  /** A person holds refreshes by the clock back on this computer. */
  isHeldBack: z.boolean(),
  jobs: z.array(timetableJob),
});
export type TimetableView = z.infer<typeof timetable>;
