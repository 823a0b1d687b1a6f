import { firstRows, openAnswer, type RowSource } from '../answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { type HttpWire, openHttpWire } from '../wire/http-line.ts';
import { type DatabricksSession, openDatabricks } from './databricks-client.ts';
import { DatabricksRefused, explainDatabricksError, explainStatement } from './databricks-errors.ts';
import { createRowReader, goesOn, type Statement, statementPath, untilDone } from './results.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';
import { whoIs } from './who.ts';

/** Telling the service to end a statement: the line, then each answer, and how often it is looked at. */
const cancelMs = 5000;
const cancelLooks = 10;
const cancelPauseMs = 200;
/** So often it is looked whether a statement that is on its way has arrived. */
const submitWaits = 50;
/** A look at a statement may take five seconds beside what it waits for. */
const lookMs = 5000;

/** Reads for the window: looking is by Unity Catalog, which starts nothing; a query starts the warehouse where it is stopped. */
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
  const open = (signal: AbortSignal, ms: number): Promise<DatabricksSession> =>
    withTarget(async (target) => {
      try {
        return await openDatabricks(target, signal, { tunnels, answerMs: ms, now });
      } catch (error) {
        throw explainDatabricksError(error, target);
      }
    });
  const openPlace = (session: DatabricksSession, host: string, port: number): Promise<HttpWire> =>
    withTarget((target) =>
      openHttpWire({ ...target, host, port, hostAddress: null }, session.over, { tunnels }),
    );
  const pool = createPool<DatabricksSession>({
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
  const explained = (error: unknown): unknown => (place ? explainDatabricksError(error, place) : error);
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
                const pieces = {
                  open: (host: string, port: number) => openPlace(session, host, port),
                  tlsMode: place?.tlsMode ?? 'verify-full',
                  now,
                } as const;
                await work(await opened(session, asked, pieces));
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

/** Has the service end a statement, and looks whether it did: being told to is no promise there. */
async function endStatement(session: DatabricksSession, id: string): Promise<void> {
  for (let looks = 0; looks < cancelLooks; looks += 1) {
    try {
      if (looks % 3 === 0) await session.post(`${statementPath(id)}/cancel`, {});
      if (!goesOn(await session.get<Statement>(statementPath(id)))) return;
    } catch (error) {
      if (error instanceof DatabricksRefused && error.status === 404) return;
      throw error;
    }
    await new Promise((done) => setTimeout(done, cancelPauseMs));
  }
}

async function opened(
  session: DatabricksSession,
  asked: Asked,
  pieces: Parameters<typeof createRowReader>[3],
): Promise<RowSource> {
  const statement = insistReading(asked.sql);
  const who = await whoIs(session);
  session.isSubmitting = true;
  const submitting = session.post<Statement>('/api/2.0/sql/statements', {
    statement,
    warehouse_id: session.warehouse,
    catalog: session.catalog,
    disposition: 'EXTERNAL_LINKS',
    format: 'JSON_ARRAY',
    // Only with its id it can be ended: it is answered at once, and waited for by looking.
    wait_timeout: '0s',
    on_wait_timeout: 'CONTINUE',
    row_limit: asked.limit + 1,
  });
  const submitted = await submitting.finally(() => {
    session.isSubmitting = false;
  });
  const id = submitted.statement_id ?? '';
  session.statement = id;
  const done = await untilDone(session, submitted, asked.timeoutMs);
  const fetch = createRowReader(session, done, id, pieces);
  const first = await fetch(firstRows);
  return {
    role: who,
    warnings: [],
    columns: (done.manifest?.schema?.columns ?? []).map((column) => ({
      name: column.name,
      type: column.type_text ?? column.type_name ?? '',
    })),
    first,
    more: first.length === firstRows,
    fetch,
  };
}
