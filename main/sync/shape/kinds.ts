import type { PinnedType } from '../../connectors/connector.ts';

/**
 * What a scalar looks like, as bits, so that a column's evidence is one number: the union of the kinds it has seen.
 * The column's type is a function of that union alone, so it does not depend on the order of the records. UUIDs are text:
 * they are ids of the source, which has ids of other forms too, and all of them must join.
 */
export const Kind = {
  boolean: 1,
  integer: 2,
  decimal: 4,
  date: 8,
  timestamptz: 16,
  timestamp: 32,
  text: 64,
  /** An array without objects in it, or a subtree that is kept whole. */
  list: 128,
  /** A time of day without a zone. One with a zone is text: PostgreSQL's own type for it forgets how it was written. */
  time: 256,
  /** A GPS point as CommCare writes it: latitude, longitude, altitude, accuracy. Text, but said to be one. */
  point: 512,
} as const;
export const kindCount = 10;

export type ColumnType =
  | 'boolean'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'timestamptz'
  | 'timestamp'
  | 'time'
  /** Of columns that were published when ids still had a type of their own. */
  | 'uuid'
  | 'text'
  | 'jsonb';

/** What each kind is called where the evidence for a column's type is told, in the order of the bits. */
export const kindNames = [
  'boolean',
  'integer',
  'decimal',
  'date',
  'timestamp with zone',
  'timestamp',
  'text',
  'list',
  'time',
  'GPS point',
] as const;

/** The narrowest type that holds every kind in the mask without losing a character. */
export function typeOf(mask: number): ColumnType {
  if (mask & Kind.list) return 'jsonb';
  switch (mask) {
    case Kind.boolean:
      return 'boolean';
    case Kind.integer:
      return 'bigint';
    case Kind.decimal:
    case Kind.decimal | Kind.integer:
      return 'numeric';
    case Kind.date:
      return 'date';
    case Kind.timestamptz:
      return 'timestamptz';
    case Kind.timestamp:
      return 'timestamp';
    case Kind.time:
      return 'time';
    default:
      return 'text';
  }
}

/**
 * As what a value of some kind counts in a column whose type is declared; 0 where it does not fit. A time without a zone
 * is UTC there: a source that declares instants says so.
 */
export function kindIn(declared: PinnedType, kind: number): number {
  switch (declared) {
    case 'text':
      return kind === Kind.list ? 0 : kind;
    case 'timestamptz':
      return kind === Kind.timestamp ? Kind.timestamptz : kind & Kind.timestamptz;
    case 'boolean':
      return kind & Kind.boolean;
    case 'bigint':
      return kind & Kind.integer;
    case 'numeric':
      return kind & (Kind.integer | Kind.decimal) ? Kind.decimal : 0;
    case 'date':
      return kind & Kind.date;
    case 'time':
      return kind & Kind.time;
    case 'timestamp':
      return kind & Kind.timestamp;
    case 'json':
      return kind;
  }
}

/** The narrowest evidence that a column of a type stands for: what a published column begins with in the next refresh. */
export const maskOf = (type: ColumnType): number => masks[type];
const masks: Readonly<Record<ColumnType, number>> = {
  boolean: Kind.boolean,
  bigint: Kind.integer,
  numeric: Kind.decimal,
  date: Kind.date,
  timestamptz: Kind.timestamptz,
  timestamp: Kind.timestamp,
  time: Kind.time,
  uuid: Kind.text,
  text: Kind.text,
  jsonb: Kind.list,
};

const isDigit = (c: number | undefined): boolean => c !== undefined && c >= 48 && c <= 57;
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Two digits at `at` as a number; NaN unless both are digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 48;
  const ones = (bytes[at + 1] as number) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** A calendar date of the years 1 to 9999 at `at`, in the form YYYY-MM-DD. */
function isDateAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return false;
  const year = two(bytes, at) * 100 + two(bytes, at + 2);
  const month = two(bytes, at + 5);
  const day = two(bytes, at + 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= (daysInMonth[month - 1] as number))) {
    return false;
  }
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** What stands at `at`: no time of day, one, or one with Z or an offset that PostgreSQL takes. */
const Time = { none: 0, local: 1, zoned: 2 } as const;

/** HH:MM:SS with up to six digits of a second, then the end, Z or an offset. */
function timeAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8 || bytes[start + 2] !== 58 || bytes[start + 5] !== 58) return Time.none;
  if (!(two(bytes, start) < 24 && two(bytes, start + 3) < 60 && two(bytes, start + 6) < 60)) return Time.none;
  let at = start + 8;
  if (at < end && bytes[at] === 46) {
    const fraction = at + 1;
    at = fraction;
    while (at < end && isDigit(bytes[at])) at += 1;
    if (at === fraction || at - fraction > 6) return Time.none;
  }
  if (at === end) return Time.local;
  if (bytes[at] === 90) return at + 1 === end ? Time.zoned : Time.none;
  if (bytes[at] !== 43 && bytes[at] !== 45) return Time.none;
  const minutes = bytes[at + 3] === 58 ? at + 4 : at + 3;
  const isOffset = minutes + 2 === end && two(bytes, at + 1) < 15 && two(bytes, minutes) < 60;
  return isOffset ? Time.zoned : Time.none;
}

const largestInteger = '9223372036854775807';
const smallestInteger = '9223372036854775808';

/** Whether the digits from `start` to `end`, at most 19 and no leading zero, fit a bigint. */
function fitsBigint(bytes: Uint8Array, start: number, end: number, negative: boolean): boolean {
  if (end - start < 19) return true;
  if (end - start > 19) return false;
  const limit = negative ? smallestInteger : largestInteger;
  for (let k = 0; k < 19; k += 1) {
    const difference = (bytes[start + k] as number) - limit.charCodeAt(k);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** Most digits before and behind the point of a text that counts as a number; more is a code of some kind. */
const mostWholeDigits = 31;
const mostFractionDigits = 30;

/** Whether there is a decimal number without exponent, from a digit or minus on. */
function isDecimalAt(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === 45 ? start + 1 : start;
  const whole = at;
  while (at < end && isDigit(bytes[at])) at += 1;
  const wholeDigits = at - whole;
  if (wholeDigits === 0 || wholeDigits > mostWholeDigits || bytes[at] !== 46) return false;
  if (bytes[whole] === 48 && wholeDigits > 1) return false;
  const fraction = at + 1;
  at = fraction;
  let zeros = bytes[whole] === 48;
  while (at < end && isDigit(bytes[at])) {
    if (bytes[at] !== 48) zeros = false;
    at += 1;
  }
  if (at !== end || at === fraction || at - fraction > mostFractionDigits) return false;
  // PostgreSQL has no negative zero.
  return !(zeros && bytes[start] === 45);
}

/** The end of a decimal number that begins at `at`; -1 where there is none. */
function endOfDecimal(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === 45 ? at + 1 : at;
  const whole = i;
  while (i < end && isDigit(bytes[i])) i += 1;
  if (i === whole) return -1;
  if (i < end && bytes[i] === 46) {
    const fraction = i + 1;
    i = fraction;
    while (i < end && isDigit(bytes[i])) i += 1;
    if (i === fraction) return -1;
  }
  return i;
}

/** Four decimal numbers with single spaces between: CommCare's form of a GPS point. */
function isPointAt(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let number = 0; number < 4; number += 1) {
    if (number > 0) {
      if (bytes[at] !== 32) return false;
      at += 1;
    }
    at = endOfDecimal(bytes, at, end);
    if (at < 0) return false;
  }
  return at === end;
}

/**
 * The kind of a text that is not empty, given as bytes. Only forms that come back from PostgreSQL character by
 * character, or nearly so (see `instantFormat`), count as typed.
 */
export function kindOfText(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const first = bytes[start] as number;
  const digit = isDigit(first);
  if (digit || first === 45) {
    if (digit && length >= 8) {
      if (length >= 10 && isDateAt(bytes, start)) {
        if (length === 10) return Kind.date;
        if (length > 18 && length < 33 && bytes[start + 10] === 84) {
          const time = timeAt(bytes, start + 11, end);
          if (time !== Time.none) return time === Time.zoned ? Kind.timestamptz : Kind.timestamp;
        }
        return Kind.text;
      }
      if (bytes[start + 2] === 58) {
        return timeAt(bytes, start, end) === Time.local ? Kind.time : Kind.text;
      }
    }
    const begin = digit ? start : start + 1;
    let at = begin;
    while (at < end && isDigit(bytes[at])) at += 1;
    if (at === end) {
      if (at === begin) return Kind.text;
      // Leading zeros mean something (codes, phone numbers); so does "-0".
      if (bytes[begin] === 48 && length > 1) return Kind.text;
      return fitsBigint(bytes, begin, end, !digit) ? Kind.integer : Kind.text;
    }
    if (bytes[at] === 46 && isDecimalAt(bytes, start, end)) return Kind.decimal;
    if (isPointAt(bytes, start, end)) return Kind.point;
  }
  if (length === 4 && first === 116) {
    return bytes[start + 1] === 114 && bytes[start + 2] === 117 && bytes[start + 3] === 101
      ? Kind.boolean
      : Kind.text;
  }
  if (length === 5 && first === 102) {
    const isFalse =
      bytes[start + 1] === 97 &&
      bytes[start + 2] === 108 &&
      bytes[start + 3] === 115 &&
      bytes[start + 4] === 101;
    return isFalse ? Kind.boolean : Kind.text;
  }
  return Kind.text;
}

/** Exponents beyond this are no measurements; such a number stays text, so that no numeric overflows. */
const largestExponent = 100;
/** More digits than this are kept as text. */
const longestNumber = 200;

/** The kind of a JSON number (valid, so without leading zeros). */
export function kindOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let whole = true;
  for (let at = start; at < end; at += 1) {
    const c = bytes[at] as number;
    if (c === 101 || c === 69) {
      const exponent = Number(String.fromCharCode(...bytes.subarray(at + 1, Math.min(end, at + 12))));
      return Math.abs(exponent) <= largestExponent && at - start <= longestNumber ? Kind.decimal : Kind.text;
    }
    if (c === 46) whole = false;
  }
  const negative = bytes[start] === 45;
  const begin = negative ? start + 1 : start;
  if (whole && !(negative && bytes[begin] === 48) && fitsBigint(bytes, begin, end, negative))
    return Kind.integer;
  return end - start <= longestNumber ? Kind.decimal : Kind.text;
}

/** Whether numeric gives a JSON number back as it came: it knows neither exponents nor a negative zero. */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let zero = bytes[start] === 45;
  for (let at = start; at < end; at += 1) {
    const c = bytes[at] as number;
    if (c === 101 || c === 69) return false;
    if (c > 48 && c <= 57) zero = false;
  }
  return !zero;
}

/**
 * How the instants, or times of day, of a column are written, so that they can be written out again the same: digits
 * of a second. Null for forms that PostgreSQL can't reproduce without the original text.
 */
export type InstantFormat = 0 | 3 | 6 | null;

/** The format of what `kindOfText` called a timestamp or a time. */
export function instantFormat(bytes: Uint8Array, start: number, end: number): InstantFormat {
  // Behind the date and its T, where there is one.
  const time = bytes[start + 2] === 58 ? start : start + 11;
  const length = (bytes[end - 1] === 90 ? end - 1 : end) - time;
  if (length === 8) return 0;
  if (length === 12 && bytes[time + 8] === 46) return 3;
  return length === 15 && bytes[time + 8] === 46 ? 6 : null;
}
