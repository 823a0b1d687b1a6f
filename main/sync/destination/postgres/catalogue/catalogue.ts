import type { DictionaryTable, Drift } from '../../../../../preload/contract/models.ts';
import type { Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import {
  readOwnership,
  requireOwn,
  requireOwnTables,
  writeMark,
} from '../../../../engines/postgres/ownership.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import type { PersonsNote } from '../../../shape/notes.ts';
import { type Tables, tablesByName } from '../../../shape/packed.ts';
import { inTransaction } from '../transaction.ts';
import { catalogueSchema, isThere, notesTable, scheduleTable } from './names.ts';
import { letReadDictionary, writeNotes } from './notes.ts';

const tableNames = ['datasets', 'tables', 'columns', 'changes'] as const;
/** Changes kept per dataset. */
const keptChanges = 5000;

export interface CatalogueEntry {
  readonly dataset: string;
  readonly workspace: string;
  readonly schema: string;
  readonly job: string;
  readonly source: string;
  readonly dataAsOf: string;
  readonly tables: Tables;
  /** The tables as they were written at the last publish, as far as it is known: what is equal is not written again. */
  readonly before: Tables;
  readonly drift: readonly Drift[];
  /** What people say of the tables; nothing unless given. */
  readonly notes?: readonly PersonsNote[];
  readonly readerRoles: readonly string[];
}

const name = (table: (typeof tableNames)[number]): string => qualified(catalogueSchema, table);

const layout = `
CREATE TABLE ${name('datasets')} (dataset uuid PRIMARY KEY, schema_name text NOT NULL, source text NOT NULL,
  data_as_of timestamptz NOT NULL, published_at timestamptz NOT NULL, workspace uuid NOT NULL, job uuid NOT NULL);
CREATE TABLE ${name('tables')} (dataset uuid NOT NULL REFERENCES ${name('datasets')} ON DELETE CASCADE, table_name text NOT NULL,
  schema_name text NOT NULL, table_id text NOT NULL, source_dataset text NOT NULL, row_count bigint NOT NULL, description text,
  source text NOT NULL, PRIMARY KEY (dataset, table_name));
CREATE TABLE ${name('columns')} (dataset uuid NOT NULL, table_name text NOT NULL, position integer NOT NULL,
  column_name text NOT NULL, data_type text NOT NULL, null_share real, distinct_values bigint, source_path text, label text,
  description text, PRIMARY KEY (dataset, table_name, column_name),
  FOREIGN KEY (dataset, table_name) REFERENCES ${name('tables')} ON DELETE CASCADE);
CREATE TABLE ${name('changes')} (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset uuid NOT NULL REFERENCES ${name('datasets')} ON DELETE CASCADE, changed_at timestamptz NOT NULL, kind text NOT NULL,
  table_name text NOT NULL, column_name text, type_before text, type_after text, job uuid NOT NULL);
CREATE INDEX ON ${name('changes')} (dataset, seq);
COMMENT ON TABLE ${name('datasets')} IS 'One row per schema that Headgate keeps fresh in this database: where the data is from and up to when it is complete.';
COMMENT ON TABLE ${name('tables')} IS 'The tables of those schemas, with exact row counts as published last.';
COMMENT ON TABLE ${name('columns')} IS 'Their columns: type, where the values are in the source record, how many are null.';
COMMENT ON TABLE ${name('changes')} IS 'Tables and columns that were added, removed or got another type from one refresh to the next.';
COMMENT ON COLUMN ${name('columns')}.null_share IS '0 to 1, estimated from a sample when it was published';
COMMENT ON COLUMN ${name('columns')}.distinct_values IS 'How many different values there are, estimated from a sample';
COMMENT ON COLUMN ${name('columns')}.source_path IS 'Where the values are in the record of the source';
COMMENT ON COLUMN ${name('columns')}.label IS 'What the source calls it, e.g. the text of a question';
COMMENT ON COLUMN ${name('datasets')}.data_as_of IS 'The tables are complete up to this moment';`;

/**
 * Writes what people say of one table of a dataset, inside an open transaction; false where there is no catalogue of ours
 * that tells of the dataset. Fails with SCHEMA_NOT_OURS like a publish.
 */
export async function noteInCatalogue(
  client: PgClient,
  entry: {
    readonly dataset: string;
    readonly table: DictionaryTable;
    readonly notes: readonly PersonsNote[];
  },
): Promise<boolean> {
  const { mark, ownedByUs } = await readOwnership(client, catalogueSchema);
  if (mark?.role !== 'catalogue' || !ownedByUs) return false;
  await requireOwnTables(client, catalogueSchema, tableNames);
  const { rows } = await client.query(`SELECT 1 FROM ${name('datasets')} WHERE dataset = $1`, [
    entry.dataset,
  ]);
  if (rows.length === 0) return false;
  const { dataset, notes, table } = entry;
  await writeNotes(client, { dataset, notes, tables: [table] }, [table.name]);
  return true;
}

/**
 * Writes what is published into the `headgate` schema, inside the open publish transaction but behind a savepoint: a
 * user who may not create or write it still gets the data. Returns why it was not written, in words; null when it was.
 */
export async function updateCatalogue(client: PgClient, entry: CatalogueEntry): Promise<Said | null> {
  await client.query('SAVEPOINT headgate_catalogue');
  try {
    await ensureCatalogue(client);
    await write(client, entry);
    await client.query('RELEASE SAVEPOINT headgate_catalogue');
    return null;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // A lost session, or a lock that the whole publish waits for, is not the catalogue's affair.
    if (code === undefined || code === '55P03' || code === '40P01' || code.startsWith('57P')) throw error;
    await client.query('ROLLBACK TO SAVEPOINT headgate_catalogue');
    return say('sync.catalogueNotUpdated', { schema: catalogueSchema, why: message.replace(/\.$/, '') });
  }
}

/**
 * Makes the catalogue inside an open transaction, where there is none. Fails with SCHEMA_NOT_OURS where the schema or one of
 * its tables is somebody else's: what is on it would run with our rights.
 */
export async function ensureCatalogue(client: PgClient): Promise<void> {
  let { exists } = await readOwnership(client, catalogueSchema);
  if (!exists) {
    // Two first publishes at once: the second waits here and then finds the schema.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('headgate catalogue', 0))");
    ({ exists } = await readOwnership(client, catalogueSchema));
  }
  if (exists) {
    await requireOwn(client, catalogueSchema, '', 'catalogue');
    await requireOwnTables(client, catalogueSchema, tableNames);
    return;
  }
  await client.query(`CREATE SCHEMA ${ident(catalogueSchema)}`);
  await client.query(layout);
  await writeMark(client, catalogueSchema, {
    dataset: '',
    workspace: '',
    role: 'catalogue',
    tables: tableNames,
  });
}

/** Tables whose entries are written in one statement, so that its parameter stays small. */
const tablesAtOnce = 100;

/** Writes the entries of tables that changed; of those whose columns are as before only what else differs. */
async function writeTables(client: PgClient, entry: CatalogueEntry): Promise<void> {
  const { dataset, schema, tables } = entry;
  const { rows } = await client.query<{ name: string; columns: string }>(
    `SELECT t.table_name AS name, count(c.column_name) AS columns FROM ${name('tables')} t
     LEFT JOIN ${name('columns')} c USING (dataset, table_name) WHERE t.dataset = $1 GROUP BY 1`,
    [dataset],
  );
  const written = new Map(rows.map((row) => [row.name, Number(row.columns)]));
  const before = tablesByName(entry.before);
  const stay = new Set<string>();
  for (const table of tables) {
    const isSame =
      written.get(table.name) === table.columns.length &&
      JSON.stringify(before(table.name)?.columns) === JSON.stringify(table.columns);
    if (isSame) stay.add(table.name);
  }
  const old = [...written.keys()].filter((table) => !stay.has(table));
  if (old.length > 0)
    await client.query(`DELETE FROM ${name('tables')} WHERE dataset = $1 AND table_name = ANY ($2)`, [
      dataset,
      old,
    ]);
  for (const some of chosen(tables, ({ name }) => stay.has(name))) {
    const told = some.map(({ columns: _, ...table }) => table);
    await client.query(
      `UPDATE ${name('tables')} w SET row_count = n.rows, description = n.description, source = n.source, schema_name = $2,
         table_id = n.id, source_dataset = n.dataset
       FROM jsonb_to_recordset($3::jsonb) AS n (name text, id text, dataset text, rows bigint, description text, source text)
       WHERE w.dataset = $1 AND w.table_name = n.name AND (w.row_count, w.description, w.source, w.schema_name, w.table_id, w.source_dataset)
         IS DISTINCT FROM (n.rows, n.description, n.source, $2, n.id, n.dataset)`,
      [dataset, schema, JSON.stringify(told)],
    );
  }
  for (const some of chosen(tables, ({ name }) => !stay.has(name)))
    await insertTables(client, dataset, schema, some);
}

/** The tables that are meant, in batches. */
function* chosen(
  tables: Tables,
  isMeant: (table: DictionaryTable) => boolean,
): Generator<DictionaryTable[], void> {
  let batch: DictionaryTable[] = [];
  for (const table of tables) {
    if (!isMeant(table)) continue;
    batch.push(table);
    if (batch.length < tablesAtOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function insertTables(
  client: PgClient,
  dataset: string,
  schema: string,
  tables: readonly DictionaryTable[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${name('tables')} (dataset, schema_name, table_name, table_id, source_dataset, row_count, description, source)
     SELECT $1, $2, t->>'name', t->>'id', t->>'dataset', (t->>'rows')::bigint, t->>'description', t->>'source'
     FROM jsonb_array_elements($3::jsonb) t`,
    [dataset, schema, JSON.stringify(tables)],
  );
  await client.query(
    `INSERT INTO ${name('columns')} (dataset, table_name, position, column_name, data_type, null_share, distinct_values,
       source_path, label, description)
     SELECT $1, t->>'name', at, c->>'name', c->>'type', (c->>'nullShare')::real, (c->>'distinct')::numeric::bigint,
       c->>'sourcePath', c->>'label', c->>'description'
     FROM jsonb_array_elements($2::jsonb) t, jsonb_array_elements(t->'columns') WITH ORDINALITY x (c, at)`,
    [dataset, JSON.stringify(tables)],
  );
}

async function write(client: PgClient, entry: CatalogueEntry): Promise<void> {
  const { dataset } = entry;
  await client.query(
    `INSERT INTO ${name('datasets')} (dataset, schema_name, source, data_as_of, published_at, workspace, job)
     VALUES ($1, $2, $3, $4, now(), $5, $6) ON CONFLICT (dataset) DO UPDATE SET schema_name = excluded.schema_name,
       source = excluded.source, data_as_of = excluded.data_as_of, published_at = excluded.published_at,
       workspace = excluded.workspace, job = excluded.job`,
    [dataset, entry.schema, entry.source, entry.dataAsOf, entry.workspace, entry.job],
  );
  await writeTables(client, entry);
  await writeNotes(client, { ...entry, notes: entry.notes ?? [] });
  await client.query(
    `INSERT INTO ${name('changes')} (dataset, changed_at, kind, table_name, column_name, type_before, type_after, job)
     SELECT $1, now(), c->>'kind', c->>'table', c->>'column', c->>'before', c->>'after', $3
     FROM jsonb_array_elements($2::jsonb) c`,
    [dataset, JSON.stringify(entry.drift), entry.job],
  );
  await client.query(
    `DELETE FROM ${name('changes')} WHERE dataset = $1 AND seq <=
       (SELECT seq FROM ${name('changes')} WHERE dataset = $1 ORDER BY seq DESC OFFSET ${keptChanges} LIMIT 1)`,
    [dataset],
  );
  await letReadDictionary(client, entry.readerRoles);
  for (const role of entry.readerRoles) {
    const { rows } = await client.query<{ may: string }>(
      "SELECT has_schema_privilege($1, $2, 'USAGE') AND bool_and(has_table_privilege($1, $3::text || t, 'SELECT')) AS may FROM unnest($4::text[]) t",
      [role, catalogueSchema, `${ident(catalogueSchema)}.`, tableNames],
    );
    if (rows[0]?.may === 't') continue;
    await client.query(`GRANT USAGE ON SCHEMA ${ident(catalogueSchema)} TO ${ident(role)}`);
    await client.query(
      `GRANT SELECT ON ${tableNames.map((table) => name(table)).join(', ')} TO ${ident(role)}`,
    );
  }
}

/** Forgets a dataset whose schema was dropped, where there is a catalogue of ours that this user may write. */
export async function forgetInCatalogue(client: PgClient, dataset: string): Promise<void> {
  await inTransaction(client, async () => {
    const { mark, ownedByUs } = await readOwnership(client, catalogueSchema);
    if (mark?.role !== 'catalogue' || !ownedByUs) return;
    await requireOwnTables(client, catalogueSchema, [...tableNames, scheduleTable, notesTable]);
    await client.query(`DELETE FROM ${name('datasets')} WHERE dataset = $1`, [dataset]);
    const schedule = qualified(catalogueSchema, scheduleTable);
    if (await isThere(client, schedule))
      await client.query(`DELETE FROM ${schedule} WHERE dataset = $1`, [dataset]);
  });
}
