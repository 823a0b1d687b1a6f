import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import type { Logger } from '../../../../log.ts';
import type { Names } from '../../../shape/names.ts';
import { overflowColumn, ownColumns, rawColumn } from '../finish/plan.ts';
import { requireLease } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { dependantsOf, everyColumn } from './dependants.ts';
import type { LiveTable } from './live.ts';
import { isLocked, olderTransactionsEnd, type Patience } from './patience.ts';
import { obstaclesOf, obstaclesOfEach, type TableWork, temporaryKey, temporaryPrefix } from './work.ts';

export interface LeftoverDeps {
  readonly schema: string;
  readonly bound: string;
  readonly patience: Patience;
  readonly log: Logger;
  readonly names: Names;
}

/** How long dropping waits for those who may still look at what goes; if they stay, the next refresh drops it. */
const olderMs = 3000;

/** Whether a table has no columns but those that Headgate made. */
function isWhollyOurs({ name, key, columns }: LiveTable, names: Names): boolean {
  const ids = Object.entries(names.tables).flatMap(([id, given]) => (given === name ? [id] : []));
  const ours = new Set([rawColumn, overflowColumn, ...key, ...ids.flatMap((id) => ownColumns(names, id))]);
  return [...columns.keys()].every((column) => ours.has(column) || column.startsWith(temporaryPrefix));
}

/** The tables that nobody built anything on, or into; the plain indexes of Headgate are its own. */
async function freeOf(client: PgClient, tables: readonly LiveTable[], names: Names): Promise<LiveTable[]> {
  const ours = tables.filter((live) => isWhollyOurs(live, names));
  const used = await dependantsOf(
    client,
    ours.map(({ oid, columns }) => ({ oid, indexed: Array.from(columns.values(), ({ number }) => number) })),
  );
  return ours.filter(({ oid }) => !used.has(oid));
}

/** Positions that an attempt left and somebody uses; their default, and the key that was to have them, are Headgate's. */
async function usedPositions(
  client: PgClient,
  { live, strayPositions }: TableWork,
): Promise<ReadonlySet<string>> {
  if (strayPositions.length === 0) return new Set();
  const users = (await dependantsOf(client, [{ oid: live.oid, indexed: [] }])).get(live.oid) ?? [];
  const foreign = users.filter(
    ({ what, statement }) => !what.includes(temporaryKey) && !statement.endsWith('DROP DEFAULT'),
  );
  const used = strayPositions.filter(({ number }) =>
    foreign.some(({ column }) => column === number || column === everyColumn),
  );
  return new Set(used.map(({ name }) => name));
}

/** A table that many read has somebody who waits for it now and then: so often it is tried, with such pauses. */
const waitedTries = 12;
const turnMs = 40;

/**
 * Whether somebody waits for the table. Such a session may have looked up its columns already, in a snapshot of its own
 * that it keeps, as pg_dump has: it would ask for what is gone.
 */
async function isWaitedFor(client: PgClient, schema: string, table: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_locks WHERE locktype = 'relation' AND relation = $1::regclass AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [qualified(schema, table)],
  );
  return rows.length > 0;
}

/**
 * Drops what a refresh left empty: columns and tables that the source has no more, and columns that an earlier attempt
 * made and did not need. Nothing here is urgent, and nothing of it is done while somebody uses it: what can't be had at
 * once stays for the next refresh. Returns the names of the tables that are left, empty, because people's things are
 * built on them.
 */
export async function dropLeftovers(
  client: PgClient,
  works: readonly TableWork[],
  goneTables: readonly LiveTable[],
  deps: LeftoverDeps,
): Promise<{ kept: string[]; dropped: string[] }> {
  const { schema } = deps;
  const kept: string[] = [];
  const dropped: string[] = [];
  const shrinking = works.filter(({ gone }) => gone.length > 0);
  const met = await inTransaction(client, () => obstaclesOfEach(client, schema, shrinking));
  const keeps = new Map(shrinking.map((work, at) => [work, met[at]?.keep]));
  const unused = new Map<TableWork, string[]>();
  for (const work of works) {
    const keep = keeps.get(work);
    const names = work.gone.flatMap(({ name }) => (keep?.has(name) ? [] : [name]));
    names.push(...work.strayPositions.map(({ name }) => name));
    for (const { name } of work.live.columns.values()) {
      const isTemporary =
        name.startsWith(temporaryPrefix) && !work.retype.some(({ temporary }) => temporary === name);
      if (isTemporary) names.push(name);
    }
    if (names.length > 0) unused.set(work, names);
  }
  const tables = await inTransaction(client, () => freeOf(client, goneTables, deps.names));
  for (const live of goneTables) if (!tables.includes(live)) kept.push(live.name);
  if (unused.size + tables.length === 0) return { kept, dropped };
  const alone = await olderTransactionsEnd(client, deps.patience, olderMs);
  const tryOnce = (
    table: string,
    what: () => Promise<string | null>,
  ): Promise<'done' | 'used' | 'waited for'> =>
    inTransaction(
      client,
      async () => {
        await requireLease(client);
        await client.query(`LOCK TABLE ONLY ${qualified(schema, table)} IN ACCESS EXCLUSIVE MODE`);
        // Indexes, statistics and grants would go without a word with what they are on.
        const statement = await what();
        if (statement === null) return 'used';
        if (await isWaitedFor(client, schema, table)) return 'waited for';
        await client.query(statement);
        return 'done';
      },
      deps.bound,
    );
  /** `what` is asked for under the lock: the statement, or null where somebody has begun to use it meanwhile. */
  const attempt = async (table: string, what: () => Promise<string | null>): Promise<boolean> => {
    try {
      for (let tries = 0; alone && tries < waitedTries; tries += 1) {
        const came = await tryOnce(table, what);
        if (came !== 'waited for') return came === 'done';
        // Whoever waits has their turn first.
        await deps.patience.clock.sleep(turnMs * (1 + deps.patience.random()), deps.patience.signal);
      }
    } catch (error) {
      if (!isLocked(error) && (error as { code?: string }).code !== '2BP01') throw error;
    }
    deps.log.info('sync.left_for_later', { table });
    return false;
  };
  for (const [work, names] of unused) {
    const table = work.live.name;
    await attempt(table, async () => {
      const { keep } = await obstaclesOf(client, schema, work);
      const used = await usedPositions(client, work);
      const drops = names
        .filter((name) => !keep.has(name) && !used.has(name))
        .map((name) => `DROP COLUMN IF EXISTS ${ident(name)}`);
      return drops.length === 0 ? null : `ALTER TABLE ${qualified(schema, table)} ${drops.join(', ')}`;
    });
  }
  for (const live of tables) {
    const { name } = live;
    const isDropped = await attempt(name, async () => {
      const [free] = await freeOf(client, [live], deps.names);
      return free ? `DROP TABLE ${qualified(schema, name)}` : null;
    });
    (isDropped ? dropped : kept).push(name);
  }
  return { kept, dropped };
}
