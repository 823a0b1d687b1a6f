import type { SqlClient } from '../../engines/engine.ts';
import { type FunctionFacts, isComputing, objection } from './functions.ts';
import type { Grammar } from './grammar.ts';
import { meant } from './meant.ts';
import { refused } from './refused.ts';
import { type Named, type Reading, readStatement } from './statement.ts';

/** A table that a statement reads, as the server knows it. */
export interface ReadTable {
  readonly schema: string;
  readonly name: string;
}

/** Views within views are followed so far. */
const deepestView = 20;
/** Views of one statement that are looked into. */
const mostViews = 200;

interface TableRow {
  readonly at: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly oid: string;
}

/**
 * The second layer: what the names of a statement stand for, by the server that will run it, in the transaction that it will
 * run in. Tables must be in one of `schemas` (by which names without a schema are looked up, in their order); functions,
 * operators and types must be known to be harmless, also those in views. What is unknown is refused by its name. Returns the
 * tables. Fails with QUERY_REFUSED.
 */
export async function insistHarmless(
  client: SqlClient,
  grammar: Grammar,
  reading: Reading,
  schemas: readonly string[],
): Promise<ReadTable[]> {
  const found = await insistTables(client, reading.tables, schemas);
  await insistNames(client, reading, schemas, null);
  await insistViews(client, grammar, found, schemas);
  return found.map(({ schema, name }) => ({ schema, name }));
}

async function insistTables(
  client: SqlClient,
  tables: readonly Named[],
  schemas: readonly string[],
): Promise<TableRow[]> {
  for (const { schema, name, position } of tables) {
    if (schema === null || schemas.includes(schema)) continue;
    const isSystem = schema === 'pg_catalog' || schema === 'information_schema' || schema.startsWith('pg_');
    if (isSystem)
      throw refused('system_table', `“${schema}.${name}” is a table of the server's own.`, { position });
    throw refused('schema', `The schema “${schema}” does not belong to this project.`, {
      position,
      meant: schemas.slice(0, 5),
    });
  }
  if (tables.length === 0) return [];
  const { rows } = await client.query<Record<keyof TableRow, string>>(
    `SELECT DISTINCT ON (w.at) w.at, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.oid
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, at)
     JOIN pg_class c ON c.relname = w.name
     JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($3::text[]) AND n.nspname = coalesce(w.schema, n.nspname)
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c', 't', 'i', 'I')
     ORDER BY w.at, array_position($3::text[], n.nspname::text)`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name), schemas],
  );
  const byPlace = new Map(rows.map((row) => [Number(row.at) - 1, row]));
  const found: TableRow[] = [];
  for (const [at, table] of tables.entries()) {
    const { schema, name, position } = table;
    const row = byPlace.get(at);
    if (!row) {
      if (schema === null && (await isCatalogue(client, name)))
        throw refused('system_table', `“${name}” is a table of the server's own.`, { position });
      throw refused(
        'unknown_table',
        `There is no table “${schema === null ? '' : `${schema}.`}${name}” here.`,
        {
          position,
          meant: await meant.tables(client, schemas, name),
        },
      );
    }
    if (row.kind === 'f') {
      throw refused(
        'foreign_table',
        `“${name}” is a foreign table: to read it reaches out to another place.`,
        {
          position,
        },
      );
    }
    if (!['r', 'p', 'v', 'm'].includes(row.kind))
      throw refused('kind_of_table', `“${name}” is no table or view.`, { position });
    found.push({ ...row, at: Number(row.at) });
  }
  return found;
}

async function isCatalogue(client: SqlClient, name: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_class WHERE relname = $1 AND relnamespace = 'pg_catalog'::regnamespace`,
    [name],
  );
  return rows.length > 0;
}

interface Facts extends FunctionFacts {
  readonly what: 'function' | 'field' | 'operator' | 'cast';
  readonly at: number;
}

type Names = Pick<Reading, 'functions' | 'operators' | 'types' | 'fields'>;

/** `view` is where the names stand, if not in the statement itself: a place in the statement would mean nothing then. */
async function insistNames(
  client: SqlClient,
  names: Names,
  schemas: readonly string[],
  view: string | null,
): Promise<void> {
  const within = view === null ? '' : ` (in the view “${view}”)`;
  const placeOf = ({ position }: Named): { position?: number } => (view === null ? { position } : {});
  for (const one of [...names.functions, ...names.operators, ...names.types]) {
    if (one.schema === null || one.schema === 'pg_catalog' || schemas.includes(one.schema) || view !== null)
      continue;
    throw refused('schema', `“${one.schema}.${one.name}” is outside of this project.`, placeOf(one));
  }
  // In a view names without a schema are the server's own: it prints all others with theirs.
  const path = view === null ? [...schemas] : [];
  const { rows } = await client.query<Record<keyof Facts, string>>(
    `WITH w AS (
       SELECT 'function' AS what, * FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (schema, name, at)
       UNION ALL SELECT 'field', * FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS t (schema, name, at)),
     o AS (SELECT * FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS t (schema, name, at)),
     called AS (
       SELECT w.what, w.at, p.oid FROM w JOIN pg_proc p ON p.proname = w.name
       JOIN pg_namespace n ON n.oid = p.pronamespace AND (n.nspname = w.schema OR w.schema IS NULL AND (n.nspname = 'pg_catalog' OR n.nspname = ANY ($7::text[])))
       WHERE w.what = 'function' OR n.nspname <> 'pg_catalog' AND p.pronargs = 1
       UNION ALL
       SELECT 'operator', o.at, p.oid FROM o JOIN pg_operator r ON r.oprname = o.name
       JOIN pg_namespace n ON n.oid = r.oprnamespace AND (n.nspname = o.schema OR o.schema IS NULL AND n.nspname = ANY ($7::text[]))
       JOIN pg_proc p ON p.oid = r.oprcode WHERE n.nspname <> 'pg_catalog')
     SELECT c.what, c.at, n.nspname AS schema, p.proname AS name, p.provolatile AS volatility, p.prosecdef AS definer,
       l.lanname AS language, e.extname AS extension
     FROM called c JOIN pg_proc p ON p.oid = c.oid JOIN pg_namespace n ON n.oid = p.pronamespace
     JOIN pg_language l ON l.oid = p.prolang
     LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
     LEFT JOIN pg_extension e ON e.oid = d.refobjid`,
    [
      names.functions.map(({ schema }) => schema),
      names.functions.map(({ name }) => name),
      names.fields.map(({ schema }) => schema),
      names.fields.map(({ name }) => name),
      names.operators.map(({ schema }) => schema),
      names.operators.map(({ name }) => name),
      path,
    ],
  );
  for (const row of rows) {
    const why = objection({ ...row, definer: row.definer === 't', extension: row.extension ?? null });
    if (why === null) continue;
    const at = Number(row.at) - 1;
    const [reason, one] =
      row.what === 'operator'
        ? (['operator', names.operators[at]] as const)
        : (['function', (row.what === 'field' ? names.fields : names.functions)[at]] as const);
    const what =
      row.what === 'operator'
        ? `The operator ${one?.name}, which calls “${row.name}”,`
        : `The function “${row.name}”`;
    throw refused(reason, `${what}${within} is not called: ${why}.`, one ? placeOf(one) : {});
  }
  await insistTypes(client, names.types, path, within, placeOf);
}

/** Types of the server, of extensions that only compute, and lists of words; what else somebody made may run code of theirs. */
async function insistTypes(
  client: SqlClient,
  types: readonly Named[],
  path: readonly string[],
  within: string,
  placeOf: (one: Named) => { position?: number },
): Promise<void> {
  if (types.length === 0) return;
  const { rows } = await client.query<{ at: string; kind: string; extension: string | null; cast: string }>(
    `SELECT w.at, t.typtype AS kind, e.extname AS extension,
       EXISTS (SELECT FROM pg_cast c WHERE c.castfunc <> 0 AND (c.castsource = t.oid OR c.casttarget = t.oid)) AS cast
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, at)
     JOIN pg_type t ON t.typname IN (w.name, '_' || w.name)
     JOIN pg_namespace n ON n.oid = t.typnamespace AND n.nspname <> 'pg_catalog'
       AND (n.nspname = w.schema OR w.schema IS NULL AND n.nspname = ANY ($3::text[]))
     LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
     LEFT JOIN pg_extension e ON e.oid = d.refobjid WHERE t.typcategory <> 'A'`,
    [types.map(({ schema }) => schema), types.map(({ name }) => name), path],
  );
  for (const { at, kind, extension, cast } of rows) {
    if (isComputing(extension) || (kind === 'e' && cast !== 't')) continue;
    const one = types[Number(at) - 1] as Named;
    throw refused(
      'type',
      `The type “${one.name}”${within} was made by somebody, and what it does is not known.`,
      placeOf(one),
    );
  }
}

/** Looks into views: the functions in them run with the rights of whoever reads. Tables in them are their owners' to show. */
async function insistViews(
  client: SqlClient,
  grammar: Grammar,
  tables: readonly TableRow[],
  schemas: readonly string[],
): Promise<void> {
  const seen = new Set<string>();
  let next = tables.filter(({ kind }) => kind === 'v').map(({ oid }) => oid);
  for (let depth = 0; next.length > 0; depth += 1) {
    if (depth >= deepestView || seen.size > mostViews)
      throw refused(
        'unknown_table',
        'The views of this statement are built on too many others to be looked into.',
      );
    const fresh = [...new Set(next)].filter((oid) => !seen.has(oid));
    for (const oid of fresh) seen.add(oid);
    const { rows } = await client.query<{ name: string; text: string }>(
      `SELECT n.nspname || '.' || c.relname AS name, pg_get_viewdef(c.oid) AS text
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])`,
      [fresh],
    );
    for (const { name, text } of rows) await insistNames(client, readStatement(grammar, text), schemas, name);
    const { rows: below } = await client.query<{ oid: string }>(
      `SELECT DISTINCT d.refobjid AS oid FROM pg_rewrite r
       JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
       JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'v' WHERE r.ev_class = ANY ($1::oid[]) AND d.refobjid <> r.ev_class`,
      [fresh],
    );
    next = below.map(({ oid }) => oid);
  }
}
