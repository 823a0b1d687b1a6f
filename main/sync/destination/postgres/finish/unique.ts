import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres-client.ts';
import { qualified } from '../../../../engines/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { Table } from '../../../shape/layout.ts';
import type { Shape } from '../../../shape/shape.ts';
import type { Matches, MatchesOf } from '../compare/mapping.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { leftAlone, stagingTable } from '../staged-tables.ts';
import { inTransaction } from '../transaction.ts';

/** Tables that are searched in one transaction; each is locked until its end. */
const tablesAtOnce = 100;
/** Up to this share of the rows are fetched one by one. */
const fewShare = 0.05;

/**
 * Leaves each record once in the staged tables of a dataset. Hardly ever is one there twice (it changed while it was
 * read); then the later one stays, with its rows in every table. The main table comes last: as long as it tells of a
 * record that is there twice, a crash in between is made up for by the next attempt. Returns how many were removed.
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
  const twice = `SELECT k, max(_v) AS _v FROM ${staged(main)} GROUP BY k HAVING count(*) > 1`;
  const matchesFor = (table: Table): Matches | null => matchesOf(stagingTable(spec.name, table));
  if (!(await isAnyTwice(client, staging, matchesFor(main), staged(main), twice))) return 0;
  const parts = shape.tables.slice(1);
  let removed = 0;
  for (const batch of batchesOf([...parts, main], tablesAtOnce)) {
    await inTransaction(client, async () => {
      await requireLease(client);
      // Not a temporary table: TEMPORARY on the database is a right that a sync role may lack.
      const list = qualified(staging, '_twice');
      await client.query(
        `DROP TABLE IF EXISTS ${list}; CREATE UNLOGGED TABLE ${list} WITH (${leftAlone}) AS ${twice}`,
      );
      for (const table of batch) {
        const remove = `DELETE FROM ${staged(table)} t USING ${list} d WHERE t.k = d.k AND t._v <> d._v`;
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
