import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import type { DatabricksSession } from './databricks-client.ts';
import { DatabricksRefused } from './databricks-errors.ts';

/** More tables than this are not listed. */
const mostTables = 5000;
/** Keys are a request for each table: so many are asked for theirs. */
const mostDescribed = 300;
/** Pages of one list; one may be empty and have another behind it. */
const mostPages = 500;

interface Named {
  readonly name: string;
  readonly comment?: string;
}
interface TableItem extends Named {
  readonly table_type?: string;
  readonly columns?: readonly {
    readonly name: string;
    readonly type_text?: string;
    readonly type_name?: string;
    readonly nullable?: boolean;
    readonly comment?: string;
    readonly position?: number;
  }[];
  readonly table_constraints?: readonly {
    readonly primary_key_constraint?: { readonly child_columns?: readonly string[] };
    readonly foreign_key_constraint?: {
      readonly child_columns?: readonly string[];
      readonly parent_table?: string;
      readonly parent_columns?: readonly string[];
    };
  }[];
}
interface List {
  readonly next_page_token?: string;
  readonly schemas?: readonly Named[];
  readonly tables?: readonly TableItem[];
}

const kinds: Readonly<Record<string, StructureTable['kind']>> = {
  VIEW: 'view',
  METRIC_VIEW: 'view',
  MATERIALIZED_VIEW: 'materialized_view',
  FOREIGN: 'foreign',
};

const catalogue = '/api/2.1/unity-catalog';

/** Whether something can't be seen, or was dropped meanwhile. */
const isHidden = (error: unknown): boolean =>
  error instanceof DatabricksRefused && error.reason !== '' && (error.status === 403 || error.status === 404);

/** Items of a list, page by page, at most so many. */
async function listed<T>(
  session: DatabricksSession,
  path: string,
  query: Readonly<Record<string, string>>,
  of: (page: List) => readonly T[] | undefined,
  most: number,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < mostPages && all.length < most; pages += 1) {
    const page = await session.get<List>(`${catalogue}${path}`, {
      ...query,
      // The service's own size of a page; without it nothing is paged.
      max_results: '0',
      page_token: token,
    });
    all.push(...(of(page) ?? []));
    token = page.next_page_token || undefined;
    if (token === undefined) break;
  }
  return all.slice(0, most);
}

/** Schemas of the catalog that can be seen, without the one that every catalog has. */
export async function schemasOf(session: DatabricksSession, most = mostTables): Promise<Named[]> {
  const all = await listed(
    session,
    '/schemas',
    { catalog_name: session.catalog },
    (page) => page.schemas,
    most,
  );
  return all.filter(({ name }) => name !== 'information_schema');
}

/** Tables and views of a schema that can be seen. */
export async function tablesOf(
  session: DatabricksSession,
  schema: string,
  most: number,
): Promise<TableItem[]> {
  const query = { catalog_name: session.catalog, schema_name: schema };
  try {
    return await listed(session, '/tables', query, (page) => page.tables, most);
  } catch (error) {
    if (isHidden(error)) return [];
    throw error;
  }
}

/** What is known of a table by itself only: its keys. */
async function constraintsOf(session: DatabricksSession, schema: string, table: string) {
  const path = [session.catalog, schema, table].map(encodeURIComponent).join('.');
  try {
    const { table_constraints: found = [] } = await session.get<TableItem>(`${catalogue}/tables/${path}`);
    return found;
  } catch (error) {
    if (isHidden(error)) return [];
    throw error;
  }
}

function foreignKeysOf(
  constraints: Awaited<ReturnType<typeof constraintsOf>>,
): StructureTable['foreignKeys'] {
  return constraints.flatMap(({ foreign_key_constraint: key }) => {
    const [schema, table] = (key?.parent_table ?? '').split('.').slice(-2);
    if (!key || schema === undefined || table === undefined) return [];
    return [
      {
        columns: [...(key.child_columns ?? [])],
        references: `${schema}.${table}`,
        referenced: [...(key.parent_columns ?? [])],
      },
    ];
  });
}

/** Schemas, tables, columns and keys of the catalog, from Unity Catalog: no warehouse is needed, and none is started. */
export async function structureOf(session: DatabricksSession): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const schemas: Structure['schemas'] = [];
  let [count, cut] = [0, false];
  for (const { name, comment } of await schemasOf(session)) {
    const items = await tablesOf(session, name, mostTables + 1 - count);
    const tables: StructureTable[] = [];
    for (const item of items) {
      count += 1;
      if (count > mostTables) {
        cut = true;
        break;
      }
      const kind = kinds[item.table_type ?? ''] ?? 'table';
      const constraints =
        kind === 'table' && count <= mostDescribed ? await constraintsOf(session, name, item.name) : [];
      const columns = [...(item.columns ?? [])].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
      tables.push({
        name: item.name,
        kind,
        comment: item.comment ?? null,
        rows: null,
        columns: columns.map((column) => ({
          name: column.name,
          type: column.type_text ?? column.type_name ?? '',
          nullable: column.nullable !== false,
          comment: column.comment ?? null,
        })),
        primaryKey: constraints.flatMap(({ primary_key_constraint: key }) => key?.child_columns ?? []),
        foreignKeys: foreignKeysOf(constraints),
      });
    }
    schemas.push({ name, comment: comment ?? null, tables });
    if (cut) break;
  }
  return { schemas, cut };
}
