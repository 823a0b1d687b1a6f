import type { DictionaryColumn, DictionaryTable } from '../../../../preload/contract/models.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { lookUp } from '../../shape/names.ts';
import type { Finished } from './finish.ts';
import { stagingSchema } from './staging.ts';

/** Column names that are given by the engine and stand for no path of the source: positions in repeats. */
const positionPrefix = 'position ';

/** Which dataset of the connector each part of its records belongs to: id of the part -> name of the dataset. */
export type PartDatasets = Readonly<Record<string, string>>;

interface Row {
  readonly table: string;
  readonly comment: string | null;
  readonly column: string;
  readonly type: string;
  readonly about: string | null;
  readonly nulls: string | null;
  readonly distinct: string | null;
}

/**
 * Describes the finished tables in the staging schema, after they were analysed: names, types, where the values come
 * from, and what the planner's statistics say about them. Carries no value of the data.
 */
export async function describeTables(
  client: PgClient,
  schema: string,
  finished: Finished,
  parts: PartDatasets,
  source: string,
): Promise<DictionaryTable[]> {
  const names = Object.keys(finished.rowCounts);
  const { rows } = await client.query<Record<keyof Row, string | null>>(
    `SELECT c.relname AS table, obj_description(c.oid, 'pg_class') AS comment, a.attname AS column,
       format_type(a.atttypid, a.atttypmod) AS type, col_description(c.oid, a.attnum) AS about,
       s.null_frac AS nulls, s.n_distinct AS distinct
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
     WHERE n.nspname = $1 AND c.relname = ANY ($2) ORDER BY c.relname, a.attnum`,
    [stagingSchema(schema), names],
  );
  const ids = new Map(Object.entries(finished.names.tables).map(([id, name]) => [name, id]));
  const byTable = Map.groupBy(rows as unknown as Row[], (row) => row.table);
  return names.map((name) => {
    const id = ids.get(name) ?? name;
    const columns = byTable.get(name) ?? [];
    const paths = new Map(
      Object.entries(finished.names.columns[id] ?? {}).map(([path, column]) => [column, path]),
    );
    const count = finished.rowCounts[name] ?? 0;
    return {
      id,
      name,
      dataset: datasetOf(id, parts),
      rows: count,
      description: columns[0]?.comment ?? null,
      source,
      columns: columns.map((row) => {
        const path = paths.get(row.column) ?? null;
        const label = path === null ? undefined : lookUp(finished.labels[id] ?? {}, path);
        return describeColumn(row, path, label ?? null, count);
      }),
    };
  });
}

function describeColumn(row: Row, path: string | null, label: string | null, rows: number): DictionaryColumn {
  const sourcePath = path === null || path.startsWith(positionPrefix) ? null : path;
  // Negative: a share of the rows, where the number grows with the table (pg_stats, n_distinct).
  const distinct = row.distinct === null ? null : Number(row.distinct);
  return {
    name: row.column,
    type: row.type,
    nullShare: rows === 0 ? 0 : row.nulls === null ? null : Number(row.nulls),
    distinct:
      rows === 0 ? 0 : distinct === null ? null : Math.round(distinct < 0 ? -distinct * rows : distinct),
    sourcePath,
    label,
    // A comment that only repeats the path says nothing new.
    description: row.about === sourcePath ? null : row.about,
  };
}

/** A table belongs to a part, or hangs below one as a repeat: `part|path`. */
function datasetOf(id: string, parts: PartDatasets): string {
  const owner = Object.keys(parts)
    .filter((part) => id === part || id.startsWith(`${part}|`))
    .sort((a, b) => b.length - a.length)[0];
  return owner === undefined ? '' : (parts[owner] as string);
}
