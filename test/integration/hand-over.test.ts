import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Said } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Whose account a project is read with, when that person leaves; and who of a project is signed in where each must. */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'small', forms: 5, cases: 5, seed: 1 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const words = 'correct horse battery';
const setup = () => ({ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' });

async function peopled(asked: string[]) {
  const ws = await openWorkspace({
    desk: {
      write: async (told: readonly Said[]) => ({ language: 'en', texts: told.map(english) }),
      confirm: async ({ what }: { what: Said }) => {
        asked.push(english(what));
        return true;
      },
      askTyped: async () => words,
      notify: () => {},
      onPower: () => () => {},
    } as unknown as NonNullable<NonNullable<Parameters<typeof openWorkspace>[0]>['desk']>,
  });
  const owner = (await ws.api.app.info()).person;
  await ws.api.people.setPassphrase({ id: owner.id, next: words });
  const add = (name: string, roles: ('project_admin' | 'analyst' | 'viewer')[]) =>
    ws.api.people.create({ name, roles, passphrase: words });
  const enter = ({ id }: { id: string }) => ws.api.session.signIn({ personId: id, passphrase: words });
  return { ws, owner, add, enter };
}
const ofProject = async ({ api }: Workspace, projectId: string) =>
  (await api.credentials.list()).find((each) => each.projectId === projectId);

it('goes on being read when its owner leaves, says so, and is taken over in one action', async () => {
  const asked: string[] = [];
  const { ws, owner, add, enter } = await peopled(asked);
  await using _ = ws;
  const ada = await add('Ada', ['project_admin', 'analyst']);
  const link = await setUp(ws.api, { ...setup(), credentialMode: 'project' });
  await enter(ada);
  // Ada signs in for the project in the owner's place.
  await ws.api.credentials.signIn({ sourceId: link.sourceId, projectId: link.projectId });
  expect(await ofProject(ws, link.projectId)).toMatchObject({ signedInBy: { id: ada.id, name: 'Ada' } });

  await enter(owner);
  const project = (await ws.api.projects.list()).find(({ id }) => id === link.projectId);
  asked.length = 0;
  await ws.api.people.delete({ id: ada.id });
  expect(asked.join()).toContain(project?.name);
  expect(asked.join()).toContain('Take over');
  expect(await ofProject(ws, link.projectId)).toMatchObject({
    ...{ state: 'valid', signedInBy: { id: null, name: 'Ada' } },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  await ws.app.tick();
  const told = async () =>
    (await ws.api.notices.list({})).items.find(({ event }) => event === 'signer_left')?.outcome;
  expect(await told()).toBeNull();

  const revoked = sim.stats.requests['revoke'] ?? 0;
  await ws.api.credentials.signIn({ sourceId: link.sourceId, projectId: link.projectId });
  expect(await ofProject(ws, link.projectId)).toMatchObject({ signedInBy: { id: owner.id } });
  // What the one who left had handed in is of no use to anybody any more.
  expect(sim.stats.requests['revoke']).toBe(revoked + 1);
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  await ws.app.tick();
  expect(await told()).toBe('over');
});

it('asks of projects only where there are some', async () => {
  const asked: string[] = [];
  const { ws, add } = await peopled(asked);
  await using _ = ws;
  const ben = await add('Ben', ['viewer']);
  asked.length = 0;
  await ws.api.people.delete({ id: ben.id });
  expect(asked.join()).not.toContain('Take over');
});

it('tells who is signed in, of those who may read for themselves', async () => {
  const { ws, owner, add, enter } = await peopled([]);
  await using _ = ws;
  const ada = await add('Ada', ['analyst']);
  await add('Ben', ['analyst']);
  await add('Cleo', ['viewer']);
  const link = await setUp(ws.api, setup());
  const people = async () => (await ws.api.links.list({ projectId: link.projectId }))[0]?.people;
  expect(await people()).toEqual({ connected: [owner.name], missing: ['Ada', 'Ben'] });
  await enter(ada);
  await ws.api.credentials.signIn({ sourceId: link.sourceId });
  expect(await people()).toEqual({ connected: [owner.name, 'Ada'], missing: ['Ben'] });

  // Of a connection that is for those with a grant only, the others are not missed.
  await enter(owner);
  const { connectionId } = (await ws.api.projects.list()).find(({ id }) => id === link.projectId) ?? {};
  const id = connectionId ?? '';
  await ws.api.grants.set({ connectionId: id, personId: ada.id, level: 'use' });
  await ws.api.connections.update({ id, access: 'granted' });
  expect(await people()).toEqual({ connected: [owner.name, 'Ada'], missing: [] });

  await ws.api.links.update({ id: link.id, credentialMode: 'project' });
  expect(await people()).toBeNull();
});
