import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/** What can be chosen for a link, as the source tells the person or the project that is signed in. */

let ws: Workspace;
let sim: HqSimulator;

beforeAll(async () => {
  ws = await openWorkspace();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 3, cases: 3, seed: 7 }] });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
});

it('needs a sign-in, and has a label for each value of each option', async () => {
  const source = await ws.api.sources.create({
    name: 'HQ',
    sourceType: 'commcare',
    baseUrl: sim.url,
    clientId: 'headgate-desktop',
    settings: { domain: 'demo' },
  });
  await expect(ws.api.sources.choices({ id: source.id })).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' });
  await ws.api.credentials.signIn({ sourceId: source.id });
  const choices = await ws.api.sources.choices({ id: source.id });
  const types = await ws.api.sources.types();
  const options = types.find(({ type }) => type === 'commcare')?.options.map(({ name }) => name);
  expect(options).toEqual(expect.arrayContaining(Object.keys(choices)));
  expect(choices['xmlns']?.map(({ label }) => label)).toContainEqual(
    expect.stringContaining('Household visit'),
  );
  for (const offered of ['app_id', 'xmlns', 'case_type']) {
    expect(choices[offered]?.every(({ value, label }) => value !== '' && label !== '')).toBe(true);
    expect(choices[offered]?.length).toBeGreaterThan(0);
  }

  // A project has a sign-in of its own, or none.
  const connection = await ws.api.connections.create({
    name: 'Never asked',
    host: '127.0.0.1',
    database: 'none',
    tlsMode: 'disable',
    user: 'nobody',
    password: 'not-a-real-one',
  });
  const project = await ws.api.projects.create({ name: 'Shared', connectionId: connection.id });
  const ofProject = { id: source.id, projectId: project.id };
  await expect(ws.api.sources.choices(ofProject)).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' });
  await ws.api.credentials.signIn({ sourceId: source.id, projectId: project.id });
  expect(await ws.api.sources.choices(ofProject)).toEqual(choices);
});
