import { createHash } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Page, ReadContext } from '../connector.ts';
import type { Value } from '../document.ts';
import { AskAgain, createPageSize, type PageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { answerOf, type ListPage } from './answers.ts';

/** CommCare HQ's largest page of most lists; over it, HQ silently sends this many. */
export const largestListPage = 1000;
/** Below this a page is hardly cheaper for HQ, only more of them. */
const smallestPage = 50;
/** Readings of one list whose rows keep moving. In a list without any order, each finds about two rows of three. */
const maxPasses = 20;
/** Base64 characters kept of the hash of a row's id: 60 bits, so that among a million rows two hardly ever agree. */
const fingerprintLength = 10;

/** One request series of a dataset; a dataset may take several, one after the other. */
export interface Series {
  /** Resource and version: `user/v1`. */
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  /** Field that identifies a row. */
  readonly key: string;
  readonly largestPage: number;
  /** Names what is read, for messages: `mobile workers`. */
  readonly noun: string;
  /** Hands over only rows that no series before it had: those that went from one that was still to come to one that was over. */
  readonly rest?: true;
  /** What the records become before they are handed over. */
  readonly finish?: (records: readonly Value[]) => readonly Value[];
}

/** Where reading stands in a list that only pages by offset. */
interface ListCursor {
  /** Index of the series. */
  readonly series: number;
  /** Query of the next page as the source told it; null at the start of a pass. */
  readonly next: string | null;
  /** Id of the row that the next page has to begin with; null when that is not known. */
  readonly seam: string | null;
  /** Fingerprints of the ids seen in this series, one behind the other. */
  readonly seen: string;
  /** Passes over this series that came to the end. */
  readonly passes: number;
  /** Whether every page of this pass so far continued where the one before it ended. */
  readonly whole: boolean;
  /** Rows that this pass saw first. */
  readonly fresh: number;
  /** Rows of the series before this one, as the source counted them. */
  readonly before: number;
  /** Fingerprints of the ids seen in the series before this one, as far as a later one wants to know them. */
  readonly earlier: string;
  /** Rows that a series of the rest has handed over. */
  readonly found: number;
  readonly done: boolean;
}

const start: ListCursor = {
  series: 0,
  next: null,
  seam: null,
  seen: '',
  passes: 0,
  whole: true,
  fresh: 0,
  before: 0,
  earlier: '',
  found: 0,
  done: false,
};

const fingerprint = (id: string): string =>
  createHash('sha256').update(id).digest('base64').slice(0, fingerprintLength);

function fingerprints(seen: string): Set<string> {
  const set = new Set<string>();
  for (let at = 0; at < seen.length; at += fingerprintLength) set.add(seen.slice(at, at + fingerprintLength));
  return set;
}

/**
 * Whole lists that HQ pages by offset. Rows that come or go meanwhile shift all that follow, so a page may repeat rows
 * or, worse, skip some. Therefore each page begins one row early: if that row is not the last one of the page before,
 * something moved, and once at the end the list is read again. Rows seen before are not handed over twice. Reading ends
 * after a pass in which nothing moved, or one that found nothing new, and with as many rows as the source counts.
 */
export async function* readList(
  base: string,
  series: readonly Series[],
  context: ReadContext,
): AsyncGenerator<Page, void> {
  let cursor: ListCursor = { ...start, ...(context.cursor as Partial<ListCursor> | null) };
  const seen = fingerprints(cursor.seen);
  const earlier = fingerprints(cursor.earlier);
  const sizes = series.map(({ largestPage }) => createPageSize(largestPage, smallestPage));
  while (!cursor.done) {
    const asked = series[cursor.series] as Series;
    const { next: place } = cursor;
    const answer = await context.http.get(
      {
        size: sizes[cursor.series] as PageSize,
        path: (limit) => `${base}/${asked.resource}/?${pageQuery(asked, place, limit)}`,
      },
      (body) => {
        const page = answerOf(body);
        const leadsOn =
          page.next === null || (offsetOf(page.next) > offsetOf(place) && page.records.length > 0);
        if (leadsOn) return page;
        throw new AskAgain(say('commcare.commcareHqRepeatsSamePageAgain', { noun: asked.noun }));
      },
      context.signal,
    );
    const ids = answer.records.map((record) => record.get(asked.key)?.text() ?? '');
    const seenBefore = seen.size;
    const records = answer.records.filter((_, at) => {
      const print = fingerprint(ids[at] as string);
      if (seen.has(print)) return false;
      seen.add(print);
      return !asked.rest || !earlier.has(print);
    });
    const isLast = cursor.series === series.length - 1;
    const found = asked.rest ? cursor.found + records.length : 0;
    const counted = asked.rest ? found : answer.total;
    const total = counted === null ? null : cursor.before + counted;
    const next = advance(cursor, answer, ids, seen.size - seenBefore, seen.size, asked.noun);
    if (next.done) {
      if (series.slice(cursor.series + 1).some(({ rest }) => rest))
        for (const print of seen) earlier.add(print);
      else earlier.clear();
      seen.clear();
      const before = { before: total ?? 0, earlier: [...earlier].join('') };
      cursor = { ...start, ...before, series: cursor.series + 1, done: isLast };
    } else cursor = { ...next, found, seen: [...seen].join('') };
    yield {
      records: asked.finish?.(records) ?? records,
      cursor: cursor as unknown as Json,
      // Of several series only the last one knows what all of them hold.
      total: isLast ? total : null,
    };
  }
}

/** The query of a page: the series' own, or what the source said, one row early so that the seam shows. */
function pageQuery(series: Series, next: string | null, limit: number): URLSearchParams {
  const query = new URLSearchParams(next ?? series.query);
  query.set('limit', String(limit));
  const offset = Number(query.get('offset') ?? 0);
  if (offset > 0) query.set('offset', String(offset - 1));
  return query;
}

const offsetOf = (query: string | null): number =>
  Number(new URLSearchParams(query ?? '').get('offset') ?? 0);

/** The cursor after a page; `done` when the series is read. */
function advance(
  cursor: ListCursor,
  answer: ListPage,
  ids: readonly string[],
  added: number,
  seen: number,
  noun: string,
): ListCursor {
  const whole = cursor.whole && (cursor.seam === null || ids[0] === cursor.seam);
  const fresh = cursor.fresh + added;
  if (answer.next !== null) return { ...cursor, next: answer.next, seam: ids.at(-1) ?? null, whole, fresh };
  const passes = cursor.passes + 1;
  const complete = answer.total === null || seen >= answer.total;
  const settled = passes > 1 && fresh === 0;
  if (whole ? complete || settled : complete && settled) return { ...cursor, done: true };
  if (passes === maxPasses) {
    if (complete) return { ...cursor, done: true };
    throw new AppError(
      'SOURCE_BAD_ANSWER',
      say('commcare.commcareHqCountsBut', { total: answer.total, noun, seen }),
      { advice: say('commcare.commcareHqCountsBut.advice') },
    );
  }
  return { ...cursor, next: null, seam: null, passes, whole: true, fresh: 0 };
}
