import type { PgClient } from '../../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../../engines/sql.ts';

/**
 * What ALTER DEFAULT PRIVILEGES says for new tables of a schema, as GRANT statements. A table that is moved into a schema
 * gets none of it by itself: the defaults count where it was made.
 */
export async function defaultGrants(client: PgClient, schema: string, name: string): Promise<string[]> {
  const { rows } = await client.query<{ privilege: string; grantee: string | null; option: string }>(
    `SELECT DISTINCT a.privilege_type AS privilege, r.rolname AS grantee, a.is_grantable AS option
     FROM pg_namespace n JOIN pg_default_acl d ON d.defaclnamespace = n.oid AND d.defaclobjtype = 'r'
       AND d.defaclrole IN (n.nspowner, current_user::regrole), aclexplode(d.defaclacl) a
     LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND a.grantee <> current_user::regrole`,
    [schema],
  );
  return rows.map(
    ({ privilege, grantee, option }) =>
      `GRANT ${privilege} ON ${qualified(schema, name)} TO ${grantee === null ? 'PUBLIC' : ident(grantee)}${option === 't' ? ' WITH GRANT OPTION' : ''}`,
  );
}

/** Lets the reader roles read the tables, as far as they may not yet; what people granted besides stays. */
export async function grantReading(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  roles: readonly string[],
): Promise<void> {
  for (const role of roles) {
    const { rows } = await client.query<{ usage: string; lacking: string | null }>(
      `SELECT has_schema_privilege($1, $2, 'USAGE') AS usage,
         (SELECT json_agg(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $2 AND c.relname = ANY ($3) AND c.relkind = 'r' AND NOT has_table_privilege($1, c.oid, 'SELECT')) AS lacking`,
      [role, schema, tables],
    );
    const [row] = rows;
    if (row?.usage !== 't') await client.query(`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)}`);
    for (const name of JSON.parse(row?.lacking ?? '[]') as string[])
      await client.query(`GRANT SELECT ON ${qualified(schema, name)} TO ${ident(role)}`);
  }
}
