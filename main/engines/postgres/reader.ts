import type { LandedTable } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { openAnswer, type RowSource } from '../answer.ts';
import { type LandedReader, type ReaderDeps, type SqlClient, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { countRows, lookAtColumn, readRow } from './browse/look.ts';
import { readPage } from './browse/page.ts';
import { stillBounds } from './browse/table.ts';
import { openRows } from './cursor.ts';
import {
  cancelStatement,
  cut,
  endSession,
  explainPgError,
  openSession,
  type PgClient,
  type Session,
} from './postgres-client.ts';
import { copyOut } from './postgres-copy.ts';
import { structureOf } from './postgres-structure.ts';

/** Telling the server to stop takes no longer than this. */
const cancelMs = 3000;

async function tablesOf(client: PgClient, schema: string): Promise<Omit<LandedTable, 'rows'>[]> {
  const { rows } = await client.query<{ table: string; comment: string | null; columns: string }>(
    `SELECT c.relname AS table, obj_description(c.oid, 'pg_class') AS comment,
            coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
              'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL), '[]') AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') GROUP BY c.oid, c.relname ORDER BY c.relname`,
    [schema],
  );
  return rows.map((row) => ({ name: row.table, comment: row.comment, columns: JSON.parse(row.columns) }));
}

const sqlClientOf = (client: PgClient): SqlClient => ({
  copyOut: (text, onRows) => copyOut(client, text, onRows),
  async query<T>(text: string, values?: readonly unknown[]) {
    const result: unknown = await (values === undefined
      ? client.query(text)
      : client.query(text, [...values]));
    // Several statements in one message have several results; the last one is the one that is asked for.
    return (Array.isArray(result) ? result.at(-1) : result) as { rows: T[] };
  },
  async table(text, values = []) {
    const { fields, rows } = await client.query<(string | null)[]>({
      text,
      values: [...values],
      rowMode: 'array',
      // Also without values: what the server takes in this way is one statement, whatever its text says.
      ...{ queryMode: 'extended' },
    });
    const columns = fields.map((field) => ({
      name: field.name,
      type: field.dataTypeID,
      modifier: field.dataTypeModifier,
    }));
    return { columns, rows };
  },
});

/**
 * Reads for the window over a few sessions. Every read is one read-only transaction with its settings inside, so that it
 * works through transaction poolers; one that is cancelled is ended at the server too.
 */
export function createReader({ target: openTarget, settings, clock }: ReaderDeps): LandedReader {
  const tunnels = createTunnels();
  /** The server's own bound, and as long again as it may take to get there: behind a pooler a statement waits its turn. */
  const answerMs = (settings.statementTimeoutSeconds + settings.connectTimeoutSeconds) * 1000;
  const statementMs = settings.statementTimeoutSeconds * 1000;
  const still = stillBounds(statementMs);
  const bounds = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${statementMs}; SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'ISO, YMD'`;
  /** Where the sessions go, for what is said of their errors; without the secrets, which are wiped. */
  let place: Target | null = null;

  const withSecrets = async <T>(work: (target: Target) => Promise<T>): Promise<T> => {
    const target = await openTarget();
    try {
      place = target;
      return await work(target);
    } finally {
      wipeTarget(target);
    }
  };
  const pool = createPool<Session>({
    settings,
    clock,
    open: (signal) =>
      withSecrets((target) =>
        openSession(target, signal, { tunnels, answerMs, applicationName: settings.applicationName }),
      ),
    cut: ({ client }) => cut(client),
    end: ({ client }) => endSession(client),
    cancel: (session) =>
      withSecrets((target) =>
        cancelStatement(session, target, { tunnels, signal: AbortSignal.timeout(cancelMs) }),
      ),
  });
  const read = <T>(
    signal: AbortSignal,
    work: (client: PgClient) => Promise<T>,
    begin: string = bounds,
  ): Promise<T> =>
    pool.use(signal, async ({ client }: Session) => {
      try {
        await client.query(begin);
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        throw place ? explainPgError(error, place) : error;
      }
    });

  /** Reads one table as it is published now. A key or a value that the server can't read is the asker's fault. */
  const browse = <T>(signal: AbortSignal, work: (client: PgClient) => Promise<T>): Promise<T> =>
    read(
      signal,
      async (client) => {
        try {
          return await work(client);
        } catch (error) {
          const { code } = error as { code?: unknown };
          if (typeof code === 'string' && code.startsWith('22') && !(error instanceof AppError))
            throw new AppError('INPUT_INVALID', say('browse.otherKey'), { cause: error });
          throw error;
        }
      },
      still,
    );

  return {
    tables: (schema, signal) => read(signal, (client) => tablesOf(client, schema)),
    page: (asked, signal) => browse(signal, (client) => readPage(client, asked)),
    count: (asked, signal) => browse(signal, (client) => countRows(client, asked)),
    distribution: (asked, signal) => browse(signal, (client) => lookAtColumn(client, asked)),
    row: (asked, signal) => browse(signal, (client) => readRow(client, asked)),
    structure: (signal) => read(signal, structureOf),
    async ask(asked, signal) {
      const explain = (error: unknown): unknown => (place ? explainPgError(error, place) : error);
      const { answer } = await openAnswer<RowSource>(
        asked,
        {
          lend: (ending, work) =>
            pool.use(ending, async ({ client }) => {
              try {
                await work(await openRows(sqlClientOf(client), asked));
              } catch (error) {
                throw explain(error);
              } finally {
                // Half an answer may be left in it.
                cut(client);
              }
            }),
          explain,
        },
        signal,
      );
      return answer;
    },
    session: (signal, work) =>
      pool.use(signal, async ({ client }: Session) => {
        try {
          return await work(sqlClientOf(client));
        } catch (error) {
          throw place ? explainPgError(error, place) : error;
        }
      }),
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
