import { type Target, wipeTarget } from '../../../engines/engine.ts';
import { connect, endSession } from '../../../engines/postgres/postgres-client.ts';
import { sessionJob } from './lease.ts';

/** Sessions that a sync has open: its working one, one for signs of life, one to compare or to make indexes beside. */
export const sessionsOfSync = 3;
/** Of the server's sessions so many stay free for everybody else. */
const shareForOthers = 0.1;
const leastForOthers = 3;

/**
 * How many syncs fit a target at once, by the sessions that the server, the database and the role may have and that others
 * have open; at least one. `jobs` are those whose sessions are not others'. The target's secrets are overwritten.
 */
export async function roomForSyncs(
  target: Target,
  jobs: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const client = await connect(target, signal).finally(() => wipeTarget(target));
  try {
    // Whose a session is can be seen by everybody; sessions without a user are the server's own.
    const { rows } = await client.query<Record<'server' | 'most' | 'database' | 'role', string | null>>(
      `SELECT m.most - count(*) AS server, m.most,
         CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper
           THEN d.datconnlimit - count(*) FILTER (WHERE a.datid = d.oid) END AS database,
         CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper
           THEN r.rolconnlimit - count(*) FILTER (WHERE a.usesysid = r.oid) END AS role
       FROM (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) AS most) m
       JOIN pg_database d ON d.datname = current_database()
       JOIN pg_roles r ON r.rolname = current_user
       LEFT JOIN pg_stat_activity a ON a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()
         AND NOT coalesce(${sessionJob} = ANY ($1::text[]), false)
       GROUP BY m.most, d.datconnlimit, d.oid, r.rolconnlimit, r.rolsuper, r.oid`,
      [jobs],
    );
    const [free] = rows;
    const most = Number(free?.most ?? 0);
    const forOthers = Math.max(leastForOthers, Math.ceil(most * shareForOthers));
    const limits = [
      Number(free?.server ?? 0) - forOthers,
      ...[free?.database, free?.role].flatMap((left) => (left == null ? [] : [Number(left)])),
    ];
    return Math.max(1, Math.floor(Math.min(...limits) / sessionsOfSync));
  } finally {
    await endSession(client);
  }
}
