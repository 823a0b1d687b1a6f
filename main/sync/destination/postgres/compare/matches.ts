import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { leftAlone } from '../staged-tables.ts';
import type { Found, Mapping } from './mapping.ts';

/*
 * A table of matches has a row for each staged row:
 *   place: the staged row's ctid · was: the ctid of the published row with its key, null without one ·
 *   op: `s` when both are the same in every character, `u` when they differ, `i` when nothing was published
 */

/** Which staged rows are matched: those of records after one number, up to another. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** Under these the index of the record numbers gives the staged rows, and that of the published key the row for each. */
export const matchSettings = [
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_mergejoin = off',
  'SET LOCAL enable_material = off',
  'SET LOCAL jit = off',
] as const;

/** SQL for the key parts and how two rows are found to belong together. */
const joined = ({ keys }: Mapping): string =>
  keys.map(({ staged, live }) => `l.${ident(live)} = ${staged}`).join(' AND ');

/**
 * Whether two rows differ in any character: compared by their stored image, because `=` overlooks trailing zeros and what
 * a collation takes for the same. A value for a column that is not published yet is a difference too.
 */
function differing({ columns, live, added }: Mapping): string {
  const filled = [...added].map((sql) => `${sql} IS NOT NULL`);
  if (columns.size === 0) return filled.join(' OR ') || 'false';
  const pairs = [...columns].map(([name, value]) => ({
    staged: value?.sql ?? `NULL::${live.columns.get(name)?.type}`,
    live: `l.${ident(name)}`,
  }));
  const row = (side: 'staged' | 'live'): string => `ROW(${pairs.map((pair) => pair[side]).join(', ')})`;
  return [...filled, `record_image_ne(${row('staged')}, ${row('live')})`].join(' OR ');
}

/** Names of a staged table and of its matches, quoted. */
export interface MatchedTable {
  readonly staged: string;
  readonly matches: string;
  /** Whether it is the main table of a dataset, which tells of records that were read twice. */
  readonly main: boolean;
}

/**
 * Makes the table of matches, and the index by which the rows of a range are found: PostgreSQL puts new rows also into
 * pages that were filled before. Whoever writes to the staged table waits for the moment that it takes.
 */
export const createMatches = ({ staged, matches, main }: MatchedTable): string =>
  `CREATE UNLOGGED TABLE IF NOT EXISTS ${matches} (place tid NOT NULL, was tid, op "char" NOT NULL) WITH (${leftAlone});
   CREATE INDEX ON ${staged} (_v)${main ? `; CREATE INDEX ON ${matches} (was)` : ''}`;

/** Matches the staged rows of a range. */
export async function matchRange(
  client: PgClient,
  schema: string,
  mapping: Mapping,
  { staged, matches, main }: MatchedTable,
  { after, upTo }: Range,
): Promise<Found> {
  // The statement does not see in the table what it puts there itself.
  const repeated = `count(was) <> count(DISTINCT was) OR EXISTS (SELECT FROM added a JOIN ${matches} m ON m.was = a.was)`;
  const { rows } = await client.query<{ rows: string; fresh: string; repeated: string }>(
    `WITH added AS (
       INSERT INTO ${matches} (place, was, op)
       SELECT s.ctid, l.ctid, CASE WHEN l.ctid IS NULL THEN 'i'::"char" WHEN ${differing(mapping)} THEN 'u' ELSE 's' END
       FROM ${staged} s LEFT JOIN ONLY ${qualified(schema, mapping.live.name)} l ON ${joined(mapping)}
       WHERE s._v > ${after} AND s._v <= ${upTo} RETURNING was)
     SELECT count(*) AS rows, count(*) - count(was) AS fresh, ${main ? repeated : 'false'} AS repeated FROM added`,
  );
  const found = rows[0] as { rows: string; fresh: string; repeated: string };
  return { rows: Number(found.rows), fresh: Number(found.fresh), repeated: found.repeated === 't' };
}
