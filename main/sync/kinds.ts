/**
 * What a scalar looks like, as bits, so that a column's evidence is one number: the union of the kinds it has seen.
 * The column's type is a function of that union alone, so it does not depend on the order of the records.
 */
export const Kind = {
  boolean: 1,
  integer: 2,
  decimal: 4,
  date: 8,
  timestamptz: 16,
  timestamp: 32,
  uuid: 64,
  text: 128,
  /** An array without objects in it, or a subtree that is kept whole. */
  list: 256,
} as const;

export type ColumnType =
  | 'boolean'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'timestamptz'
  | 'timestamp'
  | 'uuid'
  | 'text'
  | 'jsonb';

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
    case Kind.uuid:
      return 'uuid';
    default:
      return 'text';
  }
}

const zero = 48;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const two = (text: string, at: number): number =>
  (text.charCodeAt(at) - zero) * 10 + (text.charCodeAt(at + 1) - zero);

/** A calendar date of the years 1 to 9999 at the start of `text`, in the form YYYY-MM-DD. */
function isDateAt(text: string): boolean {
  for (const at of [0, 1, 2, 3, 5, 6, 8, 9]) if (!isDigit(text.charCodeAt(at))) return false;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > (daysInMonth[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** HH:MM:SS with up to six digits of a second, then nothing, Z or an offset that PostgreSQL takes. */
const timeOfDay = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?$/;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const decimalForm = /^-?(?:0|[1-9]\d{0,30})\.\d{1,30}$/;
const largestInteger = 9223372036854775807n;

/** The kind of a non-empty text. Only forms that come back from PostgreSQL character by character count as typed. */
export function kindOfText(text: string): number {
  const length = text.length;
  const first = text.charCodeAt(0);
  if (isDigit(first) || first === 45) {
    if (length >= 10 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 && isDateAt(text)) {
      if (length === 10) return Kind.date;
      const separator = text.charCodeAt(10);
      if (length > 18 && length < 33 && separator === 84) {
        const time = timeOfDay.exec(text.slice(11));
        if (time) return time[1] === undefined ? Kind.timestamp : Kind.timestamptz;
      }
      return Kind.text;
    }
    if (length <= 20) {
      const begin = first === 45 ? 1 : 0;
      let at = begin;
      while (at < length && isDigit(text.charCodeAt(at))) at += 1;
      if (at === length && at > begin) {
        const leading = text.charCodeAt(begin);
        // Leading zeros mean something (codes, phone numbers); so does "-0".
        if (leading === zero && (length > 1 || begin === 1)) return Kind.text;
        if (length < 19) return Kind.integer;
        const value = BigInt(text);
        return value <= largestInteger && value >= -largestInteger - 1n ? Kind.integer : Kind.text;
      }
    }
    if (decimalForm.test(text)) return /^-0\.0+$/.test(text) ? Kind.text : Kind.decimal;
  }
  if (length === 36 && uuidForm.test(text)) return Kind.uuid;
  if (text === 'true' || text === 'false') return Kind.boolean;
  return Kind.text;
}

/** The kind of a JSON number. */
export function kindOfNumber(value: number): number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? Kind.integer : Kind.decimal;
}

/**
 * How the instants of a column are written, so that they can be written out again the same: digits of a second, and
 * whether they end in Z. Null for forms that PostgreSQL can't reproduce without the original text.
 */
export type InstantFormat = 0 | 3 | 6 | null;

export function instantFormat(text: string): InstantFormat {
  const zoned = text.charCodeAt(text.length - 1) === 90;
  const length = zoned ? text.length - 1 : text.length;
  if (length === 19) return 0;
  if (length === 23 && text.charCodeAt(19) === 46) return 3;
  if (length === 26 && text.charCodeAt(19) === 46) return 6;
  return null;
}
