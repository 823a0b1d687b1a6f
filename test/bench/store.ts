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
  {
    id: 'hq',
    name: 'HQ',
    sourceType: 'commcare',
    baseUrl: 'https://hq',
    clientId: 'x',
    settings: {},
    tlsCa: null,
  },
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
      created_at, updated_at) VALUES (?, ?, 'hq', 'project', '{}', ?, ?)`);
    for (const id of datasetIds) {
      project.run(`p-${id}`, `Project ${id}`, now, now);
      link.run(`l-${id}`, `p-${id}`, now, now);
    }
  })();
  db.close();
}
/** How a store before version 10 has a dictionary: as one text. */
interface Former {
  readonly datasets: { ready: (id: string, published: object, now: string) => void };
  readonly dictionaries: {
    get: (id: string) => unknown;
    put: (id: string, jobId: string, tables: readonly DictionaryTable[], drift: []) => void;
  };
}
const former = 'put' in store.dictionaries ? (store as unknown as Former) : null;
const published = { dataAsOf: now, nextSyncAt: now, rowCounts };
/** What a publish does while nobody else can write. */
const publish = (id: string, version: number): void =>
  store.transaction(() => {
    if (former) {
      former.datasets.ready(id, { ...published, names }, now);
      former.dictionaries.put(id, 'job', tables, []);
    } else {
      store.datasets.ready(id, published, now);
      store.dictionaries.publish(id, { jobId: 'job', version }, []);
    }
  });
const add = (id: string, version: number, position: number): void =>
  store.dictionaries.add(id, { version, position, described: JSON.stringify(tables[position]) });
for (const id of datasetIds) {
  store.datasets.create({ id, linkId: `l-${id}`, personId: null, schemaName: `data_${id}` }, now);
  if (!former) {
    store.datasets.remember(id, JSON.stringify(names));
    for (const position of tables.keys()) add(id, 1, position);
  }
  publish(id, 1);
}
let jobs = 0;
{
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  // Before version 7 a job's process is a number only.
  const columnsOfJobs = db.pragma('table_info(sync_jobs)') as { name: string }[];
  const owner = columnsOfJobs.some((column) => column.name === 'owner')
    ? {
        column: 'owner',
        value: `'${JSON.stringify({ id: 'o', host: '', machine: '', boot: '', pid: 1, start: 0 })}'`,
      }
    : { column: 'pid', value: '1' };
  const job =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, ${owner.column}, row_counts, notice, error,
    queued_at, started_at, finished_at) VALUES (?, ?, 'failed', 'done', 'schedule', ${owner.value}, ?, 'A notice', ?, ?, ?, ?)`);
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
/** Other names each time, or nothing would be written. */
const namesAs = (n: number): string => JSON.stringify({ ...names, n });
/** A call that the measured store does not have is left out. */
const measure = (what: string, work: () => unknown, has: unknown = true): void => {
  if (!has) return;
  const took = numbers(rounds).map(() => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
  took.sort((a, b) => a - b);
  const shown = [took[0], took[Math.floor(rounds / 2)], took.at(-1)].map((ms) =>
    (ms ?? 0).toFixed(1).padStart(8),
  );
  console.log(`${what.padEnd(38)} ${shown.join(' ms ')} ms`);
};
console.log(`${''.padEnd(38)}    least      median      most`);
const calls = (): void => {
  measure('datasets.list', () => store.datasets.list('ada', null));
  measure('datasets.get', () => store.datasets.get('dataset-0'));
  measure('datasets.planned', () => store.datasets.planned());
  measure('datasets.allOfSource', () => store.datasets.allOfSource('hq'), 'allOfSource' in store.datasets);
  measure('datasets.allOfPerson', () => store.datasets.allOfPerson('ada'), 'allOfPerson' in store.datasets);
  measure('jobs.list, all', () => store.jobs.list('ada', { limit: 100 }));
  measure('jobs.list, one dataset', () => store.jobs.list('ada', { datasetId: 'dataset-0', limit: 100 }));
  measure('jobs.open', () => store.jobs.open(), 'open' in store.jobs);
  measure('jobs.paused', () => store.jobs.paused(), 'paused' in store.jobs);
  measure('jobs.findOpen', () => store.jobs.findOpen('dataset-0'));
  measure('jobs.beat', () => store.jobs.beat('o'), 'beat' in store.jobs);
  measure('kept.list', () => store.kept.list(), 'kept' in store);
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
let version = 1;
measure('datasets.names', () => store.datasets.names('dataset-0'));
measure('dictionaries.get', () => former?.dictionaries.get('dataset-0'), former);
measure('JSON of names and dictionary', () => JSON.stringify([names, tables]));
measure(
  'datasets.remember, new names',
  () => store.datasets.remember('dataset-0', namesAs(version++)),
  !former,
);
measure('dictionaries.table', () => store.dictionaries.table('dataset-0', 1), !former);
measure('dictionaries.nextVersion', () => store.dictionaries.nextVersion('dataset-0'), !former);
measure('dictionaries.add, one table', () => add('dataset-0', version++, 0), !former);
measure('a publish in one transaction', () => publish('dataset-0', former ? 1 : version));
measure('dictionaries.prune, one step', () => store.dictionaries.prune('dataset-0'), !former);
measure('datasets.syncing', () => store.datasets.syncing('dataset-0', now));
if ('prune' in store.jobs) {
  const usual = { before: iso(end - 90 * 86_400_000), most: 500 };
  measure('jobs.prune, one step', () => store.jobs.prune('dataset-0', usual));
  for (const id of datasetIds) while (store.jobs.prune(id, usual) > 0);
  console.log('After everything old is gone:');
  calls();
}
const job = { id: 'open', datasetId: 'dataset-1', trigger: 'person', mode: 'continue' } as const;
const intent = JSON.stringify({ ...published, version: 1 });
if (!former) {
  const owner = { id: 'o', host: '', machine: '', boot: '', pid: 1, start: 0 };
  store.jobs.create({ ...job, owner }, now);
  measure('jobs.inner', () => store.jobs.inner('open'));
  measure('jobs.intend', () => store.jobs.intend('open', 'o', intent));
  measure('jobs.inner, with an intent', () => store.jobs.inner('open'));
  measure('jobs.intent', () => store.jobs.intent('open'));
  measure('jobs.finish', () => store.jobs.finish('open', { status: 'completed' }, now));
  const [keptIds, goneIds] = [datasetIds.slice(2, 2 + rounds), datasetIds.slice(2 + rounds, 2 + 2 * rounds)];
  measure('kept.keep', () => store.kept.keep({ id: keptIds.pop() ?? '' }, now));
  const db = new Database(file);
  db.pragma('foreign_keys = ON');
  db.pragma('secure_delete = ON');
  const remove = db.prepare('DELETE FROM materialised_datasets WHERE id = ?');
  measure('jobs.shed, one step', () => store.jobs.shed(goneIds[0] ?? ''));
  measure('dictionaries.shed, one step', () => store.dictionaries.shed(goneIds[0] ?? '', true));
  for (const id of goneIds) while (store.jobs.shed(id) || store.dictionaries.shed(id, true));
  measure('a dataset deleted, once it has no history', () => remove.run(goneIds.pop()));
  db.close();
}
store.close();
rmSync(folder, { recursive: true });
