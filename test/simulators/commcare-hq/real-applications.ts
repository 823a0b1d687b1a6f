import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, asText } from './real-data.ts';
import type { Json, JsonObject } from './types.ts';

/** Application definitions of a folder in the shape of the application list (§3.4); questions come from the XForms. */
export function readApplications(folder: string): JsonObject[] {
  const at = join(folder, 'applications');
  if (!existsSync(at)) return [];
  return readdirSync(at)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const data: Json = JSON.parse(readFileSync(join(at, name), 'utf8'));
      const application = asObject(data);
      return application === undefined ? [] : [show(application)];
    });
}

function list(value: Json | undefined): readonly JsonObject[] {
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  return items.map(asObject).filter((item) => item !== undefined);
}

function show(application: JsonObject): JsonObject {
  return {
    id: asText(application['_id']),
    name: asText(application['name']),
    version: application['version'] ?? 1,
    is_released: application['is_released'] ?? false,
    built_on: application['built_on'] ?? null,
    build_comment: application['build_comment'] ?? null,
    built_from_app_id: application['copy_of'] ?? null,
    modules: list(application['modules']).map(showModule(application)),
    versions: [],
    resource_uri: '',
  };
}

function showModule(application: JsonObject): (module: JsonObject) => JsonObject {
  return (module) => ({
    name: firstName(module['name']),
    case_type: asText(module['case_type']),
    case_properties: properties(module),
    unique_id: asText(module['unique_id']),
    forms: list(module['forms']).map((form) => ({
      xmlns: asText(form['xmlns']),
      name: form['name'] ?? {},
      unique_id: asText(form['unique_id']),
      questions: questions(source(application, form)),
    })),
  });
}

function firstName(value: Json | undefined): string {
  return asText(Object.values(asObject(value) ?? {})[0]);
}

function properties(module: JsonObject): string[] {
  const names = list(module['forms']).flatMap((form) => {
    const update = asObject(asObject(asObject(form['actions'])?.['update_case'])?.['update']);
    return Object.keys(update ?? {});
  });
  return [...new Set(names)].sort();
}

function source(application: JsonObject, form: JsonObject): string {
  const attachments = asObject(application['_attachments']) ?? {};
  return asText(attachments[`${asText(form['unique_id'])}.xml`]) || asText(form['source']);
}

/** Texts of an XForm's itext by language, default first: `jr:itext('id')` -> text. */
function texts(xform: string): Map<string, Map<string, string>> {
  const languages = new Map<string, Map<string, string>>();
  for (const [, language = '', body = ''] of xform.matchAll(
    /<translation\b[^>]*\blang="([^"]*)"[^>]*>([\s\S]*?)<\/translation>/g,
  )) {
    const found = new Map<string, string>();
    for (const [, id = '', inner = ''] of body.matchAll(
      /<text\b[^>]*\bid="([^"]*)"[^>]*>([\s\S]*?)<\/text>/g,
    )) {
      found.set(id, (/<value>([\s\S]*?)<\/value>/.exec(inner)?.[1] ?? '').replace(/<[^>]+>/g, ''));
    }
    languages.set(language, found);
  }
  return languages;
}

/** The bound questions of an XForm with their labels; forms whose source is not in the file have none. */
function questions(xform: string): JsonObject[] {
  const languages = texts(xform);
  const found: JsonObject[] = [];
  for (const [, tag = '', attributes = '', body = ''] of xform.matchAll(
    /<(input|select|select1|trigger|upload|secret)\b([^>]*)>([\s\S]*?)<\/\1>/g,
  )) {
    const value = /\b(?:ref|bind)="([^"]+)"/.exec(attributes)?.[1];
    if (value === undefined) continue;
    const id = /<label\b[^>]*\bref="jr:itext\('([^']*)'\)"/.exec(body)?.[1];
    const labels = [...languages].flatMap(([language, known]) => {
      const text = id === undefined ? undefined : known.get(id);
      return text === undefined ? [] : [[language, text] as const];
    });
    const label = labels[0]?.[1] ?? value.split('/').at(-1) ?? value;
    found.push({ label, tag, value, repeat: null, translations: Object.fromEntries(labels) });
  }
  return found;
}
