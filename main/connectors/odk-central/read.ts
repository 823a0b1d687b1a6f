import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Page, ReadContext } from '../connector.ts';
import { parseDocument, type Value } from '../document.ts';
import { AskAgain, createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { markAll } from '../marked.ts';
import { projectPath } from './paths.ts';
import { notAccepted } from './refusals.ts';

/** Submissions of one request: with their repeats some megabytes. The server names no bound of its own. */
const largestPage = 1000;
/** Below this a page is hardly cheaper for the server, only more of them. */
const smallestPage = 20;
/** Readings of one form whose pages do not stay in their place. */
const mostPasses = 5;

/** Where reading stands. */
interface Cursor {
  /** Query of the next page as the server told it; null at the start of a pass. */
  readonly next: string | null;
  /** Id of the last submission that was read in this pass. */
  readonly last: string | null;
  /** Whether every page of this pass so far began where the one before it ended. */
  readonly whole: boolean;
  /** Passes that came to their end. */
  readonly passes: number;
  /** How many submissions there were when the pass began: those that come meanwhile stand before it, and are not read. */
  readonly total: number | null;
  readonly done: boolean;
}

const start: Cursor = { next: null, last: null, whole: true, passes: 0, total: null, done: false };

/** A page of submissions. */
interface Submissions {
  readonly records: readonly Value[];
  readonly total: number | null;
  /** Only the query of the address that the server gives: where it points to is not its business. */
  readonly next: string | null;
  /** Where the project is for people and programs outside of here, for the addresses of files. */
  readonly base: string;
}

/** Throws a SyntaxError for anything but a page of submissions. */
function submissionsIn(body: Buffer): Submissions {
  const root = parseDocument(body);
  const value = root.get('value');
  if (value?.kind !== 'array') throw new SyntaxError('not a page of submissions');
  const records = value.items();
  if (!records.every((record) => record.kind === 'object')) throw new SyntaxError('not a list of objects');
  const next = root.get('@odata.nextLink');
  if (next !== undefined && next.kind !== 'string' && next.kind !== 'null')
    throw new SyntaxError('a next of an unknown kind');
  const count = root.get('@odata.count');
  const address = next?.text() ?? '';
  return {
    records,
    total: count?.kind === 'number' ? Number(count.text()) : null,
    next: address === '' ? null : address.slice(address.indexOf('?') + 1),
    base: /^(.*?)\/forms\/[^/]*\.svc\//.exec(root.get('@odata.context')?.text() ?? '')?.[1] ?? '',
  };
}

const parameter = (query: string | null, name: string): string | null =>
  query === null ? null : new URLSearchParams(query).get(name);

/** Whether the place of a page is a number of submissions to skip, which moves with what is deleted before it. */
const isBySkip = (query: string | null): boolean =>
  parameter(query, '$skip') !== null && parameter(query, '$skiptoken') === null;

/** The query of a page. One that is placed by a number begins one submission early, so that it shows whether anything moved. */
function pageQuery(next: string | null, limit: number): string {
  const query = new URLSearchParams(next ?? { $count: 'true', $expand: '*' });
  query.set('$top', String(limit));
  // The server's own link may leave out what it was asked for.
  query.set('$expand', '*');
  if (isBySkip(next)) query.set('$skip', String(Number(query.get('$skip')) - 1));
  return query.toString();
}

const idOf = (record: Value | undefined): string | null => record?.get('__id')?.text() || null;

/**
 * The submissions of a form, newest first, with their repeats. Newer servers say by a token where the next page begins, which
 * stays right whatever is deleted meanwhile; older ones by a number to skip: there a page begins one early, and if that is
 * not the last one of the page before, everything is read once more. A submission that is edited keeps its place.
 */
export async function* readForm(form: string, context: ReadContext): AsyncGenerator<Page, void> {
  const path = `${projectPath(context.settings)}/forms/${encodeURIComponent(form)}.svc/Submissions`;
  const size = createPageSize(largestPage, smallestPage);
  let cursor: Cursor = { ...start, ...(context.cursor as Partial<Cursor> | null) };
  while (!cursor.done) {
    const at = cursor;
    const overlaps = isBySkip(at.next);
    let page: Submissions;
    try {
      page = await context.http.get(
        { size, path: (limit) => `${path}?${pageQuery(at.next, overlaps ? limit + 1 : limit)}` },
        (body) => leadingOn(submissionsIn(body), at, form),
        context.signal,
      );
    } catch (error) {
      // A place that the server does not know any more: what it stood at is gone for good.
      const isLost = error instanceof AppError && error.said.id === notAccepted && at.next !== null;
      if (!isLost || at.passes + 1 >= mostPasses) throw error;
      cursor = { ...start, passes: at.passes + 1 };
      continue;
    }
    const isSeam = overlaps && idOf(page.records[0]) === at.last;
    const records = isSeam ? page.records.slice(1) : page.records;
    cursor = after(at, page, !overlaps || isSeam, form);
    yield {
      records: markAll(
        records,
        records.map(() => ({ base: page.base })),
      ),
      cursor: cursor as unknown as Json,
      total: cursor.total,
    };
    if (cursor.done) return;
  }
}

/** The page, unless it is one that was sent before: it may come from a cache, and is asked for again. */
function leadingOn(page: Submissions, { next, last }: Cursor, form: string): Submissions {
  const again = new AskAgain(say('odk.repeatsPage', { form }));
  if (page.next !== null) {
    if (page.records.length === 0) throw again;
    const [token, before] = [parameter(page.next, '$skiptoken'), parameter(next, '$skiptoken')];
    if (token !== null && token === before) throw again;
    const [skip, skipped] = [parameter(page.next, '$skip'), parameter(next, '$skip')];
    if (token === null && Number(skip) <= Number(skipped)) throw again;
  }
  // With a token nothing of the page before comes again.
  const isRepeated = !isBySkip(next) && last !== null && page.records.some((record) => idOf(record) === last);
  if (next !== null && isRepeated) throw again;
  return page;
}

/** The cursor after a page. */
function after(at: Cursor, page: Submissions, whole: boolean, form: string): Cursor {
  const seen = {
    ...at,
    whole: at.whole && whole,
    last: idOf(page.records.at(-1)) ?? at.last,
    total: at.total ?? page.total,
  };
  if (page.next !== null) return { ...seen, next: page.next };
  if (seen.whole) return { ...seen, next: null, done: true };
  const passes = at.passes + 1;
  if (passes >= mostPasses)
    throw new AppError('SOURCE_BAD_ANSWER', say('odk.keepsMoving', { form }), {
      advice: say('odk.keepsMoving.advice'),
    });
  return { ...start, passes };
}
