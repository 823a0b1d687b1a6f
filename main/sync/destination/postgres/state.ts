import type { Json } from '../../../connectors/json.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { qualified } from '../../../engines/sql.ts';
import type { SavedChange } from '../../shape/saved.ts';
import { leaseColumns, requireLease, stagingSchema, stateTable } from './lease.ts';

/** Holds the layouts of the datasets as changes, one behind the other. */
const layoutTable = '_headgate_layout';

/**
 * Makes the tables that say how far the reading is. What they hold of the source's own making is text and not jsonb,
 * which takes neither NUL nor half a surrogate pair.
 */
export async function createStateTables(client: PgClient, staging: string, unlogged: boolean): Promise<void> {
  const create = unlogged ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE';
  await client.query(`${create} ${qualified(staging, stateTable)} (
    dataset text PRIMARY KEY, cursor text, shape text NOT NULL DEFAULT '', seq integer NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now(), ${leaseColumns});
   ${create} ${qualified(staging, layoutTable)} (
    part bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dataset text NOT NULL, change text NOT NULL)`);
}

export async function dropStateTables(client: PgClient, staging: string): Promise<void> {
  await client.query(`DROP TABLE ${qualified(staging, stateTable)}, ${qualified(staging, layoutTable)}`);
}

/** Where the reading of one dataset stands; saved in the same transaction as the rows it speaks of. */
export interface DatasetState {
  readonly dataset: string;
  readonly cursor: Json | null;
  readonly seq: number;
  readonly fetched: number;
  readonly total: number | null;
  readonly done: boolean;
}

/** Where the reading of every dataset stands. */
export async function readStates(client: PgClient, schema: string): Promise<DatasetState[]> {
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT dataset, cursor, seq, fetched, total, done FROM ${qualified(stagingSchema(schema), stateTable)}
     WHERE dataset <> ''`,
  );
  return rows.map((row) => ({
    dataset: row['dataset'] as string,
    cursor: row['cursor'] == null ? null : (JSON.parse(row['cursor']) as Json),
    seq: Number(row['seq']),
    fetched: Number(row['fetched']),
    total: row['total'] == null ? null : Number(row['total']),
    done: row['done'] === 't',
  }));
}

/** The layout of a dataset, as the changes that were saved of it. */
export async function readLayout(client: PgClient, schema: string, dataset: string): Promise<string[]> {
  const { rows } = await client.query<{ change: string }>(
    `SELECT change FROM ${qualified(stagingSchema(schema), layoutTable)} WHERE dataset = $1 ORDER BY part`,
    [dataset],
  );
  return rows.map(({ change }) => change);
}

/**
 * Saves a dataset's state inside the open transaction, and what changed of its layout since the last time. Fails with LEASE_LOST: what a session wrote that was
 * taken over is never committed.
 */
export async function saveState(
  client: PgClient,
  schema: string,
  state: DatasetState,
  change: SavedChange | null,
): Promise<void> {
  await requireLease(client);
  const table = qualified(stagingSchema(schema), stateTable);
  const values = [
    state.dataset,
    JSON.stringify(state.cursor),
    state.seq,
    state.fetched,
    state.total,
    state.done,
  ];
  await client.query(
    `INSERT INTO ${table} (dataset, cursor, seq, fetched, total, done) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (dataset) DO UPDATE SET cursor = excluded.cursor, seq = excluded.seq, fetched = excluded.fetched,
       total = excluded.total, done = excluded.done`,
    values,
  );
  if (change === null) return;
  const layout = qualified(stagingSchema(schema), layoutTable);
  if (change.whole) await client.query(`DELETE FROM ${layout} WHERE dataset = $1`, [state.dataset]);
  await client.query(`INSERT INTO ${layout} (dataset, change) VALUES ($1, $2)`, [state.dataset, change.text]);
}

/** Remembers, in the transaction that finished the tables, that only publishing is left. */
export async function saveFinished(client: PgClient, schema: string, finished: unknown): Promise<void> {
  await requireLease(client);
  const table = qualified(stagingSchema(schema), stateTable);
  await client.query(`UPDATE ${table} SET cursor = $1 WHERE dataset = ''`, [JSON.stringify(finished)]);
}
