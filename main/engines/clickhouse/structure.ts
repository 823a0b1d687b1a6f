import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import type { ClickhouseSession } from './clickhouse-client.ts';

/** A server with more is cut here: the answer stays below some megabytes, and `cut` says so. */
const mostTables = 5000;

const own = "('system', 'INFORMATION_SCHEMA', 'information_schema')";

/** Engines of tables that are none of their own data. */
function kindOf(engine: string): StructureTable['kind'] {
  if (engine === 'MaterializedView') return 'materialized_view';
  if (/View$/.test(engine)) return 'view';
  if (engine === 'Distributed') return 'partitioned';
  return /^(?:MySQL|PostgreSQL|MongoDB|S3|URL|File|HDFS|ODBC|JDBC|Kafka|RabbitMQ|Dictionary)/.test(engine)
    ? 'foreign'
    : 'table';
}

/** Every database, table and view that the user may look into, with columns, the sorting key, comments and the server's count of rows. */
export async function structureOf(session: ClickhouseSession): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const databases = await session.table(
    `SELECT name, comment FROM system.databases WHERE name NOT IN ${own} ORDER BY name`,
  );
  const tables = await session.table(
    `SELECT database, name, engine, total_rows, comment FROM system.tables
     WHERE database NOT IN ${own} AND NOT is_temporary AND name NOT LIKE '.inner%'
     ORDER BY database, name LIMIT ${mostTables + 1}`,
  );
  const bySchema = new Map(
    databases.rows.map(([name, comment]) => [
      name ?? '',
      { name: name ?? '', comment: comment || null, tables: [] as StructureTable[] },
    ]),
  );
  const byName = new Map<string, StructureTable>();
  const keyOf = (database: string | null | undefined, table: string | null | undefined): string =>
    JSON.stringify([database, table]);
  for (const [database, name, engine, rows, comment] of tables.rows.slice(0, mostTables)) {
    const kind = kindOf(engine ?? '');
    const table: StructureTable = {
      ...{ name: name ?? '', kind, comment: comment || null, columns: [], primaryKey: [], foreignKeys: [] },
      rows: rows === null || rows === undefined || kind === 'view' ? null : Number(rows),
    };
    byName.set(keyOf(database, name), table);
    bySchema.get(database ?? '')?.tables.push(table);
  }
  const columns = await session.open(
    `SELECT database, table, name, type, comment, is_in_primary_key FROM system.columns
     WHERE database NOT IN ${own} AND default_kind <> 'EPHEMERAL' ORDER BY database, table, position`,
  );
  for await (const [database, of, name, type, comment, inKey] of columns.rows) {
    const table = byName.get(keyOf(database, of));
    if (!table) continue;
    table.columns.push({
      ...{ name: name ?? '', type: (type ?? '').replace(/\s+/g, ' '), comment: comment || null },
      nullable: /^(?:LowCardinality\()?Nullable\(/.test(type ?? ''),
    });
    // It sorts, and does not tell one row from another: of several rows with one key all are there.
    if (inKey === '1') table.primaryKey.push(name ?? '');
  }
  return { schemas: [...bySchema.values()], cut: tables.rows.length > mostTables };
}
