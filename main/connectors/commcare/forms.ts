import { AppError } from '../../errors.ts';
import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import { createPageSize } from '../http.ts';
import type { Json } from '../json.ts';
import { closing, pinIds } from '../pins.ts';
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
  flag: closing,
  indexes: ['received_on'],
};

/**
 * A stretch of forms by the time they were indexed. Everything before `since` is read; of `since` itself the forms in
 * `seen`. `offset` skips inside a run of equal timestamps that is longer than a page.
 */
interface Lane {
  /** Index of the request series, one for each form and application that the options choose. */
  readonly series: number;
  readonly since: string | null;
  /** Where the next lane of the series begins; null: to the end, also of forms that arrive meanwhile. */
  readonly until: string | null;
  readonly seen: readonly string[];
  readonly offset: number;
  /** How many rows have `since` or later, as told when `since` was first asked for. */
  readonly fromSince: number | null;
  readonly passes: number;
}

/** What is left to read. */
interface FormsCursor {
  readonly lanes: readonly Lane[];
  /** How many forms each series has, as the source counted them at its first page. */
  readonly totals: readonly (number | null)[];
}

/** Lanes that are read side by side: CommCare HQ takes seconds for a page, and its limits count requests, not how many wait. */
const sideBySide = 2;
/** A series with fewer pages is not divided: finding out where costs a small request for each lane. */
const dividedFrom = 20 * largestPage;

/** HQ's index refuses offsets of a million; the lanes of a larger domain are of unequal length instead. */
const farthestOffset = 900_000;

const fresh = { seen: [], offset: 0, fromSince: null, passes: 0 } as const;

/** The API takes no zone and compares in milliseconds at best: cut to the millisecond, `Z` dropped. */
const toMillisecond = (instant: string): string => instant.replace(/Z$/, '').replace(/(\.\d{3})\d+$/, '$1');

/**
 * All forms in the order of `indexed_on`, paged by that time and not by offset, so that forms that arrive, change or
 * vanish meanwhile shift nothing. The start is inclusive: ids seen at the boundary are dropped. A form that changes
 * while it is read comes again later; the sync engine keeps the later one. Many forms are divided into lanes of equal
 * numbers that are read side by side; every page's cursor says where all of them stand, so any page can be the last
 * before a restart.
 */
export async function* readForms(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  const filters = formFilters(context.options);
  const size = createPageSize(largestPage, smallestPage);
  const saved = context.cursor as unknown as FormsCursor | null;
  let lanes: readonly Lane[] =
    saved?.lanes ?? filters.map((_, series) => ({ ...fresh, series, since: null, until: null }));
  const totals = [...(saved?.totals ?? filters.map(() => null))];
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);

  const ask = (lane: Lane, limits: Record<string, string> | null): Promise<ListAnswer> => {
    const { since, until, offset, series } = lane;
    const path = (limit: number): string => {
      const query = new URLSearchParams({
        ...filters[series],
        limit: String(limit),
        order_by: 'indexed_on',
      });
      if (since !== null) query.set('indexed_on_start', since);
      if (until !== null) query.set('indexed_on_end', until);
      if (offset > 0) query.set('offset', String(offset));
      for (const [name, value] of Object.entries(limits ?? {})) query.set(name, value);
      return `${base}/form/v1/?${query}`;
    };
    return context.http.get(limits === null ? { size, path } : path(1), readList, signal);
  };
  /** What is left of a series after its first page: one lane, or several of equal numbers. */
  const divide = async (lane: Lane, total: number): Promise<Lane[]> => {
    const starts = await Promise.all(
      Array.from({ length: sideBySide - 1 }, async (_, at) => {
        const offset = Math.min(farthestOffset, Math.floor((total * (at + 1)) / sideBySide));
        const whole = { ...lane, since: null, offset: 0 };
        const { records } = await ask(whole, { limit: '1', offset: String(offset) });
        return records[0] ? stampOf(records[0]) : '';
      }),
    );
    const bounds = [...new Set(starts)].filter((stamp) => stamp > (lane.since ?? '')).sort();
    const begins = [lane, ...bounds.map((since) => ({ ...fresh, series: lane.series, since, until: null }))];
    return begins.map((each, at) => ({ ...each, until: bounds[at] ?? null }));
  };

  interface Step {
    readonly lane: Lane;
    readonly records: readonly Value[];
    readonly rest: readonly Lane[];
  }
  const step = async (lane: Lane): Promise<Step> => {
    const answer = await ask(lane, null);
    const records = withoutSeen(answer.records, new Set(lane.seen));
    const next = advance(lane, answer);
    if (next === 'stuck') {
      throw new AppError('SOURCE_BAD_ANSWER', 'CommCare HQ repeats the same page of forms again and again.');
    }
    const total = lane.since === null ? answer.totalCount : null;
    if (lane.since === null) totals[lane.series] ??= total;
    const rest =
      next === null ? [] : total !== null && total >= dividedFrom ? await divide(next, total) : [next];
    const { until } = lane;
    // The end is inclusive too, and finer than a millisecond: what stands on it is the next lane's.
    const own = until === null ? records : records.filter((record) => stampOf(record) < until);
    return { lane, records: own, rest };
  };

  const running = new Map<Lane, Promise<Step>>();
  try {
    while (lanes.length > 0) {
      for (const lane of lanes) {
        if (running.size >= sideBySide || running.has(lane)) continue;
        const work = step(lane);
        // Awaited in the race below, or given up because another one failed.
        work.catch(() => {});
        running.set(lane, work);
      }
      const { lane, records, rest } = await Promise.race(running.values());
      running.delete(lane);
      lanes = lanes.flatMap((each) => (each === lane ? rest : [each]));
      const cursor: FormsCursor = { lanes, totals: [...totals] };
      yield {
        records,
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

/** What is left of a lane after a page: null when nothing is, `stuck` when the source makes no progress. */
function advance(lane: Lane, answer: ListAnswer): Lane | null | 'stuck' {
  const fromSince = lane.fromSince ?? answer.totalCount;
  const { records } = answer;
  // They come in order, so only the two ends of a page are looked at: the run it begins in and the one it ends in.
  const lastRecord = records.at(-1);
  const last = lastRecord && stampOf(lastRecord);
  const first = records[0] && stampOf(records[0]);
  // A page that begins before what was asked for is one that was sent before.
  if (last === '' || (first !== undefined && lane.since !== null && first < lane.since)) return 'stuck';

  let inRun = 0;
  while (inRun < records.length && stampOf(records[inRun] as Value) === lane.since) inRun += 1;
  const runGoesOn = answer.more && inRun > 0 && inRun === records.length;
  if (lane.offset > 0 || runGoesOn) {
    const seen = new Set(lane.seen);
    for (const record of records.slice(0, inRun)) seen.add(idOf(record));
    if (runGoesOn) {
      // A run of one timestamp that fills the page: go on inside it. It can't be longer than the source's own count.
      if (fromSince !== null && lane.offset > fromSince) return 'stuck';
      return { ...lane, seen: [...seen], offset: lane.offset + records.length, fromSince };
    }
    // Rows of one timestamp have no order of their own, so paging them by offset can miss some. Their number tells:
    // if fewer were seen than there are, the run is read again.
    const expected = lane.offset + inRun;
    if (seen.size < expected) {
      if (lane.passes + 1 === maxTiePasses) {
        throw new AppError(
          'SOURCE_BAD_ANSWER',
          `CommCare HQ counts ${expected} forms indexed at ${lane.since} but shows only ${seen.size} of them.`,
        );
      }
      return { ...lane, seen: [...seen], offset: 0, passes: lane.passes + 1, fromSince };
    }
  }
  if (!answer.more || last === undefined) return null;
  let from = records.length;
  while (from > 0 && stampOf(records[from - 1] as Value) === last) from -= 1;
  return { ...lane, ...fresh, since: last, seen: records.slice(from).map(idOf) };
}
