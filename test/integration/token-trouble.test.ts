import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb } from '../support/parts.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Trouble at the token endpoint is trouble of the source and not of the sign-in: a sync goes on, or waits. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 1200, cases: 5, seed: 4 }],
    // Shorter than what is renewed early: each sync begins with a renewal, and each page may bring another.
    accessTokenSeconds: 60,
  });
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});
beforeEach(() => sim.faults.clear());

let linked: ReturnType<typeof setUp> | null = null;
const link = () =>
  (linked ??= setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'demo',
    datasets: ['forms'],
  }));

it.each([
  ['503', { kind: 'status', status: 503 }],
  ['a short pause', { kind: 'status', status: 429, headers: { 'retry-after': '0.2' } }],
] as const)('goes on after %s, at its start and in its middle', async (_, fault) => {
  const made = await link();
  sim.faults.add({ match: 'token', ...fault });
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', rowCounts: { forms: 1200 } });
  sim.faults.add(
    { match: 'form', kind: 'status', status: 401, after: 1 },
    { match: 'token', ...fault, after: 1 },
  );
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', rowCounts: { forms: 1200 } });
});

it.each(['start', 'middle'])('waits as long as the endpoint asks, at its %s', async (place) => {
  const made = await link();
  const limit = { match: 'token', kind: 'status', status: 429, headers: { 'retry-after': '6' } } as const;
  if (place === 'start') sim.faults.add(limit);
  else sim.faults.add({ match: 'form', kind: 'status', status: 401, after: 1 }, { ...limit, after: 1 });
  const job = await ws.api.syncs.start({ linkId: made.id });
  const now = async () => (await ws.api.syncs.list({ limit: 50 })).find(({ id }) => id === job.id);
  await expect.poll(async () => (await now())?.status).toBe('paused');
  expect(await now()).toMatchObject({ pausedBy: 'source', error: null });
  expect(await ws.app.jobEnded(job.id)).toMatchObject({ status: 'completed', rowCounts: { forms: 1200 } });
});

it('tells trouble that stays as the source’s, and keeps the sign-in', async () => {
  const made = await link();
  sim.faults.add({ match: 'token', kind: 'status', status: 403, body: 'blocked', times: 'always' });
  const job = await syncToEnd(ws, made);
  expect(job).toMatchObject({ status: 'failed', error: { code: 'SOURCE_BAD_ANSWER' } });
  expect(job.error?.advice).toContain('the sign-in is kept');
  sim.faults.clear();
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
});

it('opens no login of the database for a sync that has no token', async () => {
  const made = await link();
  const [project] = (await ws.api.projects.list()).filter(({ id }) => id === made.projectId);
  {
    // A login that can't be opened: whoever tries says so.
    using vault = rawDb(`${ws.folder}/vault.db`);
    vault.prepare("UPDATE secrets SET sealed = x'00' WHERE record_id = ?").run(project?.connectionId);
  }
  // The source is down, and after it the sign-in is over.
  sim.faults.add({ match: 'token', kind: 'status', status: 403, body: 'blocked', times: 'always' });
  expect((await syncToEnd(ws, made)).error?.code).toBe('SOURCE_BAD_ANSWER');
  sim.faults.clear();
  const [credential] = (await ws.api.credentials.list()).filter(({ sourceId }) => sourceId === made.sourceId);
  await ws.api.credentials.disconnect({ id: credential?.id ?? '' });
  expect((await syncToEnd(ws, made)).error?.code).toBe('SIGN_IN_NEEDED');
  await ws.api.credentials.signIn({ sourceId: made.sourceId });
  expect((await syncToEnd(ws, made)).error?.code).toBe('VAULT_DAMAGED');
});
