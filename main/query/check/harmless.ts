import { say } from '../../../preload/messages/said.ts';
import type { SqlClient } from '../../engines/engine.ts';
import { insistBehind, type Relation, relationColumns } from './behind.ts';
import { isSystemSchema } from './functions.ts';
import type { Grammar } from './grammar.ts';
import { meant } from './meant.ts';
import { insistNames, type Scope } from './names.ts';
import { refused } from './refused.ts';
import type { Named, Reading } from './statement.ts';

/** A table that a statement reads, as the server knows it. */
export interface ReadTable {
  readonly schema: string;
  readonly name: string;
}

interface TableRow extends Relation {
  readonly at: number;
  readonly schema: string;
  readonly name: string;
}

/**
 * The second layer: what the names of a statement stand for, by the server that will run it, in the transaction that it will
 * run in. Tables must be in one of the scope's schemas; functions, operators and types must be known to be harmless, or
 * allowed, also those in views and policies. What is unknown is refused by its name. Returns the tables. Fails with
 * QUERY_REFUSED.
 */
export async function insistHarmless(
  client: SqlClient,
  grammar: Grammar,
  reading: Reading,
  scope: Scope,
): Promise<ReadTable[]> {
  const found = await insistTables(client, reading.tables, scope.schemas);
  await insistNames(client, reading, scope, null);
  await insistBehind(client, grammar, found, scope);
  return found.map(({ schema, name }) => ({ schema, name }));
}

async function insistTables(
  client: SqlClient,
  tables: readonly Named[],
  schemas: readonly string[],
): Promise<TableRow[]> {
  for (const { schema, name, position } of tables) {
    if (schema === null || schemas.includes(schema)) continue;
    if (isSystemSchema(schema))
      throw refused('system_table', say('query.tableServersOwn', { schema, name }), { position });
    throw refused('schema', say('query.schemaDoesNotBelong', { schema }), {
      position,
      meant: schemas.slice(0, 5),
    });
  }
  if (tables.length === 0) return [];
  const { rows } = await client.query<Record<keyof TableRow, string>>(
    `SELECT DISTINCT ON (w.at) w.at, n.nspname AS schema, c.relname AS name, ${relationColumns}
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, at)
     JOIN pg_class c ON c.relname = w.name
     JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($3::text[]) AND n.nspname = coalesce(w.schema, n.nspname)
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c', 't', 'i', 'I')
     ORDER BY w.at, array_position($3::text[], n.nspname::text)`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name), schemas],
  );
  const byPlace = new Map(rows.map((row) => [Number(row.at) - 1, row]));
  const found: TableRow[] = [];
  for (const [at, table] of tables.entries()) {
    const { schema, name, position } = table;
    const row = byPlace.get(at);
    if (!row) {
      if (schema === null && (await isCatalogue(client, name)))
        throw refused('system_table', say('query.tableServersOwn2', { name }), { position });
      throw refused(
        'unknown_table',
        schema === null ? say('query.noTableHere', { name }) : say('query.noTableHere2', { schema, name }),
        {
          position,
          meant: await meant.tables(client, schemas, name),
        },
      );
    }
    if (row.kind === 'f') {
      throw refused('foreign_table', say('query.foreignTableReadReaches', { name }), {
        position,
      });
    }
    if (!['r', 'p', 'v', 'm'].includes(row.kind))
      throw refused('kind_of_table', say('query.noTableView', { name }), { position });
    found.push({ ...row, at: Number(row.at) });
  }
  return found;
}

async function isCatalogue(client: SqlClient, name: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_class WHERE relname = $1 AND relnamespace = 'pg_catalog'::regnamespace`,
    [name],
  );
  return rows.length > 0;
}
