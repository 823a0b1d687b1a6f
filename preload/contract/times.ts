/*
 * What a time of the day and a time zone are, for the contract and for forms; without zod, which a page does not load.
 */

/** 24 hours, `06:00`. */
export const timeOfDayShape = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Whether it is the name of a time zone in the IANA database, e.g. `Africa/Nairobi`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}
