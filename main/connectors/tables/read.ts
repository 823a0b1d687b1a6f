import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { say } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import { type Page, ReadAnew, type ReadContext } from '../connector.ts';
import type { SourceDatabase } from '../database.ts';
import { parseDocument, tokenize, tokenSize, type Value, withTape } from '../document.ts';
import type { Json } from '../json.ts';
import { databaseOf, type SourceTable, tablesNamed } from './table.ts';
import { rowWriter } from './values.ts';

type Row = readonly (string | null)[];

/** PostgreSQL's index takes 2,704 bytes, and a character has up to four. */
const longestKey = 600;
/** Rows of one page, at most. */
const pageRows = 5000;
/** Troubles of the way and of the server's bounds that another statement gets over. */
const passing = new Set(['DB_LOST', 'DB_TIMEOUT', 'DB_REFUSED', 'QUERY_TIMEOUT', 'SSH_LOST', 'OFFLINE']);

/** Where reading stands. */
interface Cursor {
  /** The key of the last row that was read; null where rows have no order that reading could go on in. */
  readonly after: readonly string[] | null;
  /** Rows that were read up to here. */
  readonly rows: number;
  /** The columns that `after` has values of. */
  readonly by: readonly string[];
}

const start: Cursor = { after: null, rows: 0, by: [] };

/** Behind a row in the order of several columns: `a > x OR (a = x AND b > y)`, which every engine takes. */
function behind(
  { reading }: SourceDatabase,
  { columns, order }: SourceTable,
  values: readonly string[],
): string {
  const bounds = order.map((at, place) => {
    const { name, type } = columns[at] as SourceTable['columns'][number];
    return { column: reading.ident(name), value: reading.after?.(type, values[place] ?? '') ?? '' };
  });
  return bounds
    .map(({ column, value }, place) => {
      const same = bounds.slice(0, place).map((each) => `${each.column} = ${each.value}`);
      return `(${[...same, `${column} > ${value}`].join(' AND ')})`;
    })
    .join(' OR ');
}

/** The statement that reads a table, from behind a row where one is given. */
export function selectOf(
  database: SourceDatabase,
  table: SourceTable,
  after: readonly string[] | null,
): string {
  const { ident } = database.reading;
  const columns = table.columns.map(({ name, reading }) => {
    const column = ident(name);
    return reading.select === undefined ? column : `${reading.select(column)} AS ${column}`;
  });
  const from = `${ident(table.schema)}.${ident(table.name)}`;
  const where = after === null ? '' : ` WHERE ${behind(database, table, after)}`;
  const by = table.key.map(ident);
  // By the table's own columns: what is selected in their place may have their names.
  const order = by.length === 0 ? '' : ` ORDER BY ${by.map((column) => `${from}.${column}`).join(', ')}`;
  return `SELECT ${columns.join(', ')} FROM ${from}${where}${order}`;
}

/** The rows of a table, in the order of its key where reading can go on behind one. */
export async function* readTable(dataset: string, context: ReadContext): AsyncGenerator<Page, void> {
  const database = databaseOf(context);
  const { signal } = context;
  const [table] = await tablesNamed([dataset], context);
  if (table === undefined) return;
  let waiting = database.patience(signal);
  let cursor: Cursor = { ...start, ...(context.cursor as Partial<Cursor> | null) };
  const insistOrder = (why: AppError): void => {
    // Where the key is another one by now, what was read is keyed otherwise than what would come.
    if (cursor.rows > 0 && (cursor.after === null || !isDeepStrictEqual(cursor.by, table.key)))
      throw new ReadAnew(why.code, why.said, { cause: why });
  };
  insistOrder(new AppError('SOURCE_UNREACHABLE', say('tables.cutOff', { table: table.name })));
  for (;;) {
    try {
      for await (const page of pagesOf(database, table, cursor, signal)) {
        cursor = page.cursor as unknown as Cursor;
        waiting = database.patience(signal);
        yield page;
      }
      return;
    } catch (error) {
      if (signal.aborted) throw cancelled();
      if (!(error instanceof AppError)) throw error;
      if (!passing.has(error.code)) throw told(error, database, table);
      const trouble = said(error, database);
      await waiting.again(trouble);
      insistOrder(trouble);
    }
  }
}

/** A trouble of a source that is a database: it is told from one of the database that is landed in. */
const said = (error: AppError, { place }: SourceDatabase): AppError =>
  new AppError('SOURCE_UNREACHABLE', say('tables.sourceTrouble', { place, why: error.said }), {
    cause: error,
  });

/** What a statement failed with, with the table and the database that it is about. */
const told = (error: AppError, { place }: SourceDatabase, { name }: SourceTable): AppError =>
  new AppError(error.code, say('tables.readingFailed', { table: name, place, why: error.said }), {
    cause: error,
    ...(error.advised && { advice: error.advised }),
  });

/** What one statement gives, from where reading stands. */
async function* pagesOf(
  database: SourceDatabase,
  table: SourceTable,
  from: Cursor,
  signal: AbortSignal,
): AsyncGenerator<Page, void> {
  const answer = await database.rows(selectOf(database, table, from.after), signal);
  try {
    const write = rowWriter(table.columns);
    const key = keyOf(table);
    let { rows: count } = from;
    for (;;) {
      const { rows, end } = await answer.next(pageRows, signal);
      if (rows.length > 0) {
        const records = recordsOf(rows, write, table.columns.length);
        const keys = rows.map((row, at) => key(row, count + at + 1));
        count += rows.length;
        const last = rows.at(-1) as Row;
        const after = table.order.length === 0 ? null : table.order.map((at) => last[at] ?? '');
        const cursor: Cursor = { after, rows: count, by: table.key };
        yield { records, keys, cursor: cursor as unknown as Json, spent: true, total: null };
      }
      if (end !== 'open') return;
    }
  } finally {
    await answer.close();
  }
}

/** Rows as one document, whose size is known before: it is not made larger again and again while it is taken apart. */
function recordsOf(rows: readonly Row[], write: (row: Row) => string, columns: number): Value[] {
  let json = '[';
  for (const [at, row] of rows.entries()) {
    if (at > 0) json += ',';
    json += write(row);
  }
  const bytes = Buffer.from(`${json}]`, 'utf8');
  const ints = (rows.length * (2 * columns + 1) + 4) * tokenSize;
  return parseDocument(
    withTape(
      bytes,
      tokenize(bytes, (least) => new Int32Array(Math.max(least, ints))),
    ),
  ).items();
}

/** A key that an index has room for: a longer one is told by its digest. */
const indexable = (key: string): string =>
  key.length <= longestKey ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** What tells the rows of a table apart: the key's values as they are printed, or the row's number where it has no key. */
function keyOf({ order }: SourceTable): (row: Row, number: number) => string {
  const [first, ...others] = order;
  if (first === undefined) return (_, number) => String(number);
  if (others.length === 0) return (row) => indexable(row[first] ?? '');
  return (row) => indexable(JSON.stringify(order.map((at) => row[at] ?? '')));
}
