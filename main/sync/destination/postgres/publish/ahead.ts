import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import type { Logger } from '../../../../log.ts';
import { type Difference, isFew } from '../compare/difference.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { lockSame } from './live.ts';
import { keyOf } from './work.ts';

/** Fewer rows of a table are not worth a transaction of their own. */
const leastRows = 50;
/** Pages of a difference whose rows are touched in one transaction: some hundred to some thousand rows. */
const pagesAtOnce = 100;

export interface AheadDeps {
  /** The `SET LOCAL` that bounds how long a lock is waited for. */
  readonly bound: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Touches the published rows that are about to change, in short transactions before the one that changes them. The first
 * change of a page after a checkpoint puts the whole page into the write-ahead log: that is most of what changing rows
 * here and there costs, and a row that is merely locked has its page written as well. What it does is to be seen by
 * nobody: rows that somebody else has in hand are left out, no trigger or rule knows of it, and a foreign key to a row
 * can be checked meanwhile. Where it fails, the refresh only takes longer at its end.
 */
export async function touchAhead(
  client: PgClient,
  schema: string,
  differences: readonly Difference[],
  deps: AheadDeps,
): Promise<void> {
  for (const difference of differences) {
    const { deleted, updated, work } = difference;
    if (deleted + updated < leastRows || !isFew(difference)) continue;
    try {
      await touch(client, schema, difference, deps.bound);
    } catch (error) {
      // What is no refusal of the server ends the attempt as it does anywhere else.
      if (deps.signal.aborted || !/^(?!57P|08)[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? ''))
        throw error;
      deps.log.info('sync.not_touched_ahead', { table: work.live.name, error });
    }
  }
}

/** Under these the rows of a few pages of the difference are looked up by the published key, whatever is known of the tables. */
const settings = [
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_mergejoin = off',
  'SET LOCAL jit = off',
  // Whether policies hide anything from the sync role was looked at before, and is again before anything is applied.
  'SET LOCAL row_security = on',
];

/** Touches the rows of one table, a part of them in each transaction. */
async function touch(
  client: PgClient,
  schema: string,
  { work, table }: Difference,
  bound: string,
): Promise<void> {
  const from = qualified(stagingSchema(schema), table);
  const same = work.keys.map(({ live }, at) => `l.${ident(live)} = d.${keyOf(at)}`).join(' AND ');
  /** Whether there is more of the difference behind these pages. */
  const touchPages = async (first: number): Promise<boolean> => {
    await requireLease(client);
    await lockSame(client, schema, [work.live]);
    const { rows } = await client.query<{ more: string }>(
      `SELECT pg_relation_size($1::regclass) > $2::bigint * current_setting('block_size')::int AS more,
         (SELECT count(*) FROM (
            SELECT FROM ONLY ${qualified(schema, work.live.name)} l JOIN ${from} d ON ${same}
            WHERE d.op <> 'i' AND d.ctid >= $3::tid AND d.ctid < $4::tid
            FOR NO KEY UPDATE OF l SKIP LOCKED) touched) AS touched`,
      [from, first + pagesAtOnce, `(${first},0)`, `(${first + pagesAtOnce},0)`],
    );
    return rows[0]?.more === 't';
  };
  let more = true;
  for (let first = 0; more; first += pagesAtOnce)
    more = await inTransaction(client, () => touchPages(first), bound, ...settings);
}
