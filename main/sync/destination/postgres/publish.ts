import { requireOwn, writeMark } from '../../../engines/ownership.ts';
import type { PgClient } from '../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../engines/sql.ts';
import { AppError } from '../../../errors.ts';
import type { Clock } from '../../../host.ts';
import { type CatalogueEntry, updateCatalogue } from './catalogue.ts';
import { requireLease } from './lease.ts';
import { defaultGrants, keptOf } from './publish-kept.ts';
import { dependentViews, dropRelation, rebuild } from './publish-views.ts';
import { stagingSchema } from './staging.ts';
import { dropStateTables } from './state.ts';
import { inTransaction } from './transaction.ts';

/** How long a publish waits for readers before it lets go and tries again; new readers queue behind it meanwhile. */
const lockTimeoutMs = 2000;
/** With the pauses between them about a minute in all. */
const maxAttempts = 12;

export interface PublishInput {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  readonly job: string;
  /** Names of the finished tables in the staging schema. */
  readonly tables: readonly string[];
  readonly readerRoles: readonly string[];
  readonly catalogue: CatalogueEntry;
}

/**
 * Puts the finished tables in the place of the published ones, in one transaction: readers see all of the old data or
 * all of the new. Owner, grants, row security, triggers and the views that people built on the tables are there
 * afterwards as before. Retries while somebody holds a lock. Fails with PUBLISH_HELD (what does not fit the new tables,
 * by name), PUBLISH_BLOCKED, LEASE_LOST or SCHEMA_NOT_OURS; the old data stays then. Returns why the catalogue could
 * not be written, null when it was.
 */
export async function publish(
  client: PgClient,
  input: PublishInput,
  clock: Clock,
  random: () => number,
  signal: AbortSignal,
): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const bounds = `SET LOCAL lock_timeout = ${lockTimeoutMs}`;
      return await inTransaction(client, () => swap(client, input), bounds);
    } catch (error) {
      const code = (error as { code?: string }).code;
      // lock_not_available, deadlock_detected: somebody reads; the old data is whole, so wait and try again.
      if (code !== '55P03' && code !== '40P01') throw error;
      if (attempt === maxAttempts) {
        throw new AppError('PUBLISH_BLOCKED', `The tables of “${input.schema}” were in use for a minute.`, {
          cause: error,
        });
      }
      await clock.sleep(500 + random() * 1000 * attempt, signal);
    }
  }
}

async function swap(client: PgClient, input: PublishInput): Promise<string | null> {
  const { schema } = input;
  const staging = stagingSchema(schema);
  // Locks the lease until the end: nobody takes over what is being published.
  await requireLease(client);
  const { exists, mark } = await requireOwn(client, schema, input.dataset, 'live');
  if (!exists) await client.query(`CREATE SCHEMA ${ident(schema)}`);

  const old = await existingTables(client, schema, mark?.tables ?? []);
  await refuseForeign(client, schema, input.tables, old);
  if (old.length > 0) {
    await client.query(
      `LOCK TABLE ${old.map((name) => qualified(schema, name)).join(', ')} IN ACCESS EXCLUSIVE MODE`,
    );
  }
  const kept = new Map<string, string[]>();
  for (const name of old) kept.set(name, await keptOf(client, schema, name));
  const views = await dependentViews(client, schema, old);
  for (const view of [...views].reverse()) {
    await dropRelation(client, view.materialised ? 'MATERIALIZED VIEW' : 'VIEW', view.schema, view.name);
  }
  for (const name of old) await dropRelation(client, 'TABLE', schema, name);
  await dropStateTables(client, staging);
  for (const name of input.tables) {
    await client.query(`ALTER TABLE ${qualified(staging, name)} SET SCHEMA ${ident(schema)}`);
    const restore = kept.get(name) ?? (await defaultGrants(client, schema, name));
    for (const statement of restore) await client.query(statement);
  }
  for (const view of views) await rebuild(client, view);
  for (const role of input.readerRoles) {
    await client.query(`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)}`);
    for (const name of input.tables)
      await client.query(`GRANT SELECT ON ${qualified(schema, name)} TO ${ident(role)}`);
  }
  await client.query(`DROP SCHEMA ${ident(staging)}`);
  const notice = await updateCatalogue(client, input.catalogue);
  await writeMark(client, schema, {
    dataset: input.dataset,
    workspace: input.workspace,
    role: 'live',
    tables: input.tables,
    job: input.job,
  });
  return notice;
}

/** A table that somebody else put into our schema is not replaced. */
async function refuseForeign(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  old: readonly string[],
): Promise<void> {
  const [clash] = await existingTables(
    client,
    schema,
    tables.filter((name) => !old.includes(name)),
  );
  if (clash === undefined) return;
  throw new AppError(
    'PUBLISH_HELD',
    `The schema “${schema}” has a table “${clash}” that is not Headgate's.`,
    {
      advice: 'Rename or drop that table, then start the sync again.',
    },
  );
}

async function existingTables(client: PgClient, schema: string, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`,
    [schema, names],
  );
  return rows.map((row) => row.name);
}
