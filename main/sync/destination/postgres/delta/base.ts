import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { batchesOf } from '../../../batches.ts';
import type { Shape } from '../../../shape/shape.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { planDdl } from '../staged-tables.ts';
import { type DatasetState, saveState } from '../state.ts';
import { inTransaction } from '../transaction.ts';
import { mostTables } from '../writer.ts';

/**
 * Makes the staged tables of everything that is published of a dataset, empty, for its changes to come into; `shape` is
 * that of the last publish. Writes down that it is done with the state in which reading begins.
 */
export async function stageBase(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  keepRaw: boolean,
  state: DatasetState,
): Promise<void> {
  for (const table of shape.tables) {
    table.created = false;
    table.appliedRepeats = [];
    for (const column of table.columns) column.applied = null;
  }
  for (const tables of batchesOf(shape.tables, mostTables)) {
    await inTransaction(client, async () => {
      await requireLease(client);
      const options = { keepRaw, unlogged: true, mayBeThere: true } as const;
      await client.query(planDdl(tables, stagingSchema(schema), spec.name, options).join(';\n'));
    });
  }
  await inTransaction(client, () => saveState(client, schema, state, shape.changes(true)));
}
