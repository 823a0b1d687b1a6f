import type { DatasetSpec } from '../../../connectors/connector.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { ident, literal, qualified } from '../../../engines/sql.ts';
import { Kind, kindNames, typeOf } from '../../shape/kinds.ts';
import type { Column, Table } from '../../shape/layout.ts';
import { describedAs, dotted, lookUp, type Names } from '../../shape/names.ts';
import { allot, type Wish } from '../../shape/naming.ts';
import type { Shape } from '../../shape/shape.ts';
import { columnName, positionName, stagingTable } from './encode.ts';
import { moveLoneRepeats } from './lone.ts';
import { stagingSchema } from './staging.ts';

/** What is ready to be published. Saved in the staging schema, so plain data. */
export interface Finished {
  /** Table name -> exact number of rows. */
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly names: Names;
  /** What the source calls its columns: table id -> column path -> text. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly duplicates: number;
  /** Names of the tables with values that found no column, or no room in their row: they are in `overflow`. */
  readonly overflowed: readonly string[];
}

export interface FinishInput {
  readonly schema: string;
  readonly datasets: readonly { readonly spec: DatasetSpec; readonly shape: Shape }[];
  readonly keepRaw: boolean;
  readonly before: Names;
  /** What the source calls its fields: part and path, as `describedAs` joins them -> text. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** For the comments: "External: CommCare HQ (https://www.commcarehq.org, project space demo)". */
  readonly sourceLabel: string;
  /** ISO instant; goes into the comments. */
  readonly dataAsOf: string;
}

const segmentsOf = (shape: Shape, path: number): readonly string[] => shape.paths[path]?.segments ?? [];

/** CommCare's model iterations wrap each repeat's items in `item`; the name of the repeat is what people know. */
const withoutItem = (segments: readonly string[]): readonly string[] =>
  segments.filter((segment, at) => at === 0 || segment !== 'item');

/**
 * Makes the record's key unique. Hardly ever is a record there twice (it changed while it was read), so the index is
 * built first and only a violation leads to a search. Of two the later one stays, with its rows in every table.
 */
async function makeUnique(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
): Promise<number> {
  const staging = stagingSchema(schema);
  const main = qualified(staging, stagingTable(spec.name, shape.tables[0] as Table));
  await client.query('SAVEPOINT unique_key');
  try {
    await client.query(`ALTER TABLE ${main} ADD PRIMARY KEY (k)`);
    await client.query('RELEASE SAVEPOINT unique_key');
    return 0;
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    await client.query('ROLLBACK TO SAVEPOINT unique_key');
  }
  await client.query(`CREATE TEMP TABLE headgate_twice ON COMMIT DROP AS
    SELECT k, max(_v) AS _v FROM ${main} GROUP BY k HAVING count(*) > 1`);
  let removed = 0;
  for (const table of shape.tables) {
    const { rowCount } = await client.query(
      `DELETE FROM ${qualified(staging, stagingTable(spec.name, table))} t USING headgate_twice d WHERE t.k = d.k AND t._v <> d._v`,
    );
    if (table.index === 0) removed = rowCount ?? 0;
  }
  await client.query('DROP TABLE headgate_twice');
  await client.query(`ALTER TABLE ${main} ADD PRIMARY KEY (k)`);
  return removed;
}

const tableId = (shape: Shape, table: Table): string => {
  const part = shape.parts[table.part]?.id ?? '';
  return table.path.length === 0 ? part : `${part}|${dotted(table.path)}`;
};

/** Why a column has the type it has, where that is not plain to see. */
function noteOf({ evidence, mask }: Column): string | null {
  if (mask === Kind.point) return 'GPS point: latitude, longitude, altitude, accuracy';
  const seen = [...evidence].flatMap((count, bit) => (count > 0 ? [`${kindNames[bit]} ${count}`] : []));
  const type = typeOf(mask);
  return seen.length > 1 && (type === 'text' || type === 'jsonb') ? `Values seen: ${seen.join(', ')}` : null;
}

/** The column for what PostgreSQL's limits leave no column for; a table has it only when it is needed. */
export const overflowColumn = 'overflow';
/** The column for the untouched source record. */
export const rawColumn = 'raw';
const overflowComment =
  'values that found no column (PostgreSQL allows 1,600) or no room in their row (8 kB), by their path in the source record';

const keepOverflow = (staged: string): string[] => [
  `ALTER TABLE ${staged} ADD COLUMN ${overflowColumn} jsonb`,
  `UPDATE ${staged} SET ${overflowColumn} = _x->'o' WHERE _x ? 'o'`,
];

/** Name and comment of every column of a table, keys included, in one go. */
function columnPlan(spec: DatasetSpec, shape: Shape, table: Table, input: FinishInput) {
  const { before, keepRaw } = input;
  const part = shape.parts[table.part]?.id ?? '';
  const isMain = table.index === 0;
  const keyColumn = isMain ? spec.shape.key : spec.shape.keyName;
  const repeatSegments = (index: number): readonly string[] => shape.tables[index]?.path ?? [];
  const positions = table.repeats.map((repeat) => ({
    id: `position ${dotted(repeatSegments(repeat))}`,
    text:
      repeat === table.index
        ? 'position'
        : `${withoutItem(repeatSegments(repeat)).at(-1) ?? 'outer'}_position`,
    from: positionName(repeat),
    comment: `Position in the repeat ${dotted(repeatSegments(repeat))}, from 1.`,
  }));
  const fixed = new Set([
    keyColumn,
    ...(isMain && keepRaw ? [rawColumn] : []),
    ...(table.overflows ? [overflowColumn] : []),
  ]);
  const positionNames = allot(positions, lookUp(before.columns, tableId(shape, table)) ?? {}, fixed);
  const values = table.columns.map((column) => {
    const segments = segmentsOf(shape, column.path);
    const own = segments.slice(table.path.length);
    return {
      id: dotted(segments),
      text: own.length === 1 && own[0] === '' ? 'value' : own.join('_'),
      rows: column.evidence.reduce((sum, count) => sum + count, 0),
      from: columnName(column.path),
      label: input.descriptions.get(describedAs(part, segments)),
      note: noteOf(column),
    };
  });
  const valueNames = allot(values, lookUp(before.columns, tableId(shape, table)) ?? {}, [
    ...fixed,
    ...positionNames.values(),
  ]);
  const named = [
    ...positions.map((position) => ({ ...position, to: positionNames.get(position.id) as string })),
    ...values.map((value) => ({
      ...value,
      comment: [[value.label, value.id].filter(Boolean).join(' — '), value.note].filter(Boolean).join('. '),
      to: valueNames.get(value.id) as string,
    })),
  ];
  const labels = Object.fromEntries(
    values.flatMap(({ id, label }) => (label === undefined ? [] : [[id, label]])),
  );
  return { keyColumn, named, labels };
}

/**
 * Turns the staged tables into the ones to publish: final types, unique keys, final names, indexes, comments.
 * Runs inside the open transaction; nothing of it is visible to readers.
 */
export async function finishTables(client: PgClient, input: FinishInput): Promise<Finished> {
  const staging = stagingSchema(input.schema);
  const wishes: (Wish & { shape: Shape; table: Table; spec: DatasetSpec })[] = [];
  let duplicates = 0;
  for (const { spec, shape } of input.datasets) {
    await moveLoneRepeats(client, input.schema, spec.name, shape);
    duplicates += await makeUnique(client, input.schema, spec, shape);
    for (const table of shape.tables) {
      const label = shape.parts[table.part]?.label ?? spec.name;
      const claim = { first: table.index === 0, rows: table.seen };
      wishes.push({ id: tableId(shape, table), text: label, ...claim, shape, table, spec });
    }
  }
  const isOwn = ({ table }: (typeof wishes)[number]): boolean => table.path.length === 0;
  // A table that is new must not take the name of a repeat that was published.
  const published = wishes.flatMap((wish) =>
    isOwn(wish) ? [] : (lookUp(input.before.tables, wish.id) ?? []),
  );
  const ownNames = allot(wishes.filter(isOwn), input.before.tables, published);
  // A repeat is named after its form's table, so that it stands beside it also when two forms have one name.
  const repeatWishes = wishes
    .filter((wish) => !isOwn(wish))
    .map(({ id, shape, table }) => {
      const parent = ownNames.get(shape.parts[table.part]?.id ?? '') ?? '';
      return { id, text: [parent, ...withoutItem(table.path)].join(' ') };
    });
  const tableNames = new Map([...ownNames, ...allot(repeatWishes, input.before.tables, ownNames.values())]);
  const columns: Record<string, Record<string, string>> = {};
  const rowCounts: Record<string, number> = {};
  const overflowed: string[] = [];
  const labels: Record<string, Record<string, string>> = {};

  for (const { id, shape, table, spec } of wishes) {
    const staged = qualified(staging, stagingTable(spec.name, table));
    const name = tableNames.get(id) as string;
    const final = qualified(staging, name);
    const { keyColumn, named, labels: own } = columnPlan(spec, shape, table, input);
    const keys = [
      keyColumn,
      ...table.repeats.map((repeat) => named.find((c) => c.from === positionName(repeat))?.to ?? ''),
    ];
    if (table.overflows) overflowed.push(name);
    const statements = [
      ...(table.overflows ? keepOverflow(staged) : []),
      `ALTER TABLE ${staged} DROP COLUMN _v, DROP COLUMN _x`,
      `ALTER TABLE ${staged} RENAME COLUMN k TO ${ident(keyColumn)}`,
      ...named.map(({ from, to }) => `ALTER TABLE ${staged} RENAME COLUMN ${from} TO ${ident(to)}`),
      ...(table.index === 0 ? [] : [`ALTER TABLE ${staged} ADD PRIMARY KEY (${keys.map(ident).join(', ')})`]),
      ...indexesOf(spec, table, named).map((column) => `CREATE INDEX ON ${staged} (${ident(column)})`),
      `ALTER TABLE ${staged} RENAME TO ${ident(name)}`,
      `COMMENT ON TABLE ${final} IS ${literal(describe(input, spec, shape, table))}`,
      `COMMENT ON COLUMN ${final}.${ident(keyColumn)} IS ${literal(`${spec.shape.key} of the record`)}`,
      ...named.map(({ to, comment }) => `COMMENT ON COLUMN ${final}.${ident(to)} IS ${literal(comment)}`),
      ...(table.overflows
        ? [`COMMENT ON COLUMN ${final}.${overflowColumn} IS ${literal(overflowComment)}`]
        : []),
      ...(input.keepRaw && table.index === 0
        ? [`COMMENT ON COLUMN ${final}.raw IS ${literal('the untouched source record')}`]
        : []),
    ];
    await client.query(statements.join(';\n'));
    const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${final}`);
    rowCounts[name] = Number(rows[0]?.n);
    columns[id] = Object.fromEntries(named.map((column) => [column.id, column.to]));
    labels[id] = own;
  }
  return {
    rowCounts,
    // Names of what is not there this time are kept: it may come back.
    names: {
      tables: { ...input.before.tables, ...Object.fromEntries(tableNames) },
      columns: mergeColumns(input.before.columns, columns),
    },
    labels,
    duplicates,
    overflowed,
  };
}

function mergeColumns(before: Names['columns'], now: Names['columns']): Names['columns'] {
  const merged: Record<string, Readonly<Record<string, string>>> = { ...before };
  for (const [id, columns] of Object.entries(now)) merged[id] = { ...before[id], ...columns };
  return merged;
}

/** The final names of the columns that a dataset wants indexed; only its main table has any. */
function indexesOf(spec: DatasetSpec, table: Table, named: readonly { id: string; to: string }[]): string[] {
  if (table.index !== 0) return [];
  return named.filter((column) => spec.shape.indexes.includes(column.id)).map((column) => column.to);
}

function describe(input: FinishInput, spec: DatasetSpec, shape: Shape, table: Table): string {
  const part = shape.parts[table.part] ?? { id: '', label: '' };
  // The part's own id behind the first slash tells two forms of one name apart: the xmlns.
  const [, ...rest] = part.id.split('/');
  const title = input.descriptions.get(describedAs(part.id, [])) ?? part.label;
  const own = rest.length === 0 ? spec.label : `${title} (${rest.join('/')})`;
  const what = table.path.length === 0 ? own : `Repeat ${dotted(table.path)} of ${own}`;
  return `${what}. External: ${input.sourceLabel}. Data as of ${input.dataAsOf}.`;
}
