import type { ConnectionTest, LandedTable } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Engine, Target } from './engine.ts';
import { requireOwn } from './ownership.ts';
import { withClient } from './postgres-client.ts';
import { ident, qualified } from './sql.ts';

/** Reading for the window must never hold a server up. */
const readTimeoutMs = 15_000;
/** Longer texts are cut in the preview: a page of rows stays well below a megabyte. */
const previewTextLength = 2000;

interface Rights {
  version: string;
  can_create: boolean;
  superuser: boolean;
  in_recovery: boolean;
}

/** A read-only transaction with a timeout, which also works through transaction poolers. */
async function reading<T>(
  target: Target,
  signal: AbortSignal,
  work: (client: Parameters<Parameters<typeof withClient>[2]>[0]) => Promise<T>,
): Promise<T> {
  return withClient(target, signal, async (client) => {
    await client.query('BEGIN READ ONLY');
    await client.query(`SET LOCAL statement_timeout = ${readTimeoutMs}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

async function test(target: Target, at: string, signal: AbortSignal): Promise<ConnectionTest> {
  const started = performance.now();
  try {
    return await withClient(target, signal, async (client) => {
      const { rows } = await client.query<Record<keyof Rights, string>>(
        `SELECT current_setting('server_version') AS version,
                has_database_privilege(current_database(), 'CREATE') AS can_create,
                (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
                pg_is_in_recovery() AS in_recovery`,
      );
      const rights = rows[0];
      if (!rights) throw new AppError('DB_ERROR', 'The database answered nothing.');
      const warnings: string[] = [];
      if (rights.can_create !== 't') {
        warnings.push(
          `User “${target.user}” can not create schemas, so nothing can be synced here. A DBA can run: GRANT CREATE ON DATABASE ${ident(target.database)} TO ${ident(target.user)};`,
        );
      }
      if (rights.superuser === 't') {
        warnings.push(`User “${target.user}” is a superuser. A sync needs only CREATE on the database.`);
      }
      if (rights.in_recovery === 't')
        warnings.push('The server is a read-only replica; nothing can be synced here.');
      return {
        at,
        ok: true,
        latencyMs: Math.round((performance.now() - started) * 10) / 10,
        serverVersion: `PostgreSQL ${rights.version}`,
        warnings,
        error: null,
      };
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'CANCELLED') throw error;
    return { at, ok: false, latencyMs: null, serverVersion: null, warnings: [], error: error.toWire() };
  }
}

async function tables(
  target: Target,
  schema: string,
  signal: AbortSignal,
): Promise<Omit<LandedTable, 'rows'>[]> {
  return reading(target, signal, async (client) => {
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
  });
}

async function rows(target: Target, schema: string, table: string, limit: number, signal: AbortSignal) {
  const found = (await tables(target, schema, signal)).find((candidate) => candidate.name === table);
  if (!found) throw new AppError('NOT_FOUND', `The schema “${schema}” has no table “${table}”.`);
  return reading(target, signal, async (client) => {
    const { rows: keys } = await client.query<{ name: string }>(
      `SELECT a.attname AS name FROM pg_index i
       JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, position) ON true
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
       WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY k.position`,
      [qualified(schema, table)],
    );
    const columns = found.columns.map(
      (column) =>
        `CASE WHEN length(${ident(column.name)}::text) > ${previewTextLength} THEN left(${ident(column.name)}::text, ${previewTextLength}) || '…' ELSE ${ident(column.name)}::text END`,
    );
    const order = keys.length === 0 ? '' : ` ORDER BY ${keys.map((key) => ident(key.name)).join(', ')}`;
    const result = await client.query<(string | null)[]>({
      text: `SELECT ${columns.join(', ')} FROM ${qualified(schema, table)}${order} LIMIT $1`,
      values: [limit + 1],
      rowMode: 'array',
    });
    return { columns: found.columns, rows: result.rows.slice(0, limit), more: result.rows.length > limit };
  });
}

async function dropOwnedSchema(
  target: Target,
  schema: string,
  datasetId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return withClient(target, signal, async (client) => {
    await client.query('BEGIN');
    await client.query("SET LOCAL lock_timeout = '5s'");
    const { exists } = await requireOwn(client, schema, datasetId, 'live');
    if (exists) await client.query(`DROP SCHEMA ${ident(schema)} CASCADE`);
    await client.query('COMMIT');
    return exists;
  });
}

/** PostgreSQL 15 and newer, and what speaks its protocol (Supabase, managed clouds). */
export const postgres: Engine = { type: 'postgres', test, tables, rows, dropOwnedSchema };
