import { ident, qualified } from '../engines/sql.ts';
import { type ColumnType, type InstantFormat, instantFormat, typeOf } from './kinds.ts';
import type { Column, Row, Table } from './layout.ts';
import type { Shape } from './shape.ts';

/*
 * Staging tables use names of their own, so that the final ones can be chosen when everything is known:
 *   <dataset>_t<n>  k: the record's key · p<t>: position in repeat t · c<path>: a value · raw: the source record
 *   _v: sequence number of the record (the later of two wins) · _x: what the typed columns can't tell, mostly null:
 *       {"v": {"<path>": "<text as it came>"}, "e": [<paths of objects without values>]}
 */
export const stagingTable = (dataset: string, table: Pick<Table, 'index'>): string =>
  `${dataset}_t${table.index}`;
export const columnName = (path: number): string => `c${path}`;
export const positionName = (table: number): string => `p${table}`;

export interface EncodedPage {
  /** Statements that make room for the page; run before its rows, in the same transaction. */
  readonly ddl: readonly string[];
  readonly copies: readonly { readonly sql: string; readonly data: Buffer; readonly rows: number }[];
}

const backslash = 92;
const firstPrintable = 32;
/** Up to this length a loop over the characters is faster than five searches. */
const shortText = 64;

const hasControl = (text: string): boolean =>
  text.includes('\n') || text.includes('\t') || text.includes('\r') || text.includes('\0');

function needsEscape(text: string): boolean {
  if (text.length > shortText) return text.includes('\\') || hasControl(text);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < firstPrintable || code === backslash) return true;
  }
  return false;
}

/** Text format of COPY (PostgreSQL docs, "COPY", File Formats). NUL can't be stored and is dropped. */
function copyText(text: string): string {
  if (!needsEscape(text)) return text;
  const escaped = text.replaceAll('\\', '\\\\');
  // Source records have backslashes in plenty and control characters hardly ever: do not walk them four times more.
  if (!hasControl(escaped)) return escaped;
  return escaped.replaceAll('\0', '').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

/** An escaped NUL, or half of a surrogate pair without the other half: jsonb takes neither. */
const suspicious =
  /\\u0000|\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F]/;

const wellFormed = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [wellFormed(key), wellFormed(item)]),
    );
  }
  return value;
};

/** A JSON text that jsonb takes: NULs dropped, lone surrogates replaced. Untouched unless it has either. */
export function cleanJson(text: string): string {
  return text.includes('\\u') && suspicious.test(text) ? JSON.stringify(wellFormed(JSON.parse(text))) : text;
}

/** How a value is written as text, exactly as it would be in a text column. */
const plain = (value: unknown): string => (typeof value === 'string' ? value : String(value));

/** True when the typed column can't give the text back as it came. */
function isException(type: ColumnType, value: unknown, format: InstantFormat | undefined): boolean {
  if (type === 'timestamptz' || type === 'timestamp') {
    const text = value as string;
    if (type === 'timestamptz' && text.charCodeAt(text.length - 1) !== 90) return true;
    const own = instantFormat(text);
    return own === null || own !== format;
  }
  return type === 'numeric' && typeof value === 'number' && String(value).includes('e');
}

/** SQL that writes a staged column out as the text it came as, but for its exceptions. */
export function asText(column: Column): string {
  const name = columnName(column.path);
  const fraction = column.format === 6 ? '.US' : column.format === 3 ? '.MS' : '';
  switch (column.applied) {
    case 'timestamptz':
      return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS${fraction}"Z"')`;
    case 'timestamp':
      return `to_char(${name}, 'YYYY-MM-DD"T"HH24:MI:SS${fraction}')`;
    default:
      return `${name}::text`;
  }
}

/** `ALTER COLUMN … TYPE …` that loses nothing. */
function retype(column: Column, type: ColumnType): string {
  const name = columnName(column.path);
  if (type === 'numeric') return `ALTER COLUMN ${name} TYPE numeric USING ${name}::numeric`;
  const text = column.applied === 'text' ? name : `coalesce(_x->'v'->>'${column.path}', ${asText(column)})`;
  const value = type === 'jsonb' ? `jsonb_build_array(${text})` : text;
  return `ALTER COLUMN ${name} TYPE ${type} USING CASE WHEN ${name} IS NOT NULL THEN ${value} END`;
}

/** What has to change in the staging schema so that the shape's columns are there; marks them as there. */
export function planDdl(shape: Shape, schema: string, dataset: string, keepRaw: boolean): string[] {
  const ddl: string[] = [];
  for (const table of shape.tables) {
    const name = qualified(schema, stagingTable(dataset, table));
    if (!table.created) {
      const columns = [
        'k text NOT NULL',
        ...table.repeats.map((repeat) => `${positionName(repeat)} integer NOT NULL DEFAULT 1`),
        '_v integer NOT NULL',
        '_x jsonb',
        ...table.columns.map((column) => `${columnName(column.path)} ${typeOf(column.mask)}`),
        ...(keepRaw && table.index === 0 ? ['raw jsonb'] : []),
      ];
      ddl.push(`CREATE TABLE ${name} (${columns.join(', ')})`);
      table.created = true;
    } else {
      const changes = [
        ...table.repeats
          .filter((repeat) => !table.appliedRepeats.includes(repeat))
          .map((repeat) => `ADD COLUMN ${positionName(repeat)} integer NOT NULL DEFAULT 1`),
        ...table.columns.flatMap((column) => {
          const type = typeOf(column.mask);
          if (column.applied === null) return [`ADD COLUMN ${columnName(column.path)} ${type}`];
          return column.applied === type ? [] : [retype(column, type)];
        }),
      ];
      // One statement, so that several widened columns cost one rewrite of the table.
      if (changes.length > 0) ddl.push(`ALTER TABLE ${name} ${changes.join(', ')}`);
    }
    table.appliedRepeats = table.repeats;
    for (const column of table.columns) column.applied = typeOf(column.mask);
  }
  return ddl;
}

function encodeValue(column: Column, type: ColumnType, value: unknown): string {
  if (type === 'jsonb') {
    const list = column.keepsJson || Array.isArray(value) ? value : [plain(value)];
    return copyText(cleanJson(JSON.stringify(list)));
  }
  return copyText(plain(value));
}

function encodeRow(table: Table, row: Row, types: readonly ColumnType[], raw: string | null): string {
  let values = '';
  let exceptions: Record<string, string> | null = null;
  for (let at = 0; at < types.length; at += 1) {
    const value = row.values[at];
    if (value === undefined) {
      values += '\t\\N';
      continue;
    }
    const column = table.columns[at] as Column;
    const type = types[at] as ColumnType;
    if (type !== 'text' && type !== 'jsonb' && isException(type, value, column.format)) {
      exceptions ??= {};
      exceptions[column.path] = plain(value);
    }
    values += `\t${encodeValue(column, type, value)}`;
  }
  let positions = '';
  for (const repeat of table.repeats) {
    const at = row.repeats.indexOf(repeat);
    // A repeat that became known after this row was made: its object was a lone one, so the first.
    positions += `\t${at < 0 ? 1 : row.positions[at]}`;
  }
  const x =
    exceptions === null && row.empties === null
      ? '\\N'
      : copyText(
          JSON.stringify({
            ...(exceptions === null ? {} : { v: exceptions }),
            ...(row.empties === null ? {} : { e: row.empties }),
          }),
        );
  return `${copyText(row.key)}${positions}\t${row.seq}\t${x}${values}${raw === null ? '' : `\t${raw}`}\n`;
}

/** The rows that the shape holds now, as COPY data, with the statements that must run before. Empties the rows. */
export function encodePage(
  shape: Shape,
  schema: string,
  dataset: string,
  sources: readonly string[] | null,
): EncodedPage {
  const ddl = planDdl(shape, schema, dataset, sources !== null);
  const copies = shape.tables.flatMap((table) => {
    if (table.rows.length === 0) return [];
    const types = table.columns.map((column) => column.applied as ColumnType);
    const withRaw = sources !== null && table.index === 0;
    const columns = [
      'k',
      ...table.repeats.map(positionName),
      '_v',
      '_x',
      ...table.columns.map((column) => columnName(column.path)),
      ...(withRaw ? ['raw'] : []),
    ];
    let text = '';
    for (const row of table.rows) {
      const source = withRaw ? sources[row.raw] : undefined;
      text += encodeRow(
        table,
        row,
        types,
        withRaw ? (source === undefined ? '\\N' : copyText(cleanJson(source))) : null,
      );
    }
    return [
      {
        sql: `COPY ${qualified(schema, stagingTable(dataset, table))} (${columns.map(ident).join(', ')}) FROM STDIN`,
        data: Buffer.from(text, 'utf8'),
        rows: table.rows.length,
      },
    ];
  });
  shape.clearRows();
  return { ddl, copies };
}
