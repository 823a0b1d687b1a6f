import type { DictionaryColumn, DictionaryTable } from '../../../../../preload/contract/models.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { batchesOf } from '../../../batches.ts';
import { createPacker, type Tables } from '../../../shape/packed.ts';
import { sourcePathOf } from '../finish/comment-of.ts';
import type { Finished, PartDatasets } from '../finish/finished.ts';
import { columnsOf, type PlannedColumn, type TablePlan } from '../finish/plan.ts';
import { stagingSchema } from '../lease.ts';
import type { LiveTable } from '../publish/live.ts';
import { type Value, workOn } from '../publish/work.ts';
import { inTransaction } from '../transaction.ts';

/** Tables whose statistics are read in one query. */
const tablesAtOnce = 100;

/** How types are called in a dictionary: as PostgreSQL prints them. */
const printed: Readonly<Record<string, string>> = {
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  time: 'time without time zone',
};

interface Statistics {
  readonly nulls: number;
  readonly distinct: number;
}

/**
 * Describes the finished tables: names, types, where the values come from, and what the planner's statistics say about
 * them: those of the published table, where there is one, else those of the staged one. Carries no value of the data.
 */
export async function describeTables(
  client: PgClient,
  schema: string,
  finished: Finished,
  live: ReadonlyMap<string, LiveTable>,
  source: string,
): Promise<Tables> {
  const tables = createPacker<DictionaryTable>();
  for (const plans of batchesOf(finished.plans, tablesAtOnce)) {
    const names = plans.map(({ name }) => name);
    const statistics = await inTransaction(client, () => readStatistics(client, schema, names));
    for (const plan of plans) {
      const known = live.get(plan.name);
      const own = statistics.get(plan.name) ?? new Map<string, Statistics>();
      const labels = new Map(plan.labels.map(([path, ...label]) => [path, label] as const));
      tables.add({
        id: plan.id,
        name: plan.name,
        dataset: datasetOf(plan.id, finished.parts),
        rows: plan.rows,
        description: plan.comment,
        ...(plan.lang === undefined ? {} : { lang: plan.lang }),
        source,
        columns: typedColumns(schema, plan, known, finished).map(({ column, type }) =>
          describeColumn(plan, column, type, labels.get(column.id ?? ''), own.get(column.to)),
        ),
      });
    }
  }
  return tables.list();
}

/** The columns with the types they will have: a published type that holds the values stays. */
function typedColumns(
  schema: string,
  plan: TablePlan,
  live: LiveTable | undefined,
  finished: Finished,
): { column: PlannedColumn; type: string }[] {
  const values: readonly Value[] = live ? workOn(schema, plan, live, finished.names).values : [];
  const types = new Map(values.map(({ column, type }) => [column.to, type]));
  return columnsOf(plan).map((column) => {
    const type = types.get(column.to) ?? column.type;
    return { column, type: printed[type] ?? type };
  });
}

async function readStatistics(
  client: PgClient,
  schema: string,
  names: readonly string[],
): Promise<Map<string, Map<string, Statistics>>> {
  const { rows } = await client.query<Record<'table' | 'column' | 'nulls' | 'distinct', string>>(
    `SELECT DISTINCT ON (tablename, attname) tablename AS table, attname AS column, null_frac AS nulls, n_distinct AS distinct
     FROM pg_stats WHERE schemaname IN ($1, $2) AND tablename = ANY ($3)
     ORDER BY tablename, attname, schemaname = $1 DESC`,
    [schema, stagingSchema(schema), names],
  );
  const found = new Map<string, Map<string, Statistics>>();
  for (const row of rows) {
    const columns = found.get(row.table) ?? new Map<string, Statistics>();
    found.set(
      row.table,
      columns.set(row.column, { nulls: Number(row.nulls), distinct: Number(row.distinct) }),
    );
  }
  return found;
}

function describeColumn(
  { rows }: TablePlan,
  { id, to, comment }: PlannedColumn,
  type: string,
  label: readonly [text: string, lang?: string] | undefined,
  known: Statistics | undefined,
): DictionaryColumn {
  const sourcePath = sourcePathOf({ id });
  // Negative: a share of the rows, where the number grows with the table (pg_stats, n_distinct).
  const distinct =
    known === undefined ? null : Math.round(known.distinct < 0 ? -known.distinct * rows : known.distinct);
  return {
    name: to,
    type,
    nullShare: rows === 0 ? 0 : (known?.nulls ?? null),
    distinct: rows === 0 ? 0 : distinct,
    sourcePath,
    label: label?.[0] ?? null,
    ...(label?.[1] === undefined ? {} : { lang: label[1] }),
    // A comment that only repeats the path says nothing new.
    description: comment === sourcePath ? null : comment,
  };
}

/** A table belongs to a part, or hangs below one as a repeat: `part|path`. */
function datasetOf(id: string, parts: PartDatasets): string {
  for (let owner = id; owner !== ''; owner = owner.slice(0, Math.max(0, owner.lastIndexOf('|')))) {
    if (Object.hasOwn(parts, owner)) return parts[owner] as string;
  }
  return '';
}
