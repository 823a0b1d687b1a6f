import { randomBytes } from 'node:crypto';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { LoginLease, SecretBytes, Target } from '../engine.ts';
import { scramVerifier } from '../login/scram.ts';
import { type PgClient, withClient } from './postgres-client.ts';
import { beginWriting, ident, literal } from './sql.ts';

/**
 * Roles are changed at once or not at all; nobody may wait for us behind a lock, also when the line breaks without the
 * server hearing of it.
 */
const bounds =
  "SET LOCAL statement_timeout = '15s'; SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '5s'; SET LOCAL search_path = pg_catalog";
/** A session that was told to end has this long before its role is dropped under it. */
const endingMs = 5000;

/** Something in this or another database still names the role (2BP01, dependent_objects_still_exist). */
const dependentObjects = '2BP01';
/** Clocks that differ by less than this are taken for one. */
const skewMs = 30_000;

const random = (bytes: number): Buffer => randomBytes(bytes);

/** Runs `work` in one transaction with short bounds; works through transaction poolers. */
async function changing<T>(
  target: Target,
  signal: AbortSignal,
  work: (client: PgClient) => Promise<T>,
): Promise<T> {
  return withClient(target, signal, async (client) => {
    await client.query(beginWriting);
    await client.query(bounds);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/**
 * Gives the target's own user another password. What is sent is a SCRAM verifier, so the password is in no statement and
 * no log of the server. Fails with DB_NO_RIGHT where the server does not let users change their passwords.
 */
export async function changePassword(
  target: Target,
  password: SecretBytes,
  signal: AbortSignal,
): Promise<void> {
  const verifier = await scramVerifier(password, random);
  await changing(target, signal, (client) =>
    client.query(`ALTER ROLE ${ident(target.user)} PASSWORD ${literal(verifier)}`),
  );
}

const notPossible = (message: Said, sql: string): AppError =>
  new AppError('LEASE_NOT_POSSIBLE', message, { advice: say('engine.runSuperuser', { sql }) });

/**
 * Makes a role that can log in as long as the lease lasts and is a member of the reader role, in one transaction. Fails with
 * LEASE_NOT_POSSIBLE, naming the statement that would allow it.
 */
export async function mintLogin(
  target: Target,
  lease: LoginLease,
  password: SecretBytes,
  signal: AbortSignal,
): Promise<void> {
  const verifier = await scramVerifier(password, random);
  await changing(target, signal, async (client) => {
    const { rows } = await client.query<Record<'now' | 'may_create' | 'reader' | 'may_grant', string | null>>(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS now,
              (r.rolcreaterole OR r.rolsuper)::text AS may_create,
              (SELECT rolname FROM pg_roles WHERE rolname = $1) AS reader,
              (r.rolsuper OR EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                WHERE g.rolname = $1 AND m.member = r.oid AND m.admin_option)
                OR (r.rolcreaterole AND current_setting('server_version_num')::int < 160000))::text AS may_grant
       FROM pg_roles r WHERE r.rolname = current_user`,
      [lease.readerRole],
    );
    const rights = rows[0];
    if (rights?.reader == null) {
      throw notPossible(
        say('engine.noRoleLend', { readerRole: lease.readerRole }),
        `CREATE ROLE ${ident(lease.readerRole)} NOLOGIN; then grant it what readers may see.`,
      );
    }
    if (rights.may_create !== 'true') {
      throw notPossible(
        say('engine.userMayNotCreate', { user: target.user }),
        `ALTER ROLE ${ident(target.user)} CREATEROLE;`,
      );
    }
    if (rights.may_grant !== 'true') {
      throw notPossible(
        say('engine.userMayNotLend', { user: target.user, readerRole: lease.readerRole }),
        `GRANT ${ident(lease.readerRole)} TO ${ident(target.user)} WITH ADMIN OPTION;`,
      );
    }
    const role = ident(lease.role);
    // It is the server that compares: by its clock the login lasts as long as it was asked for.
    const skew = Number(rights.now) - Date.parse(lease.createdAt);
    const until = Date.parse(lease.validUntil) + (Math.abs(skew) < skewMs ? 0 : skew);
    await client.query(
      `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 10
       PASSWORD ${literal(verifier)} VALID UNTIL ${literal(new Date(until).toISOString())}`,
    );
    await client.query(`GRANT ${ident(lease.readerRole)} TO ${role}`);
    await client.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await client.query(`COMMENT ON ROLE ${role} IS ${literal(lease.mark)}`);
  });
}

/**
 * Takes a leased login back: no new sessions, the present ones ended, the role dropped. Only a role that carries the mark
 * is touched. True when there was one. A role that owns something stays, without the right to log in, and DB_ERROR says so.
 */
export async function dropLogin(
  target: Target,
  role: string,
  mark: string,
  signal: AbortSignal,
): Promise<boolean> {
  const marked = async (client: PgClient): Promise<boolean> => {
    const { rows } = await client.query<{ comment: string | null }>(
      "SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = $1",
      [role],
    );
    if (rows.length === 0) return false;
    if (rows[0]?.comment === mark) return true;
    throw new AppError('SCHEMA_NOT_OURS', say('engine.roleNotMadeHeadgate', { role }), {
      advice: say('engine.roleNotMadeHeadgate.advice'),
    });
  };
  const there = await changing(target, signal, async (client) => {
    if (!(await marked(client))) return false;
    await client.query(`ALTER ROLE ${ident(role)} NOLOGIN`);
    return true;
  });
  if (!there) return false;
  return changing(target, signal, async (client) => {
    // Members of a role may end its sessions; who made it may become a member.
    await client.query('SAVEPOINT membership');
    await client
      .query(`GRANT ${ident(role)} TO CURRENT_USER`)
      .catch(() => client.query('ROLLBACK TO SAVEPOINT membership'));
    await client.query(
      `SELECT pg_terminate_backend(pid, ${endingMs}) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()`,
      [role],
    );
    if (!(await marked(client))) return true;
    const { rows } = await client.query<{ owns: string }>(
      `SELECT count(*) AS owns FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o'
         AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1)`,
      [role],
    );
    if (Number(rows[0]?.owns) > 0) {
      throw new AppError('DB_ERROR', say('engine.leasedLoginOwnsSomething', { role }), {
        advice: say('engine.leasedLoginOwnsSomething.advice', { ident: ident(role) }),
      });
    }
    // What it was given beside the reader role goes with it.
    await client.query(`DROP OWNED BY ${ident(role)}`);
    await client.query(`DROP ROLE ${ident(role)}`).catch((cause: unknown) => {
      if ((cause as { code?: string }).code !== dependentObjects) throw cause;
      throw new AppError('DB_ERROR', say('engine.leasedLoginGivenRights', { role }), {
        cause,
        advice: say('engine.leasedLoginGivenRights.advice', { ident: ident(role) }),
      });
    });
    return true;
  });
}
