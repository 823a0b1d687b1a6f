import type { PgClient } from '../../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../../engines/sql.ts';
import { leftAlone } from '../encode.ts';
import { firstPosition } from '../publish/work.ts';
import type { Mapping } from './mapping.ts';

/*
 * A table of matches has a row for each staged row:
 *   place: the staged row's ctid · was: the ctid of the published row with its key, null without one ·
 *   op: `s` when both are the same in every character, `u` when they differ, `i` when nothing was published
 */

/** Which staged rows are matched: those of records after one number, up to another. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
  /** Rows in blocks before this one are left to `matchMissed`. */
  readonly fromBlock: number;
}

/** Under these a staged row is looked up by the index of the published key, in the order in which both were written. */
export const matchSettings = [
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_mergejoin = off',
  'SET LOCAL enable_material = off',
  'SET LOCAL jit = off',
] as const;

/** SQL for the key parts and how two rows are found to belong together. */
const joined = ({ keys }: Mapping): string =>
  keys
    .map(({ staged, live }) => `l.${ident(live)} = ${staged === firstPosition ? '1' : staged}`)
    .join(' AND ');

/**
 * Whether two rows differ in any character: compared by their stored image, because `=` overlooks trailing zeros and what
 * a collation takes for the same.
 */
function differing({ columns, live }: Mapping): string {
  if (columns.size === 0) return 'false';
  const pairs = [...columns].map(([name, value]) => ({
    staged: value?.sql ?? `NULL::${live.columns.get(name)?.type}`,
    live: `l.${ident(name)}`,
  }));
  const row = (side: 'staged' | 'live'): string => `ROW(${pairs.map((pair) => pair[side]).join(', ')})`;
  return `record_image_ne(${row('staged')}, ${row('live')})`;
}

/** The statement that matches staged rows `s`; `from` and `where` say which. */
const insertMatches = (
  schema: string,
  mapping: Mapping,
  matches: string,
  from: string,
  where: string,
): string => `INSERT INTO ${matches} (place, was, op)
  SELECT s.ctid, l.ctid, CASE WHEN l.ctid IS NULL THEN 'i'::"char" WHEN ${differing(mapping)} THEN 'u' ELSE 's' END
  FROM ${from} LEFT JOIN ONLY ${qualified(schema, mapping.live.name)} l ON ${joined(mapping)} ${where}`;

/** Names of a staged table and of its matches, quoted. */
export interface MatchedTable {
  readonly staged: string;
  readonly matches: string;
}

export const createMatches = ({ matches }: MatchedTable): string =>
  `CREATE UNLOGGED TABLE IF NOT EXISTS ${matches} (place tid NOT NULL, was tid, op "char" NOT NULL) WITH (${leftAlone})`;

/** Matches the staged rows of a range. Returns how many there were, and how many blocks the staged table had before. */
export async function matchRange(
  client: PgClient,
  schema: string,
  mapping: Mapping,
  { staged, matches }: MatchedTable,
  { after, upTo, fromBlock }: Range,
): Promise<{ rows: number; blocks: number }> {
  const { rows } = await client.query<{ blocks: string }>(
    `SELECT pg_relation_size($1::regclass) / current_setting('block_size')::int AS blocks`,
    [staged],
  );
  const where = [
    `s._v > ${after} AND s._v <= ${upTo}`,
    ...(fromBlock > 0 ? [`s.ctid >= '(${fromBlock},0)'`] : []),
  ];
  const sql = insertMatches(schema, mapping, matches, `${staged} s`, `WHERE ${where.join(' AND ')}`);
  const { rowCount } = await client.query(sql);
  return { rows: rowCount ?? 0, blocks: Number(rows[0]?.blocks ?? 0) };
}

/** Matches the staged rows that have no match yet, wherever PostgreSQL put them. Returns how many there were. */
export async function matchMissed(
  client: PgClient,
  schema: string,
  mapping: Mapping,
  { staged, matches }: MatchedTable,
  missed: string,
): Promise<number> {
  await client.query(
    `SET LOCAL enable_hashjoin = on; DROP TABLE IF EXISTS ${missed};
     CREATE UNLOGGED TABLE ${missed} WITH (${leftAlone}) AS SELECT s.ctid AS place FROM ${staged} s
       LEFT JOIN ${matches} m ON m.place = s.ctid WHERE m.place IS NULL;
     SET LOCAL enable_hashjoin = off`,
  );
  const from = `${missed} d JOIN ${staged} s ON s.ctid = d.place`;
  const { rowCount } = await client.query(insertMatches(schema, mapping, matches, from, ''));
  await client.query(`DROP TABLE ${missed}`);
  return rowCount ?? 0;
}
