import type { AskContext, ChangePage, Delta, Slice, SlicePage } from '../connector.ts';
import type { Value } from '../document.ts';
import { createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { type CasePage, largestPage, readPage, smallestPage, withLimit } from './cases.ts';
import { changeOverlapMs } from './form-delta.ts';
import { shifted, stampOf } from './form-list.ts';
import { caseFilters, chosenDay, dayAfter } from './options.ts';

/** When the newest case of each series was indexed; empty where it has none. */
type Mark = readonly string[];

/** What is left of the changes: HQ's own cursor in a series, and the newest times seen so far. */
interface ChangesCursor {
  readonly series: number;
  readonly next: string | null;
  readonly newest: Mark;
}

/** The newest times of two marks, series by series. */
const later = (a: Mark, b: Mark): string[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) =>
    (a[at] ?? '') > (b[at] ?? '') ? (a[at] ?? '') : (b[at] ?? ''),
  );

const newestOf = (cases: readonly Value[]): string =>
  cases.map(stampOf).reduce((a, b) => (a > b ? a : b), '');

/**
 * Cases that change are indexed anew, so they are found by that time; those that are deleted leave nothing behind, and are
 * missing where cases are counted by when they were opened. The list has no other order than that of indexing, so where it
 * ends is known from its last page. A filter on `indexed_on` must never be one of `gte`: it would take the cursor's place.
 */
export function caseDelta(base: string, largest = largestPage): Delta {
  const ask = (
    { http, signal }: AskContext,
    query: Readonly<Record<string, string>>,
    most: number,
  ): Promise<CasePage> => {
    const path = (limit: number): string =>
      `${base}/case/v2/?${new URLSearchParams({ ...query, limit: String(limit) })}`;
    return http.get({ size: createPageSize(most, Math.min(most, smallestPage)), path }, readPage, signal);
  };
  const within = ({ from, until }: Slice): Record<string, string> => ({
    ...(from === null ? {} : { 'date_opened.gte': `${from}Z` }),
    ...(until === null ? {} : { 'date_opened.lt': `${until}Z` }),
  });

  return {
    field: 'date_opened',
    pageSize: largest,
    head: async () => ({ mark: null, total: null }),
    markAfter(cursor, before) {
      const { newest = [] } = (cursor ?? {}) as unknown as Partial<ChangesCursor>;
      return later(newest, (before ?? []) as unknown as Mark);
    },
    async *changes(context, before): AsyncGenerator<ChangePage, void> {
      const marks = before as unknown as Mark;
      const { options } = context;
      const [first, last] = [chosenDay(options, 'modified_from'), chosenDay(options, 'modified_to')];
      const end = last === null ? null : dayAfter(last);
      // A change moves a case into the days that the link is limited to, or out of them: all changes are looked at.
      const filters = caseFilters({ ...options, modified_from: '', modified_to: '' });
      const isOutside = (record: Value): boolean => {
        const modified = record.get('server_last_modified')?.text() ?? '';
        return (first !== null && modified < first) || (end !== null && modified >= end);
      };
      const start: ChangesCursor = { series: 0, next: null, newest: [] };
      let cursor = (context.cursor ?? start) as unknown as ChangesCursor;
      const size = createPageSize(largest, smallestPage);
      while (cursor.series < filters.length) {
        const { series, next } = cursor;
        const mark = marks[series] ?? '';
        const path = (limit: number): string => {
          const since = mark === '' ? {} : { 'indexed_on.gt': `${shifted(mark, -changeOverlapMs)}Z` };
          const query =
            next === null
              ? { limit: String(limit), ...filters[series], ...since }
              : { cursor: withLimit(next, limit) };
          return `${base}/case/v2/?${new URLSearchParams(query)}`;
        };
        const page = await context.http.get({ size, path }, readPage, context.signal);
        const newest = later(cursor.newest, [...Array<string>(series).fill(''), newestOf(page.records)]);
        cursor =
          page.next === null
            ? { series: series + 1, next: null, newest }
            : { series, next: page.next, newest };
        yield {
          records: page.records.filter((record) => !isOutside(record)),
          gone: page.records.filter(isOutside).map((record) => record.get('case_id')?.text() ?? ''),
          beyond: true,
          cursor: cursor as unknown as Json,
          spent: true,
          total: null,
        };
      }
    },
    async count(context, slice) {
      let sum = 0;
      for (const filter of caseFilters(context.options)) {
        const { matching } = await ask(context, { ...filter, ...within(slice) }, 1);
        if (matching === null) return null;
        sum += matching;
      }
      return sum;
    },
    async slice(context, slice): Promise<SlicePage> {
      const pages: CasePage[] = [];
      for (const filter of caseFilters(context.options))
        pages.push(await ask(context, { ...filter, ...within(slice) }, largest));
      return {
        records: pages.flatMap(({ records }) => records),
        // A full last page has a `next` too.
        whole: pages.every(({ records, matching, next }) =>
          matching === null ? next === null : matching === records.length,
        ),
      };
    },
  };
}
