import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';

/** A privilege as PostgreSQL tells it: `grantee` null for everybody, `option` 't' where it may be passed on. */
export type Granted = {
  readonly privilege: string;
  readonly grantee: string | null;
  readonly option: string;
};

/** The statement that grants it on something. `columns`: those that it is for, quoted, in brackets; all without. */
export const grantOn = ({ privilege, grantee, option }: Granted, on: string, columns = ''): string =>
  `GRANT ${privilege}${columns} ON ${on} TO ${grantee === null ? 'PUBLIC' : ident(grantee)}${option === 't' ? ' WITH GRANT OPTION' : ''}`;

/** Tables that are named in one statement. */
const tablesAtOnce = 200;

function* inBatches(schema: string, tables: readonly string[]): Generator<string, void> {
  for (const some of batchesOf(tables, tablesAtOnce))
    yield some.map((name) => qualified(schema, name)).join(', ');
}

/**
 * What ALTER DEFAULT PRIVILEGES says for new tables of a schema, as GRANT statements for some tables. A table that is moved
 * into a schema gets none of it by itself: the defaults count where it was made.
 */
export async function defaultGrants(
  client: PgClient,
  schema: string,
  tables: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<Granted>(
    `SELECT DISTINCT a.privilege_type AS privilege, r.rolname AS grantee, a.is_grantable AS option
     FROM pg_namespace n JOIN pg_default_acl d ON d.defaclnamespace = n.oid AND d.defaclobjtype = 'r'
       AND d.defaclrole IN (n.nspowner, current_user::regrole), aclexplode(d.defaclacl) a
     LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND a.grantee <> current_user::regrole`,
    [schema],
  );
  return rows.flatMap((granted) => [...inBatches(schema, tables)].map((names) => grantOn(granted, names)));
}

/** Grants on some of the tables that a role may not read yet, as statements. */
async function lackingGrants(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  role: string,
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $2 AND c.relname = ANY ($3) AND c.relkind = 'r' AND NOT has_table_privilege($1, c.oid, 'SELECT')`,
    [role, schema, tables],
  );
  const lacking = rows.map(({ name }) => name);
  return [...inBatches(schema, lacking)].map((names) => `GRANT SELECT ON ${names} TO ${ident(role)}`);
}

/**
 * Lets the reader roles read the tables before they are published, some at a time: each GRANT locks its table until the
 * commit, and one for all tables of a large project would take the lock table from everybody else. `within` runs one
 * transaction.
 */
export async function grantAhead(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  roles: readonly string[],
  within: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  if (roles.length === 0) return;
  for (const some of batchesOf(tables, tablesAtOnce)) {
    await within(async () => {
      for (const role of roles) {
        for (const grant of await lackingGrants(client, schema, some, role)) await client.query(grant);
      }
    });
  }
}

/** Lets the reader roles read the tables, as far as they may not yet; what people granted besides stays. */
export async function grantReading(
  client: PgClient,
  schema: string,
  tables: readonly string[],
  roles: readonly string[],
): Promise<void> {
  for (const role of roles) {
    const { rows } = await client.query<{ usage: string }>(
      "SELECT has_schema_privilege($1, $2, 'USAGE') AS usage",
      [role, schema],
    );
    if (rows[0]?.usage !== 't')
      await client.query(`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${ident(role)}`);
    for (const grant of await lackingGrants(client, schema, tables, role)) await client.query(grant);
  }
}
