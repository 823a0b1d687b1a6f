import type { DictionaryTable } from '../../../../../preload/contract/models.ts';
import { requireOwnTables } from '../../../../engines/postgres/ownership.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import { elementOf, noteFinder, type PersonsNote, tableItself } from '../../../shape/notes.ts';
import { catalogueSchema, dictionaryView, isThere, notesTable } from './names.ts';

/*
 * What people say about tables and columns, for whoever reads the target: the view `headgate.dictionary`. Each role sees the
 * tables that it may read; the table behind the view is nobody's to read.
 */

const table = qualified(catalogueSchema, notesTable);
const view = qualified(catalogueSchema, dictionaryView);
/** Notes that are written in one statement, so that its parameter stays small. */
const notesAtOnce = 500;

const layout = `
CREATE TABLE ${table} (dataset uuid NOT NULL REFERENCES ${qualified(catalogueSchema, 'datasets')} ON DELETE CASCADE,
  table_name text NOT NULL, column_name text NOT NULL, description text, sensitivity text[] NOT NULL,
  PRIMARY KEY (dataset, table_name, column_name));
CREATE VIEW ${view} WITH (security_barrier) AS
  SELECT e.schema_name, e.table_name, e.column_name, e.label, coalesce(n.description, e.description) AS description,
    coalesce(n.sensitivity, '{}') AS sensitivity
  FROM (
    SELECT t.dataset, t.schema_name, t.table_name, 0 AS position, NULL::text AS column_name, NULL::text AS label, t.description
      FROM ${qualified(catalogueSchema, 'tables')} t
    UNION ALL
    SELECT c.dataset, t.schema_name, c.table_name, c.position, c.column_name, c.label, c.description
      FROM ${qualified(catalogueSchema, 'columns')} c JOIN ${qualified(catalogueSchema, 'tables')} t USING (dataset, table_name)
  ) e
  JOIN pg_catalog.pg_namespace s ON s.nspname = e.schema_name
  JOIN pg_catalog.pg_class r ON r.relnamespace = s.oid AND r.relname = e.table_name
  LEFT JOIN ${table} n ON n.dataset = e.dataset AND n.table_name = e.table_name AND n.column_name = coalesce(e.column_name, '')
  WHERE pg_catalog.has_schema_privilege(s.oid, 'USAGE') AND pg_catalog.has_table_privilege(r.oid, 'SELECT')
  ORDER BY e.schema_name, e.table_name, e.position;
COMMENT ON TABLE ${table} IS 'What people say about tables (an empty column name) and columns; to be read through headgate.dictionary.';
COMMENT ON VIEW ${view} IS 'Every table (no column name) and column that you may read: what the source calls it, what it means, whether it is sensitive.';`;

/** What is said of the tables of a dataset. */
export interface SaidOf {
  readonly dataset: string;
  readonly tables: Iterable<DictionaryTable>;
  readonly notes: readonly PersonsNote[];
}

interface Said {
  readonly t: string;
  readonly c: string;
  readonly d: string | null;
  readonly s: readonly string[];
}

function said({ tables, notes }: SaidOf): Said[] {
  if (notes.length === 0) return [];
  const find = noteFinder(notes);
  const found: Said[] = [];
  const add = (t: string, c: string, note: PersonsNote | undefined): void => {
    if (note === undefined || (note.description === null && note.sensitivity.length === 0)) return;
    found.push({ t, c, d: note.description, s: note.sensitivity });
  };
  const known = new Set(notes.map((note) => note.table));
  for (const { id, name, columns } of tables) {
    if (!known.has(id)) continue;
    add(name, '', find(id, tableItself));
    for (const column of columns) add(name, column.name, find(id, elementOf(column)));
  }
  return found;
}

/**
 * Writes what people say of a dataset, of which only what differs, inside the open transaction. `only` are the names of the
 * tables that it is about; all of the dataset unless given. The catalogue has to be there, and ours.
 */
export async function writeNotes(client: PgClient, entry: SaidOf, only?: readonly string[]): Promise<void> {
  await ensure(client);
  const { dataset } = entry;
  const wanted = said(entry);
  await client.query(
    `DELETE FROM ${table} WHERE dataset = $1 AND ($2::text[] IS NULL OR table_name = ANY ($2)) AND (table_name, column_name) NOT IN
       (SELECT * FROM unnest($3::text[], $4::text[]))`,
    [dataset, only ?? null, wanted.map(({ t }) => t), wanted.map(({ c }) => c)],
  );
  for (const some of batchesOf(wanted, notesAtOnce))
    await client.query(
      `INSERT INTO ${table} AS n (dataset, table_name, column_name, description, sensitivity)
       SELECT $1, t, c, d, s FROM jsonb_to_recordset($2::jsonb) AS x (t text, c text, d text, s text[])
       ON CONFLICT (dataset, table_name, column_name) DO UPDATE SET description = excluded.description, sensitivity = excluded.sensitivity
       WHERE (n.description, n.sensitivity) IS DISTINCT FROM (excluded.description, excluded.sensitivity)`,
      [dataset, JSON.stringify(some)],
    );
}

async function ensure(client: PgClient): Promise<void> {
  if (!(await isThere(client, table))) {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('headgate catalogue', 0))");
    if (!(await isThere(client, table))) await client.query(layout);
  }
  await requireOwnTables(client, catalogueSchema, [notesTable]);
}

/** Lets these roles read the view, which shows each of them what it may read anyway. */
export async function letReadDictionary(client: PgClient, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    const { rows } = await client.query<{ may: string }>(
      "SELECT has_table_privilege($1, $2::text, 'SELECT')::text AS may",
      [role, view],
    );
    if (rows[0]?.may !== 'true') await client.query(`GRANT SELECT ON ${view} TO ${ident(role)}`);
  }
}
