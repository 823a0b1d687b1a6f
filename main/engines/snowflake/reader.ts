import { firstRows, type RowSource } from '../answer.ts';
import { createAskingReader } from '../asking-reader.ts';
import { endedByName, submitted } from '../ended-by-name.ts';
import { type Asked, type AskingReader, allRows, type ReaderDeps } from '../engine.ts';
import { createRowReader, typeOf, untilDone } from './results.ts';
import { openSnowflake, type SnowflakeSession } from './snowflake-client.ts';
import { explainSnowflakeError, explainStatement, SnowflakeRefused } from './snowflake-errors.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';

/** A look at a statement may take five seconds beside what it waits for. */
const lookMs = 5000;

/** Reads for the window: looking is by SHOW, which starts nothing; a query starts the warehouse where it is suspended. */
export function createReader(deps: ReaderDeps): AskingReader {
  const { statementTimeoutSeconds, connectTimeoutSeconds } = deps.settings;
  const answerMs = lookMs + (statementTimeoutSeconds + connectTimeoutSeconds) * 1000;
  const now = (): number => deps.clock.now();
  return createAskingReader<SnowflakeSession, string>(deps, {
    ...endedByName<SnowflakeSession>({
      tell: (session, handle) => session.end(handle),
      runs: async (session, handle) => (await session.look(handle)).runs,
      // One that is over is answered as one that failed.
      isOver: (error) => error instanceof SnowflakeRefused && (error.status === 422 || error.status === 404),
    }),
    async open(target, signal, tunnels, cancelMs) {
      try {
        return await openSnowflake(target, signal, { tunnels, answerMs: cancelMs ?? answerMs, now });
      } catch (error) {
        throw explainSnowflakeError(error, target);
      }
    },
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
    structure: structureOf,
    check: ({ sql }) => insistReading(sql),
    run: opened,
    explain: (error, target, asked) =>
      (asked === null ? undefined : explainStatement(error, asked.timeoutMs)) ??
      explainSnowflakeError(error, target),
  });
}

async function opened(session: SnowflakeSession, sql: string, asked: Asked): Promise<RowSource> {
  const sending = session.submit(sql, {
    timeoutMs: asked.timeoutMs,
    isQuery: true,
    ...(asked.limit < allRows && { rows: asked.limit + 1 }),
  });
  const sent = await submitted(session, sending);
  const handle = sent.statementHandle ?? '';
  session.statement = handle;
  const done = await untilDone(session, sent, asked.timeoutMs);
  const fetch = createRowReader(session, done, handle);
  const first = await fetch(firstRows);
  return {
    role: session.role === '' ? session.user : session.role,
    warnings: [],
    columns: (done.resultSetMetaData?.rowType ?? []).map((column) => ({
      name: column.name,
      type: typeOf(column),
    })),
    first,
    more: first.length === firstRows,
    fetch,
  };
}
