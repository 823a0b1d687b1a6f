import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Json } from '../connectors/json.ts';
import { requireOwn, writeMark } from '../engines/ownership.ts';
import type { PgClient } from '../engines/postgres-client.ts';
import { ident, qualified } from '../engines/sql.ts';
import { stagingSuffix } from './naming.ts';

/** Raised when the layout of staging schemas changes: one of another version is thrown away and read anew. */
const layoutVersion = 1;
/** Pieces that COPY data is handed over in: large enough to keep the socket busy, small enough not to double a page. */
const copyChunkBytes = 256 * 1024;
/** A staging schema older than this is not continued: what it holds would be published as if it were new. */
const longestAgeHours = 72;

export const stateTable = '_headgate_state';
export const stagingSchema = (schema: string): string => `${schema}${stagingSuffix}`;

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

export interface StagingIdentity {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  /** What is read and how; another one makes a staging schema useless. */
  readonly fingerprint: string;
}

/**
 * Opens the staging schema beside `schema`: continues the one that is there, or makes a fresh one. Returns the saved
 * states and whether everything is read, finished and waiting only to be published. `startedAt` is when the reading
 * began, by the server's clock: the data is complete up to then. Fails with SCHEMA_NOT_OURS.
 */
export async function openStaging(
  client: PgClient,
  identity: StagingIdentity,
): Promise<{ states: DatasetState[]; finished: unknown; startedAt: string }> {
  const staging = stagingSchema(identity.schema);
  const state = qualified(staging, stateTable);
  await client.query('BEGIN');
  await requireOwn(client, identity.schema, identity.dataset, 'live');
  const { exists } = await requireOwn(client, staging, identity.dataset, 'staging');
  if (exists) {
    const { rows } = await client.query<{ shape: string; cursor: string | null; started: string }>(
      `SELECT shape, cursor, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started
       FROM ${state} WHERE dataset = '' AND shape = $1::jsonb AND started_at > now() - $2::interval`,
      [
        JSON.stringify({ layout: layoutVersion, fingerprint: identity.fingerprint }),
        `${longestAgeHours} hours`,
      ],
    );
    const run = rows[0];
    if (run) {
      const saved = await client.query<Record<string, string | null>>(
        `SELECT dataset, cursor, shape, seq, fetched, total, done FROM ${state} WHERE dataset <> ''`,
      );
      await client.query('COMMIT');
      return {
        states: saved.rows.map((row) => ({
          dataset: row['dataset'] as string,
          cursor: row['cursor'] == null ? null : (JSON.parse(row['cursor']) as Json),
          shape: JSON.parse(row['shape'] as string),
          seq: Number(row['seq']),
          fetched: Number(row['fetched']),
          total: row['total'] == null ? null : Number(row['total']),
          done: row['done'] === 't',
        })),
        finished: run.cursor === null ? null : JSON.parse(run.cursor),
        startedAt: run.started,
      };
    }
    await client.query(`DROP SCHEMA ${ident(staging)} CASCADE`);
  }
  await client.query(`CREATE SCHEMA ${ident(staging)}`);
  await writeMark(client, staging, {
    dataset: identity.dataset,
    workspace: identity.workspace,
    role: 'staging',
    tables: [],
  });
  await client.query(`CREATE TABLE ${state} (
    dataset text PRIMARY KEY, cursor jsonb, shape jsonb NOT NULL, seq integer NOT NULL DEFAULT 0,
    fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL DEFAULT now())`);
  const { rows } = await client.query<{ started: string }>(
    `INSERT INTO ${state} (dataset, shape) VALUES ('', $1)
     RETURNING to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started`,
    [JSON.stringify({ layout: layoutVersion, fingerprint: identity.fingerprint })],
  );
  await client.query('COMMIT');
  return { states: [], finished: null, startedAt: rows[0]?.started as string };
}

/** Rows for one COPY, in pieces. */
export interface CopyData {
  readonly sql: string;
  readonly data: readonly Buffer[];
}

function* chunks(pieces: readonly Buffer[]): Generator<Buffer> {
  for (const data of pieces) {
    for (let at = 0; at < data.byteLength; at += copyChunkBytes) yield data.subarray(at, at + copyChunkBytes);
  }
}

/** Writes rows inside the open transaction. */
export async function writeCopies(client: PgClient, copies: readonly CopyData[]): Promise<void> {
  for (const { sql, data } of copies) {
    const stream = client.query(copyFrom(sql));
    await pipeline(Readable.from(chunks(data), { objectMode: false, highWaterMark: copyChunkBytes }), stream);
  }
}

/** Saves a dataset's state inside the open transaction. A shape of `undefined` did not change and is left as it is. */
export async function saveState(
  client: PgClient,
  schema: string,
  state: Omit<DatasetState, 'shape'> & { shape: unknown | undefined },
): Promise<void> {
  const table = qualified(stagingSchema(schema), stateTable);
  const values = [
    state.dataset,
    JSON.stringify(state.cursor),
    state.seq,
    state.fetched,
    state.total,
    state.done,
  ];
  if (state.shape === undefined) {
    await client.query(
      `UPDATE ${table} SET cursor = $2, seq = $3, fetched = $4, total = $5, done = $6 WHERE dataset = $1`,
      values,
    );
    return;
  }
  await client.query(
    `INSERT INTO ${table} (dataset, cursor, seq, fetched, total, done, shape) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (dataset) DO UPDATE SET cursor = excluded.cursor, seq = excluded.seq, fetched = excluded.fetched,
       total = excluded.total, done = excluded.done, shape = excluded.shape`,
    [...values, JSON.stringify(state.shape)],
  );
}

/** Remembers, in the transaction that finished the tables, that only publishing is left. */
export async function saveFinished(client: PgClient, schema: string, finished: unknown): Promise<void> {
  const table = qualified(stagingSchema(schema), stateTable);
  await client.query(`UPDATE ${table} SET cursor = $1 WHERE dataset = ''`, [JSON.stringify(finished)]);
}
