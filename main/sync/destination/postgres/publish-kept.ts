import type { PgClient } from '../../../engines/postgres-client.ts';
import { ident, literal, qualified } from '../../../engines/sql.ts';

/*
 * What people put on a published relation, as statements that put it on the one in its place: grants, owner, row
 * security, policies, triggers, comments.
 */

interface Grant {
  readonly privilege: string;
  /** Null for PUBLIC. */
  readonly grantee: string | null;
  readonly column: string | null;
  /** `t` with the option to pass it on. */
  readonly option: string;
}

const grantText = (relation: string, { privilege, grantee, column, option }: Grant): string =>
  `GRANT ${privilege}${column === null ? '' : ` (${ident(column)})`} ON ${relation} TO ${grantee === null ? 'PUBLIC' : ident(grantee)}${option === 't' ? ' WITH GRANT OPTION' : ''}`;

/** Runs a statement only while the relation has the column: what was put on a column that is gone has no place left. */
const ifColumn = (relation: string, column: string, statement: string): string =>
  `DO $headgate$ BEGIN IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = ${literal(relation)}::regclass AND attname = ${literal(column)} AND NOT attisdropped) THEN ${statement}; END IF; END $headgate$`;

/** GRANT statements of a relation and its columns, and its owner. */
export async function grantsOf(client: PgClient, schema: string, name: string): Promise<string[]> {
  const relation = qualified(schema, name);
  const { rows } = await client.query<Record<keyof Grant, string | null>>(
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
  const grants = (rows as unknown as Grant[]).map((grant) =>
    grant.column === null
      ? grantText(relation, grant)
      : ifColumn(relation, grant.column, grantText(relation, grant)),
  );
  const owned = owner.rows[0];
  if (owned && owned.mine !== 't') grants.push(`ALTER TABLE ${relation} OWNER TO ${ident(owned.owner)}`);
  return grants;
}

/**
 * What ALTER DEFAULT PRIVILEGES says for new tables of this schema. A table that is moved into a schema gets none of it
 * by itself: the defaults count where it was made.
 */
export async function defaultGrants(client: PgClient, schema: string, name: string): Promise<string[]> {
  const { rows } = await client.query<Record<keyof Grant, string | null>>(
    `SELECT DISTINCT a.privilege_type AS privilege, r.rolname AS grantee, NULL AS column, a.is_grantable AS option
     FROM pg_namespace n JOIN pg_default_acl d ON d.defaclnamespace = n.oid AND d.defaclobjtype = 'r'
       AND d.defaclrole IN (n.nspowner, current_user::regrole), aclexplode(d.defaclacl) a
     LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND a.grantee <> current_user::regrole`,
    [schema],
  );
  return (rows as unknown as Grant[]).map((grant) => grantText(qualified(schema, name), grant));
}

/** Triggers that people put on a relation. */
export async function triggersOf(client: PgClient, schema: string, name: string): Promise<string[]> {
  const { rows } = await client.query<{ definition: string }>(
    'SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal ORDER BY tgname',
    [qualified(schema, name)],
  );
  return rows.map((row) => row.definition);
}

/** Comments on a relation that people made, and on its columns. */
export async function commentsOf(
  client: PgClient,
  schema: string,
  name: string,
  kind: 'VIEW' | 'MATERIALIZED VIEW',
): Promise<string[]> {
  const relation = qualified(schema, name);
  const { rows } = await client.query<{ column: string | null; comment: string }>(
    `SELECT a.attname AS column, d.description AS comment FROM pg_description d
     LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
     WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1::regclass`,
    [relation],
  );
  return rows.map(({ column, comment }) =>
    column === null
      ? `COMMENT ON ${kind} ${relation} IS ${literal(comment)}`
      : `COMMENT ON COLUMN ${relation}.${ident(column)} IS ${literal(comment)}`,
  );
}

/** Everything people may have put on a published table that a new one lacks. */
export async function keptOf(client: PgClient, schema: string, name: string): Promise<string[]> {
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
  return [...restore, ...(await triggersOf(client, schema, name)), ...(await grantsOf(client, schema, name))];
}
