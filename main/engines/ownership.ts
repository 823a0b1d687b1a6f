import { AppError } from '../errors.ts';
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

/** Whether the schema exists, and whose it is. */
export async function readOwnership(
  client: PgClient,
  schema: string,
): Promise<{ exists: boolean; mark: Ownership | null }> {
  const { rows } = await client.query<{ comment: string | null }>(
    "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  return { exists: rows.length > 0, mark: parseMark(rows[0]?.comment ?? null) };
}

/** Fails with SCHEMA_NOT_OURS unless the schema is missing or carries this dataset's mark in this role. */
export async function requireOwn(
  client: PgClient,
  schema: string,
  dataset: string,
  role: Ownership['role'],
): Promise<{ exists: boolean; mark: Ownership | null }> {
  const found = await readOwnership(client, schema);
  if (found.exists && (found.mark?.dataset !== dataset || found.mark.role !== role)) {
    throw new AppError(
      'SCHEMA_NOT_OURS',
      found.mark
        ? `The schema “${schema}” belongs to another dataset of Headgate.`
        : `The schema “${schema}” exists and was not made by Headgate.`,
    );
  }
  return found;
}

/** Writes the mark. */
export async function writeMark(client: PgClient, schema: string, mark: Ownership): Promise<void> {
  await client.query(`COMMENT ON SCHEMA ${ident(schema)} IS ${literal(markText(mark))}`);
}
