import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import { shown } from './results.ts';
import type { SnowflakeSession } from './snowflake-client.ts';
import { SnowflakeRefused } from './snowflake-errors.ts';
import { ident } from './sql.ts';

/** More tables than this are not listed. */
const mostTables = 5000;
/** A SHOW answers no more rows than this. */
const mostShown = 10_000;

type Shown = Readonly<Record<string, string | null>>;

/** A type as SHOW COLUMNS has it. */
interface ShownType {
  readonly type?: string;
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
}

function typeOf(text: string): ShownType {
  try {
    return JSON.parse(text) as ShownType;
  } catch {
    return { type: text };
  }
}
const typeText = ({ type = '', precision, scale }: ShownType): string =>
  type === 'FIXED'
    ? `NUMBER(${precision ?? 38},${scale ?? 0})`
    : type === 'TEXT'
      ? 'VARCHAR'
      : type === 'REAL'
        ? 'FLOAT'
        : type;

/** What was dropped meanwhile, or can't be seen, is empty. */
async function shownOrNone(session: SnowflakeSession, sql: string): Promise<Shown[]> {
  try {
    return await shown(session, sql);
  } catch (error) {
    if (error instanceof SnowflakeRefused && (error.code === '002003' || error.code === '003001')) return [];
    throw error;
  }
}

const inOrder = (rows: readonly Shown[]): Shown[] =>
  [...rows].sort((a, b) => Number(a['key_sequence'] ?? 0) - Number(b['key_sequence'] ?? 0));

function foreignKeysOf(rows: readonly Shown[]): StructureTable['foreignKeys'] {
  const keys = new Map<string, { columns: string[]; references: string; referenced: string[] }>();
  for (const row of inOrder(rows)) {
    const name = row['fk_name'] ?? '';
    const key = keys.get(name) ?? {
      ...{ columns: [], referenced: [] },
      references: `${row['pk_schema_name']}.${row['pk_table_name']}`,
    };
    key.columns.push(row['fk_column_name'] ?? '');
    key.referenced.push(row['pk_column_name'] ?? '');
    keys.set(name, key);
  }
  return [...keys.values()];
}

async function tablesOf(
  session: SnowflakeSession,
  schema: string,
): Promise<{ tables: StructureTable[]; cut: boolean }> {
  const at = `IN SCHEMA ${ident(session.database)}.${ident(schema)}`;
  const tables = await shownOrNone(session, `SHOW TABLES ${at} LIMIT ${mostShown}`);
  const views = await shownOrNone(session, `SHOW VIEWS ${at} LIMIT ${mostShown}`);
  if (tables.length + views.length === 0) return { tables: [], cut: false };
  const columns = await shownOrNone(session, `SHOW COLUMNS ${at} LIMIT ${mostShown}`);
  const primary = tables.length === 0 ? [] : await shownOrNone(session, `SHOW PRIMARY KEYS ${at}`);
  const foreign = tables.length === 0 ? [] : await shownOrNone(session, `SHOW IMPORTED KEYS ${at}`);
  const of = (rows: readonly Shown[], name: string | null, column = 'table_name'): Shown[] =>
    rows.filter((row) => row[column] === name);
  const made = (row: Shown, kind: StructureTable['kind']): StructureTable => ({
    name: row['name'] ?? '',
    kind,
    comment: row['comment'] || null,
    rows: kind === 'table' && row['rows'] ? Number(row['rows']) : null,
    columns: of(columns, row['name'] ?? null).map((column) => {
      const type = typeOf(column['data_type'] ?? '');
      return {
        name: column['column_name'] ?? '',
        type: typeText(type),
        nullable: type.nullable !== false,
        comment: column['comment'] || null,
      };
    }),
    primaryKey: inOrder(of(primary, row['name'] ?? null)).map((key) => key['column_name'] ?? ''),
    foreignKeys: foreignKeysOf(of(foreign, row['name'] ?? null, 'fk_table_name')),
  });
  const all = [
    ...tables.map((row) => made(row, 'table')),
    ...views.map((row) => made(row, row['is_materialized'] === 'true' ? 'materialized_view' : 'view')),
  ];
  return { tables: all, cut: [tables, views, columns].some(({ length }) => length >= mostShown) };
}

/** Schemas of the database that can be seen, without the one that every database has. */
export async function schemasOf(session: SnowflakeSession): Promise<Shown[]> {
  const rows = await shown(session, `SHOW SCHEMAS IN DATABASE ${ident(session.database)} LIMIT ${mostShown}`);
  return rows.filter(({ name }) => name !== 'INFORMATION_SCHEMA');
}

/** Schemas, tables, columns and keys of the database, by SHOW: no warehouse is needed, and none is started. */
export async function structureOf(session: SnowflakeSession): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const found = await schemasOf(session);
  const schemas: Structure['schemas'] = [];
  let [count, cut] = [0, found.length >= mostShown];
  for (const { name, comment } of found) {
    const seen = await tablesOf(session, name ?? '');
    const tables = seen.tables.slice(0, mostTables - count);
    count += tables.length;
    cut ||= seen.cut || tables.length < seen.tables.length;
    schemas.push({ name: name ?? '', comment: comment || null, tables });
    if (count >= mostTables) {
      cut = true;
      break;
    }
  }
  return { schemas, cut };
}
