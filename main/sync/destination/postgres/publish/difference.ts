import type { PgClient } from '../../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../../engines/sql.ts';
import type { ColumnType } from '../../../shape/kinds.ts';
import { stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { firstPosition, type TableWork, type Value } from './work.ts';

/** How the rows of one published table differ from the staged ones, ready to be applied. */
export interface Difference {
  readonly work: TableWork;
  /** The table in the staging schema that holds the rows that differ, and what is to be done with each. */
  readonly table: string;
  readonly deleted: number;
  readonly updated: number;
  readonly inserted: number;
}

/**
 * Up to so many rows a table is first asked whether there is any difference at all: most tables of a refresh have none,
 * and a table that is made for nothing costs the catalogues of the database more than the question.
 */
const askedFirst = 20_000;
/** Memory of one sort or hash, so that a join of narrow rows does not go to disk. PostgreSQL's own is 4 MB. */
const workMemory = '64MB';

/** What the difference is computed under: a plan by hashing whatever is known of tables nobody has analysed. */
const settings = [
  `SET LOCAL work_mem = '${workMemory}'`,
  'SET LOCAL enable_mergejoin = off',
  'SET LOCAL enable_nestloop = off',
  'SET LOCAL jit = off',
  // Whether policies hide anything from the sync role was looked at before, and is again before anything is applied.
  'SET LOCAL row_security = on',
];

/** Columns of a difference table. */
export const keyOf = (at: number): string => `k${at}`;
export const cellOf = (at: number): string => `c${at}`;

/**
 * Whether two values differ in any character. Equality of numeric and jsonb overlooks trailing zeros; a collation may
 * take two texts for the same.
 */
function differs({ staged, live, type }: Value): string {
  const column = `l.${ident(live)}`;
  return byImage.has(type)
    ? `record_image_ne(ROW(${staged}), ROW(${column}))`
    : type === 'text'
      ? `${staged} COLLATE "C" IS DISTINCT FROM ${column} COLLATE "C"`
      : `${staged} IS DISTINCT FROM ${column}`;
}
const byImage: ReadonlySet<ColumnType> = new Set(['numeric', 'jsonb']);

/** The rows that differ, as FROM and WHERE: `s` is the staged row or nothing, `l` the published one or nothing. */
function rowsThatDiffer(schema: string, { plan, live, keys, values, gone }: TableWork): string {
  const on = keys.map(({ staged, live: column }) => `${staged} = l.${ident(column)}`).join(' AND ');
  const changed = [...values.map(differs), ...gone.map(({ name }) => `l.${ident(name)} IS NOT NULL`)];
  const first = `l.${ident(keys[0]?.live ?? '')}`;
  const table = qualified(stagingSchema(schema), plan.staged);
  // A full join takes no constant for a key; OFFSET keeps the planner from making one of it again.
  const staged = keys.some((key) => key.staged === firstPosition)
    ? `(SELECT *, 1 AS first_position FROM ${table} OFFSET 0)`
    : table;
  return `FROM ${staged} s FULL JOIN ONLY ${qualified(schema, live.name)} l ON ${on}
    WHERE s.k IS NULL OR ${first} IS NULL${changed.length === 0 ? '' : ` OR ${changed.join(' OR ')}`}`;
}

/**
 * Computes the difference of one table into a table of the staging schema, in a transaction of its own that locks
 * nothing against anybody. Null when there is none. Doing it again replaces it.
 */
export async function computeDifference(
  client: PgClient,
  schema: string,
  work: TableWork,
  number: number,
): Promise<Difference | null> {
  const table = `_difference_${number}`;
  const relation = qualified(stagingSchema(schema), table);
  const rows = rowsThatDiffer(schema, work);
  return inTransaction(
    client,
    async () => {
      await client.query(`DROP TABLE IF EXISTS ${relation}`);
      if (work.plan.rows <= askedFirst) {
        const { rows: found } = await client.query(`SELECT 1 ${rows} LIMIT 1`);
        if (found.length === 0) return null;
      }
      const first = `l.${ident(work.keys[0]?.live ?? '')}`;
      const columns = [
        `CASE WHEN s.k IS NULL THEN 'd'::"char" WHEN ${first} IS NULL THEN 'i' ELSE 'u' END AS op`,
        ...work.keys.map(({ staged, live }, at) => `coalesce(${staged}, l.${ident(live)}) AS ${keyOf(at)}`),
        ...work.values.map(({ staged }, at) => `${staged} AS ${cellOf(at)}`),
      ];
      await client.query(`CREATE UNLOGGED TABLE ${relation} AS SELECT ${columns.join(', ')} ${rows}`);
      const { rows: counts } = await client.query<Record<'d' | 'u' | 'i', string>>(
        `SELECT count(*) FILTER (WHERE op = 'd') AS d, count(*) FILTER (WHERE op = 'u') AS u,
           count(*) FILTER (WHERE op = 'i') AS i FROM ${relation}`,
      );
      const { d, u, i } = counts[0] as Record<'d' | 'u' | 'i', string>;
      const found = { deleted: Number(d), updated: Number(u), inserted: Number(i) };
      if (found.deleted + found.updated + found.inserted === 0) {
        await client.query(`DROP TABLE ${relation}`);
        return null;
      }
      return { work, table, ...found };
    },
    ...settings,
  );
}

/** The statements that make a published table equal to the staged one, with the number of rows that each must touch. */
export function applying(schema: string, difference: Difference): { sql: string; rows: number }[] {
  const { work, deleted, updated, inserted } = difference;
  const from = qualified(stagingSchema(schema), difference.table);
  const into = qualified(schema, work.live.name);
  const same = work.keys.map(({ live }, at) => `l.${ident(live)} = d.${keyOf(at)}`).join(' AND ');
  const sets = [
    ...work.values.map(({ live }, at) => `${ident(live)} = d.${cellOf(at)}`),
    ...work.gone.map(({ name }) => `${ident(name)} = NULL`),
  ];
  const columns = [...work.keys, ...work.values].map(({ live }) => ident(live));
  const values = [
    ...work.keys.map((_, at) => `d.${keyOf(at)}`),
    ...work.values.map((_, at) => `d.${cellOf(at)}`),
  ];
  return [
    ...(deleted === 0
      ? []
      : [
          {
            sql: `DELETE FROM ONLY ${into} l USING ${from} d WHERE d.op = 'd' AND ${same}`,
            rows: deleted,
          },
        ]),
    ...(updated === 0 || sets.length === 0
      ? []
      : [
          {
            sql: `UPDATE ONLY ${into} l SET ${sets.join(', ')} FROM ${from} d WHERE d.op = 'u' AND ${same}`,
            rows: updated,
          },
        ]),
    ...(inserted === 0
      ? []
      : [
          {
            sql: `INSERT INTO ${into} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${from} d WHERE d.op = 'i'`,
            rows: inserted,
          },
        ]),
  ];
}
