import { type Call, empty, JSON_TYPE, json, type Reply } from '../shared/http.ts';
import { mix32 } from '../shared/random.ts';
import type { DomainSpec, JsonObject, ListName } from './types.ts';
import { badRequest, nextAndPrevious, readLimit, readOffset } from './v1-list.ts';

/** Rows of a short list, kept whole: people, places, groups and lookup tables, next to forms and cases, are few. */
export interface RowList {
  readonly rows: JsonObject[];
  /** Field that identifies a row. */
  readonly key: string;
  /** Makes the row of an index that is not there yet. */
  make(index: number): JsonObject;
}

/** The lists of a domain, by name; tests change the rows in place. */
export type RowLists = Readonly<Record<ListName, RowList>>;

/** What a parameter keeps; a text refuses the request with 400; undefined when the list does not know the parameter. */
export type ListFilter = (name: string, value: string) => ((row: JsonObject) => boolean) | string | undefined;

/** One tastypie list that is kept whole (§3.4). */
export interface ShortList {
  readonly rows: readonly JsonObject[];
  readonly max: number;
  /** Ascending order of the rows; absent where the real list declares none. */
  readonly order?: (a: JsonObject, b: JsonObject) => number;
  /** Fields that `order_by` takes. Without any, `order_by` is ignored. */
  readonly sortable?: readonly string[];
  readonly filter?: ListFilter;
  /** A number of its own for every request, to shuffle a list by that has no order. */
  readonly shuffle?: number | undefined;
}

const RESERVED = new Set(['limit', 'offset', 'order_by', 'format']);

/** Texts in the order of their code units, as a database with the C collation has them. */
export const byText =
  (field: string) =>
  (a: JsonObject, b: JsonObject): number => {
    const [left, right] = [String(a[field] ?? ''), String(b[field] ?? '')];
    return left < right ? -1 : left > right ? 1 : 0;
  };

function shuffled(rows: readonly JsonObject[], salt: number): JsonObject[] {
  return rows
    .map((row, index) => ({ row, at: mix32(index ^ salt) }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
}

function ordered(list: ShortList, orderBy: string | undefined): JsonObject[] | string {
  const { rows, sortable, order, shuffle } = list;
  if (orderBy !== undefined && sortable !== undefined) {
    const descending = orderBy.startsWith('-');
    const field = descending ? orderBy.slice(1) : orderBy;
    if (!sortable.includes(field)) return `No matching '${field}' field for ordering on.`;
    const up = (shuffle === undefined ? [...rows] : shuffled(rows, shuffle)).sort(byText(field));
    return descending ? up.reverse() : up;
  }
  if (order !== undefined) return [...rows].sort(order);
  return shuffle === undefined ? [...rows] : shuffled(rows, shuffle);
}

/** Answers a tastypie list by the rules of §2: limit clamped, 0 the maximum, junk refused, `next` a bare query. */
export function listShort(call: Call, list: ShortList): Reply {
  const params = new Map(call.query);
  const limit = readLimit(params.get('limit'), list.max);
  if (typeof limit === 'string') return badRequest(limit);
  const offset = readOffset(params.get('offset'));
  if (typeof offset === 'string') return badRequest(offset);
  const rows = ordered(list, params.get('order_by'));
  if (typeof rows === 'string') return badRequest(rows);
  let kept = rows;
  for (const [name, value] of params) {
    const keep = RESERVED.has(name) ? undefined : list.filter?.(name, value);
    if (typeof keep === 'string') return badRequest(keep);
    if (keep !== undefined) kept = kept.filter(keep);
  }
  const total = kept.length;
  const meta = { limit, offset, total_count: total, ...nextAndPrevious(call, limit, offset, total) };
  const body = JSON.stringify({ meta, objects: kept.slice(offset, offset + limit) });
  return {
    status: 200,
    headers: { 'Content-Type': JSON_TYPE, Vary: 'Accept', 'Cache-Control': 'no-cache' },
    body: [Buffer.from(body)],
  };
}

/** One row by its key; an unknown one is an empty 404 (§2). */
export function getShort(list: RowList, id: string): Reply {
  const row = list.rows.find((candidate) => String(candidate[list.key]) === id);
  return row === undefined ? empty(404) : json(200, row);
}

/** The largest page of a list whose own limit is `max`. */
export function largestOf(spec: DomainSpec, max: number): number {
  return Math.min(max, spec.largestPage ?? max);
}

/** Makes a list of `count` rows. */
export function rowList(key: string, count: number, make: (index: number) => JsonObject): RowList {
  return { key, make, rows: Array.from({ length: count }, (_, index) => make(index)) };
}
