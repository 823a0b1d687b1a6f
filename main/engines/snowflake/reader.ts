import { firstRows, openAnswer, type RowSource } from '../answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { createRowReader, typeOf, untilDone } from './results.ts';
import { openSnowflake, type SnowflakeSession } from './snowflake-client.ts';
import { explainSnowflakeError, explainStatement, SnowflakeRefused } from './snowflake-errors.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';

/** Telling the service to end a statement: the line, then each answer, and how often it is looked at. */
const cancelMs = 5000;
const cancelLooks = 10;
const cancelPauseMs = 200;
/** So often it is looked whether a statement that is on its way has arrived. */
const submitWaits = 50;
/** A look at a statement may take five seconds beside what it waits for. */
const lookMs = 5000;

/** Reads for the window: looking is by SHOW, which starts nothing; a query starts the warehouse where it is suspended. */
export function createReader({ target: openTarget, settings, clock }: ReaderDeps): AskingReader {
  const tunnels = createTunnels();
  const now = (): number => clock.now();
  const answerMs = lookMs + (settings.statementTimeoutSeconds + settings.connectTimeoutSeconds) * 1000;
  let place: Target | null = null;
  const withTarget = async <T>(work: (target: Target) => Promise<T>): Promise<T> => {
    const target = await openTarget();
    try {
      place = target;
      return await work(target);
    } finally {
      wipeTarget(target);
    }
  };
  const open = (signal: AbortSignal, ms: number): Promise<SnowflakeSession> =>
    withTarget(async (target) => {
      try {
        return await openSnowflake(target, signal, { tunnels, answerMs: ms, now });
      } catch (error) {
        throw explainSnowflakeError(error, target);
      }
    });
  const pool = createPool<SnowflakeSession>({
    settings,
    clock,
    open: (signal) => open(signal, answerMs),
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
    async cancel(session) {
      // What is on its way can be ended once it has a name.
      for (let waits = 0; session.isSubmitting && waits < submitWaits; waits += 1)
        await new Promise((done) => setTimeout(done, cancelPauseMs));
      if (session.statement === null) return;
      const other = await open(AbortSignal.timeout(cancelMs), cancelMs);
      try {
        await endStatement(other, session.statement);
        session.statement = null;
      } finally {
        other.cut();
      }
    },
  });
  const explained = (error: unknown): unknown => (place ? explainSnowflakeError(error, place) : error);
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
      const explain = (error: unknown): unknown =>
        explainStatement(error, asked.timeoutMs) ?? explained(error);
      const { answer } = await openAnswer<RowSource>(
        { ...asked },
        {
          lend: (ending, work) =>
            pool.use(ending, async (session) => {
              try {
                await work(await opened(session, asked));
              } catch (error) {
                // It is over here, and would go on there, and the warehouse with it.
                if (session.statement !== null && !session.over.aborted)
                  await endStatement(session, session.statement).catch(() => {});
                throw explain(error);
              } finally {
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

/** Has the service end a statement, and looks whether it did. */
async function endStatement(session: SnowflakeSession, handle: string): Promise<void> {
  for (let looks = 0; looks < cancelLooks; looks += 1) {
    try {
      if (looks % 3 === 0) await session.end(handle);
      if (!(await session.look(handle)).runs) return;
    } catch (error) {
      // One that is over is answered as one that failed.
      if (error instanceof SnowflakeRefused && (error.status === 422 || error.status === 404)) return;
      throw error;
    }
    await new Promise((done) => setTimeout(done, cancelPauseMs));
  }
}

async function opened(session: SnowflakeSession, asked: Asked): Promise<RowSource> {
  const sql = insistReading(asked.sql);
  session.isSubmitting = true;
  const submitting = session.submit(sql, {
    timeoutMs: asked.timeoutMs,
    isQuery: true,
    rows: asked.limit + 1,
  });
  const sent = await submitting.finally(() => {
    session.isSubmitting = false;
  });
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
