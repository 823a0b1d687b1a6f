import { type Document, Token, Value } from '../../../connectors/document.ts';
import type { Json } from '../../../connectors/json.ts';
import { ident, qualified } from '../../../engines/postgres/sql.ts';
import { type ColumnType, type InstantFormat, instantFormat, isPlainNumber } from '../../shape/kinds.ts';
import type { Column, Table } from '../../shape/layout.ts';
import { dotted } from '../../shape/names.ts';
import type { RecordEntry, RowView } from '../../shape/rows.ts';
import type { Shape } from '../../shape/shape.ts';
import { type CopyBuffer, cleanJson, copyText, longPiece } from './copy-buffer.ts';
import { textsOfElements } from './finish/plan.ts';
import {
  columnName,
  mayDiffer,
  planDdl,
  positionName,
  type StagingOptions,
  stagingTable,
} from './staged-tables.ts';

/** PostgreSQL's page holds a row of 8,160 bytes; the header, the keys and what alignment wastes need the rest. */
const largestRow = 7600;
/** Larger values are moved out of the row by PostgreSQL itself and leave a pointer of this size. */
const largestInRow = 28;
/** What a value of a fixed size takes at most, its alignment included. */
const smallestInRow = 15;
/** A row can't be too long with fewer values. */
const fewValues = Math.floor(largestRow / largestInRow);

const canBeException: ReadonlySet<ColumnType> = new Set(['timestamptz', 'timestamp', 'time', 'numeric']);

/** True when the typed column can't give the text back as it came. */
function isException(
  type: ColumnType,
  { bytes, tape }: Document,
  at: number,
  format: InstantFormat | undefined,
): boolean {
  const start = tape[at + 1] as number;
  const end = tape[at + 2] as number;
  switch (type) {
    case 'timestamptz':
      if (bytes[end - 1] !== 90) return true;
      break;
    case 'timestamp':
    case 'time':
      break;
    case 'numeric':
      return tape[at] === Token.number && !isPlainNumber(bytes, start, end);
    default:
      return false;
  }
  const own = instantFormat(bytes, start, end);
  return own === null || own !== format;
}

/** What the typed columns of a row can't tell; see `_x` in staged-tables.ts. */
interface Rest {
  readonly v?: Record<string, string>;
  readonly e?: readonly number[];
  readonly b?: readonly string[];
  readonly o?: Record<string, Json>;
}

/** Everything that writing the rows of one table needs. */
interface TableWriter {
  readonly shape: Shape;
  readonly table: Table;
  readonly types: readonly ColumnType[];
  readonly keepRaw: boolean;
  /** Columns whose values may have to be told beside their typed form. */
  readonly checked: readonly number[];
  /**
   * Pairs of a column that is an element's text, and the element's own, which is published for both: the value is written to
   * it as well, so that it need not be moved there when everything is read.
   */
  readonly texts: readonly (readonly [text: number, element: number])[];
  /** Each column's token in the row at hand; 0 for none. */
  readonly tokens: Int32Array;
  readonly out: CopyBuffer;
}

const openList = 91;
const closeList = 93;
const quote = '"';

/** Writes a value in the form its column takes. */
function writeValue(out: CopyBuffer, column: Column, type: ColumnType, document: Document, at: number): void {
  if (type !== 'jsonb') {
    out.text(document, at);
    return;
  }
  const token = document.tape[at];
  if (column.keepsJson || token === Token.array) {
    out.json(document, at);
    return;
  }
  // A column of lists that has single values too: each becomes a list of one, its text kept.
  out.byte(openList);
  if (token === Token.object || token === Token.string || token === Token.escaped) out.json(document, at);
  else {
    out.string(quote);
    out.text(document, at);
    out.string(quote);
  }
  out.byte(closeList);
}

const jsonOf = (document: Document, at: number): Json => {
  const value = new Value(document, at);
  return value.kind === 'object' || value.kind === 'array' ? value.json() : value.text();
};

/** A record whose keys are names of the source, any of them: an object without a prototype. */
const recordOfNames = (): Record<string, Json> => Object.create(null) as Record<string, Json>;

const pathName = (shape: Shape, path: number): string => dotted(shape.paths[path]?.segments ?? []);

/**
 * Columns whose values would make the row longer than PostgreSQL takes, by the order of their paths, so that it does
 * not depend on the order in which columns came up.
 */
function tooMuch({ shape, table, tokens }: TableWriter, document: Document): number[] {
  const sized: { at: number; name: string; size: number }[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as number;
    if (token === 0) continue;
    const length = (document.tape[token + 2] as number) - (document.tape[token + 1] as number);
    sized.push({
      at,
      name: pathName(shape, (table.columns[at] as Column).path),
      size: Math.max(smallestInRow, Math.min(length + 4, largestInRow)),
    });
  }
  sized.sort((a, b) => (a.name < b.name ? -1 : 1));
  let size = tokens.length / 8;
  return sized
    .filter((value) => {
      size += value.size;
      return size > largestRow;
    })
    .map(({ at }) => at);
}

/** Everything about a row that its typed columns can't tell; null for nearly all rows. */
function restOf(writer: TableWriter, row: RowView, document: Document): Rest | null {
  const { shape, table, types, checked, tokens } = writer;
  let exceptions: Record<string, string> | null = null;
  for (const at of checked) {
    const token = tokens[at] as number;
    if (token === 0) continue;
    const column = table.columns[at] as Column;
    if (!isException(types[at] as ColumnType, document, token, column.format)) continue;
    exceptions ??= {};
    exceptions[column.path] = new Value(document, token).text();
  }
  let overflow: Record<string, Json> | null = null;
  const { spilled } = row;
  for (let at = 0; at < spilled.length; at += 3) {
    overflow ??= recordOfNames();
    const holder = shape.documents[spilled[at + 1] as number] as Document;
    overflow[pathName(shape, spilled[at] as number)] = jsonOf(holder, spilled[at + 2] as number);
  }
  if (tokens.length > fewValues) {
    for (const at of tooMuch(writer, document)) {
      overflow ??= recordOfNames();
      overflow[pathName(shape, (table.columns[at] as Column).path)] = jsonOf(document, tokens[at] as number);
      tokens[at] = 0;
      table.overflows = true;
    }
  }
  const { voids } = row;
  if (exceptions === null && overflow === null && voids.length === 0) return null;
  const empties = voids.filter((path) => path >= 0);
  const blanks = voids.filter((path) => path < 0).map((path) => pathName(shape, -1 - path));
  return {
    ...(exceptions === null ? {} : { v: exceptions }),
    ...(empties.length === 0 ? {} : { e: empties }),
    ...(blanks.length === 0 ? {} : { b: blanks }),
    ...(overflow === null ? {} : { o: overflow }),
  };
}

function writeRow(writer: TableWriter, row: RowView): void {
  const { shape, table, types, keepRaw, tokens, out } = writer;
  const record = shape.records[row.record] as RecordEntry;
  const document = shape.documents[row.document] as Document;
  tokens.fill(0);
  row.scatter(tokens);
  for (const [text, element] of writer.texts)
    if (tokens[element] === 0) tokens[element] = tokens[text] as number;
  const rest = restOf(writer, row, document);
  if (typeof record.key === 'string') out.string(copyText(record.key));
  else out.text(record.key.document, record.key.at);
  for (const repeat of table.repeats) {
    out.byte(tab);
    out.number(row.position(repeat));
  }
  out.byte(tab);
  out.number(record.seq);
  if (rest === null) out.string(separatedNull);
  else out.string(`\t${copyText(cleanJson(JSON.stringify(rest)))}`);
  const { foreign } = row;
  if (foreign.length > 0) writeMixed(writer, document, foreign);
  else {
    const { bytes: source, tape } = document;
    let { bytes, size: to } = out;
    let limit = bytes.length;
    // The hottest loop of a sync: the buffer is written to directly, and asked for room only when it is short of it.
    for (let at = 0; at < types.length; at += 1) {
      const token = tokens[at] as number;
      const start = token === 0 ? 0 : (tape[token + 1] as number);
      const length = token === 0 ? separatedNull.length : (tape[token + 2] as number) - start;
      if (to + length + 1 > limit) {
        out.size = to;
        out.reserve(length + 1);
        ({ bytes } = out);
        limit = bytes.length;
      }
      bytes[to] = tab;
      to += 1;
      if (token === 0) {
        bytes[to] = 92;
        bytes[to + 1] = 78;
        to += 2;
      } else if (types[at] === 'jsonb' || tape[token] === Token.escaped || length > longPiece) {
        out.size = to;
        writeValue(out, table.columns[at] as Column, types[at] as ColumnType, document, token);
        ({ bytes, size: to } = out);
        limit = bytes.length;
      } else {
        const end = start + length;
        for (let from = start; from < end; from += 1, to += 1) bytes[to] = source[from] as number;
      }
    }
    out.size = to;
  }
  if (keepRaw) {
    out.byte(tab);
    out.json(record.source.document, record.source.at);
  }
  out.byte(endOfRow);
}

/** The values of a row some of which stand in other documents. */
function writeMixed(writer: TableWriter, document: Document, foreign: readonly number[]): void {
  const { shape, table, types, tokens, out } = writer;
  for (let at = 0; at < types.length; at += 1) {
    const column = table.columns[at] as Column;
    const type = types[at] as ColumnType;
    const elsewhere = foreign.findIndex((value, k) => k % 3 === 0 && value === at);
    const token = elsewhere < 0 ? (tokens[at] as number) : (foreign[elsewhere + 2] as number);
    if (token === 0 && elsewhere < 0) out.string(separatedNull);
    else {
      const holder =
        elsewhere < 0 ? document : (shape.documents[foreign[elsewhere + 1] as number] as Document);
      out.byte(tab);
      writeValue(out, column, type, holder, token);
    }
  }
}

const tab = 9;
const endOfRow = 10;
const separatedNull = '\t\\N';

/** Takes the rows of a page, table by table. */
export interface RowSink {
  /** Statements that make room for what follows. */
  change(ddl: readonly string[]): void;
  /** Where the rows of a COPY statement into a table go; `rows` will be added. `table` is its qualified name. */
  into(copy: string, table: string, rows: number): CopyBuffer;
}

/**
 * Hands the rows that the shape holds now to `sink` as COPY data, what must be changed for them first, and empties them.
 * Stops between the tables, so that the thread can look up from its work.
 */
export function* encodePage(
  shape: Shape,
  schema: string,
  dataset: string,
  options: StagingOptions,
  sink: RowSink,
): Generator<void, void> {
  const { keepRaw, unlogged, names } = options;
  const ddl = planDdl(shape.tables.filter(mayDiffer), schema, dataset, options);
  if (ddl.length > 0) sink.change(ddl);
  for (const table of shape.tables) {
    if (table.rows.count === 0) continue;
    const withRaw = keepRaw && table.index === 0;
    const columns = [
      'k',
      ...table.repeats.map(positionName),
      '_v',
      '_x',
      ...table.columns.map((column) => columnName(column.path)),
      ...(withRaw ? ['raw'] : []),
    ];
    const name = qualified(schema, stagingTable(dataset, table));
    const copy = `COPY ${name} (${columns.map(ident).join(', ')}) FROM STDIN`;
    const types = table.columns.map((column) => column.applied as ColumnType);
    // What is only compared is not moved; a row that may be too long holds nothing twice.
    const isDouble = !unlogged && types.length <= fewValues;
    const writer: TableWriter = {
      shape,
      table,
      types,
      checked: [...types.keys()].filter((at) => canBeException.has(types[at] as ColumnType)),
      keepRaw: withRaw,
      texts: isDouble
        ? textsOfElements(shape, table, names).filter(
            ([text, element]) =>
              types[element] === types[text] || (types[element] === 'text' && types[text] !== 'jsonb'),
          )
        : [],
      tokens: new Int32Array(table.columns.length),
      out: sink.into(copy, name, table.rows.count),
    };
    table.rows.each((row) => writeRow(writer, row));
    yield;
  }
  shape.clearRows();
}
