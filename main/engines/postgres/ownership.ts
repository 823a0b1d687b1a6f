import type { Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { PgClient } from './postgres-client.ts';
import { ident, literal } from './sql.ts';

/**
 * The mark that makes a schema ours: a comment on it. Without a mark naming the same dataset Headgate neither writes
 * into a schema nor drops it.
 */
export interface Ownership {
  readonly dataset: string;
  readonly workspace: string;
  readonly role: 'live' | 'staging' | 'catalogue';
  /** Names of the tables that Headgate published there; anything else in the schema is somebody else's. */
  readonly tables: readonly string[];
  /** The job that published it; by it a publish is recognised whose answer was lost. */
  readonly job?: string;
  /** ISO instant: the tables are complete up to then. */
  readonly dataAsOf?: string;
}

const prefix = 'Made and refreshed by Headgate. ';

/** The mark as it stands in the schema's comment: a sentence for people, then JSON. */
export function markText(mark: Ownership): string {
  return `${prefix}${JSON.stringify({ headgate: 1, ...mark })}`;
}

/** Reads a mark; null when the comment is not one of ours, or not exactly as we write it. */
export function parseMark(comment: string | null): Ownership | null {
  if (!comment?.startsWith(prefix)) return null;
  try {
    const value: unknown = JSON.parse(comment.slice(prefix.length));
    const { headgate, dataset, workspace, role, tables, job } = (value ?? {}) as Readonly<
      Record<string, unknown>
    >;
    if (headgate !== 1 || typeof dataset !== 'string' || typeof workspace !== 'string') return null;
    if (role !== 'live' && role !== 'staging' && role !== 'catalogue') return null;
    if (!Array.isArray(tables) || !tables.every((table) => typeof table === 'string')) return null;
    return { dataset, workspace, role, tables, ...(typeof job === 'string' ? { job } : {}) };
  } catch {
    return null;
  }
}

/** Whose a schema is, by its mark and by its owner. */
export interface Found {
  readonly exists: boolean;
  readonly mark: Ownership | null;
  /** The role that owns it; null where there is none. */
  readonly owner: string | null;
  /** Whether that is the session's role, or one that it is a member of. A mark in a schema of anybody else is forged. */
  readonly ownedByUs: boolean;
}

/**
 * Whether the session has the rights of the owner: it is the owner, or a member that inherits from it. Superusers have
 * everybody's rights, so for one of those membership says nothing and only its own name counts.
 */
const ours = (owner: string): string =>
  `(${owner} = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) OR (pg_catalog.pg_has_role(${owner}, 'USAGE')
    AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)))`;

/** Whether the schema exists, and whose it is. */
export async function readOwnership(client: PgClient, schema: string): Promise<Found> {
  const { rows } = await client.query<{ comment: string | null; owner: string; ours: string }>(
    `SELECT pg_catalog.obj_description(oid, 'pg_namespace') AS comment, pg_catalog.pg_get_userbyid(nspowner) AS owner,
       ${ours('nspowner')}::text AS ours FROM pg_catalog.pg_namespace WHERE nspname = $1`,
    [schema],
  );
  const [row] = rows;
  return {
    exists: row !== undefined,
    mark: parseMark(row?.comment ?? null),
    owner: row?.owner ?? null,
    ownedByUs: row?.ours === 'true',
  };
}

/**
 * Fails with SCHEMA_NOT_OURS unless the schema is missing, or carries this dataset's mark in this role and is owned by us.
 * Whoever may create schemas can write any mark; the owner is what nobody can forge.
 */
export async function requireOwn(
  client: PgClient,
  schema: string,
  dataset: string,
  role: Ownership['role'],
): Promise<Found> {
  const found = await readOwnership(client, schema);
  if (!found.exists) return found;
  if (!found.mark) {
    const owned = found.ownedByUs ? [] : [say('engine.ownedBy', { owner: found.owner ?? '?' })];
    throw new AppError('SCHEMA_NOT_OURS', several([say('engine.schemaExistsNotMade', { schema }), ...owned]));
  }
  if (!found.ownedByUs) throw ownedByOthers('engine.ownedSchema', schema, found.owner);
  if (found.mark.dataset !== dataset || found.mark.role !== role) {
    throw new AppError('SCHEMA_NOT_OURS', say('engine.schemaBelongsAnotherDataset', { schema }));
  }
  return found;
}

function ownedByOthers(
  id: 'engine.ownedSchema' | 'engine.ownedTable',
  name: string,
  owner: string | null,
): AppError {
  return new AppError('SCHEMA_NOT_OURS', say(id, { name, owner: owner ?? '?' }), {
    advice: say('engine.ownedNotUserConnection.advice', { owner: owner ?? '?' }),
  });
}

/**
 * Fails with SCHEMA_NOT_OURS unless each of these that exists in the schema is a plain table that is owned by us and has
 * nothing on it that would run with our rights: triggers, rules, and functions of people in defaults, constraints, indexes
 * or policies. The triggers that keep foreign keys are the server's own, and so are its functions, which nothing depends on.
 */
export async function requireOwnTables(
  client: PgClient,
  schema: string,
  names: readonly string[],
): Promise<void> {
  const { rows } = await client.query<
    Record<'name' | 'kind' | 'owner' | 'ours' | 'has_trigger' | 'has_rule' | 'calls', string>
  >(
    `SELECT c.relname AS name, c.relkind AS kind, pg_catalog.pg_get_userbyid(c.relowner) AS owner, ${ours('c.relowner')}::text AS ours,
       EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)::text AS has_trigger,
       EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid)::text AS has_rule,
       EXISTS (SELECT 1 FROM pg_catalog.pg_depend part
         JOIN pg_catalog.pg_depend calls ON calls.classid = part.classid AND calls.objid = part.objid
         WHERE part.refclassid = 'pg_catalog.pg_class'::regclass AND part.refobjid = c.oid
           AND calls.refclassid = 'pg_catalog.pg_proc'::regclass)::text AS calls
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2) ORDER BY c.relname`,
    [schema, names],
  );
  for (const row of rows) {
    const table = `“${schema}.${row.name}”`;
    if (row.ours !== 'true') throw ownedByOthers('engine.ownedTable', `${schema}.${row.name}`, row.owner);
    const odd = oddity(row);
    if (odd === null) continue;
    throw new AppError('SCHEMA_NOT_OURS', say('engine.headgateDidNotMake', { table, odd }), {
      advice: say('engine.headgateDidNotMake.advice', { table }),
    });
  }
}

function oddity(row: Readonly<Record<'kind' | 'has_trigger' | 'has_rule' | 'calls', string>>): Said | null {
  if (row.kind !== 'r') return say('engine.odd.kind');
  if (row.has_trigger === 'true') return say('engine.odd.trigger');
  if (row.has_rule === 'true') return say('engine.odd.rule');
  return row.calls === 'true' ? say('engine.odd.calls') : null;
}

/** Writes the mark. */
export async function writeMark(client: PgClient, schema: string, mark: Ownership): Promise<void> {
  await client.query(`COMMENT ON SCHEMA ${ident(schema)} IS ${literal(markText(mark))}`);
}
