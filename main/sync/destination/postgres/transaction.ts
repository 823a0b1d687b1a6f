import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { beginWriting, writing } from '../../../engines/postgres/sql.ts';

/**
 * What the statements of a sync rely on, whatever a DBA set for the role or the database. It is set in each transaction and
 * not once for the session: behind a transaction pooler the next transaction may run on another session of the server. It
 * goes there with the BEGIN, in one round trip. What is somebody's choice of place or safety is left as it is:
 * default_tablespace, temp_tablespaces, synchronous_commit.
 */
const settings = [
  'SET LOCAL statement_timeout = 0',
  'SET LOCAL lock_timeout = 0',
  'SET LOCAL idle_in_transaction_session_timeout = 0',
  // Only servers from 17 on know it, and a statement that names what a server does not know would fail.
  "SELECT CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 170000 THEN pg_catalog.set_config('transaction_timeout', '0', true) END",
  'SET LOCAL client_min_messages = warning',
  "SET LOCAL TimeZone = 'UTC'",
  "SET LOCAL DateStyle = 'ISO, YMD'",
  'SET LOCAL search_path = pg_catalog',
  // Names of types and definitions are compared as the server prints them.
  'SET LOCAL quote_all_identifiers = off',
  // Where row security would hide rows from us, an error is better than fewer rows.
  'SET LOCAL row_security = off',
];

/** Begins a transaction; `more` are further `SET LOCAL`. */
export async function begin(client: PgClient, ...more: readonly string[]): Promise<void> {
  await client.query([beginWriting, ...settings, ...more].join('; '));
}

/** Runs `work` in a transaction of its own; what failed is rolled back. */
export async function inTransaction<T>(
  client: PgClient,
  work: () => Promise<T>,
  ...more: readonly string[]
): Promise<T> {
  await begin(client, ...more);
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // Of a session that is gone the first error tells more than that of its rollback.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Rows of a single look in a transaction of its own: outside of one the role's own time limits and names would hold. */
export async function look<T extends object>(
  client: PgClient,
  statement: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  return inTransaction(client, async () => (await client.query<T>(statement, [...values])).rows);
}

/** Rows of a single statement with these settings before it, in one message. */
export async function rowsWithSettings<T>(client: PgClient, statement: string): Promise<readonly T[]> {
  const results: unknown = await client.query(withSettings(statement));
  // Several statements in one message have several results; the last one is the statement's own.
  const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: readonly T[] };
  return last.rows;
}

/** The same settings before a single statement, in one message: the server takes it for one transaction. */
export function withSettings(statement: string, ...more: readonly string[]): string {
  return [`SET TRANSACTION ${writing}`, ...settings, ...more, statement].join('; ');
}
