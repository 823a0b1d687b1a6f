import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import type { openStore as OpenStore } from '../../main/store/index.ts';
import type { DictionaryTable } from '../../preload/contract/models.ts';
import { storedConnection } from '../support/parts.ts';

/*
 * What the store's calls take when it is large: many datasets with many columns, and years of history. With `--main` the
 * store of another checkout is measured, so that two versions can be held beside each other.
 */

const { values } = parseArgs({
  options: {
    datasets: { type: 'string', default: '50' },
    columns: { type: 'string', default: '20000' },
    /** Days of history; one dataset of ten ends every hour, as one whose sign-in has expired, the others once a day. */
    days: { type: 'string', default: '730' },
    main: { type: 'string', default: join(import.meta.dirname, '..', '..', 'main') },
    rounds: { type: 'string', default: '5' },
  },
});
const [datasets, columns, days, rounds] = [values.datasets, values.columns, values.days, values.rounds].map(
  Number,
) as [number, number, number, number];

const end = Date.parse('2026-03-01T08:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const now = iso(end);
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
const file = join(folder, 'headgate.db');
const { openStore } = (await import(pathToFileURL(join(resolve(values.main), 'store', 'index.ts')).href)) as {
  openStore: typeof OpenStore;
};
const store = openStore(file, { now: () => now, newId: () => 'workspace' });

const path = (n: number): string => `form.group_${n % 40}.question_about_something_${n}`;
const name = (n: number): string => `group_${n % 40}_question_about_something_${n}`;
const perTable = 1000;
const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n);
const tableIds = numbers(Math.ceil(columns / perTable)).map((n) => `forms|${n}`);
const names = {
  tables: Object.fromEntries(tableIds.map((id, n) => [id, `form_${n}`])),
  columns: Object.fromEntries(
    tableIds.map((id, n) => [
      id,
      Object.fromEntries(numbers(perTable, n * perTable).map((m) => [path(m), name(m)])),
    ]),
  ),
};
const tables = tableIds.map((id, n) => ({
  id,
  name: `form_${n}`,
  description: 'Submissions of a form',
  columns: numbers(perTable, n * perTable).map((m) => ({
    name: name(m),
    type: 'text',
    description: `What was answered to question ${m}`,
    sourcePath: path(m),
  })),
})) as unknown as DictionaryTable[];
const rowCounts = Object.fromEntries(tables.map((table) => [table.name, 1000]));
const datasetIds = numbers(datasets).map((n) => `dataset-${n}`);

store.people.create('ada', 'Ada', ['dba'], now);
store.connections.create(storedConnection({ id: 'main' }), 'ada', now);
store.sources.create(
  { id: 'hq', name: 'HQ', sourceType: 'commcare', baseUrl: 'https://hq', clientId: 'x', settings: {} },
  'ada',
  now,
);
{
  const db = new Database(file);
  db.transaction(() => {
    const project = db.prepare(
      "INSERT INTO projects (id, name, connection_id, created_by, created_at, updated_at) VALUES (?, ?, 'main', 'ada', ?, ?)",
    );
    const link =
      db.prepare(`INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config,
      refresh_interval_hours, created_at, updated_at) VALUES (?, ?, 'hq', 'project', '{}', 24, ?, ?)`);
    for (const id of datasetIds) {
      project.run(`p-${id}`, `Project ${id}`, now, now);
      link.run(`l-${id}`, `p-${id}`, now, now);
    }
  })();
  db.close();
}
for (const id of datasetIds) {
  store.transaction(() => {
    store.datasets.create({ id, linkId: `l-${id}`, personId: null, schemaName: `data_${id}` }, now);
    store.datasets.ready(id, { dataAsOf: now, nextSyncAt: now, rowCounts, names }, now);
    store.dictionaries.put(id, 'job', tables, []);
  });
}
let jobs = 0;
{
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const owner = JSON.stringify({ id: 'o', host: '', machine: '', boot: '', pid: 1, start: 0 });
  const job =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, owner, row_counts, notice, error,
    queued_at, started_at, finished_at) VALUES (?, ?, 'failed', 'done', 'schedule', '${owner}', ?, 'A notice', ?, ?, ?, ?)`);
  const table = db.prepare(`INSERT INTO sync_job_tables (job_id, position, dataset, fetched, total, status)
    VALUES (?, ?, ?, 1000, 1000, 'done')`);
  const error = JSON.stringify({ code: 'SIGN_IN_NEEDED', message: 'Nobody has signed in.', advice: null });
  const audit =
    db.prepare(`INSERT INTO audit_log (seq, at, person, action, subject, outcome, details, prev_hash, hash)
    VALUES (?, ?, 'Ada', 'datasets.rows', ?, 'ok', 'table=forms limit=100', ?, ?)`);
  db.transaction(() => {
    datasetIds.forEach((id, n) => {
      const everyMs = (n % 10 === 0 ? 1 : 24) * 3_600_000;
      for (let at = end - days * 86_400_000; at < end; at += everyMs) {
        jobs += 1;
        const when = iso(at + n);
        job.run(`job-${jobs}`, id, JSON.stringify(rowCounts), error, when, when, when);
        for (const [position, dataset] of ['forms', 'cases'].entries())
          table.run(`job-${jobs}`, position, dataset);
      }
    });
    for (let seq = 1; seq <= days * 100; seq += 1) {
      const at = iso(end - (days - seq / 100) * 86_400_000);
      audit.run(seq, at, `id=${seq}`, seq === 1 ? '' : `hash-${seq - 1}`, `hash-${seq}`);
    }
  })();
  db.close();
}

console.log(`${datasets} datasets × ${columns} columns, ${jobs} jobs, ${days * 100} entries of the log`);
const measure = (what: string, work: () => unknown): void => {
  const took = numbers(rounds).map(() => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  const shown = [Math.min(...took), Math.max(...took)].map((ms) => ms.toFixed(1).padStart(8)).join(' ms … ');
  console.log(`${what.padEnd(34)} ${shown} ms`);
};
const calls = (): void => {
  measure('datasets.list', () => store.datasets.list('ada', null));
  measure('datasets.get', () => store.datasets.get('dataset-0'));
  measure('datasets.due', () => store.datasets.due(now));
  measure('datasets.allOfSource', () => store.datasets.allOfSource('hq'));
  measure('datasets.allOfPerson', () => store.datasets.allOfPerson('ada'));
  measure('jobs.list, all', () => store.jobs.list('ada', null, 100));
  measure('jobs.list, one dataset', () => store.jobs.list('ada', 'dataset-0', 100));
  measure('jobs.open', () => store.jobs.open());
  measure('jobs.paused', () => store.jobs.paused());
  measure('jobs.findOpen', () => store.jobs.findOpen('dataset-0'));
  measure('jobs.beat', () => store.jobs.beat('o'));
  measure('kept.list', () => store.kept.list());
  measure('projects.list', () => store.projects.list());
  measure('sources.list', () => store.sources.list());
  measure('links.list', () => store.links.listOf('p-dataset-0'));
  measure('credentials.list', () => store.credentials.listFor('ada'));
  measure('dictionaries.changes', () => store.dictionaries.changes('dataset-0', 500));
  measure('audit.list', () => store.audit.list(100));
  measure('audit.list, nothing fits, whole log', () => store.audit.list(100, { subject: 'nothing' }));
  measure('audit.list, nothing fits, a chunk', () =>
    store.audit.list(100, { subject: 'nothing' }, days * 100, days * 100 - 1000),
  );
};
calls();
measure('datasets.names', () => store.datasets.names('dataset-0'));
measure('dictionaries.get', () => store.dictionaries.get('dataset-0'));
measure('JSON of names and dictionary', () => JSON.stringify([names, tables]));
measure('a publish in one transaction', () =>
  store.transaction(() => {
    store.datasets.ready('dataset-0', { dataAsOf: now, nextSyncAt: now, rowCounts, names }, now);
    store.dictionaries.put('dataset-0', 'job', tables, []);
  }),
);
measure('datasets.syncing', () => store.datasets.syncing('dataset-0', now));
if ('prune' in store.jobs) {
  measure('jobs.prune, one step', () => store.jobs.prune('dataset-0'));
  for (const id of datasetIds) while (store.jobs.prune(id) > 0);
  console.log('After everything old is gone:');
  calls();
}
store.close();
rmSync(folder, { recursive: true });
