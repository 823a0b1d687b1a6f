import { type Call, empty, json, type Reply } from '../shared/http.ts';
import { toCaseV1 } from './cases-v1.ts';
import type { Domain } from './domain.ts';
import { largestOf } from './lists.ts';
import type { Json, JsonObject } from './types.ts';
import { listV1, type V1List } from './v1-list.ts';

const MAX = 1000;
const TERMS = new Set([
  'app_id',
  'build_id',
  'domain',
  'version',
  'uiversion',
  'submit_ip',
  'form',
  'metadata',
  'type',
]);

/** The form list `/a/D/api/form/v1/` (§3.1): most 1000 a page, newest `received_on` first. */
export function listForms(call: Call, domain: Domain): Reply {
  return listV1(call, formList(call, domain));
}

/** One form by id; an unknown one is an empty 404 (§2). Archived forms can be fetched by id. */
export function getForm(call: Call, domain: Domain, id: string): Reply {
  const index = domain.forms.find(id);
  if (index < 0) return empty(404);
  return json(200, wantsCases(call) ? withCases(domain, index) : domain.forms.row(index));
}

function formList(call: Call, domain: Domain): V1List {
  const base: V1List = {
    store: domain.forms,
    ...domain.nextShuffle(),
    max: largestOf(domain.spec, MAX),
    defaultOrder: '-received_on',
    dates: { received_on: 'received', server_modified_on: 'serverModified', indexed_on: 'indexedOn' },
    filter: (name, value) => formFilter(domain, name, value),
  };
  return wantsCases(call) ? { ...base, show: (index) => withCases(domain, index) } : base;
}

function wantsCases(call: Call): boolean {
  return (call.query.getAll('cases__full').at(-1) ?? '').toLowerCase() === 'true';
}

function withCases(domain: Domain, index: number): JsonObject {
  const cases = domain.facts.casesOf(index).flatMap((id) => {
    const at = domain.cases.find(id);
    return at < 0 ? [] : [toCaseV1(domain, at)];
  });
  return { ...domain.forms.row(index), cases };
}

function formFilter(domain: Domain, name: string, value: string): ((index: number) => boolean) | undefined {
  if (name === 'xmlns') return (i) => domain.facts.xmlnsOf(i) === value;
  if (name === 'case_id') return (i) => domain.facts.casesOf(i).includes(value);
  const term = value.toLowerCase();
  if (name === 'app_id') return (i) => domain.facts.appOf(i) === term;
  const path = name.split('.');
  if (!TERMS.has(path[0] ?? '')) return undefined;
  return (i) => {
    let here: Json | undefined = domain.forms.row(i);
    for (const step of path) here = isObject(here) ? here[step] : undefined;
    return (
      here !== undefined && !isObject(here) && !Array.isArray(here) && String(here).toLowerCase() === term
    );
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
