import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { stagingSchema } from '../lease.ts';
import { lockSame } from '../publish/live.ts';
import { cellOf, firstPosition, keyOf, type TableWork, type Value } from '../publish/work.ts';
import { leftAlone } from '../staged-tables.ts';
import { inTransaction } from '../transaction.ts';
import type { Matches } from './mapping.ts';
import { takeMatches } from './taken.ts';

/** How the rows of one published table differ from the staged ones, ready to be applied. */
export interface Difference {
  readonly work: TableWork;
  /**
   * The table in the staging schema that holds the rows that differ, what is to be done with each (`op`), and where the
   * published row was when they were compared (`was`).
   */
  readonly table: string;
  /** Whether it was found while the source was read. */
  readonly early: boolean;
  readonly deleted: number;
  readonly updated: number;
  readonly inserted: number;
}

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

/** Where only changes are staged, the keys of what was touched are analysed, and lead to few rows of a large table. */
const settingsFor = (works: readonly TableWork[]): string[] =>
  works.every(({ plan }) => plan.partial !== undefined)
    ? [...settings, 'SET LOCAL enable_nestloop = on']
    : settings;

/** Documents are compared by a hash of their text, so that a join of two tables does not carry them: 64 bits of each. */
const isDocument = ({ type }: Value): boolean => type === 'jsonb';
const digestOf = (expression: string): string => `hashtextextended((${expression})::text, 0)`;

/**
 * Whether two values differ in any character. Equality of numeric overlooks trailing zeros; a collation may take two
 * texts for the same.
 */
function differs({ type }: Value, at: number): string {
  const [staged, live] = [`s.${cellOf(at)}`, `l.${cellOf(at)}`];
  const differ = `${staged} IS DISTINCT FROM ${live}`;
  if (type === 'text') return `${staged} COLLATE "C" IS DISTINCT FROM ${live} COLLATE "C"`;
  return type === 'numeric' ? `${differ} OR scale(${staged}) IS DISTINCT FROM scale(${live})` : differ;
}

/**
 * The rows that differ, as FROM and WHERE: `s` is the staged row or nothing, `l` the published one or nothing, both with
 * keys and cells by number; `s.place` says where the staged row stands.
 */
function rowsThatDiffer(schema: string, { plan, live, keys, values, gone }: TableWork): string {
  const cell = (value: Value, expression: string): string =>
    isDocument(value) ? digestOf(expression) : expression;
  const staged = [
    's.ctid AS place',
    ...keys.map((key, at) => `${key.staged} AS ${keyOf(at)}`),
    ...values.map((value, at) => `${cell(value, value.staged)} AS ${cellOf(at)}`),
  ];
  const published = [
    'l.ctid AS was',
    ...keys.map((key, at) => `l.${ident(key.live)} AS ${keyOf(at)}`),
    ...values.map((value, at) => `${cell(value, `l.${ident(value.live)}`)} AS ${cellOf(at)}`),
    ...gone.map(({ name }, at) => `l.${ident(name)} IS NOT NULL AS g${at}`),
  ];
  // OFFSET keeps the planner from computing digests, and constants, only behind the join.
  const below =
    values.some(isDocument) || keys.some((key) => key.staged === firstPosition) ? ' OFFSET 0' : '';
  // Where only changes are staged, rows of other records are none of this refresh's business.
  const [key] = keys;
  const among =
    plan.partial === undefined || key === undefined
      ? ''
      : ` WHERE l.${ident(key.live)} IN (SELECT t.k FROM ${qualified(stagingSchema(schema), plan.partial.keys)} t)`;
  const on = keys.map((_, at) => `s.${keyOf(at)} = l.${keyOf(at)}`).join(' AND ');
  const changed = [...values.map(differs), ...gone.map((_, at) => `l.g${at}`)];
  return `FROM (SELECT ${staged.join(', ')} FROM ${qualified(stagingSchema(schema), plan.staged)} s${below}) s
    FULL JOIN (SELECT ${published.join(', ')} FROM ONLY ${qualified(schema, live.name)} l${among}${below}) l ON ${on}
    WHERE s.k0 IS NULL OR l.k0 IS NULL${changed.length === 0 ? '' : ` OR ${changed.join(' OR ')}`}`;
}

/**
 * Computes the difference of one table into a table of the staging schema, in a transaction of its own that locks
 * nothing against anybody; out of what was found while the source was read, where there is that. Null when there is none.
 * Doing it again replaces it.
 */
export async function computeDifference(
  client: PgClient,
  schema: string,
  work: TableWork,
  number: number,
  matches: Matches | null,
): Promise<Difference | null> {
  const table = `_difference_${number}`;
  const relation = qualified(stagingSchema(schema), table);
  return inTransaction(
    client,
    async () => {
      await lockSame(client, schema, [work.live]);
      const places = qualified(stagingSchema(schema), `_places_${number}`);
      await client.query(`DROP TABLE IF EXISTS ${relation}, ${places}`);
      if (matches && (await takeMatches(client, schema, work, matches, { places, relation })))
        return counted(true);
      // First where the rows are, then what they hold: the join of the two tables carries no more than it must.
      const keys = work.keys.map((_, at) => keyOf(at));
      await client.query(
        `CREATE UNLOGGED TABLE ${places} WITH (${leftAlone}) AS SELECT s.place,
           CASE WHEN s.k0 IS NULL THEN 'd'::"char" WHEN l.k0 IS NULL THEN 'i' ELSE 'u' END AS op, l.was,
           ${keys.map((key) => `coalesce(s.${key}, l.${key}) AS ${key}`).join(', ')} ${rowsThatDiffer(schema, work)}`,
      );
      await client.query(`ANALYZE ${places}; SET LOCAL enable_nestloop = on`);
      const cells = work.values.map(({ staged }, at) => `, ${staged} AS ${cellOf(at)}`).join('');
      await client.query(
        `CREATE UNLOGGED TABLE ${relation} WITH (${leftAlone}) AS SELECT p.op, p.was, ${keys.map((key) => `p.${key}`).join(', ')}${cells}
         FROM ${places} p LEFT JOIN ${qualified(stagingSchema(schema), work.plan.staged)} s ON s.ctid = p.place`,
      );
      await client.query(`DROP TABLE ${places}`);
      return counted(false);
    },
    ...settingsFor([work]),
  );

  async function counted(early: boolean): Promise<Difference | null> {
    const { rows: counts } = await client.query<Record<'d' | 'u' | 'i', string>>(
      `SELECT count(*) FILTER (WHERE op = 'd') AS d, count(*) FILTER (WHERE op = 'u') AS u,
         count(*) FILTER (WHERE op = 'i') AS i FROM ${relation}`,
    );
    const { d, u, i } = counts[0] as Record<'d' | 'u' | 'i', string>;
    const found = { deleted: Number(d), updated: Number(u), inserted: Number(i) };
    if (found.deleted + found.updated + found.inserted > 0) return { work, table, early, ...found };
    await client.query(`DROP TABLE ${relation}`);
    return null;
  }
}

/** Which of some tables have any difference at all, in one statement; they should be small. */
export function haveDifferences(
  client: PgClient,
  schema: string,
  works: readonly TableWork[],
): Promise<boolean[]> {
  return inTransaction(
    client,
    async () => {
      await lockSame(
        client,
        schema,
        works.map(({ live }) => live),
      );
      // Of few rows all are looked at: a plan that is quick to find a first one is slow where there is none.
      const asked = works.map((work) =>
        work.plan.partial === undefined
          ? `EXISTS (SELECT 1 ${rowsThatDiffer(schema, work)})`
          : `(SELECT count(*) > 0 ${rowsThatDiffer(schema, work)})`,
      );
      const { rows } = await client.query<{ differ: string }>(
        `SELECT unnest(ARRAY[${asked.join(', ')}]) AS differ`,
      );
      return rows.map(({ differ }) => differ === 't');
    },
    ...settingsFor(works),
  );
}

/** A difference whose rows are at most this share of the table is applied by the index of its key. */
const fewShare = 0.1;

/** Whether so few rows of a table differ that looking each up beats going through all of it. */
export const isFew = ({ work, deleted, updated, inserted }: Difference): boolean =>
  deleted + updated + inserted <= Math.max(100, work.plan.rows * fewShare);

/**
 * How the published row that a difference is about is found: by its place, which needs no page of an index, or by its key
 * alone, which finds it also where somebody has moved it since.
 */
export type Finding = 'place' | 'key';

/** SQL: whether `l` is the published row that the row `d` of a difference is about. */
export function isAbout({ keys }: TableWork, finding: Finding): string {
  const same = keys.map(({ live }, at) => `l.${ident(live)} = d.${keyOf(at)}`);
  return [...(finding === 'place' ? ['l.ctid = d.was'] : []), ...same].join(' AND ');
}

/** The statements that make a published table equal to the staged one, with the number of rows that each must touch. */
export function applying(
  schema: string,
  difference: Difference,
  finding: Finding,
): { sql: string; rows: number }[] {
  const { work, deleted, updated, inserted } = difference;
  const from = qualified(stagingSchema(schema), difference.table);
  const into = qualified(schema, work.live.name);
  const same = isAbout(work, finding);
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
