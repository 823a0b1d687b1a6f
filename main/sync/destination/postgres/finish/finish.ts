import type { Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import { breathe } from '../../../breathe.ts';
import type { Table } from '../../../shape/layout.ts';
import {
  columnNamesOf,
  createColumnNames,
  describedAs,
  dotted,
  lookUp,
  type Names,
} from '../../../shape/names.ts';
import { allot } from '../../../shape/naming.ts';
import type { Shape } from '../../../shape/shape.ts';
import type { MatchesOf } from '../compare/mapping.ts';
import { type PartialReading, type PartialTables, settlePartial, touchedTable } from '../delta/settle.ts';
import { Unproven } from '../delta/unproven.ts';
import { stagingSchema } from '../lease.ts';
import type { LiveTable } from '../publish/live.ts';
import { workOn } from '../publish/work.ts';
import { stagingTable } from '../staged-tables.ts';
import { type DatasetState, saveState } from '../state.ts';
import { inTransaction, rowsWithSettings } from '../transaction.ts';
import { type Finished, saveFinished } from './finished.ts';
import { moveLoneRepeats } from './lone-repeats.ts';
import {
  blankColumn,
  createPlanShelf,
  type Descriptions,
  foreignColumns,
  type PlannedColumn,
  planColumns,
  type TablePlan,
  tableId,
  withoutItem,
} from './plan.ts';
import { makeUnique } from './unique.ts';

export interface ReadDatasetState {
  readonly spec: DatasetSpec;
  readonly shape: Shape;
  readonly state: DatasetState;
  /** Set where only changes were read. */
  readonly partial?: PartialReading;
}

/** What was compared with the published tables while the source was read. */
export interface Compared {
  readonly matchesOf: MatchesOf;
  /** A staged table was changed by something else than what was read. */
  forget(staged: string): void;
}

export interface FinishInput {
  readonly schema: string;
  readonly job: string;
  readonly datasets: readonly ReadDatasetState[];
  readonly keepRaw: boolean;
  readonly before: Names;
  /** Published tables by name, as they are in the database. */
  readonly live: ReadonlyMap<string, LiveTable>;
  /** What the source calls its fields: part and path, as `describedAs` joins them -> text. */
  readonly descriptions: Descriptions;
  /** What people should know of the reading, in sentences. */
  readonly notes: readonly Said[];
  /** For the comments: "External: CommCare HQ (https://www.commcarehq.org, project space demo)". */
  readonly sourceLabel: string;
  /** What was compared while reading; nothing where it is left out. */
  readonly compared?: Compared;
  /** Changes the plan before it is written down. */
  readonly settle?: (planned: Finished) => Promise<Finished>;
}

/** What NULL means in the tables of a dataset. */
const blanksAlike = 'NULL in its tables: the question was left blank, or was not asked.';
const blanksApart = `NULL in its tables: the question was not asked, unless “${blankColumn}” lists it.`;

/** Tables whose rows are counted in one statement. */
const countedAtOnce = 50;
/** Tables that are planned before the thread looks up from its work. */
const plannedAtOnce = 20;

/**
 * Settles what the staged tables hold (each record once, repeats in tables of their own) and plans what becomes of each:
 * names, types, comments. Each step is a transaction of its own that can be done again; the last one writes down that
 * only publishing is left. Nothing of it is visible to readers.
 */
export async function finishReading(client: PgClient, input: FinishInput): Promise<Finished> {
  let duplicates = 0;
  const { matchesOf, forget } = input.compared ?? nothingCompared;
  const partial = new Map<string, PartialTables>();
  for (const { spec, shape, state, partial: reading } of input.datasets) {
    duplicates += await makeUnique(client, input.schema, spec, shape, matchesOf);
    const moved = await moveLoneRepeats(client, input.schema, spec.name, shape, () =>
      saveState(client, input.schema, state, shape.changes(true)),
    );
    for (const staged of moved) forget(staged);
    if (reading) {
      const { schema, before, live } = input;
      partial.set(spec.name, await settlePartial(client, schema, spec, shape, before, live, reading));
      await inTransaction(client, () => saveState(client, schema, state, shape.changes(true)));
    }
  }
  const planned = await plan(client, input, duplicates, partial);
  insistSameTypes(input, planned);
  const finished = input.settle ? await input.settle(planned) : planned;
  await inTransaction(client, () => saveFinished(client, input.schema, input.job, finished));
  return finished;
}

const nothingCompared: Compared = { matchesOf: () => null, forget: () => {} };

interface Staged {
  readonly id: string;
  readonly text: string;
  readonly spec: DatasetSpec;
  readonly shape: Shape;
  readonly table: Table;
  readonly rows: number;
}

/** Fails with Unproven where a published column or key would change that rows which were not read are in. */
function insistSameTypes({ schema, live }: FinishInput, { plans, names }: Finished): void {
  for (const plan of plans) {
    const table = live.get(plan.name);
    if (plan.partial === undefined || table === undefined) continue;
    const { retype, addToKey, strayPositions } = workOn(schema, plan, table, names);
    if (retype.length + addToKey.length + strayPositions.length > 0)
      throw new Unproven(
        say('runs.delta.retyped', {
          table: plan.name,
          column: [...retype.map(({ column }) => column), ...addToKey][0]?.to ?? '',
        }),
      );
  }
}

async function plan(
  client: PgClient,
  input: FinishInput,
  duplicates: number,
  partial: ReadonlyMap<string, PartialTables>,
): Promise<Finished> {
  const { before, descriptions } = input;
  const tables = input.datasets.flatMap(({ spec, shape }) =>
    shape.tables
      .filter(({ index }) => !partial.get(spec.name)?.absent.has(index))
      .map((table) => ({ spec, shape, table })),
  );
  const counts = await countRows(
    client,
    input.schema,
    tables.map(({ spec, table }) => {
      const name = stagingTable(spec.name, table);
      const matches = input.compared?.matchesOf(name);
      if (!matches) return name;
      // One row for each staged one, and far narrower. Where none was removed, their number is known.
      return duplicates === 0 ? matches.found.rows : matches.table;
    }),
  );
  const staged: Staged[] = tables.map(({ spec, shape, table }, at) => ({
    id: tableId(shape, table),
    text: shape.parts[table.part]?.label ?? spec.name,
    rows: (counts[at] as number) + (partial.get(spec.name)?.stay[table.index] ?? 0),
    ...{ spec, shape, table },
  }));
  const names = nameTables(staged, before);
  const plans: TablePlan[] = [];
  const shelf = createPlanShelf();
  const columns = createColumnNames();
  for (const [at, one] of staged.entries()) {
    // Signs of life go out meanwhile.
    if (at % plannedAtOnce === plannedAtOnce - 1) await breathe();
    const { id, spec, shape, table, rows } = one;
    const name = names.get(id) as string;
    const planned = planColumns({
      ...{ spec, shape, table, before, descriptions },
      keepRaw: input.keepRaw,
      foreign: foreignColumns(input.live.get(name), spec, before, id),
    });
    const own = planned.values.filter((column) => column.id !== null);
    const touched = partial.get(spec.name)?.touched;
    // A repeat is called by its path, which is in no language.
    const lang =
      table.path.length === 0
        ? input.descriptions.langOf?.(describedAs(shape.parts[table.part]?.id ?? '', []))
        : undefined;
    plans.push(
      shelf({
        ...{ id, name, rows },
        dataset: spec.name,
        staged: stagingTable(spec.name, table),
        ...planned,
        ...(touched === undefined ? {} : { partial: { keys: touchedTable(spec.name), touched } }),
        indexes:
          table.index === 0
            ? own.filter((column) => spec.shape.indexes.includes(column.id as string)).map(({ to }) => to)
            : [],
        comment: commentOf(input, one),
        ...(lang === undefined ? {} : { lang }),
      }),
    );
    columns.put(id, mergedNames(lookUp(before.columns, id) ?? {}, [...planned.keys, ...own]));
  }
  for (const [id, known] of columnNamesOf(before)) if (!names.has(id)) columns.put(id, known);
  return {
    plans,
    // Names of what is not there this time are kept: it may come back.
    names: {
      tables: { ...before.tables, ...Object.fromEntries(names) },
      columns: columns.columns,
    },
    parts: Object.fromEntries(
      input.datasets.flatMap(({ spec, shape }) => shape.parts.map(({ id }) => [id, spec.name] as const)),
    ),
    duplicates,
    notes: input.notes,
    overflowed: staged.filter(({ table }) => table.overflows).map(({ id }) => names.get(id) as string),
  };
}

/** Exact numbers of rows, in the order of the tables, each given by its name or by the number itself where that is known. */
async function countRows(
  client: PgClient,
  schema: string,
  tables: readonly (string | number)[],
): Promise<number[]> {
  const counts: number[] = [];
  const names = tables.filter((table) => typeof table === 'string');
  for (const some of batchesOf(names, countedAtOnce)) {
    const each = some.map((name) => `(SELECT count(*) FROM ${qualified(stagingSchema(schema), name)})`);
    const found = await rowsWithSettings<{ n: string }>(
      client,
      `SELECT unnest(ARRAY[${each.join(', ')}]) AS n`,
    );
    counts.push(...found.map(({ n }) => Number(n)));
  }
  return tables.map((table) => (typeof table === 'number' ? table : (counts.shift() as number)));
}

/**
 * Names of all tables. A repeat is named after its form's table, so that it stands beside it also when two forms have one
 * name.
 */
function nameTables(staged: readonly Staged[], before: Names): Map<string, string> {
  const isOwn = ({ table }: Staged): boolean => table.path.length === 0;
  // A table that is new must not take the name of a repeat that was published.
  const published = staged.flatMap((one) => (isOwn(one) ? [] : (lookUp(before.tables, one.id) ?? [])));
  const own = allot(
    staged.filter(isOwn).map(({ id, text, table, rows }) => ({ id, text, rows, first: table.index === 0 })),
    before.tables,
    published,
  );
  const repeats = staged
    .filter((one) => !isOwn(one))
    .map(({ id, shape, table, rows }) => {
      const parent = own.get(shape.parts[table.part]?.id ?? '') ?? '';
      return { id, text: [parent, ...withoutItem(table.path)].join(' '), rows };
    });
  return new Map([...own, ...allot(repeats, before.tables, own.values())]);
}

/** The names of a table's columns with those of now. */
function mergedNames(
  before: Readonly<Record<string, string>>,
  now: readonly PlannedColumn[],
): Readonly<Record<string, string>> {
  const own = now.flatMap(({ id, to }) => (id === null ? [] : [[id, to]]));
  return Object.fromEntries([...Object.entries(before), ...own]);
}

function commentOf({ descriptions, sourceLabel }: FinishInput, { spec, shape, table }: Staged): string {
  const part = shape.parts[table.part] ?? { id: '', label: '' };
  // The part's own id behind the first slash tells two forms of one name apart: the xmlns.
  const [, ...rest] = part.id.split('/');
  const title = descriptions.get(describedAs(part.id, [])) ?? part.label;
  const own = rest.length === 0 ? spec.label : `${title} (${rest.join('/')})`;
  const what = table.path.length === 0 ? own : `Repeat ${dotted(table.path)} of ${own}`;
  // Said once, where all of a dataset's records are.
  const blanks =
    spec.hasBlanks && table.index === 0 ? ` ${shape.keepsBlanks ? blanksApart : blanksAlike}` : '';
  return `${what}. External: ${sourceLabel}.${blanks}`;
}
