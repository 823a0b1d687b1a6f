import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../engines/postgres/sql.ts';
import { batchesOf } from '../../batches.ts';
import { overflowColumn, rawColumn } from './finish/plan.ts';
import { look, withSettings } from './transaction.ts';

/**
 * Values that ANALYZE may look at in one table. It reads 300 rows for each point of its target and sorts every column of
 * them: for a form of two hundred questions that is most of what finishing takes, and a sample a third as large tells
 * the planner as much.
 */
const sampledValues = 300_000;
/** PostgreSQL's own target, and the least that still gives useful histograms. */
const usualTarget = 100;
const leastTarget = 25;
const rowsPerTarget = 300;

/** How long a table is waited for that somebody else works on; its statistics are not worth more. */
const lockMs = 2000;
/** Tables whose columns are looked up in one query. */
const tablesAtOnce = 200;

/** A table to analyse, and how large it is about. */
export interface ToAnalyze {
  readonly name: string;
  readonly rows: number;
  /** Columns, where only they changed; all of them where it is left out. */
  readonly only?: ReadonlySet<string>;
}

/**
 * Statistics for the planner. The largest cost of finishing, so it runs on all the given sessions at once, the largest
 * tables first, and leaves out the columns that hold whole records. A table that could not be analysed is only slower
 * for a while: autovacuum makes up for it.
 */
export async function analyzeTables(
  clients: readonly PgClient[],
  schema: string,
  tables: readonly ToAnalyze[],
  onFailure: (table: string, error: unknown) => void,
): Promise<void> {
  if (tables.length === 0) return;
  const queue = [...tables].sort((a, b) => b.rows - a.rows);
  for (const some of batchesOf(queue, tablesAtOnce)) {
    const rows = await look<{ table: string; column: string }>(
      clients[0] as PgClient,
      `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE n.nspname = $1 AND c.relname = ANY ($2) AND a.attname <> ALL ($3)`,
      [schema, some.map(({ name }) => name), [rawColumn, overflowColumn]],
    );
    const columns = Map.groupBy(rows, ({ table }) => table);
    const work = async (client: PgClient): Promise<void> => {
      for (let next = some.shift(); next !== undefined; next = some.shift()) {
        const { name: table, only } = next;
        const names = (columns.get(table) ?? [])
          .filter(({ column }) => only === undefined || only.has(column))
          .map(({ column }) => ident(column));
        // Without a column PostgreSQL would take them all.
        if (names.length === 0) continue;
        const target = Math.floor(sampledValues / rowsPerTarget / Math.max(1, names.length));
        await client
          .query(
            withSettings(
              `ANALYZE ${qualified(schema, table)} (${names.join(', ')})`,
              // Somebody may be at it, by VACUUM or by making an index, for as long as that takes.
              `SET LOCAL lock_timeout = ${lockMs}`,
              `SET LOCAL default_statistics_target = ${Math.min(usualTarget, Math.max(leastTarget, target))}`,
            ),
          )
          .catch((error: unknown) => onFailure(table, error));
      }
    };
    await Promise.all(clients.map(work));
  }
}
