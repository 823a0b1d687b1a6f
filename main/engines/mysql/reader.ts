import type { QueryWarning } from '../../../preload/contract/models.ts';
import type { QueryTrouble } from '../../../preload/contract/query-words.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, type RowSource, timedOut } from '../answer.ts';
import { createAskingReader } from '../asking-reader.ts';
import type { Asked, AskingReader, ReaderDeps } from '../engine.ts';
import { type MysqlSession, openMysql } from './mysql-client.ts';
import { explainMysqlError, isRefused, type MysqlServerError, readOnlyErrors } from './mysql-errors.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';
import { type MysqlField, typeOf } from './values.ts';

/** The server's own bound for a statement whose rows are read page by page; each page is bounded here. */
const longestSeconds = 3600;

/** Looks into a server and asks it; ending a statement needs another session, the protocol has no other way. */
export const createReader = (deps: ReaderDeps): AskingReader => {
  const { statementTimeoutSeconds, connectTimeoutSeconds, applicationName } = deps.settings;
  const answerMs = (statementTimeoutSeconds + connectTimeoutSeconds) * 1000;
  return createAskingReader<MysqlSession, 'rows' | 'direct'>(deps, {
    open: (target, signal, tunnels) => openMysql(target, signal, { tunnels, answerMs, applicationName }),
    cut: (session) => session.cut(),
    end: (session) => session.end(),
    cancel: ({ threadId }, over) => over(async (other) => void (await other.table(`KILL QUERY ${threadId}`))),
    structure: structureOf,
    check: ({ sql }) => insistReading(sql),
    run: (session, kind, asked) => opened(session, asked, kind),
    explain: (error, target, asked) =>
      asked !== null && isRefused(error) ? explainStatement(error, asked) : explainMysqlError(error, target),
  });
};

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
  let held: (string | null)[][] = [];
  const fetch = async (count: number): Promise<(string | null)[][]> => {
    const rows: (string | null)[][] = [];
    for (;;) {
      const missing = count - rows.length;
      for (const row of held.slice(0, missing)) rows.push(row);
      held = held.slice(missing);
      if (rows.length >= count) return rows;
      const { value, done } = await pieces.next();
      if (done === true) return rows;
      held = value as (string | null)[][];
    }
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
