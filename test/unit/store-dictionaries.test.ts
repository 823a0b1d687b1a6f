import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDb } from '../../main/store/db.ts';
import { storeMigrations } from '../../main/store/migrations/index.ts';
import { createOutcomes } from '../../main/sync/job/outcome.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import type { DictionaryTable, Job } from '../../preload/contract/models.ts';
import { plain, type Said } from '../../preload/contract/said.ts';
import { oneJob } from '../support/one-job.ts';
import { instant, keptLog, rawDb, storeIn, temporaryFolder } from '../support/parts.ts';

afterEach(() => void vi.restoreAllMocks());

/** A table whose description as JSON has at least so many characters. */
const tableOf = (name: string, length: number): DictionaryTable => ({
  ...{ id: name, name, dataset: 'forms', rows: 1, description: 'é'.repeat(length), source: 'forms' },
  columns: [
    {
      ...{ name: 'a', type: 'text', nullShare: 0.25, distinct: 3 },
      ...{ sourcePath: 'form.a', label: null, description: `"of ${name}"` },
    },
  ],
});
const tablesOf = (count: number, length: number, prefix = 'form'): DictionaryTable[] =>
  Array.from({ length: count }, (_, n) => tableOf(`${prefix}_${n}`, length));

/** A dataset that is published as often as one likes. */
function publishing() {
  const one = oneJob();
  const outcomes = createOutcomes({
    ...{ store: one.store, log: keptLog().log, now: () => Date.parse(instant), random: () => 0 },
    owner: one.owner.id,
    hide: (text) => text,
  });
  let job = one.job;
  const publish = async (tables: readonly DictionaryTable[]): Promise<void> => {
    const open = one.store.jobs.findOpen('d');
    job = open ?? one.store.jobs.create({ ...next(), owner: one.owner }, instant) ?? job;
    const done = await outcomes.completed(job, {
      ...{ rowCounts: {}, names: noNames, dataAsOf: instant, notice: null, tables },
    });
    expect(done.status).toBe('completed');
  };
  let jobs = 0;
  const next = () => ({ id: `b${++jobs}`, datasetId: 'd', trigger: 'person', mode: 'continue' }) as const;
  return { ...one, outcomes, publish, [Symbol.dispose]: () => one[Symbol.dispose]() };
}

describe('a dictionary', () => {
  it('is neither parsed, made nor written at once, however large it is', async () => {
    using one = publishing();
    const [count, length] = [40, 20_000];
    await one.publish(tablesOf(count, length));
    using db = rawDb(join(one.folder, 'headgate.db'));
    // Nothing of the journal is written over while somebody reads: it grows by what a transaction writes.
    db.exec('BEGIN; SELECT count(*) FROM sync_jobs');
    const { parse, stringify } = JSON;
    let [longest, most] = [0, 0];
    vi.spyOn(JSON, 'parse').mockImplementation((text, ...rest) => {
      longest = Math.max(longest, String(text).length);
      return parse(text, ...rest);
    });
    vi.spyOn(JSON, 'stringify').mockImplementation((value, ...rest) => {
      const text = stringify(value, ...(rest as []));
      longest = Math.max(longest, String(text).length);
      return text;
    });
    const { transaction } = one.store;
    vi.spyOn(one.store, 'transaction').mockImplementation((work) => {
      const before = journalOf(one.folder);
      const answer = transaction(work);
      most = Math.max(most, journalOf(one.folder) - before);
      return answer;
    });
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns += 1;
      if (!over) setImmediate(turn);
    };
    turn();
    await one.publish(tablesOf(count, length + 1));
    over = true;
    const all = count * length;
    expect(longest).toBeGreaterThan(length);
    expect(longest).toBeLessThan(all / 10);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan((2 * all) / 5);
    expect(turns).toBeGreaterThan(2 * count);
  });

  it('is written once, when it is intended, and what was intended is read back whole', async () => {
    using one = publishing();
    const result = (tables: readonly DictionaryTable[], notice: Said | null = null) => ({
      ...{ rowCounts: { form: 2 }, dataAsOf: instant, notice, tables },
      names: { ...noNames, comments: { a: { b: ['x'] } } },
    });
    await one.publish(tablesOf(5, 10));
    const job = one.store.jobs.create(
      { id: 'c', datasetId: 'd', trigger: 'person', mode: 'continue', owner: one.owner },
      instant,
    ) as Job;
    expect(await one.outcomes.intended(job)).toBeNull();
    // An attempt that failed, and another.
    await one.outcomes.intend(job, result(tablesOf(9, 10, 'draft')));
    const wanted = result(tablesOf(3, 20, 'case'));
    await one.outcomes.intend(job, wanted);
    expect(await one.outcomes.intended(job)).toEqual(wanted);
    expect((await one.store.dictionaries.read('d'))?.tables).toEqual(tablesOf(5, 10));
    using db = rawDb(join(one.folder, 'headgate.db'));
    const rows = () => db.prepare('SELECT count(*), max(version) FROM dictionary_tables').raw().get();
    expect(rows()).toEqual([5 + 3, 2]);
    await one.outcomes.completed(job, { ...wanted, notice: plain('done') });
    expect((await one.store.dictionaries.read('d'))?.tables).toEqual(wanted.tables);
    expect(rows()).toEqual([3, 2]);
  });

  it('that a job of an earlier version intended stands with it, names and all', async () => {
    using one = publishing();
    const whole = { rowCounts: {}, dataAsOf: instant, notice: null, names: noNames, tables: tablesOf(2, 5) };
    one.store.jobs.intend('b', one.owner.id, JSON.stringify(whole));
    expect(await one.outcomes.intended(one.job)).toEqual(whole);
    expect((await one.outcomes.completed(one.job, whole)).status).toBe('completed');
    expect((await one.store.dictionaries.read('d'))?.tables).toEqual(whole.tables);
  });

  it('is the one of the last publish, in its order, and nothing is left of the others', async () => {
    using one = publishing();
    expect(await one.store.dictionaries.read('d')).toBeNull();
    expect(one.store.dictionaries.table('d', 0)).toBeNull();
    for (const tables of [tablesOf(12, 10), tablesOf(3, 20, 'case'), tablesOf(7, 5)]) {
      await one.publish(tables);
      expect((await one.store.dictionaries.read('d'))?.tables).toEqual(tables);
      expect(one.store.dictionaries.table('d', 2)).toEqual(tables[2]);
      expect(one.store.dictionaries.table('d', tables.length)).toBeNull();
      using db = rawDb(join(one.folder, 'headgate.db'));
      expect(db.prepare('SELECT count(*) FROM dictionary_tables').pluck().get()).toBe(tables.length);
    }
    await one.publish([]);
    expect((await one.store.dictionaries.read('d'))?.tables).toEqual([]);
  });

  it('stays as it is while another is written beside it, and what was cut off there goes', async () => {
    using one = publishing();
    const { dictionaries } = one.store;
    await one.publish(tablesOf(3, 10));
    const version = dictionaries.nextVersion('d');
    for (const position of [0, 1]) dictionaries.add('d', { version, position, described: '{"cut":"off"}' });
    expect((await dictionaries.read('d'))?.tables).toEqual(tablesOf(3, 10));
    await one.publish(tablesOf(4, 20));
    expect((await dictionaries.read('d'))?.tables).toEqual(tablesOf(4, 20));
    expect(dictionaries.prune('d')).toBe(false);
  });

  it('that is published while another is read is read from its beginning', async () => {
    using one = publishing();
    await one.publish(tablesOf(20, 10));
    const reading = one.store.dictionaries.read('d');
    await one.publish(tablesOf(5, 20, 'case'));
    const read = (await reading)?.tables;
    expect([tablesOf(20, 10), tablesOf(5, 20, 'case')]).toContainEqual(read);
  });

  it('is not written by a process whose job another one has taken', async () => {
    using one = publishing();
    await one.publish(tablesOf(3, 10));
    const mine = { ...one.owner, id: 'other' };
    const job = one.store.jobs.create(
      { id: 'x', datasetId: 'd', trigger: 'person', mode: 'continue', owner: mine },
      instant,
    );
    if (job === null) throw new Error('the dataset has an open job');
    const left = await one.outcomes.completed(job, {
      ...{ rowCounts: {}, names: noNames, dataAsOf: instant, notice: null, tables: tablesOf(9, 5) },
    });
    expect(left.status).toBe('queued');
    expect((await one.store.dictionaries.read('d'))?.tables).toEqual(tablesOf(3, 10));
    expect(one.store.dictionaries.prune('d')).toBe(false);
  });
});

/** Bytes of the journal. */
function journalOf(folder: string): number {
  return statSync(join(folder, 'headgate.db-wal')).size;
}

/** A workspace of version 8 with something in every table that later versions touch. */
function fillOfVersion8(file: string, tables: readonly DictionaryTable[]): void {
  const db = openDb(file, storeMigrations.slice(0, 8));
  const at = instant;
  db.exec(`
    INSERT INTO people (id, name, created_at) VALUES ('p', 'Ada', '${at}');
    INSERT INTO database_connections (id, name, environment, engine, host, port, database, tls_mode, created_at, updated_at)
      VALUES ('c', 'main', 'production', 'postgres', 'db', 5432, 'app', 'disable', '${at}', '${at}');
    INSERT INTO projects (id, name, connection_id, created_by, created_at, updated_at) VALUES ('j', 'Project', 'c', 'p', '${at}', '${at}');
    INSERT INTO data_sources (id, name, source_type, base_url, client_id, settings, created_by, created_at, updated_at)
      VALUES ('s', 'HQ', 'commcare', 'https://hq', 'x', '{}', 'p', '${at}', '${at}'),
        ('t', 'Other', 'commcare', 'https://other', 'x', '{}', 'p', '${at}', '${at}');
    INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config, refresh_interval_hours, created_at, updated_at)
      VALUES ('l', 'j', 's', 'project', '{"datasets":["forms"],"keepRaw":true,"readerRoles":[]}', 24, '${at}', '${at}'),
        ('m', 'j', 't', 'user', '{"datasets":["forms"],"keepRaw":true,"readerRoles":[]}', 24, '${at}', '${at}')`);
  const dataset = db.prepare(`INSERT INTO materialised_datasets
    (id, link_id, person_id, schema_name, names, last_activity_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  dataset.run('d', 'l', null, 'data_d', '{"tables":{"forms":"form"}}', at, at, at);
  dataset.run('new', 'm', 'p', 'data_new', null, at, at, at);
  const job =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, paused_by, phase, trigger, notice, intent, queued_at, finished_at)
    VALUES (?, 'd', ?, ?, ?, 'person', ?, ?, ?, ?)`);
  job.run('done', 'completed', null, 'done', 'a notice', null, at, at);
  job.run('open', 'paused', 'person', 'reading', null, '{"rowCounts":{"form":1}}', at, null);
  db.exec("INSERT INTO sync_job_tables VALUES ('open', 0, 'forms', 5, 10, 'reading')");
  const text = JSON.stringify(tables);
  db.prepare("INSERT INTO dataset_dictionaries (dataset_id, job_id, tables) VALUES ('d', 'done', ?)").run(
    text,
  );
  db.exec(
    `INSERT INTO dataset_changes (dataset_id, job_id, at, kind, table_name) VALUES ('d', 'done', '${at}', 'table_added', 'form')`,
  );
  const kept =
    db.prepare(`INSERT INTO kept_schemas (id, schema_name, connection_id, connection_name, project_id, project_name,
    source_id, source_name, data_as_of, row_counts, names, dictionary, dictionary_job, kept_at)
    VALUES (?, ?, 'c', 'main', 'j', 'Project', 's', 'HQ', ?, '{"form":1}', ?, ?, ?, ?)`);
  kept.run('k', 'data_k', at, '{"tables":{"cases":"case"}}', text, 'long ago', at);
  kept.run('empty', 'data_empty', null, null, null, null, at);
  db.close();
}

describe.each([8, 9])('a filled workspace of version %i', (version) => {
  const tables = [...tablesOf(3, 10), tableOf('quotes "and" \\ 漢字 \u0000', 1)];
  const filled = (folder: string): string => {
    const file = join(folder, 'headgate.db');
    fillOfVersion8(file, tables);
    openDb(file, storeMigrations.slice(0, version)).close();
    return file;
  };

  it('keeps what was in it', async () => {
    using folder = temporaryFolder();
    const file = filled(folder.path);
    const store = storeIn(folder.path);
    expect(await store.dictionaries.read('d')).toEqual({ jobId: 'done', tables });
    expect(await store.dictionaries.read('new')).toBeNull();
    expect(store.datasets.names('d')).toEqual({ tables: { forms: 'form' } });
    expect(store.datasets.names('new')).toBeNull();
    expect(store.datasets.get('d')).toMatchObject({ schemaName: 'data_d', notice: 'a notice' });
    expect(store.jobs.intent('open')).toEqual({ rowCounts: { form: 1 } });
    expect(store.jobs.intent('done')).toBeNull();
    expect(store.jobs.findOpen('d')).toMatchObject({ id: 'open', tables: [{ fetched: 5 }] });
    expect(store.dictionaries.changes('d', 10)).toMatchObject([{ kind: 'table_added', table: 'form' }]);
    expect(store.kept.list().map(({ id }) => id)).toEqual(['empty', 'k']);
    using db = rawDb(file);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    store.close();
  });

  it('gives a kept dictionary to the dataset that takes it up, and lets go of it with either', async () => {
    using folder = temporaryFolder();
    const file = filled(folder.path);
    const store = storeIn(folder.path);
    using db = rawDb(file);
    db.pragma('foreign_keys = ON');
    const rows = (id: string): unknown =>
      db.prepare('SELECT count(*) FROM dictionary_tables WHERE dataset_id = ?').pluck().get(id);
    db.exec("DELETE FROM materialised_datasets WHERE id = 'new'");
    store.datasets.create({ id: 'k', linkId: 'm', personId: 'p', schemaName: 'data_k' }, instant);
    store.kept.handOver('k');
    store.kept.delete('k');
    expect(await store.dictionaries.read('k')).toEqual({ jobId: 'long ago', tables });
    expect(store.datasets.names('k')).toEqual({ tables: { cases: 'case' } });
    store.kept.keep({ id: 'k' }, instant);
    db.exec("DELETE FROM materialised_datasets WHERE id = 'k'");
    expect(rows('k')).toBe(tables.length);
    store.kept.delete('k');
    expect(rows('k')).toBe(0);
    expect(rows('d')).toBe(tables.length);
    db.exec("DELETE FROM materialised_datasets WHERE id = 'd'");
    expect(rows('d')).toBe(0);
    store.close();
  });

  it('is as before where the change is cut off', async () => {
    using folder = temporaryFolder();
    const file = filled(folder.path);
    const last = storeMigrations.at(-1);
    if (!last) throw new Error('there are no migrations');
    const cut = { ...last, sql: `${last.sql}; SELECT nonsense` };
    expect(() => openDb(file, [...storeMigrations.slice(0, -1), cut])).toThrow('can not be opened');
    {
      using db = rawDb(file);
      expect(db.pragma('user_version', { simple: true })).toBe(last.version - 1);
    }
    const store = storeIn(folder.path);
    expect((await store.dictionaries.read('d'))?.tables).toEqual(tables);
    store.close();
  });
});
