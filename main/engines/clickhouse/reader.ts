import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, type RowSource, timedOut } from '../answer.ts';
import { createAskingReader } from '../asking-reader.ts';
import type { Asked, AskingReader, ReaderDeps } from '../engine.ts';
import { type ClickhouseSession, openClickhouse, type Settings } from './clickhouse-client.ts';
import {
  ClickhouseRefused,
  explainClickhouseError,
  isLogin,
  missing,
  noRight,
  readonlyMode,
  tooLong,
  tooMuch,
} from './clickhouse-errors.ts';
import { literal } from './sql.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';

/** An answer of so many rows is made whole before its first row comes: only then the server says for certain that it is. */
const wholeRows = 100_000;

/** Looks into a server and asks it; a statement is ended by the name that it was given. */
export const createReader = (deps: ReaderDeps): AskingReader => {
  const { statementTimeoutSeconds, connectTimeoutSeconds } = deps.settings;
  const answerMs = (statementTimeoutSeconds + connectTimeoutSeconds) * 1000;
  return createAskingReader<ClickhouseSession, string>(deps, {
    open: (target, signal, tunnels) => openClickhouse(target, signal, { tunnels, answerMs }),
    cut: (session) => session.cut(),
    end: (session) => session.end(),
    cancel: ({ queryId }, over) =>
      over(async (other) => {
        await other.table(`KILL QUERY WHERE query_id = ${literal(queryId)} ASYNC`);
      }),
    structure: structureOf,
    check: ({ sql }) => insistReading(sql),
    run: (session, sql, asked) => opened(session, sql, asked),
    explain: (error, target, asked) =>
      asked !== null && error instanceof ClickhouseRefused && !isLogin(error)
        ? explainStatement(error, asked)
        : explainClickhouseError(error, target),
  });
};

/** What a query is held to. Over more than `wholeRows` rows it is read as it is made, with the bounds of a page here. */
function boundsOf({ limit, timeoutMs, idleMs }: Asked): Settings {
  const isWhole = limit <= wholeRows;
  return {
    readonly: 2,
    cancel_http_readonly_queries_on_client_close: 1,
    max_execution_time: isWhole ? Math.ceil(timeoutMs / 1000) : 3600,
    send_timeout: Math.ceil(idleMs / 1000) + 60,
    ...(isWhole ? { wait_end_of_query: 1, max_result_rows: limit + 1, result_overflow_mode: 'break' } : {}),
  };
}

async function opened(session: ClickhouseSession, sql: string, asked: Asked): Promise<RowSource> {
  const who = await session.table('SELECT currentUser()');
  const answer = await session.open(sql, boundsOf(asked)).catch(async (error: unknown) => {
    // A profile that only reads lets no setting be changed, and needs none.
    if (
      !(error instanceof ClickhouseRefused) ||
      error.number !== readonlyMode ||
      !/setting/i.test(error.said)
    )
      throw error;
    return session.open(sql);
  });
  const fetch = async (count: number): Promise<(string | null)[][]> => {
    const rows: (string | null)[][] = [];
    while (rows.length < count) {
      const { value, done } = await answer.rows.next();
      if (done === true) break;
      rows.push(value);
    }
    return rows;
  };
  const first = await fetch(firstRows);
  return {
    role: who.rows[0]?.[0] ?? '',
    warnings: [],
    columns: answer.columns,
    first,
    more: first.length === firstRows,
    fetch,
  };
}

/** What the server says of a statement. */
function explainStatement(error: ClickhouseRefused, { timeoutMs }: Asked): AppError {
  const { number, said } = error;
  if (tooLong.has(number)) return timedOut(timeoutMs);
  if (number === readonlyMode)
    return new AppError('QUERY_REFUSED', say('engines.query.wouldWrite'), {
      cause: error,
      query: { reason: 'not_reading' },
    });
  const trouble = noRight.has(number)
    ? 'permission'
    : tooMuch.has(number)
      ? 'too_many'
      : missing.has(number)
        ? 'syntax'
        : 'execution';
  return new AppError('QUERY_FAILED', plain(/[.?!]$/.test(said) ? said : `${said}.`), {
    cause: error,
    query: { trouble },
    ...(trouble === 'permission' && { advice: say('query.noRight') }),
  });
}
