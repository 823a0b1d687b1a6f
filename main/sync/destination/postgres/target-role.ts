import { say } from '../../../../preload/messages/said.ts';
import type { Target } from '../../../engines/engine.ts';
import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { requireEncoding, requirePlain } from '../../../engines/postgres/postgres-rights.ts';
import { ident } from '../../../engines/postgres/sql.ts';
import { AppError } from '../../../errors.ts';

/** What has to be true of a target before anything is read for it. */
export interface Demands {
  readonly target: Pick<Target, 'database' | 'user' | 'superuserAllowed'>;
  /** Roles that are granted the tables when they are published. */
  readonly readerRoles: readonly string[];
}

/**
 * Fails, inside the open transaction, with what would otherwise stop the sync only after everything was read, or be a
 * danger: a superuser on which nobody insists (TARGET_SUPERUSER), a database that can't store every character
 * (TARGET_ENCODING), a reader role that does not exist (READER_ROLE_MISSING). One round trip.
 */
export async function requireTarget(client: PgClient, { target, readerRoles }: Demands): Promise<void> {
  const { rows } = await client.query<{ superuser: string; encoding: string; missing: string | null }>(
    `SELECT r.rolsuper::text AS superuser, pg_catalog.current_setting('server_encoding') AS encoding,
       (SELECT w.name FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY w (name, at)
         WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles g WHERE g.rolname = w.name) ORDER BY w.at LIMIT 1) AS missing
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
    [readerRoles],
  );
  const [row] = rows;
  requirePlain(row?.superuser === 'true', target);
  requireEncoding(row?.encoding ?? '', target);
  if (row?.missing == null) return;
  throw new AppError('READER_ROLE_MISSING', say('sync.noRoleServerRead', { missing: row.missing }), {
    advice: say('sync.noRoleServerRead.advice', { ident: ident(row.missing) }),
  });
}
