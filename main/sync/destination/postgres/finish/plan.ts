import type { DatasetSpec } from '../../../../connectors/connector.ts';
import { literal } from '../../../../engines/postgres/sql.ts';
import { type ColumnType, type InstantFormat, Kind, kindNames, typeOf } from '../../../shape/kinds.ts';
import type { Column, Table } from '../../../shape/layout.ts';
import { describedAs, dotted, lookUp, type Names, textSegment, withoutText } from '../../../shape/names.ts';
import { allot } from '../../../shape/naming.ts';
import { createShelf, type Packed, pack, unpack } from '../../../shape/packed.ts';
import type { Shape } from '../../../shape/shape.ts';
import type { LiveTable } from '../publish/live.ts';
import { columnName, converted, positionName, type StagedColumn } from '../staged-tables.ts';

/** The column for what PostgreSQL's limits leave no column for; a table has it only when it is needed. */
export const overflowColumn = 'overflow';
/** The column for the paths of questions that were asked and left blank, where a link keeps them apart. */
export const blankColumn = 'left_blank';
/** The column for the untouched source record. */
export const rawColumn = 'raw';
const overflowComment =
  'values that found no column (PostgreSQL allows 1,600), no room in their row (8 kB) or do not fit the type of their column, by their path in the source record';

const blankComment =
  'questions that were asked and left blank, by their path in the source record; what is NULL and not among them was not asked';

export interface PlannedColumn {
  /** What the names of a dataset know it by: its path, or `position …`; null for the key, `raw` and `overflow`. */
  readonly id: string | null;
  /** The column of the staged table. */
  readonly from: string;
  /**
   * Several staged columns that are one published column, the one with most values first, which is `from`: a row has a value
   * in one of them at most, or the same in several.
   */
  readonly parts?: readonly StagedPart[];
  /** Its name in the published one. */
  readonly to: string;
  readonly type: ColumnType | 'integer';
  /** That it is staged as text, of which every value is one of `type` too. */
  readonly isStagedAsText?: true;
  /** That a question left blank is an empty text in it, and not NULL as one that was not asked. */
  readonly keepsBlanks?: true;
  /** Digits of a second that instants of the column are written with; see `InstantFormat`. */
  readonly format?: InstantFormat;
  readonly comment: string;
}

/** One of several staged columns, and how many values it has. */
export interface StagedPart extends StagedColumn {
  readonly values: number;
}

/** How one staged table becomes a published one. It is saved in the staging schema. */
export interface TablePlan extends TableColumns {
  readonly id: string;
  /** The connector's dataset it belongs to. */
  readonly dataset: string;
  readonly name: string;
  /** Name of the staged table, until it is made one to publish. */
  readonly staged: string;
  readonly comment: string;
  /** The language of what the source calls it, which the comment begins with; absent where it does not say. */
  readonly lang?: string;
  /** Exact number of rows that there will be. */
  readonly rows: number;
  /** Set where only changes are staged: rows of other records stay as they are published. */
  readonly partial?: TouchedRows;
}

/** What of a table is compared where only changes are staged. */
export interface TouchedRows {
  /** Name of the staged table of the keys whose rows are compared. */
  readonly keys: string;
  /** How many there are. */
  readonly touched: number;
}

/** What a plan says by column. */
export interface TableColumns {
  /** The record's key, then the positions in repeats: the primary key. */
  readonly keys: readonly PlannedColumn[];
  readonly values: readonly PlannedColumn[];
  /** Names of the columns that Headgate keeps an index on. */
  readonly indexes: readonly string[];
  /** What the source calls its columns: the column's path, the text, and its language where that is known. */
  readonly labels: readonly Label[];
}

export type Label = readonly [path: string, label: string, lang?: string];

/** Puts plans away, so that those of a large project take little memory; they read like others. */
export function createPlanShelf(): (plan: TablePlan) => TablePlan {
  const shelf = createShelf((packed: Packed) => unpack<TableColumns>(packed));
  return ({ keys, values, indexes, labels, ...plan }) => {
    const columns = shelf(pack({ keys, values, indexes, labels } satisfies TableColumns));
    return {
      ...plan,
      get keys() {
        return columns().keys;
      },
      get values() {
        return columns().values;
      },
      get indexes() {
        return columns().indexes;
      },
      get labels() {
        return columns().labels;
      },
    };
  };
}

export const columnsOf = (plan: TablePlan): readonly PlannedColumn[] => [...plan.keys, ...plan.values];

/** SQL for a planned column's value in the staged table that is called `s`. */
export function stagedValue(column: PlannedColumn): string {
  const { to, id, type, isStagedAsText } = column;
  if (id === null && to === overflowColumn) return "(s._x->'o')";
  if (id === null && to === blankColumn) return "(s._x->'b')";
  const value = valueIn(column, 's.');
  if (hasBlanks(column)) return `(coalesce(${value}, ${blankIn(column, 's._x')}))`;
  return isStagedAsText ? `${value}::${type}` : value;
}

/** SQL for a planned column's value as it is staged; `row` is what stands before the names of the staged table's columns. */
export function valueIn({ from, parts, type, isStagedAsText }: PlannedColumn, row: string): string {
  if (!parts) return `${row}${from}`;
  const to = isStagedAsText ? 'text' : (type as ColumnType);
  return `(coalesce(${parts.map((part) => converted(part, to, row)).join(', ')}))`;
}

/** Whether a question left blank is an empty text in a column. */
export const hasBlanks = ({ keepsBlanks, isStagedAsText }: PlannedColumn): boolean =>
  keepsBlanks === true && isStagedAsText !== true;

/** SQL for the empty text where a column's question was left blank; `rest` is what the typed columns can't tell. */
export const blankIn = ({ id }: PlannedColumn, rest: string): string =>
  `CASE WHEN ${rest}->'b' ? ${literal(id ?? '')} THEN '' END`;

/** CommCare's model iterations wrap each repeat's items in `item`; the name of the repeat is what people know. */
export const withoutItem = (segments: readonly string[]): readonly string[] =>
  segments.filter((segment, at) => at === 0 || segment !== 'item');

const segmentsOf = (shape: Shape, path: number): readonly string[] => shape.paths[path]?.segments ?? [];

export const tableId = (shape: Shape, table: Table): string => {
  const part = shape.parts[table.part]?.id ?? '';
  return table.path.length === 0 ? part : `${part}|${dotted(table.path)}`;
};

/** Columns of a published table that Headgate did not make. */
export function foreignColumns(
  live: LiveTable | undefined,
  { shape: { key, keyName } }: DatasetSpec,
  before: Names,
  id: string,
): string[] {
  if (!live) return [];
  const ours = new Set([key, keyName, rawColumn, overflowColumn, blankColumn, ...ownColumns(before, id)]);
  return [...live.columns.keys()].filter((name) => !ours.has(name));
}

/** Names that columns of a table were given so far. */
export const ownColumns = (names: Names, id: string): string[] =>
  Object.values(lookUp(names.columns, id) ?? {});

/** Whether a column has a type that no value changes. */
const isFirm = ({ keepsJson, declared }: Column): boolean => keepsJson || declared !== undefined;

/**
 * The path of the element whose text a column is, where both are published as one column: not where they were published
 * apart (`known` are the names of the table's columns), or one has a type that no value changes. Null where it is none.
 */
function elementOf(
  shape: Shape,
  table: Table,
  column: Column,
  known: Readonly<Record<string, string>>,
): readonly string[] | null {
  const own = segmentsOf(shape, column.path);
  if (own.at(-1) !== textSegment || isFirm(column) || lookUp(known, dotted(own)) !== undefined) return null;
  const element = withoutText(own, table.path.length);
  return element.length === 0 ? null : element;
}

/** Pairs of a column that is an element's text, and the element's own, by their places in a table; see `fieldsOf`. */
export function textsOfElements(
  shape: Shape,
  table: Table,
  names: Names,
): readonly (readonly [text: number, element: number])[] {
  const known = lookUp(names.columns, tableId(shape, table)) ?? {};
  const elements = table.columns.map((column) => elementOf(shape, table, column, known));
  // Asked of each page, and of most tables for nothing.
  if (elements.every((element) => element === null)) return [];
  const places = new Map<string, number>();
  // One that is a text itself is published under its own element's path.
  for (const [at, column] of table.columns.entries())
    if (elements[at] === null && !isFirm(column)) places.set(dotted(segmentsOf(shape, column.path)), at);
  return [...elements.entries()].flatMap(([at, path]) => {
    if (path === null) return [];
    const element = dotted(path);
    const place = places.get(element);
    return place === undefined ? [] : [[at, place] as const];
  });
}

/** What is published as one column. */
interface Field {
  readonly segments: readonly string[];
  /** Staged columns, in the order in which their values are looked for. */
  readonly columns: Column[];
}

/**
 * The columns that a table is published with. The text of an element that has attributes stands below the element's
 * path, and is the same answer as that of one without: both are one column, called by the element's path. Not where the
 * two were published apart, or the element's column has a type that no value changes.
 */
function fieldsOf(
  shape: Shape,
  table: Table,
  known: Readonly<Record<string, string>>,
): ReadonlyMap<string, Field> {
  const pathOf = ({ path }: Column): readonly string[] => segmentsOf(shape, path);
  const firm = new Set(table.columns.filter(isFirm).map((column) => dotted(pathOf(column))));
  const fields = new Map<string, Field>();
  for (const column of table.columns) {
    const own = pathOf(column);
    const element = elementOf(shape, table, column, known);
    const segments = element === null || firm.has(dotted(element)) ? own : element;
    const field = fields.get(dotted(segments));
    if (field) field.columns.push(column);
    else fields.set(dotted(segments), { segments, columns: [column] });
  }
  return fields;
}

/** The evidence for the type of what is published as one column. */
function evidenceOf(columns: readonly Column[]): { readonly mask: number; readonly evidence: number[] } {
  const [first, ...rest] = columns.map(({ evidence }) => evidence) as [number[], ...number[][]];
  return {
    mask: columns.reduce((mask, column) => mask | column.mask, 0),
    evidence: rest.reduce((sum, counts) => sum.map((count, bit) => count + (counts[bit] as number)), first),
  };
}

const countOf = (evidence: readonly number[]): number => evidence.reduce((sum, count) => sum + count, 0);

/** Why a column has the type it has, where that is not plain to see. */
function noteOf({ evidence, mask }: ReturnType<typeof evidenceOf>): string | null {
  const seen = [...evidence].flatMap((count, bit) => (count > 0 ? [{ bit, count }] : []));
  const [only] = seen;
  if (seen.length === 1 && only && 2 ** only.bit === Kind.point) {
    return 'GPS point: latitude, longitude, altitude, accuracy';
  }
  const type = typeOf(mask);
  return seen.length > 1 && (type === 'text' || type === 'jsonb')
    ? `Values seen: ${seen.map(({ bit, count }) => `${kindNames[bit]} ${count}`).join(', ')}`
    : null;
}

/** What the source calls its fields: part and path, as `describedAs` joins them -> text. */
export interface Descriptions extends Pick<ReadonlyMap<string, string>, 'get'> {
  /** The language of a text, where the source says which one it is. */
  readonly langOf?: (key: string) => string | undefined;
}

export interface ColumnPlanInput {
  readonly spec: DatasetSpec;
  readonly shape: Shape;
  readonly table: Table;
  readonly keepRaw: boolean;
  readonly before: Names;
  readonly descriptions: Descriptions;
  /** Columns of the published table that are not Headgate's: people's names are not to be had. */
  readonly foreign: readonly string[];
}

/** Name, type and comment of every column of a table, keys included, in one go; and the source's labels. */
export function planColumns(input: ColumnPlanInput): {
  keys: PlannedColumn[];
  values: PlannedColumn[];
  labels: Label[];
} {
  const { spec, shape, table, before, keepRaw, descriptions } = input;
  const part = shape.parts[table.part]?.id ?? '';
  const id = tableId(shape, table);
  const known = lookUp(before.columns, id) ?? {};
  const isMain = table.index === 0;
  const keyColumn = isMain ? spec.shape.key : spec.shape.keyName;
  const withRaw = isMain && keepRaw;
  const repeatSegments = (index: number): readonly string[] => shape.tables[index]?.path ?? [];
  const positions = table.repeats.map((repeat) => ({
    id: `position ${dotted(repeatSegments(repeat))}`,
    text:
      repeat === table.index
        ? 'position'
        : `${withoutItem(repeatSegments(repeat)).at(-1) ?? 'outer'}_position`,
    from: positionName(repeat),
    type: 'integer' as const,
    comment: `Position in the repeat ${dotted(repeatSegments(repeat))}, from 1.`,
  }));
  const fixed = new Set([
    keyColumn,
    ...(withRaw ? [rawColumn] : []),
    ...(table.overflows ? [overflowColumn] : []),
    ...(shape.keepsBlanks ? [blankColumn] : []),
    ...input.foreign,
  ]);
  const positionNames = allot(positions, known, fixed);
  const fields = Array.from(fieldsOf(shape, table, known), ([path, { segments, columns }]) => {
    const own = segments.slice(table.path.length);
    const described = describedAs(part, segments);
    const label = descriptions.get(described);
    const lang = label === undefined ? undefined : descriptions.langOf?.(described);
    const seen = evidenceOf(columns);
    const parts = columns
      .map((column) => ({
        ...{ path: column.path, type: typeOf(column.mask), format: column.format },
        values: countOf(column.evidence),
      }))
      .sort((a, b) => b.values - a.values);
    return {
      id: path,
      text: own.length === 1 && own[0] === '' ? 'value' : own.join('_'),
      rows: countOf(seen.evidence),
      from: columnName((parts[0] as StagedPart).path),
      parts,
      type: typeOf(seen.mask),
      format: columns.find(({ format }) => format !== undefined)?.format,
      label,
      lang,
      comment: [[label, path].filter(Boolean).join(' — '), noteOf(seen)].filter(Boolean).join('. '),
    };
  });
  const names = allot(fields, known, [...fixed, ...positionNames.values()]);
  // As the staged table has them, which becomes the published one.
  const place = new Map(table.columns.map((column, at) => [columnName(column.path), at]));
  const inOrder = [...fields].sort((a, b) => (place.get(a.from) ?? 0) - (place.get(b.from) ?? 0));
  const key: PlannedColumn = {
    id: null,
    from: 'k',
    to: keyColumn,
    type: 'text',
    comment: `${spec.shape.key} of the record`,
  };
  const engine = (to: string, comment: string): PlannedColumn => ({
    id: null,
    from: to,
    to,
    type: 'jsonb',
    comment,
  });
  return {
    keys: [
      key,
      ...positions.map(({ id: path, from, type, comment }) => ({
        id: path,
        from,
        to: positionNames.get(path) as string,
        type,
        comment,
      })),
    ],
    values: [
      ...inOrder.map(({ id: path, from, parts, type, format, comment }) => ({
        id: path,
        from,
        ...(parts.length > 1 ? { parts } : {}),
        to: names.get(path) as string,
        type,
        ...(format === undefined ? {} : { format }),
        ...(shape.keepsBlanks && type === 'text' ? { keepsBlanks: true as const } : {}),
        comment,
      })),
      ...(withRaw ? [engine(rawColumn, 'the untouched source record')] : []),
      ...(table.overflows ? [engine(overflowColumn, overflowComment)] : []),
      ...(shape.keepsBlanks ? [engine(blankColumn, blankComment)] : []),
    ],
    labels: fields.flatMap(({ id: path, label, lang }): Label[] => {
      if (label === undefined) return [];
      return [lang === undefined ? [path, label] : [path, label, lang]];
    }),
  };
}
