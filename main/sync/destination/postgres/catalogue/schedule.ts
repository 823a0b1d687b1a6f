import type { Target } from '../../../../engines/engine.ts';
import { readOwnership, requireOwn, requireOwnTables } from '../../../../engines/postgres/ownership.ts';
import { type PgClient, withClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { inTransaction } from '../transaction.ts';
import { catalogueSchema, isThere, scheduleTable } from './names.ts';

/*
 * What everybody who reads the target finds there of the timetable, and what they tell it: `headgate.schedule` (when each
 * schema is refreshed, by whom, until when it stays), the view `headgate.freshness`, and the functions `headgate.touch` and
 * `headgate.search_path`, whose call counts as use.
 */

const table = qualified(catalogueSchema, scheduleTable);
/** Uses that follow one another closely are one: a row version for each query would bloat the table. */
const notOftener = "interval '1 minute'";

const layout = `
CREATE TABLE ${table} (dataset uuid PRIMARY KEY, workspace uuid NOT NULL, schema_name text NOT NULL, project text NOT NULL, project_schema text NOT NULL,
  personal boolean NOT NULL, source text NOT NULL, state text NOT NULL, data_as_of timestamptz, next_refresh_at timestamptz,
  last_result text, holder text NOT NULL, expires_at timestamptz, used_at timestamptz);
COMMENT ON TABLE ${table} IS 'When each schema that Headgate keeps is refreshed next, how it went last, and until when it stays unused.';
COMMENT ON COLUMN ${table}.holder IS 'The computer whose Headgate refreshes it';
COMMENT ON COLUMN ${table}.used_at IS 'When headgate.touch or headgate.search_path asked for it last';
CREATE VIEW ${qualified(catalogueSchema, 'freshness')} AS SELECT schema_name, project, source, state, data_as_of, next_refresh_at,
  last_result, expires_at, used_at FROM ${table};
COMMENT ON VIEW ${qualified(catalogueSchema, 'freshness')} IS 'How fresh the data of each schema is, and when it is refreshed next.';
CREATE FUNCTION ${qualified(catalogueSchema, 'touch')}(schema_name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  IF current_setting('transaction_read_only') = 'on' THEN RETURN; END IF;
  UPDATE ${table} s SET used_at = now()
    WHERE s.schema_name = touch.schema_name AND (s.used_at IS NULL OR s.used_at < now() - ${notOftener});
END $body$;
COMMENT ON FUNCTION ${qualified(catalogueSchema, 'touch')}(text) IS 'Says that a schema is in use, so that it stays, or comes back.';
CREATE FUNCTION ${qualified(catalogueSchema, 'search_path')}(project text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
  IF current_setting('transaction_read_only') = 'off' THEN
    UPDATE ${table} s SET used_at = now() WHERE s.project = search_path.project AND NOT s.personal
      AND (s.used_at IS NULL OR s.used_at < now() - ${notOftener});
  END IF;
  RETURN (SELECT string_agg(quote_ident(name), ', ' ORDER BY at, name) FROM (
    SELECT DISTINCT s.project_schema AS name, 0 AS at FROM ${table} s WHERE s.project = search_path.project
    UNION SELECT s.schema_name, 1 FROM ${table} s
      WHERE s.project = search_path.project AND NOT s.personal AND s.data_as_of IS NOT NULL) names);
END $body$;
COMMENT ON FUNCTION ${qualified(catalogueSchema, 'search_path')}(text) IS
  'The search_path of a project: its own schema, then those of its data. To ask for it counts as use of them.';`;

/** What is told of a dataset. */
export interface Told {
  readonly dataset: string;
  readonly schema: string;
  readonly project: string;
  readonly projectSchema: string;
  readonly isPersonal: boolean;
  readonly source: string;
  readonly state: string;
  readonly dataAsOf: string | null;
  readonly nextRefreshAt: string | null;
  readonly lastResult: string | null;
  readonly holder: string;
  readonly expiresAt: string | null;
  readonly readerRoles: readonly string[];
}

/** Whose datasets these are: all that the workspace has, also those of other databases. */
export interface Workspace {
  readonly id: string;
  readonly datasets: readonly string[];
}

/** What is learnt of the use of a dataset; null where it can't be. */
export interface Learnt {
  /** ISO instant: when somebody said last that it is in use. */
  readonly usedAt: string | null;
  /** How often the server has read its tables since it counts. */
  readonly reads: number | null;
}

/** Makes the tables and functions where they are missing; false where there is no catalogue of ours to hold them. */
async function ensure(client: PgClient): Promise<boolean> {
  const { mark, ownedByUs } = await readOwnership(client, catalogueSchema);
  if (mark?.role !== 'catalogue' || !ownedByUs) return false;
  await requireOwn(client, catalogueSchema, '', 'catalogue');
  if (await isThere(client, table)) {
    await requireOwnTables(client, catalogueSchema, [scheduleTable]);
    return true;
  }
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('headgate catalogue', 0))");
  if (!(await isThere(client, table))) await client.query(layout);
  return true;
}

async function tell(
  client: PgClient,
  { id: workspace, datasets }: Workspace,
  told: readonly Told[],
): Promise<Map<string, string | null>> {
  // Of what was unlinked elsewhere nobody else would ever take the row away.
  await client.query(`DELETE FROM ${table} WHERE workspace = $1 AND NOT dataset = ANY ($2)`, [
    workspace,
    datasets,
  ]);
  const rows = told.map(({ readerRoles: _, ...row }) => row);
  const { rows: found } = await client.query<{ dataset: string; used_at: string | null }>(
    `WITH told AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (dataset uuid, schema text, project text, "projectSchema" text,
         "isPersonal" boolean, source text, state text, "dataAsOf" timestamptz, "nextRefreshAt" timestamptz, "lastResult" text,
         holder text, "expiresAt" timestamptz)
     ), written AS (
       INSERT INTO ${table} AS s (workspace, dataset, schema_name, project, project_schema, personal, source, state, data_as_of,
         next_refresh_at, last_result, holder, expires_at)
       SELECT $2::uuid, told.* FROM told
       ON CONFLICT (dataset) DO UPDATE SET workspace = excluded.workspace, schema_name = excluded.schema_name, project = excluded.project,
         project_schema = excluded.project_schema, personal = excluded.personal, source = excluded.source,
         state = excluded.state, data_as_of = excluded.data_as_of, next_refresh_at = excluded.next_refresh_at,
         last_result = excluded.last_result, holder = excluded.holder, expires_at = excluded.expires_at
       WHERE (s.workspace, s.schema_name, s.project, s.project_schema, s.personal, s.source, s.state, s.data_as_of, s.next_refresh_at,
           s.last_result, s.holder, s.expires_at)
         IS DISTINCT FROM (excluded.workspace, excluded.schema_name, excluded.project, excluded.project_schema, excluded.personal,
           excluded.source, excluded.state, excluded.data_as_of, excluded.next_refresh_at, excluded.last_result,
           excluded.holder, excluded.expires_at)
     )
     SELECT s.dataset, to_char(s.used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS used_at
     FROM ${table} s JOIN told USING (dataset)`,
    [JSON.stringify(rows), workspace],
  );
  return new Map(found.map(({ dataset, used_at }) => [dataset, used_at]));
}

async function letRead(client: PgClient, roles: readonly string[]): Promise<void> {
  const objects = [table, qualified(catalogueSchema, 'freshness')];
  for (const role of roles) {
    const { rows } = await client.query<{ may: string | null }>(
      `SELECT has_schema_privilege(r.oid, $2, 'USAGE') AND bool_and(has_table_privilege(r.oid, o, 'SELECT')) AS may
       FROM pg_roles r, unnest($3::text[]) o WHERE r.rolname = $1 GROUP BY r.oid`,
      [role, catalogueSchema, objects],
    );
    if (rows[0] === undefined || rows[0].may === 't') continue;
    await client.query(`GRANT USAGE ON SCHEMA ${ident(catalogueSchema)} TO ${ident(role)}`);
    await client.query(`GRANT SELECT ON ${objects.join(', ')} TO ${ident(role)}`);
  }
}

async function readsOf(client: PgClient, schemas: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ schema: string; reads: string }>(
    `SELECT schemaname AS schema, sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) AS reads
     FROM pg_stat_user_tables WHERE schemaname = ANY ($1) GROUP BY 1`,
    [schemas],
  );
  return new Map(rows.map(({ schema, reads }) => [schema, Number(reads)]));
}

/**
 * Tells a target what is planned for its datasets, and learns which of them are used there. A user who may not write the
 * catalogue still learns what the server counts. Overwrites nothing of the target; fails as any session does.
 */
export async function exchangeSchedule(
  target: Target,
  workspace: Workspace,
  told: readonly Told[],
  onUnwritten: (error: unknown) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Learnt>> {
  return withClient(target, signal, async (client) => {
    let used = new Map<string, string | null>();
    try {
      used = await inTransaction(client, async () => {
        if (!(await ensure(client))) return new Map();
        await letRead(client, [...new Set(told.flatMap(({ readerRoles }) => readerRoles))]);
        return tell(client, workspace, told);
      });
    } catch (error) {
      const { code } = error as { code?: string };
      if (signal.aborted || code === undefined || /^(?:08|57P)/.test(code)) throw error;
      onUnwritten(error);
    }
    const reads = await inTransaction(client, () =>
      readsOf(
        client,
        told.map(({ schema }) => schema),
      ),
    );
    return new Map(
      told.map(({ dataset, schema }) => [
        dataset,
        { usedAt: used.get(dataset) ?? null, reads: reads.get(schema) ?? null },
      ]),
    );
  });
}
