import type { Structure, StructureTable } from '../../../preload/contract/models.ts';
import type { BigquerySession } from './bigquery-client.ts';
import { BigqueryRefused } from './bigquery-errors.ts';
import { type Field, typeOf } from './values.ts';

/** More tables than this are not listed. */
const mostTables = 5000;
/** Columns are a request for each table: so many are asked for, the others are listed by name. */
const mostDescribed = 300;

interface List<T> {
  readonly nextPageToken?: string;
  readonly datasets?: readonly T[];
  readonly tables?: readonly T[];
}
interface DatasetItem {
  readonly datasetReference: { readonly datasetId: string };
}
interface TableItem {
  readonly tableReference: { readonly tableId: string };
  readonly type: string;
}
interface Described {
  readonly description?: string;
  readonly numRows?: string;
  readonly schema?: { readonly fields?: readonly Field[] };
  readonly tableConstraints?: { readonly primaryKey?: { readonly columns?: readonly string[] } };
}

const kinds: Readonly<Record<string, StructureTable['kind']>> = {
  VIEW: 'view',
  MATERIALIZED_VIEW: 'materialized_view',
  EXTERNAL: 'foreign',
};

/** Every item of a list, page by page, at most so many. */
export async function listed<T>(
  session: BigquerySession,
  path: string,
  of: (page: List<T>) => readonly T[] | undefined,
  most: number,
): Promise<T[]> {
  const all: T[] = [];
  for (
    let pageToken: string | undefined, first = true;
    (first || pageToken) && all.length < most;
    first = false
  ) {
    const page: List<T> = await session.get(path, { maxResults: '1000', pageToken });
    all.push(...(of(page) ?? []));
    pageToken = page.nextPageToken;
  }
  return all.slice(0, most);
}

/**
 * Datasets, tables and views of the project, by lists that are free of charge: the catalogue in SQL is billed for each look.
 * A dataset in which nothing may be seen is empty here.
 */
export async function structureOf(session: BigquerySession): Promise<Pick<Structure, 'schemas' | 'cut'>> {
  const datasets = await listed<DatasetItem>(session, '/datasets', (page) => page.datasets, mostTables);
  const schemas: Structure['schemas'] = [];
  let [count, cut] = [0, false];
  for (const { datasetReference } of datasets) {
    const { datasetId: name } = datasetReference;
    const path = `/datasets/${encodeURIComponent(name)}/tables`;
    const tables: StructureTable[] = [];
    const items = await listed<TableItem>(session, path, (page) => page.tables, mostTables + 1 - count).catch(
      (error: unknown) => {
        if (error instanceof BigqueryRefused && (error.status === 403 || error.status === 404)) return [];
        throw error;
      },
    );
    for (const { tableReference, type } of items) {
      count += 1;
      if (count > mostTables) {
        cut = true;
        break;
      }
      const described =
        count > mostDescribed
          ? null
          : await session.get<Described>(`${path}/${encodeURIComponent(tableReference.tableId)}`);
      cut ||= described === null;
      tables.push({
        name: tableReference.tableId,
        kind: kinds[type] ?? 'table',
        comment: described?.description ?? null,
        rows: described?.numRows === undefined || kinds[type] === 'view' ? null : Number(described.numRows),
        columns: (described?.schema?.fields ?? []).map((field) => ({
          name: field.name,
          type: typeOf(field),
          nullable: field.mode !== 'REQUIRED',
          comment: field.description ?? null,
        })),
        primaryKey: [...(described?.tableConstraints?.primaryKey?.columns ?? [])],
        foreignKeys: [],
      });
    }
    schemas.push({ name, comment: null, tables });
  }
  return { schemas, cut };
}
