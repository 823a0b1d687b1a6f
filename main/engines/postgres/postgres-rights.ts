import type { LeaseSettings } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import type { PgClient } from './postgres-client.ts';
import { createSql } from './postgres-errors.ts';
import { beginWriting, ident, literal } from './sql.ts';

/** A sync uses three sessions, and the window reads with some more. */
const fewConnections = 5;
/** The oldest version that its makers still mend. */
const oldestVersion = 14;
/** Members of these can read or run anything on the server's machine (docs, 21.5). */
export const machineRoles = ['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'];

/** What a session may do, and what of it deserves a thought. */
export interface Rights {
  readonly version: string;
  readonly mayCreate: boolean;
  /** A schema whose content may be read; null when there is none. */
  readonly readable: string | null;
  /** Any schema of people's own, to name in an advice. */
  readonly anySchema: string | null;
  readonly replica: boolean;
  readonly superuser: boolean;
  /** How the database stores text. */
  readonly encoding: string;
  readonly backend: number;
  readonly warnings: Said[];
}

type Row = Record<
  | 'version'
  | 'number'
  | 'backend'
  | 'may_create'
  | 'readable'
  | 'any_schema'
  | 'replica'
  | 'superuser'
  | 'bypass_rls'
  | 'create_role'
  | 'create_db'
  | 'replication'
  | 'machine'
  | 'room'
  | 'role_room'
  | 'reads_only'
  | 'replication_role'
  | 'encoding'
  | 'database_room',
  string | null
>;

/** One statement that depends on nothing of the session, so that it works through every pooler. */
const rightsSql = `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
  pg_catalog.pg_backend_pid()::text AS backend,
  has_database_privilege(current_database(), 'CREATE')::text AS may_create,
  (SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND has_schema_privilege(oid, 'USAGE') ORDER BY nspname = 'public', nspname LIMIT 1) AS readable,
  (SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ORDER BY nspname = 'public', nspname LIMIT 1) AS any_schema,
  current_setting('default_transaction_read_only') AS reads_only, current_setting('session_replication_role') AS replication_role,
  current_setting('server_encoding') AS encoding, pg_is_in_recovery()::text AS replica, r.rolsuper::text AS superuser, r.rolbypassrls::text AS bypass_rls,
  r.rolcreaterole::text AS create_role, r.rolcreatedb::text AS create_db, r.rolreplication::text AS replication,
  (SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_catalog.pg_roles g
    WHERE g.rolname = ANY ($1) AND pg_has_role(r.oid, g.oid, 'MEMBER')) AS machine,
  (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int
    - (SELECT sum(numbackends) FROM pg_catalog.pg_stat_database))::text AS room,
  CASE WHEN r.rolconnlimit >= 0 THEN (r.rolconnlimit
    - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE usesysid = r.oid))::text END AS role_room,
  (SELECT CASE WHEN d.datconnlimit >= 0 THEN (d.datconnlimit
    - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datid = d.oid))::text END
    FROM pg_catalog.pg_database d WHERE d.datname = current_database()) AS database_room
 FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`;

function excess(row: Row, target: Target, lease: LeaseSettings | null): Said[] {
  if (row.superuser === 'true') {
    const told: Said[] = [say('engine.userSuperuserMayDoAnything', { user: target.user })];
    if (target.superuserAllowed) told.push(say('engine.somebodyInsistedWroteDown'));
    return [several(told)];
  }
  const told: [boolean, Said][] = [
    [row.bypass_rls === 'true', say('engine.userSeesRowsRow', { user: target.user })],
    [row.create_role === 'true' && lease === null, say('engine.userMayCreateRoles', { user: target.user })],
    [row.create_db === 'true', say('engine.userMayCreateDatabases', { user: target.user })],
    [row.replication === 'true', say('engine.userMayCopyWhole', { user: target.user })],
    [
      row.machine !== null,
      say('engine.userMayReachFiles', { user: target.user, machine: row.machine ?? '' }),
    ],
  ];
  return told.flatMap(([holds, text]) => (holds ? [text] : []));
}

/** Settings of the role or the database that change what writing does, where a transaction can't say otherwise. */
function unusual(row: Row, target: Target): Said[] {
  const told: Said[] = [];
  if (row.reads_only === 'on') {
    told.push(say('engine.sessionsUserReadOnly', { user: target.user }));
  }
  if (row.replication_role !== 'origin') {
    told.push(
      say('engine.sessionReplicationRoleUser', {
        role: row.replication_role ?? '',
        user: target.user,
        ident: ident(target.user),
      }),
    );
  }
  return told;
}

function scarce(row: Row, target: Target): Said[] {
  const { user, database } = target;
  const rooms: [string | null, (left: number) => Said][] = [
    [row.superuser === 'true' ? null : row.room, (left) => say('engine.fewFreeServer', { left })],
    [row.role_room, (left) => say('engine.fewFreeUser', { left, user })],
    [row.database_room, (left) => say('engine.fewFreeDatabase', { left, database })],
  ];
  const least = rooms
    .flatMap(([left, told]) => (left === null ? [] : [{ left: Math.max(0, Number(left)), told }]))
    .sort((a, b) => a.left - b.left)[0];
  if (!least || least.left >= fewConnections) return [];
  return [least.told(least.left)];
}

/** Reads what the session's user may do. */
export async function readRights(
  client: PgClient,
  target: Target,
  lease: LeaseSettings | null,
): Promise<Rights> {
  const { rows } = await client.query<Row>(rightsSql, [machineRoles]);
  const row = rows[0];
  if (!row) throw new AppError('DB_ERROR', say('engine.databaseDoesNotSay'));
  const old = Math.floor(Number(row.number) / 10_000) < oldestVersion;
  return {
    version: row.version ?? '',
    mayCreate: row.may_create === 'true',
    readable: row.readable,
    anySchema: row.any_schema,
    replica: row.replica === 'true',
    superuser: row.superuser === 'true',
    encoding: row.encoding ?? '',
    backend: Number(row.backend),
    warnings: [
      ...excess(row, target, lease),
      ...unusual(row, target),
      ...scarce(row, target),
      ...(old ? [say('engine.postgresqlGetsNoMore', { version: String(row.version), oldestVersion })] : []),
    ],
  };
}

/** A refusal with the statement that would lift it. */
export class Missing extends AppError {
  readonly fixSql: string | null;
  constructor(
    message: Said,
    advice: Said,
    fixSql: string | null = null,
    code: 'DB_NO_RIGHT' | 'TARGET_SUPERUSER' | 'TARGET_ENCODING' = 'DB_NO_RIGHT',
  ) {
    super(code, message, { advice });
    this.fixSql = fixSql;
  }
}

/** The one encoding that has a place for every character of every language. */
export const wholeEncoding = 'UTF8';

/** Fails with TARGET_ENCODING where what is written may have characters that the database can't store. */
export function requireEncoding(encoding: string, target: Pick<Target, 'database'>): void {
  if (encoding === wholeEncoding) return;
  const sql = `CREATE DATABASE ${ident(`${target.database}_utf8`)} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;`;
  throw new Missing(
    encoding === 'SQL_ASCII'
      ? say('engine.databaseNoEncodingSql', { database: target.database })
      : say('engine.databaseStoresTextNo', { database: target.database, encoding }),
    say('engine.useDatabaseUtf8', { sql }),
    sql,
    'TARGET_ENCODING',
  );
}

/**
 * Fails with TARGET_SUPERUSER where a superuser would write and nobody insists on it: what others put on the tables could
 * be made to run with its rights, and it has all of them.
 */
export function requirePlain(
  superuser: boolean,
  target: Pick<Target, 'database' | 'user' | 'superuserAllowed'>,
): void {
  if (!superuser || target.superuserAllowed) return;
  const role = ident(plainRole);
  const sql = `CREATE ROLE ${role} LOGIN; GRANT CONNECT, CREATE ON DATABASE ${ident(target.database)} TO ${role};`;
  throw new Missing(
    say('engine.userSuperuserMayDo', { user: target.user }),
    say('engine.userSuperuserMayDo.advice', { sql }),
    sql,
    'TARGET_SUPERUSER',
  );
}

/** How a role is called that is proposed in the place of a superuser. */
const plainRole = 'headgate_sync';

/** Fails with DB_NO_RIGHT unless the rights are enough for what the connection is for. */
export function requireRights(rights: Rights, target: Target, readOnly: boolean): Said {
  if (readOnly) {
    if (rights.readable !== null) return say('engine.mayLookIntoSchema', { readable: rights.readable });
    const schema = ident(rights.anySchema ?? 'public');
    const sql = `GRANT USAGE ON SCHEMA ${schema} TO ${ident(target.user)}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${ident(target.user)};`;
    throw new Missing(
      say('engine.userMayNotLook', { user: target.user }),
      say('engine.userMayNotLook.advice', { sql }),
      sql,
    );
  }
  if (rights.replica) {
    throw new Missing(say('engine.serverReadOnlyReplica'), say('engine.serverReadOnlyReplica.advice'));
  }
  requirePlain(rights.superuser, target);
  if (rights.mayCreate) return say('engine.mayCreateSchemas', { database: target.database });
  const sql = createSql(target);
  throw new Missing(
    say('engine.userMayNotCreateSchemas', { user: target.user, database: target.database }),
    say('engine.userMayNotLook.advice', { sql }),
    sql,
  );
}

/** What is missing to lend logins, as warnings with the statement that would help. */
export async function leaseWarnings(client: PgClient, target: Target, lease: LeaseSettings): Promise<Said[]> {
  const { rows } = await client.query<Record<'may_create' | 'reader' | 'may_grant', string | null>>(
    `SELECT (r.rolcreaterole OR r.rolsuper)::text AS may_create,
      (SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = $1) AS reader,
      (r.rolsuper OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
        WHERE g.rolname = $1 AND m.member = r.oid AND m.admin_option)
        OR (r.rolcreaterole AND current_setting('server_version_num')::int < 160000))::text AS may_grant
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
    [lease.readerRole],
  );
  const [row] = rows;
  const user = ident(target.user);
  const reader = ident(lease.readerRole);
  if (row?.may_create !== 'true') {
    return [say('engine.loginsCanNotLeased', { user: target.user, ident: user })];
  }
  if (row.reader === null) {
    return [say('engine.loginsCanNotLeasedNo', { readerRole: lease.readerRole, reader })];
  }
  if (row.may_grant !== 'true') {
    return [
      say('engine.loginsCanNotLeasedUser', {
        user: target.user,
        readerRole: lease.readerRole,
        reader,
        ident: user,
      }),
    ];
  }
  return [];
}

/** Whether the user's own password is stored as MD5, where a session may see that. */
export async function storesMd5(client: PgClient): Promise<boolean> {
  const { rows } = await client.query<{ md5: string | null }>(
    `SELECT CASE WHEN has_table_privilege('pg_catalog.pg_authid', 'SELECT') THEN 'true' ELSE 'false' END AS md5`,
  );
  if (rows[0]?.md5 !== 'true') return false;
  const stored = await client.query<{ md5: string | null }>(
    `SELECT (rolpassword LIKE 'md5%')::text AS md5 FROM pg_catalog.pg_authid WHERE rolname = current_user`,
  );
  return stored.rows[0]?.md5 === 'true';
}

/** The same with a name that nobody has: what a probe makes is gone before anybody sees it. */
export async function tryToWrite(client: PgClient, name: string): Promise<Said> {
  const schema = ident(name);
  try {
    await client.query(
      `${beginWriting}; SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '5s'`,
    );
    await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(`CREATE TABLE ${schema}.probe (v text NOT NULL)`);
    await client.query(`INSERT INTO ${schema}.probe VALUES (${literal(name)})`);
    const { rows } = await client.query<{ v: string }>(`SELECT v FROM ${schema}.probe`);
    if (rows[0]?.v !== name) throw new AppError('DB_ERROR', say('engine.whatWrittenCouldNot'));
  } finally {
    await client.query('ROLLBACK').catch(() => {});
  }
  return say('engine.madeSchemaTableWrote');
}
