import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { isRefused } from '../../../../engines/postgres/postgres-errors.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import type { Logger } from '../../../../log.ts';
import { type Difference, type Finding, isAbout, isFew } from '../compare/difference.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';
import { lockSame } from './live.ts';

/*
 * The first change of a page after a checkpoint puts the whole page into the write-ahead log; on servers with checksums
 * (the default from 18 on) so does the first reader who notes in a row that its transaction was committed. That is most of
 * what changing rows here and there costs. What is done here moves it to where it holds nobody up, or happens once.
 */

/** Fewer rows of a table are not worth a transaction of their own. */
const leastRows = 50;
/** Pages of a difference whose rows are looked up in one transaction: some hundred to some thousand rows. */
const pagesAtOnce = 100;

export interface ChangedRowsDeps {
  /** The `SET LOCAL` that bounds how long a lock is waited for. */
  readonly bound: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Touches the published rows that are about to change, in short transactions before the one that changes them: a row that
 * is merely locked has its page written too. What it does is to be seen by nobody: rows that somebody else has in hand are
 * left out, no trigger or rule knows of it, and a foreign key to a row can be checked meanwhile. Where it fails, the
 * refresh only takes longer at its end.
 */
export function touchAhead(
  client: PgClient,
  schema: string,
  differences: readonly Difference[],
  finding: Finding,
  deps: ChangedRowsDeps,
): Promise<void> {
  return ofEach(
    client,
    schema,
    differences.filter(({ deleted, updated }) => deleted + updated >= leastRows),
    {
      ...deps,
      failed: 'sync.not_touched_ahead',
      finding,
      which: "d.op <> 'i'",
      lock: 'FOR NO KEY UPDATE OF l SKIP LOCKED',
    },
  );
}

/**
 * Reads the rows that were changed once more, right behind the transaction that changed them. The server notes that they
 * are committed and frees the room of their old versions while their pages are in the log already; the next reader, after
 * another checkpoint, would have each written a second time. Where it fails, that is what happens.
 */
export function readBehind(
  client: PgClient,
  schema: string,
  differences: readonly Difference[],
  deps: ChangedRowsDeps,
): Promise<void> {
  const changed = ({ deleted, updated, inserted }: Difference): number => deleted + updated + inserted;
  return ofEach(
    client,
    schema,
    differences.filter((difference) => changed(difference) >= leastRows),
    { ...deps, failed: 'sync.not_read_behind', finding: 'key', which: 'true', lock: '' },
  );
}

interface Way extends ChangedRowsDeps {
  readonly failed: string;
  readonly finding: Finding;
  /** SQL: the rows of the difference that are meant. */
  readonly which: string;
  /** How the published rows are locked, if they are. */
  readonly lock: string;
}

async function ofEach(
  client: PgClient,
  schema: string,
  differences: readonly Difference[],
  way: Way,
): Promise<void> {
  for (const difference of differences.filter(isFew)) {
    try {
      await lookUp(client, schema, difference, way);
    } catch (error) {
      // What is no refusal of the server ends the attempt as it does anywhere else.
      if (way.signal.aborted || !isRefused(error)) throw error;
      way.log.info(way.failed, { table: difference.work.live.name, error });
    }
  }
}

/** Under these the rows of a few pages of the difference are looked up by the published key, whatever is known of the tables. */
const settings = [
  'SET LOCAL enable_seqscan = off',
  'SET LOCAL enable_hashjoin = off',
  'SET LOCAL enable_mergejoin = off',
  // The rows themselves are to be visited.
  'SET LOCAL enable_indexonlyscan = off',
  'SET LOCAL jit = off',
  // Whether policies hide anything from the sync role was looked at before, and is again before anything is applied.
  'SET LOCAL row_security = on',
];

/** Looks up the rows of one table, a part of them in each transaction. */
async function lookUp(
  client: PgClient,
  schema: string,
  { work, table }: Difference,
  { bound, finding, which, lock }: Way,
): Promise<void> {
  const from = qualified(stagingSchema(schema), table);
  /** Whether there is more of the difference behind these pages. */
  const lookAt = async (first: number): Promise<boolean> => {
    await requireLease(client);
    await lockSame(client, schema, [work.live]);
    const { rows } = await client.query<{ more: string }>(
      `SELECT pg_relation_size($1::regclass) > $2::bigint * current_setting('block_size')::int AS more,
         (SELECT count(*) FROM (
            SELECT FROM ONLY ${qualified(schema, work.live.name)} l JOIN ${from} d ON ${isAbout(work, finding)}
            WHERE ${which} AND d.ctid >= $3::tid AND d.ctid < $4::tid
            ${lock}) found) AS found`,
      [from, first + pagesAtOnce, `(${first},0)`, `(${first + pagesAtOnce},0)`],
    );
    return rows[0]?.more === 't';
  };
  let more = true;
  for (let first = 0; more; first += pagesAtOnce)
    more = await inTransaction(client, () => lookAt(first), bound, ...settings);
}
