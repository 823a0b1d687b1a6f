import { say } from '../../../../preload/messages/said.ts';
import { type Target, wipeTarget } from '../../../engines/engine.ts';
import { type Ownership, requireOwn } from '../../../engines/postgres/ownership.ts';
import {
  connect,
  cut,
  endSession,
  explainPgError,
  type PgClient,
} from '../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../engines/postgres/sql.ts';
import { AppError } from '../../../errors.ts';
import { batchesOf } from '../../batches.ts';
import { forgetInCatalogue } from './catalogue/catalogue.ts';
import { stagingSchema } from './lease.ts';
import { type Dependant, dependantsOf, toldOf } from './publish/dependants.ts';
import { explainLock, lockOpening } from './staging.ts';
import { inTransaction } from './transaction.ts';

/** Tables that are dropped in one transaction: each takes about four locks. */
const tablesAtOnce = 100;
/** Names in a message; the rest is a number. */
const mostNamed = 20;
/** `DROP … RESTRICT` meets something that depends on what is dropped. */
const dependentObjects = '2BP01';

export interface ToDrop {
  /** Its secrets are overwritten as soon as the session is open. */
  readonly target: Target;
  readonly schema: string;
  readonly dataset: string;
}

/** Something of somebody's that would go with the schema. */
type InTheWay = Pick<Dependant, 'what' | 'owner' | 'statement'>;

/**
 * Drops a published schema with the tables that Headgate made there, and nothing else: what people put into the schema, or
 * built on its tables elsewhere, is named with its owner and keeps all of it, with IN_USE. What only says something about a
 * table (an index, a grant, a policy, a place in a publication) goes with it. Returns false where there is no such schema.
 * Fails with SCHEMA_NOT_OURS, and with DATASET_BUSY while somebody else works on it.
 */
export async function dropPublished(
  { target, schema, dataset }: ToDrop,
  onUnwritten: (error: unknown) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const client = await connect(target, signal).finally(() => wipeTarget(target));
  const stop = (): void => cut(client);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const tables = await alone(client, schema, dataset, (mark) => ownTables(client, schema, mark));
    if (tables !== null) {
      for (const some of batchesOf(tables, tablesAtOnce)) {
        const names = some.map((name) => qualified(schema, name)).join(', ');
        // Without CASCADE the server itself refuses what came since it was looked at.
        await alone(client, schema, dataset, () => client.query(`DROP TABLE IF EXISTS ${names} RESTRICT`));
      }
      await alone(client, schema, dataset, () => client.query(`DROP SCHEMA ${ident(schema)} RESTRICT`));
    }
    // The catalogue of this database may be another user's; then it goes on naming a schema that is gone.
    await forgetInCatalogue(client, dataset).catch((error: unknown) => {
      if (signal.aborted) throw error;
      onUnwritten(error);
    });
    return tables !== null;
  } catch (error) {
    throw explainPgError(explainUse(explainLock(error, schema), schema), target);
  } finally {
    signal.removeEventListener('abort', stop);
    await endSession(client);
  }
}

/**
 * Runs `work` with the schema's mark, in a transaction in which nobody opens, publishes or drops the dataset; null where
 * there is no schema of its own.
 */
async function alone<T>(
  client: PgClient,
  schema: string,
  dataset: string,
  work: (mark: Ownership | null) => Promise<T>,
): Promise<T | null> {
  return inTransaction(client, async () => {
    await lockOpening(client, schema);
    const staging = await requireOwn(client, stagingSchema(schema), dataset, 'staging');
    if (staging.exists) {
      throw new AppError('DATASET_BUSY', say('sync.syncIntoSchemaUnder', { schema }));
    }
    const { exists, mark } = await requireOwn(client, schema, dataset, 'live');
    return exists ? work(mark) : null;
  });
}

/** Tables of Headgate's in the schema. Fails with IN_USE where people's things would go with them. */
async function ownTables(client: PgClient, schema: string, mark: Ownership | null): Promise<string[]> {
  const { rows } = await client.query<Record<'oid' | 'name' | 'shown', string>>(
    `SELECT c.oid, c.relname AS name, c.oid::regclass::text AS shown FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r' ORDER BY 2`,
    [schema, mark?.tables ?? []],
  );
  const found = [
    ...(await strangersIn(
      client,
      schema,
      rows.map(({ oid }) => oid),
    )),
    ...(await usersOf(client, rows)),
  ];
  if (found.length > 0) throw inUse(schema, found);
  return rows.map(({ name }) => name);
}

/** What stands in the schema and is not Headgate's. */
async function strangersIn(client: PgClient, schema: string, own: readonly string[]): Promise<InTheWay[]> {
  const { rows } = await client.query<Record<'what' | 'owner' | 'kind' | 'shown', string>>(
    `SELECT pg_describe_object(d.classid, d.objid, 0) AS what, i.type AS kind, i.identity AS shown,
       coalesce(pg_get_userbyid(coalesce(c.relowner, f.proowner, t.typowner, s.stxowner)), '') AS owner
     FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
     LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
     LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
     LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
     LEFT JOIN pg_statistic_ext s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::regnamespace AND d.deptype = 'n'
       AND NOT (d.classid = 'pg_class'::regclass AND d.objid = ANY ($2::oid[]))
       AND NOT (s.stxrelid IS NOT NULL AND s.stxrelid = ANY ($2::oid[]))
       AND NOT EXISTS (SELECT 1 FROM pg_depend o WHERE o.classid = d.classid AND o.objid = d.objid
         AND o.refclassid = 'pg_class'::regclass AND o.refobjid = ANY ($2::oid[]) AND o.deptype IN ('a', 'i'))
     ORDER BY 1`,
    [ident(schema), own],
  );
  return rows.map(({ what, owner, kind, shown }) => ({
    ...{ what, owner },
    statement: `DROP ${kind.toUpperCase()} ${shown}`,
  }));
}

/** What is built on the tables and would go with them, or lose a part. */
async function usersOf(
  client: PgClient,
  tables: readonly { readonly oid: string; readonly shown: string }[],
): Promise<InTheWay[]> {
  const asked = tables.map(({ oid }) => ({ oid, indexed: [] }));
  const onOwn = tables.map(({ shown }) => `ALTER TABLE ${shown} `);
  const found = [...(await dependantsOf(client, asked)).values()].flat();
  const goes = /^DROP (?:VIEW|MATERIALIZED VIEW|ROUTINE|TABLE)\b|^ALTER (?:FOREIGN )?TABLE\b/;
  return found.filter(
    ({ statement }) => goes.test(statement) && !onOwn.some((start) => statement.startsWith(start)),
  );
}

function inUse(schema: string, found: readonly InTheWay[]): AppError {
  const told = [...new Set(found.map(({ what, owner }) => toldOf({ what, owner })))];
  const statements = [...new Set(found.map(({ statement }) => statement))];
  const more = told.length > mostNamed ? `, and ${told.length - mostNamed} more` : '';
  return new AppError(
    'IN_USE',
    say('sync.schemaStaysBecauseWould', { schema, slice: told.slice(0, mostNamed), more }),
    {
      advice: say('sync.schemaStaysBecauseWould.advice', {
        slice: statements.slice(0, mostNamed).join('; '),
      }),
    },
  );
}

/** The server's own refusal, for what came between looking and dropping. */
function explainUse(error: unknown, schema: string): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code !== dependentObjects) return error;
  return new AppError(
    'IN_USE',
    detail === undefined
      ? say('sync.schemaUsedBySomething', { schema })
      : say('sync.schemaUsed', { schema, answer: detail }),
    {
      cause: error,
      advice: say('sync.askOwnersWhetherStill'),
    },
  );
}
