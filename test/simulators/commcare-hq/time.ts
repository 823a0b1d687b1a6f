/** Times are kept as microseconds since 1970, which a double holds exactly until the year 2255. */

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

function two(n: number): string {
  return TWO[n] ?? String(n);
}

/** `2025-03-02T08:11:42.530616Z`; written out because it is called several times for every row. */
export function isoMicros(micros: number): string {
  const inDay = micros - Math.floor(micros / DAY) * DAY;
  const seconds = Math.floor(inDay / SECOND);
  const rest = inDay - seconds * SECOND;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const fraction = two(Math.floor(rest / 10_000)) + two(Math.floor(rest / 100) % 100) + two(rest % 100);
  return `${isoDay(micros)}T${two(hours)}:${two(minutes)}:${two(seconds % 60)}.${fraction}Z`;
}

/** `2025-03-02`. */
export function isoDay(micros: number): string {
  const z = Math.floor(micros / DAY) + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${two(month)}-${two(doy - Math.floor((153 * mp + 2) / 5) + 1)}`;
}

const V1_DATE = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?:Z|:(\d{2})(?:\.(\d{1,6}))?))?$/;

/**
 * The dates the tastypie lists accept (§3.1): `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS[.ffffff]` and
 * `YYYY-MM-DDTHH:MMZ`, all UTC. Anything else, `…:SSZ` included, is undefined.
 */
export function parseV1Date(text: string): number | undefined {
  const match = V1_DATE.exec(text);
  if (match === null) return undefined;
  const [, y, mo, d, h = '0', mi = '0', s = '0', f = ''] = match;
  return microsOf(y, mo, d, h, mi, s, f);
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/** The dates case v2 accepts (§3.3): ISO dates and times, with or without `Z` or an offset; default UTC. */
export function parseV2Date(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, y, mo, d, h = '0', mi = '0', s = '0', f = '', zone] = match;
  const micros = microsOf(y, mo, d, h, mi, s, f.slice(0, 6));
  if (micros === undefined || zone === undefined || zone === 'Z' || zone === 'z') return micros;
  const sign = zone.startsWith('-') ? -1 : 1;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return micros - sign * minutes * MINUTE;
}

function microsOf(
  y: string | undefined,
  mo: string | undefined,
  d: string | undefined,
  h: string,
  mi: string,
  s: string,
  f: string,
): number | undefined {
  const [year, month, day, hour, minute, second] = [y, mo, d, h, mi, s].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const valid =
    year > 0 &&
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return valid ? ms * 1000 + Number(f.padEnd(6, '0')) : undefined;
}
