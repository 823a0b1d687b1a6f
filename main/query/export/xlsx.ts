import { type ColumnDef, writeXlsxStream, XLSX_MAX_ROWS_PER_SHEET } from 'hucre/xlsx';
import type { QueryColumn } from '../../../preload/contract/models.ts';
import { plainNumber } from '../../../preload/contract/query-values.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/*
 * What Excel can hold is less than what PostgreSQL can: numbers of 15 digits, dates from 1900 on and without a zone, 32,767
 * characters in a cell. A value is a number, a date or a yes where the cell says exactly the same; else it is PostgreSQL's
 * own text, so that nothing is rounded.
 */

/** A cell that Excel opens without complaint. */
export type Cell = string | number | boolean | null;
type Row = readonly (string | null)[];

/** Excel's own limits ("Excel specifications and limits"). */
const mostColumns = 16_384;
const longestText = 32_767;
const mostDigits = 15;
const smallestNumber = 2.2250738585072014e-308;

const dayMs = 86_400_000;
const dayMicros = 86_400_000_000;
/** Day 0 of Excel's calendar for every day after February 1900, which has a 29th there. */
const dayZero = Date.UTC(1899, 11, 30);
const firstTrueDay = 61;

export interface XlsxOptions {
  /** Told at the end of every page: cells so far that were longer than Excel takes, and end with a mark. */
  readonly onCut?: ((cells: number) => void) | undefined;
  /** Rows of a sheet with its head, after which a further sheet begins. */
  readonly rowsPerSheet?: number;
}

/**
 * A workbook as it is written, of pages of rows: a sheet, and further ones where Excel's rows of one sheet do not do. Pages are
 * taken no faster than the bytes are. Fails with what the pages fail with, and with QUERY_TOO_LARGE where Excel has no room.
 */
export async function* xlsxOf(
  columns: readonly QueryColumn[],
  pages: AsyncIterable<readonly Row[]>,
  { onCut = () => {}, rowsPerSheet = XLSX_MAX_ROWS_PER_SHEET }: XlsxOptions = {},
): AsyncGenerator<Uint8Array> {
  if (columns.length > mostColumns)
    throw tooLarge(say('query.excelColumnsAnswer', { mostColumns, count: columns.length }));
  let cut = 0;
  const texts = (text: string): string => {
    if (text.length > longestText) cut += 1;
    return textCell(text);
  };
  const kinds = columns.map(({ type }) => kindOf(type));
  const heads: ColumnDef[] = columns.map(({ name }, at) => ({
    header: texts(name),
    width: kinds[at]?.width ?? 20,
    ...(kinds[at]?.look !== undefined && { numFmt: kinds[at].look }),
  }));
  let problem: { readonly error: unknown } | null = null;
  async function* rows(): AsyncGenerator<Cell[]> {
    try {
      for await (const page of pages) {
        for (const row of page) {
          yield row.map((value, at) => {
            if (value === null) return null;
            const cell = kinds[at]?.cell(value) ?? value;
            return typeof cell === 'string' ? texts(cell) : cell;
          });
        }
        onCut(cut);
      }
    } catch (error) {
      problem = { error };
      throw error;
    }
  }
  try {
    yield* writeXlsxStream(rows(), {
      ...{ name: 'Query', columns: heads, freezePane: { rows: 1 } },
      maxRowsPerSheet: rowsPerSheet,
    });
  } catch (error) {
    // On its way through the streams of a workbook an error may become another.
    const own = problem as { readonly error: unknown } | null;
    if (own !== null) throw own.error;
    if ((error as Error | null)?.name === 'ZipError') throw tooLarge(say('query.sheetWorkbookHolds4'), error);
    throw error;
  }
}

const tooLarge = (message: Said, cause?: unknown): AppError =>
  new AppError('QUERY_TOO_LARGE', message, { cause });

interface Kind {
  readonly cell: (value: string) => Cell;
  /** How Excel shows a number of this kind. */
  readonly look?: string;
  /** In characters; a date that is wider than its column shows as signs. */
  readonly width?: number;
}

const asText: Kind = { cell: (value) => value };

/** What a type of PostgreSQL is in a cell. */
function kindOf(type: string): Kind {
  if (type === 'boolean') return { cell: (value) => value === 't' || value === 'true', width: 8 };
  if (/^(smallint|integer|bigint|oid)$/.test(type)) return { cell: exactNumber, look: '0', width: 14 };
  const numeric = /^numeric(?:\(\d+,(-?\d+)\))?$/.exec(type);
  if (numeric) {
    const scale = Number(numeric[1] ?? 0);
    return {
      cell: exactNumber,
      width: 14,
      ...(scale > 0 && scale <= 30 && { look: `0.${'0'.repeat(scale)}` }),
    };
  }
  if (/^(real|double precision)$/.test(type)) return { cell: floatingNumber, width: 14 };
  if (type === 'date') return { cell: dateCell, look: 'yyyy-mm-dd', width: 12 };
  if (/^timestamp(\(\d\))? without time zone$/.test(type))
    return { cell: (value) => instantCell(value, ''), look: 'yyyy-mm-dd hh:mm:ss', width: 20 };
  // A date of Excel has no zone; the look says of every cell that it is UTC.
  if (/^timestamp(\(\d\))? with time zone$/.test(type))
    return { cell: (value) => instantCell(value, '+00'), look: 'yyyy-mm-dd hh:mm:ss" UTC"', width: 24 };
  if (/^time(\(\d\))? without time zone$/.test(type)) return { cell: timeCell, look: 'hh:mm:ss', width: 10 };
  return asText;
}

/** Excel keeps 15 digits of a number; one of more is text. */
function exactNumber(value: string): Cell {
  if (!plainNumber.test(value)) return value;
  const digits = value
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const isWhole = !value.includes('.');
  const told = isWhole ? digits : digits.replace(/0+$/, '');
  return told.length > mostDigits ? value : floatingNumber(value);
}

/** A floating-point number is the same in a workbook, but for what is none, zero below zero, and what Excel takes for zero. */
function floatingNumber(value: string): Cell {
  const number = plainNumber.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number) || Object.is(number, -0)) return value;
  return number === 0 || Math.abs(number) >= smallestNumber ? number : value;
}

function dayOf(year: string, month: string, day: string): number {
  return (Date.UTC(Number(year), Number(month) - 1, Number(day)) - dayZero) / dayMs;
}

function dateCell(value: string): Cell {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? [];
  if (year === undefined || month === undefined || day === undefined) return value;
  const serial = dayOf(year, month, day);
  return serial < firstTrueDay ? value : serial;
}

const clock = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;
/** Microseconds since midnight; null where it is no time of a day. */
function microsOf(text: string): number | null {
  const [, hours, minutes, seconds, fraction = ''] = clock.exec(text) ?? [];
  if (hours === undefined) return null;
  const micros =
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000_000 +
    Number(fraction.padEnd(6, '0'));
  return micros < dayMicros ? micros : null;
}

/** An instant is a number of days in Excel; far from today that number is too coarse for microseconds, and the instant text. */
function instantCell(value: string, zone: '' | '+00'): Cell {
  const text = zone === '' ? value : value.endsWith(zone) ? value.slice(0, -zone.length) : null;
  const day = text === null ? '' : dateCell(text.slice(0, 10));
  const micros = text === null || text[10] !== ' ' ? null : microsOf(text.slice(11));
  if (typeof day !== 'number' || micros === null) return value;
  const serial = day + micros / dayMicros;
  return Math.round((serial - day) * dayMicros) === micros ? serial : value;
}

function timeCell(value: string): Cell {
  const micros = microsOf(value);
  return micros === null ? value : micros / dayMicros;
}

/**
 * A text as a cell takes it: cut where it is too long, with a mark that says so; what looks like an escape of the format
 * (ECMA-376, ST_Xstring: `_x000D_`), or is no character of XML, escaped.
 */
function textCell(text: string): string {
  let kept = text;
  if (text.length > longestText) {
    const mark = `… [cut here, of ${text.length} characters]`;
    kept = `${text.slice(0, longestText - mark.length).replace(/[\uD800-\uDBFF]$/, '')}${mark}`;
  }
  return kept
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\uFFFE\uFFFF]/g, (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase()}_`);
}
