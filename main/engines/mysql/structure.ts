import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import type { MysqlSession } from './mysql-client.ts';

/** A server with more is cut here: the answer stays below some megabytes, and `cut` says so. */
const mostTables = 5000;

const own = "('mysql', 'information_schema', 'performance_schema', 'sys')";

const kinds: Readonly<Record<string, StructureTable['kind']>> = {
  VIEW: 'view',
  'SYSTEM VIEW': 'view',
};

/** What is kept of a table while its columns and keys come. */
type Open = StructureTable & { readonly columns: StructureTable['columns'] };

/**
 * Every schema, table and view that the session's user may look into, with columns, keys, comments and the server's estimate of
 * rows. Four statements over the catalogue, one after the other.
 */
export async function structureOf(session: MysqlSession): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const schemas = await session.table(
    `SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ${own} ORDER BY schema_name`,
  );
  const found = await session.table(
    `SELECT table_schema, table_name, table_type, table_rows, table_comment FROM information_schema.tables
     WHERE table_schema NOT IN ${own} ORDER BY table_schema, table_name LIMIT ${mostTables + 1}`,
  );
  const bySchema = new Map<string, { name: string; comment: null; tables: StructureTable[] }>(
    schemas.rows.map(([name]) => [name ?? '', { name: name ?? '', comment: null, tables: [] }]),
  );
  const byName = new Map<string, Open>();
  const keyOf = (schema: string | null | undefined, table: string | null | undefined): string =>
    JSON.stringify([schema, table]);
  for (const [schema, name, type, rows, comment] of found.rows.slice(0, mostTables)) {
    const kind = kinds[type ?? ''] ?? 'table';
    const table: Open = {
      name: name ?? '',
      kind,
      // Of a view the comment is the word VIEW, or why it can't be read.
      comment: kind === 'view' || !comment ? null : comment,
      rows: rows === null || rows === undefined || kind === 'view' ? null : Number(rows),
      columns: [],
      primaryKey: [],
      foreignKeys: [],
    };
    byName.set(keyOf(schema, name), table);
    bySchema.get(schema ?? '')?.tables.push(table);
  }
  const columns = await session.table(
    `SELECT table_schema, table_name, column_name, column_type, is_nullable, column_comment
     FROM information_schema.columns WHERE table_schema NOT IN ${own}
     ORDER BY table_schema, table_name, ordinal_position`,
  );
  for (const [schema, name, column, type, nullable, comment] of columns.rows) {
    byName.get(keyOf(schema, name))?.columns.push({
      name: column ?? '',
      // An attribute of how it is stored is written as a comment in the type.
      type: (type ?? '').replace(/ ?\/\*.*?\*\//g, ''),
      nullable: nullable === 'YES',
      comment: comment || null,
    });
  }
  const keys = await session.table(
    `SELECT table_schema, table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name,
       referenced_column_name FROM information_schema.key_column_usage
     WHERE table_schema NOT IN ${own} AND (constraint_name = 'PRIMARY' OR referenced_table_name IS NOT NULL)
     ORDER BY table_schema, table_name, constraint_name, ordinal_position`,
  );
  let last = '';
  for (const [schema, name, constraint, column, toSchema, toTable, toColumn] of keys.rows) {
    const table = byName.get(keyOf(schema, name));
    // The key of a table that keeps its history has a hidden column too.
    if (!table?.columns.some((each) => each.name === column)) continue;
    if (constraint === 'PRIMARY') table.primaryKey.push(column ?? '');
    else {
      const id = JSON.stringify([schema, name, constraint]);
      if (id !== last)
        table.foreignKeys.push({ columns: [], references: `${toSchema}.${toTable}`, referenced: [] });
      last = id;
      const key = table.foreignKeys.at(-1);
      key?.columns.push(column ?? '');
      key?.referenced.push(toColumn ?? '');
    }
  }
  return { schemas: [...bySchema.values()], cut: found.rows.length > mostTables };
}
