import { say } from '../../../../../preload/messages/said.ts';
import type { Target } from '../../../../engines/engine.ts';
import { readOwnership, requireOwn, requireOwnTables } from '../../../../engines/postgres/ownership.ts';
import { type PgClient, withClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { AppError } from '../../../../errors.ts';
import type { Found, StoredShare } from '../../../../oauth/shared-table.ts';
import { osProcesses, type ProcessStamp } from '../../../../os-process.ts';
import { inTransaction } from '../transaction.ts';
import { ensureCatalogue } from './catalogue.ts';
import { catalogueSchema, isThere, signInsTable } from './names.ts';

/*
 * `headgate.sign_ins`: the current tokens of sign-ins that several workspaces share, sealed with a key that only these
 * workspaces have. Who renews one has its row's lease, by the server's clock; no lock is held while the source is asked.
 */

const table = qualified(catalogueSchema, signInsTable);
/** A lease without a sign of life for so long is free. Longer than a line may be away after the source has answered. */
const life = '2 minutes';
/** So long a row may be locked by somebody else. */
const lockPatience = "SET LOCAL lock_timeout = '5s'";
/** So long each of these sessions may take, from the first byte. */
const deadlineMs = 20_000;

const layout = `
CREATE TABLE ${table} (share uuid PRIMARY KEY, origin text NOT NULL, version bigint NOT NULL CHECK (version > 0), sealed bytea NOT NULL,
  holder jsonb, lease_until timestamptz, changed_at timestamptz NOT NULL DEFAULT clock_timestamp());
COMMENT ON TABLE ${table} IS 'Sign-ins that several workspaces of Headgate share. Only they can open them; nobody else needs this table.';`;

interface Holder extends ProcessStamp {
  readonly id: string;
}

/** Takes away what default privileges gave to others with the new table. */
async function keepToOwner(client: PgClient): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END AS role
     FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
     WHERE c.oid = $1::pg_catalog.regclass AND a.grantee <> c.relowner`,
    [table],
  );
  for (const { role } of rows)
    await client.query(`REVOKE ALL ON ${table} FROM ${role === '' ? 'PUBLIC' : ident(role)}`);
}

/** Whether the table is there, and ours. Fails with SCHEMA_NOT_OURS where it is somebody else's. */
async function isOurs(client: PgClient): Promise<boolean> {
  const { exists } = await readOwnership(client, catalogueSchema);
  if (!exists) return false;
  await requireOwn(client, catalogueSchema, '', 'catalogue');
  await requireOwnTables(client, catalogueSchema, [signInsTable]);
  return isThere(client, table);
}

async function ensure(client: PgClient): Promise<void> {
  await ensureCatalogue(client);
  if (!(await isThere(client, table))) {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('headgate catalogue', 0))");
    if (!(await isThere(client, table))) {
      await client.query(layout);
      await keepToOwner(client);
    }
  }
  await requireOwnTables(client, catalogueSchema, [signInsTable]);
}

/** One transaction in a session of its own, within the deadline. */
async function session<T>(target: Target, work: (client: PgClient) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return await withClient(target, signal, (client) =>
      inTransaction(client, () => work(client), lockPatience),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AppError('DB_TIMEOUT', say('sync.databaseSharedSignDid', { seconds: deadlineMs / 1000 }));
  }
}

interface Row {
  readonly origin: string;
  readonly version: string;
  readonly sealed: string;
}
const columns = "origin, version, encode(sealed, 'base64') AS sealed";
const stored = ({ origin, version, sealed }: Row): StoredShare => ({
  ...{ origin, version: Number(version), sealed: Buffer.from(sealed, 'base64') },
});

/** The row of a share; null where there is none. */
export function readShare(target: Target, share: string): Promise<StoredShare | null> {
  return session(target, async (client) => {
    if (!(await isOurs(client))) return null;
    const { rows } = await client.query<Row>(`SELECT ${columns} FROM ${table} WHERE share = $1`, [share]);
    return rows[0] ? stored(rows[0]) : null;
  });
}

/**
 * Whether a holder is known to be gone without waiting for its lease: it was a process of this boot of this machine. Another
 * holder in this very process lives.
 */
function isGone(holder: Holder, ours: Holder): boolean {
  return holder.boot === ours.boot && osProcesses.fateOf(holder) === 'gone';
}

/** See `SharedTable.take`. */
export function takeShare(target: Target, share: string, id: string): Promise<Found> {
  const ours: Holder = { id, ...osProcesses.own() };
  const none: Found = { row: null, mine: false, ageMs: 0 };
  return session(target, async (client) => {
    if (!(await isOurs(client))) return none;
    // A lease that runs out later than one can be taken for was given by a clock of the server that was wrong.
    const { rows } = await client.query<Row & { holder: string | null; over: string | null; age: string }>(
      `SELECT ${columns}, holder, (extract(epoch FROM clock_timestamp() - changed_at) * 1000)::bigint AS age,
         (lease_until < clock_timestamp() OR lease_until > clock_timestamp() + 2 * $2::interval)::text AS over
       FROM ${table} WHERE share = $1 FOR UPDATE`,
      [share, life],
    );
    const [row] = rows;
    if (!row) return none;
    const holder = row.holder === null ? null : (JSON.parse(row.holder) as Holder);
    const free = holder === null || holder.id === id || row.over !== 'false' || isGone(holder, ours);
    if (free)
      await client.query(
        `UPDATE ${table} SET holder = $2, lease_until = clock_timestamp() + $3::interval WHERE share = $1`,
        [share, JSON.stringify(ours), life],
      );
    return { row: stored(row), mine: free, ageMs: Number(row.age) };
  });
}

/** See `SharedTable.free`. */
export function freeShare(target: Target, share: string, id: string): Promise<void> {
  return session(target, async (client) => {
    if (!(await isOurs(client))) return;
    await client.query(
      `UPDATE ${table} SET holder = NULL, lease_until = NULL WHERE share = $1 AND holder->>'id' = $2`,
      [share, id],
    );
  });
}

/** See `SharedTable.write`. */
export function writeShare(
  target: Target,
  share: string,
  before: number,
  { origin, version, sealed }: StoredShare,
  id: string,
): Promise<boolean> {
  return session(target, async (client) => {
    if (before === 0) await ensure(client);
    else if (!(await isOurs(client))) return false;
    const { rowCount } = await (before === 0
      ? client.query(
          `INSERT INTO ${table} (share, origin, version, sealed) VALUES ($1, $2, $3, decode($4, 'base64'))
           ON CONFLICT (share) DO NOTHING`,
          [share, origin, version, sealed.toString('base64')],
        )
      : client.query(
          `UPDATE ${table} SET origin = $2, version = $3, sealed = decode($4, 'base64'), changed_at = clock_timestamp(),
             holder = CASE WHEN holder->>'id' = $6 THEN NULL ELSE holder END,
             lease_until = CASE WHEN holder->>'id' = $6 THEN NULL ELSE lease_until END
           WHERE share = $1 AND version = $5`,
          [share, origin, version, sealed.toString('base64'), before, id],
        ));
    return rowCount === 1;
  });
}
