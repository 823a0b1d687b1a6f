import { say } from '../../../preload/messages/said.ts';
import type { AskContext, Delta, Slice, SlicePage } from '../../connectors/connector.ts';
import type { LocalSet } from '../destination/postgres/delta/local.ts';
import { Unproven } from '../destination/postgres/delta/unproven.ts';

/** So much of a page is planned for, so that records which nobody knows of yet find room in it. */
export const filled = 0.9;
/** Times that everything is counted; from `boundedFrom` on only up to the newest record that is known, because more come in all the time. */
const mostRounds = 5;
const boundedFrom = 3;
/** Requests that proving may take at least, and at most as a share of those that reading everything would. */
const leastBudget = 24;
const budgetShare = 0.5;

export interface Proof {
  /** Requests that counted. */
  counted: number;
  /** Slices that were read again because their counts differed. */
  reread: number;
  /** Records that were not there any more. */
  gone: number;
}

export interface VerifyInput {
  readonly delta: Delta;
  readonly context: AskContext;
  readonly local: LocalSet;
  /** Records of one request, as far as is known. */
  readonly page: number;
  /** How many records the source counted, where nothing changed since; null otherwise. */
  readonly counted: number | null;
  /** Stages records; the number of the last record before and after it. */
  readonly stage: (page: SlicePage) => Promise<{ readonly before: number; readonly after: number }>;
  /** Told what was done, for the record. */
  readonly proof: Proof;
}

/**
 * Proves that the records that there will be are those of the source: by counting, and reading again what differs. Where a
 * slice differs it is halved until reading it is cheaper than halving on. Fails with Unproven where that does not come to
 * an end within fewer requests than reading everything.
 */
export function createVerifier({ delta, context, local, counted, stage, proof, page: usual }: VerifyInput) {
  const everything: Slice = { from: null, until: null };
  let page = usual;
  let spent = 0;
  /** How many records are known; null before anything is proven. */
  let size: number | null = null;
  const spend = (): void => {
    spent += 1;
    if (size === null) return;
    const budget = Math.max(leastBudget, Math.ceil(pagesOf(size) * budgetShare));
    if (spent > budget) throw new Unproven(say('runs.delta.tooManyRequests', { requests: budget }));
  };
  const count = async (slice: Slice): Promise<number> => {
    spend();
    proof.counted += 1;
    const found = await delta.count(context, slice);
    if (found === null) throw new Unproven(say('runs.delta.notCounted'));
    return found;
  };
  /** Pages that some records take; one that is as good as full may have no room for those that nobody knows of. */
  const pagesOf = (records: number): number => Math.max(1, Math.ceil(records / Math.max(1, page * filled)));

  /** Reads a slice again; what else was known of it is gone. False where it does not fit a request. */
  const read = async (slice: Slice): Promise<boolean> => {
    spend();
    const found = await delta.slice(context, slice);
    if (!found.whole) {
      // A server with smaller pages, or more records than were known.
      page = Math.max(1, Math.min(page, found.records.length));
      return false;
    }
    const { before, after } = await stage(found);
    proof.gone += await local.replace(slice, before, after);
    return true;
  };
  const reread = async (slice: Slice): Promise<void> => {
    const before = page;
    if (await read(slice)) {
      proof.reread += 1;
      return;
    }
    if (page < before) return reconcile(slice, await local.count(slice), await count(slice));
    const cuts = await local.divide(slice, 2);
    if (cuts.length === 0) throw new Unproven(say('runs.delta.notDivided'));
    await each(slice, cuts, reread);
  };
  const each = async (
    { from, until }: Slice,
    cuts: readonly string[],
    work: (slice: Slice) => Promise<void>,
  ): Promise<void> => {
    const bounds = [from, ...cuts, until];
    for (let at = 1; at < bounds.length; at += 1)
      await work({ from: bounds[at - 1] ?? null, until: bounds[at] ?? null });
  };

  /** `known` records are known of a slice, the source counts `there`. */
  const reconcile = async (slice: Slice, known: number, there: number): Promise<void> => {
    if (known === there) return;
    const pages = pagesOf(Math.max(known, there));
    if (pages === 1) return reread(slice);
    // What goes at once mostly came at once, so it is in few pages. Where it is everywhere, or where few pages are left,
    // reading them costs less than halving on.
    const isDense = pages <= 3 || Math.abs(known - there) >= 2 * pages;
    const cuts = await local.divide(slice, isDense ? pages : 2);
    if (cuts.length === 0) throw new Unproven(say('runs.delta.notDivided'));
    if (isDense) return each(slice, cuts, reread);
    const [cut] = cuts as [string];
    const first = { from: slice.from, until: cut };
    const [knownFirst, thereFirst] = [await local.count(first), await count(first)];
    await reconcile(first, knownFirst, thereFirst);
    await reconcile({ from: cut, until: slice.until }, known - knownFirst, there - thereFirst);
  };

  return {
    /** Records of one request, as far as is known now. */
    get page(): number {
      return page;
    },
    /**
     * Reads some pages again in turn, from an instant on, so that what no count tells is found in time. Returns where the
     * next turn begins; null for the beginning.
     */
    async audit(from: string | null, pages: number): Promise<string | null> {
      let at = from;
      for (let turn = 0; turn < pages; turn += 1) {
        const until = await local.behind({ from: at, until: null }, Math.max(1, Math.floor(page * filled)));
        // Records of one instant that fill more than a page are left to the whole reading.
        if (until !== null && until === at) break;
        const before = page;
        if (!(await read({ from: at, until }))) {
          if (page === before) break;
          // It was not known how little the server gives at once.
          turn -= 1;
          continue;
        }
        at = until;
        if (at === null) break;
      }
      return at;
    },
    /** Returns how many records there are. */
    async prove(): Promise<number> {
      size = await local.count(everything);
      spent = 0;
      let all = everything;
      for (let round = 1; ; round += 1) {
        if (round === boundedFrom) all = { from: null, until: await behindLast() };
        const known = await local.count(all);
        // What was counted before the changes were read is asked again where it does not agree.
        const before = round === 1 ? counted : null;
        const there = before === known ? before : await count(all);
        if (known === there) return local.count(everything);
        // Whether all are gone, or can only not be told any more, is for reading everything to know.
        if (there === 0) throw new Unproven(say('runs.delta.neverSettles', { known, there }));
        if (round === mostRounds) throw new Unproven(say('runs.delta.neverSettles', { known, there }));
        await reconcile(all, known, there);
      }
    },
  };

  async function behindLast(): Promise<string | null> {
    const last = await local.last();
    return last === null ? null : new Date(Date.parse(`${last}Z`) + 1).toISOString().slice(0, -1);
  }
}
