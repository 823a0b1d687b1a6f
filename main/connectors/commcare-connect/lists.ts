import { say } from '../../../preload/messages/said.ts';
import type { ReadContext } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import { AskAgain, createPageSize, type PageSize } from '../http.ts';
import { Marked } from '../marked.ts';
import { idOf, type ListPage, listPage, noProgress } from './answers.ts';
import { lanes, type Piece, type Slice } from './slices.ts';

/** Below this a page is hardly cheaper for the server, only more of them. */
const smallestPage = 50;
/** A list is only divided when so many pages seem to be left: each piece costs up to a page of rows read twice. */
const worthDividing = 4 * lanes;

/** A list that is paged by the primary key of its rows. */
export interface ListSpec {
  /** Path below `/export/`, of one opportunity or of none. */
  path(opportunity: string): string;
  /** Names what is read, for messages: `user visits`. */
  readonly noun: string;
  readonly largestPage: number;
  /** Whether rows show their primary key as `id`. */
  readonly showsId: boolean;
  /** Fields that together identify a row of an opportunity by a constraint of the source's database; else none do. */
  readonly keyFields?: readonly string[];
}

/**
 * What identifies the rows of a page that do not show an id: the fields that do, and where one of them is empty or
 * they repeat, the row's number in its opportunity, counted from 1. That is the same whatever the size of the pages,
 * and from refresh to refresh while rows are only added. The two are told apart by their form.
 */
export function keysOf(
  records: readonly Value[],
  { opportunity, count }: Slice,
  fields: readonly string[] | undefined,
): string[] {
  const seen = new Set<string>();
  return records.map((record, index) => {
    const number = `${opportunity}:${count + index + 1}`;
    const values = fields?.map((field) => record.get(field)?.text() ?? '') ?? [''];
    if (values.includes('')) return number;
    const key = [opportunity, ...values].map(encodeURIComponent).join('/');
    if (seen.has(key)) return number;
    seen.add(key);
    return key;
  });
}

/**
 * Rows of a list as the tables want them: all know their opportunity, also those that do not say it. One that says it
 * is another's comes from a cache that mixes answers up.
 */
export function ofOpportunity(records: readonly Value[], opportunity: string): Value[] {
  if (opportunity === '') return [...records];
  const mark = documentOf({ opportunity_id: opportunity });
  return records.map((record) => {
    const said = record.get('opportunity_id')?.text() ?? '';
    if (said !== '' && said !== opportunity) {
      throw new AskAgain(say('connect.commcareConnectSentRows', { said, opportunity }));
    }
    return new Marked(record, mark);
  });
}

/** Ids of a page, or an error where they don't lie behind the position that was asked for, each above the one before. */
function checkedIds(page: ListPage, after: number, noun: string): number[] {
  let last = after;
  return page.records.map((record) => {
    const id = idOf(record);
    if (!(id > last)) throw noProgress(noun);
    last = id;
    return id;
  });
}

/** A page of a slice. */
interface OwnPage {
  readonly next: number | null;
  readonly found: readonly Value[];
  /** What its rows show of their ids: nothing where they show none. */
  readonly ids: readonly number[];
}

function ownPage(body: Buffer, { opportunity, after }: Slice, { noun, showsId }: ListSpec): OwnPage {
  const page = listPage(body);
  const { next, records } = page;
  if (next !== null && (next <= after || records.length === 0)) throw noProgress(noun);
  const found = ofOpportunity(records, opportunity);
  const ids = showsId ? checkedIds(page, after, noun) : [];
  if (showsId && next !== null && next !== ids.at(-1)) throw noProgress(noun);
  return { next, found, ids };
}

/** Cuts the ids above `from` into pieces of equal length; the last one has no end, because rows are only ever added there. */
function divide({ opportunity }: Slice, from: number, last: number): Slice[] {
  const length = Math.ceil((last - from) / lanes);
  return Array.from({ length: lanes }, (_, at) => ({
    opportunity,
    after: from + at * length,
    until: at === lanes - 1 ? null : from + (at + 1) * length,
    count: 0,
  }));
}

/** Asks for the next page of a slice. At the start of a long list it also finds out how far the list goes, and divides it. */
export function askList(
  spec: ListSpec,
  { http }: Pick<ReadContext, 'http'>,
): (slice: Slice, signal: AbortSignal) => Promise<Piece> {
  const size: PageSize = createPageSize(spec.largestPage, smallestPage);

  /** The largest id of a list; 0 where it is empty. */
  const lastId = async (opportunity: string, signal: AbortSignal): Promise<number> => {
    const { records } = await http.get(
      `${spec.path(opportunity)}?page_size=1&cursor_order=reverse`,
      (body) => listPage(body, 'reverse'),
      signal,
    );
    return records[0] === undefined ? 0 : idOf(records[0]);
  };

  return async (slice, signal) => {
    const { opportunity, after, until, count } = slice;
    const path = (limit: number): string => {
      // No more than the ids that are left: rows behind the end are another slice's.
      const asked = until === null ? limit : Math.min(limit, until - after);
      return `${spec.path(opportunity)}?page_size=${asked}${after === 0 ? '' : `&last_id=${after}`}`;
    };
    let doubted = false;
    const parse = (body: Buffer): OwnPage => {
      const page = ownPage(body, slice, spec);
      const first = page.ids[0];
      // Nothing is left up to the end of the slice, or this is the page of a later one: the next answer tells.
      if (until === null || first === undefined || first <= until || doubted) return page;
      doubted = true;
      throw noProgress(spec.noun);
    };
    // A page that is not the answer to this question may come from a cache, so it is asked for again.
    const { next, found, ids } = await http.get({ size, path }, parse, signal);
    const rest: Slice[] =
      next === null || (until !== null && next >= until)
        ? []
        : [{ opportunity, after: next, until, count: count + found.length }];
    if (!spec.showsId) return { records: found, keys: keysOf(found, slice, spec.keyFields), rest };

    if (until !== null) return { records: found.filter((_, at) => (ids[at] as number) <= until), rest };
    if (next === null || after > 0) return { records: found, rest };
    const last = await lastId(opportunity, signal);
    const idsPerPage = next - (ids[0] as number) + 1;
    return {
      records: found,
      rest: last - next < worthDividing * idsPerPage ? rest : divide(slice, next, last),
    };
  };
}
