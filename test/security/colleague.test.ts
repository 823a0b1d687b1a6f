import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Link, Person } from '../../preload/contract/models.ts';
import type { Role } from '../../preload/contract/permissions.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, rawDb } from '../support/parts.ts';
import { linkForms } from '../support/plain-link.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A colleague with a profile in the same workspace, and what they may not do with what is not theirs. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let owner: Person;
const words = 'a-long-canary-passphrase';
const people = new Map<string, Person>();

beforeAll(async () => {
  [db, sim] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 60, cases: 3, seed: 4 }] }),
  ]);
  ws = await openWorkspace();
  owner = (await ws.api.app.info()).person;
  await ws.api.people.setPassphrase({ id: owner.id, next: words });
  for (const [name, roles] of Object.entries({ Ada: ['analyst'], Bob: ['project_admin'] }))
    people.set(name, await ws.api.people.create({ name, roles: roles as Role[], passphrase: words }));
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});
beforeEach(() => sim.faults.clear());

async function as<T>(name: 'Ada' | 'Bob', work: () => Promise<T>): Promise<T> {
  await ws.api.session.signIn({ personId: people.get(name)?.id ?? '', passphrase: words });
  try {
    return await work();
  } finally {
    await ws.api.session.signIn({ personId: owner.id, passphrase: words });
  }
}

/** A project's link over a connection that is for nobody but its owner. */
async function restricted(
  mode: 'project' | 'user' = 'project',
): Promise<{ link: Link; connectionId: string }> {
  const own = await linkForms(ws.api, db, sim.url);
  const project = (await ws.api.projects.list()).find(({ id }) => id === own.projectId);
  const connectionId = project?.connectionId ?? '';
  await ws.api.connections.update({ id: connectionId, access: 'granted' });
  if (mode === 'user') return { link: own, connectionId };
  await ws.api.links.delete({ id: own.id });
  await ws.api.credentials.signIn({ sourceId: own.sourceId, projectId: own.projectId });
  const { projectId, sourceId, syncConfig } = own;
  const link = await ws.api.links.create({ projectId, sourceId, credentialMode: 'project', syncConfig });
  return { link, connectionId };
}
const account = async ({ sourceId, projectId }: Link): Promise<string | undefined> =>
  (await ws.api.credentials.list()).find((each) => each.sourceId === sourceId && each.projectId === projectId)
    ?.id;

it('the proxy that everybody’s requests go over is for DBAs to choose, and its password for nobody to see', async () => {
  const office = { address: 'http://proxy.example.org:3128', user: 'office' };
  await ws.api.policy.setProxy({ mode: 'manual', ...office, password: 'of-the-office-1234' });
  for (const name of ['Ada', 'Bob'] as const) {
    await as(name, async () => {
      for (const input of [
        { mode: 'none' },
        { mode: 'manual', address: 'http://evil.example.org:3128' },
        { mode: 'manual', ...office, exceptions: 'hq.example.org' },
      ] as const)
        expect(await codeOf(() => ws.api.policy.setProxy(input))).toBe('PERMISSION_DENIED');
      expect(await ws.api.policy.proxy()).toEqual({
        ...{ mode: 'manual', ...office, exceptions: '', hasPassword: true },
      });
    });
  }
  await ws.api.policy.setProxy({ mode: 'system' });
});

describe('a project’s own sign-in', () => {
  it('is neither replaced nor ended by whoever does not manage projects', async () => {
    const { link } = await restricted();
    const id = await account(link);
    const requests = sim.stats.requests.token;
    await as('Ada', async () => {
      const { sourceId, projectId } = link;
      expect(await codeOf(() => ws.api.credentials.signIn({ sourceId, projectId }))).toBe(
        'PERMISSION_DENIED',
      );
      expect(await codeOf(() => ws.api.credentials.disconnect({ id: id ?? '' }))).toBe('PERMISSION_DENIED');
      // Their own is theirs.
      await ws.api.credentials.signIn({ sourceId });
    });
    expect(await account(link)).toBe(id);
    // Nobody was sent to the browser for it.
    expect(sim.stats.requests.token).toBe(requests + 1);
    await as('Bob', () =>
      ws.api.credentials.signIn({ sourceId: link.sourceId, projectId: link.projectId }).then(() => {}),
    );
  });
});

describe('a connection that is for others', () => {
  it('is not published over, nor is anything done to what goes on there', async () => {
    const { link } = await restricted();
    sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
    const job = await ws.api.syncs.start({ linkId: link.id });
    await expect.poll(async () => (await ws.api.syncs.list({ limit: 1 }))[0]?.phase).toBe('reading');
    for (const name of ['Ada', 'Bob'] as const) {
      await as(name, async () => {
        const { id } = job;
        const dataset = { id: link.dataset?.id ?? '' };
        for (const call of [
          () => ws.api.syncs.start({ linkId: link.id }),
          () => ws.api.syncs.pause({ id }),
          () => ws.api.syncs.resume({ id }),
          () => ws.api.syncs.cancel({ id }),
          () => ws.api.syncs.takeOver({ id, reason: 'I want it done now' }),
          () => ws.api.datasets.accept(dataset),
          () => ws.api.datasets.discard(dataset),
        ]) {
          expect(await codeOf(call), `${name}: ${call}`).toBe('CONNECTION_NOT_GRANTED');
        }
      });
    }
    expect((await ws.api.syncs.list({ limit: 1 }))[0]).toMatchObject({ id: job.id, status: 'running' });
    await ws.api.syncs.cancel({ id: job.id });
  });

  it('keeps its schemas, whoever deletes what they are of', async () => {
    const { link, connectionId } = await restricted();
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
    const there = () =>
      db
        .query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [link.dataset?.schemaName])
        .then((rows) => rows.length);
    const drops = (): (() => Promise<unknown>)[] => [
      () => ws.api.links.delete({ id: link.id, dropSchemas: true }),
      () => ws.api.sources.delete({ id: link.sourceId, dropSchemas: true }),
      () => ws.api.projects.delete({ id: link.projectId, dropSchemas: true }),
    ];
    await as('Bob', async () => {
      for (const call of drops()) expect(await codeOf(call), `${call}`).toBe('CONNECTION_NOT_GRANTED');
    });
    expect(await there()).toBe(1);
    expect((await ws.api.links.list({ projectId: link.projectId })).map(({ id }) => id)).toEqual([link.id]);
    await ws.api.grants.set({ connectionId, personId: people.get('Bob')?.id ?? '', level: 'use' });
    await as('Bob', async () => void (await drops()[0]?.()));
    expect(await there()).toBe(0);
  });
});

it('what a person’s own dataset is refreshed with ends with the person’s rights, also by the clock', async () => {
  const { link, connectionId } = await restricted('user');
  const ada = people.get('Ada')?.id ?? '';
  await ws.api.grants.set({ connectionId, personId: ada, level: 'use' });
  const job = await as('Ada', async () => {
    await ws.api.credentials.signIn({ sourceId: link.sourceId });
    return ws.api.syncs.start({ linkId: link.id });
  });
  expect((await ws.app.jobEnded(job.id)).status).toBe('completed');
  /** As the timetable does it. */
  const again = async (): Promise<string | undefined> => {
    using file = rawDb(`${ws.folder}/headgate.db`);
    file
      .prepare(
        "UPDATE materialised_datasets SET next_sync_at = '2026-01-01T00:00:00.000Z', retry_at = NULL WHERE id = ?",
      )
      .run(job.datasetId);
    ws.app.startTimetable();
    const newest = file.prepare('SELECT id FROM sync_jobs WHERE dataset_id = ? ORDER BY rowid DESC LIMIT 1');
    return (await ws.app.jobEnded(newest.pluck().get(job.datasetId) as string)).error?.code;
  };
  expect(await again()).toBeUndefined();
  await ws.api.grants.set({ connectionId, personId: ada, level: null });
  expect(await again()).toBe('CONNECTION_NOT_GRANTED');
  await ws.api.grants.set({ connectionId, personId: ada, level: 'use' });
  await ws.api.people.update({ id: ada, roles: ['viewer'] });
  expect(await again()).toBe('PERMISSION_DENIED');
  await ws.api.people.update({ id: ada, roles: ['analyst'] });
  expect(await again()).toBeUndefined();
});
