import { firstRows, type RowSource } from '../answer.ts';
import { createAskingReader } from '../asking-reader.ts';
import { endedByName, submitted } from '../ended-by-name.ts';
import { type Asked, type AskingReader, allRows, type ReaderDeps } from '../engine.ts';
import { openHttpWire } from '../wire/http-line.ts';
import { type DatabricksSession, openDatabricks } from './databricks-client.ts';
import { DatabricksRefused, explainDatabricksError, explainStatement } from './databricks-errors.ts';
import { createRowReader, goesOn, type Statement, statementPath, untilDone } from './results.ts';
import { insistReading } from './statement.ts';
import { structureOf } from './structure.ts';
import { whoIs } from './who.ts';

/** A look at a statement may take five seconds beside what it waits for. */
const lookMs = 5000;

/** Reads for the window: looking is by Unity Catalog, which starts nothing; a query starts the warehouse where it is stopped. */
export function createReader(deps: ReaderDeps): AskingReader {
  const { statementTimeoutSeconds, connectTimeoutSeconds } = deps.settings;
  const answerMs = lookMs + (statementTimeoutSeconds + connectTimeoutSeconds) * 1000;
  const now = (): number => deps.clock.now();
  return createAskingReader<DatabricksSession, string>(deps, {
    ...endedByName<DatabricksSession>({
      tell: (session, id) => session.post(`${statementPath(id)}/cancel`, {}),
      runs: async (session, id) => goesOn(await session.get<Statement>(statementPath(id))),
      isOver: (error) => error instanceof DatabricksRefused && error.status === 404,
    }),
    async open(target, signal, tunnels, cancelMs) {
      try {
        return await openDatabricks(target, signal, { tunnels, answerMs: cancelMs ?? answerMs, now });
      } catch (error) {
        throw explainDatabricksError(error, target);
      }
    },
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
    structure: structureOf,
    check: ({ sql }) => insistReading(sql),
    run: (session, statement, asked, { target, lend }) =>
      opened(session, statement, asked, {
        // The pieces of an answer lie at other hosts, which are reached as the service itself is.
        open: (host, port) =>
          lend((at, tunnels) =>
            openHttpWire({ ...at, host, port, hostAddress: null }, session.over, { tunnels }),
          ),
        tlsMode: target.tlsMode ?? 'verify-full',
        now,
      }),
    explain: (error, target, asked) =>
      (asked === null ? undefined : explainStatement(error, asked.timeoutMs)) ??
      explainDatabricksError(error, target),
  });
}

async function opened(
  session: DatabricksSession,
  statement: string,
  asked: Asked,
  pieces: Parameters<typeof createRowReader>[3],
): Promise<RowSource> {
  const who = await whoIs(session);
  const sending = session.post<Statement>('/api/2.0/sql/statements', {
    statement,
    warehouse_id: session.warehouse,
    catalog: session.catalog,
    disposition: 'EXTERNAL_LINKS',
    format: 'JSON_ARRAY',
    // Only with its id it can be ended: it is answered at once, and waited for by looking.
    wait_timeout: '0s',
    on_wait_timeout: 'CONTINUE',
    ...(asked.limit < allRows && { row_limit: asked.limit + 1 }),
  });
  const sent = await submitted(session, sending);
  const id = sent.statement_id ?? '';
  session.statement = id;
  const done = await untilDone(session, sent, asked.timeoutMs);
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
