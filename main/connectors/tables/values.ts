import type { ColumnReading, LandedType } from '../../engines/tables.ts';
import { tokenize } from '../document.ts';

/** A value as JSON: what a column of its type takes, and a text of what came where that is something else. */
type Writer = (value: string) => string;

const asText: Writer = (value) => JSON.stringify(value);
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const bareFraction = /^(-?)(\.\d+)$/;
const moment = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?$/;
/** What MySQL keeps for a day that is none. */
const noDay = /^0000-00-00/;

/** All digits that PostgreSQL keeps of a second; undefined where there are more that say something. */
function micros(fraction: string): string | undefined {
  const padded = fraction.padEnd(6, '0');
  return /^0*$/.test(padded.slice(6)) ? padded.slice(0, 6) : undefined;
}

/** Instants are in UTC, by a server's session; one with another offset keeps it. */
function offsetOf(zone: string | undefined): string {
  if (zone === undefined || zone === 'UTC' || /^(?:Z|\+00(?::?00)?)$/.test(zone)) return 'Z';
  return zone.length === 3
    ? `${zone}:00`
    : zone.includes(':')
      ? zone
      : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** A moment with six digits of a second, always: PostgreSQL's own forms differ from row to row. */
const asMoment =
  (withZone: boolean): Writer =>
  (value) => {
    const [, day, time, fraction = '', zone] = moment.exec(value) ?? [];
    if (day === undefined) {
      if (noDay.test(value)) return 'null';
      return withZone && /^-?\d{1,18}$/.test(value) ? instant(BigInt(value)) : asText(value);
    }
    const digits = micros(fraction);
    if (digits === undefined || (zone !== undefined && !withZone)) return asText(value);
    return `"${day}T${time}.${digits}${withZone ? offsetOf(zone) : ''}"`;
  };

/** Microseconds since 1970. */
function instant(all: bigint): string {
  const rest = ((all % 1000n) + 1000n) % 1000n;
  const at = new Date(Number((all - rest) / 1000n));
  if (Number.isNaN(at.getTime())) return asText(String(all));
  return `"${at.toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z"`;
}

const asNumber: Writer = (value) => {
  if (number.test(value)) return value;
  // MySQL's ZEROFILL is how a number is printed.
  const bare = value.replace(/^(-?)0+(?=\d)/, '$1');
  if (bare !== value && number.test(bare)) return bare;
  const [, sign = '', fraction] = bareFraction.exec(value) ?? [];
  return fraction === undefined ? asText(value) : `${sign}0${fraction}`;
};

const yes = new Set(['t', 'true', 'TRUE', '1']);
const no = new Set(['f', 'false', 'FALSE', '0']);

/** Where a document is none, as some servers let one be, its text is kept. */
const asJson: Writer = (value) => {
  try {
    tokenize(Buffer.from(value, 'utf8'));
    return value;
  } catch {
    return asText(value);
  }
};

const asTime: Writer = (value) => {
  const [, time, fraction = ''] = /^(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?$/.exec(value) ?? [];
  const digits = micros(fraction);
  return time === undefined || digits === undefined ? asText(value) : `"${time}.${digits}"`;
};

const writers: Readonly<Record<LandedType, Writer>> = {
  text: asText,
  bigint: asNumber,
  numeric: asNumber,
  boolean: (value) => (yes.has(value) ? 'true' : no.has(value) ? 'false' : asText(value)),
  date: (value) => (noDay.test(value) ? 'null' : asText(value)),
  time: asTime,
  timestamp: asMoment(false),
  timestamptz: asMoment(true),
  json: asJson,
};

/** How the rows of these columns are written as JSON objects. */
export function rowWriter(
  columns: readonly { readonly name: string; readonly reading: ColumnReading }[],
): (row: readonly (string | null)[]) => string {
  const keys = columns.map(({ name }, at) => `${at === 0 ? '' : ','}${JSON.stringify(name)}:`);
  const each = columns.map(({ reading }) => writers[reading.type]);
  return (row) => {
    let json = '{';
    for (let at = 0; at < keys.length; at += 1) {
      const value = row[at];
      json += keys[at];
      json += value === null || value === undefined ? 'null' : (each[at] as Writer)(value);
    }
    return `${json}}`;
  };
}
