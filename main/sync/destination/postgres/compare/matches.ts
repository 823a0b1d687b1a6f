import type { PgClient } from '../../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../../engines/sql.ts';
import { leftAlone } from '../staged-tables.ts';
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

/** Names of a staged table and of its matches, quoted. */
export interface MatchedTable {
  readonly staged: string;
  readonly matches: string;
}

/**
 * Makes the table of matches, and the index by which the rows of a range are found: PostgreSQL puts new rows also into
 * pages that were filled before. Whoever writes to the staged table waits for the moment that it takes.
 */
export const createMatches = ({ staged, matches }: MatchedTable): string =>
  `CREATE UNLOGGED TABLE IF NOT EXISTS ${matches} (place tid NOT NULL, was tid, op "char" NOT NULL) WITH (${leftAlone});
   CREATE INDEX ON ${staged} (_v)`;

/** Matches the staged rows of a range. Returns how many there were. */
export async function matchRange(
  client: PgClient,
  schema: string,
  mapping: Mapping,
  { staged, matches }: MatchedTable,
  { after, upTo }: Range,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO ${matches} (place, was, op)
     SELECT s.ctid, l.ctid, CASE WHEN l.ctid IS NULL THEN 'i'::"char" WHEN ${differing(mapping)} THEN 'u' ELSE 's' END
     FROM ${staged} s LEFT JOIN ONLY ${qualified(schema, mapping.live.name)} l ON ${joined(mapping)}
     WHERE s._v > ${after} AND s._v <= ${upTo}`,
  );
  return rowCount ?? 0;
}
