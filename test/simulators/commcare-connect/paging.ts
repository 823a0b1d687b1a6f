import { type Call, json, type Reply } from '../shared/http.ts';
import type { Table } from './table.ts';
import type { Json, JsonObject } from './types.ts';

const DEFAULT_PAGE = 1000;

const badRequest = (field: string, text: string): Reply => json(400, { [field]: [text] });

/** A whole number of at least 1; a Reply when it is something else, null when it is not there. */
function positive(call: Call, name: string): number | null | Reply {
  const text = call.query.get(name);
  if (text === null || text === '') return null;
  if (!/^[+-]?\d+$/.test(text.trim())) return badRequest(name, 'A valid integer is required.');
  const value = Number(text);
  return value >= 1 ? value : badRequest(name, 'Ensure this value is greater than or equal to 1.');
}

/**
 * A list in version 2.0 (§4): pages by the integer primary key, `page_size` clamped, `next` null at the end. It keeps
 * the other parameters of the request in `next`.
 */
export function page(
  call: Call,
  table: Table,
  maxPageSize: number,
  make: (index: number) => JsonObject = (index) => table.row(index),
): Reply {
  const asked = positive(call, 'page_size');
  if (asked !== null && typeof asked === 'object') return asked;
  const lastId = positive(call, 'last_id');
  if (lastId !== null && typeof lastId === 'object') return lastId;
  const order = call.query.get('cursor_order') ?? 'forward';
  if (order !== 'forward' && order !== 'reverse') {
    return badRequest('cursor_order', `"${order}" is not a valid choice.`);
  }
  const size = Math.min(asked ?? DEFAULT_PAGE, maxPageSize);
  const found = table.behind(lastId, size + 1, order === 'reverse');
  const shown = found.slice(0, size);
  const last = shown.at(-1);
  let next: Json = null;
  if (found.length > size && last !== undefined) {
    const own = { last_id: String(table.pk(last)), page_size: String(size), cursor_order: order };
    const query = new URLSearchParams(own);
    for (const [name, value] of call.query) if (!(name in own)) query.append(name, value);
    next = `${call.origin}${call.path}?${query}`;
  }
  return json(200, { next, results: shown.map(make) });
}
