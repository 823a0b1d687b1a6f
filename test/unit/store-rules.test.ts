import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import SqliteDatabase, { type default as Database } from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf, instant, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';

type Row = Record<string, string | number | null>;

/** One valid row per table; each breaks nothing, so what a change of one field breaks is that field's rule. */
const rows: Readonly<Record<string, Row>> = {
  workspace: { singleton: 1, id: 'w1', created_at: instant },
  people: { id: 'p1', name: 'Ada', created_at: instant },
  person_roles: { person_id: 'p1', role: 'dba' },
  database_connections: {
    id: 'c1',
    name: 'main',
    environment: 'production',
    description: '',
    engine: 'postgres',
    host: 'db',
    port: 5432,
    database: 'app',
    tls_mode: 'verify-full',
    tls_ca: null,
    last_test: null,
    created_by: 'p1',
    created_at: instant,
    updated_at: instant,
  },
  timetable_jobs: {
    name: 'refresh',
    due_at: instant,
    last_at: instant,
    outcome: 'did',
    count: 1,
    waiting: 0,
    error: null,
    made_up: 0,
  },
  projects: {
    id: 'j1',
    name: 'Project',
    connection_id: 'c1',
    db_schema: 'public',
    created_by: 'p1',
    created_at: instant,
    updated_at: instant,
  },
  data_sources: {
    id: 's1',
    name: 'HQ',
    source_type: 'commcare',
    base_url: 'https://hq',
    client_id: 'x',
    settings: '{}',
    created_by: 'p1',
    created_at: instant,
    updated_at: instant,
  },
  project_data_sources: {
    id: 'l1',
    project_id: 'j1',
    data_source_id: 's1',
    credential_mode: 'user',
    sync_config: '{}',
    keep_idle_hours: 24,
    is_active: 1,
    created_at: instant,
    updated_at: instant,
  },
  credentials: {
    id: 'k1',
    data_source_id: 's1',
    project_id: null,
    person_id: 'p1',
    account: 'a',
    external_user_id: 'e',
    scopes: '[]',
    access_expires_at: instant,
    kind: 'oauth',
    ended: null,
    renewable: 1,
    signed_in_by: 'p1',
    last_used_at: null,
    created_at: instant,
    updated_at: instant,
  },
  materialised_datasets: {
    id: 'd1',
    link_id: 'l1',
    person_id: 'p1',
    schema_name: 'data_x',
    status: 'pending',
    data_as_of: null,
    last_tried_at: null,
    next_sync_at: null,
    row_counts: '{}',
    error: null,
    held: null,
    last_activity_at: instant,
    created_at: instant,
    updated_at: instant,
  },
  sync_jobs: {
    id: 'b1',
    dataset_id: 'd1',
    status: 'running',
    phase: 'reading',
    trigger: 'person',
    mode: 'continue',
    owner: '{}',
    paused_by: null,
    waiting_until: null,
    waits: 0,
    row_counts: '{}',
    notice: null,
    error: null,
    queued_at: instant,
    started_at: null,
    finished_at: null,
  },
  queries: {
    ...{ seq: 1, id: 'q1', project_id: 'j1', person_id: 'p1', person_name: 'n', way: 'window', at: instant },
    ...{ sql: 'SELECT 1', has_literals: 1, outcome: 'done', ms: 1.5, rows: 1, code: null, tables: '[]' },
    ...{ name: null, pinned: 0, shared: 0, forgotten: 0 },
  },
  dataset_names: { dataset_id: 'd1', names: '{}' },
  dataset_deltas: { dataset_id: 'd1', job_id: 'j1', whole_at: instant, state: '{}' },
  sync_job_intents: { job_id: 'b1', intent: '{}' },
  sync_job_facts: { job_id: 'b1', facts: '{}', before: '{}', after: '{}' },
  sync_job_log: { job_id: 'b1', first: 1, count: 1, entries: '[]' },
  kept_schemas: {
    id: 'd0',
    schema_name: 'data_old',
    connection_id: 'c1',
    connection_name: 'main',
    project_id: 'j1',
    project_name: 'Project',
    source_id: 's1',
    source_name: 'HQ',
    person_id: null,
    person_name: null,
    data_as_of: null,
    row_counts: '{}',
    kept_at: instant,
  },
  kept_states: { kept_id: 'd0', names: null, dictionary_version: null, dictionary_job: null },
  sync_job_tables: {
    job_id: 'b1',
    position: 0,
    dataset: 'forms',
    fetched: 0,
    total: null,
    status: 'reading',
  },
  dataset_dictionaries: { dataset_id: 'd1', job_id: 'b1', version: 1 },
  dictionary_tables: { id: 1, dataset_id: 'd1', version: 1, position: 0, described: '{}' },
  dictionary_notes: {
    project_id: 'j1',
    data_source_id: 's1',
    table_id: 'forms',
    element: 'a.b',
    description: 'said',
    sensitivity: '[]',
    declined: '[]',
    told: '[]',
    described_by: 'p1',
    updated_at: instant,
  },
  dictionary_words: {
    id: 1,
    dataset_id: 'd1',
    table_id: 'forms',
    table_name: 'forms',
    column_name: 'x',
    question: 'How old?',
    note: '',
    name: 'x',
    rest: 'a.b',
    type: 'text',
    path: 'a.b',
  },
  dictionary_indexed: { dataset_id: 'd1', table_id: 'forms', digest: 'x' },
  dictionary_index_states: { dataset_id: 'd1', state: '1 b1' },
  dataset_changes: {
    seq: 1,
    dataset_id: 'd1',
    job_id: 'b1',
    at: instant,
    kind: 'column_added',
    table_name: 'forms',
    column_name: 'x',
    before: null,
    after: 'text',
  },
  connection_checks: { connection_id: 'c1', at: instant, state: 'works', latency_ms: 1.5 },
  connection_changes: {
    seq: 1,
    connection_id: 'c1',
    at: instant,
    from_state: 'works',
    to_state: 'fails',
    message: null,
  },
  agent_grants: {
    ...{
      id: 'a1',
      person_id: 'p1',
      project_id: 'j1',
      name: 'agent',
      token_hash: 'a'.repeat(64),
      may_refresh: 0,
    },
    ...{ created_at: instant, expires_at: instant, last_used_at: null, hour_from: null, hour_calls: 0 },
  },
  connection_grants: { connection_id: 'c1', person_id: 'p1', level: 'use', granted_by: 'Eve', at: instant },
  connection_structures: {
    connection_id: 'c1',
    at: instant,
    structure: '{}',
    changes: '[]',
    changes_since: null,
  },
  ssh_host_keys: {
    id: 'k1',
    host: 'jump',
    port: 22,
    type: 'ssh-ed25519',
    key: 'AAAA',
    accepted_by: 'Eve',
    accepted_at: instant,
  },
  leased_logins: {
    id: 'e1',
    connection_id: 'c1',
    person_id: 'p1',
    person_name: 'Eve',
    role_name: 'headgate_1',
    state: 'active',
    created_at: instant,
    valid_until: instant,
  },
  person_passphrases: { person_id: 'p1', hash: '$scrypt$', changed_at: instant },
  person_tries: { person_id: 'p1', failures: 1, wait_until: null },
  policies: { name: 'reveal', value: '"forbid"' },
  source_budgets: { key: 'hq demo', state: '{}', updated_at: instant },
  audit_log: {
    seq: 1,
    at: instant,
    person: 'p',
    action: 'a',
    subject: '',
    outcome: 'ok',
    details: '',
    prev_hash: '',
    hash: 'h1',
  },
  audit_head: { singleton: 1, seq: 1, hash: 'h1' },
  audit_anchors: { seq: 1, hash: 'h1', at: instant, person: 'p' },
  notices: {
    id: 'n1',
    key: 'dataset:d1',
    event: 'failed',
    subject: '{}',
    audience: '{}',
    opened_at: instant,
    told_at: instant,
    closed_at: null,
    outcome: null,
  },
  notice_readers: { notice_id: 'n1', person_id: 'p1', read_at: null },
  notice_preferences: { person_id: 'p1', preferences: '{}' },
  notice_messages: {
    id: 'm1',
    channel: 'desktop',
    person_id: 'p1',
    parts: '[]',
    made_at: instant,
    state: 'waiting',
    attempts: 0,
    at: instant,
    problem: null,
    sender: null,
    sent_until: null,
  },
  notice_parts: {
    seq: 1,
    notice_id: 'n1',
    channel: 'desktop',
    person_id: 'p1',
    part: 'alarm',
    not_before: instant,
    message_id: 'm1',
  },
};
/** Made by the application or by a trigger. */
const present: readonly string[] = ['workspace', 'audit_head'];

const insert = (db: Database.Database, table: string, change: Row = {}, verb = 'INSERT'): void => {
  const row = { ...rows[table], ...change };
  const names = Object.keys(row);
  db.prepare(`${verb} INTO ${table} (${names}) VALUES (${names.map((name) => `@${name}`)})`).run(row);
};

/** A store with one row in every table, seen past the application; each test gets a copy. */
let original: Buffer;
beforeAll(() => {
  using folder = temporaryFolder();
  storeIn(folder.path).close();
  using db = rawDb(join(folder.path, 'headgate.db'));
  db.pragma('foreign_keys = ON');
  for (const table of Object.keys(rows)) if (!present.includes(table)) insert(db, table);
  // A copy in memory knows no journal beside it.
  db.pragma('journal_mode = DELETE');
  original = db.serialize();
});
function filled(): { readonly db: Database.Database } & Disposable {
  const db = new SqliteDatabase(original);
  db.pragma('foreign_keys = ON');
  return { db, [Symbol.dispose]: () => void db.close() };
}

/** Table, change of its valid row, and the rule that refuses it. A new id and name keep the other rules content. */
const broken: [string, Row, RegExp][] = [
  ['workspace', { singleton: 2 }, /CHECK/],
  ['workspace', {}, /UNIQUE|PRIMARY/],
  ['people', { id: 'p2' }, /UNIQUE.*people.name/],
  ['people', { name: 'Eve' }, /UNIQUE.*people.id/],
  ['people', { id: 'p2', name: '' }, /CHECK/],
  ['people', { id: 'p2', name: null }, /NOT NULL/],
  ['people', { id: 'p2', name: 'Eve', created_at: null }, /NOT NULL/],
  ['person_roles', { role: 'root' }, /CHECK/],
  ['person_roles', {}, /UNIQUE/],
  ['person_roles', { person_id: 'nobody' }, /FOREIGN KEY/],
  ['database_connections', { id: 'c2' }, /UNIQUE.*name, .*environment/],
  ['database_connections', { id: 'c2', name: '' }, /CHECK/],
  ['database_connections', { id: 'c2', environment: 'test' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', engine: '' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', settings: '[]' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', state: 'gone' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', access: 'nobody' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', tags: '{}' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', ssh: 'none' }, /CHECK|JSON/],
  ['database_connections', { id: 'c2', name: 'n', health_state: 'fine' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', host: '' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', database: '' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', port: 0 }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', port: 65536 }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', port: 'no number' }, /cannot store TEXT/],
  ['database_connections', { id: 'c2', name: 'n', tls_mode: 'verify' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', last_test: '{' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', created_by: 'nobody' }, /FOREIGN KEY/],
  ['agent_grants', { id: 'a2', token_hash: 'b'.repeat(64), name: '' }, /CHECK/],
  ['agent_grants', { id: 'a2', token_hash: 'b' }, /CHECK/],
  ['agent_grants', { id: 'a2', token_hash: 'b'.repeat(64), may_refresh: 2 }, /CHECK/],
  ['agent_grants', { id: 'a2', token_hash: 'b'.repeat(64), hour_calls: -1 }, /CHECK/],
  ['agent_grants', { token_hash: 'b'.repeat(64) }, /UNIQUE/],
  ['agent_grants', { id: 'a2' }, /UNIQUE/],
  ['agent_grants', { id: 'a2', token_hash: 'b'.repeat(64), person_id: 'nobody' }, /FOREIGN KEY/],
  ['agent_grants', { id: 'a2', token_hash: 'b'.repeat(64), project_id: 'none' }, /FOREIGN KEY/],
  ['connection_grants', { person_id: 'p1', level: 'own' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', read_only: 2 }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', pool: '[]' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', lease: '[]' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', rotation: '[]' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', onboarding: 'done' }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', deleted_at: instant }, /CHECK/],
  ['database_connections', { id: 'c2', name: 'n', over_since: instant }, /CHECK/],
  ['connection_grants', { person_id: 'nobody' }, /FOREIGN KEY/],
  ['connection_structures', { structure: 'no json' }, /CHECK/],
  ['leased_logins', { id: 'e2', person_id: 'nobody' }, /FOREIGN KEY/],
  ['connection_grants', {}, /UNIQUE/],
  ['connection_grants', { connection_id: 'none' }, /FOREIGN KEY/],
  ['connection_checks', { connection_id: 'none' }, /FOREIGN KEY/],
  ['connection_changes', { seq: 2, connection_id: 'none' }, /FOREIGN KEY/],
  ['connection_structures', { connection_id: 'none', changes: '{}' }, /CHECK|FOREIGN KEY/],
  ['ssh_host_keys', { id: 'k2' }, /UNIQUE.*host.*port.*type/],
  ['leased_logins', { id: 'e2', state: 'lost' }, /CHECK/],
  ['leased_logins', { id: 'e2', connection_id: 'none' }, /FOREIGN KEY/],
  ['person_passphrases', { person_id: 'nobody' }, /FOREIGN KEY/],
  ['person_tries', { person_id: 'p1', failures: -1 }, /CHECK/],
  ['policies', { name: 'x', value: 'no json' }, /CHECK/],
  ['projects', { id: 'j2' }, /UNIQUE.*projects.name/],
  ['projects', { id: 'j2', name: '' }, /CHECK/],
  ['projects', { id: 'j2', name: 'n', query_scope: '[]' }, /CHECK/],
  ['projects', { id: 'j2', name: 'n', connection_id: 'none' }, /FOREIGN KEY/],
  ['projects', { id: 'j2', name: 'n', connection_id: null }, /NOT NULL/],
  ['projects', { id: 'j2', name: 'n', created_by: 'nobody' }, /FOREIGN KEY/],
  ['data_sources', { id: 's2' }, /UNIQUE.*data_sources.name/],
  ['data_sources', { id: 's2', name: '' }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', source_type: '' }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', settings: '[]' }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', tls_ca: '' }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', settings: 'nonsense' }, /malformed JSON/],
  ['data_sources', { id: 's2', name: 'n', created_by: 'nobody' }, /FOREIGN KEY/],
  ['data_sources', { id: 's2', name: 'n', base_url: 'connection:nowhere' }, /FOREIGN KEY/],
  ['project_data_sources', { id: 'l2' }, /UNIQUE.*project_id, .*data_source_id/],
  ['project_data_sources', { id: 'l2', project_id: 'none' }, /FOREIGN KEY/],
  ['project_data_sources', { id: 'l2', data_source_id: 'none' }, /FOREIGN KEY/],
  ['project_data_sources', { id: 'l2', credential_mode: 'both' }, /CHECK/],
  ['project_data_sources', { id: 'l2', sync_config: '"text"' }, /CHECK/],
  ['project_data_sources', { id: 'l2', keep_idle_hours: 0 }, /CHECK/],
  ['project_data_sources', { id: 'l2', schedule: '[]' }, /CHECK/],
  ['project_data_sources', { id: 'l2', quiet_hours: '[]' }, /CHECK/],
  ['project_data_sources', { id: 'l2', is_active: 2 }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', is_active: 2 }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', client_auth: 'none' }, /CHECK/],
  ['data_sources', { id: 's2', name: 'n', found_datasets: '{}' }, /CHECK/],
  ['timetable_jobs', { name: 'tokens', outcome: 'maybe' }, /CHECK/],
  ['timetable_jobs', { name: 'tokens', made_up: 2 }, /CHECK/],
  ['credentials', { id: 'k2' }, /UNIQUE.*data_source_id, .*person_id/],
  ['credentials', { id: 'k2', project_id: 'j1' }, /CHECK.*credential_project_xor_person/],
  ['credentials', { id: 'k2', person_id: null }, /CHECK.*credential_project_xor_person/],
  ['credentials', { id: 'k2', person_id: 'nobody' }, /FOREIGN KEY/],
  ['credentials', { id: 'k2', person_id: null, project_id: 'none' }, /FOREIGN KEY/],
  ['credentials', { id: 'k2', data_source_id: 'none' }, /FOREIGN KEY/],
  ['credentials', { id: 'k2', scopes: '{}' }, /CHECK/],
  ['credentials', { id: 'k2', person_id: null, project_id: 'j1', kind: 'passphrase' }, /CHECK/],
  ['credentials', { id: 'k2', person_id: null, project_id: 'j1', ended: 'gone' }, /CHECK/],
  ['credentials', { id: 'k2', person_id: null, project_id: 'j1', renewable: 3 }, /CHECK/],
  ['credentials', { id: 'k2', person_id: null, project_id: 'j1', signed_in_by: 'nobody' }, /FOREIGN KEY/],
  ['materialised_datasets', { id: 'd2', person_id: null }, /UNIQUE.*schema_name/],
  ['materialised_datasets', { id: 'd2', schema_name: 'other' }, /UNIQUE/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: '' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'n', failures: -1 }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'n', reads_seen: '[]' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'é'.repeat(32) }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'x', status: 'stale' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'x', row_counts: '[]' }, /CHECK/],
  ['dataset_deltas', { dataset_id: 'none' }, /FOREIGN KEY/],
  ['dataset_deltas', {}, /UNIQUE/],
  ['dataset_deltas', { state: '[]' }, /CHECK/],
  ['dataset_names', { dataset_id: 'none' }, /FOREIGN KEY/],
  ['dataset_names', {}, /UNIQUE/],
  ['dataset_names', { names: '{' }, /CHECK/],
  ['sync_job_intents', { job_id: 'none' }, /FOREIGN KEY/],
  ['sync_job_intents', {}, /UNIQUE/],
  ['kept_schemas', { id: 'd9' }, /UNIQUE.*schema_name/],
  ['kept_schemas', { id: 'd9', schema_name: 'x', row_counts: '[]' }, /CHECK/],
  ['kept_schemas', { id: 'd9', schema_name: 'x', connection_id: 'none' }, /FOREIGN KEY/],
  ['kept_states', { kept_id: 'none' }, /FOREIGN KEY/],
  ['kept_states', { names: '{' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'x', error: '{' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: null, schema_name: 'x', held: '{' }, /CHECK/],
  ['materialised_datasets', { id: 'd2', person_id: 'nobody', schema_name: 'x' }, /FOREIGN KEY/],
  ['materialised_datasets', { id: 'd2', link_id: 'none', schema_name: 'x' }, /FOREIGN KEY/],
  ['sync_jobs', { id: 'b2' }, /UNIQUE.*dataset_id/],
  ['sync_jobs', { id: 'b2', status: 'queued' }, /UNIQUE.*dataset_id/],
  ['sync_jobs', { id: 'b2', status: 'paused', paused_by: 'person' }, /UNIQUE.*dataset_id/],
  ['sync_jobs', { id: 'b2', status: 'paused' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, paused_by: 'source' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'held' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, mode: 'maybe' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, waits: -1 }, /CHECK/],
  ['kept_schemas', {}, /UNIQUE/],
  ['kept_schemas', { id: 'd9', schema_name: 'x', person_id: 'nobody' }, /FOREIGN KEY/],
  ['kept_schemas', { id: 'd9', schema_name: 'x', replaced_by: 'none' }, /FOREIGN KEY/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, owner: '[]' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, claim: 0 }, /CHECK/],
  ['sync_job_intents', { intent: '{' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, decided: '[]' }, /CHECK/],
  ['sync_job_facts', {}, /UNIQUE/],
  ['sync_job_facts', { job_id: 'none' }, /FOREIGN KEY/],
  ['sync_job_facts', { facts: '[]' }, /CHECK/],
  ['sync_job_facts', { before: '[]' }, /CHECK/],
  ['sync_job_facts', { after: '[]' }, /CHECK/],
  ['sync_job_log', {}, /UNIQUE/],
  ['sync_job_log', { first: 2, job_id: 'none' }, /FOREIGN KEY/],
  ['sync_job_log', { first: 0 }, /CHECK/],
  ['sync_job_log', { first: 2, count: 0 }, /CHECK/],
  ['sync_job_log', { first: 2, entries: '{}' }, /CHECK/],
  ['dataset_dictionaries', {}, /UNIQUE/],
  ['dataset_dictionaries', { dataset_id: 'none' }, /FOREIGN KEY/],
  ['dictionary_tables', { id: 2 }, /UNIQUE/],
  ['dictionary_notes', {}, /UNIQUE/],
  ['dictionary_notes', { element: 'x', description: '' }, /CHECK/],
  ['dictionary_notes', { element: 'x', sensitivity: 'no json' }, /CHECK/],
  ['dictionary_notes', { element: 'x', declined: 'no json' }, /CHECK/],
  ['dictionary_notes', { element: 'x', told: 'no json' }, /CHECK/],
  ['dictionary_notes', { element: 'x', project_id: 'none' }, /FOREIGN KEY/],
  ['dictionary_notes', { element: 'x', data_source_id: 'none' }, /FOREIGN KEY/],
  ['dictionary_notes', { element: 'x', described_by: 'nobody' }, /FOREIGN KEY/],
  ['dictionary_words', { id: 2, dataset_id: 'none' }, /FOREIGN KEY/],
  ['dictionary_indexed', { dataset_id: 'none' }, /FOREIGN KEY/],
  ['dictionary_indexed', {}, /UNIQUE/],
  ['dictionary_index_states', { dataset_id: 'none' }, /FOREIGN KEY/],
  ['dataset_changes', { seq: 2, kind: 'moved' }, /CHECK/],
  ['dataset_changes', { seq: 2, dataset_id: 'none' }, /FOREIGN KEY/],
  ['source_budgets', {}, /UNIQUE/],
  ['source_budgets', { key: 'k2', state: '[]' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'done', finished_at: instant }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'completed' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'running', finished_at: instant }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, phase: 'lost' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, trigger: 'moon' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, row_counts: '1' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, error: '{' }, /CHECK/],
  ['sync_jobs', { id: 'b2', status: 'failed', finished_at: instant, dataset_id: 'none' }, /FOREIGN KEY/],
  ['sync_job_tables', { position: 1, fetched: -1 }, /CHECK/],
  ['sync_job_tables', { position: 1, total: -1 }, /CHECK/],
  ['sync_job_tables', { position: 1, status: 'lost' }, /CHECK/],
  ['sync_job_tables', { position: 0 }, /UNIQUE/],
  ['sync_job_tables', { position: 1, job_id: 'none' }, /FOREIGN KEY/],
  ['notices', { id: 'n2' }, /UNIQUE.*notices.key/],
  ['notices', { id: 'n2', key: '' }, /CHECK/],
  ['notices', { id: 'n2', key: 'k', event: 'moved' }, /CHECK/],
  ['notices', { id: 'n2', key: 'k', subject: '[]' }, /CHECK/],
  ['notices', { id: 'n2', key: 'k', audience: '[]' }, /CHECK/],
  ['notices', { id: 'n2', key: 'k', closed_at: instant }, /CHECK/],
  ['notices', { id: 'n2', key: 'k', closed_at: instant, outcome: 'lost' }, /CHECK/],
  ['notice_readers', {}, /UNIQUE/],
  ['notice_readers', { notice_id: 'none' }, /FOREIGN KEY/],
  ['notice_readers', { person_id: 'nobody' }, /FOREIGN KEY/],
  ['notice_preferences', {}, /UNIQUE/],
  ['notice_preferences', { person_id: 'nobody' }, /FOREIGN KEY/],
  ['notice_preferences', { preferences: '[]' }, /CHECK/],
  ['notice_messages', { id: 'm2', channel: 'pigeon' }, /CHECK/],
  ['notice_messages', { id: 'm2', channel: 'webhook' }, /CHECK/],
  ['notice_messages', { id: 'm2', person_id: null }, /CHECK/],
  ['notice_messages', { id: 'm2', person_id: 'nobody' }, /FOREIGN KEY/],
  ['notice_messages', { id: 'm2', parts: '{}' }, /CHECK/],
  ['notice_messages', { id: 'm2', state: 'lost' }, /CHECK/],
  ['notice_messages', { id: 'm2', attempts: -1 }, /CHECK/],
  ['queries', { seq: 2 }, /UNIQUE/],
  ['queries', { seq: 2, id: 'q2', project_id: 'none' }, /FOREIGN KEY/],
  ['queries', { seq: 2, id: 'q2', project_id: null, connection_id: 'none' }, /FOREIGN KEY/],
  ['queries', { seq: 2, id: 'q2', project_id: null }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', connection_id: 'c1' }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', person_id: 'nobody' }, /FOREIGN KEY/],
  ['queries', { seq: 2, id: 'q2', way: 'pigeon' }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', has_literals: 2 }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', outcome: 'over' }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', ms: -1 }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', rows: -1 }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', tables: '{}' }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', name: '' }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', pinned: 2 }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', shared: 2 }, /CHECK/],
  ['queries', { seq: 2, id: 'q2', forgotten: 2 }, /CHECK/],
  ['notice_parts', { seq: 2, notice_id: 'none' }, /FOREIGN KEY/],
  ['notice_parts', { seq: 2, channel: 'pigeon' }, /CHECK/],
  ['notice_parts', { seq: 2, person_id: null }, /CHECK/],
  ['notice_parts', { seq: 2, person_id: 'nobody' }, /FOREIGN KEY/],
  ['notice_parts', { seq: 2, part: 'end' }, /CHECK/],
  ['notice_parts', { seq: 2, message_id: 'none' }, /FOREIGN KEY/],
  ['audit_head', { singleton: 2 }, /CHECK/],
  ['audit_head', { singleton: 2, seq: 0 }, /CHECK/],
  ['audit_head', {}, /UNIQUE|PRIMARY/],
  ['audit_log', { seq: 2, prev_hash: 'h1', hash: 'h2', outcome: 'maybe' }, /CHECK/],
  ['audit_log', { seq: 2, prev_hash: 'h1' }, /append-only/],
  ['audit_log', { seq: 3, prev_hash: 'h1', hash: 'h2' }, /append-only/],
  ['audit_log', { seq: 2, prev_hash: 'other', hash: 'h2' }, /append-only/],
  ['audit_anchors', {}, /append-only/],
  ['audit_anchors', { seq: 0 }, /append-only|CHECK/],
  ['audit_anchors', { seq: 2, hash: 'h1' }, /append-only/],
];

describe('a rule of the models is a rule of the database', () => {
  it('which takes every valid row', () => {
    using store = filled();
    for (const table of Object.keys(rows)) {
      expect(store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(1);
    }
  });

  it.each(broken)('%s refuses %j', (table, change, reason) => {
    using store = filled();
    expect(() => insert(store.db, table, change)).toThrow(reason);
  });

  it('keeps a project from having two sign-ins for one source, and lets it have one beside a person’s', () => {
    using store = filled();
    const ofProject = { person_id: null, project_id: 'j1' };
    insert(store.db, 'credentials', { ...ofProject, id: 'k2' });
    expect(() => insert(store.db, 'credentials', { ...ofProject, id: 'k3' })).toThrow(
      /UNIQUE.*data_source_id, .*project_id/,
    );
  });

  it('covers every constraint that is written down', () => {
    using store = filled();
    const sql = store.db.prepare("SELECT group_concat(sql, ' ') FROM sqlite_master").pluck().get() as string;
    const count = (pattern: RegExp): number => sql.match(pattern)?.length ?? 0;
    // When one is added to the schema, this fails until it has its line above.
    expect({
      checks: count(/\bCHECK\b/g),
      references: count(/\bREFERENCES\b/g),
      unique: count(/\bUNIQUE\b/g),
      triggers: count(/CREATE TRIGGER/g),
    }).toEqual({ checks: 127, references: 56, unique: 17, triggers: 17 });
  });
});

describe('what belongs to something goes with it', () => {
  const counts = (db: Database.Database, ...tables: string[]): unknown[] =>
    tables.map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

  it('a connection in use stays, whoever deletes it', () => {
    using store = filled();
    expect(() => store.db.exec('DELETE FROM database_connections')).toThrow(/FOREIGN KEY/);
    expect(counts(store.db, 'database_connections')).toEqual([1]);
  });

  it('a project takes links, datasets, jobs and its credentials along, a source its own', () => {
    for (const table of ['projects', 'data_sources']) {
      using store = filled();
      if (table === 'projects') {
        insert(store.db, 'credentials', { id: 'k2', person_id: null, project_id: 'j1' });
      }
      store.db.exec(`DELETE FROM ${table}`);
      expect(
        counts(store.db, 'project_data_sources', 'materialised_datasets', 'sync_jobs', 'sync_job_tables'),
      ).toEqual([0, 0, 0, 0]);
      expect(counts(store.db, 'credentials')).toEqual([table === 'projects' ? 1 : 0]);
      expect(counts(store.db, 'database_connections', 'people')).toEqual([1, 1]);
    }
  });

  it('a person takes roles, credentials and datasets along; what they made stays', () => {
    using store = filled();
    store.db.exec('DELETE FROM people');
    expect(counts(store.db, 'person_roles', 'credentials', 'materialised_datasets')).toEqual([0, 0, 0]);
    expect(store.db.prepare('SELECT created_by FROM projects').pluck().get()).toBeNull();
    expect(store.db.prepare('SELECT created_by FROM data_sources').pluck().get()).toBeNull();
    expect(store.db.prepare('SELECT created_by FROM database_connections').pluck().get()).toBeNull();
  });
});

describe('the repositories say it in words', () => {
  it('a name that is taken, a connection in use, a record that is gone', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const personId = randomUUID();
    store.people.create(personId, 'Ada', ['dba'], instant);
    const [id, other] = [randomUUID(), randomUUID()];
    store.connections.create(storedConnection({ id }), personId, instant);
    store.connections.create(storedConnection({ id: other, environment: 'staging' }), personId, instant);
    const source = {
      name: 'HQ',
      sourceType: 'commcare',
      baseUrl: 'https://hq',
      clientId: 'x',
      settings: {},
      tlsCa: null,
    } as const;
    const sourceId = randomUUID();
    store.sources.create({ id: sourceId, ...source }, personId, instant);
    const projectId = randomUUID();
    const project = { name: 'Project', connectionId: id, dbSchema: 'public' };
    store.projects.create({ id: projectId, ...project }, personId, instant);
    const link = {
      projectId,
      sourceId,
      credentialMode: 'user' as const,
      syncConfig: {
        datasets: ['forms'],
        keepRaw: true,
        readerRoles: [],
        options: {},
        guards: true,
        shrinkPercent: 30,
        refreshViews: false,
        secondColumn: false,
        refresh: { how: 'automatic' as const, wholeEveryDays: 7 },
      },
      schedule: { kind: 'every' as const, hours: 24 },
      quietHours: null,
      keepIdleHours: 24,
      isActive: true,
    };
    store.links.create({ id: randomUUID(), ...link }, instant);

    const attempts: [string, () => unknown][] = [
      [
        'NAME_TAKEN',
        () => store.connections.create(storedConnection({ id: randomUUID() }), personId, instant),
      ],
      ['NAME_TAKEN', () => store.connections.update(other, { environment: 'production' }, instant)],
      ['NAME_TAKEN', () => store.sources.create({ id: randomUUID(), ...source }, personId, instant)],
      ['NAME_TAKEN', () => store.projects.create({ id: randomUUID(), ...project }, personId, instant)],
      ['NAME_TAKEN', () => store.links.create({ id: randomUUID(), ...link }, instant)],
      ['IN_USE', () => store.deletedConnections.delete(id, 'Ada', instant)],
      ['NOT_FOUND', () => store.deletedConnections.delete(randomUUID(), 'Ada', instant)],
      ['NOT_FOUND', () => store.connections.get('x')],
      ['NOT_FOUND', () => store.projects.get('x')],
      ['NOT_FOUND', () => store.sources.delete('x')],
      ['NOT_FOUND', () => store.links.get('x')],
      ['NOT_FOUND', () => store.credentials.get('x')],
      ['NOT_FOUND', () => store.datasets.get('x')],
      ['NOT_FOUND', () => store.jobs.get('x')],
      ['NOT_FOUND', () => store.people.get('x')],
    ];
    for (const [code, attempt] of attempts) expect(await codeOf(attempt)).toBe(code);
    expect(() => store.deletedConnections.delete(id, 'Ada', instant)).toThrow('used by “Project”');
    store.deletedConnections.delete(other, 'Ada', instant);
    expect(store.connections.all().map((one) => one.id)).toEqual([id]);
    store.close();
  });
});
