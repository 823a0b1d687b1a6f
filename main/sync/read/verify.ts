import { say } from '../../../preload/messages/said.ts';
import type { AskContext, Delta, Slice, SlicePage } from '../../connectors/connector.ts';
import { batchesOf } from '../batches.ts';
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
/** Requests that are on their way at once. */
const sideBySide = 2;
/** A slice of so few pages is read again at once: halving it on would hardly spare one of them. */
const fewPages = 3;
/** Halvings in a row after which a slice with many differences, both of whose halves were in doubt each time, counts as scattered. */
const scatteredAfter = 3;

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

/** A slice whose counts differ. */
interface Doubt {
  readonly slice: Slice;
  readonly known: number;
  /** As the source counts them. */
  readonly there: number;
  /** How often in a row halving it and what it was part of left both halves in doubt. */
  readonly spread: number;
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
  /** Fails where what was asked, and `more` that is still to be, are more requests than proving may take. */
  const insistOnBudget = (more = 0): void => {
    if (size === null) return;
    const budget = Math.max(leastBudget, Math.ceil(pagesOf(size) * budgetShare));
    if (spent + more > budget) throw new Unproven(say('runs.delta.tooManyRequests', { requests: budget }));
  };
  const spend = (): void => {
    spent += 1;
    insistOnBudget();
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

  const ask = (slice: Slice): Promise<SlicePage> => {
    spend();
    return delta.slice(context, slice);
  };
  /** Takes what a slice was found to hold; what else was known of it is gone. False where it does not fit a request. */
  const take = async (slice: Slice, found: SlicePage): Promise<boolean> => {
    if (!found.whole) {
      // A server with smaller pages, or more records than were known.
      page = Math.max(1, Math.min(page, found.records.length));
      return false;
    }
    const { before, after } = await stage(found);
    proof.gone += await local.replace(slice, before, after);
    return true;
  };

  const reread = async (slices: readonly Slice[]): Promise<void> => {
    for (const some of batchesOf(slices, sideBySide)) {
      const before = page;
      const found = await Promise.all(some.map(ask));
      for (const [at, slice] of some.entries()) {
        if (await take(slice, found[at] as SlicePage)) proof.reread += 1;
        else if (page < before) await settle(await doubtOf(slice));
        else await reread(await divided(slice, 2));
      }
    }
  };
  const divided = async ({ from, until }: Slice, parts: number): Promise<Slice[]> => {
    const cuts = await local.divide({ from, until }, parts);
    if (cuts.length === 0) throw new Unproven(say('runs.delta.notDivided'));
    const bounds = [from, ...cuts, until];
    return bounds.slice(1).map((bound, at): Slice => ({ from: bounds[at] ?? null, until: bound }));
  };
  const doubtOf = async (slice: Slice): Promise<Doubt[]> => {
    const [known, there] = [await local.count(slice), await count(slice)];
    return known === there ? [] : [{ slice, known, there, spread: 0 }];
  };

  const pagesOfDoubt = ({ known, there }: Doubt): number => pagesOf(Math.max(known, there));
  /**
   * Whether reading all of a slice again costs less than looking for the differences. What goes at once mostly came at once,
   * so many differences alone do not tell: they may be in few pages.
   */
  const isReread = (doubt: Doubt): boolean => {
    const pages = pagesOfDoubt(doubt);
    const isScattered = doubt.spread >= scatteredAfter && Math.abs(doubt.known - doubt.there) >= 2 * pages;
    return pages <= fewPages || isScattered;
  };
  /** Requests that a doubt takes at least: where everything that differs is in one page of it. */
  const leastOf = (doubt: Doubt): number => {
    const pages = pagesOfDoubt(doubt);
    return isReread(doubt) ? pages : Math.ceil(Math.log2(pages / fewPages)) + 2;
  };

  /** Reads again what differs. The largest slices are halved first, so that it shows early where it would take too much. */
  const settle = async (first: readonly Doubt[]): Promise<void> => {
    let open = [...first];
    for (;;) {
      insistOnBudget(open.reduce((sum, doubt) => sum + leastOf(doubt), 0));
      const some = open
        .filter((doubt) => !isReread(doubt))
        .sort((a, b) => pagesOfDoubt(b) - pagesOfDoubt(a))
        .slice(0, sideBySide);
      if (some.length === 0) break;
      const halves: (readonly [first: Slice, second: Slice])[] = [];
      for (const { slice } of some)
        halves.push((await divided(slice, 2)) as unknown as readonly [Slice, Slice]);
      const known: number[] = [];
      for (const [half] of halves) known.push(await local.count(half));
      const there = await Promise.all(halves.map(([half]) => count(half)));
      const found = some.flatMap((doubt, at) => {
        const [first, second] = halves[at] as readonly [Slice, Slice];
        const [knownFirst, thereFirst] = [known[at] as number, there[at] as number];
        const both = [
          { slice: first, known: knownFirst, there: thereFirst },
          { slice: second, known: doubt.known - knownFirst, there: doubt.there - thereFirst },
        ].filter((half) => half.known !== half.there);
        const spread = both.length === 2 ? doubt.spread + 1 : 0;
        return both.map((half): Doubt => ({ ...half, spread }));
      });
      open = [...open.filter((doubt) => !some.includes(doubt)), ...found];
    }
    const slices: Slice[] = [];
    for (const doubt of open) {
      const pages = pagesOfDoubt(doubt);
      slices.push(...(pages === 1 ? [doubt.slice] : await divided(doubt.slice, pages)));
    }
    await reread(slices);
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
        const slice = { from: at, until };
        if (!(await take(slice, await ask(slice)))) {
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
        await settle([{ slice: all, known, there, spread: 0 }]);
      }
    },
  };

  async function behindLast(): Promise<string | null> {
    const last = await local.last();
    return last === null ? null : new Date(Date.parse(`${last}Z`) + 1).toISOString().slice(0, -1);
  }
}
