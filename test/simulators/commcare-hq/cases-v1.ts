import { type Call, empty, json, type Reply } from '../shared/http.ts';
import type { Domain } from './domain.ts';
import { parseV2Date } from './time.ts';
import type { Json, JsonObject } from './types.ts';
import { listV1 } from './v1-list.ts';

const MAX = 5000;

/** The case list `/a/D/api/case/v1/` (§3.2): most 5000 a page, oldest `server_date_modified` first. */
export function listCasesV1(call: Call, domain: Domain): Reply {
  return listV1(call, {
    store: domain.cases,
    ...domain.nextShuffle(),
    max: MAX,
    defaultOrder: 'server_date_modified',
    dates: { server_date_modified: 'serverModified', indexed_on: 'indexedOn', date_modified: 'received' },
    filter: (name, value) => caseFilter(domain, name, value),
    show: (index) => toCaseV1(domain, index),
  });
}

/** One case by id; an unknown one is an empty 404. */
export function getCaseV1(domain: Domain, id: string): Reply {
  const index = domain.cases.find(id);
  return index < 0 ? empty(404) : json(200, toCaseV1(domain, index));
}

/** The v1 shape of a case (§3.2): type, name, owner and external id sit inside `properties`. */
export function toCaseV1(domain: Domain, index: number): JsonObject {
  const row = domain.cases.row(index);
  const get = (key: string): Json => row[key] ?? null;
  const owner = get('owner_id');
  const closed = get('closed');
  const extra = domain.facts.caseUser(index) ?? owner;
  return {
    id: get('case_id'),
    case_id: get('case_id'),
    domain: get('domain'),
    user_id: extra,
    opened_by: extra,
    closed,
    closed_by: closed === true ? extra : null,
    date_closed: get('date_closed'),
    date_modified: get('last_modified'),
    server_date_modified: get('server_last_modified'),
    server_date_opened: get('date_opened'),
    indexed_on: get('indexed_on'),
    xform_ids: domain.facts.formsOf(index),
    properties: {
      case_name: get('case_name'),
      case_type: get('case_type'),
      date_opened: get('date_opened'),
      external_id: get('external_id'),
      owner_id: owner,
      ...object(get('properties')),
    },
    indices: indicesV1(object(get('indices'))),
    resource_uri: '',
  };
}

function object(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function indicesV1(indices: JsonObject): JsonObject {
  const out: Record<string, Json> = {};
  for (const [name, value] of Object.entries(indices)) {
    const { case_type = null, case_id = null } = object(value) as { case_type?: Json; case_id?: Json };
    out[name] = { case_type, case_id };
  }
  return out;
}

const FIELDS: Readonly<Record<string, string>> = {
  type: 'case_type',
  name: 'case_name',
  owner_id: 'owner_id',
  external_id: 'external_id',
};

function caseFilter(domain: Domain, name: string, value: string): ((index: number) => boolean) | undefined {
  const field = FIELDS[name];
  if (field !== undefined) return (i) => domain.cases.row(i)[field] === value;
  if (name === 'closed') return (i) => String(domain.cases.row(i)['closed']) === value.toLowerCase();
  if (name === 'user_id') {
    return (i) => (domain.facts.caseUser(i) ?? domain.cases.row(i)['owner_id']) === value;
  }
  return undefined;
}

/** Microseconds of a case date field, for filters; undefined when empty. */
export function caseDate(row: JsonObject, field: string): number | undefined {
  const value = row[field];
  return typeof value === 'string' ? parseV2Date(value) : undefined;
}
