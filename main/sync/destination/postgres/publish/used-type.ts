import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import type { ColumnType } from '../../../shape/kinds.ts';
import type { Finished } from '../finish/finished.ts';
import { createPlanShelf, type PlannedColumn, type TablePlan, valueIn } from '../finish/plan.ts';
import { stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { type LiveTable, stagedType } from './live.ts';
import { obstaclesOf, type Retype, workOn } from './work.ts';

/** Types that ids were published with before ids were text, and what a text looks like that such a column gives back. */
const formerIds: Partial<Record<ColumnType, string>> = {
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  bigint: '^(0|-?[1-9][0-9]{0,17})$',
};

/** Whether a column that is text now was published as one of the former types of ids. */
const mayKeep = ({ type, to }: PlannedColumn, { columns }: LiveTable): boolean => {
  const has = stagedType(columns.get(to)?.type ?? '');
  return type === 'text' && has !== null && Object.hasOwn(formerIds, has);
};

/**
 * Lets columns of ids keep the type that they were published with where somebody uses them: they would become text only
 * because Headgate gives ids no other type any more, which is no reason to hold a refresh. All their values must be of
 * the former type still; otherwise they change as any column does. Those that nobody uses become text.
 */
export async function keepUsedTypes(
  client: PgClient,
  schema: string,
  finished: Finished,
  live: ReadonlyMap<string, LiveTable>,
): Promise<Finished> {
  const plans: TablePlan[] = [];
  const shelf = createPlanShelf();
  for (const plan of finished.plans) {
    const table = live.get(plan.name);
    const kept =
      table && plan.values.some((column) => mayKeep(column, table))
        ? await keptIn(client, schema, plan, table, finished)
        : new Map<string, ColumnType>();
    if (kept.size === 0) plans.push(plan);
    else {
      const values = plan.values.map((column): PlannedColumn => {
        const type = kept.get(column.to);
        return type === undefined ? column : { ...column, type, isStagedAsText: true };
      });
      plans.push(shelf({ ...plan, values }));
    }
  }
  return { ...finished, plans };
}

/** The columns of a table that keep their type: name -> type. */
async function keptIn(
  client: PgClient,
  schema: string,
  plan: TablePlan,
  table: LiveTable,
  { names }: Finished,
): Promise<Map<string, ColumnType>> {
  const work = workOn(schema, plan, table, names);
  const former = work.retype.filter(({ column }) => mayKeep(column, table));
  const found = former.length === 0 ? [] : await usedAmong(client, schema, plan, { ...work, retype: former });
  return new Map(found.map(({ column, old }) => [column.to, stagedType(old.type) as ColumnType]));
}

async function usedAmong(
  client: PgClient,
  schema: string,
  plan: TablePlan,
  work: ReturnType<typeof workOn>,
): Promise<Retype[]> {
  return inTransaction(client, async () => {
    const { blockedColumns } = await obstaclesOf(client, schema, { ...work, gone: [], addToKey: [] });
    const used = work.retype.filter(({ column }) => blockedColumns.has(column.to));
    if (used.length === 0) return [];
    const staged = qualified(stagingSchema(schema), plan.staged);
    const fit = used.map(({ column, old }) => {
      const form = formerIds[stagedType(old.type) as ColumnType];
      return `coalesce(bool_and(${valueIn(column, '')} ~ '${form}'), true)`;
    });
    const { rows } = await client.query<{ fits: string }>(
      `SELECT unnest(ARRAY[${fit.join(', ')}]) AS fits FROM ${staged}`,
    );
    return used.filter((_, at) => rows[at]?.fits === 't');
  });
}
