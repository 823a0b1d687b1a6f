import type pg from 'pg';

/** What a sync is at, as the database shows it to somebody who looks from outside. */
export const killPhases = ['reading', 'finishing', 'widening', 'comparing', 'applying', 'tidying'] as const;
export type KillPhase = (typeof killPhases)[number];

/**
 * The phase out of what is committed (the run's state, the marks) and who holds which locks on which tables, so that it
 * does not depend on the wording of any statement. `$1` is the published schema.
 */
const question = (staging: string): string => `
WITH here AS (
  SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'headgate sync%'
), run AS (
  SELECT bool_or(dataset <> '' AND fetched > 0) AS began, coalesce(bool_and(done) FILTER (WHERE dataset <> ''), false) AS done,
    bool_or(finished IS NOT NULL) AS finished, max(finished_by) AS job
  FROM "${staging}"._headgate_state
), held AS (
  SELECT c.relnamespace = to_regnamespace(quote_ident($1)) AS live, l.mode,
    c.relnamespace = to_regnamespace(quote_ident($1 || '__staging')) AND c.relname NOT LIKE '\\_headgate\\_%' AS staged,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname LIKE '\\_headgate\\_%' AND NOT a.attisdropped) AS wide
  FROM pg_locks l JOIN here USING (pid) JOIN pg_class c ON c.oid = l.relation
  WHERE l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND c.relkind = 'r'
), held_now AS (
  SELECT coalesce(bool_or(live), false) AS live, coalesce(bool_or(staged), false) AS staged,
    coalesce(bool_or(live AND mode = 'RowExclusiveLock'), false) AS writes,
    coalesce(bool_or(live AND wide AND mode IN ('RowExclusiveLock', 'ShareLock', 'AccessExclusiveLock')), false) AS widens,
    coalesce(bool_or(live AND wide AND mode = 'AccessExclusiveLock'), false) AS swaps
  FROM held
)
SELECT CASE
  WHEN NOT EXISTS (SELECT FROM here) THEN 'away'
  WHEN run.job = substring(obj_description(to_regnamespace(quote_ident($1)), 'pg_namespace') FROM '"job":"([^"]+)"') THEN 'tidying'
  WHEN h.swaps OR h.widens AND NOT h.staged THEN 'widening'
  WHEN h.writes AND h.staged THEN 'applying'
  WHEN run.finished AND h.live AND h.staged THEN 'comparing'
  WHEN run.done AND NOT run.finished THEN 'finishing'
  WHEN run.began AND NOT run.done THEN 'reading'
  ELSE 'between' END AS phase
FROM run, held_now h`;

/** What the sync into a schema is at now; `away` without one, `between` for what has no name here. */
export async function phaseNow(watcher: pg.Client, schema: string): Promise<KillPhase | 'away' | 'between'> {
  try {
    const { rows } = await watcher.query<{ phase: KillPhase | 'away' | 'between' }>(
      question(`${schema}__staging`),
      [schema],
    );
    return rows[0]?.phase ?? 'away';
  } catch (error) {
    // Nothing is staged, or it was dropped while it was looked at (undefined_table, invalid_schema_name).
    if (['42P01', '3F000', 'XX000'].includes((error as { code?: string }).code ?? '')) return 'away';
    throw error;
  }
}
