import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { batchesOf } from '../../../batches.ts';

/** Something that people built on a column or a table, as the database names it. */
export interface Dependant {
  /** Number of the column it uses; 0 for the table as a whole, `everyColumn` where whole rows are kept or inherited. */
  readonly column: number;
  readonly what: string;
  readonly owner: string;
  /** The statement that takes it out of the way. */
  readonly statement: string;
  /** Whether the table can get no column because of it. */
  readonly refusesColumns?: boolean;
}

/**
 * Everything that is recorded to depend on some tables, by column. Constraints and indexes that are a table's own are
 * told apart by `own`: the primary key and plain indexes on one column are what Headgate itself makes.
 */
const query = `
SELECT d.refobjid AS of, d.refobjsubid AS column, d.classid::regclass::text AS class,
  CASE WHEN d.classid = 'pg_rewrite'::regclass THEN pg_describe_object('pg_class'::regclass, r.ev_class, 0)
       ELSE pg_describe_object(d.classid, d.objid, 0) END AS what,
  pg_get_userbyid(coalesce(v.relowner, x.relowner, f.proowner, s.stxowner, u.pubowner, ct.relowner, pt.relowner, tt.relowner, b.relowner, dt.relowner)) AS owner,
  CASE d.classid
    WHEN 'pg_rewrite'::regclass THEN CASE v.relkind WHEN 'v' THEN format('DROP VIEW %s', v.oid::regclass)
      WHEN 'm' THEN format('DROP MATERIALIZED VIEW %s', v.oid::regclass) ELSE format('DROP RULE %I ON %s', r.rulename, v.oid::regclass) END
    WHEN 'pg_class'::regclass THEN CASE WHEN x.relkind IN ('i', 'I') THEN format('DROP INDEX %s', x.oid::regclass) ELSE format('DROP TABLE %s', x.oid::regclass) END
    WHEN 'pg_proc'::regclass THEN format('DROP ROUTINE %s', f.oid::regprocedure)
    WHEN 'pg_constraint'::regclass THEN format('ALTER TABLE %s DROP CONSTRAINT %I', ct.oid::regclass, c.conname)
    WHEN 'pg_policy'::regclass THEN format('DROP POLICY %I ON %s', p.polname, pt.oid::regclass)
    WHEN 'pg_trigger'::regclass THEN format('DROP TRIGGER %I ON %s', g.tgname, tt.oid::regclass)
    WHEN 'pg_statistic_ext'::regclass THEN format('DROP STATISTICS %I.%I', s.stxnamespace::regnamespace, s.stxname)
    WHEN 'pg_publication_rel'::regclass THEN format('ALTER PUBLICATION %I DROP TABLE %s', u.pubname, b.oid::regclass)
    WHEN 'pg_attrdef'::regclass THEN CASE WHEN da.attgenerated = '' THEN format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', dt.oid::regclass, da.attname)
      ELSE format('ALTER TABLE %s DROP COLUMN %I', dt.oid::regclass, da.attname) END
    ELSE 'drop it' END AS statement,
  (d.classid = 'pg_constraint'::regclass AND c.contype IN ('p', 'n') AND c.conrelid = d.refobjid)
  OR (d.classid = 'pg_class'::regclass AND i.indisprimary IS TRUE)
  OR (d.classid = 'pg_class'::regclass AND i.indnatts = 1 AND NOT i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL
      AND x.relname LIKE '%\\_idx%' AND (d.refobjid, d.refobjsubid) IN (SELECT * FROM unnest($2::oid[], $3::int[])))
  OR (d.classid = 'pg_attrdef'::regclass AND da.attnum = ANY (SELECT unnest(k.indkey) FROM pg_index k WHERE k.indrelid = da.attrelid AND k.indisprimary))
  OR (d.classid = 'pg_trigger'::regclass AND g.tgisinternal) AS own
FROM pg_depend d
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
LEFT JOIN pg_class v ON v.oid = r.ev_class
LEFT JOIN pg_class x ON d.classid = 'pg_class'::regclass AND x.oid = d.objid
LEFT JOIN pg_index i ON i.indexrelid = x.oid
LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
LEFT JOIN pg_constraint c ON d.classid = 'pg_constraint'::regclass AND c.oid = d.objid
LEFT JOIN pg_class ct ON ct.oid = c.conrelid
LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
LEFT JOIN pg_class pt ON pt.oid = p.polrelid
LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
LEFT JOIN pg_class tt ON tt.oid = g.tgrelid
LEFT JOIN pg_statistic_ext s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid
LEFT JOIN pg_publication_rel pr ON d.classid = 'pg_publication_rel'::regclass AND pr.oid = d.objid
LEFT JOIN pg_publication u ON u.oid = pr.prpubid LEFT JOIN pg_class b ON b.oid = pr.prrelid
LEFT JOIN pg_attrdef ad ON d.classid = 'pg_attrdef'::regclass AND ad.oid = d.objid
LEFT JOIN pg_attribute da ON da.attrelid = ad.adrelid AND da.attnum = ad.adnum LEFT JOIN pg_class dt ON dt.oid = ad.adrelid
WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ($1::oid[])
  AND NOT (d.classid = 'pg_class'::regclass AND (d.objid = d.refobjid OR x.relkind IN ('r', 'p', 'f')))
  AND NOT (d.classid = 'pg_rewrite'::regclass AND v.oid = d.refobjid AND v.relkind IN ('v', 'm'))
  AND d.classid NOT IN ('pg_type'::regclass)
  AND coalesce(x.relkind, 'r') NOT IN ('t', 'S')
ORDER BY 4`;

/** Rows that are kept elsewhere, or inherit, lose the value of a column with the column. */
export const everyColumn = -1;

/** Columns elsewhere that hold whole rows of the table, also inside other types, and functions that give or take them. */
const rowTypeQuery = `
WITH RECURSIVE types AS (
  SELECT c.oid AS of, c.reltype AS type FROM pg_class c WHERE c.oid = ANY ($1::oid[])
  UNION
  SELECT r.of, n.type FROM types r CROSS JOIN LATERAL (
    SELECT y.typarray AS type FROM pg_type y WHERE y.oid = r.type AND y.typarray <> 0
    UNION ALL SELECT d.oid FROM pg_type d WHERE d.typbasetype = r.type
    UNION ALL SELECT g.rngtypid FROM pg_range g WHERE g.rngsubtype = r.type
    UNION ALL SELECT c.reltype FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'c'
      WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid = r.type AND d.classid = 'pg_class'::regclass AND d.objsubid > 0) n
)
SELECT y.of, ${everyColumn} AS column, format('column %I of %s', a.attname, o.oid::regclass) AS what, pg_get_userbyid(o.relowner) AS owner,
  CASE o.relkind WHEN 'm' THEN format('DROP MATERIALIZED VIEW %s', o.oid::regclass)
    WHEN 'f' THEN format('ALTER FOREIGN TABLE %s DROP COLUMN %I', o.oid::regclass, a.attname)
    ELSE format('ALTER TABLE %s DROP COLUMN %I', o.oid::regclass, a.attname) END AS statement
FROM types y JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = y.type AND d.classid = 'pg_class'::regclass
JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid AND a.atttypid = y.type AND NOT a.attisdropped AND a.attnum > 0
JOIN pg_class o ON o.oid = a.attrelid AND o.relkind IN ('r', 'p', 'm', 'f')
UNION ALL
SELECT y.of, 0, format('function %s', f.oid::regprocedure), pg_get_userbyid(f.proowner), format('DROP ROUTINE %s', f.oid::regprocedure)
FROM types y JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = y.type AND d.classid = 'pg_proc'::regclass
JOIN pg_proc f ON f.oid = d.objid ORDER BY 3`;

/** Columns that somebody was granted something on: the grant goes with its column. */
const grantQuery = `
SELECT c.oid AS of, a.attnum AS column, format('the grant on column %I to %s', a.attname,
    string_agg(DISTINCT coalesce(x.grantee::regrole::text, 'PUBLIC'), ', ')) AS what, pg_get_userbyid(c.relowner) AS owner,
  format('REVOKE ALL (%I) ON %s FROM …', a.attname, c.oid::regclass) AS statement
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL,
  aclexplode(a.attacl) x WHERE c.oid = ANY ($1::oid[]) GROUP BY a.attnum, a.attname, c.oid, c.relowner`;

/**
 * Tables that inherit: a column that is dropped goes there too, with its values, whoever owns them; one that is added
 * needs the right to change them.
 */
const heirQuery = `
SELECT i.inhparent AS of, ${everyColumn} AS column, pg_describe_object('pg_class'::regclass, c.oid, 0) AS what, pg_get_userbyid(c.relowner) AS owner,
  format('ALTER %s %s NO INHERIT %s', CASE c.relkind WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, c.oid::regclass, i.inhparent::regclass) AS statement,
  NOT pg_has_role(c.relowner, 'USAGE') AS refuses
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = ANY ($1::oid[]) ORDER BY 3`;

type Row = Record<'of' | 'column' | 'what' | 'owner' | 'statement', string> & { readonly refuses?: string };

/** A table that is asked about. */
export interface Asked {
  readonly oid: string;
  /** Numbers of the columns that Headgate itself keeps a plain index on: such an index is its own. */
  readonly indexed: readonly number[];
}

/** Tables that are asked about in one query. */
const tablesAtOnce = 100;

/** What people built on the tables or on columns of them, by the oid of the table; of a table without any there is nothing. */
export async function dependantsOf(
  client: PgClient,
  tables: readonly Asked[],
): Promise<ReadonlyMap<string, readonly Dependant[]>> {
  const found = new Map<string, Dependant[]>();
  const seen = new Set<string>();
  for (const some of batchesOf(tables, tablesAtOnce)) {
    const oids = some.map(({ oid }) => oid);
    const indexed = some.flatMap(({ oid, indexed }) => indexed.map((number) => ({ oid, number })));
    const direct = await client.query<Row & { own: string }>(query, [
      oids,
      indexed.map(({ oid }) => oid),
      indexed.map(({ number }) => number),
    ]);
    const rows: Row[] = [
      ...direct.rows.filter(({ own }) => own !== 't'),
      ...(await client.query<Row>(rowTypeQuery, [oids])).rows,
      ...(await client.query<Row>(grantQuery, [oids])).rows,
      ...(await client.query<Row>(heirQuery, [oids])).rows,
    ];
    for (const { of, column, what, owner, statement, refuses } of rows) {
      const key = `${of} ${column} ${what}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const known = found.get(of) ?? [];
      found.set(of, known);
      const refusesColumns = refuses === 't' ? { refusesColumns: true } : {};
      known.push({ column: Number(column), what, owner, statement, ...refusesColumns });
    }
  }
  return found;
}

/** How a dependant is told: what it is and whose. */
export const toldOf = ({ what, owner }: Pick<Dependant, 'what' | 'owner'>): string =>
  `${what} (owner ${owner})`;
