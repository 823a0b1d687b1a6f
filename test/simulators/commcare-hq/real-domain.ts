import type { DomainData } from './domain.ts';
import type { RowList, RowLists } from './lists.ts';
import { readApplications } from './real-applications.ts';
import {
  asObject,
  asText,
  caseBlocks,
  caseId,
  deriveCases,
  readSubmissions,
  type Submission,
} from './real-data.ts';
import type { Columns, RowSource } from './store.ts';
import { isoMicros, SECOND } from './time.ts';
import type { Json, JsonObject, RealDomainSpec } from './types.ts';

const INDEXED = Date.UTC(2025, 5, 1, 10) * 1000;

/** A domain of real submissions: forms as the form API would show them, and the cases they add up to. */
export function realDomain(spec: RealDomainSpec, publicUrl: string): DomainData {
  const submissions = readSubmissions(spec.real);
  const cases = deriveCases(submissions, spec.name);
  const rows = submissions.map((submission) => formRow(submission, spec.name, publicUrl));
  const mentioned = submissions.map(({ form }) => [...new Set(caseBlocks(form).map(caseId))]);
  return {
    forms: fixedSource(
      submissions.map(({ id }) => id),
      submissions.map(({ received }) => received),
      (index, state) => ({
        ...rows[index],
        archived: state.archived,
        edited_on: state.revision > 0 ? isoMicros(state.editedAt) : null,
        received_on: isoMicros(state.received),
        server_modified_on: isoMicros(state.serverModified),
        indexed_on: isoMicros(state.indexedOn),
      }),
    ),
    cases: fixedSource(
      cases.map(({ id }) => id),
      cases.map(({ modified }) => modified),
      (index, state) => ({
        ...cases[index]?.row,
        last_modified: isoMicros(state.received),
        server_last_modified: isoMicros(state.serverModified),
        indexed_on: isoMicros(state.indexedOn),
      }),
      cases.map(({ received }) => received + 50_000),
    ),
    applications: readApplications(spec.real),
    lists: noLists(),
    facts: {
      xmlnsOf: (form) => asText(submissions[form]?.form['@xmlns']),
      appOf: (form) => text(submissions[form]?.document['app_id']),
      casesOf: (form) => mentioned[form] ?? [],
      formsOf: (index) => cases[index]?.forms ?? [],
      caseUser: (index) => cases[index]?.user,
    },
  };
}

/** The files hold no people, places or lookup tables. */
function noLists(): RowLists {
  const none = (key: string): RowList => ({
    key,
    rows: [],
    make: () => {
      throw new RangeError('A domain of real submissions cannot grow');
    },
  });
  return {
    user: none('id'),
    inactive_user: none('id'),
    'web-user': none('id'),
    group: none('id'),
    location: none('location_id'),
    location_type: none('id'),
    lookup_table: none('id'),
    lookup_table_item: none('id'),
  };
}

function fixedSource(
  ids: readonly string[],
  received: readonly number[],
  row: RowSource['row'],
  serverModified: readonly number[] = received.map((at) => at + 50_000),
): RowSource {
  const places = new Map(ids.map((id, index) => [id, index]));
  return {
    size: ids.length,
    id: (index) => ids[index] ?? '',
    indexOf: (id) => places.get(id) ?? -1,
    row,
    times(from: number, to: number, _after: number, columns: Columns): void {
      if (to > ids.length) throw new RangeError('A domain of real submissions cannot grow');
      for (let i = from; i < to; i += 1) {
        columns.received[i] = received[i] ?? 0;
        columns.serverModified[i] = serverModified[i] ?? 0;
        columns.indexedOn[i] = INDEXED + i * (SECOND + 234_567);
      }
    },
  };
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function formRow(submission: Submission, domain: string, publicUrl: string): JsonObject {
  const { id, form, document } = submission;
  const blobs = asObject(document['external_blobs']) ?? asObject(document['_attachments']) ?? {};
  const blob = asObject(blobs['form.xml']);
  const base = `${publicUrl}/a/${domain}/api/form_attachment/v1/${id}`;
  return {
    id,
    domain,
    app_id: text(document['app_id']),
    build_id: text(document['build_id']),
    type: asText(form['#type']),
    version: asText(form['@version']),
    uiversion: asText(form['@uiVersion']),
    submit_ip: text(document['submit_ip']),
    archived: false,
    problem: null,
    initial_processing_complete: true,
    is_phone_submission: true,
    edited_on: null,
    edited_by_user_id: null,
    received_on: '',
    server_modified_on: '',
    indexed_on: '',
    resource_uri: '',
    metadata: metadata(asObject(form['meta']), id),
    form,
    attachments: {
      'form.xml': {
        content_type: 'text/xml',
        length: blob?.['content_length'] ?? blob?.['length'] ?? 1000,
        url: `${base}/form.xml`,
      },
    },
  };
}

function metadata(meta: JsonObject | undefined, id: string): JsonObject | null {
  if (meta === undefined) return null;
  const get = (key: string): string | null => asText(meta[key]) || null;
  const build = meta['app_build_version'];
  return {
    appVersion: get('appVersion'),
    app_build_version: typeof build === 'number' ? build : null,
    commcare_version: get('commcare_version'),
    deviceID: get('deviceID'),
    deprecatedID: null,
    doc_type: 'Metadata',
    geo_point: null,
    instanceID: id,
    location: get('location'),
    timeStart: get('timeStart'),
    timeEnd: get('timeEnd'),
    userID: get('userID'),
    username: get('username'),
  };
}
