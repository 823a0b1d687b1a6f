import type { DatasetSpec, Slice } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import type { Shape } from '../../../shape/shape.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { columnName, leftAlone, stagingTable } from '../staged-tables.ts';
import { goneTable, saveGone } from '../state.ts';
import { inTransaction } from '../transaction.ts';
import type { MainPlace } from './place.ts';

/**
 * The records that there will be once what was read is published, by the field they are counted by: those that are
 * published, without what is gone, and with what was read.
 */
export interface LocalSet {
  count(slice: Slice): Promise<number>;
  /**
   * Instants that divide a slice into at most so many parts of about equal numbers; fewer, or none, where records share an
   * instant.
   */
  divide(slice: Slice, parts: number): Promise<string[]>;
  /** The instant behind so many records of a slice; null where there are no more. */
  behind(slice: Slice, records: number): Promise<string | null>;
  /** The latest instant there is; null without any. */
  last(): Promise<string | null>;
  /**
   * Takes what a slice was found to hold, all of it staged since the record `seq`: what else was in it is gone. Returns how
   * many are.
   */
  replace(slice: Slice, seq: number, now: number): Promise<number>;
}

const tellsInstant = (expression: string): string =>
  `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS')`;

/** SQL over `t`, and its parameters. */
function inSlice({ from, until }: Slice): { readonly sql: string; readonly values: string[] } {
  const values: string[] = [];
  const conditions: string[] = [];
  for (const [bound, operator] of [
    [from, '>='],
    [until, '<'],
  ] as const) {
    if (bound === null) continue;
    values.push(`${bound}Z`);
    conditions.push(`t ${operator} $${values.length}::timestamptz`);
  }
  return { sql: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}

/**
 * The set of what is published and staged now. It is made in a table of the staging schema as soon as more is asked of it than
 * how many records there are: where nothing differs that is all.
 */
export function openLocal(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  field: string,
  place: MainPlace,
): LocalSet {
  const main = shape.tables[0];
  const column = main?.columns.find(({ path }) => shape.paths[path]?.segments.join('.') === field);
  if (main === undefined || column === undefined) throw new TypeError(`no column for ${field}`);
  const staging = stagingSchema(schema);
  const staged = qualified(staging, stagingTable(spec.name, main));
  const gone = qualified(staging, goneTable);
  const table = qualified(staging, `_local_${spec.name}`);
  const time = `date_trunc('milliseconds', s.${columnName(column.path)})`;
  const isGone = (key: string, more = ''): string =>
    `EXISTS (SELECT FROM ${gone} g WHERE g.dataset = $1 AND g.k = ${key}${more})`;
  const members = `
    SELECT l.${ident(place.key)} AS k, date_trunc('milliseconds', l.${ident(place.field)}) AS t FROM ONLY ${qualified(schema, place.table)} l
    WHERE NOT EXISTS (SELECT FROM ${staged} s WHERE s.k = l.${ident(place.key)}) AND NOT ${isGone(`l.${ident(place.key)}`)}
    UNION ALL
    SELECT k, t FROM (SELECT DISTINCT ON (s.k) s.k, ${time} AS t, s._v FROM ${staged} s ORDER BY s.k, s._v DESC) s
    WHERE NOT ${isGone('s.k', ' AND g.v >= s._v')}`;
  const make = (): Promise<void> =>
    inTransaction(client, async () => {
      await requireLease(client);
      await client.query(`DROP TABLE IF EXISTS ${table}`);
      await client.query(
        `CREATE UNLOGGED TABLE ${table} (k text NOT NULL, t timestamptz) WITH (${leftAlone})`,
      );
      await client.query(`INSERT INTO ${table} (k, t) ${members}`, [spec.name]);
      await client.query(`CREATE UNIQUE INDEX ON ${table} (k)`);
      await client.query(`CREATE INDEX ON ${table} (t)`);
      await client.query(`ANALYZE ${table}`);
    });
  let isMade = false;
  /** Of everything, as long as the table is not made. */
  let counted: number | null = null;
  const made = async (): Promise<void> => {
    if (!isMade) await make();
    isMade = true;
  };
  const one = async (sql: string, values: readonly unknown[]): Promise<string | null> =>
    inTransaction(client, async () => {
      const { rows } = await client.query<{ found: string | null }>(sql, [...values]);
      return rows[0]?.found ?? null;
    });
  return {
    async count(slice) {
      if (!isMade && slice.from === null && slice.until === null) {
        counted ??= Number(await one(`SELECT count(*) AS found FROM (${members}) members`, [spec.name]));
        return counted;
      }
      await made();
      const { sql, values } = inSlice(slice);
      return Number(await one(`SELECT count(*) AS found FROM ${table} WHERE ${sql}`, values));
    },
    async divide(slice, parts) {
      await made();
      const { sql, values } = inSlice(slice);
      const shares = Array.from({ length: parts - 1 }, (_, at) => (at + 1) / parts);
      const { rows } = await inTransaction(client, () =>
        client.query<{ at: string }>(
          `SELECT DISTINCT ${tellsInstant('at')} AS at FROM (
             SELECT min(t) AS first, percentile_disc($${values.length + 1}::float8[]) WITHIN GROUP (ORDER BY t) AS shares
             FROM ${table} WHERE ${sql} AND t IS NOT NULL) found, unnest(shares) AS at
           WHERE at > first ORDER BY 1`,
          [...values, shares],
        ),
      );
      return rows.map(({ at }) => at);
    },
    async behind(slice, records) {
      await made();
      const { sql, values } = inSlice(slice);
      return one(
        `SELECT ${tellsInstant('t')} AS found FROM ${table} WHERE ${sql} AND t IS NOT NULL ORDER BY t OFFSET $${values.length + 1}::bigint LIMIT 1`,
        [...values, records],
      );
    },
    async last() {
      await made();
      return one(`SELECT ${tellsInstant('max(t)')} AS found FROM ${table}`, []);
    },
    async replace(slice, seq, now) {
      await made();
      const { sql, values } = inSlice(slice);
      const at = values.length + 1;
      return inTransaction(client, async () => {
        await requireLease(client);
        const { rows } = await client.query<{ k: string }>(
          `DELETE FROM ${table} l WHERE ${sql}
             AND NOT EXISTS (SELECT FROM ${staged} s WHERE s.k = l.k AND s._v > $${at}::int) RETURNING l.k`,
          [...values, seq],
        );
        await saveGone(
          client,
          schema,
          spec.name,
          rows.map(({ k }) => k),
          now,
        );
        await client.query(
          `INSERT INTO ${table} (k, t) SELECT DISTINCT ON (s.k) s.k, ${time} FROM ${staged} s WHERE s._v > $1::int
           ORDER BY s.k, s._v DESC ON CONFLICT (k) DO UPDATE SET t = excluded.t`,
          [seq],
        );
        return rows.length;
      });
    },
  };
}
