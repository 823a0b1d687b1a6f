import type { QueryColumn, QueryPage, QueryWarning } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Reader, SqlClient, SqlTable } from '../../engines/engine.ts';
import { isRefused } from '../../engines/postgres/postgres-errors.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Grammar } from '../check/grammar.ts';
import { insistHarmless, type ReadTable } from '../check/harmless.ts';
import type { AllowedFunction } from '../check/names.ts';
import type { Prepared } from '../check/prepared.ts';
import type { Reading } from '../check/statement.ts';
import { asLongAs } from './as-long-as.ts';
import { beginReading, pathOf } from './begin.ts';
import { columnsMeant, explainTrouble, timedOut } from './trouble.ts';

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

/** An answer that is read page by page. */
export interface OpenQuery {
  readonly columns: readonly QueryColumn[];
  readonly role: string;
  readonly warnings: readonly QueryWarning[];
  readonly tables: readonly ReadTable[];
  /**
   * The next rows, at most so many, and fewer where they are large. One at a time. Fails with QUERY_* or DB_*, and the query is
   * over then; so it is when the signal ends it.
   */
  next(rows: number, signal: AbortSignal): Promise<QueryPage>;
  /** Ends it at the server. Never fails. */
  close(): Promise<void>;
  /** Resolves when it is over, however. */
  readonly over: Promise<void>;
}

export interface QueryDeps {
  readonly reader: Reader;
  readonly grammar: Grammar;
}

/** A page of so many characters is enough for one answer. */
const pageCharacters = 8 * 1024 * 1024;
/** Rows of which nobody knows yet how large they are. */
const firstRows = 50;
const cursor = 'headgate_query';

/** Statements that have no cursor answer at once; what they print is short. */
const direct: readonly Reading['kind'][] = ['explain', 'show'];

interface Opened {
  readonly client: SqlClient;
  readonly columns: QueryColumn[];
  readonly role: string;
  readonly warnings: QueryWarning[];
  readonly tables: readonly ReadTable[];
  /** What came with opening. */
  readonly rows: (string | null)[][];
  readonly hasCursor: boolean;
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
  const ending = new AbortController();
  let late = false;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let opened: (value: Opened) => void = () => {};
  const opening = new Promise<Opened>((resolve) => {
    opened = resolve;
  });
  const over = deps.reader.session(ending.signal, async (client) => {
    opened(await open(deps, client, reading, values, request));
    await finished;
    await client.query('ROLLBACK');
  });
  const ended = over.then(
    () => {},
    () => {},
  );
  /** Waits for what the server does, no longer than it may take; whoever leaves ends it. */
  const during = async <T>(by: AbortSignal, work: Promise<T>): Promise<T> => {
    const stop = (): void => ending.abort();
    if (by.aborted) stop();
    by.addEventListener('abort', stop, { once: true });
    // The server's own bound can be lifted by what it runs; this one can't.
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, request.timeoutMs + 1000);
    try {
      return await work;
    } catch (error) {
      if (late) throw timedOut(request.timeoutMs);
      if (by.aborted || ending.signal.aborted) throw cancelled();
      throw error;
    } finally {
      clearTimeout(timer);
      by.removeEventListener('abort', stop);
    }
  };

  // What fails while it is opened fails the session; what ends it before it is open is told by `over`.
  const first = await during(signal, Promise.race([opening, over.then(() => opening)]));
  const { client } = first;
  let waiting = first.rows;
  let soFar = 0;
  let done = !first.hasCursor;
  /** Characters of a row on average, as far as is known. */
  let perRow = 0;

  const fetch = async (rows: number): Promise<(string | null)[][]> => {
    const wanted = perRow === 0 ? firstRows : Math.floor(pageCharacters / perRow / 4);
    const count = Math.max(1, Math.min(rows, wanted));
    const { rows: found } = await client.table(`FETCH ${count} FROM ${cursor}`);
    if (found.length < count) done = true;
    return found;
  };
  const page = async (wanted: number): Promise<QueryPage> => {
    const rows: (string | null)[][] = [];
    const most = Math.min(wanted, request.limit - soFar);
    let characters = 0;
    const isFull = (): boolean => rows.length >= most || characters >= pageCharacters;
    while (!isFull() && (waiting.length > 0 || !done)) {
      if (waiting.length === 0) waiting = await fetch(most - rows.length + 1);
      let taken = 0;
      while (!isFull() && taken < waiting.length) {
        const row = waiting[taken] as (string | null)[];
        rows.push(row);
        for (const value of row) characters += 8 + (value?.length ?? 0);
        taken += 1;
      }
      waiting = waiting.slice(taken);
      perRow = Math.max(1, characters / Math.max(1, rows.length));
    }
    soFar += rows.length;
    // Whether there is more is known by one row more.
    if (waiting.length === 0 && !done) waiting = await fetch(1);
    const more = waiting.length > 0;
    const end = !more ? 'done' : soFar >= request.limit ? 'limit' : 'open';
    return { rows, soFar, end };
  };

  const beside = asLongAs(over, gone);
  let busy = false;
  const close = async (): Promise<void> => {
    // A statement that runs is ended at the server; without one the session is good for another.
    if (busy) ending.abort();
    finish();
    await ended;
  };
  return {
    columns: first.columns,
    role: first.role,
    warnings: first.warnings,
    tables: first.tables,
    over: ended,
    async next(rows, by) {
      if (busy) throw new AppError('INPUT_INVALID', say('query.pageQueryBeingRead'));
      busy = true;
      try {
        const answer = await during(by, beside.wait(page(rows)));
        if (answer.end !== 'open') finish();
        return answer;
      } catch (error) {
        finish();
        ending.abort();
        throw isRefused(error) ? explainTrouble(error, { before: 0, timeoutMs: request.timeoutMs }) : error;
      } finally {
        busy = false;
      }
    },
    close,
  };
}

/** The query is closed: its connection was changed, its time was over, or somebody went on to another. */
export const gone = (): AppError => new AppError('QUERY_GONE', say('query.queryNotOpenAny'));

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
  const { rows: types } = await client.query<{ type: string }>(
    'SELECT pg_catalog.format_type(t, m) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS w (t, m, at) ORDER BY at',
    [table.columns.map(({ type }) => type), table.columns.map(({ modifier }) => modifier)],
  );
  return {
    client,
    columns: table.columns.map(({ name }, at) => ({ name, type: types[at]?.type ?? 'unknown' })),
    ...begun,
    tables,
    rows: table.rows,
    hasCursor: !isDirect && table.rows.length === firstRows,
  };
}
