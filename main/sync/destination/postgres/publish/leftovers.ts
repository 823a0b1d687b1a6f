import type { PgClient } from '../../../../engines/postgres-client.ts';
import { ident, qualified } from '../../../../engines/sql.ts';
import type { Logger } from '../../../../log.ts';
import type { Names } from '../../../shape/names.ts';
import { overflowColumn, ownColumns, rawColumn } from '../finish/plan.ts';
import { requireLease } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { dependantsOf, everyColumn } from './dependants.ts';
import type { LiveColumn, LiveTable } from './live.ts';
import { isLocked, olderTransactionsEnd, type Patience } from './patience.ts';
import { obstaclesOf, type TableWork, temporaryKey, temporaryPrefix } from './work.ts';

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

/** Whether nobody built anything on a table, or into it; the plain indexes of Headgate are its own. */
async function isFree(client: PgClient, live: LiveTable, names: Names): Promise<boolean> {
  const numbers = [...live.columns.values()].map(({ number }) => number);
  return isWhollyOurs(live, names) && (await dependantsOf(client, live.oid, numbers)).length === 0;
}

/** Whether nobody uses a position that an attempt left: its default, and the key that was to have it, are Headgate's. */
async function isUnused(client: PgClient, { oid }: LiveTable, position: LiveColumn): Promise<boolean> {
  const users = (await dependantsOf(client, oid)).filter(
    ({ column }) => column === position.number || column === everyColumn,
  );
  return users.every(
    ({ what, statement }) => what.includes(temporaryKey) || statement.endsWith('DROP DEFAULT'),
  );
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
  const columns: { work: TableWork; name: string; unused: () => Promise<boolean> }[] = [];
  for (const work of works) {
    if (work.gone.length > 0) {
      const { keep } = await inTransaction(client, () => obstaclesOf(client, schema, work));
      const unused = (name: string) => async (): Promise<boolean> =>
        !(await obstaclesOf(client, schema, work)).keep.has(name);
      for (const { name } of work.gone)
        if (!keep.has(name)) columns.push({ work, name, unused: unused(name) });
    }
    for (const position of work.strayPositions) {
      const unused = (): Promise<boolean> => isUnused(client, work.live, position);
      columns.push({ work, name: position.name, unused });
    }
    for (const { name } of work.live.columns.values()) {
      const isTemporary =
        name.startsWith(temporaryPrefix) && !work.retype.some(({ temporary }) => temporary === name);
      if (isTemporary) columns.push({ work, name, unused: async () => true });
    }
  }
  const tables: LiveTable[] = [];
  for (const live of goneTables) {
    if (await inTransaction(client, () => isFree(client, live, deps.names))) tables.push(live);
    else kept.push(live.name);
  }
  if (columns.length + tables.length === 0) return { kept, dropped };
  const alone = await olderTransactionsEnd(client, deps.patience, olderMs);
  const attempt = async (table: string, what: string, unused: () => Promise<boolean>): Promise<boolean> => {
    if (!alone) return false;
    try {
      return await inTransaction(
        client,
        async () => {
          await requireLease(client);
          await client.query(`LOCK TABLE ONLY ${qualified(schema, table)} IN ACCESS EXCLUSIVE MODE`);
          // Indexes, statistics and grants would go without a word with what they are on.
          if (!(await unused())) return false;
          await client.query(what);
          return true;
        },
        deps.bound,
      );
    } catch (error) {
      if (!isLocked(error) && (error as { code?: string }).code !== '2BP01') throw error;
      deps.log.info('sync.left_for_later', { statement: what.slice(0, 200) });
      return false;
    }
  };
  for (const { work, name, unused } of columns) {
    const table = work.live.name;
    await attempt(
      table,
      `ALTER TABLE ${qualified(schema, table)} DROP COLUMN IF EXISTS ${ident(name)}`,
      unused,
    );
  }
  for (const live of tables) {
    const { name } = live;
    const isDropped = await attempt(name, `DROP TABLE ${qualified(schema, name)}`, () =>
      isFree(client, live, deps.names),
    );
    (isDropped ? dropped : kept).push(name);
  }
  return { kept, dropped };
}
