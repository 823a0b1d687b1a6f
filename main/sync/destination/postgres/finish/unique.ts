import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres-client.ts';
import { qualified } from '../../../../engines/sql.ts';
import type { Table } from '../../../shape/layout.ts';
import type { Shape } from '../../../shape/shape.ts';
import { stagingTable } from '../encode.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';

/** Tables that are searched in one transaction; each is locked until its end. */
const tablesAtOnce = 100;

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
): Promise<number> {
  const staging = stagingSchema(schema);
  const staged = (table: Table): string => qualified(staging, stagingTable(spec.name, table));
  const main = shape.tables[0] as Table;
  const twice = `SELECT k, max(_v) AS _v FROM ${staged(main)} GROUP BY k HAVING count(*) > 1`;
  const found = await inTransaction(client, async () => {
    const { rows } = await client.query<{ found: string }>(`SELECT EXISTS (${twice}) AS found`);
    return rows[0]?.found === 't';
  });
  if (!found) return 0;
  const parts = shape.tables.slice(1);
  let removed = 0;
  for (let at = 0; at < parts.length + 1; at += tablesAtOnce) {
    const batch = [...parts, main].slice(at, at + tablesAtOnce);
    await inTransaction(client, async () => {
      await requireLease(client);
      await client.query(`CREATE TEMP TABLE headgate_twice ON COMMIT DROP AS ${twice}`);
      for (const table of batch) {
        const { rowCount } = await client.query(
          `DELETE FROM ${staged(table)} t USING pg_temp.headgate_twice d WHERE t.k = d.k AND t._v <> d._v`,
        );
        if (table === main) removed = rowCount ?? 0;
      }
    });
  }
  return removed;
}
