import type { PgClient } from '../../../../engines/postgres-client.ts';
import { qualified } from '../../../../engines/sql.ts';
import { held } from './hold.ts';

/**
 * Code that runs with the rights of whoever writes to a table: its triggers, those of tables that its foreign keys
 * cascade to, and the functions in rules, index expressions, constraints, defaults, policies, statistics and domains. A
 * function is trusted when its owner could act as the writing role anyway (the role itself, a member of it, a superuser),
 * or when it runs as its owner (SECURITY DEFINER). $1: oids of the tables.
 */
const untrustedCode = `
WITH RECURSIVE reached AS (
  SELECT unnest($1::oid[]) AS oid, false AS cascaded
  UNION
  SELECT f.conrelid, true FROM reached r JOIN pg_constraint f ON f.confrelid = r.oid AND f.contype = 'f'
    AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))
), targets AS (SELECT oid FROM reached WHERE NOT cascaded),
parts AS (
  SELECT 'pg_class'::regclass AS class, i.indexrelid AS id, i.indrelid AS target FROM pg_index i JOIN targets t ON t.oid = i.indrelid
  UNION ALL SELECT 'pg_constraint'::regclass, c.oid, c.conrelid FROM pg_constraint c JOIN targets t ON t.oid = c.conrelid
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, d.adrelid FROM pg_attrdef d JOIN targets t ON t.oid = d.adrelid
  UNION ALL SELECT 'pg_policy'::regclass, p.oid, p.polrelid FROM pg_policy p JOIN targets t ON t.oid = p.polrelid
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, r.ev_class FROM pg_rewrite r JOIN targets t ON t.oid = r.ev_class
  UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, s.stxrelid FROM pg_statistic_ext s JOIN targets t ON t.oid = s.stxrelid
  UNION ALL SELECT 'pg_trigger'::regclass, g.oid, g.tgrelid FROM pg_trigger g JOIN targets t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
  UNION ALL SELECT 'pg_constraint'::regclass, c.oid, a.attrelid FROM pg_attribute a JOIN targets t ON t.oid = a.attrelid
    JOIN pg_constraint c ON c.contypid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped
), code AS (
  SELECT g.tgrelid AS target, 'pg_trigger'::regclass AS class, g.oid AS id, g.tgfoid AS function
  FROM pg_trigger g JOIN reached r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
  UNION ALL
  SELECT p.target, p.class, p.id, d.refobjid FROM parts p
  JOIN pg_depend d ON d.classid = p.class AND d.objid = p.id AND d.refclassid = 'pg_proc'::regclass
  UNION ALL
  SELECT p.target, p.class, p.id, o.oprcode FROM parts p
  JOIN pg_depend d ON d.classid = p.class AND d.objid = p.id AND d.refclassid = 'pg_operator'::regclass
  JOIN pg_operator o ON o.oid = d.refobjid
)
SELECT DISTINCT pg_describe_object(c.class, c.id, 0) AS what, c.function::regprocedure::text AS function,
  pg_get_userbyid(f.proowner) AS owner
FROM code c JOIN pg_proc f ON f.oid = c.function JOIN pg_roles o ON o.oid = f.proowner
WHERE NOT f.prosecdef AND NOT o.rolsuper AND NOT pg_has_role(f.proowner, current_user::regrole, 'MEMBER')
ORDER BY 1, 2 LIMIT 20`;

/** Rules that put something else in the place of a write: the refresh would seem done and not be. */
const insteadRules = `
SELECT pg_describe_object('pg_rewrite'::regclass, r.oid, 0) AS what FROM pg_rewrite r
WHERE r.ev_class = ANY ($1::oid[]) AND r.is_instead AND r.ev_type IN ('2', '3', '4') AND r.ev_enabled <> 'D' ORDER BY 1 LIMIT 20`;

/**
 * Tables whose row security hides rows from the sync role, or may refuse the ones it writes: FORCE ROW LEVEL SECURITY
 * without a permissive policy that lets it do everything, or with a restrictive one.
 */
const hiddenRows = `
SELECT c.oid::regclass::text AS relation FROM pg_class c
WHERE c.oid = ANY ($1::oid[]) AND row_security_active(c.oid) AND NOT (
  EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*'
    AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'
    AND (0 = ANY (p.polroles) OR EXISTS (SELECT 1 FROM unnest(p.polroles) r WHERE r <> 0 AND pg_has_role(r, 'MEMBER'))))
  AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive
    AND (0 = ANY (p.polroles) OR EXISTS (SELECT 1 FROM unnest(p.polroles) r WHERE r <> 0 AND pg_has_role(r, 'MEMBER')))))
ORDER BY 1 LIMIT 20`;

/**
 * Fails with PUBLISH_HELD, naming each, when writing to the tables would run somebody else's code with the rights of the
 * sync role, would be turned into something else by a rule, or would miss rows that row security hides. Inside a
 * transaction that holds the tables in ROW EXCLUSIVE mode or stronger the answer stays true until its end: triggers,
 * rules, indexes, constraints and policies are added under locks that this one keeps out.
 */
export async function requireTrusted(client: PgClient, oids: readonly string[]): Promise<void> {
  if (oids.length === 0) return;
  const foreign = await client.query<{ what: string; function: string; owner: string }>(untrustedCode, [
    oids,
  ]);
  if (foreign.rows.length > 0) {
    const named = foreign.rows.map(
      ({ what, function: code, owner }) => `${what} runs ${code} of the role “${owner}”`,
    );
    throw held(
      `A refresh would run code of somebody else with the rights of the sync role: ${named.join('; ')}.`,
      foreign.rows.map(
        ({ function: code }) =>
          `ALTER FUNCTION ${code} SECURITY DEFINER (it runs as its owner then), or drop what uses it`,
      ),
    );
  }
  const rules = await client.query<{ what: string }>(insteadRules, [oids]);
  if (rules.rows.length > 0) {
    throw held(
      `A rule does something else in the place of what a refresh writes: ${rules.rows.map(({ what }) => what).join('; ')}.`,
      ['drop the rule, or make it DO ALSO'],
    );
  }
  const hidden = await client.query<{ relation: string }>(hiddenRows, [oids]);
  if (hidden.rows.length > 0) {
    throw held(
      `Row security applies to the owner of ${hidden.rows.map(({ relation }) => relation).join(', ')} too (FORCE ROW LEVEL SECURITY), so that a refresh could miss rows.`,
      hidden.rows.map(
        ({ relation }) =>
          `CREATE POLICY headgate_sync ON ${relation} TO CURRENT_ROLE USING (true) WITH CHECK (true), as the sync role`,
      ),
    );
  }
}

/** Locks tables for writing, as INSERT does, and checks them as `requireTrusted` does; readers are not kept waiting. */
export async function lockTrusted(
  client: PgClient,
  schema: string,
  tables: readonly { readonly oid: string; readonly name: string }[],
): Promise<void> {
  if (tables.length === 0) return;
  // Policies were looked at: where they apply to the sync role, they let it see and write everything.
  await client.query(
    `SET LOCAL row_security = on; LOCK TABLE ${tables.map(({ name }) => `ONLY ${qualified(schema, name)}`).join(', ')} IN ROW EXCLUSIVE MODE`,
  );
  await requireTrusted(
    client,
    tables.map(({ oid }) => oid),
  );
}
