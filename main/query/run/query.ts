import { firstRows, openAnswer, type RowSource } from '../../engines/answer.ts';
import type { LandedReader, OpenAnswer, SqlClient, SqlTable } from '../../engines/engine.ts';
import { describedColumns } from '../../engines/postgres/cursor.ts';
import { isRefused } from '../../engines/postgres/postgres-errors.ts';
import type { Grammar } from '../check/grammar.ts';
import { insistHarmless, type ReadTable } from '../check/harmless.ts';
import type { AllowedFunction } from '../check/names.ts';
import type { Prepared } from '../check/prepared.ts';
import type { Reading } from '../check/statement.ts';
import { beginReading, pathOf } from './begin.ts';
import { columnsMeant, explainTrouble } from './trouble.ts';

/** Where and how a query runs, whatever it asks. */
export interface QueryPlace {
  /** Schemas that may be read; names without one are looked up in this order. */
  readonly schemas: readonly string[];
  readonly functions: readonly AllowedFunction[];
  readonly readerRole: string | null;
  /** A statement, and a page, may take so long. */
  readonly timeoutMs: number;
  /** How long nobody may ask for the next page. */
  readonly idleMs: number;
}

export interface QueryRequest extends QueryPlace {
  readonly statement: Prepared;
  /** Rows after which it ends. */
  readonly limit: number;
  /** Every row will be read: the plan is made for the last row and not for the first. */
  readonly whole: boolean;
}

/** An answer of which it is known what it was read from. */
export interface OpenQuery extends OpenAnswer {
  readonly tables: readonly ReadTable[];
}

export interface QueryDeps {
  readonly reader: LandedReader;
  readonly grammar: Grammar;
}

const cursor = 'headgate_query';

/** Statements that have no cursor answer at once; what they print is short. */
const direct: readonly Reading['kind'][] = ['explain', 'show'];

/** What is opened: rows by a cursor, and what they are read from. */
interface Opened extends RowSource {
  readonly tables: readonly ReadTable[];
}

/**
 * Begins a transaction that can't write, checks the statement there by what the server knows, and opens it.
 * Nothing of the answer is read but its first rows. Fails with QUERY_REFUSED, QUERY_FAILED, QUERY_TIMEOUT, DB_*, CANCELLED.
 */
export async function openQuery(
  deps: QueryDeps,
  request: QueryRequest,
  signal: AbortSignal,
): Promise<OpenQuery> {
  const { reading, values } = request.statement;
  const { timeoutMs } = request;
  const { answer, source } = await openAnswer<Opened>(
    request,
    {
      lend: (ending, work) =>
        deps.reader.session(ending, async (client) => {
          await work(await open(deps, client, reading, values, request));
          await client.query('ROLLBACK');
        }),
      explain: (error) => (isRefused(error) ? explainTrouble(error, { before: 0, timeoutMs }) : error),
    },
    signal,
  );
  return { ...answer, tables: source.tables };
}

async function open(
  { grammar }: QueryDeps,
  client: SqlClient,
  reading: Reading,
  values: readonly (string | null)[],
  request: QueryRequest,
): Promise<Opened> {
  const { schemas, functions, timeoutMs } = request;
  const begun = await beginReading(client, request);
  const tables = await insistHarmless(client, grammar, reading, { schemas, functions });
  await client.query(`${pathOf(schemas)}${request.whole ? '; SET LOCAL cursor_tuple_fraction = 1' : ''}`);
  const isDirect = direct.includes(reading.kind);
  const before = isDirect ? '' : `DECLARE ${cursor} NO SCROLL CURSOR WITHOUT HOLD FOR `;
  let table: SqlTable;
  try {
    table = await client.table(before + reading.text, values);
    if (!isDirect) table = await client.table(`FETCH ${firstRows} FROM ${cursor}`);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const names = await columnsMeant(error, client, tables);
    throw explainTrouble(error, { before: before.length, timeoutMs, names });
  }
  return {
    columns: await describedColumns(client, table),
    ...begun,
    tables,
    first: table.rows,
    more: !isDirect && table.rows.length === firstRows,
    fetch: async (rows) => (await client.table(`FETCH ${rows} FROM ${cursor}`)).rows,
  };
}
