import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listAudit } from '../../main/access/audit-export.ts';
import { connectionRepository } from '../../main/store/connections/connections.ts';
import { datasetRepository } from '../../main/store/data/datasets.ts';
import { dayHistory } from '../../main/store/data/day-history.ts';
import { dictionaryRepository } from '../../main/store/data/dictionaries.ts';
import { jobRepository } from '../../main/store/data/jobs.ts';
import { keptSchemaRepository } from '../../main/store/data/kept-schemas.ts';
import { projectRepository } from '../../main/store/data/projects.ts';
import { auditRepository } from '../../main/store/people/audit.ts';
import { instant, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';

const day = 24 * 3_600_000;
const ago = (ms: number): string => new Date(Date.parse(instant) - ms).toISOString();
const owner = { id: 'o', host: '', machine: '', boot: '', pid: 1, start: 0 };

/** A store with one dataset, and the file behind it. */
function oneDataset() {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  store.people.create('ada', 'Ada', ['dba'], instant);
  store.connections.create(storedConnection({ id: 'c' }), 'ada', instant);
  const source = { id: 's', name: 'HQ', sourceType: 'commcare', baseUrl: 'https://hq', clientId: 'x' };
  store.sources.create({ ...source, settings: {}, tlsCa: null }, 'ada', instant);
  const db = rawDb(join(folder.path, 'headgate.db'));
  db.exec(`INSERT INTO projects (id, name, connection_id, created_at, updated_at) VALUES ('p', 'P', 'c', '', '');
    INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config,
      created_at, updated_at) VALUES ('l', 'p', 's', 'project', '{}', '', '')`);
  store.datasets.create({ id: 'd', linkId: 'l', personId: null, schemaName: 'data_d' }, instant);
  return {
    store,
    db,
    [Symbol.dispose]: () => {
      db.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}

/** Every statement that the repositories prepare. */
function statementsOf(db: Database.Database): string[] {
  const found: string[] = [];
  const noting = new Proxy(db, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (key === 'prepare') found.push(String(given[0]));
        return Reflect.apply(value, target, given);
      };
    },
  });
  datasetRepository(noting, () => instant);
  jobRepository(noting, () => instant);
  for (const repository of [
    dayHistory,
    dictionaryRepository,
    keptSchemaRepository,
    projectRepository,
    connectionRepository,
    auditRepository,
  ])
    repository(noting);
  return found;
}

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

function planOf(db: Database.Database, sql: string): Step[] {
  const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, '1']));
  const listed = Array.from(sql.match(/\?/g) ?? [], () => '1');
  return db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(listed.length > 0 ? listed : named) as Step[];
}

describe('a large store', () => {
  it('is never looked through row by row, nor sorted', () => {
    using one = oneDataset();
    const grows =
      /SCAN (?:j|sync_jobs|sync_job_tables|dataset_changes|dataset_names|dataset_dictionaries|dictionary_tables|sync_job_intents|kept_states)\b(?! USING INDEX (?:jobs_by_time|one_open_job_per_dataset))/;
    const statements = statementsOf(one.db);
    expect(statements.length).toBeGreaterThan(50);
    const plans = statements.map((sql) => ({ sql, plan: planOf(one.db, sql) }));
    expect(plans.filter(({ plan }) => plan.some(({ detail }) => grows.test(detail)))).toEqual([]);
    // The last notice of each dataset is where an index ends.
    const lists = plans.filter(({ sql }) => sql.includes('AS notice'));
    expect(lists.length).toBeGreaterThan(5);
    for (const { plan } of lists) {
      const part = plan.find(({ detail }) => detail.startsWith('CORRELATED SCALAR SUBQUERY'));
      expect(plan.filter(({ parent }) => parent === part?.id).map(({ detail }) => detail)).toEqual([
        expect.stringMatching(/^SEARCH j USING INDEX ended_jobs_by_dataset /),
      ]);
    }
  });

  it('has what is long in rows that no list reads', () => {
    using one = oneDataset();
    const { store, db } = one;
    const long = { tables: { forms: 'x'.repeat(500_000) }, columns: {} };
    const job = { id: 'b', datasetId: 'd', trigger: 'person', mode: 'continue', owner } as const;
    store.jobs.create(job, instant);
    const text = JSON.stringify(long);
    store.jobs.intend('b', 'o', text);
    store.datasets.ready('d', { dataAsOf: instant, nextSyncAt: instant, rowCounts: {} }, instant);
    store.datasets.remember('d', text);
    store.dictionaries.add('d', { version: 1, position: 0, described: text });
    store.dictionaries.publish('d', { jobId: 'b', version: 1 }, []);
    store.kept.keep({ id: 'd' }, instant);
    expect(store.datasets.names('d')).toEqual(long);
    expect(store.jobs.intent('b')).toEqual(long);
    for (const table of ['materialised_datasets', 'sync_jobs', 'kept_schemas', 'dataset_dictionaries']) {
      const row = db.prepare(`SELECT * FROM ${table}`).get();
      expect(JSON.stringify(row).length, table).toBeLessThan(2000);
    }
    store.jobs.finish('b', { status: 'completed' }, instant);
    expect(store.jobs.intent('b')).toBeNull();
    expect(db.prepare('SELECT count(*) FROM sync_job_intents').pluck().get()).toBe(0);
  });
});

describe('the history of a dataset', () => {
  const usual = { before: ago(90 * day), most: 500 };
  /** Ended jobs, one at each time; job 0 is the first. */
  const ended = (db: Database.Database, times: readonly string[]): void => {
    const insert =
      db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, owner, notice, queued_at, finished_at)
      VALUES (?, 'd', 'failed', 'done', 'schedule', '{}', ?, ?, ?)`);
    const table = db.prepare("INSERT INTO sync_job_tables VALUES (?, 0, 'forms', 1, 1, 'done')");
    db.transaction(() =>
      times.forEach((at, n) => {
        insert.run(`job-${n}`, `notice ${n}`, at, at);
        table.run(`job-${n}`);
      }),
    )();
  };
  const left = (db: Database.Database): number[] =>
    (db.prepare('SELECT id FROM sync_jobs ORDER BY finished_at').pluck().all() as string[])
      .filter((id) => id.startsWith('job-'))
      .map((id) => Number(id.slice(4)));

  it('is the newest 500, gone in steps, with neither the open one nor the held one among what goes', () => {
    using one = oneDataset();
    const { store, db } = one;
    // Hourly, as of one whose sign-in has expired.
    ended(
      db,
      Array.from({ length: 950 }, (_, n) => ago((950 - n) * 3_600_000)),
    );
    store.datasets.hold('d', { at: instant, jobId: 'job-3', reasons: [] }, instant);
    db.exec(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, owner, queued_at)
      VALUES ('open', 'd', 'queued', 'waiting', 'person', '{}', '${ago(3000 * day)}')`);
    const steps: number[] = [];
    do steps.push(store.jobs.prune('d', usual));
    while (steps.at(-1) !== 0);
    expect(steps).toEqual([...Array.from({ length: 8 }, () => 50), 49, 0]);
    expect(left(db)).toEqual([3, ...Array.from({ length: 500 }, (_, n) => 450 + n)]);
    expect(store.jobs.findOpen('d')?.id).toBe('open');
    expect(db.prepare('SELECT count(*) FROM sync_job_tables').pluck().get()).toBe(501);
  });

  it('is 90 days, and the newest 50 however old they are', () => {
    using one = oneDataset();
    const { store, db } = one;
    ended(
      db,
      Array.from({ length: 200 }, (_, n) => ago((200 - n) * day + 1)),
    );
    while (store.jobs.prune('d', usual) > 0);
    expect(left(db)[0]).toBe(111);
    db.exec('DELETE FROM sync_jobs');
    ended(
      db,
      Array.from({ length: 120 }, (_, n) => ago((900 - n) * day)),
    );
    while (store.jobs.prune('d', usual) > 0);
    expect(left(db)).toEqual(Array.from({ length: 50 }, (_, n) => 70 + n));
    expect(store.datasets.get('d').notice).toBe('notice 119');
  });

  it('goes in steps before the dataset does, but for the open job and a dictionary that is handed over', () => {
    using one = oneDataset();
    const { store, db } = one;
    ended(
      db,
      Array.from({ length: 120 }, (_, n) => ago((900 - n) * day)),
    );
    db.exec(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, owner, queued_at)
      VALUES ('open', 'd', 'queued', 'waiting', 'person', '{}', '${instant}')`);
    const change = {
      jobId: 'open',
      at: instant,
      kind: 'column_added',
      table: 't',
      column: 'c',
      before: null,
      after: null,
    };
    const drift = Array.from({ length: 1200 }, () => ({ ...change, kind: 'column_added' as const }));
    for (let position = 0; position < 6; position += 1)
      store.dictionaries.add('d', { version: 1, position, described: '{}' });
    store.dictionaries.publish('d', { jobId: 'open', version: 1 }, drift);
    const rows = (table: string): number =>
      db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
    const steps = (work: () => boolean, table: string): number[] => {
      const left_ = [rows(table)];
      while (work()) left_.push(rows(table));
      return left_;
    };
    expect(steps(() => store.jobs.shed('d'), 'sync_jobs')).toEqual([121, 71, 21, 1]);
    expect(steps(() => store.dictionaries.shed('d', false), 'dataset_changes')).toEqual([1200, 700, 200, 0]);
    expect(rows('dictionary_tables')).toBe(6);
    expect(steps(() => store.dictionaries.shed('d', true), 'dictionary_tables')).toEqual([6, 2, 0]);
  });
});

it('a filter of the log that little fits finds it anywhere, and can be cancelled between two chunks', async () => {
  using one = oneDataset();
  const { store, db } = one;
  const insert = db.prepare("INSERT INTO audit_log VALUES (?, ?, 'Ada', 'a', ?, 'ok', '', ?, ?)");
  db.transaction(() => {
    for (let n = 1; n <= 3500; n += 1)
      insert.run(n, instant, n % 1700 === 1 ? 'rare' : 'x', n === 1 ? '' : `h${n - 1}`, `h${n}`);
  })();
  const find = async (limit: number, before: number | null, signal = new AbortController().signal) =>
    (await listAudit(store, { subject: 'rare' }, { limit, before }, signal)).map(({ seq }) => seq);
  expect(await find(10, null)).toEqual([3401, 1701, 1]);
  expect(await find(2, null)).toEqual([3401, 1701]);
  expect(await find(10, 1701)).toEqual([1]);
  await expect(find(10, null, AbortSignal.abort())).rejects.toThrow();
});
