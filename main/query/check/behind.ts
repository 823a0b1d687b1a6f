import { say } from '../../../preload/messages/said.ts';
import type { SqlClient } from '../../engines/engine.ts';
import type { Grammar } from './grammar.ts';
import { insistNames, type Scope } from './names.ts';
import { refused } from './refused.ts';
import { readStatement } from './statement.ts';

/* What stands behind the tables of a statement, and runs or is read with them. */

/** Views within views are followed so far. */
const deepestView = 20;
/** Views of one statement that are looked into. */
const mostViews = 200;
/** Relations of one statement that are looked behind, partitions included. */
const mostRelations = 20_000;
/** Policies of one statement that are looked into. */
const mostPolicies = 1000;

/** What the server says of a table or view; `t` for true. */
export interface Relation {
  readonly oid: string;
  readonly kind: string;
  /** It may have parts, or be one that others inherit from. */
  readonly parted: string;
  readonly secured: string;
}
/** Columns of `pg_class c` that make a `Relation`. */
export const relationColumns =
  'c.oid, c.relkind AS kind, c.relhassubclass AS parted, c.relrowsecurity AS secured';

/**
 * Looks behind tables: the functions in views, and in row security's policies, run with the rights of whoever reads. Tables in
 * views are their owners' to show, but a foreign one reaches out to another place, also as a part of another table. Fails with
 * QUERY_REFUSED.
 */
export async function insistBehind(
  client: SqlClient,
  grammar: Grammar,
  tables: readonly Relation[],
  scope: Scope,
): Promise<void> {
  const secured = await followed(client, grammar, tables, scope);
  if (secured.length > 0) await insistPolicies(client, grammar, secured, scope);
}

/** Goes through views down to the tables, and through tables to their parts; returns those with row security. */
async function followed(
  client: SqlClient,
  grammar: Grammar,
  tables: readonly Relation[],
  scope: Scope,
): Promise<string[]> {
  const seen = new Set<string>();
  const secured: string[] = [];
  let viewsSeen = 0;
  let next = tables;
  for (let depth = 0; next.length > 0; depth += 1) {
    const fresh = [...new Map(next.map((one) => [one.oid, one])).values()].filter(
      ({ oid }) => !seen.has(oid),
    );
    for (const { oid } of fresh) seen.add(oid);
    const views = fresh.filter(({ kind }) => kind === 'v').map(({ oid }) => oid);
    viewsSeen += views.length;
    if (depth >= deepestView || viewsSeen > mostViews || seen.size > mostRelations)
      throw refused('unknown_table', say('query.viewsStatementBuiltToo'));
    const parted = fresh.filter((one) => one.parted === 't').map(({ oid }) => oid);
    secured.push(...fresh.filter((one) => one.secured === 't').map(({ oid }) => oid));
    // Most statements name tables with nothing behind them, and the server may be far.
    if (views.length + parted.length === 0) break;
    if (views.length > 0) await insistViews(client, grammar, views, scope);
    const { rows: below } = await client.query<Record<keyof Relation | 'name', string>>(
      `SELECT ${relationColumns}, n.nspname || '.' || c.relname AS name FROM (
         SELECT DISTINCT d.refobjid AS oid FROM pg_rewrite r
         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
         WHERE r.ev_class = ANY ($1::oid[]) AND d.refobjid <> r.ev_class
         UNION SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = ANY ($2::oid[])) b
       JOIN pg_class c ON c.oid = b.oid AND c.relkind IN ('r', 'p', 'v', 'f')
       JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY name LIMIT ${mostRelations + 1}`,
      [views, parted],
    );
    const foreign = below.find(({ kind }) => kind === 'f');
    if (foreign) {
      throw refused('foreign_table', say('query.statementWouldReadToo', { foreign: foreign.name }));
    }
    next = below;
  }
  return secured;
}

/** The functions in views run with the rights of whoever reads. */
async function insistViews(
  client: SqlClient,
  grammar: Grammar,
  views: readonly string[],
  scope: Scope,
): Promise<void> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `SELECT n.nspname || '.' || c.relname AS name, pg_get_viewdef(c.oid) AS text
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])`,
    [views],
  );
  for (const { name, text } of rows)
    await insistNames(client, readStatement(grammar, text), scope, { kind: 'view', name });
}

/** Where row security holds for whoever reads, its conditions are run for each row. */
async function insistPolicies(
  client: SqlClient,
  grammar: Grammar,
  tables: readonly string[],
  scope: Scope,
): Promise<void> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `SELECT n.nspname || '.' || c.relname || '.' || p.polname AS name, pg_get_expr(p.polqual, p.polrelid) AS text
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = ANY ($1::oid[]) AND p.polcmd IN ('r', '*') AND p.polqual IS NOT NULL
     ORDER BY name LIMIT ${mostPolicies + 1}`,
    [tables],
  );
  if (rows.length > mostPolicies) throw refused('unknown_table', say('query.tablesStatementTooMany'));
  for (const { name, text } of rows)
    await insistNames(client, readStatement(grammar, `SELECT ${text}`), scope, { kind: 'policy', name });
}
