import type { QueryWarning } from '../../../preload/contract/models.ts';
import type { QueryTrouble } from '../../../preload/contract/query-words.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, openAnswer, type RowSource, timedOut } from '../answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { type MysqlSession, openMysql } from './mysql-client.ts';
import { explainMysqlError, isRefused, type MysqlServerError, readOnlyErrors } from './mysql-errors.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';
import { type MysqlField, typeOf } from './values.ts';

/** Telling the server to stop takes no longer than this. */
const cancelMs = 3000;
/** The server's own bound for a statement whose rows are read page by page; each page is bounded here. */
const longestSeconds = 3600;

/**
 * Reads for the window over a few sessions. A statement that is cancelled is ended at the server too, by another session: the
 * protocol has no other way.
 */
export function createReader({ target: openTarget, settings, clock }: ReaderDeps): AskingReader {
  const tunnels = createTunnels();
  const answerMs = (settings.statementTimeoutSeconds + settings.connectTimeoutSeconds) * 1000;
  /** Where the sessions go, for what is said of their errors; without the secrets, which are wiped. */
  let place: Target | null = null;
  const open = async (signal: AbortSignal): Promise<MysqlSession> => {
    const target = await openTarget();
    try {
      place = target;
      return await openMysql(target, signal, {
        ...{ tunnels, answerMs, applicationName: settings.applicationName },
      });
    } finally {
      wipeTarget(target);
    }
  };
  const pool = createPool<MysqlSession>({
    settings,
    clock,
    open,
    cut: (session) => session.cut(),
    end: (session) => session.end(),
    async cancel({ threadId }) {
      const other = await open(AbortSignal.timeout(cancelMs));
      try {
        await other.table(`KILL QUERY ${threadId}`);
      } finally {
        await other.end();
      }
    },
  });
  const explained = (error: unknown): unknown => (place ? explainMysqlError(error, place) : error);

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
      const kind = insistReading(asked.sql);
      const { answer } = await openAnswer<RowSource>(
        asked,
        {
          lend: (ending, work) =>
            pool.use(ending, async (session) => {
              try {
                await work(await opened(session, asked, kind));
              } catch (error) {
                throw isRefused(error) ? explainStatement(error, asked) : explained(error);
              } finally {
                // What a query leaves behind (locks by name, variables) is nobody else's.
                session.cut();
              }
            }),
          explain: (error) => (isRefused(error) ? explainStatement(error, asked) : explained(error)),
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

/** Begins a transaction that can't write, and opens the statement in it. */
async function opened(session: MysqlSession, asked: Asked, kind: 'rows' | 'direct'): Promise<RowSource> {
  const seconds = Math.ceil(asked.timeoutMs / 1000);
  const bound = kind === 'rows' ? longestSeconds : seconds;
  await session.table(
    `SET SESSION ${session.isMariaDb ? `max_statement_time = ${bound}` : `max_execution_time = ${bound * 1000}`},
      sql_select_limit = ${asked.limit + 1}, net_write_timeout = ${Math.ceil(asked.idleMs / 1000) + 60}`,
  );
  const warnings = await warningsOf(session);
  const { rows: who } = await session.table('SELECT CURRENT_USER()');
  await session.table('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  const told = { role: who[0]?.[0] ?? '', warnings };
  const columnsOf = (fields: readonly MysqlField[]) =>
    fields.map((field) => ({ name: field.name, type: typeOf(field) }));
  if (kind === 'direct') {
    const { fields, rows } = await session.table(asked.sql);
    return { ...told, columns: columnsOf(fields), first: rows, more: false, fetch: async () => [] };
  }
  const pieces = session.stream(asked.sql);
  const fields = (await pieces.next()).value as MysqlField[];
  const fetch = async (count: number): Promise<(string | null)[][]> => {
    const rows: (string | null)[][] = [];
    while (rows.length < count) {
      const { value, done } = await pieces.next();
      if (done === true) break;
      rows.push(value as (string | null)[]);
    }
    return rows;
  };
  const first = await fetch(firstRows);
  return { ...told, columns: columnsOf(fields), first, more: first.length === firstRows, fetch };
}

async function warningsOf(session: MysqlSession): Promise<QueryWarning[]> {
  const { rows } = await session.table(
    "SELECT privilege_type FROM information_schema.user_privileges WHERE privilege_type IN ('SUPER', 'FILE')",
  );
  const held = new Set(rows.map(([privilege]) => privilege));
  return held.has('SUPER') ? ['superuser'] : held.has('FILE') ? ['server_files'] : [];
}

const troubleOf = (errno: number): QueryTrouble => {
  if ([1142, 1143, 1044, 1227, 1370].includes(errno)) return 'permission';
  if ([1969, 3024, 1205].includes(errno)) return 'timeout';
  if ([1040, 1203, 1226, 1104].includes(errno)) return 'too_many';
  return [1064, 1146, 1054, 1305, 1052, 1049, 1060, 1111, 1055, 1149].includes(errno)
    ? 'syntax'
    : 'execution';
};

/** What the server says of a statement. */
function explainStatement(error: MysqlServerError, { timeoutMs }: Asked): AppError {
  const { errno = 0, sqlState, sqlMessage = '' } = error;
  const trouble = troubleOf(errno);
  if (trouble === 'timeout') return timedOut(timeoutMs);
  const query = { trouble, ...(sqlState !== undefined && { sqlState }) };
  if (readOnlyErrors.has(errno))
    return new AppError('QUERY_REFUSED', say('engines.query.wouldWrite'), {
      cause: error,
      query: { reason: 'not_reading' },
    });
  return new AppError('QUERY_FAILED', plain(/[.?!]$/.test(sqlMessage) ? sqlMessage : `${sqlMessage}.`), {
    cause: error,
    query,
    ...(trouble === 'permission' && { advice: say('query.noRight') }),
  });
}
