import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../engines/postgres/sql.ts';
import { requireLease, stagingSchema } from './lease.ts';
import { inTransaction } from './transaction.ts';

/** Tables that are dropped in one transaction: each takes about four locks. */
const tablesAtOnce = 100;
/** The beginning of the names of the tables that hold the state of a run; they go last. */
const stateTables = '\\_headgate\\_%';

/**
 * Drops the staged tables of a run, a hundred at a time, so that they fit the server's lock table. The session holds the
 * lease; the tables of the run's state stay.
 */
export async function dropStagedTables(client: PgClient, schema: string): Promise<void> {
  const staging = stagingSchema(schema);
  for (;;) {
    const dropped = await inTransaction(client, async () => {
      await requireLease(client);
      const { rows } = await client.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname NOT LIKE $2 ORDER BY 1 LIMIT ${tablesAtOnce}`,
        [staging, stateTables],
      );
      if (rows.length === 0) return 0;
      await client.query(`DROP TABLE ${rows.map(({ name }) => qualified(staging, name)).join(', ')} CASCADE`);
      return rows.length;
    });
    if (dropped < tablesAtOnce) return;
  }
}

/** Drops the tables of a run's state inside the open transaction; the lease goes with them. */
export async function dropStateTables(client: PgClient, schema: string): Promise<void> {
  const staging = stagingSchema(schema);
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname LIKE $2 ORDER BY 1`,
    [staging, stateTables],
  );
  if (rows.length > 0)
    await client.query(`DROP TABLE ${rows.map(({ name }) => qualified(staging, name)).join(', ')}`);
}

/** Drops a staging schema whole; whose it is was checked, and its lease is held by this session. */
export async function dropStaging(client: PgClient, schema: string): Promise<void> {
  await dropStagedTables(client, schema);
  await inTransaction(client, async () => {
    await requireLease(client);
    await client.query(`DROP SCHEMA ${ident(stagingSchema(schema))} CASCADE`);
  });
}
