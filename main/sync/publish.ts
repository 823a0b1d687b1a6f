import { requireOwn, writeMark } from '../engines/ownership.ts';
import type { PgClient } from '../engines/postgres-client.ts';
import { ident, literal, qualified } from '../engines/sql.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { stagingSchema, stateTable } from './staging.ts';

/** How long a publish waits for readers before it lets go and tries again; new readers queue behind it meanwhile. */
const lockTimeoutMs = 2000;
/** With the pauses between them about a minute in all. */
const maxAttempts = 12;

export interface PublishInput {
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  /** Names of the finished tables in the staging schema. */
  readonly tables: readonly string[];
  readonly readerRoles: readonly string[];
}

interface Kept {
  /** Statements that restore owner, grants and policies of a table. */
  readonly restore: string[];
}

interface View {
  readonly schema: string;
  readonly name: string;
  readonly definition: string;
  readonly options: string | null;
  readonly restore: string[];
}

/**
 * Puts the finished tables in the place of the published ones, in one transaction: readers see all of the old data or
 * all of the new. Owner, grants, row security and the views that people built on the tables are there afterwards as
 * before. Retries while somebody holds a lock. Fails with PUBLISH_HELD (views that do not fit the new tables, named),
 * PUBLISH_BLOCKED or SCHEMA_NOT_OURS; the old data stays then.
 */
export async function publish(
  client: PgClient,
  input: PublishInput,
  clock: Clock,
  random: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query('BEGIN');
      await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      await swap(client, input);
      await client.query('COMMIT');
      return;
    } catch (error) {
      await client.query('ROLLBACK');
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

async function swap(client: PgClient, input: PublishInput): Promise<void> {
  const { schema } = input;
  const staging = stagingSchema(schema);
  const { exists, mark } = await requireOwn(client, schema, input.dataset, 'live');
  if (!exists) await client.query(`CREATE SCHEMA ${ident(schema)}`);

  const old = await existingTables(client, schema, mark?.tables ?? []);
  for (const name of input.tables) {
    if (old.includes(name)) continue;
    const clash = await existingTables(client, schema, [name]);
    if (clash.length > 0) {
      throw new AppError(
        'PUBLISH_HELD',
        `The schema “${schema}” has a table “${name}” that is not Headgate's.`,
        {
          advice: 'Rename or drop that table, then start the sync again.',
        },
      );
    }
  }
  if (old.length > 0) {
    await client.query(
      `LOCK TABLE ${old.map((name) => qualified(schema, name)).join(', ')} IN ACCESS EXCLUSIVE MODE`,
    );
  }
  const kept = new Map<string, Kept>();
  for (const name of old) kept.set(name, await keep(client, schema, name));
  const views = await dependentViews(client, schema, old);
  for (const view of [...views].reverse())
    await client.query(`DROP VIEW ${qualified(view.schema, view.name)}`);
  for (const name of old) {
    try {
      await client.query(`DROP TABLE ${qualified(schema, name)}`);
    } catch (error) {
      // dependent_objects_still_exist: a foreign key, a materialised view, a function with a SQL body …
      if ((error as { code?: string }).code !== '2BP01') throw error;
      const detail = (error as { detail?: string }).detail ?? '';
      throw new AppError('PUBLISH_HELD', `Something depends on the table “${schema}.${name}”: ${detail}`, {
        cause: error,
      });
    }
  }
  await client.query(`DROP TABLE ${qualified(staging, stateTable)}`);
  for (const name of input.tables) {
    await client.query(`ALTER TABLE ${qualified(staging, name)} SET SCHEMA ${ident(schema)}`);
    for (const statement of kept.get(name)?.restore ?? []) await client.query(statement);
  }
  for (const view of views) await rebuild(client, view);
  for (const role of input.readerRoles) {
    await client.query(`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)}`);
    for (const name of input.tables)
      await client.query(`GRANT SELECT ON ${qualified(schema, name)} TO ${ident(role)}`);
  }
  await client.query(`DROP SCHEMA ${ident(staging)}`);
  await writeMark(client, schema, {
    dataset: input.dataset,
    workspace: input.workspace,
    role: 'live',
    tables: input.tables,
  });
}

async function existingTables(client: PgClient, schema: string, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`,
    [schema, names],
  );
  return rows.map((row) => row.name);
}

/** GRANT statements of a relation and its columns, and its owner, as SQL that sets them again. */
async function grantsOf(client: PgClient, schema: string, name: string): Promise<string[]> {
  const relation = qualified(schema, name);
  const { rows } = await client.query<{
    privilege: string;
    grantee: string | null;
    column: string | null;
    option: string;
  }>(
    `SELECT a.privilege_type AS privilege, r.rolname AS grantee, NULL AS column, a.is_grantable AS option
     FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.oid = $1::regclass AND a.grantee <> c.relowner
     UNION ALL
     SELECT x.privilege_type, r.rolname, a.attname, x.is_grantable
     FROM pg_attribute a, aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [relation],
  );
  const owner = await client.query<{ owner: string; mine: string }>(
    'SELECT pg_get_userbyid(relowner) AS owner, pg_get_userbyid(relowner) = current_user AS mine FROM pg_class WHERE oid = $1::regclass',
    [relation],
  );
  const grants = rows.map(({ privilege, grantee, column, option }) => {
    const what = column === null ? privilege : `${privilege} (${ident(column)})`;
    const grant = `GRANT ${what} ON ${relation} TO ${grantee === null ? 'PUBLIC' : ident(grantee)}${option === 't' ? ' WITH GRANT OPTION' : ''}`;
    // A grant on a column that is gone has nothing left to be given on.
    if (column === null) return grant;
    return `DO $headgate$ BEGIN IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = ${literal(relation)}::regclass AND attname = ${literal(column)} AND NOT attisdropped) THEN ${grant}; END IF; END $headgate$`;
  });
  const owned = owner.rows[0];
  if (owned && owned.mine !== 't') grants.push(`ALTER TABLE ${relation} OWNER TO ${ident(owned.owner)}`);
  return grants;
}

/** Everything people may have put on a published table that a new one lacks. */
async function keep(client: PgClient, schema: string, name: string): Promise<Kept> {
  const relation = qualified(schema, name);
  const restore: string[] = [];
  const security = await client.query<{ enabled: string; forced: string }>(
    'SELECT relrowsecurity AS enabled, relforcerowsecurity AS forced FROM pg_class WHERE oid = $1::regclass',
    [relation],
  );
  if (security.rows[0]?.enabled === 't') restore.push(`ALTER TABLE ${relation} ENABLE ROW LEVEL SECURITY`);
  if (security.rows[0]?.forced === 't') restore.push(`ALTER TABLE ${relation} FORCE ROW LEVEL SECURITY`);
  const policies = await client.query<
    Record<'name' | 'permissive' | 'command' | 'roles' | 'using' | 'check', string | null>
  >(
    `SELECT policyname AS name, permissive, cmd AS command, (SELECT string_agg(CASE WHEN r = 'public' THEN 'PUBLIC' ELSE quote_ident(r) END, ', ') FROM unnest(roles) r) AS roles,
            qual AS using, with_check AS check FROM pg_policies WHERE schemaname = $1 AND tablename = $2`,
    [schema, name],
  );
  for (const policy of policies.rows) {
    restore.push(
      `CREATE POLICY ${ident(policy.name as string)} ON ${relation} AS ${policy.permissive} FOR ${policy.command} TO ${policy.roles}` +
        `${policy.using === null ? '' : ` USING (${policy.using})`}${policy.check === null ? '' : ` WITH CHECK (${policy.check})`}`,
    );
  }
  return { restore: [...restore, ...(await grantsOf(client, schema, name))] };
}

/** Views on the tables, and views on those, in the order in which they can be made again. */
async function dependentViews(client: PgClient, schema: string, tables: readonly string[]): Promise<View[]> {
  if (tables.length === 0) return [];
  const { rows } = await client.query<{
    schema: string;
    name: string;
    definition: string;
    options: string | null;
  }>(
    `WITH RECURSIVE found AS (
       SELECT c.oid, 0 AS depth FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = ANY ($2)
       UNION
       SELECT v.oid, f.depth + 1 FROM found f
       JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_rewrite'::regclass
       JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v' AND v.oid <> f.oid
       WHERE f.depth < 64)
     SELECT n.nspname AS schema, c.relname AS name, pg_get_viewdef(c.oid) AS definition,
            array_to_string(c.reloptions, ', ') AS options
     FROM (SELECT oid, max(depth) AS depth FROM found WHERE depth > 0 GROUP BY oid) v
     JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY v.depth, 1, 2`,
    [schema, tables],
  );
  const views: View[] = [];
  for (const row of rows) {
    const relation = qualified(row.schema, row.name);
    const comments = await client.query<{ column: string | null; comment: string }>(
      `SELECT a.attname AS column, d.description AS comment FROM pg_description d
       LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
       WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1::regclass`,
      [relation],
    );
    const restore = comments.rows.map(({ column, comment }) =>
      column === null
        ? `COMMENT ON VIEW ${relation} IS ${literal(comment)}`
        : `COMMENT ON COLUMN ${relation}.${ident(column)} IS ${literal(comment)}`,
    );
    views.push({ ...row, restore: [...restore, ...(await grantsOf(client, row.schema, row.name))] });
  }
  return views;
}

async function rebuild(client: PgClient, view: View): Promise<void> {
  const relation = qualified(view.schema, view.name);
  try {
    await client.query(
      `CREATE VIEW ${relation}${view.options === null || view.options === '' ? '' : ` WITH (${view.options})`} AS ${view.definition}`,
    );
    for (const statement of view.restore) await client.query(statement);
  } catch (error) {
    throw new AppError(
      'PUBLISH_HELD',
      `The view “${view.schema}.${view.name}” does not fit the new tables: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
