import type { Json } from '../../../connectors/json.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { qualified } from '../../../engines/sql.ts';
import { leaseColumns, requireLease, stagingSchema, stateTable } from './lease.ts';

/**
 * The table of a run's state: one row per dataset that is read, and one of the run itself, where `dataset` is empty, with
 * the lease, what is read and how (`identity`), and what is finished. Texts hold JSON: names of a source may have
 * characters that jsonb does not take.
 */
export const createStateTable = (state: string, unlogged: boolean): string =>
  `CREATE ${unlogged ? 'UNLOGGED ' : ''}TABLE ${state} (
    dataset text PRIMARY KEY, cursor text, shape text NOT NULL DEFAULT 'null', seq integer NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(), identity jsonb, finished text, finished_by text,
    finished_at timestamptz, ${leaseColumns})`;

/** Where the reading of one dataset stands; saved in the same transaction as the rows it speaks of. */
export interface DatasetState {
  readonly dataset: string;
  readonly cursor: Json | null;
  readonly shape: unknown;
  readonly seq: number;
  readonly fetched: number;
  readonly total: number | null;
  readonly done: boolean;
}

/** What was read of each dataset, without its layout. */
export async function readTotals(
  client: PgClient,
  schema: string,
): Promise<{ dataset: string; fetched: number; total: number | null }[]> {
  const { rows } = await client.query<{ dataset: string; fetched: string; total: string | null }>(
    `SELECT dataset, fetched, total FROM ${qualified(stagingSchema(schema), stateTable)} WHERE dataset <> ''`,
  );
  return rows.map(({ dataset, fetched, total }) => ({
    dataset,
    fetched: Number(fetched),
    total: total === null ? null : Number(total),
  }));
}

/** Where the reading of every dataset stands. */
export async function readStates(client: PgClient, schema: string): Promise<DatasetState[]> {
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT dataset, cursor, shape, seq, fetched, total, done FROM ${qualified(stagingSchema(schema), stateTable)}
     WHERE dataset <> ''`,
  );
  return rows.map((row) => ({
    dataset: row['dataset'] as string,
    cursor: row['cursor'] == null ? null : (JSON.parse(row['cursor']) as Json),
    shape: JSON.parse(row['shape'] as string),
    seq: Number(row['seq']),
    fetched: Number(row['fetched']),
    total: row['total'] == null ? null : Number(row['total']),
    done: row['done'] === 't',
  }));
}

/**
 * Saves a dataset's state inside the open transaction. Fails with LEASE_LOST: what a session wrote that was
 * taken over is never committed.
 */
export async function saveState(client: PgClient, schema: string, state: DatasetState): Promise<void> {
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
    `INSERT INTO ${table} (dataset, cursor, seq, fetched, total, done, shape) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (dataset) DO UPDATE SET cursor = excluded.cursor, seq = excluded.seq, fetched = excluded.fetched,
       total = excluded.total, done = excluded.done, shape = excluded.shape`,
    [...values, JSON.stringify(state.shape)],
  );
}

/** Remembers, in the open transaction, what is finished and by which job, so that only publishing is left. */
export async function saveFinished(
  client: PgClient,
  schema: string,
  job: string,
  finished: unknown,
): Promise<void> {
  await requireLease(client);
  const table = qualified(stagingSchema(schema), stateTable);
  await client.query(
    `UPDATE ${table} SET finished = $1, finished_by = $2, finished_at = clock_timestamp() WHERE dataset = ''`,
    [JSON.stringify(finished), job],
  );
}
