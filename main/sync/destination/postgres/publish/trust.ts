import { say } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { held } from './hold.ts';

/**
 * Code that runs when a table is written to: its triggers, the functions in its rules, index expressions, constraints,
 * defaults, policies, statistics and in the domains of its columns, the casts that its foreign keys need; and the same of
 * tables whose rows go or change with ours. Code is trusted when its owner could act as the writing role anyway (the role
 * itself, a member of it, a superuser). SECURITY DEFINER makes nothing trusted: what runs as its owner in our session can
 * leave a search_path, temporary tables or other triggers behind that what we do next would meet with our rights. A domain
 * counts by its own owner, who may put code into it at any moment. $1: oids of the tables.
 */
const untrustedCode = `
WITH RECURSIVE reached AS (
  SELECT unnest($1::oid[]) AS oid
  UNION
  SELECT f.conrelid FROM reached r JOIN pg_constraint f ON f.confrelid = r.oid AND f.contype = 'f'
    AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))
), parts AS (
  SELECT 'pg_class'::regclass AS class, i.indexrelid AS id, 0 AS sub, 'pg_class'::regclass AS of, i.indexrelid AS part
  FROM pg_index i JOIN reached t ON t.oid = i.indrelid
  UNION ALL SELECT 'pg_constraint'::regclass, c.oid, 0, 'pg_constraint'::regclass, c.oid FROM pg_constraint c JOIN reached t ON t.oid = c.conrelid
  UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 0, 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN reached t ON t.oid = d.adrelid
  UNION ALL SELECT 'pg_policy'::regclass, p.oid, 0, 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN reached t ON t.oid = p.polrelid
  UNION ALL SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN reached t ON t.oid = r.ev_class
  UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 0, 'pg_statistic_ext'::regclass, s.oid FROM pg_statistic_ext s JOIN reached t ON t.oid = s.stxrelid
  UNION ALL SELECT 'pg_trigger'::regclass, g.oid, 0, 'pg_trigger'::regclass, g.oid FROM pg_trigger g JOIN reached t ON t.oid = g.tgrelid
    WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
  UNION ALL SELECT 'pg_class'::regclass, a.attrelid, a.attnum, 'pg_type'::regclass, a.atttypid FROM pg_attribute a JOIN reached t ON t.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'pg_constraint'::regclass, f.oid, 0, 'pg_proc'::regclass, k.castfunc FROM pg_constraint f JOIN reached t ON t.oid = f.confrelid AND f.contype = 'f'
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey) JOIN pg_cast k ON k.castsource = a.atttypid AND k.castfunc <> 0
), used AS (
  SELECT class, id, sub, of, part FROM parts
  UNION
  SELECT u.class, u.id, u.sub, n.of, n.part FROM used u CROSS JOIN LATERAL (
    SELECT d.refclassid AS of, d.refobjid AS part FROM pg_depend d WHERE d.classid = u.of AND d.objid = u.part
      AND (d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
        OR u.of = 'pg_type'::regclass AND d.refclassid = 'pg_class'::regclass)
    UNION ALL SELECT 'pg_constraint'::regclass, c.oid FROM pg_constraint c WHERE u.of = 'pg_type'::regclass AND c.contypid = u.part) n
), code AS (
  SELECT u.class, u.id, u.sub, f.oid::regprocedure::text AS code, 'ROUTINE' AS kind, f.proowner AS owner
  FROM used u JOIN pg_proc f ON u.of = 'pg_proc'::regclass AND f.oid = u.part
  UNION
  SELECT u.class, u.id, u.sub, t.oid::regtype::text, 'DOMAIN', t.typowner
  FROM used u JOIN pg_type t ON u.of = 'pg_type'::regclass AND t.oid = u.part AND t.typtype = 'd'
)
SELECT pg_describe_object(c.class, c.id, c.sub) AS what, c.code, c.kind, o.rolname AS owner
FROM code c JOIN pg_roles o ON o.oid = c.owner
WHERE NOT o.rolsuper AND NOT pg_has_role(o.oid, current_user::regrole, 'MEMBER')
ORDER BY 1, c.kind DESC, 2 LIMIT 20`;

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
 * Fails with PUBLISH_HELD, naming each, when writing to the tables would run somebody else's code, would be turned into something else by a rule, or would miss rows that row security hides. Inside a
 * transaction that holds the tables in ROW EXCLUSIVE mode or stronger the answer stays true until its end: triggers,
 * rules, indexes, constraints and policies are added under locks that this one keeps out.
 */
export async function requireTrusted(client: PgClient, oids: readonly string[]): Promise<void> {
  if (oids.length === 0) return;
  const foreign = await client.query<Record<'what' | 'code' | 'kind' | 'owner', string>>(untrustedCode, [
    oids,
  ]);
  if (foreign.rows.length > 0) {
    const named = foreign.rows.map(
      ({ what, code, kind, owner }) =>
        `${what} ${kind === 'DOMAIN' ? 'uses the domain' : 'runs'} ${code} of the role “${owner}”`,
    );
    throw held(
      say('sync.refreshWouldRunCode', { named: named.join('; ') }),
      foreign.rows.map(
        ({ code, kind }) =>
          `ALTER ${kind} ${code} OWNER TO the sync role or a superuser, who then answers for it, or drop what uses it`,
      ),
    );
  }
  const rules = await client.query<{ what: string }>(insteadRules, [oids]);
  if (rules.rows.length > 0) {
    throw held(say('sync.ruleDoesSomethingElse', { map: rules.rows.map(({ what }) => what).join('; ') }), [
      'drop the rule, or make it DO ALSO',
    ]);
  }
  const hidden = await client.query<{ relation: string }>(hiddenRows, [oids]);
  if (hidden.rows.length > 0) {
    throw held(
      say('sync.rowSecurityAppliesOwner', { map: hidden.rows.map(({ relation }) => relation) }),
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
