import { AppError } from '../../errors.ts';
import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import type { Json } from '../json.ts';
import { pinIds } from '../pins.ts';
import { listAnswer } from './answers.ts';
import { caseFilters } from './options.ts';

/** CommCare HQ's largest page of cases; more is refused. */
const pageSize = 5000;

const nothing = documentOf({});
const propertiesPart = new Set(['properties']);

/** Cases: `cases` has what every case has; each case type has a table of its properties. */
export const casesShape: RecordShape = {
  key: 'case_id',
  keyName: 'case_id',
  columns: [
    { path: 'case_type', type: 'text' },
    { path: 'case_name', type: 'text' },
    { path: 'external_id', type: 'text' },
    { path: 'owner_id', type: 'text' },
    { path: 'date_opened', type: 'timestamptz' },
    { path: 'last_modified', type: 'timestamptz' },
    { path: 'server_last_modified', type: 'timestamptz' },
    { path: 'indexed_on', type: 'timestamptz' },
    { path: 'closed', type: 'boolean' },
    { path: 'date_closed', type: 'timestamptz' },
  ],
  parts(record) {
    const type = record.get('case_type')?.text() ?? '';
    const properties = record.get('properties');
    return [
      { table: 'cases', label: 'cases', value: record, skip: propertiesPart },
      {
        table: `case/${type}`,
        label: `case ${type || 'without type'}`,
        value: properties?.kind === 'object' ? properties : nothing,
      },
    ];
  },
  pin: pinIds,
  indexes: ['case_type', 'owner_id'],
};

interface CasesCursor {
  /** Index of the request series, one for each case type that the options choose. */
  readonly series: number;
  /** Rows of the series before this one, as the source counted them. */
  readonly before: number;
  /** HQ's own cursor: stateless, never expires. Null at the beginning. */
  readonly next: string | null;
  readonly done: boolean;
  readonly total: number | null;
}

const start: CasesCursor = { series: 0, before: 0, next: null, done: false, total: null };

/**
 * All cases, ascending by (indexed_on, id), through the search-after cursor of the v2 API. Where the options choose
 * several case types, they are read one after the other. A filter on `indexed_on` must never be one of `gte`: it would
 * take the cursor's place.
 */
export async function* readCases(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  let cursor: CasesCursor = { ...start, ...(context.cursor as Partial<CasesCursor> | null) };
  const filters = caseFilters(context.options);
  while (!cursor.done) {
    const asked = cursor.next;
    const query = new URLSearchParams(
      asked === null ? { limit: String(pageSize), ...filters[cursor.series] } : { cursor: asked },
    );
    const answer = await context.http.get(`${base}/case/v2/?${query}`, readList, context.signal);
    if (answer.next !== null && answer.next === asked) {
      throw new AppError('SOURCE_BAD_ANSWER', 'CommCare HQ repeats the same page of cases again and again.');
    }
    // A full last page still has a `next`; the page behind it is empty and has none.
    const done = answer.next === null;
    const { series, before } = cursor;
    const counted = cursor.total ?? answer.matching;
    const isLast = series === filters.length - 1;
    cursor =
      done && !isLast
        ? { ...start, series: series + 1, before: before + (counted ?? 0) }
        : { ...cursor, next: answer.next, done, total: counted };
    yield {
      records: answer.records,
      cursor: cursor as unknown as Json,
      spent: true,
      // Of several series only the last one knows what all of them hold.
      total: isLast && counted !== null ? before + counted : null,
    };
  }
}

function readList(body: Buffer): { records: Value[]; next: string | null; matching: number | null } {
  const { root, records } = listAnswer(body, 'cases');
  const next = root.get('next');
  const matching = root.get('matching_records');
  // `next` is an address of the server's own making; only its cursor is used, never the address.
  const cursor =
    next?.kind === 'string'
      ? (URL.parse(next.text(), 'http://localhost')?.searchParams.get('cursor') ?? null)
      : null;
  if (next?.kind === 'string' && cursor === null) throw new SyntaxError('next without a cursor');
  return { records, next: cursor, matching: matching?.kind === 'number' ? Number(matching.text()) : null };
}
