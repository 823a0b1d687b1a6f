import type { Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import type { Logger } from '../../../../log.ts';
import { inTransaction, look } from '../transaction.ts';

interface MaterialisedView {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly may: string;
  readonly concurrently: string;
}

/** Views on views on views …: the depth only bounds the search. */
const deepest = 20;

/** Populated materialised views that read the tables, by way of other views too, innermost first. */
const query = `
WITH RECURSIVE found AS (
  SELECT c.oid, 0 AS depth FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2)
  UNION
  SELECT v.oid, f.depth + 1 FROM found f
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_rewrite'::regclass
  JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm') AND v.oid <> f.oid
  WHERE f.depth < ${deepest})
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
  pg_has_role(c.relowner, 'USAGE') OR CASE WHEN current_setting('server_version_num')::int >= 170000
    THEN has_table_privilege(c.oid, CASE WHEN current_setting('server_version_num')::int >= 170000 THEN 'MAINTAIN' ELSE 'SELECT' END) ELSE false END AS may,
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
    AND i.indpred IS NULL AND i.indexprs IS NULL) AS concurrently
FROM (SELECT oid, max(depth) AS depth FROM found WHERE depth > 0 GROUP BY oid) v
JOIN pg_class c ON c.oid = v.oid AND c.relkind = 'm' AND c.relispopulated
JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY v.depth, 2, 3`;

/**
 * Refreshes the materialised views that people built on the tables, after the commit: PostgreSQL runs each as its owner,
 * in a restricted context, so nothing in it has the rights of the sync role. Concurrently where the view has a unique
 * index, so that its readers go on. Returns what could not be refreshed; null when all were.
 */
export async function refreshViews(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  log: Logger,
): Promise<Said | null> {
  const rows = await look<Record<keyof MaterialisedView, string>>(client, query, [schema, tables]);
  const problems: Said[] = [];
  for (const { schema: where, name, owner, may, concurrently } of rows) {
    const relation = qualified(where, name);
    if (may !== 't') {
      problems.push(
        say('sync.viewOfOther', { view: `${where}.${name}`, owner, role: ident(owner), relation }),
      );
      continue;
    }
    const how = concurrently === 't' ? ' CONCURRENTLY' : '';
    try {
      await inTransaction(client, () => client.query(`REFRESH MATERIALIZED VIEW${how} ${relation}`));
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined || code.startsWith('57P') || code.startsWith('08')) throw error;
      log.warn('sync.view_not_refreshed', { view: `${where}.${name}`, error });
      problems.push(say('sync.viewFailed', { view: `${where}.${name}`, why: message }));
    }
  }
  return problems.length === 0 ? null : say('sync.viewsNotRefreshed', { views: problems });
}
