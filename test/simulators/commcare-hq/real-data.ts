import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hexId } from '../shared/random.ts';
import { isoMicros, parseV2Date } from './time.ts';
import type { Json, JsonObject } from './types.ts';
import { xmlToJson } from './xml2json.ts';

/** A real submission: the stored document around it, if there is one, and its `form`. */
export interface Submission {
  readonly id: string;
  readonly form: JsonObject;
  readonly document: JsonObject;
  readonly received: number;
}

export function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The text of a leaf, which may be an object with `#text`. */
export function asText(value: Json | undefined): string {
  const leaf = asObject(value)?.['#text'] ?? value;
  return typeof leaf === 'string' || typeof leaf === 'number' ? String(leaf) : '';
}

function files(folder: string, ending: string): { readonly name: string; readonly text: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Times with a zone become UTC with microseconds, as HQ stores them. */
function inUtc(value: Json): Json {
  if (typeof value === 'string') {
    const micros = WITH_ZONE.test(value) ? parseV2Date(value) : undefined;
    return micros === undefined ? value : isoMicros(micros);
  }
  if (Array.isArray(value)) return value.map(inUtc);
  const object = asObject(value);
  return object === undefined
    ? value
    : Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, inUtc(inner)]));
}

function replaceTemplates(value: Json, ids: Readonly<Record<string, string>>): Json {
  if (typeof value === 'string') return ids[value] ?? value;
  if (Array.isArray(value)) return value.map((inner) => replaceTemplates(inner, ids));
  const object = asObject(value);
  return object === undefined
    ? value
    : Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, replaceTemplates(inner, ids)]));
}

function documents(folder: string): { readonly name: string; readonly document: JsonObject }[] {
  const stored = files(join(folder, 'submissions'), '.json').flatMap(({ name, text }) => {
    const data: Json = JSON.parse(text);
    const list: readonly Json[] = Array.isArray(data) ? data : [data];
    return list.flatMap((item, n) => {
      const found = asObject(item);
      if (found === undefined) return [];
      return [
        { name: `${name}/${n}`, document: asObject(found['form']) === undefined ? { form: found } : found },
      ];
    });
  });
  const raw = files(join(folder, 'xforms'), '.xml').map(({ name, text }) => ({
    name,
    document: { form: xmlToJson(text) },
  }));
  return [...stored, ...raw];
}

/**
 * Reads `submissions/*.json` and `xforms/*.xml` of a folder. Ids stay the submission's own when it has a unique
 * one; times are its own, moved by milliseconds where two would be equal.
 */
export function readSubmissions(folder: string): Submission[] {
  const used = new Set<string>();
  const found = documents(folder).map(({ name, document }) => {
    const made = uuid(hexId(`submission ${name}`));
    const ids = { '{instance_id}': made, '{case_id}': uuid(hexId(`case ${name}`)) };
    const clean = asObject(replaceTemplates(document, ids)) ?? {};
    const form = asObject(inUtc(clean['form'] ?? {})) ?? {};
    const meta = asObject(form['meta']) ?? {};
    const own = asText(clean['_id']) || asText(meta['instanceID']);
    const id = own.length >= 20 && !used.has(own) ? own : made;
    used.add(id);
    const time = asText(clean['received_on']) || asText(meta['timeEnd']) || '2015-01-01';
    return { id, form, document: clean, received: parseV2Date(time) ?? 0 };
  });
  found.sort((a, b) => a.received - b.received);
  let last = 0;
  return found.map((submission) => {
    last = Math.max(submission.received, last + 1000);
    return { ...submission, received: last };
  });
}

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Every `case` block with an id, at any depth, in document order. */
export function caseBlocks(value: Json): JsonObject[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(caseBlocks);
  const object = asObject(value);
  if (object === undefined) return [];
  return Object.entries(object).flatMap(([key, inner]) => {
    if (key !== 'case') return caseBlocks(inner);
    const list: readonly Json[] = Array.isArray(inner) ? inner : [inner];
    return list.flatMap((item) => {
      const block = asObject(item);
      return block !== undefined && caseId(block) !== '' ? [block] : [];
    });
  });
}

/** The id of a block of either case format: an attribute now, an element in old submissions. */
export function caseId(block: JsonObject): string {
  return asText(block['@case_id'] ?? block['case_id']);
}

/** A case as the blocks of all submissions leave it. */
export interface DerivedCase {
  readonly id: string;
  readonly user: string;
  readonly row: JsonObject;
  readonly forms: readonly string[];
  readonly received: number;
  readonly modified: number;
}

interface Draft {
  readonly top: { case_type: string; case_name: string; owner_id: string; external_id: string | null };
  readonly properties: Record<string, Json>;
  readonly indices: Record<string, JsonObject>;
  readonly forms: string[];
  user: string;
  opened: number;
  modified: number;
  received: number;
  closed: boolean;
}

const RENAMED: Readonly<Record<string, string>> = { case_type_id: 'case_type', user_id: 'owner_id' };

function setValue(draft: Draft, name: string, value: string, creating: boolean): void {
  const field = creating ? (RENAMED[name] ?? name) : name;
  if (field === 'case_type' || field === 'case_name' || field === 'owner_id') draft.top[field] = value;
  else if (field === 'external_id') draft.top.external_id = value;
  else draft.properties[field] = value;
}

function apply(draft: Draft, block: JsonObject, submission: Submission): void {
  const at = parseV2Date(asText(block['@date_modified'] ?? block['date_modified'])) ?? submission.received;
  const create = asObject(block['create']);
  const update = asObject(block['update']);
  for (const [name, value] of Object.entries(create ?? {})) setValue(draft, name, asText(value), true);
  for (const [name, value] of Object.entries(update ?? {})) {
    if (!name.startsWith('@') && !Array.isArray(value)) setValue(draft, name, asText(value), false);
  }
  for (const [name, value] of Object.entries(asObject(block['index']) ?? {})) {
    const reference = asObject(value);
    const target = asText(value);
    if (target === '') delete draft.indices[name];
    else {
      draft.indices[name] = {
        case_id: target,
        case_type: asText(reference?.['@case_type']),
        relationship: asText(reference?.['@relationship']) || 'child',
      };
    }
  }
  if ('close' in block) draft.closed = true;
  if (create !== undefined) draft.opened = at;
  draft.user = asText(block['@user_id'] ?? block['user_id']) || asText(create?.['user_id']) || draft.user;
  draft.modified = at;
  draft.received = submission.received;
  if (!draft.forms.includes(submission.id)) draft.forms.push(submission.id);
}

/** Derives the cases of submissions: create, update, close and index in the order received; the latest wins. */
export function deriveCases(submissions: readonly Submission[], domain: string): DerivedCase[] {
  const drafts = new Map<string, Draft>();
  for (const submission of submissions) {
    for (const block of caseBlocks(submission.form)) {
      const id = caseId(block);
      const draft = drafts.get(id) ?? newDraft(submission.received);
      drafts.set(id, draft);
      apply(draft, block, submission);
    }
  }
  return [...drafts].map(([id, draft]) => ({
    id,
    user: draft.user,
    forms: draft.forms,
    received: draft.received,
    modified: draft.modified,
    row: {
      domain,
      case_id: id,
      case_type: draft.top.case_type,
      case_name: draft.top.case_name,
      external_id: draft.top.external_id,
      owner_id: draft.top.owner_id,
      date_opened: isoMicros(draft.opened),
      last_modified: '',
      server_last_modified: '',
      indexed_on: '',
      closed: draft.closed,
      date_closed: draft.closed ? isoMicros(draft.modified) : null,
      properties: draft.properties,
      indices: draft.indices,
    },
  }));
}

function newDraft(received: number): Draft {
  return {
    top: { case_type: '', case_name: '', owner_id: '', external_id: null },
    properties: {},
    indices: {},
    forms: [],
    user: '',
    opened: received,
    modified: received,
    received,
    closed: false,
  };
}
