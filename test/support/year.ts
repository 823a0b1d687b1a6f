import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createAudit } from '../../main/access/audit.ts';
import type { Services } from '../../main/services/context.ts';
import { applyRetention } from '../../main/services/timetable/retention.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import type { DictionaryTable, Drift } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { keptLog, rawDb, storedConnection } from './parts.ts';

const day = 24 * 3_600_000;
const five = 5 * 60_000;

export interface Year {
  readonly days: number;
  readonly datasets: number;
  readonly connections: number;
  /** Tables of a dataset, and columns of a table. */
  readonly tables: number;
  readonly columns: number;
  /** Connections are checked on the last so many days only: older checks would be gone anyway. */
  readonly checkedDays: number;
  /** A dictionary is written anew with every so manieth refresh; in between it would replace its equal. */
  readonly describedEvery: number;
  /** Entries of the activity log a day, of people. */
  readonly acts: number;
}

/** What a year of use leaves in a workspace, and the longest time in which nobody else could have written for retention. */
export interface YearEnd {
  readonly bytes: number;
  readonly rows: Readonly<Record<string, number>>;
  /** Of each table with its indexes. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly longestStepMs: number;
  readonly removed: number;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const owner = {
  ...{ id: randomUUID(), host: 'workstation.example.org', machine: randomUUID(), boot: randomUUID() },
  ...{ pid: 4711, start: 123_456 },
};

function described(n: number, columns: number): DictionaryTable {
  return {
    ...{ id: `forms|${n}`, name: `form_about_something_${n}`, dataset: 'forms', rows: 1200 },
    ...{ description: 'Submissions of a form', source: 'External: CommCare HQ (www.commcarehq.org, demo)' },
    columns: numbers(columns).map((c) => ({
      name: `group_question_about_something_${c}`,
      type: 'text',
      description: `What was answered to question number ${c}`,
      sourcePath: `form.group.question_about_something_${c}`,
    })),
  } as unknown as DictionaryTable;
}

/** A workspace as it is on its first day. */
function founded(store: Store, file: string, year: Year, at: string) {
  const ids = numbers(year.datasets).map(() => randomUUID());
  const connections = numbers(year.connections).map(() => randomUUID());
  store.people.create('ada', 'Ada Lovelace', ['dba'], at);
  for (const [n, id] of connections.entries())
    store.connections.create(storedConnection({ id, name: `Database ${n}` }), 'ada', at);
  const hq = { id: 'hq', name: 'HQ', sourceType: 'commcare', baseUrl: 'https://www.commcarehq.org' };
  store.sources.create({ ...hq, clientId: 'x', settings: { domain: 'demo' }, tlsCa: null }, 'ada', at);
  const db = new Database(file);
  db.transaction(() => {
    const project =
      db.prepare(`INSERT INTO projects (id, name, connection_id, created_by, created_at, updated_at)
      VALUES (?, ?, ?, 'ada', ?, ?)`);
    const link =
      db.prepare(`INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config,
      created_at, updated_at) VALUES (?, ?, 'hq', 'project', '{}', ?, ?)`);
    for (const [n, id] of ids.entries()) {
      project.run(`p-${id}`, `Project ${n}`, connections[n % connections.length], at, at);
      link.run(`l-${id}`, `p-${id}`, at, at);
    }
  })();
  db.close();
  for (const [n, id] of ids.entries())
    store.datasets.create({ id, linkId: `l-${id}`, personId: null, schemaName: `data_${n}_commcare` }, at);
  return { ids, connections };
}

/**
 * Lives through days of daily use with the real repositories: a refresh of each dataset a day, of which one in twenty fails
 * at first, dictionaries and what changed in them, checks of connections every five minutes of which some fail, and the
 * activity log of people and of what Headgate does by itself. Retention runs once a day.
 */
export async function liveThrough(folder: string, year: Year): Promise<YearEnd> {
  const file = join(folder, 'headgate.db');
  const start = Date.parse('2026-01-01T00:00:00.000Z');
  let time = start;
  const now = (): string => new Date(time).toISOString();
  const store = openStore(file, { now, newId: randomUUID });
  const audit = createAudit(store, now);
  const { ids, connections } = founded(store, file, year, now());
  const tables = numbers(year.tables).map((n) => described(n, year.columns));
  const texts = tables.map((table) => JSON.stringify(table));
  const rowCounts = Object.fromEntries(tables.map(({ name }, n) => [name, 1000 + n]));
  const names = JSON.stringify(
    Object.fromEntries(tables.map(({ id, name, columns }) => [id, { name, columns }])),
  );
  for (const id of ids) store.datasets.remember(id, names);

  const refresh = (datasetId: string, isFirst: boolean, at: number, n: number): void => {
    const job = { id: randomUUID(), datasetId, trigger: 'schedule', mode: 'continue', owner } as const;
    store.jobs.create(job, now());
    store.jobs.start(job.id, owner.id, now());
    audit.record({
      ...{ person: 'Headgate', action: 'background.sync', subject: `datasetId=${datasetId}`, outcome: 'ok' },
      details: `job=${job.id} trigger=schedule`,
    });
    const read = ['forms', 'cases', 'users', 'groups', 'locations', 'fixtures'].map((dataset) => ({
      ...{ dataset, fetched: 1000, total: 1000, status: 'done' as const },
    }));
    store.jobs.progress(job.id, owner.id, 'publishing', null, read);
    if ((n + at) % 20 === 0 && isFirst) {
      const error = { code: 'SOURCE_UNREACHABLE', message: 'CommCare HQ did not answer.', advice: 'Wait.' };
      store.jobs.finish(job.id, { status: 'failed', error: { kind: 'transient', ...error } as never }, now());
      refresh(datasetId, false, at, n);
      return;
    }
    const published = { dataAsOf: now(), nextSyncAt: now(), rowCounts };
    store.jobs.intend(job.id, owner.id, JSON.stringify(published));
    let version = at + 1;
    if (at % year.describedEvery === 0) {
      version = store.dictionaries.nextVersion(datasetId);
      for (const [position, text] of texts.entries())
        store.dictionaries.add(datasetId, { version, position, described: text });
      // Two columns of a dataset change a week, whatever else does not.
      const drift: Drift[] = numbers(at % 7 === 0 ? 2 : 0).map((c) => ({
        ...{ at: now(), jobId: job.id, kind: 'column_added', table: 'form_about_something_1' },
        ...{ column: `group_question_about_something_${at}_${c}`, before: null, after: 'text' },
      }));
      store.dictionaries.publish(datasetId, { jobId: job.id, version }, drift);
      while (store.dictionaries.prune(datasetId));
    }
    store.datasets.ready(datasetId, published, now());
    store.jobs.finish(job.id, { status: 'completed', rowCounts, notice: null }, now());
  };

  const check = (id: string, n: number): void => {
    const fails = n % 97 === 0;
    store.connectionHealth.record(
      id,
      fails
        ? { state: 'unreachable', latencyMs: null, said: say('connections.noAnswerWithin', { seconds: 20 }) }
        : { state: 'works', latencyMs: 12.34 + (n % 7), said: null },
      now(),
    );
  };

  let [longestStepMs, removed] = [0, 0];
  /** Every write of retention, timed: so long nobody else can write. */
  const timed = new Proxy(store, {
    get: (target, name) =>
      timedMethods(Reflect.get(target, name), (ms) => {
        longestStepMs = Math.max(longestStepMs, ms);
      }),
  });
  const host = { clock: { now: () => time }, log: keptLog().log } as unknown as Services['host'];

  for (let at = 0; at < year.days; at += 1) {
    time = start + at * day;
    store.transaction(() => {
      for (const [n, id] of ids.entries()) {
        time += 20_000;
        refresh(id, true, at, n);
      }
      for (const id of connections)
        for (const action of ['background.health', 'background.activity'])
          audit.record({
            person: 'Headgate',
            action,
            subject: `connectionId=${id}`,
            outcome: 'ok',
            details: '',
          });
      for (const id of ids)
        audit.record({
          ...{ person: 'Headgate', action: 'background.token', subject: `credentialId=${id}` },
          ...{ outcome: 'ok', details: '' },
        });
      for (const n of numbers(year.acts))
        audit.record({
          ...{ person: 'Ada Lovelace', action: 'datasets.rows', subject: `id=${ids[n % ids.length]}` },
          ...{ outcome: 'ok', details: 'table=form_about_something limit=100' },
        });
      if (at < year.days - year.checkedDays) return;
      for (time = start + at * day; time < start + (at + 1) * day; time += five)
        for (const [n, id] of connections.entries()) check(id, Math.floor(time / five) + n * 31);
    });
    removed += (await applyRetention({ store: timed, host }, new AbortController().signal)).count;
  }
  store.close();
  using db = rawDb(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  const each = (sql: string): Record<string, number> =>
    Object.fromEntries(db.prepare(sql).raw().all() as [string, number][]);
  const counted = [
    'sync_jobs',
    'sync_job_tables',
    'connection_checks',
    'connection_changes',
    'dataset_changes',
  ];
  const rows = Object.fromEntries(
    [...counted, 'dictionary_tables', 'audit_log'].map((table) => [
      table,
      db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number,
    ]),
  );
  return { bytes: statSync(file).size, rows, sizes: sizesOf(each), longestStepMs, removed };
}

function sizesOf(each: (sql: string) => Record<string, number>): Record<string, number> {
  try {
    return each(`SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name
      GROUP BY m.tbl_name ORDER BY 2 DESC LIMIT 12`);
  } catch {
    // SQLite can be built without it.
    return {};
  }
}

/** The same object, with each of its functions timed. */
function timedMethods(part: unknown, took: (ms: number) => void): unknown {
  const timed =
    (work: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      const begin = performance.now();
      try {
        return work(...given);
      } finally {
        took(performance.now() - begin);
      }
    };
  if (typeof part === 'function') return timed(part as (...given: unknown[]) => unknown);
  if (typeof part !== 'object' || part === null) return part;
  return new Proxy(part, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      const isWrite = typeof name === 'string' && /^(prune|pruneChanges|dropTrimmed)$/.test(name);
      return isWrite ? timed((found as (...given: unknown[]) => unknown).bind(target)) : found;
    },
  });
}
