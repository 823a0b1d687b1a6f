import { AppError } from '../../errors.ts';
import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import { createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { pinIds } from '../pins.ts';
import { listAnswer } from './answers.ts';
import { formFilters } from './options.ts';

/** CommCare HQ's largest page of forms; requests are the scarce resource there, not bytes. */
const largestPage = 1000;
/** Below this a page is hardly cheaper for HQ, only more of them. */
const smallestPage = 50;
/**
 * Passes over one run of equal timestamps that is longer than a page. If the source gave a new random order each time,
 * a row of a run of a few pages would be missed in all of them with a probability below 1 in 10^12.
 */
const maxTiePasses = 20;

const nothing = documentOf({});
const formPart = new Set(['form']);
/** What the header of a form says is in `forms` for every submission; a form's own table begins with its questions. */
const formHeader = new Set(['#type', '@name', '@uiVersion', '@version', '@xmlns']);

/**
 * Forms: `forms` has what every submission has; each form (told apart by its xmlns, never by its name) has a table of
 * its questions.
 */
export const formsShape: RecordShape = {
  key: 'id',
  keyName: 'form_id',
  columns: [
    { path: 'received_on', type: 'timestamptz' },
    { path: 'form_name', type: 'text' },
    { path: 'xmlns', type: 'text' },
    { path: 'app_id', type: 'text' },
    { path: 'build_id', type: 'text' },
    { path: 'archived', type: 'boolean' },
    { path: 'edited_on', type: 'timestamptz' },
    { path: 'server_modified_on', type: 'timestamptz' },
    { path: 'indexed_on', type: 'timestamptz' },
  ],
  parts(record) {
    const inner = record.get('form');
    const form = inner?.kind === 'object' ? inner : nothing;
    const xmlns = form.get('@xmlns');
    const type = form.get('#type');
    const name = form.get('@name') ?? type;
    const extra = {
      form_name: name,
      xmlns,
      type,
      version: form.get('@version'),
      uiversion: form.get('@uiVersion'),
    };
    const id = xmlns?.text() ?? '';
    return [
      { table: 'forms', label: 'forms', value: record, skip: formPart, extra },
      { table: `form/${id}`, label: `form ${name?.text() || id}`, value: form, skip: formHeader },
    ];
  },
  pin: (path) => (path[0] === 'attachments' && path.length === 1 ? 'json' : pinIds(path)),
  indexes: ['received_on'],
};

/**
 * Where reading stands: everything before `since` is read; of `since` itself the forms in `seen`. `offset` skips
 * inside a run of equal timestamps that is longer than a page.
 */
interface FormsCursor {
  /** Index of the request series, one for each form and application that the options choose. */
  readonly series: number;
  /** Rows of the series before this one, as the source counted them. */
  readonly before: number;
  readonly since: string | null;
  readonly seen: readonly string[];
  readonly offset: number;
  /** How many rows have `since` or later, as told when `since` was first asked for. */
  readonly fromSince: number | null;
  readonly passes: number;
  readonly done: boolean;
  readonly total: number | null;
}

const start: FormsCursor = {
  series: 0,
  before: 0,
  since: null,
  seen: [],
  offset: 0,
  fromSince: null,
  passes: 0,
  done: false,
  total: null,
};

/** The API takes no zone and compares in milliseconds at best: cut to the millisecond, `Z` dropped. */
const toMillisecond = (instant: string): string => instant.replace(/Z$/, '').replace(/(\.\d{3})\d+$/, '$1');

/**
 * All forms in the order of `indexed_on`, paged by that time and not by offset, so that forms that arrive, change or
 * vanish meanwhile shift nothing. The start is inclusive: ids seen at the boundary are dropped. A form that changes
 * while it is read comes again later; the sync engine keeps the later one. Where the options choose several forms or
 * applications, they are read one after the other.
 */
export async function* readForms(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  let cursor: FormsCursor = { ...start, ...(context.cursor as Partial<FormsCursor> | null) };
  const filters = formFilters(context.options);
  const size = createPageSize(largestPage, smallestPage);
  while (!cursor.done) {
    const { since, offset, series } = cursor;
    const path = (limit: number): string => {
      const query = new URLSearchParams({
        ...filters[series],
        limit: String(limit),
        order_by: 'indexed_on',
      });
      if (since !== null) query.set('indexed_on_start', since);
      if (offset > 0) query.set('offset', String(offset));
      return `${base}/form/v1/?${query}`;
    };
    const answer = await context.http.get({ size, path }, readList, context.signal);
    const fresh = withoutSeen(answer.records, new Set(cursor.seen));
    const next = advance(cursor, answer);
    if (next === null)
      throw new AppError('SOURCE_BAD_ANSWER', 'CommCare HQ repeats the same page of forms again and again.');
    const isLast = series === filters.length - 1;
    // Of several series only the last one knows what all of them hold.
    const total = isLast && next.total !== null ? next.before + next.total : null;
    cursor =
      next.done && !isLast ? { ...start, series: series + 1, before: next.before + (next.total ?? 0) } : next;
    yield {
      records: fresh,
      cursor: cursor as unknown as Json,
      spent: true,
      total,
    };
  }
}

interface ListAnswer {
  readonly records: readonly Value[];
  readonly totalCount: number | null;
  readonly more: boolean;
}

const stampOf = (record: Value): string => toMillisecond(record.get('indexed_on')?.text() ?? '');
const idOf = (record: Value): string => record.get('id')?.text() ?? '';

function readList(body: Buffer): ListAnswer {
  const { root, records } = listAnswer(body, 'objects');
  const meta = root.get('meta');
  if (meta?.kind !== 'object') throw new SyntaxError('not a list');
  const total = meta.get('total_count');
  return {
    records,
    totalCount: total?.kind === 'number' ? Number(total.text()) : null,
    more: (meta.get('next')?.text() ?? '') !== '',
  };
}

/** The records that are not in `seen`, which is used up: the seen ones stand at the beginning of the page. */
function withoutSeen(records: readonly Value[], seen: Set<string>): readonly Value[] {
  return seen.size === 0
    ? records
    : records.filter((record) => seen.size === 0 || !seen.delete(idOf(record)));
}

/** The cursor after a page; null when the source makes no progress. */
function advance(cursor: FormsCursor, answer: ListAnswer): FormsCursor | null {
  const total = cursor.total ?? answer.totalCount;
  const fromSince = cursor.fromSince ?? answer.totalCount;
  const { records } = answer;
  // They come in order, so only the two ends of a page are looked at: the run it begins in and the one it ends in.
  const lastRecord = records.at(-1);
  const last = lastRecord && stampOf(lastRecord);
  const first = records[0] && stampOf(records[0]);
  // A page that begins before what was asked for is one that was sent before.
  if (last === '' || (first !== undefined && cursor.since !== null && first < cursor.since)) return null;

  let inRun = 0;
  while (inRun < records.length && stampOf(records[inRun] as Value) === cursor.since) inRun += 1;
  const runGoesOn = answer.more && inRun > 0 && inRun === records.length;
  if (cursor.offset > 0 || runGoesOn) {
    const seen = new Set(cursor.seen);
    for (const record of records.slice(0, inRun)) seen.add(idOf(record));
    if (runGoesOn) {
      // A run of one timestamp that fills the page: go on inside it. It can't be longer than the source's own count.
      if (fromSince !== null && cursor.offset > fromSince) return null;
      return { ...cursor, seen: [...seen], offset: cursor.offset + records.length, fromSince, total };
    }
    // Rows of one timestamp have no order of their own, so paging them by offset can miss some. Their number tells:
    // if fewer were seen than there are, the run is read again.
    const expected = cursor.offset + inRun;
    if (seen.size < expected) {
      if (cursor.passes + 1 === maxTiePasses) {
        throw new AppError(
          'SOURCE_BAD_ANSWER',
          `CommCare HQ counts ${expected} forms indexed at ${cursor.since} but shows only ${seen.size} of them.`,
        );
      }
      return { ...cursor, seen: [...seen], offset: 0, passes: cursor.passes + 1, fromSince, total };
    }
  }
  if (!answer.more || last === undefined) return { ...cursor, total, fromSince, done: true };
  let from = records.length;
  while (from > 0 && stampOf(records[from - 1] as Value) === last) from -= 1;
  const seen = records.slice(from).map(idOf);
  return { ...cursor, since: last, seen, offset: 0, fromSince: null, passes: 0, done: false, total };
}
