import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import { analyzeTables } from '../analyze.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { grantAhead } from '../publish/grants.ts';
import { type Spare, withSpare } from '../spare.ts';
import { columnName, roomForChanges } from '../staged-tables.ts';
import { inTransaction, look, withSettings } from '../transaction.ts';
import { commentOf, commentOn, type NoteOf } from './comment-of.ts';
import {
  blankColumn,
  blankIn,
  columnsOf,
  hasBlanks,
  overflowColumn,
  type PlannedColumn,
  type TablePlan,
  valueIn,
} from './plan.ts';

/** Tables that are made ready in one transaction: each takes about six locks. */
const tablesAtOnce = 40;
/** With more values than this share from other columns, a table is sooner written anew than changed. */
const addedShare = 0.2;

export interface NewTablesDeps {
  /** A second session for analysing, null where the server has none to spare. */
  readonly spare: Spare;
  readonly signal: AbortSignal;
  /** May read them once they are published. */
  readonly readerRoles: readonly string[];
  /** What people say of them is part of their comments. */
  readonly noteOf: NoteOf;
  readonly onFailure: (table: string, error: unknown) => void;
}

/**
 * Turns staged tables into ones to publish, where nothing is published under their name: final columns, primary key,
 * indexes, comments, statistics. What an earlier attempt did already is left as it is.
 */
export async function makeNewTables(
  client: PgClient,
  schema: string,
  plans: readonly TablePlan[],
  deps: NewTablesDeps,
): Promise<void> {
  const staging = stagingSchema(schema);
  const there = new Set(await stagedNames(client, staging));
  const left = plans.filter(({ staged }) => there.has(staged));
  if (left.length === 0) return;
  for (const some of batchesOf(left, tablesAtOnce)) {
    await inTransaction(client, async () => {
      await requireLease(client);
      for (const plan of some) {
        await client.query(
          makeReady(staging, plan, there.has(`${plan.staged} unlogged`), deps.noteOf).join(';\n'),
        );
      }
    });
    for (const plan of some.filter(({ values }) => values.some(isFilledLater)))
      await client.query(
        withSettings(`SELECT count(*) FROM ONLY ${qualified(staging, plan.name)}`, ...throughAll),
      );
  }
  const names = left.map(({ name }) => name);
  await grantAhead(client, staging, names, deps.readerRoles, (work) => inTransaction(client, work));
  await analyze(client, staging, left, deps);
}

/** Names of the tables in a staging schema; those that a crash would empty also with ` unlogged` behind. */
async function stagedNames(client: PgClient, staging: string): Promise<string[]> {
  const rows = await look<{ name: string; persistence: string }>(
    client,
    `SELECT c.relname AS name, c.relpersistence AS persistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r'`,
    [staging],
  );
  return rows.flatMap(({ name, persistence }) => (persistence === 'u' ? [name, `${name} unlogged`] : [name]));
}

function makeReady(staging: string, plan: TablePlan, unlogged: boolean, noteOf: NoteOf): string[] {
  const staged = qualified(staging, plan.staged);
  const final = qualified(staging, plan.name);
  const overflows = plan.values.some(({ id, to }) => id === null && to === overflowColumn);
  const columns = columnsOf(plan);
  const listsBlanks = plan.values.some(({ id, to }) => id === null && to === blankColumn);
  const blanks = plan.values
    .filter(hasBlanks)
    .map((column) => `${column.from} = coalesce(${column.from}, ${blankIn(column, '_x')})`);
  const joined = plan.values.flatMap((column) => {
    const [, ...others] = column.parts ?? [];
    if (others.length === 0) return [];
    const names = others.map(({ path }) => columnName(path));
    return [
      isMostly(column)
        ? `UPDATE ${staged} SET ${column.from} = ${valueIn(column, '')} WHERE ${column.from} IS NULL AND (${names.map((name) => `${name} IS NOT NULL`).join(' OR ')})`
        : `ALTER TABLE ${staged} ALTER COLUMN ${column.from} TYPE ${column.type} USING ${valueIn(column, '')}`,
      `ALTER TABLE ${staged} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`,
    ];
  });
  return [
    ...joined,
    ...(overflows
      ? [
          `ALTER TABLE ${staged} ADD COLUMN ${overflowColumn} jsonb`,
          `UPDATE ${staged} SET ${overflowColumn} = _x->'o' WHERE _x ? 'o'`,
        ]
      : []),
    ...(listsBlanks
      ? [
          `ALTER TABLE ${staged} ADD COLUMN ${blankColumn} jsonb`,
          `UPDATE ${staged} SET ${[`${blankColumn} = _x->'b'`, ...blanks].join(', ')} WHERE _x ? 'b'`,
        ]
      : []),
    `ALTER TABLE ${staged} DROP COLUMN _v, DROP COLUMN _x, RESET (autovacuum_enabled, toast.autovacuum_enabled)`,
    ...columns
      .filter(({ from, to }) => from !== to)
      .map(({ from, to }) => `ALTER TABLE ${staged} RENAME COLUMN ${ident(from)} TO ${ident(to)}`),
    // Writing the table anew leaves the room too.
    ...(unlogged
      ? [`ALTER TABLE ${staged} SET (${roomForChanges})`, `ALTER TABLE ${staged} SET LOGGED`]
      : []),
    `ALTER TABLE ${staged} RENAME TO ${ident(plan.name)}`,
    `ALTER TABLE ${final} ADD PRIMARY KEY (${plan.keys.map(({ to }) => ident(to)).join(', ')})`,
    ...plan.indexes.map((column) => `CREATE INDEX ON ${final} (${ident(column)})`),
    commentOn(final, null, commentOf(noteOf, plan)),
    ...columns.map((column) => commentOn(final, column.to, commentOf(noteOf, plan, column))),
  ];
}

/** Whether a column gets values in rows that are there: they have old versions then. */
const isFilledLater = ({ id, to, parts }: PlannedColumn): boolean =>
  parts !== undefined || (id === null && (to === overflowColumn || to === blankColumn));

/**
 * A table whose rows were changed is read once behind the commit. The server frees the room of the old versions while their
 * pages are in its memory and in the log; otherwise the first refresh would find them, page by page.
 */
const throughAll = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'].map(
  (way) => `SET LOCAL ${way} = off`,
);

/** Whether few values are to be added to a staged column that is as it will be published: the table is not written anew for them. */
function isMostly({ parts = [], type, isStagedAsText }: PlannedColumn): boolean {
  const [first, ...others] = parts;
  if (first === undefined || first.type !== type || isStagedAsText) return false;
  const added = others.reduce((sum, { values }) => sum + values, 0);
  return added <= addedShare * (first.values + added);
}

/** Statistics for the planner, so that the first query is planned as well as any later one. */
async function analyze(
  client: PgClient,
  staging: string,
  plans: readonly TablePlan[],
  deps: NewTablesDeps,
): Promise<void> {
  await withSpare(deps.spare, deps.signal, (second) =>
    analyzeTables(second ? [client, second] : [client], staging, plans, deps.onFailure),
  );
}
