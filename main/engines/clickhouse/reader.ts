import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, openAnswer, type RowSource, timedOut } from '../answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
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

/** Telling the server to stop takes no longer than this. */
const cancelMs = 3000;
/** An answer of so many rows is made whole before its first row comes: only then the server says for certain that it is. */
const wholeRows = 100_000;

/** Reads for the window over a few lines; a statement that is cancelled is ended at the server by its name. */
export function createReader({ target: openTarget, settings, clock }: ReaderDeps): AskingReader {
  const tunnels = createTunnels();
  const answerMs = (settings.statementTimeoutSeconds + settings.connectTimeoutSeconds) * 1000;
  let place: Target | null = null;
  const open = async (signal: AbortSignal): Promise<ClickhouseSession> => {
    const target = await openTarget();
    try {
      place = target;
      return await openClickhouse(target, signal, { tunnels, answerMs });
    } finally {
      wipeTarget(target);
    }
  };
  const pool = createPool<ClickhouseSession>({
    settings,
    clock,
    open,
    cut: (session) => session.cut(),
    end: (session) => session.end(),
    async cancel({ queryId }) {
      const other = await open(AbortSignal.timeout(cancelMs));
      try {
        await other.table(`KILL QUERY WHERE query_id = ${literal(queryId)} ASYNC`);
      } finally {
        await other.end();
      }
    },
  });
  const explained = (error: unknown): unknown => (place ? explainClickhouseError(error, place) : error);

  return {
    structure: (signal) =>
      pool.use(signal, async (session) => {
        try {
          return await structureOf(session);
        } catch (error) {
          throw explained(error);
        }
      }),
    async ask(asked, signal) {
      const sql = insistReading(asked.sql);
      const explain = (error: unknown): unknown =>
        error instanceof ClickhouseRefused && !isLogin(error)
          ? explainStatement(error, asked)
          : explained(error);
      const { answer } = await openAnswer<RowSource>(
        asked,
        {
          lend: (ending, work) =>
            pool.use(ending, async (session) => {
              try {
                await work(await opened(session, sql, asked));
              } catch (error) {
                throw explain(error);
              } finally {
                // An answer that was left in the midst is still on its way.
                session.cut();
              }
            }),
          explain,
        },
        signal,
      );
      return answer;
    },
    doubt() {
      pool.doubt();
      tunnels.doubt();
    },
    async close() {
      await pool.close();
      tunnels.close();
    },
  };
}

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
