import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import type { PgClient } from './postgres-client.ts';

/** A database with more is cut here: the answer stays below some megabytes, and `cut` says so. */
const mostTables = 5000;

type Schema = Structure['schemas'][number];

/** The server's own schemas, and those of other people's sessions. */
const foreignSchemas = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** In the order of the enum of the contract: relkind and how we call it. */
const kinds: Readonly<Record<string, StructureTable['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized_view',
  f: 'foreign',
};

interface TableRow {
  schema: string;
  name: string;
  kind: string;
  comment: string | null;
  rows: string | null;
  columns: string;
  primary_key: string | null;
  foreign_keys: string | null;
}

/**
 * Every schema, table and view that the session's user may look into, with columns, keys, comments and the planner's
 * estimate of rows. Partitions are left out, their parent stands for them. Two statements, without named ones, so that it
 * works in one transaction of a pooler.
 */
export async function structureOf(client: PgClient): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const schemas = await client.query<{ name: string; comment: string | null }>(
    `SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment
     FROM pg_namespace n WHERE ${foreignSchemas} AND has_schema_privilege(n.oid, 'USAGE') ORDER BY n.nspname`,
  );
  const { rows } = await client.query<TableRow>(
    `WITH shown AS (
       SELECT c.oid, c.relname, c.relkind, c.reltuples, n.nspname FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${foreignSchemas} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
         AND has_schema_privilege(n.oid, 'USAGE')
       ORDER BY n.nspname, c.relname LIMIT ${mostTables + 1})
     SELECT s.nspname AS schema, s.relname AS name, s.relkind AS kind, obj_description(s.oid, 'pg_class') AS comment,
       CASE WHEN s.relkind IN ('r', 'm', 'p') AND s.reltuples >= 0 THEN s.reltuples::bigint END AS rows,
       (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
           'nullable', NOT a.attnotnull, 'comment', col_description(s.oid, a.attnum)) ORDER BY a.attnum), '[]')
         FROM pg_attribute a WHERE a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT json_agg(a.attname ORDER BY k.position) FROM pg_constraint con
         CROSS JOIN unnest(con.conkey) WITH ORDINALITY AS k (attnum, position)
         JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = k.attnum
         WHERE con.conrelid = s.oid AND con.contype = 'p'
           -- Tables that inherit from it may have rows of the same key.
           AND (s.relkind = 'p' OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits h WHERE h.inhparent = s.oid))) AS primary_key,
       (SELECT json_agg(json_build_object('columns', (SELECT json_agg(a.attname ORDER BY k.position)
             FROM unnest(con.conkey) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum),
           'references', rn.nspname || '.' || rc.relname,
           'referenced', (SELECT json_agg(a.attname ORDER BY k.position)
             FROM unnest(con.confkey) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum)) ORDER BY con.conname)
         FROM pg_constraint con JOIN pg_class rc ON rc.oid = con.confrelid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
         WHERE con.conrelid = s.oid AND con.contype = 'f') AS foreign_keys
     FROM shown s ORDER BY s.nspname, s.relname`,
  );
  const bySchema = new Map<string, Schema>(
    schemas.rows.map(({ name, comment }) => [name, { name, comment, tables: [] }]),
  );
  for (const row of rows.slice(0, mostTables)) {
    bySchema.get(row.schema)?.tables.push({
      name: row.name,
      kind: kinds[row.kind] ?? 'table',
      comment: row.comment,
      rows: row.rows === null ? null : Number(row.rows),
      columns: JSON.parse(row.columns) as StructureTable['columns'],
      primaryKey: row.primary_key === null ? [] : (JSON.parse(row.primary_key) as string[]),
      foreignKeys:
        row.foreign_keys === null ? [] : (JSON.parse(row.foreign_keys) as StructureTable['foreignKeys']),
    });
  }
  return { schemas: [...bySchema.values()], cut: rows.length > mostTables };
}
