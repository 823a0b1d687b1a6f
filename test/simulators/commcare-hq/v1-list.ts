import { type Call, JSON_TYPE, json, type Reply } from '../shared/http.ts';
import type { ColumnName, RowStore, View } from './store.ts';
import { parseV1Date } from './time.ts';
import type { JsonObject } from './types.ts';

/** One tastypie list: what it sorts and filters by. A further list is one more of these. */
export interface V1List {
  readonly store: RowStore;
  readonly max: number;
  readonly defaultOrder: string;
  /** Sortable and date-filterable fields with their columns. */
  readonly dates: Readonly<Record<string, ColumnName>>;
  /** The rows a parameter keeps; undefined for an unknown parameter, which keeps none (§3.1). */
  filter(name: string, value: string): ((index: number) => boolean) | undefined;
  /** A number of its own for every request, to shuffle ties by; absent when ties keep their order. */
  readonly shuffle?: number;
  /** The row as shown, when it is not the one the store serialises. */
  readonly show?: (index: number, call: Call) => JsonObject;
}

/** Beyond this the search index refuses (§2). */
export const MAX_WINDOW = 1_000_000;

const RESERVED = new Set([
  'limit',
  'offset',
  'order_by',
  'format',
  'api_key',
  'username',
  'include_archived',
  'q',
  '_search',
]);

export function badRequest(message: string): Reply {
  return json(400, { error: message });
}

export function serverError(): Reply {
  return json(500, { error_message: 'Sorry, this request could not be processed. Please try again later.' });
}

/** Repeated parameters: the last wins (§3.1). */
function lastValues(query: URLSearchParams): Map<string, string> {
  return new Map(query);
}

function whole(text: string): number | undefined {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Parses `limit`: default 20, over the maximum clamped, 0 the maximum, junk refused (§2). */
export function readLimit(text: string | undefined, max: number): number | string {
  const limit = text === undefined ? 20 : whole(text);
  if (limit === undefined) return `Invalid limit '${text}' provided. Please provide a positive integer.`;
  if (limit < 0) return `Invalid limit '${text}' provided. Please provide a positive integer >= 0.`;
  return limit === 0 || limit > max ? max : limit;
}

/** Parses `offset`; junk is refused (§2). */
export function readOffset(text: string | undefined): number | string {
  const offset = text === undefined ? 0 : whole(text);
  if (offset === undefined) return `Invalid offset '${text}' provided. Please provide an integer.`;
  if (offset < 0) return `Invalid offset '${text}' provided. Please provide a positive integer >= 0.`;
  return offset;
}

interface Range {
  from?: number;
  to?: number;
}

interface Plan {
  readonly ranges: Map<ColumnName, Range>;
  readonly keeps: ((index: number) => boolean)[];
  readonly keys: string[];
}

function plan(params: Map<string, string>, list: V1List): Plan | string {
  const result: Plan = { ranges: new Map(), keeps: [], keys: [] };
  for (const [name, value] of params) {
    if (RESERVED.has(name) || name.endsWith('__full')) continue;
    const match = /^(.+)_(start|end)$/.exec(name);
    const column = match === null ? undefined : list.dates[match[1] ?? ''];
    if (column !== undefined) {
      const micros = parseV1Date(value);
      if (micros === undefined) return `Bad query parameter: Unknown date format: ${value}`;
      const range = result.ranges.get(column) ?? {};
      if (match?.[2] === 'start') range.from = micros;
      else range.to = micros;
      result.ranges.set(column, range);
      continue;
    }
    result.keys.push(`${name}=${value}`);
    result.keeps.push(list.filter(name, value) ?? (() => false));
  }
  return result;
}

/** Answers a tastypie list request by the rules of §2 and §3.1. */
export function listV1(call: Call, list: V1List): Reply {
  const params = lastValues(call.query);
  const limit = readLimit(params.get('limit'), list.max);
  if (typeof limit === 'string') return badRequest(limit);
  const offset = readOffset(params.get('offset'));
  if (typeof offset === 'string') return badRequest(offset);
  const orderBy = params.get('order_by') ?? list.defaultOrder;
  const descending = orderBy.startsWith('-');
  const field = descending ? orderBy.slice(1) : orderBy;
  const order = list.dates[field];
  if (order === undefined) return badRequest(`No matching '${field}' field for ordering on.`);
  const wanted = plan(params, list);
  if (typeof wanted === 'string') return badRequest(wanted);
  if (offset + limit > MAX_WINDOW) return serverError();
  const view = planned(list, wanted, order, params.has('include_archived'));
  const [low, high] = bounds(list.store, view, wanted.ranges.get(order));
  const total = high - low;
  const count = Math.max(0, Math.min(limit, total - offset));
  const from = descending ? high - offset - count : low + offset;
  const rows = shown(call, list, view, from, from + count, descending);
  const meta = {
    limit,
    offset,
    total_count: total,
    ...nextAndPrevious(call, limit, offset, total),
  };
  const head = Buffer.from(`{"meta":${JSON.stringify(meta)},"objects":[`);
  return {
    status: 200,
    headers: { 'Content-Type': JSON_TYPE, Vary: 'Accept', 'Cache-Control': 'no-cache' },
    body: [head, ...rows, Buffer.from(']}')],
    kept: list.store.preserialise && list.show === undefined,
  };
}

function planned({ store, shuffle }: V1List, wanted: Plan, order: ColumnName, archived: boolean): View {
  const keeps = [...wanted.keeps];
  const keys = [...wanted.keys];
  for (const [column, { from, to }] of wanted.ranges) {
    if (column === order) continue;
    const values = store.columns[column];
    const [a, b] = [
      from === undefined ? 0 : Math.floor(from / 1000),
      to === undefined ? Infinity : Math.floor(to / 1000),
    ];
    keys.push(`${column} ${a} ${b}`);
    keeps.push((i) => {
      const ms = Math.floor((values[i] ?? 0) / 1000);
      return ms >= a && ms <= b;
    });
  }
  const query = {
    order,
    archived,
    key: JSON.stringify(keys.sort()),
    ...(shuffle === undefined ? {} : { shuffle }),
  };
  return store.view(
    keeps.length === 0 ? { ...query, key: '' } : { ...query, keep: (i) => keeps.every((keep) => keep(i)) },
  );
}

/** Both ends of a date range are inclusive (§3.1). */
function bounds(store: RowStore, view: View, range: Range | undefined): [number, number] {
  const low = range?.from === undefined ? 0 : store.position(view, range.from);
  const high = range?.to === undefined ? view.rows.length : store.position(view, range.to, true);
  return [low, Math.max(low, high)];
}

function shown(
  call: Call,
  list: V1List,
  view: View,
  from: number,
  to: number,
  descending: boolean,
): Buffer[] {
  const { show } = list;
  if (show === undefined) return list.store.serialise(view, from, to, descending);
  const texts = Array.from(view.rows.subarray(from, Math.max(from, to)), (index) =>
    JSON.stringify(show(index, call)),
  );
  if (descending) texts.reverse();
  return [Buffer.from(texts.join(','))];
}

/** The links of a page (§2): null where there is nothing more. */
export function nextAndPrevious(
  call: Call,
  limit: number,
  offset: number,
  total: number,
): { next: string | null; previous: string | null } {
  return {
    next: offset + limit < total ? page(call, limit, offset + limit) : null,
    previous: offset - limit >= 0 ? page(call, limit, offset - limit) : null,
  };
}

/** A bare query, as the paginator leaves it: the other parameters, then `limit` and `offset`. */
function page(call: Call, limit: number, offset: number): string {
  const query = new URLSearchParams(call.query);
  query.delete('limit');
  query.delete('offset');
  query.append('limit', String(limit));
  query.append('offset', String(offset));
  return `?${query}`;
}
