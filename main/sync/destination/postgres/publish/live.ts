import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { ColumnType } from '../../../shape/kinds.ts';
import { createShelf } from '../../../shape/packed.ts';
import { held } from './hold.ts';

export interface LiveColumn {
  readonly name: string;
  /** As PostgreSQL prints it (format_type). */
  readonly type: string;
  /** Its number in the table (attnum); dependencies are recorded by it. */
  readonly number: number;
  readonly notNull: boolean;
}

/** A table of the published schema as it is in the database now. */
export interface LiveTable {
  readonly oid: string;
  readonly name: string;
  /** relkind: `r` for a plain table; anything else is not one of ours any more. */
  readonly kind: string;
  readonly owner: string;
  /** Whether the sync role owns it, or is a member of the role that does. */
  readonly own: boolean;
  /** Read anew for another table each time: to be asked for once by whoever goes through them. */
  readonly columns: ReadonlyMap<string, LiveColumn>;
  /** Columns of the primary key, in its order; empty without one. */
  readonly key: readonly string[];
  readonly keyConstraint: string | null;
  readonly indexes: number;
}

/** What the types of staged columns are called by PostgreSQL. */
const printedTypes: Readonly<Record<string, ColumnType>> = {
  boolean: 'boolean',
  bigint: 'bigint',
  numeric: 'numeric',
  date: 'date',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time without time zone': 'time',
  uuid: 'uuid',
  text: 'text',
  jsonb: 'jsonb',
};

/** The staged type that a printed type is; null for types that Headgate never gives a column. */
export const stagedType = (printed: string): ColumnType | null =>
  Object.hasOwn(printedTypes, printed) ? (printedTypes[printed] as ColumnType) : null;

/** How many tables are looked at in one query: each is locked against changes of its definition for that time. */
const tablesAtOnce = 500;

/** The columns of a table as the query tells them. */
function readColumns(text: string): ReadonlyMap<string, LiveColumn> {
  const columns = JSON.parse(text) as [string, string, number, boolean][];
  return new Map(columns.map(([name, type, number, notNull]) => [name, { name, type, number, notNull }]));
}

/** Reads the named relations of a schema; those that are not there are left out. */
export async function readLive(
  client: PgClient,
  schema: string,
  names: readonly string[],
): Promise<Map<string, LiveTable>> {
  const found = new Map<string, LiveTable>();
  const shelf = createShelf(readColumns);
  for (const some of batchesOf(names, tablesAtOnce)) {
    const { rows } = await client.query<{
      oid: string;
      name: string;
      kind: string;
      owner: string;
      own: string;
      columns: string;
      key: string | null;
      constraint: string | null;
      indexes: string;
    }>(
      `SELECT c.oid, c.relname AS name, c.relkind AS kind, pg_get_userbyid(c.relowner) AS owner,
         pg_has_role(c.relowner, 'USAGE') AS own,
         (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnum, a.attnotnull) ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         (SELECT json_agg(a.attname ORDER BY k.place)
          FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place), pg_attribute a
          WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number) AS key,
         (SELECT conname FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p') AS constraint,
         (SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
      [schema, some],
    );
    for (const row of rows) {
      const columns = shelf(row.columns ?? '[]');
      found.set(row.name, {
        oid: row.oid,
        name: row.name,
        kind: row.kind,
        owner: row.owner,
        own: row.own === 't',
        get columns() {
          return columns();
        },
        key: JSON.parse(row.key ?? '[]') as string[],
        keyConstraint: row.constraint,
        indexes: Number(row.indexes),
      });
    }
  }
  return found;
}

/**
 * Keeps the published tables from being replaced or changed in their definition until the transaction ends, and makes
 * sure that they are the ones that were looked at: a view of somebody else under the name of one would run their code
 * when it is read. Readers and writers are not kept waiting. Fails with PUBLISH_HELD.
 */
export async function lockSame(
  client: PgClient,
  schema: string,
  tables: readonly LiveTable[],
): Promise<void> {
  const names = tables.map(({ name }) => qualified(schema, name));
  await client.query(`LOCK TABLE ${names.map((name) => `ONLY ${name}`).join(', ')} IN ACCESS SHARE MODE`);
  const { rows } = await client.query<{ name: string }>(
    'SELECT t.name FROM unnest($1::text[], $2::oid[]) AS t (name, oid) WHERE to_regclass(t.name) IS DISTINCT FROM t.oid::regclass',
    [names, tables.map(({ oid }) => oid)],
  );
  const [other] = rows;
  if (other)
    throw held(say('sync.replacedSomethingElseMeanwhile', { other: other.name }), ['rename or drop it']);
}
