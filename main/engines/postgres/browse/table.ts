import { createHash } from 'node:crypto';
import { say } from '../../../../preload/messages/said.ts';
import { AppError } from '../../../errors.ts';
import { parseMark } from '../ownership.ts';
import type { PgClient } from '../postgres-client.ts';
import { ident, qualified } from '../sql.ts';

export interface BrowsedColumn {
  readonly name: string;
  /** PostgreSQL's name of the type. */
  readonly type: string;
  readonly comment: string | null;
}

/** A table as it is for as long as the transaction lasts. */
export interface BrowsedTable {
  /** What it is read from, quoted; without tables that somebody let inherit from it. */
  readonly from: string;
  readonly columns: readonly BrowsedColumn[];
  /** What tells its rows apart, quoted: the columns of its key, or the place of the row where it has none. */
  readonly key: readonly { readonly sql: string; readonly type: string }[];
  /** Another text after every publish; columns that are made ahead of one, and comments, change no rows. */
  readonly version: string;
  /** The job that published it; null where the mark does not say. */
  readonly job: string | null;
}

/**
 * What the table is called in a statement. Without it ORDER BY would take a value as text for the column of the same name, which
 * sorts otherwise.
 */
export const self = 'browsed';

/** A column of the table itself, quoted. */
export const own = (name: string): string => `${self}.${ident(name)}`;

/** What the server is told before anything is read: a transaction that sees one state and changes nothing. */
export const stillBounds = (statementMs: number): string =>
  `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${statementMs}; SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'ISO, YMD'`;

async function isTable(client: PgClient, schema: string, table: string): Promise<boolean> {
  await client.query('ROLLBACK');
  const { rows } = await client.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`,
    [schema, table],
  );
  return rows.length > 0;
}

interface Facts {
  readonly oid: string;
  readonly kind: string;
  readonly mark: string | null;
  readonly columns: string;
  readonly key: string | null;
}

/**
 * Holds a table still and describes it, at the beginning of a transaction of {@link stillBounds}. The lock comes before
 * the state that is seen: a publish that would put another table under this name waits for us, or we for it, and what is read
 * is of one publish. Fails with NOT_FOUND.
 */
export async function stillTable(client: PgClient, schema: string, table: string): Promise<BrowsedTable> {
  const name = qualified(schema, table);
  const gone = (): AppError => new AppError('NOT_FOUND', say('engine.schemaNoTable', { schema, table }));
  try {
    await client.query(`LOCK TABLE ONLY ${name} IN ACCESS SHARE MODE`);
  } catch (error) {
    const { code } = error as { code?: unknown };
    // No such table, or a view of this name, which is none of ours.
    if (code === '42P01' || code === '3F000' || code === '42809') throw gone();
    // A view asks for the rights of what is behind it; it is no table whoever it belongs to.
    if (code === '42501' && !(await isTable(client, schema, table))) throw gone();
    throw error;
  }
  const { rows } = await client.query<Facts>(
    `SELECT c.oid::text AS oid, c.relkind::text AS kind, obj_description(n.oid, 'pg_namespace') AS mark,
       (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
          'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum), '[]')
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY k.position)
        FROM pg_index i JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, position) ON true
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisprimary)::text AS key
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`,
    [schema, table],
  );
  const [facts] = rows;
  if (facts === undefined) throw gone();
  const key = JSON.parse(facts.key ?? '[]') as { name: string; type: string }[];
  const digest = createHash('sha256').update(JSON.stringify([facts.oid, facts.mark]));
  return {
    from: `${facts.kind === 'r' ? `ONLY ${name}` : name} AS ${self}`,
    columns: JSON.parse(facts.columns) as BrowsedColumn[],
    key:
      key.length === 0
        ? [{ sql: `${self}.ctid`, type: 'tid' }]
        : key.map(({ name, type }) => ({ sql: own(name), type })),
    version: digest.digest('base64url').slice(0, 22),
    job: parseMark(facts.mark)?.job ?? null,
  };
}

/** The values of a statement that is being put together, each by its place. */
export interface Places {
  readonly values: string[];
  /** Puts a value into the statement: the text that stands for it. */
  put(value: string): string;
}

export function places(): Places {
  const values: string[] = [];
  return { values, put: (value) => `$${values.push(value)}::text` };
}
