import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import type { TableWork } from '../publish/work.ts';
import { type Spare, withSpare } from '../spare.ts';
import { computeDifference, type Difference, haveDifferences } from './difference.ts';
import type { MatchesOf } from './mapping.ts';

/**
 * Tables of up to so many rows are first asked, many at once, whether there is any difference at all: most tables of a
 * refresh have none, and a table that is made for nothing costs the catalogues of the database more than the question.
 */
const askedFirst = 20_000;
/** Tables in one question, which locks two tables and their keys for each, and the columns that they have together. */
const askedAtOnce = 25;
const columnsAtOnce = 2000;

export interface AllDeps {
  readonly spare: Spare;
  readonly signal: AbortSignal;
  readonly matchesOf?: MatchesOf;
}

/** How many of the tables, from the first on, are asked in one question. */
function togetherOf(works: readonly TableWork[]): number {
  let columns = 0;
  const over = works.findIndex((work, at) => {
    columns += work.values.length;
    return at >= askedAtOnce || (at > 0 && columns > columnsAtOnce);
  });
  return over < 0 ? works.length : over;
}

/** The differences of all tables, the largest first, on two sessions where the server has one to spare. */
export async function allDifferences(
  client: PgClient,
  schema: string,
  works: readonly TableWork[],
  deps: AllDeps,
): Promise<Difference[]> {
  const matchesOf = deps.matchesOf ?? (() => null);
  const numbered = works
    .map((work, number) => ({ work, number, matches: matchesOf(work.plan.staged) }))
    .filter(({ work }) => work.plan.partial?.touched !== 0);
  const isSmall = ({ work, matches }: (typeof numbered)[number]): boolean =>
    matches === null && Math.min(work.plan.rows, work.plan.partial?.touched ?? Infinity) <= askedFirst;
  const queue = numbered.filter((one) => !isSmall(one)).sort((a, b) => b.work.plan.rows - a.work.plan.rows);
  const small = numbered.filter(isSmall);
  const found: Difference[] = [];
  const compute = async (session: PgClient): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const difference = await computeDifference(session, schema, next.work, next.number, next.matches);
      if (difference) found.push(difference);
    }
  };
  const run = async (session: PgClient): Promise<void> => {
    await compute(session);
    while (small.length > 0) {
      const asked = small.splice(0, togetherOf(small.map(({ work }) => work)));
      const differ = await haveDifferences(
        session,
        schema,
        asked.map(({ work }) => work),
      );
      queue.push(...asked.filter((_, at) => differ[at]));
      await compute(session);
    }
  };
  const isWorthTwo = queue.length + small.length / askedAtOnce > 1;
  await withSpare(isWorthTwo ? deps.spare : async () => null, deps.signal, async (second) => {
    const ended = await Promise.allSettled((second ? [client, second] : [client]).map(run));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  });
  return found;
}
