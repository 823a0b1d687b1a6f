import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { Table } from '../../../shape/layout.ts';
import type { Shape } from '../../../shape/shape.ts';
import type { Matches, MatchesOf } from '../compare/mapping.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { columnName, leftAlone, stagingTable } from '../staged-tables.ts';
import { inTransaction } from '../transaction.ts';

/** Tables that are searched in one transaction; each is locked until its end. */
const tablesAtOnce = 100;
/** Up to this share of the rows are fetched one by one. */
const fewShare = 0.05;

/** The staged column that what is read as a whole has in common: the key, or what the records were found in. */
function wholeOf({ shape: { within } }: DatasetSpec, main: Table, shape: Shape): string {
  const column = main.columns.find(({ path }) => shape.paths[path]?.segments.join('.') === within);
  return within === undefined || column === undefined ? 'k' : columnName(column.path);
}

/**
 * Leaves each record once in the staged tables of a dataset. Hardly ever is one there twice (it changed while it was
 * read); then the later one stays, with its rows in every table. Of records that were found in one thing, those of its
 * last reading stay. The main table comes last: as long as it tells of a record that is there twice, a crash in between
 * is made up for by the next attempt. Returns how many were removed.
 */
export async function makeUnique(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  matchesOf: MatchesOf,
): Promise<number> {
  const staging = stagingSchema(schema);
  const staged = (table: Table): string => qualified(staging, stagingTable(spec.name, table));
  const main = shape.tables[0] as Table;
  const whole = wholeOf(spec, main, shape);
  const twice = `SELECT ${whole} AS whole, max(_v) AS _v FROM ${staged(main)} GROUP BY 1 HAVING min(_v) <> max(_v)`;
  const outdated = `SELECT m.k, m._v FROM ${staged(main)} m JOIN (${twice}) d ON m.${whole} = d.whole AND m._v <> d._v`;
  const matchesFor = (table: Table): Matches | null => matchesOf(stagingTable(spec.name, table));
  // Matches tell of keys, and not of what records were found in.
  const known = whole === 'k' ? matchesFor(main) : null;
  if (!(await isAnyTwice(client, staging, known, staged(main), twice))) return 0;
  const parts = shape.tables.slice(1);
  let removed = 0;
  for (const batch of batchesOf([...parts, main], tablesAtOnce)) {
    await inTransaction(client, async () => {
      await requireLease(client);
      // Not a temporary table: TEMPORARY on the database is a right that a sync role may lack.
      const list = qualified(staging, '_outdated');
      await client.query(
        `DROP TABLE IF EXISTS ${list}; CREATE UNLOGGED TABLE ${list} WITH (${leftAlone}) AS ${outdated}`,
      );
      for (const table of batch) {
        const remove = `DELETE FROM ${staged(table)} t USING ${list} d WHERE t.k = d.k AND t._v = d._v`;
        const matched = matchesFor(table);
        const own = matched && qualified(staging, matched.table);
        const { rowCount } = await client.query(
          own === null
            ? remove
            : `WITH gone AS (${remove} RETURNING t.ctid) DELETE FROM ${own} m USING gone WHERE m.place = gone.ctid`,
        );
        if (table === main) removed = rowCount ?? 0;
      }
      await client.query(`DROP TABLE ${list}`);
    });
  }
  return removed;
}

/**
 * Whether any record is staged twice. Of rows that were matched it is known: two had one published row. Only those that
 * had none are looked at.
 */
async function isAnyTwice(
  client: PgClient,
  staging: string,
  matches: Matches | null,
  main: string,
  twice: string,
): Promise<boolean> {
  if (matches?.found.repeated) return true;
  if (matches?.found.fresh === 0) return false;
  const few = matches !== null && matches.found.fresh <= matches.found.rows * fewShare;
  const among =
    matches === null
      ? twice
      : `SELECT FROM ${qualified(staging, matches.table)} m JOIN ${main} s ON s.ctid = m.place WHERE m.op = 'i' GROUP BY s.k HAVING count(*) > 1`;
  // Nobody has told the planner how many of them are new.
  const settings = few ? ['SET LOCAL enable_hashjoin = off', 'SET LOCAL enable_mergejoin = off'] : [];
  return inTransaction(
    client,
    async () => {
      const { rows } = await client.query<{ found: string }>(`SELECT EXISTS (${among}) AS found`);
      return rows[0]?.found === 't';
    },
    ...settings,
  );
}
