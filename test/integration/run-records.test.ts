import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset, Link, RunLog } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What a run leaves of itself: how it went, its rows before and after, its log, and who decided about a held one. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({
    domains: ['plain', 'retries', 'shrinks', 'again', 'rows', 'other'].map((name) => ({
      ...{ name, forms: 200, cases: 100, seed: 7 },
    })),
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const link = (domain: string): Promise<Link> =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain });
const datasetOf = async (made: Link): Promise<Dataset> =>
  (await ws.api.datasets.list()).find(({ linkId }) => linkId === made.id) as Dataset;
const saidIn = ({ entries }: RunLog): string[] => entries.map(({ said }) => english(said));
const vanish = (domain: string, resource: 'form' | 'case', count: number): void =>
  sim.domain(domain).vanish(
    resource,
    Array.from({ length: count }, (_, at) => sim.domain(domain).id(resource, at)),
  );

it('keeps the phases, requests and pages of a run, and its rows before and after', async () => {
  const made = await link('plain');
  const first = await syncToEnd(ws, made);
  expect(first).toMatchObject({ status: 'completed', records: 300, recordsBefore: null, decided: null });
  sim.domain('plain').add('form', 20);
  const asked = sim.stats.requests['form'] ?? 0;
  const second = await syncToEnd(ws, made);
  expect(second).toMatchObject({ records: 320, recordsBefore: 300 });
  const { job, facts, tables } = await ws.api.syncs.get({ id: second.id });
  expect(job).toEqual((await ws.api.syncs.list({ limit: 1 }))[0]);
  expect(facts?.phases.map(({ phase }) => phase).filter((phase) => phase !== 'waiting')).toEqual([
    ...['starting', 'reading', 'finishing', 'publishing'],
  ]);
  for (const { startedAt, ms } of facts?.phases ?? []) {
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(second.queuedAt));
    expect(Date.parse(startedAt) + ms).toBeLessThanOrEqual(Date.parse(second.finishedAt ?? ''));
  }
  expect(facts?.requests).toBeGreaterThanOrEqual((sim.stats.requests['form'] ?? 0) - asked);
  expect(facts).toMatchObject({ retries: 0, waits: 0, waitedMs: 0 });
  expect(facts?.reads.map(({ dataset }) => dataset)).toEqual(['forms', 'cases']);
  for (const { pages } of facts?.reads ?? []) expect(pages).toBeGreaterThan(0);
  expect(tables).toContainEqual({ name: 'forms', before: 200, after: 220 });
  expect(tables).toContainEqual({ name: 'cases', before: 100, after: 100 });
});

it('says what it did, oldest first, in pages, by level and by what is looked for', async () => {
  const made = await link('retries');
  sim.faults.add({ match: 'form', kind: 'status', times: 2 });
  const { id } = await syncToEnd(ws, made);
  const log = await ws.api.syncs.log({ id });
  expect(log).toMatchObject({ more: false, dropped: 0, open: false });
  expect(log.entries.map(({ seq }) => seq)).toEqual(log.entries.map((_, at) => at + 1));
  expect(log.entries.map(({ at }) => at)).toEqual(log.entries.map(({ at }) => at).toSorted());
  const said = saidIn(log);
  expect(said[0]).toBe('Somebody asked for this run.');
  expect(said).toContain('“forms” is read: 200 records.');
  expect(said.at(-1)).toMatch(/^Published: \d+ tables, 300 records\.$/);
  expect((await ws.api.syncs.get({ id })).facts?.retries).toBe(2);
  const warned = await ws.api.syncs.log({ id, levels: ['warn', 'error'] });
  expect(saidIn(warned)).toHaveLength(2);
  expect(saidIn(warned)[0]).toMatch(/^Asking again\. .*500/);
  expect(saidIn(await ws.api.syncs.log({ id, search: '” IS READ' }))).toHaveLength(2);
  const page = await ws.api.syncs.log({ id, limit: 3 });
  expect(page).toMatchObject({ more: true });
  const rest = await ws.api.syncs.log({ id, after: page.entries.at(-1)?.seq ?? 0 });
  expect([...saidIn(page), ...saidIn(rest)]).toEqual(said);
});

it('asks the source again what it counts, and remembers who decided', async () => {
  const made = await link('shrinks');
  await syncToEnd(ws, made);
  const { id } = await datasetOf(made);
  await expect(ws.api.datasets.recount({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  vanish('shrinks', 'form', 120);
  const held = await syncToEnd(ws, made);
  expect(held).toMatchObject({ status: 'held', records: 180, recordsBefore: 300, decided: null });
  expect((await ws.api.syncs.get({ id: held.id })).tables).toContainEqual({
    ...{ name: 'forms', before: 200, after: 80 },
  });
  sim.domain('shrinks').add('form', 115);
  const asked = (sim.stats.requests['form'] ?? 0) + (sim.stats.requests['case'] ?? 0);
  const { counts } = await ws.api.datasets.recount({ id });
  expect(counts).toEqual([
    expect.objectContaining({ dataset: 'forms', table: 'forms', published: 200, held: 80, counted: 195 }),
    expect.objectContaining({ dataset: 'cases', published: 100, held: 100, counted: 100, error: null }),
  ]);
  expect((sim.stats.requests['form'] ?? 0) + (sim.stats.requests['case'] ?? 0)).toBeLessThan(asked + 12);
  // Nothing was decided by asking.
  expect((await datasetOf(made)).held?.jobId).toBe(held.id);
  await ws.api.datasets.discard({ id });
  const [decided] = await ws.api.syncs.list({ datasetId: id, limit: 1 });
  const { name } = (await ws.api.app.info()).person;
  expect(decided).toMatchObject({ id: held.id, decided: { how: 'discarded', by: name } });
  expect(saidIn(await ws.api.syncs.log({ id: held.id })).at(-1)).toBe(
    `${name} discarded it. What was published stays.`,
  );
});

it('remembers that a held one was accepted, or read anew', async () => {
  const made = await link('again');
  await syncToEnd(ws, made);
  const { id } = await datasetOf(made);
  vanish('again', 'form', 120);
  const first = await syncToEnd(ws, made);
  const second = await syncToEnd(ws, made);
  expect(second.status).toBe('held');
  const accepted = await ws.app.jobEnded((await ws.api.datasets.accept({ id })).id);
  expect(accepted).toMatchObject({ status: 'completed', records: 180, recordsBefore: 300 });
  const runs = await ws.api.syncs.list({ datasetId: id });
  expect(runs.map(({ decided }) => decided?.how ?? null)).toEqual([null, 'accepted', 'replaced', null]);
  expect(runs[2]?.id).toBe(first.id);
});

it('lists runs page by page, of some datasets, and of a time', async () => {
  const all = await ws.api.syncs.list({ limit: 500 });
  const pages: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await ws.api.syncs.list({ limit: 2, ...(before === undefined ? {} : { before }) });
    pages.push(...page.map((each) => each.id));
    if (page.length < 2) break;
    before = page.at(-1)?.id as string;
  }
  expect(pages).toEqual(all.map((each) => each.id));
  const [newest, , third] = all;
  const since = await ws.api.syncs.list({ since: third?.queuedAt ?? '', until: newest?.queuedAt ?? '' });
  expect(since.map((each) => each.id)).toEqual(all.slice(1, 3).map((each) => each.id));
  const some = [...new Set(all.map((each) => each.datasetId))].slice(0, 2);
  expect((await ws.api.syncs.list({ datasetIds: some })).map((each) => each.id)).toEqual(
    all.filter((each) => some.includes(each.datasetId)).map((each) => each.id),
  );
});
