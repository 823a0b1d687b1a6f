import type { QueryWarning } from '../../../preload/contract/models.ts';
import type { SqlClient } from '../../engines/engine.ts';
import { beginReadOnly } from '../../engines/postgres/cursor.ts';
import { machineRoles } from '../../engines/postgres/postgres-rights.ts';
import { ident } from '../../engines/postgres/sql.ts';

/** How a query's transaction is begun. */
export interface Beginning {
  /** The role that reads, where one is set. */
  readonly readerRole: string | null;
  readonly timeoutMs: number;
  /** How long the server keeps the transaction while nobody asks for a page. */
  readonly idleMs: number;
}

/**
 * Begins a transaction that can't write, with its time-outs inside, so that it works through transaction poolers. The first
 * SELECT fixes the snapshot: until then a transaction can still be made one that writes.
 */
export async function beginReading(
  client: SqlClient,
  beginning: Beginning,
): Promise<{ role: string; warnings: QueryWarning[] }> {
  const { readerRole } = beginning;
  // The settings are what the check of a statement relies on.
  await client.query(beginReadOnly(beginning, 'pg_catalog, pg_temp'));
  const warnings: QueryWarning[] = [];
  if (readerRole !== null) {
    const { rows } = await client.query<{ may: string }>(
      `SELECT count(*) > 0 AS may FROM pg_roles r WHERE r.rolname = $1
       AND CASE WHEN current_setting('server_version_num')::int >= 160000
         THEN pg_has_role(session_user, r.oid, 'SET') ELSE pg_has_role(session_user, r.oid, 'MEMBER') END`,
      [readerRole],
    );
    if (rows[0]?.may === 't') await client.query(`SET LOCAL ROLE ${ident(readerRole)}`);
    else warnings.push('no_reader_role');
  }
  const { rows } = await client.query<{ role: string; super: string; files: string }>(
    `SELECT current_user AS role, r.rolsuper AS super,
       EXISTS (SELECT FROM pg_roles f WHERE f.rolname = ANY ($1) AND pg_has_role(r.oid, f.oid, 'MEMBER')) AS files
     FROM pg_roles r WHERE r.rolname = current_user`,
    [machineRoles],
  );
  const [row] = rows;
  if (row?.super === 't') warnings.push('superuser');
  else if (row?.files === 't') warnings.push('server_files');
  return { role: row?.role ?? '', warnings };
}

/** By this path names without a schema are looked up: the server's functions first, nothing of the session's own before them. */
export const pathOf = (schemas: readonly string[]): string =>
  `SET LOCAL search_path = ${['pg_catalog', ...schemas, 'pg_temp'].map(ident).join(', ')}`;
