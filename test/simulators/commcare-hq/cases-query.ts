import { caseDate } from './cases-v1.ts';
import type { Domain } from './domain.ts';
import { toMillis } from './store.ts';
import { parseV2Date } from './time.ts';
import type { Json, JsonObject } from './types.ts';
import { parseCaseQuery } from './xpath.ts';

/** A fault of the caller, answered as 400 `{"error": …}`. */
export class UserError extends Error {}

type Keep = (row: JsonObject) => boolean;

const SIMPLE = new Set(['external_id', 'case_type', 'owner_id', 'case_name']);
const DATES = new Set(['last_modified', 'server_last_modified', 'date_opened', 'date_closed', 'indexed_on']);
const FALSE = new Set(['', 'false', 'f', 'no', 'n', '0']);

export function toBoolean(text: string): boolean {
  return !FALSE.has(text.toLowerCase());
}

function record(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** One filter of the case v2 list (§3.3); throws `UserError` for a name or value it does not know. */
function filterFor(name: string, value: string, domain: Domain): Keep {
  if (name === 'query') return query(value);
  if (SIMPLE.has(name)) return (row) => row[name] === value;
  if (name === 'closed') return (row) => row['closed'] === toBoolean(value);
  if (name === 'include_deprecated') return deprecated(domain, toBoolean(value));
  const dot = name.indexOf('.');
  const prefix = dot < 0 ? '' : name.slice(0, dot);
  const rest = name.slice(dot + 1);
  if (prefix === 'properties') {
    return (row) => {
      const found = record(row['properties'])[rest];
      return value === '' ? found === undefined || found === '' : found === value;
    };
  }
  if (prefix === 'indices') return (row) => record(record(row['indices'])[rest])['case_id'] === value;
  if (DATES.has(prefix)) return dateFilter(prefix, rest, value, name);
  throw new UserError(`'${name}' is not a valid parameter.`);
}

function deprecated(domain: Domain, included: boolean): Keep {
  const types = domain.spec.deprecatedCaseTypes ?? [];
  return (row) => included || !types.includes(String(row['case_type']));
}

function query(text: string): Keep {
  try {
    return parseCaseQuery(text);
  } catch (error) {
    throw new UserError(`Bad query: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Dates compare in whole milliseconds, as the search index does. */
function dateFilter(field: string, operator: string, value: string, name: string): Keep {
  if (!['gt', 'gte', 'lt', 'lte'].includes(operator))
    throw new UserError(`'${name}' is not a valid parameter.`);
  const micros = parseV2Date(value);
  if (micros === undefined) throw new UserError(`Cannot parse datetime '${value}'`);
  const limit = toMillis(micros);
  return (row) => {
    const found = caseDate(row, field);
    if (found === undefined) return false;
    const here = toMillis(found);
    if (operator === 'gt') return here > limit;
    if (operator === 'gte') return here >= limit;
    return operator === 'lt' ? here < limit : here <= limit;
  };
}

export interface CaseQuery {
  readonly key: string;
  /** Absent when nothing is filtered. */
  readonly keep?: (index: number) => boolean;
}

/** Combines the parameters: different names AND, repeats of one name OR (§3.3). */
export function caseQuery(params: URLSearchParams, domain: Domain): CaseQuery {
  const keeps: Keep[] = [];
  const keys: string[] = [];
  const indexed: ((index: number) => boolean)[] = [];
  for (const name of new Set(params.keys())) {
    if (name === 'limit' || /^(fields|exclude)(\.|$)/.test(name)) continue;
    const values = params.getAll(name);
    keys.push(`${name}=${JSON.stringify(values)}`);
    const filters = values.map((value) => filterFor(name, value, domain));
    if (name.startsWith('indexed_on.') && values.length === 1)
      indexed.push(indexFilter(name, values[0] ?? '', domain));
    else keeps.push((row) => filters.some((keep) => keep(row)));
  }
  if (!params.has('include_deprecated') && (domain.spec.deprecatedCaseTypes ?? []).length > 0) {
    keeps.push(deprecated(domain, false));
  }
  if (keeps.length + indexed.length === 0) return { key: '' };
  const keep = (index: number): boolean => {
    if (!indexed.every((test) => test(index))) return false;
    if (keeps.length === 0) return true;
    const row = domain.cases.row(index);
    return keeps.every((test) => test(row));
  };
  return { key: keys.join('&'), keep };
}

/** `indexed_on` filters read the column, so that slicing a large domain does not make its rows. */
function indexFilter(name: string, value: string, domain: Domain): (index: number) => boolean {
  const limit = toMillis(parseV2Date(value) ?? 0);
  const column = domain.cases.columns.indexedOn;
  const here = (index: number): number => toMillis(column[index] ?? 0);
  if (name.endsWith('.gt')) return (i) => here(i) > limit;
  if (name.endsWith('.gte')) return (i) => here(i) >= limit;
  return name.endsWith('.lt') ? (i) => here(i) < limit : (i) => here(i) <= limit;
}

type Tree = Map<string, Tree>;

function tree(params: URLSearchParams, kind: 'fields' | 'exclude'): Tree {
  const root: Tree = new Map();
  for (const [name, value] of params) {
    const path = name.split('.');
    if (path[0] !== kind) continue;
    for (const item of value.split(',')) {
      let here = root;
      const steps = [...path.slice(1), ...item.split('.')];
      if (steps.includes('')) continue;
      for (const step of steps) {
        const next = here.get(step) ?? new Map<string, Tree>();
        here.set(step, next);
        here = next;
      }
    }
  }
  return root;
}

/** The `fields` or `exclude` selection of a request; both together are refused (§3.3). */
export function fieldFilter(params: URLSearchParams): ((row: JsonObject) => JsonObject) | undefined {
  const names = [...params.keys()].map((name) => name.split('.')[0]);
  const fields = names.includes('fields');
  const exclude = names.includes('exclude');
  if (fields && exclude) throw new UserError("You cannot specify both 'fields' and 'exclude'");
  if (!fields && !exclude) return undefined;
  const paths = tree(params, fields ? 'fields' : 'exclude');
  return (row) => select(row, paths, fields);
}

function select(row: JsonObject, paths: Tree, keep: boolean): JsonObject {
  const out: Record<string, Json> = {};
  for (const [name, value] of Object.entries(row)) {
    const below = paths.get(name);
    if (below === undefined) {
      if (!keep) out[name] = value;
    } else if (below.size > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      out[name] = select(value as JsonObject, below, keep);
    } else if (keep) {
      out[name] = value;
    }
  }
  return out;
}
