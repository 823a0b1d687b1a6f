import type { Json } from '../../../connectors/json.ts';
import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../engines/postgres/sql.ts';
import type { SavedChange } from '../../shape/saved.ts';
import { leaseColumns, requireLease, stagingSchema, stateTable } from './lease.ts';

/** Holds the layouts of the datasets as changes, one behind the other. */
const layoutTable = '_headgate_layout';

/** Holds what is finished, some tables in each row. */
const finishedTable = '_headgate_finished';

/** Holds, for each dataset whose changes can be found, where its source stood before anything was read. */
const markTable = '_headgate_marks';

/** Holds the keys of records that are not at the source any more, where only changes are read. */
export const goneTable = '_headgate_gone';

/** Names of the tables that hold the state of a run. */
export const stateTables = [stateTable, layoutTable, finishedTable, markTable, goneTable] as const;

/**
 * Makes the tables of a run's state: one row per dataset that is read, and one of the run itself, where `dataset` is
 * empty, with the lease, what is read and how (`identity`), and that it is finished; the layouts; and what is finished. What they hold of the
 * source's own making is text and not jsonb, which takes neither NUL nor half a surrogate pair.
 */
export function createStateTables(staging: string, unlogged: boolean): string {
  const create = unlogged ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE';
  return `${create} ${qualified(staging, stateTable)} (
    dataset text PRIMARY KEY, cursor text, seq integer NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(), identity jsonb, finished text, finished_by text,
    finished_at timestamptz, ${leaseColumns});
   ${create} ${qualified(staging, layoutTable)} (
    part bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dataset text NOT NULL, change text NOT NULL);
   ${create} ${qualified(staging, finishedTable)} (
    part bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, content text NOT NULL);
   ${create} ${qualified(staging, markTable)} (dataset text PRIMARY KEY, mark text NOT NULL);
   ${create} ${qualified(staging, goneTable)} (
    dataset text NOT NULL, k text NOT NULL, v integer NOT NULL, PRIMARY KEY (dataset, k))`;
}

/** What is remembered of each dataset whose changes can be found. */
export async function readMarks(client: PgClient, schema: string): Promise<Map<string, Json>> {
  const { rows } = await client.query<{ dataset: string; mark: string }>(
    `SELECT dataset, mark FROM ${qualified(stagingSchema(schema), markTable)}`,
  );
  return new Map(rows.map(({ dataset, mark }) => [dataset, JSON.parse(mark) as Json]));
}

/** Remembers it inside the open transaction. */
export async function saveMark(client: PgClient, schema: string, dataset: string, mark: Json): Promise<void> {
  await requireLease(client);
  await client.query(
    `INSERT INTO ${qualified(stagingSchema(schema), markTable)} (dataset, mark) VALUES ($1, $2)
     ON CONFLICT (dataset) DO UPDATE SET mark = excluded.mark`,
    [dataset, JSON.stringify(mark)],
  );
}

/**
 * Remembers inside the open transaction that records are gone; `v` is the number of the record that was read last, so that
 * what is read of them later counts for more.
 */
export async function saveGone(
  client: PgClient,
  schema: string,
  dataset: string,
  keys: readonly string[],
  v: number,
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `INSERT INTO ${qualified(stagingSchema(schema), goneTable)} (dataset, k, v)
     SELECT $1, k, $3 FROM unnest($2::text[]) AS k GROUP BY k ON CONFLICT (dataset, k) DO UPDATE SET v = excluded.v`,
    [dataset, keys, v],
  );
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

/** What was read of each dataset, and what its source had announced. */
export async function readTotals(
  client: PgClient,
  schema: string,
): Promise<{ dataset: string; fetched: number; total: number | null }[]> {
  const states = await readStates(client, schema);
  return states.map(({ dataset, fetched, total }) => ({ dataset, fetched, total }));
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

/** Remembers, in the open transaction, what is finished and by which job: what is said of all of it, and its parts. */
export async function saveFinishedParts(
  client: PgClient,
  schema: string,
  job: string,
  head: string,
  parts: Iterable<string>,
): Promise<void> {
  await requireLease(client);
  const table = qualified(stagingSchema(schema), finishedTable);
  await client.query(`DELETE FROM ${table}`);
  for (const part of parts) await client.query(`INSERT INTO ${table} (content) VALUES ($1)`, [part]);
  await client.query(
    `UPDATE ${qualified(stagingSchema(schema), stateTable)} SET finished = $1, finished_by = $2, finished_at = clock_timestamp()
     WHERE dataset = ''`,
    [head, job],
  );
}

/** The parts of what is finished, one after the other, in their order. */
export async function* readFinishedParts(client: PgClient, schema: string): AsyncGenerator<string, void> {
  const table = qualified(stagingSchema(schema), finishedTable);
  for (let last = '0'; ; ) {
    const { rows } = await client.query<{ part: string; content: string }>(
      `SELECT part, content FROM ${table} WHERE part > $1 ORDER BY part LIMIT 1`,
      [last],
    );
    const [row] = rows;
    if (!row) return;
    yield row.content;
    last = row.part;
  }
}
