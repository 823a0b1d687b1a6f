import type { Said } from '../../../../../preload/contract/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { batchesOf } from '../../../batches.ts';
import { createColumnNames, lookUp, type Names } from '../../../shape/names.ts';
import { readFinishedParts, saveFinishedParts } from '../state.ts';
import { createPlanShelf, type TablePlan } from './plan.ts';

/** Which dataset of the connector each part of its records belongs to: id of the part -> name of the dataset. */
export type PartDatasets = Readonly<Record<string, string>>;

/** What is ready to be published. Saved in the staging schema. */
export interface Finished {
  readonly plans: readonly TablePlan[];
  /** Names given out so far, with those of this refresh. */
  readonly names: Names;
  readonly parts: PartDatasets;
  readonly duplicates: number;
  /** Names of the tables with values in `overflow`: they found no column, no room in their row, or do not fit. */
  readonly overflowed: readonly string[];
  /** What people should know of the reading, in sentences. */
  readonly notes: readonly Said[];
}

/** Table name -> exact number of rows. */
export const rowCountsOf = ({ plans }: Finished): Record<string, number> =>
  Object.fromEntries(plans.map(({ name, rows }) => [name, rows]));

/** Tables that are saved in one text: what is finished in a large project would be more than one text should be. */
const tablesAtOnce = 50;

/** What is saved of everything but the tables. */
type Head = Omit<Finished, 'plans' | 'names'> & { readonly names: Pick<Names, 'tables'> };

/** What is saved of some tables. */
interface Part {
  readonly plans: readonly TablePlan[];
  readonly columns: Names['columns'];
}

function* partsOf({ plans, names }: Finished): Generator<string, void> {
  for (const some of batchesOf(plans, tablesAtOnce)) yield textOf({ plans: some, columns: {} });
  for (const ids of batchesOf(Object.keys(names.columns), tablesAtOnce)) {
    const columns = ids.map((id) => [id, lookUp(names.columns, id) ?? {}]);
    yield textOf({ plans: [], columns: Object.fromEntries(columns) });
  }
}

const textOf = (part: Part): string => JSON.stringify(part);

/** Remembers, in the open transaction, what is finished and by which job, so that only publishing is left. */
export async function saveFinished(
  client: PgClient,
  schema: string,
  job: string,
  finished: Finished,
): Promise<void> {
  const { plans: _, names, ...rest } = finished;
  const head: Head = { ...rest, names: { tables: names.tables } };
  await saveFinishedParts(client, schema, job, JSON.stringify(head), partsOf(finished));
}

/** What was finished, as it was saved; `saved` is what the run remembers of it. */
export async function readFinished(client: PgClient, schema: string, saved: string): Promise<Finished> {
  const { names, ...rest } = JSON.parse(saved) as Head;
  const shelf = createPlanShelf();
  const plans: TablePlan[] = [];
  const columns = createColumnNames();
  for await (const text of readFinishedParts(client, schema)) {
    const part = JSON.parse(text) as Part;
    plans.push(...part.plans.map(shelf));
    for (const [id, known] of Object.entries(part.columns)) columns.put(id, known);
  }
  return { ...rest, plans, names: { tables: names.tables, columns: columns.columns } };
}
