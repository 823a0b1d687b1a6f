import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type DomainHandle, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A refresh that looks wrong waits for a person; the old data stays until that person decides. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({
    domains: ['shrinks', 'discards', 'anew', 'little', 'unguarded', 'counts', 'tables', 'held', 'choice'].map(
      (name) => ({
        name,
        forms: 200,
        cases: 100,
        seed: 7,
      }),
    ),
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const link = (domain: string, more: Partial<Parameters<typeof setUp>[1]> = {}): Promise<Link> =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain, ...more });
const datasetOf = async (made: Link): Promise<Dataset> =>
  (await ws.api.datasets.list()).find(({ linkId }) => linkId === made.id) as Dataset;
const vanish = (domain: DomainHandle, resource: 'form' | 'case', count: number): void =>
  domain.vanish(
    resource,
    Array.from({ length: count }, (_, at) => domain.id(resource, at)),
  );
const formsIn = async (made: Link): Promise<number> =>
  Number((await db.query(`SELECT count(*) AS n FROM "${made.dataset?.schemaName}".forms`))[0]?.['n']);
const stagingOf = (made: Link): Promise<unknown[]> =>
  db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [`${made.dataset?.schemaName}__staging`]);
const requests = (): number => (sim.stats.requests['form'] ?? 0) + (sim.stats.requests['case'] ?? 0);

it('holds a large shrink; accepting it publishes what was read, without reading', async () => {
  const made = await link('shrinks');
  expect((await syncToEnd(ws, made)).status).toBe('completed');
  vanish(sim.domain('shrinks'), 'form', 61);
  const job = await syncToEnd(ws, made);
  expect(job).toMatchObject({ status: 'held', phase: 'done', error: null });
  expect(job.finishedAt).not.toBeNull();
  const held = await datasetOf(made);
  expect(held).toMatchObject({ status: 'ready', error: null, job: null, held: { jobId: job.id } });
  expect(held.held?.reasons).toContainEqual({
    code: 'shrunk',
    table: 'forms',
    column: null,
    before: 200,
    after: 139,
    message: '“forms” would shrink from 200 to 139 rows.',
    said: { id: 'sync.held.shrunk', params: { table: 'forms', before: 200, after: 139 } },
  });
  // Told once, by its reasons.
  expect(held.notice).toBeNull();
  expect(await formsIn(made)).toBe(200);
  expect(await stagingOf(made)).toHaveLength(1);
  const before = requests();
  const accepted = await ws.api.datasets.accept({ id: held.id });
  expect(await ws.app.jobEnded(accepted.id)).toMatchObject({
    status: 'completed',
    rowCounts: { forms: 139 },
  });
  expect(requests()).toBe(before);
  expect(await formsIn(made)).toBe(139);
  expect(await datasetOf(made)).toMatchObject({ held: null, rowCounts: { forms: 139 } });
  expect(await stagingOf(made)).toEqual([]);
  await expect(ws.api.datasets.accept({ id: held.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('throws a held refresh away when told to', async () => {
  const made = await link('discards');
  await syncToEnd(ws, made);
  vanish(sim.domain('discards'), 'form', 150);
  expect((await syncToEnd(ws, made)).status).toBe('held');
  const { id } = await datasetOf(made);
  expect(await ws.api.datasets.discard({ id })).toMatchObject({ held: null, status: 'ready' });
  expect(await stagingOf(made)).toEqual([]);
  expect(await formsIn(made)).toBe(200);
  await expect(ws.api.datasets.discard({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('reads anew when a person starts it, and does not start by the clock', async () => {
  const made = await link('anew');
  await syncToEnd(ws, made);
  const domain = sim.domain('anew');
  vanish(domain, 'form', 100);
  const held = await syncToEnd(ws, made);
  expect(held.status).toBe('held');
  ws.app.startTimetable();
  expect((await ws.api.syncs.list({ datasetId: held.datasetId })).length).toBe(2);
  domain.add('form', 90);
  const before = requests();
  const again = await syncToEnd(ws, made);
  expect(requests()).toBeGreaterThan(before);
  // Rare columns may have gone with the old forms; that there are fewer forms is no reason any more.
  const reasons = (await datasetOf(made)).held?.reasons ?? [];
  expect(reasons.filter(({ code }) => code !== 'column_gone' && code !== 'table_gone')).toEqual([]);
  expect(again.id).not.toBe(held.id);
  const accepted = again.status === 'held' ? await ws.api.datasets.accept({ id: held.datasetId }) : again;
  expect(await ws.app.jobEnded(accepted.id)).toMatchObject({
    status: 'completed',
    rowCounts: { forms: 190 },
  });
});

it('does not mind a small shrink', async () => {
  const made = await link('little', { datasets: ['forms'] });
  await syncToEnd(ws, made);
  vanish(sim.domain('little'), 'form', 20);
  const job = await syncToEnd(ws, made);
  const reasons = (await datasetOf(made)).held?.reasons ?? [];
  // Tables and columns may be gone with them; the number of rows alone is no reason.
  expect(reasons.filter(({ code }) => code === 'shrunk' || code === 'zero_rows')).toEqual([]);
  if (reasons.length === 0) expect(job.status).toBe('completed');
});

it('can be told per link how much is too much, and not to look at all', async () => {
  const made = await link('unguarded', { guards: false });
  await syncToEnd(ws, made);
  vanish(sim.domain('unguarded'), 'form', 190);
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', rowCounts: { forms: 10 } });
  await ws.api.links.update({
    id: made.id,
    syncConfig: { datasets: ['forms', 'cases'], guards: true, shrinkPercent: 5 },
  });
  vanish(sim.domain('unguarded'), 'case', 8);
  expect((await syncToEnd(ws, made)).status).toBe('held');
  const reasons = (await datasetOf(made)).held?.reasons ?? [];
  expect(reasons).toContainEqual(
    expect.objectContaining({ code: 'shrunk', table: 'cases', before: 100, after: 92 }),
  );
});

it('holds what is far from what the source announced', async () => {
  const made = await link('counts', { datasets: ['cases'] });
  // The source counts 100, but its list ends early.
  sim.faults.add({
    match: 'case',
    kind: 'status',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      matching_records: 100,
      cases: Array.from({ length: 80 }, (_, at) => sim.domain('counts').row('case', at)),
    }),
    times: 1,
  });
  const job = await syncToEnd(ws, made);
  sim.faults.clear();
  expect(job.status).toBe('held');
  const { held, id, dataAsOf } = await datasetOf(made);
  expect(held?.reasons).toEqual([
    {
      code: 'count_mismatch',
      table: 'cases',
      column: null,
      before: 100,
      after: 80,
      message: 'The source announced 100 records for “cases”, and 80 came.',
      said: { id: 'sync.held.countMismatch', params: { table: 'cases', announced: 100, records: 80 } },
    },
  ]);
  // The first of all can be held too: nothing is published yet.
  expect(dataAsOf).toBeNull();
  await ws.api.datasets.discard({ id });
  expect(await datasetOf(made)).toMatchObject({ status: 'pending', held: null });
});

it('holds a refresh in which a table or a column is gone, by name', async () => {
  const made = await link('tables', { datasets: ['cases'] });
  await syncToEnd(ws, made);
  const domain = sim.domain('tables');
  const rows = Array.from({ length: 100 }, (_, at) => domain.row('case', at));
  const villages = rows.filter((row) => row['case_type'] === 'village').map((row) => String(row['case_id']));
  domain.vanish('case', villages);
  expect((await syncToEnd(ws, made)).status).toBe('held');
  const { held, schemaName } = await datasetOf(made);
  expect(held?.reasons).toContainEqual({
    code: 'table_gone',
    table: 'case_village',
    column: null,
    before: villages.length,
    after: null,
    message: `The table “case_village” with ${villages.length} rows would be gone.`,
    said: { id: 'sync.held.tableGone', params: { table: 'case_village', rows: villages.length } },
  });
  expect([...(await columnsOf(db, schemaName)).keys()]).toContain('case_village');
});

it('takes a dataset that a person took out of the link for what it is', async () => {
  const made = await link('choice');
  await syncToEnd(ws, made);
  await ws.api.links.update({ id: made.id, syncConfig: { datasets: ['cases'], keepRaw: false } });
  const job = await syncToEnd(ws, made);
  expect(job).toMatchObject({ status: 'completed' });
  expect(Object.keys(job.rowCounts).some((name) => name.startsWith('form'))).toBe(false);
  const { schemaName } = await datasetOf(made);
  expect([...(await columnsOf(db, schemaName)).keys()].filter((name) => name.startsWith('form'))).toEqual([]);
});

it('keeps a held refresh when publishing it fails or is cancelled', async () => {
  const made = await link('held');
  await syncToEnd(ws, made);
  vanish(sim.domain('held'), 'form', 150);
  expect((await syncToEnd(ws, made)).status).toBe('held');
  const { id, schemaName } = await datasetOf(made);
  await db.query(`CREATE TABLE public.refers (form text REFERENCES "${schemaName}".forms (id))`);
  await db.query(`INSERT INTO public.refers SELECT id FROM "${schemaName}".forms`);
  const failed = await ws.api.datasets.accept({ id });
  expect(await ws.app.jobEnded(failed.id)).toMatchObject({
    status: 'failed',
    error: { code: 'PUBLISH_HELD', message: expect.stringContaining('refers_form_fkey') },
  });
  expect((await datasetOf(made)).held).not.toBeNull();
  const cancelled = await ws.api.datasets.accept({ id });
  await ws.api.syncs.cancel({ id: cancelled.id });
  expect(await stagingOf(made)).toHaveLength(1);
  await db.query('DROP TABLE public.refers');
  const accepted = await ws.api.datasets.accept({ id });
  expect(await ws.app.jobEnded(accepted.id)).toMatchObject({ status: 'completed', rowCounts: { forms: 50 } });
});
