import type { QueryColumn } from '../../../preload/contract/models.ts';
import { firstRows, type RowSource } from '../answer.ts';
import type { Asked, SqlClient, SqlTable } from '../engine.ts';

const name = 'headgate_rows';

/** Longest wait for somebody who changes a table. */
const lockMs = 10_000;

/**
 * Settings of a transaction that reads, whatever a DBA set for the role or the database: how text is read and how values are
 * printed.
 */
const printing = [
  'SET LOCAL standard_conforming_strings = on',
  'SET LOCAL transform_null_equals = off',
  "SET LOCAL DateStyle = 'ISO, YMD'",
  "SET LOCAL IntervalStyle = 'postgres'",
  "SET LOCAL TimeZone = 'UTC'",
  "SET LOCAL bytea_output = 'hex'",
  'SET LOCAL extra_float_digits = 1',
  'SET LOCAL row_security = on',
  'SET LOCAL client_min_messages = warning',
];

/** Begins a transaction that sees one state and changes nothing, with its time-outs inside. */
export const beginReadOnly = (
  { timeoutMs, idleMs }: Pick<Asked, 'timeoutMs' | 'idleMs'>,
  searchPath: string,
): string =>
  [
    'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY',
    `SET LOCAL search_path = ${searchPath}`,
    `SET LOCAL statement_timeout = ${timeoutMs}`,
    `SET LOCAL lock_timeout = ${Math.min(lockMs, timeoutMs)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`,
    ...printing,
    'SELECT 1',
  ].join('; ');

/** The columns of an answer with their types as a person writes them. */
export async function describedColumns(
  client: SqlClient,
  { columns }: Pick<SqlTable, 'columns'>,
): Promise<QueryColumn[]> {
  const { rows } = await client.query<{ type: string }>(
    'SELECT pg_catalog.format_type(t, m) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS w (t, m, at) ORDER BY at',
    [columns.map(({ type }) => type), columns.map(({ modifier }) => modifier)],
  );
  return columns.map((column, at) => ({ name: column.name, type: rows[at]?.type ?? 'unknown' }));
}

/**
 * Opens a statement that reads, in a transaction of its own: the server refuses what would write, and what is more than one
 * statement.
 */
export async function openRows(client: SqlClient, asked: Asked): Promise<RowSource> {
  await client.query(beginReadOnly(asked, 'pg_catalog, pg_temp'));
  await client.table(`DECLARE ${name} NO SCROLL CURSOR WITHOUT HOLD FOR ${asked.sql}`);
  const first = await client.table(`FETCH ${firstRows} FROM ${name}`);
  const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
  return {
    columns: await describedColumns(client, first),
    ...{ role: rows[0]?.role ?? '', warnings: [], first: first.rows, more: first.rows.length === firstRows },
    fetch: async (count) => (await client.table(`FETCH ${count} FROM ${name}`)).rows,
  };
}
