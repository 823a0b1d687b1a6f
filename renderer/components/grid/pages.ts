import { createRows, type RowStore } from './rows.ts';

type Value = string | null;
type Key = readonly string[];

/** Where a page begins: behind or before the row with a key, at the end, or (null) at the beginning. */
export type PageFrom =
  | { readonly way: 'after' | 'before'; readonly key: Key; readonly version: string }
  | { readonly way: 'last'; readonly version: string | null }
  | null;

export interface PageAnswer {
  readonly rows: readonly (readonly Value[])[];
  readonly keys: readonly Key[];
  readonly version: string;
  readonly outdated: boolean;
  readonly more: boolean;
}

export interface PagesParts {
  /** Columns of a row. */
  readonly width: number;
  /** The first page. */
  readonly first: PageAnswer;
  /** Rows of a page. */
  readonly size: number;
  readonly ask: (from: PageFrom, limit: number) => Promise<PageAnswer>;
  /** Something else is to be seen. */
  readonly onChange: () => void;
  /** Pages whose values are kept; of the others only where they begin is known, and they are asked for again. */
  readonly keep?: number;
}

/** `outdated`: somebody published meanwhile; what is here is of before, and nothing is added to it. */
export type PagesState = 'idle' | 'reading' | 'failed' | 'outdated';

/**
 * The rows of a table of any length, page by page from its beginning and from its end, each asked for when it is looked at.
 * Rows have their place in the whole table; those that are not there yet have no values.
 */
export interface Pages {
  /** Rows that can be scrolled through now: those of all pages, and one more page where there are more. */
  readonly count: number;
  /** Rows from the beginning, and from the end, that are known. */
  readonly known: { readonly head: number; readonly tail: number };
  readonly state: PagesState;
  /** Why the last page did not come. */
  readonly error: unknown;
  /** Undefined while the row is not here. */
  value(row: number, column: number): Value | undefined;
  row(row: number): Value[] | null;
  key(row: number): Key | null;
  /** Another number whenever what is known of this row changed. */
  stamp(row: number): number;
  /** Says which rows are looked at: what is missing of them is asked for. */
  view(from: number, to: number): void;
  /** Reads the end of a table of so many rows. */
  toEnd(total: number): Promise<void>;
  /** Tries again after a page that did not come. */
  retry(): void;
}

interface Page {
  readonly at: number;
  readonly count: number;
  readonly begin: Key;
  readonly end: Key;
  held: { readonly rows: RowStore; readonly keys: readonly Key[]; readonly stamp: number } | null;
}

const usuallyKept = 150;

export function createPages({ width, first, size, ask, onChange, keep = usuallyKept }: PagesParts): Pages {
  const { version } = first;
  let stamps = 0;
  const pageOf = (answer: PageAnswer, at: number): Page | null => {
    const [begin, end] = [answer.keys[0], answer.keys.at(-1)];
    if (!begin || !end) return null;
    const rows = createRows(width);
    rows.append(answer.rows);
    return { at, count: answer.rows.length, begin, end, held: { rows, keys: answer.keys, stamp: ++stamps } };
  };
  const head: Page[] = [];
  let tail: Page[] = [];
  let hasMore = first.more;
  let total: number | null = null;
  let state: PagesState = 'idle';
  let error: unknown;
  let seen = { from: 0, to: 0 };
  const start = pageOf(first, 0);
  if (start) head.push(start);

  const headEnd = (): number => {
    const last = head.at(-1);
    return last ? last.at + last.count : 0;
  };
  const tailStart = (): number | null => tail[0]?.at ?? null;
  const inTail = (row: number): boolean => row >= (tailStart() ?? Number.POSITIVE_INFINITY);
  /** The page that a row is in, of pages in their order. */
  const pageWith = (row: number): Page | undefined => {
    const pages = inTail(row) ? tail : head;
    let [low, high] = [0, pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((pages[middle]?.at ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    const page = pages[low];
    return page && row >= page.at && row < page.at + page.count ? page : undefined;
  };

  /** Lets go of the values that are the farthest from what is looked at. */
  const trim = (): void => {
    const held = [...head, ...tail].filter((page) => page.held !== null);
    if (held.length <= keep) return;
    const far = (page: Page): number => Math.max(seen.from - page.at - page.count, page.at - seen.to, 0);
    held.sort((a, b) => far(b) - far(a));
    for (const page of held.slice(0, held.length - keep)) page.held = null;
  };

  /** What has to be asked for next, for what is looked at; null when nothing is missing. */
  const missing = (): (() => Promise<void>) | null => {
    for (const pages of [head, tail]) {
      const at = pages.findIndex(
        (page) => page.held === null && page.at <= seen.to && page.at + page.count > seen.from,
      );
      if (at >= 0) return () => refill(pages, at);
    }
    const [end, from] = [headEnd(), tailStart()];
    // A look at the beginning asks for nothing that is not seen: most who come to a table go on to another.
    const ahead = seen.from === 0 ? 1 : size;
    if (from === null) return hasMore && seen.to >= end - ahead ? forward : null;
    if (from <= end) return null;
    const nearHead = seen.to >= end - size && seen.from < from;
    const nearTail = seen.from < from + size && seen.to >= end;
    if (!nearHead && !nearTail) return null;
    // From the nearer side.
    return nearTail && (!nearHead || from - seen.from < seen.to - end) ? backward : forward;
  };
  const answerOf = async (from: PageFrom, limit: number): Promise<PageAnswer | null> => {
    const answer = await ask(from, limit);
    if (!answer.outdated) return answer;
    state = 'outdated';
    return null;
  };
  const refill = async (pages: Page[], at: number): Promise<void> => {
    const page = pages[at];
    if (!page) return;
    const before = pages[at - 1];
    const behind = pages[at + 1];
    const answer = await answerOf(
      before
        ? { way: 'after', key: before.end, version }
        : pages === head
          ? null
          : behind
            ? { way: 'before', key: behind.begin, version }
            : { way: 'last', version },
      page.count,
    );
    const filled = answer && pageOf(answer, page.at);
    // From the beginning no cursor tells that it is another state by now.
    if (answer && (answer.version !== version || filled?.count !== page.count)) state = 'outdated';
    else if (filled) page.held = filled.held;
  };
  const forward = async (): Promise<void> => {
    const last = head.at(-1);
    if (!last) return;
    const limit = Math.min(size, (tailStart() ?? Number.POSITIVE_INFINITY) - headEnd());
    const answer = await answerOf({ way: 'after', key: last.end, version }, limit);
    if (!answer) return;
    hasMore = answer.more;
    const page = pageOf(answer, headEnd());
    if (page) head.push(page);
    // There are fewer than was said: the end is here.
    else if (tailStart() !== null) state = 'outdated';
  };
  const backward = async (): Promise<void> => {
    const [next] = tail;
    if (!next) return;
    const limit = Math.min(size, next.at - headEnd());
    const answer = await answerOf({ way: 'before', key: next.begin, version }, limit);
    const page = answer && pageOf(answer, next.at - answer.rows.length);
    if (page) tail.unshift(page);
    else if (answer) state = 'outdated';
  };

  const work = async (): Promise<void> => {
    if (state !== 'idle') return;
    for (;;) {
      const next = missing();
      if (next === null) break;
      state = 'reading';
      onChange();
      try {
        await next();
      } catch (reason) {
        error = reason;
        state = 'failed';
      }
      if (state !== 'reading') break;
      trim();
      state = 'idle';
      onChange();
    }
    onChange();
  };

  return {
    get count() {
      if (total !== null && tail.length > 0) return total;
      return headEnd() + (hasMore ? size : 0);
    },
    get known() {
      return { head: headEnd(), tail: tail.reduce((sum, page) => sum + page.count, 0) };
    },
    get state() {
      return state;
    },
    get error() {
      return error;
    },
    value(row, column) {
      const page = pageWith(row);
      return page?.held?.rows.value(row - page.at, column);
    },
    row(row) {
      const page = pageWith(row);
      return page?.held?.rows.row(row - page.at) ?? null;
    },
    key(row) {
      const page = pageWith(row);
      return page?.held?.keys[row - page.at] ?? null;
    },
    stamp: (row) => pageWith(row)?.held?.stamp ?? 0,
    view(from, to) {
      seen = { from, to };
      void work();
    },
    async toEnd(rows) {
      if (tail.length > 0 || !hasMore || state === 'outdated') return;
      const limit = Math.min(size, rows - headEnd());
      if (limit <= 0) return;
      try {
        const answer = await answerOf({ way: 'last', version }, limit);
        const page = answer && pageOf(answer, rows - answer.rows.length);
        if (page && page.at >= headEnd()) {
          tail = [page];
          total = rows;
        }
      } catch (reason) {
        error = reason;
        state = 'failed';
      }
      onChange();
    },
    retry() {
      if (state !== 'failed') return;
      state = 'idle';
      error = undefined;
      void work();
    },
  };
}
