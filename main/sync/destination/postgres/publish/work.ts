import type { Param, Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { type ColumnType, type InstantFormat, maskOf, typeOf } from '../../../shape/kinds.ts';
import type { Names } from '../../../shape/names.ts';
import { createShelf } from '../../../shape/packed.ts';
import {
  blankColumn,
  overflowColumn,
  ownColumns,
  type PlannedColumn,
  rawColumn,
  stagedValue,
  type TablePlan,
} from '../finish/plan.ts';
import { textOf } from '../staged-tables.ts';
import { type Dependant, dependantsOf, everyColumn, toldOf } from './dependants.ts';
import { held } from './hold.ts';
import { type LiveColumn, type LiveTable, stagedType } from './live.ts';

/** How a value gets from a staged table into a published one. */
export interface Value {
  readonly column: PlannedColumn;
  /** SQL over the staged table `s`. */
  readonly staged: string;
  readonly type: ColumnType;
  /** The published column it is compared with and written to. */
  readonly live: string;
}

export interface KeyPart {
  readonly staged: string;
  readonly live: string;
}

/** A column whose type changes: values go to a column of the new type, which takes the name at the end. */
export interface Retype {
  readonly column: PlannedColumn;
  readonly old: LiveColumn;
  readonly type: ColumnType;
  readonly temporary: string;
}

/** What one refresh has to do to one published table. */
export interface TableWork {
  readonly plan: TablePlan;
  readonly live: LiveTable;
  readonly keys: readonly KeyPart[];
  readonly values: readonly Value[];
  readonly add: readonly PlannedColumn[];
  readonly retype: readonly Retype[];
  /** Columns of ours that the source has no value for any more. */
  readonly gone: readonly LiveColumn[];
  /** Positions that the primary key lacks. */
  readonly addToKey: readonly PlannedColumn[];
  /** Positions that an attempt added which did not come to the key, and that are not wanted any more. */
  readonly strayPositions: readonly LiveColumn[];
}

/** By this beginning a column is known for one of ours that is being filled. */
export const temporaryPrefix = '_headgate_';
/** … and an index for a key that is being made. */
export const temporaryKey = `${temporaryPrefix}key_`;

/** The type of positions; values never have it. */
const positionType = 'integer';

/** Columns of a table that holds the rows which differ: key parts and values by number. */
export const keyOf = (at: number): string => `k${at}`;
export const cellOf = (at: number): string => `c${at}`;

/** SQL for the position of a record where its source tells none. */
export const firstPosition = '1';

const sqlType = (column: PlannedColumn): string => column.type;

/** SQL that turns a value of one type into a wider one. */
export function widened(
  expression: string,
  from: ColumnType,
  to: ColumnType,
  format?: InstantFormat,
): string {
  if (from === to) return expression;
  if (to === 'numeric') return `${expression}::numeric`;
  const text = textOf(expression, from, format);
  return to === 'jsonb' ? `CASE WHEN ${expression} IS NOT NULL THEN jsonb_build_array(${text}) END` : text;
}

/** Works out what a refresh does to a published table. Fails with PUBLISH_HELD where the table is not as Headgate made it. */
export function workOn(schema: string, plan: TablePlan, live: LiveTable, names: Names): TableWork {
  const where = `“${schema}.${plan.name}”`;
  if (live.kind !== 'r') throw held(say('sync.noPlainTableAny', { where }), ['rename or drop it']);
  if (!live.own) {
    throw held(say('sync.tableBelongsRoleNow', { where, owner: live.owner }), [
      `ALTER TABLE "${schema}"."${plan.name}" OWNER TO the sync role, or GRANT "${live.owner}" TO the sync role`,
    ]);
  }
  const { columns: published } = live;
  const keys: KeyPart[] = [];
  const addToKey: PlannedColumn[] = [];
  for (const key of plan.keys) {
    const found = published.get(key.to);
    keys.push({ staged: `s.${key.from}`, live: key.to });
    if (!found && key.type === 'integer') addToKey.push(key);
    else if (found?.type !== sqlType(key)) throw changed(where, key, found);
    else if (!live.key.includes(key.to)) addToKey.push(key);
  }
  // A position that the source does not tell this time: nothing repeats there, so everything is the first.
  for (const name of live.key) {
    if (keys.some((key) => key.live === name)) continue;
    if (published.get(name)?.type !== 'integer') throw changed(where, null, published.get(name));
    keys.push({ staged: firstPosition, live: name });
  }
  const values: Value[] = [];
  const add: PlannedColumn[] = [];
  const retype: Retype[] = [];
  for (const column of plan.values) {
    const type = column.type as ColumnType;
    const found = published.get(column.to);
    const staged = stagedValue(column);
    if (!found) {
      add.push(column);
      values.push({ column, staged, type, live: column.to });
      continue;
    }
    const has = stagedType(found.type);
    if (has === null) throw changed(where, column, found);
    const both = has === type ? type : typeOf(maskOf(has) | maskOf(type));
    const value = widened(staged, type, both, column.format);
    if (both === has) {
      values.push({ column, staged: value, type: has, live: column.to });
      continue;
    }
    const temporary = `${temporaryPrefix}${found.number}`;
    retype.push({ column, old: found, type: both, temporary });
    values.push({ column, staged: value, type: both, live: temporary });
  }
  const away = goneColumns(plan, live, names);
  const gone = away.filter(({ type }) => type !== positionType);
  const strayPositions = away.filter(({ type }) => type === positionType);
  return { plan, live, keys, values, add, retype, gone, addToKey, strayPositions };
}

/**
 * The work on a table that takes little memory while the others have their turn: what is told for each of its columns is
 * worked out again when it is asked for.
 */
export function createWorkShelf(
  schema: string,
  names: Names,
): (plan: TablePlan, live: LiveTable) => TableWork {
  const shelf = createShelf(({ plan, live }: Pick<TableWork, 'plan' | 'live'>) =>
    workOn(schema, plan, live, names),
  );
  return (plan, live) => {
    const work = shelf({ plan, live });
    const { add, retype, gone, addToKey, strayPositions } = work();
    return {
      ...{ plan, live, add, retype, gone, addToKey, strayPositions },
      get keys() {
        return work().keys;
      },
      get values() {
        return work().values;
      },
    };
  };
}

function goneColumns(plan: TablePlan, live: LiveTable, names: Names): LiveColumn[] {
  const now = new Set([...plan.keys, ...plan.values].map(({ to }) => to));
  const absent = [...live.columns.values()].filter(({ name }) => !now.has(name) && !live.key.includes(name));
  // Nearly always: the names need not be looked up then.
  if (absent.length === 0) return absent;
  const engines: readonly string[] = [rawColumn, overflowColumn, blankColumn];
  const ours = new Set([...ownColumns(names, plan.id), ...engines]);
  return absent.filter(
    ({ name, type }) =>
      ours.has(name) &&
      // Names of the engine's columns may also be a person's own.
      (!engines.includes(name) || type === 'jsonb'),
  );
}

const changed = (where: string, column: PlannedColumn | null, found: LiveColumn | undefined) =>
  held(
    found
      ? say('sync.columnTypeHeadgateDid', { found: found.name, where, type: found.type })
      : say('sync.keyColumnGone', { to: column?.to ?? '?', where }),
    [
      found && column
        ? `ALTER TABLE ${where.replaceAll('“', '').replaceAll('”', '')} ALTER COLUMN "${found.name}" TYPE ${column.type} USING …`
        : 'drop the table; the next refresh makes it anew',
    ],
  );

/** What a change of columns meets: what holds it, and which columns that went must stay because something uses them. */
export interface Obstacles {
  readonly blocked: readonly Said[];
  readonly statements: readonly string[];
  /** Names of the columns that can't get their new type. */
  readonly blockedColumns: ReadonlySet<string>;
  /** Names of gone columns that are kept, empty, with who uses them. */
  readonly keep: ReadonlyMap<string, readonly Dependant[]>;
}

/** Headgate makes only keys NOT NULL. */
const notNull = (schema: string, { name, owner }: LiveTable, column: LiveColumn): Dependant => ({
  column: column.number,
  what: 'NOT NULL',
  owner,
  statement: `ALTER TABLE ${qualified(schema, name)} ALTER COLUMN ${ident(column.name)} DROP NOT NULL`,
});

/** Whether a refresh does anything to columns that people may have built on. */
export const meetsObstacles = ({ add, retype, gone, addToKey }: TableWork): boolean =>
  add.length + retype.length + gone.length + addToKey.length > 0;

interface ForeignKey {
  readonly of: string;
  readonly name: string;
  readonly relation: string;
  readonly owner: string;
}

/**
 * Looks up what people built on the columns that a refresh would add, retype, drop or add to the key: of each of the works, in
 * their order. Changes nothing.
 */
export async function obstaclesOfEach(
  client: PgClient,
  schema: string,
  works: readonly TableWork[],
): Promise<Obstacles[]> {
  const asked = works.filter(meetsObstacles);
  const found = await dependantsOf(
    client,
    asked.map(({ live, plan }) => {
      const { columns } = live;
      return { oid: live.oid, indexed: plan.indexes.flatMap((name) => columns.get(name)?.number ?? []) };
    }),
  );
  const keyed = asked.filter(({ addToKey, live }) => addToKey.length > 0 && live.keyConstraint !== null);
  const { rows } =
    keyed.length === 0
      ? { rows: [] }
      : await client.query<Record<keyof ForeignKey, string>>(
          `SELECT c.confrelid AS of, c.conname AS name, c.conrelid::regclass::text AS relation, pg_get_userbyid(r.relowner) AS owner
           FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid WHERE c.confrelid = ANY ($1::oid[]) AND c.contype = 'f'`,
          [keyed.map(({ live }) => live.oid)],
        );
  const pointing = Map.groupBy(rows, ({ of }) => of);
  return works.map((work) =>
    obstaclesAmong(schema, work, found.get(work.live.oid) ?? [], pointing.get(work.live.oid) ?? []),
  );
}

/** The same of one table. */
export async function obstaclesOf(client: PgClient, schema: string, work: TableWork): Promise<Obstacles> {
  const [obstacles] = await obstaclesOfEach(client, schema, [work]);
  return obstacles as Obstacles;
}

/** Columns that a message names. */
const mostNamed = 10;

/** New columns by name; of many the first ones. */
function told(columns: readonly PlannedColumn[]): Param {
  const names = { quoted: columns.slice(0, mostNamed).map(({ to }) => to) };
  const more = columns.length - mostNamed;
  return more > 0 ? say('common.andMore', { names, more }) : names;
}

function obstaclesAmong(
  schema: string,
  { live, plan, add, retype, gone, addToKey }: TableWork,
  found: readonly Dependant[],
  pointing: readonly ForeignKey[],
): Obstacles {
  const table = `${schema}.${plan.name}`;
  const blocked: Said[] = [];
  const statements: string[] = [];
  const keep = new Map<string, Dependant[]>();
  const blockedColumns = new Set<string>();
  const usersOf = ({ number }: LiveColumn): Dependant[] =>
    found.filter(({ column }) => column === number || column === everyColumn);
  for (const { column, old, type } of retype) {
    // A grant on a column is given to its successor.
    const users = usersOf(old).filter(({ statement }) => !statement.startsWith('REVOKE'));
    if (old.notNull) users.push(notNull(schema, live, old));
    if (users.length === 0) continue;
    blockedColumns.add(column.to);
    blocked.push(
      say('sync.columnTypeBlocked', {
        ...{ column: column.to, table, type, before: old.type, users: users.map(toldOf) },
      }),
    );
    statements.push(...users.map(({ statement }) => statement));
  }
  for (const column of gone) {
    const users = usersOf(column);
    if (users.length > 0) keep.set(column.name, users);
  }
  const refusing = found.filter(({ refusesColumns }) => refusesColumns);
  if (add.length > 0 && refusing.length > 0) {
    blocked.push(say('sync.newColumnsBlocked', { table, columns: told(add), users: refusing.map(toldOf) }));
    statements.push(...refusing.map(({ statement }) => statement));
  }
  // A column that is NOT NULL with a value for the rows that are there can't be added under whole rows kept elsewhere.
  const positions = addToKey.filter(({ to }) => !live.columns.has(to));
  const rows = found.filter(({ column }) => column === everyColumn);
  if (positions.length > 0 && rows.length > 0) {
    blocked.push(
      say('sync.keyBlockedByRows', {
        ...{ table, columns: { quoted: positions.map(({ to }) => to) }, users: rows.map(toldOf) },
      }),
    );
    statements.push(...rows.map(({ statement }) => statement));
  }
  for (const { name, relation, owner } of pointing) {
    blocked.push(say('sync.keyBlockedByForeignKey', { table, name, relation, owner }));
    statements.push(`ALTER TABLE ${relation} DROP CONSTRAINT "${name}"`);
  }
  return { blocked, statements, blockedColumns, keep };
}
