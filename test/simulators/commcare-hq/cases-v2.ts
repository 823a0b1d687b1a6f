import { type Call, JSON_TYPE, json, type Reply } from '../shared/http.ts';
import { caseQuery, fieldFilter, UserError } from './cases-query.ts';
import type { Domain } from './domain.ts';
import { toMillis } from './store.ts';
import { parseV2Date } from './time.ts';
import type { JsonObject } from './types.ts';

const MAX = 5000;
const TOO_MANY = `You cannot request more than ${MAX} cases per request.`;
const AFTER = 'indexed_on.gte';
const LAST_ID = 'last_case_id';

/** Turns a `UserError` into its 400 (§3.3). */
function guarded(answer: () => Reply): Reply {
  try {
    return answer();
  } catch (error) {
    if (error instanceof UserError) return json(400, { error: error.message });
    throw error;
  }
}

/**
 * The case list `/a/D/api/case/v2/` (§3.3): most 5000 a page (more is refused), always by indexed time and id.
 * The cursor carries the original query; a user's own `indexed_on.gte` shadows the position inside it, so
 * that page two starts again near page one, as on the real server.
 */
export function listCasesV2(call: Call, domain: Domain): Reply {
  return guarded(() => {
    const cursor = call.query.get('cursor');
    const params = new URLSearchParams(cursor === null ? call.query : decodeCursor(cursor));
    let position: { readonly ms: number; readonly id: string } | undefined;
    if (cursor !== null) {
      const after = params.get(AFTER);
      const id = params.get(LAST_ID);
      params.delete(AFTER);
      params.delete(LAST_ID);
      if (after !== null && id !== null) position = { ms: sortValue(after), id };
    }
    const limit = readLimit(params.getAll('limit').at(-1));
    const query = caseQuery(params, domain);
    const { cases } = domain;
    const view = cases.view({ order: 'indexedOn', archived: false, ...query });
    const from = position === undefined ? 0 : cases.positionAfter(view, position.ms, position.id);
    const to = Math.min(view.rows.length, from + limit);
    const shape = fieldFilter(params);
    const rows =
      shape === undefined
        ? cases.serialise(view, from, to, false)
        : [
            Buffer.from(
              Array.from(view.rows.subarray(from, to), (i) => JSON.stringify(shape(cases.row(i)))).join(','),
            ),
          ];
    let tail = ']';
    if (to - from === (limit === 0 ? MAX : limit)) {
      const last = view.rows[to - 1] ?? 0;
      params.append(AFTER, String(toMillis(cases.columns.indexedOn[last] ?? 0)));
      params.append(LAST_ID, cases.source.id(last));
      const next = Buffer.from(String(params)).toString('base64');
      tail += `,"next":${JSON.stringify(`${call.origin}${call.path}?cursor=${encodeURIComponent(next)}`)}`;
    }
    return {
      status: 200,
      headers: { 'Content-Type': JSON_TYPE },
      body: [
        Buffer.from(`{"matching_records":${view.rows.length},"cases":[`),
        ...rows,
        Buffer.from(`${tail}}`),
      ],
      kept: cases.preserialise && shape === undefined,
    };
  });
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64').toString('utf8');
}

/** The position of a cursor: whole milliseconds, or the date of a user's own filter that took its place. */
function sortValue(text: string): number {
  if (/^\d{9,}$/.test(text)) return Number(text);
  const micros = parseV2Date(text);
  if (micros === undefined) throw new UserError(`Cannot parse datetime '${text}'`);
  return toMillis(micros);
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return 20;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new UserError(`'${text}' is not a valid value for 'limit'`);
  const limit = Number(text);
  if (limit > MAX) throw new UserError(TOO_MANY);
  return Math.max(0, limit);
}

/** `/case/v2/<id>` and `/case/v2/<id>,<id>` (§3.3). */
export function getCasesV2(call: Call, domain: Domain, ids: string): Reply {
  return guarded(() => {
    if (ids.includes(',')) return bulk(call, domain, ids.split(','), []);
    const index = domain.cases.find(ids);
    if (index < 0) return json(404, { error: `Case '${ids}' not found` });
    const row = domain.cases.row(index);
    return json(200, fieldFilter(call.query)?.(row) ?? row);
  });
}

/** `POST /case/v2/bulk-fetch/` (§3.3): at most 5000 ids together, order kept, misses marked. */
export function bulkFetch(call: Call, domain: Domain): Reply {
  if (call.method !== 'POST') return json(405, { error: 'Request method not allowed' });
  return guarded(() => {
    let data: unknown;
    try {
      data = JSON.parse(call.body);
    } catch {
      throw new UserError('Payload must be valid JSON');
    }
    const payload =
      typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
    const ids = texts(payload['case_ids']);
    const external = texts(payload['external_ids']);
    if (ids.length + external.length === 0) {
      throw new UserError("Payload must include 'case_ids' or 'external_ids' fields");
    }
    return bulk(call, domain, ids, external);
  });
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function bulk(call: Call, domain: Domain, ids: readonly string[], external: readonly string[]): Reply {
  if (ids.length + external.length > MAX) throw new UserError(TOO_MANY);
  const shape = fieldFilter(call.query);
  const out: JsonObject[] = [];
  let missing = 0;
  const push = (index: number, stub: JsonObject): void => {
    if (index < 0) missing += 1;
    const row = index < 0 ? stub : domain.cases.row(index);
    out.push(index < 0 || shape === undefined ? row : shape(row));
  };
  for (const id of ids) push(domain.cases.find(id), { case_id: id, error: 'not found' });
  const known = external.length > 0 ? byExternalId(domain) : new Map<string, number>();
  for (const id of external) push(known.get(id) ?? -1, { external_id: id, error: 'not found' });
  return json(200, { cases: out, matching_records: out.length - missing, missing_records: missing });
}

function byExternalId(domain: Domain): Map<string, number> {
  const known = new Map<string, number>();
  for (const index of domain.cases.view({ order: 'indexedOn', archived: false, key: '' }).rows) {
    const id = domain.cases.row(index)['external_id'];
    if (typeof id === 'string') known.set(id, index);
  }
  return known;
}
