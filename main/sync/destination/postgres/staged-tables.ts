import { qualified } from '../../../engines/postgres/sql.ts';
import { type ColumnType, type InstantFormat, typeOf } from '../../shape/kinds.ts';
import type { Column, Table } from '../../shape/layout.ts';
import type { Names } from '../../shape/names.ts';

/*
 * Staging tables use names of their own, so that the final ones can be chosen when everything is known:
 *   <dataset>_t<n>  k: the record's key · p<t>: position in repeat t · c<path>: a value · raw: the source record
 *   _v: sequence number of the record, or of the thing it was found in (the later of two wins) · _x: what the typed columns can't tell, mostly null:
 *       {"v": {"<path>": "<text as it came>"}, "e": [<paths of objects without values>],
 *        "b": [<dotted paths of questions left blank, where they are kept apart>],
 *        "o": {"<dotted path>": <what found no column, or no room in the row>}}
 */
export const stagingTable = (dataset: string, table: Pick<Table, 'index'>): string =>
  `${dataset}_t${table.index}`;
export const columnName = (path: number): string => `c${path}`;
export const positionName = (table: number): string => `p${table}`;

/**
 * Storage parameters of a table that is filled and dropped again. Autovacuum would go through it again and again for
 * nothing, and whoever drops it would wait a second (deadlock_timeout) until it is called off.
 */
export const leftAlone = 'autovacuum_enabled = off, toast.autovacuum_enabled = off';

/**
 * Storage parameter of a table that is published: a tenth of each page stays free, so that a row that changes finds room
 * beside its old version. Its indexes stay as they are then, and a refresh writes no page of them.
 */
export const roomForChanges = 'fillfactor = 90';

/** SQL that writes a staged column out as the text it came as, but for its exceptions. */
export const asText = ({ path, applied, format }: Column): string =>
  textOf(columnName(path), applied, format);

/** SQL that writes a value of a type out in the form that instants of its column are written in. */
export function textOf(
  expression: string,
  type: ColumnType | null,
  format: InstantFormat | undefined,
): string {
  const fraction = format === 6 ? '.US' : format === 3 ? '.MS' : '';
  switch (type) {
    case 'timestamptz':
      return `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS${fraction}"Z"')`;
    case 'timestamp':
      return `to_char(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS${fraction}')`;
    case 'time':
      return `to_char('2000-01-01'::date + ${expression}, 'HH24:MI:SS${fraction}')`;
    default:
      return `${expression}::text`;
  }
}

/** What tells the values of a staged column. */
export interface StagedColumn {
  readonly path: number;
  readonly type: ColumnType;
  readonly format?: InstantFormat | undefined;
}

/** SQL for the values of a staged column as a type that holds them; loses nothing. `row` is what stands before its columns. */
export function converted({ path, type, format }: StagedColumn, to: ColumnType, row = ''): string {
  const name = `${row}${columnName(path)}`;
  if (type === to) return name;
  if (to === 'numeric') return `${name}::numeric`;
  const text = type === 'text' ? name : `coalesce(${row}_x->'v'->>'${path}', ${textOf(name, type, format)})`;
  return `CASE WHEN ${name} IS NOT NULL THEN ${to === 'jsonb' ? `jsonb_build_array(${text})` : text} END`;
}

/** `ALTER COLUMN … TYPE …` that loses nothing. */
function retype({ path, applied, format }: Column, type: ColumnType): string {
  const value = converted({ path, type: applied ?? type, format }, type);
  return `ALTER COLUMN ${columnName(path)} TYPE ${type} USING ${value}`;
}

/** How rows are staged. */
export interface StagingOptions {
  readonly keepRaw: boolean;
  /** Staged rows that are only compared with published ones need not survive a crash of the server. */
  readonly unlogged: boolean;
  /** The names given out to tables and columns so far. */
  readonly names: Names;
}

/** Whether a table may have changed since it was last written. Only rows bring columns and other types. */
export const mayDiffer = ({ created, rows, repeats, appliedRepeats }: Table): boolean =>
  !created || rows.count > 0 || repeats !== appliedRepeats;

/**
 * What has to change in the staging schema so that the columns of these tables are there; marks them as there. Not all
 * tables of a large project are looked through for each page.
 */
export function planDdl(
  tables: readonly Table[],
  schema: string,
  dataset: string,
  options: Pick<StagingOptions, 'keepRaw' | 'unlogged'> & {
    /** An attempt that was cut off may have made some of them, of the same columns. */
    readonly mayBeThere?: true;
  },
): string[] {
  const { keepRaw, unlogged } = options;
  const made = options.mayBeThere ? `IF NOT EXISTS ` : '';
  const ddl: string[] = [];
  for (const table of tables) {
    const name = qualified(schema, stagingTable(dataset, table));
    if (!table.created) {
      const columns = [
        'k text NOT NULL',
        ...table.repeats.map((repeat) => `${positionName(repeat)} integer NOT NULL DEFAULT 1`),
        '_v integer NOT NULL',
        '_x jsonb',
        ...table.columns.map((column) => `${columnName(column.path)} ${typeOf(column.mask)}`),
        ...(keepRaw && table.index === 0 ? ['raw jsonb'] : []),
      ];
      ddl.push(
        unlogged
          ? `CREATE UNLOGGED TABLE ${made}${name} (${columns.join(', ')}) WITH (${leftAlone})`
          : `CREATE TABLE ${made}${name} (${columns.join(', ')}) WITH (${roomForChanges})`,
      );
      table.created = true;
    } else {
      const changes = [
        ...table.repeats
          .filter((repeat) => !table.appliedRepeats.includes(repeat))
          .map((repeat) => `ADD COLUMN ${positionName(repeat)} integer NOT NULL DEFAULT 1`),
        ...table.columns.flatMap((column) => {
          const type = typeOf(column.mask);
          if (column.applied === null) return [`ADD COLUMN ${columnName(column.path)} ${type}`];
          return column.applied === type ? [] : [retype(column, type)];
        }),
      ];
      // One statement, so that several widened columns cost one rewrite of the table.
      if (changes.length > 0) ddl.push(`ALTER TABLE ${name} ${changes.join(', ')}`);
    }
    table.appliedRepeats = table.repeats;
    for (const column of table.columns) column.applied = typeOf(column.mask);
  }
  return ddl;
}
