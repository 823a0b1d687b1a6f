import type { AskContext, ChangePage, Delta, Head, Slice, SlicePage } from '../connector.ts';
import { createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { wholeSeries } from './form-lanes.ts';
import { endOfMillisecond, type FormPage, idOf, readFormPage, shifted, stampOf } from './form-list.ts';
import { readForms } from './form-reading.ts';
import { formFilters } from './options.ts';

/**
 * What was indexed so long before the mark is asked for once more. The index shows a form some seconds after the time that
 * it gives it, and the servers that give it have clocks of their own: five minutes between two of them, and as much for
 * an index that runs behind. What comes later still is found where forms are counted.
 */
export const changeOverlapMs = 10 * 60_000;

/** The limits of a page; tests read in small ones. */
export interface DeltaPaging {
  readonly largestPage: number;
  readonly smallestPage: number;
}

const usualPaging: DeltaPaging = { largestPage: 1000, smallestPage: 50 };

/** When the newest form of each series was indexed; empty where it has none. */
type Mark = readonly string[];

/** A slice within what a series is limited to already; both ends of the list's filters are inclusive. */
function within(filter: Readonly<Record<string, string>>, { from, until }: Slice): Record<string, string> {
  const start = filter['received_on_start'] ?? '';
  const end = filter['received_on_end'];
  const last = until === null ? null : endOfMillisecond(shifted(until, -1));
  return {
    ...filter,
    ...(from !== null && from > start ? { received_on_start: from } : {}),
    ...(last !== null && (end === undefined || last < end) ? { received_on_end: last } : {}),
  };
}

/**
 * Forms that were edited, archived or taken back from the archive are indexed anew, so they are found by that time; those
 * that were deleted leave nothing behind, and are missing where forms are counted by when they were received, which
 * nothing changes.
 */
export function formDelta(base: string, { largestPage, smallestPage } = usualPaging): Delta {
  const ask = (
    { http, signal }: AskContext,
    query: Readonly<Record<string, string>>,
    most: number,
  ): Promise<FormPage> => {
    const path = (limit: number): string =>
      `${base}/form/v1/?${new URLSearchParams({ ...query, limit: String(limit) })}`;
    const size = createPageSize(most, Math.min(most, smallestPage));
    return http.get({ size, path }, readFormPage, signal);
  };
  const sum = (counts: readonly (number | null)[]): number | null =>
    counts.reduce<number | null>((all, count) => (all === null || count === null ? null : all + count), 0);
  const count = async (context: AskContext, slice: Slice): Promise<number | null> => {
    const counts: (number | null)[] = [];
    for (const filter of formFilters(context.options)) {
      const query = { order_by: 'received_on', ...within(filter, slice) };
      counts.push((await ask(context, query, 1)).count);
    }
    return sum(counts);
  };

  return {
    field: 'received_on',
    pageSize: largestPage,
    async head(context): Promise<Head> {
      const mark: string[] = [];
      const counts: (number | null)[] = [];
      for (const filter of formFilters(context.options)) {
        const page = await ask(context, { order_by: '-indexed_on', ...filter }, 1);
        mark.push(page.records[0] ? stampOf(page.records[0]) : '');
        counts.push(page.count);
      }
      return { mark, total: sum(counts) };
    },
    async *changes(context, before, head): AsyncGenerator<ChangePage, void> {
      const [marks, heads] = [before as unknown as Mark, head as unknown as Mark];
      const withArchived = context.options['include_archived'] === true;
      // Archived ones are asked for too: they are gone from the list otherwise.
      const options = { ...context.options, include_archived: true };
      const newest = heads.reduce((a, b) => (a > b ? a : b), '');
      const lanes = formFilters(options).map((_, series) => {
        const mark = marks[series] ?? '';
        return { ...wholeSeries(series), since: mark === '' ? null : shifted(mark, -changeOverlapMs) };
      });
      const start = { lanes, totals: lanes.map(() => null) };
      const cursor = context.cursor ?? (start as unknown as Json);
      const paging = { largestPage, smallestPage, dividedFrom: Number.POSITIVE_INFINITY };
      for await (const page of readForms(base, { ...context, options, cursor }, paging)) {
        const isGone = (at: number): boolean =>
          !withArchived && page.records[at]?.get('archived')?.text() === 'true';
        yield {
          ...page,
          records: page.records.filter((_, at) => !isGone(at)),
          gone: page.records.flatMap((record, at) => (isGone(at) ? [idOf(record)] : [])),
          beyond: page.records.some((record) => stampOf(record) > newest),
        };
      }
    },
    count,
    async slice(context, slice): Promise<SlicePage> {
      const pages: FormPage[] = [];
      for (const filter of formFilters(context.options))
        pages.push(await ask(context, { order_by: 'received_on', ...within(filter, slice) }, largestPage));
      return {
        records: pages.flatMap(({ records }) => records),
        whole: pages.every(
          ({ more, records, count: all }) => !more && (all === null || all === records.length),
        ),
      };
    },
  };
}
