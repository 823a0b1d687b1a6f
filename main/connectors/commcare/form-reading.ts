import { say } from '../../../preload/messages/said.ts';
import type { Page, ReadContext } from '../connector.ts';
import type { Value } from '../document.ts';
import { AskAgain, createPageSize, type PageSize } from '../http.ts';
import type { Json } from '../json.ts';
import {
  advance,
  isAstray,
  type Lane,
  newOf,
  queryOf,
  type SavedLane,
  savedLanes,
  untimedOf,
  wholeSeries,
} from './form-lanes.ts';
import { entryOf, type FormPage, idOf, readFormPage, stampOf } from './form-list.ts';
import { formFilters } from './options.ts';

/** How much is asked for at once, and from how many forms on a series is divided. */
export interface FormPaging {
  readonly largestPage: number;
  readonly smallestPage: number;
  readonly dividedFrom: number;
}

/**
 * 1000 is CommCare HQ's largest page of forms; requests are the scarce resource there, not bytes. Below 50 a page is
 * hardly cheaper for HQ, only more of them. A series of fewer than 20 pages is not divided: finding out where costs a
 * small request for each lane.
 */
const usualPaging: FormPaging = { largestPage: 1000, smallestPage: 50, dividedFrom: 20_000 };

/** Lanes that are read side by side: CommCare HQ takes seconds for a page, and its limits count requests, not how many wait. */
const sideBySide = 2;
/** HQ's index refuses offsets of a million; the lanes of a larger domain are of unequal length instead. */
const farthestOffset = 900_000;
/** Rows that are asked for to find out what stands last: as many may come in meanwhile. */
const lastFew = 20;
/** Times that the end of a list is looked for while it moves away. */
const mostLooks = 5;
/** Pages that the open end may be ahead of an answer that is still on its way. */
const mostAhead = 20;

/** What is left to read. */
interface FormsCursor {
  readonly lanes: readonly SavedLane[];
  /** How many forms each series has, as the source counted them at its first page. */
  readonly totals: readonly (number | null)[];
}

/** A page of a lane, and what is left of the lane after it. */
interface Step {
  readonly records: readonly Value[];
  readonly rest: readonly Lane[];
}

/** A lane whose page is on its way. */
interface Running {
  readonly lane: Lane;
  readonly step: Promise<{ readonly running: Running; readonly step: Step }>;
  /** Forms that the open end of the series brought meanwhile, by id, with their times. */
  readonly newer: Map<string, string>;
}

/**
 * All forms in the order of `indexed_on`, paged by that time and not by offset, so that forms that arrive, change or
 * vanish meanwhile shift nothing. The start is inclusive: forms handed over at the boundary are dropped. A form that
 * changes while it is read moves to the end of the list and comes again from there; the sync engine keeps the later one.
 * Many forms are divided into lanes of equal numbers that are read side by side; every page's cursor says where all of
 * them stand, so any page can be the last before a restart.
 *
 * What moves out of a lane must be found at the open end. So the lane with the open end is the last: where it gets there
 * first, it rests until the others are through, however long that takes, and is read once more from there. And what it
 * brought while the page of another was on its way is newer than what that page says of the same form.
 */
export async function* readForms(
  base: string,
  context: ReadContext,
  paging = usualPaging,
): AsyncGenerator<Page, void> {
  const { largestPage, smallestPage, dividedFrom } = paging;
  const filters = formFilters(context.options);
  const size = createPageSize(largestPage, smallestPage);
  const saved = context.cursor as unknown as FormsCursor | null;
  let lanes: readonly Lane[] = saved
    ? savedLanes(saved.lanes)
    : filters.map((_, series) => wholeSeries(series));
  const totals = [...(saved?.totals ?? filters.map(() => null))];
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);

  const ask = (
    lane: Lane,
    pages: PageSize,
    query: (limit: number) => Record<string, string>,
  ): Promise<FormPage> => {
    let offset = 0;
    const path = (limit: number): string => {
      const asked = query(limit);
      offset = Number(asked['offset'] ?? 0);
      return `${base}/form/v1/?${new URLSearchParams({ ...filters[lane.series], ...asked })}`;
    };
    const parse = (body: Buffer): FormPage => {
      const page = readFormPage(body);
      if ((page.offset ?? offset) === offset && !isAstray(lane, page)) return page;
      // A page that was sent before comes from a cache; it may be another one the next time.
      throw new AskAgain(say('commcare.commcareHqRepeatsSamePage'));
    };
    return context.http.get({ size: pages, path }, parse, signal);
  };
  const askPage = (lane: Lane): Promise<FormPage> => ask(lane, size, (limit) => queryOf(lane, limit));
  /** Some rows of the whole series, from a place in its order on. */
  const askAt = (series: number, offset: number, count: number): Promise<FormPage> => {
    const whole = wholeSeries(series);
    const query = (limit: number) => ({ ...queryOf(whole, limit), offset: String(offset) });
    return ask(whole, createPageSize(count, count), query);
  };

  /** What is left of a series after its first page: one lane, or several of equal numbers. */
  const divide = async (lane: Lane, total: number): Promise<Lane[]> => {
    const starts = await Promise.all(
      Array.from({ length: sideBySide - 1 }, async (_, at) => {
        const offset = Math.min(farthestOffset, Math.floor((total * (at + 1)) / sideBySide));
        const { records } = await askAt(lane.series, offset, 1);
        return records[0] ? stampOf(records[0]) : '';
      }),
    );
    const bounds = [...new Set(starts)].filter((stamp) => stamp > (lane.since ?? '')).sort();
    const begins = [lane, ...bounds.map((since): Lane => ({ ...wholeSeries(lane.series), since }))];
    return begins.map((each, at) => ({ ...each, until: bounds[at] ?? null }));
  };
  /** Forms without a time, which stand behind all others and are in no stretch of time; none where the last has one. */
  const untimed = async (series: number, count: number): Promise<Lane[]> => {
    let total = count;
    // The end of a longer list is in no offset's reach.
    if (total > farthestOffset) return [];
    for (let look = 0; look < mostLooks && total > 0; look += 1) {
      const end = await askAt(series, total - 1, lastFew);
      const last = end.records.at(-1);
      if (last && !end.more && stampOf(last) !== '') return [];
      if (last && !end.more) break;
      total = end.count ?? 0;
    }
    return total === 0 ? [] : [untimedOf(series, total, [])];
  };

  const step = async (lane: Lane, alone: boolean): Promise<Step> => {
    const { unasked, ...asked } = lane;
    if (unasked !== undefined) {
      const found = await untimed(lane.series, unasked);
      const timed = unasked >= dividedFrom ? await divide(asked, unasked) : [asked];
      return { records: [], rest: [...timed, ...found] };
    }
    const page = await askPage(lane);
    const { count, more } = page;
    const isFirst = lane.since === null && lane.untimed === undefined;
    if (isFirst) totals[lane.series] ??= count;
    const known = isFirst && more ? page.records.filter((form) => stampOf(form) === '') : [];
    const found = known.length === 0 ? [] : [untimedOf(lane.series, count ?? 0, known.map(entryOf))];
    const next = advance(lane, page, alone && found.length === 0);
    const isBegun = isFirst && more && count !== null && found.length === 0;
    const rest = next === null ? [] : [isBegun ? { ...next, unasked: count } : next];
    return { records: newOf(lane, page), rest: [...rest, ...found] };
  };

  const isSibling = (a: Lane, b: Lane): boolean => a !== b && a.series === b.series;
  const running = new Map<Lane, Running>();
  /** Whether a lane can be asked for its next page. */
  const isReady = (lane: Lane): boolean => {
    if (running.has(lane)) return false;
    if (lane.ended) return !lanes.some((other) => isSibling(lane, other));
    const waiting = [...running.values()].filter((other) => isSibling(lane, other.lane));
    return waiting.every(({ newer }) => newer.size < mostAhead * largestPage);
  };
  const start = (lane: Lane): void => {
    const { ended: _, ...awake } = lane;
    const alone = !lanes.some((other) => isSibling(lane, other));
    const begun: Running = {
      lane,
      newer: new Map(),
      step: step(awake, alone).then((taken) => ({ running: begun, step: taken })),
    };
    // Awaited in the race below, or given up because another one failed.
    begun.step.catch(() => {});
    running.set(lane, begun);
  };

  try {
    while (lanes.length > 0) {
      for (const lane of lanes) if (running.size < sideBySide && isReady(lane)) start(lane);
      const {
        running: { lane, newer },
        step: { records, rest },
      } = await Promise.race([...running.values()].map((each) => each.step));
      running.delete(lane);
      lanes = lanes.flatMap((each) => (each === lane ? rest : [each]));
      const isCurrent = (form: Value): boolean => (newer.get(idOf(form)) ?? '') <= stampOf(form);
      const current = newer.size === 0 ? records : records.filter(isCurrent);
      const isOpen = lane.until === null && lane.untimed === undefined;
      for (const other of isOpen ? running.values() : [])
        if (isSibling(lane, other.lane))
          for (const form of current) other.newer.set(idOf(form), stampOf(form));
      const cursor: FormsCursor = { lanes, totals: [...totals] };
      yield {
        records: current,
        cursor: cursor as unknown as Json,
        spent: true,
        // Several series are counted once all of them were begun.
        total: totals.includes(null) ? null : totals.reduce<number>((sum, total) => sum + (total ?? 0), 0),
      };
    }
  } finally {
    stop.abort();
  }
}
