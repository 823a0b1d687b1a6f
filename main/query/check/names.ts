import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { SqlClient } from '../../engines/engine.ts';
import { type FunctionFacts, isComputing, objection, objectionInPolicy } from './functions.ts';
import { refused } from './refused.ts';
import type { Named, Reading } from './statement.ts';

/** A function that a DBA looked at and allowed, as it was then. */
export interface AllowedFunction {
  readonly schema: string;
  readonly name: string;
  /** MD5 of the definition of each function of this name: one that was changed since is not what was allowed. */
  readonly definitions: readonly string[];
}

/** What of the database a statement may read. */
export interface Scope {
  /** Names without a schema are looked up in these, in their order. */
  readonly schemas: readonly string[];
  readonly functions: readonly AllowedFunction[];
}

/** Where names stand that are not in the statement itself, where a place in the statement would mean nothing. */
export interface Behind {
  readonly kind: 'view' | 'policy';
  readonly name: string;
}

interface Facts extends FunctionFacts {
  /** MD5; null where it is not asked for. */
  readonly definition: string | null;
  readonly what: 'function' | 'field' | 'operator' | 'cast';
  readonly at: number;
}

type Names = Pick<Reading, 'functions' | 'operators' | 'types' | 'fields'>;

/** The objection, or another or none where a DBA allowed the function. */
function unlessAllowed(
  objected: Said,
  { schema, name, definer, extension, definition }: Omit<Facts, 'what' | 'at'>,
  allowed: readonly AllowedFunction[],
): Said | null {
  const found = allowed.find((one) => one.schema === schema && one.name === name);
  if (!found || definer || extension !== null) return objected;
  if (definition !== null && found.definitions.includes(definition)) return null;
  return say('query.why.changed');
}

/** Functions, operators and types must be known to be harmless, or allowed; `behind` is null for those of the statement itself. */
export async function insistNames(
  client: SqlClient,
  names: Names,
  { schemas, functions: allowed }: Scope,
  behind: Behind | null,
): Promise<void> {
  const inside = (what: Said): Said =>
    behind === null ? what : say(`query.inside.${behind.kind}`, { what, name: behind.name });
  const placeOf = ({ position }: Named): { position?: number } => (behind === null ? { position } : {});
  for (const one of [...names.functions, ...names.operators, ...names.types]) {
    if (one.schema === null || one.schema === 'pg_catalog' || schemas.includes(one.schema) || behind !== null)
      continue;
    throw refused('schema', say('query.outsideProject', { schema: one.schema, one: one.name }), placeOf(one));
  }
  // There names without a schema are the server's own: it prints all others with theirs.
  const path = behind === null ? [...schemas] : [];
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
       e.extname AS extension,
       CASE WHEN p.prokind = 'f' AND n.nspname || '.' || p.proname = ANY ($8::text[]) THEN md5(pg_get_functiondef(p.oid)) END AS definition
     FROM called c JOIN pg_proc p ON p.oid = c.oid JOIN pg_namespace n ON n.oid = p.pronamespace
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
      allowed.map(({ schema, name }) => `${schema}.${name}`),
    ],
  );
  for (const row of rows) {
    const facts = { ...row, definer: row.definer === 't', extension: row.extension ?? null };
    const objected = behind?.kind === 'policy' ? objectionInPolicy(facts) : objection(facts);
    const why = objected === null ? null : unlessAllowed(objected, facts, allowed);
    if (why === null) continue;
    const at = Number(row.at) - 1;
    const [reason, one] =
      row.what === 'operator'
        ? (['operator', names.operators[at]] as const)
        : (['function', (row.what === 'field' ? names.fields : names.functions)[at]] as const);
    const what =
      row.what === 'operator'
        ? say('query.theOperator', { name: one?.name ?? '', function: row.name })
        : say('query.theFunction', {
            name: `${row.schema === 'pg_catalog' ? '' : `${row.schema}.`}${row.name}`,
          });
    throw refused(reason, say('query.notCalled', { what: inside(what), why }), one ? placeOf(one) : {});
  }
  await insistTypes(client, names.types, path, inside, placeOf);
}

/** Types of the server, of extensions that only compute, and lists of words; what else somebody made may run code of theirs. */
async function insistTypes(
  client: SqlClient,
  types: readonly Named[],
  path: readonly string[],
  inside: (what: Said) => Said,
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
      say('query.typeMadeSomebodyWhat', { what: inside(say('query.theType', { name: one.name })) }),
      placeOf(one),
    );
  }
}
