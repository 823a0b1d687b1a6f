import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { columnNamesOf, createColumnNames, lookUp } from '../../../shape/names.ts';
import { allot } from '../../../shape/naming.ts';
import type { Finished } from '../finish/finished.ts';
import { columnsOf, createPlanShelf, type TablePlan } from '../finish/plan.ts';
import { inTransaction } from '../transaction.ts';
import type { LiveTable } from './live.ts';
import { obstaclesOf, workOn } from './work.ts';

/** By this beginning the names of a dataset remember the former column of a path: it is Headgate's still. */
const former = 'former ';

/**
 * Gives columns that can't get their new type, because something uses them, a second column beside them: `count` stays,
 * empty, and `count_text` holds the values from now on. The former one goes once nothing uses it.
 */
export async function besideOldColumns(
  client: PgClient,
  schema: string,
  finished: Finished,
  live: ReadonlyMap<string, LiveTable>,
): Promise<Finished> {
  const plans: TablePlan[] = [];
  const changed = new Map<string, Readonly<Record<string, string>>>();
  const shelf = createPlanShelf();
  for (const plan of finished.plans) {
    const table = live.get(plan.name);
    const work = table ? workOn(schema, plan, table, finished.names) : null;
    if (!table || !work || work.retype.length === 0) {
      plans.push(plan);
      continue;
    }
    const { blockedColumns } = await inTransaction(client, () => obstaclesOf(client, schema, work));
    if (blockedColumns.size === 0) {
      plans.push(plan);
      continue;
    }
    const moved = work.retype.filter(({ column }) => column.id !== null && blockedColumns.has(column.to));
    const wishes = moved.map(({ column, type }) => ({
      id: column.id as string,
      text: `${column.to} ${type}`,
    }));
    const taken = [...table.columns.keys(), ...columnsOf(plan).map(({ to }) => to)];
    const names = allot(wishes, {}, taken);
    const own = new Map(Object.entries(lookUp(finished.names.columns, plan.id) ?? {}));
    for (const { column } of moved) {
      own.set(`${former}${column.to}`, column.to);
      own.set(column.id as string, names.get(column.id as string) as string);
    }
    changed.set(plan.id, Object.fromEntries(own));
    plans.push(
      shelf({
        ...plan,
        values: plan.values.map((value) => {
          const to = value.id === null ? undefined : names.get(value.id);
          return to === undefined ? value : { ...value, to };
        }),
        indexes: plan.indexes.map((name) => {
          const id = moved.find(({ column }) => column.to === name)?.column.id;
          return id == null ? name : (names.get(id) as string);
        }),
      }),
    );
  }
  const columns = createColumnNames();
  for (const [id, known] of columnNamesOf(finished.names)) columns.put(id, changed.get(id) ?? known);
  return { ...finished, plans, names: { ...finished.names, columns: columns.columns } };
}
