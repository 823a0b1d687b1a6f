import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import { AskAgain, createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { pinIds } from '../pins.ts';
import { answerOf, listAnswer } from './answers.ts';
import { shifted, stampOf } from './form-list.ts';
import { caseFilters } from './options.ts';

/** CommCare HQ's largest page of cases; more is refused. */
export const largestPage = 5000;
/** Below this a page is hardly cheaper for HQ, only more of them. */
export const smallestPage = 50;

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

/** The limits of a page; tests read in small ones. */
export interface CasePaging {
  readonly largestPage: number;
  readonly smallestPage: number;
}

interface CasesCursor {
  /** Index of the request series, one for each case type that the options choose. */
  readonly series: number;
  /** Rows of the series before this one, as the source counted them. */
  readonly before: number;
  /** HQ's own cursor: stateless, never expires. Null at the beginning. */
  readonly next: string | null;
  readonly done: boolean;
  readonly total: number | null;
  /** How far each series was read, where there are several. */
  readonly ends: readonly End[];
  /** Rounds over the ends of all series; 0 while they are read for the first time. */
  readonly round: number;
  /** Cases that this round found. */
  readonly found: number;
  /** How many the source counted in all series, once that is known. */
  readonly announced: number | null;
  /** When the newest case of each series was indexed. */
  readonly newest: readonly string[];
}

/** The latest time of indexing in a series, to the millisecond, and the entries of the cases that were handed over of it. */
interface End {
  readonly stamp: string;
  readonly given: readonly string[];
}

const start: CasesCursor = {
  ...{ series: 0, before: 0, next: null, done: false, total: null },
  ...{ ends: [], round: 0, found: 0, announced: null, newest: [] },
};
const unread: End = { stamp: '', given: [] };

/** A case can be given one type after the other while all of them are looked through; so often is enough. */
const mostRounds = 10;

const textOf = (record: Value, field: string): string => record.get(field)?.text() ?? '';

/** Names a case as it was at a time. */
const entryOf = (record: Value): string => `${textOf(record, 'indexed_on')} ${textOf(record, 'case_id')}`;

/** The end of a series after some more of its cases, which are in the order of their times. */
function endAfter(end: End, records: readonly Value[]): End {
  const last = records.at(-1);
  const stamp = last === undefined ? '' : stampOf(last);
  if (stamp === '') return end;
  const given = records.filter((record) => stampOf(record) === stamp).map(entryOf);
  return { stamp, given: stamp === end.stamp ? [...new Set([...end.given, ...given])] : given };
}

/** The filter that leaves what was indexed since a series ended; the list compares in whole milliseconds. */
const since = ({ stamp }: End): Record<string, string> =>
  stamp === '' ? {} : { 'indexed_on.gt': `${shifted(stamp, -1)}Z` };

/**
 * All cases, ascending by (indexed_on, id), through the search-after cursor of the v2 API. Where the options choose
 * several case types, they are read one after the other, and what came to their ends meanwhile after that: a case that
 * was given a type that was read already would be in none of them. A filter on `indexed_on` must never be one of `gte`:
 * it would take the cursor's place.
 */
export async function* readCases(
  base: string,
  context: ReadContext,
  paging: CasePaging = { largestPage, smallestPage },
): AsyncGenerator<Page, void> {
  let cursor: CasesCursor = { ...start, ...(context.cursor as Partial<CasesCursor> | null) };
  const filters = caseFilters(context.options);
  const size = createPageSize(paging.largestPage, paging.smallestPage);
  while (!cursor.done) {
    const { series, before, next, ends, round } = cursor;
    const end = ends[series] ?? unread;
    const path = (limit: number): string => {
      const query =
        next === null
          ? { limit: String(limit), ...filters[series], ...(round === 0 ? {} : since(end)) }
          : { cursor: withLimit(next, limit) };
      return `${base}/case/v2/?${new URLSearchParams(query)}`;
    };
    const parse = (body: Buffer): CasePage => {
      const page = readPage(body);
      // The limit in it may be another one, the place is the same.
      if (next === null || page.next === null || withLimit(page.next, 0) !== withLimit(next, 0)) return page;
      throw new AskAgain(say('commcare.commcareHqRepeatsSame'));
    };
    const answer = await context.http.get({ size, path }, parse, context.signal);
    // A full last page still has a `next`; the page behind it is empty and has none.
    const done = answer.next === null;
    const counted = cursor.total ?? answer.matching;
    const isLast = series === filters.length - 1;
    if (round === 0 && done && isLast && before + (counted ?? 0) === 0 && answer.records.length === 0)
      await requireNoCases(
        base,
        context,
        filters.some((filter) => Object.keys(filter).length > 0),
      );
    const records =
      round === 0 ? answer.records : answer.records.filter((record) => !end.given.includes(entryOf(record)));
    const found = cursor.found + records.length;
    const several = filters.length > 1;
    const announced = round > 0 ? cursor.announced : isLast && counted !== null ? before + counted : null;
    const now = {
      ...cursor,
      ...(several
        ? { ends: filters.map((_, at) => (at === series ? endAfter(end, records) : (ends[at] ?? unread))) }
        : {}),
      ...{ found, announced },
      newest: filters.map((_, at) => {
        const [known, now] = [cursor.newest[at] ?? '', stampOf(answer.records.at(-1) ?? nothing)];
        return at === series && now > known ? now : known;
      }),
    };
    if (!done) cursor = { ...now, next: answer.next, total: counted };
    else if (!isLast)
      cursor = { ...now, series: series + 1, next: null, total: null, before: before + (counted ?? 0) };
    else if (several && round < mostRounds && (round === 0 || found > 0))
      cursor = { ...now, series: 0, next: null, total: null, before: 0, round: round + 1, found: 0 };
    else cursor = { ...now, next: null, done: true };
    yield {
      records,
      cursor: cursor as unknown as Json,
      spent: true,
      // Of several series only the last one knows what all of them hold.
      total: announced,
    };
  }
}

/**
 * HQ's cursor is the query that it stands for, in base64, with the place added; the limit of a page is in it and nowhere
 * else. One that is no such text stays as it is.
 */
export function withLimit(cursor: string, limit: number): string {
  const query = Buffer.from(cursor, 'base64').toString('utf8');
  return /(?:^|&)limit=\d+(?:&|$)/.test(query)
    ? Buffer.from(query.replaceAll(/(^|&)limit=\d+(?=&|$)/g, `$1limit=${limit}`)).toString('base64')
    : cursor;
}

/** What an older list is refused with, which is no evidence of anything. */
const refusals: readonly string[] = [
  'SOURCE_BAD_ANSWER',
  'SOURCE_FORBIDDEN',
  'SOURCE_NOT_AUTHORISED',
  'SOURCE_NO_SUCH_SPACE',
];

/**
 * The v2 API reads HQ's index for case search. Cases of a project space that is not in that index are not there, without
 * an error; the v1 API reads another index. So before none is believed, that one is asked.
 */
async function requireNoCases(base: string, context: ReadContext, filtered: boolean): Promise<void> {
  const { http, signal } = context;
  if (filtered) {
    const { matching } = await http.get(`${base}/case/v2/?limit=1`, readPage, signal);
    if (matching !== 0) return;
  }
  const older = await http.get(`${base}/case/v1/?limit=1`, answerOf, signal).catch((error: unknown) => {
    if (error instanceof AppError && refusals.includes(error.code)) return null;
    throw error;
  });
  if (older === null || older.records.length === 0) return;
  throw new AppError('SOURCE_BAD_ANSWER', say('commcare.commcareHqDoesNot'), {
    advice: say('commcare.commcareHqDoesNot.advice'),
  });
}

export interface CasePage {
  readonly records: readonly Value[];
  /** HQ's cursor; null at the end. */
  readonly next: string | null;
  readonly matching: number | null;
}

export function readPage(body: Buffer): CasePage {
  const { root, records } = listAnswer(body, 'cases');
  const matching = root.get('matching_records');
  return {
    records,
    next: cursorIn(root.get('next')),
    matching: matching?.kind === 'number' ? Number(matching.text()) : null,
  };
}

/**
 * `next` is an address of the server's own making, of which only the cursor is used, never the address; HQ's published
 * description of the API has it as an object with the cursor. Anything else can't be told from the end.
 */
function cursorIn(next: Value | undefined): string | null {
  if (next === undefined || next.kind === 'null') return null;
  const cursor =
    next.kind === 'string'
      ? URL.parse(next.text(), 'http://localhost')?.searchParams.get('cursor')
      : next.get('cursor')?.text();
  if (!cursor) throw new SyntaxError('next without a cursor');
  return cursor;
}
