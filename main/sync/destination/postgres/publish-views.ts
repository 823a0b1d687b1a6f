import type { PgClient } from '../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../engines/sql.ts';
import { AppError } from '../../../errors.ts';
import { commentsOf, grantsOf, triggersOf } from './publish-kept.ts';

/** Views are followed so deep; a chain of more is not made by people. */
const deepest = 64;

/** A view that people built on published tables, as what makes it again. */
export interface View {
  readonly schema: string;
  readonly name: string;
  readonly materialised: boolean;
  readonly create: string;
  readonly restore: readonly string[];
}

/** Something that has no place in the new tables: the refresh is held, and the old data stays. */
const held = (message: string, cause: unknown): AppError => new AppError('PUBLISH_HELD', message, { cause });

/** Views and materialised views on the tables, and those on these, in the order in which they can be made again. */
export async function dependentViews(
  client: PgClient,
  schema: string,
  tables: readonly string[],
): Promise<View[]> {
  if (tables.length === 0) return [];
  const { rows } = await client.query<{
    schema: string;
    name: string;
    kind: string;
    definition: string;
    options: string | null;
    populated: string;
    space: string | null;
    method: string | null;
  }>(
    `WITH RECURSIVE found AS (
       SELECT c.oid, 0 AS depth FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = ANY ($2)
       UNION
       SELECT v.oid, f.depth + 1 FROM found f
       JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_rewrite'::regclass
       JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm') AND v.oid <> f.oid
       WHERE f.depth < ${deepest})
     SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, rtrim(pg_get_viewdef(c.oid), '; ') AS definition,
            array_to_string(c.reloptions, ', ') AS options, c.relispopulated AS populated, t.spcname AS space, m.amname AS method
     FROM (SELECT oid, max(depth) AS depth FROM found WHERE depth > 0 GROUP BY oid) v
     JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace LEFT JOIN pg_am m ON m.oid = c.relam ORDER BY v.depth, 1, 2`,
    [schema, tables],
  );
  const views: View[] = [];
  for (const row of rows) {
    const materialised = row.kind === 'm';
    const relation = qualified(row.schema, row.name);
    const using = materialised && row.method !== null ? ` USING ${ident(row.method)}` : '';
    const options = row.options === null || row.options === '' ? '' : ` WITH (${row.options})`;
    const space = materialised && row.space !== null ? ` TABLESPACE ${ident(row.space)}` : '';
    const data = materialised ? ` WITH ${row.populated === 't' ? '' : 'NO '}DATA` : '';
    const kind = materialised ? 'MATERIALIZED VIEW' : 'VIEW';
    views.push({
      schema: row.schema,
      name: row.name,
      materialised,
      create: `CREATE ${kind} ${relation}${using}${options}${space} AS ${row.definition}${data}`,
      restore: [
        ...(materialised ? await indexesOf(client, relation) : []),
        ...(await commentsOf(client, row.schema, row.name, kind)),
        ...(await triggersOf(client, row.schema, row.name)),
        ...(await grantsOf(client, row.schema, row.name)),
      ],
    });
  }
  return views;
}

async function indexesOf(client: PgClient, relation: string): Promise<string[]> {
  const { rows } = await client.query<{ definition: string; name: string; clustered: string }>(
    `SELECT pg_get_indexdef(i.indexrelid) AS definition, c.relname AS name, i.indisclustered AS clustered
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::regclass ORDER BY c.relname`,
    [relation],
  );
  return rows.flatMap(({ definition, name, clustered }) => [
    definition,
    ...(clustered === 't' ? [`ALTER MATERIALIZED VIEW ${relation} CLUSTER ON ${ident(name)}`] : []),
  ]);
}

/**
 * Drops a relation of the published state. Whatever else of other people hangs on it (a foreign key, a function with an
 * SQL body, a column of its row type) holds the refresh, by name.
 */
export async function dropRelation(
  client: PgClient,
  kind: 'TABLE' | 'VIEW' | 'MATERIALIZED VIEW',
  schema: string,
  name: string,
): Promise<void> {
  try {
    await client.query(`DROP ${kind} ${qualified(schema, name)}`);
  } catch (error) {
    const { code, detail = '' } = error as { code?: string; detail?: string };
    // dependent_objects_still_exist
    if (code !== '2BP01') throw error;
    const what = kind === 'TABLE' ? 'table' : 'view';
    throw held(`Something depends on the ${what} “${schema}.${name}”: ${detail}`, error);
  }
}

/** Makes a view again as it was. */
export async function rebuild(client: PgClient, view: View): Promise<void> {
  try {
    await client.query(view.create);
    for (const statement of view.restore) await client.query(statement);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Somebody's lock, or a lost session: not a matter of the view.
    if (code === undefined || code === '55P03' || code === '40P01' || code.startsWith('57P')) throw error;
    throw held(`The view “${view.schema}.${view.name}” does not fit the new tables: ${message}.`, error);
  }
}
