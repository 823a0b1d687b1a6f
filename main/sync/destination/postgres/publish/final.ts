import type { Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import { requireOwn, writeMark } from '../../../../engines/postgres/ownership.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { AppError } from '../../../../errors.ts';
import { type CatalogueEntry, updateCatalogue } from '../catalogue/catalogue.ts';
import { applying, type Difference, type Finding, isFew } from '../compare/difference.ts';
import { dropStateTables } from '../drop-staging.ts';
import type { TablePlan } from '../finish/plan.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { takePlaces } from './columns.ts';
import { defaultGrants, grantReading } from './grants.ts';
import { held, refusable } from './hold.ts';
import type { LiveTable } from './live.ts';
import { lockTrusted } from './trust.ts';
import type { TableWork } from './work.ts';

export interface FinalInput {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  readonly job: string;
  readonly readerRoles: readonly string[];
  readonly catalogue: CatalogueEntry;
}

/**
 * The first publish: the staging schema becomes the published one by its name alone, so it takes no lock per table,
 * however many there are. Returns why the catalogue could not be written, null when it was.
 */
export async function publishFirst(
  client: PgClient,
  input: FinalInput,
  plans: readonly TablePlan[],
): Promise<Said | null> {
  const { schema } = input;
  const tables = plans.map(({ name }) => name);
  await requireLease(client);
  const { exists } = await requireOwn(client, schema, input.dataset, 'live');
  if (exists) throw new AppError('LEASE_LOST', say('sync.schemaPublishedSomebodyElse', { schema }));
  await dropStateTables(client, schema);
  await client.query(`ALTER SCHEMA ${ident(stagingSchema(schema))} RENAME TO ${ident(schema)}`);
  await writeMark(client, schema, liveMark(input, tables));
  await grantReading(client, schema, tables, input.readerRoles);
  return updateCatalogue(client, input.catalogue);
}

const liveMark = (input: FinalInput, tables: readonly string[]) => ({
  dataset: input.dataset,
  workspace: input.workspace,
  role: 'live' as const,
  tables,
  job: input.job,
  dataAsOf: input.catalogue.dataAsOf,
});

export interface RefreshInput extends FinalInput {
  readonly differences: readonly Difference[];
  readonly finding: Finding;
  /** Works that put columns of a new type in the place of old ones. */
  readonly retyping: readonly TableWork[];
  /** Tables that nothing is published under yet, finished in the staging schema. */
  readonly fresh: readonly TablePlan[];
  /** Published tables that the source has no more. */
  readonly gone: readonly LiveTable[];
  /** All tables that are Headgate's afterwards. */
  readonly tables: readonly string[];
}

/**
 * A later publish: deletes, updates and inserts what differs, in one transaction with the catalogue and the mark. Rows
 * are locked and nothing else, but for tables that get a column of another type: they are locked at the very end.
 * Fails with PUBLISH_HELD where something that people put on a table refuses the rows.
 */
export async function publishDifference(client: PgClient, input: RefreshInput): Promise<Said | null> {
  const { schema } = input;
  const staging = stagingSchema(schema);
  // Locks the lease until the end: nobody takes over what is being published.
  await requireLease(client);
  await requireOwn(client, schema, input.dataset, 'live');
  const touched = [...input.differences.map(({ work }) => work.live), ...input.gone];
  await lockTrusted(client, schema, touched);
  await client.query('SET CONSTRAINTS ALL DEFERRED');
  for (const difference of input.differences) await apply(client, schema, difference, input.finding);
  for (const { name } of input.gone) {
    await refusable(schema, name, () => client.query(`DELETE FROM ONLY ${qualified(schema, name)}`));
  }
  await refusable(schema, touched[0]?.name ?? '', () => client.query('SET CONSTRAINTS ALL IMMEDIATE'));
  const fresh = input.fresh.map(({ name }) => name);
  if (fresh.length > 0) {
    const moves = fresh.map((name) => `ALTER TABLE ${qualified(staging, name)} SET SCHEMA ${ident(schema)}`);
    await client.query([...moves, ...(await defaultGrants(client, schema, fresh))].join(';\n'));
  }
  await grantReading(client, schema, input.tables, input.readerRoles);
  const notice = await updateCatalogue(client, input.catalogue);
  await writeMark(client, schema, liveMark(input, input.tables));
  for (const work of input.retyping) await takePlaces(client, schema, work);
  return notice;
}

/** Applies one table's difference, and makes sure that each of its rows was taken. */
async function apply(
  client: PgClient,
  schema: string,
  difference: Difference,
  finding: Finding,
): Promise<void> {
  const { name } = difference.work.live;
  const few = isFew(difference);
  const way = few ? 'off' : 'on';
  // Compiling takes longer than all of it, and what is staged has no statistics that would tell.
  await client.query(
    `SET LOCAL jit = off; SET LOCAL enable_hashjoin = ${way}; SET LOCAL enable_mergejoin = ${way}`,
  );
  for (const { sql, rows } of applying(schema, difference, few ? finding : 'key')) {
    const { rowCount } = await refusable(schema, name, () => client.query(sql));
    if (rowCount === rows) continue;
    const what = sql.startsWith('DELETE') ? 'deleted' : sql.startsWith('UPDATE') ? 'changed' : 'inserted';
    throw new StaleDifference(schema, name, what, rows, rowCount ?? 0);
  }
}

/** Rows that were to be touched were not: somebody changed the table meanwhile, or a trigger keeps them. */
export class StaleDifference extends Error {
  readonly schema: string;
  readonly table: string;
  constructor(schema: string, table: string, what: string, expected: number, found: number) {
    super(`${expected} rows of “${schema}.${table}” were to be ${what}, and ${found} were`);
    this.schema = schema;
    this.table = table;
  }
  /** What it means when it is so again with a difference computed anew. */
  toHeld(): AppError {
    return held(
      say('sync.rowsNotAllCould', { schema: this.schema, table: this.table, message: this.message }),
      ['let the trigger return the row, or drop it'],
      this,
    );
  }
}
