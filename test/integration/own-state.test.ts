import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link, Person } from '../../preload/contract/models.ts';
import { causesOf } from '../../renderer/watch/causes.ts';
import { watch } from '../../renderer/watch/dataset-state.ts';
import { type SummaryPart, summarise } from '../../renderer/watch/summary.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A link is listed for everybody with the reader's own state, in both modes: nobody is told that nothing is linked. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let owner: Person;
const phrase = 'a-long-canary-passphrase';
const people = new Map<string, Person>();

beforeAll(async () => {
  [db, sim] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'space', forms: 12, cases: 3, seed: 6 }] }),
  ]);
  ws = await openWorkspace();
  owner = (await ws.api.app.info()).person;
  await ws.api.people.setPassphrase({ id: owner.id, next: phrase });
  for (const role of ['analyst', 'viewer'] as const)
    people.set(role, await ws.api.people.create({ name: role, roles: [role], passphrase: phrase }));
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

async function as<T>(role: 'analyst' | 'viewer', work: () => Promise<T>): Promise<T> {
  await ws.api.session.signIn({ personId: people.get(role)?.id ?? '', passphrase: phrase });
  try {
    return await work();
  } finally {
    await ws.api.session.signIn({ personId: owner.id, passphrase: phrase });
  }
}

/** What Home makes of what this person is told, by the very functions of the window. */
async function saidTo(role: 'analyst' | 'viewer', id: string) {
  const link = await as(role, async () => (await ws.api.links.list({})).find((each) => each.id === id));
  if (!link) throw new Error('the link is not listed');
  const reads = role === 'analyst';
  const watched = [watch(link, reads, Date.now())];
  const causes = reads ? causesOf(watched) : [];
  const parts = summarise(watched, { vault: 'keeps', offline: false }, causes.length).parts.map(
    ({ part }) => part,
  );
  return { link, parts, state: watched[0]?.state };
}

const linked = (credentialMode: Link['credentialMode']) =>
  setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'space' },
    ...{ datasets: ['forms'], credentialMode },
  });

it.each([
  ['project', 'analyst', ['none'], ['all']],
  ['project', 'viewer', ['none'], ['all']],
  ['user', 'analyst', ['attention'], ['attention']],
  ['user', 'viewer', ['none'], ['all']],
] as const)('%s mode, %s: before the first sync %j, after it %j', async (mode, role, before, after) => {
  const link = await linked(mode);
  const early = await saidTo(role, link.id);
  expect(early.parts).toEqual(before satisfies readonly SummaryPart[]);
  expect((await syncToEnd(ws, link)).status).toBe('completed');
  const late = await saidTo(role, link.id);
  expect(late.parts).toEqual(after);
  expect(late.link.projectName).toBe(link.projectName);
  if (mode === 'user') {
    // Nothing of anybody else's is told but how fresh it is.
    expect(late.link).toMatchObject({ dataset: null, signIn: 'missing', others: { datasets: 1 } });
    expect(JSON.stringify(late.link.others)).not.toContain(owner.id);
    // Nor how the refreshes of somebody else's tables went, whoever names them.
    const [theirs] = await ws.api.datasets.list({ projectId: link.projectId });
    const asked = { ids: [theirs?.id ?? ''], zone: 'UTC', days: 2 };
    expect(await as(role, () => ws.api.datasets.history(asked))).toEqual([]);
    const told = await ws.api.datasets.history(asked);
    expect(told[0]?.days.at(-1)).toMatchObject({ outcome: 'complete', runs: 1, records: 12 });
    if (role === 'analyst') expect(late.state?.need).toBe('signIn');
  } else {
    expect(late.link).toMatchObject({
      signIn: 'valid',
      others: null,
      dataset: { freshUntil: expect.any(String) },
    });
  }
});

it('says of a dataset that its database fails once a test has failed', async () => {
  const link = await linked('project');
  await syncToEnd(ws, link);
  const dataset = async () => (await ws.api.links.list({ projectId: link.projectId }))[0]?.dataset;
  expect(await dataset()).toMatchObject({ targetFails: false });
  const { connectionId } = (await dataset()) ?? { connectionId: '' };
  await ws.api.connections.update({ id: connectionId, user: 'nobody-here', password: 'wrong' });
  expect((await ws.api.connections.test({ id: connectionId })).ok).toBe(false);
  expect(await dataset()).toMatchObject({ targetFails: true, dataAsOf: expect.any(String) });
});

it('takes one account for the project where nothing else is said, and tells what was changed', async () => {
  const first = await linked('project');
  const source = (await ws.api.sources.list()).find(({ id }) => id === first.sourceId);
  const project = await ws.api.projects.create({
    name: `Another of ${source?.name}`,
    connectionId: (await ws.api.projects.list()).find(({ id }) => id === first.projectId)?.connectionId ?? '',
  });
  const made = await ws.api.links.create({
    ...{ projectId: project.id, sourceId: first.sourceId },
    syncConfig: { datasets: ['forms'] },
  });
  expect(made).toMatchObject({ credentialMode: 'project', dataset: { personId: null } });
  await syncToEnd(ws, first);
  const id = first.dataset?.id ?? '';
  const named = ws.events.filter(
    ({ name, payload }) =>
      name === 'store.changed' && (payload as { ids?: string[] }).ids?.includes(id) === true,
  );
  expect(named.length).toBeGreaterThan(0);
});
