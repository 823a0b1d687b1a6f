import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { exportCommand, sealCommand } from '../../main/headless/commands/bundle-command.ts';
import { importCommand } from '../../main/headless/commands/dba-commands.ts';
import type { YesNo } from '../../main/host.ts';
import type { Said } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { keptConsole } from '../support/console.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import {
  bundleWords,
  ownWords,
  ready,
  sealedProject,
  signInOf,
  takeAll,
  use,
} from '../support/shared-workspaces.ts';
import { openWorkspace } from '../support/workspace.ts';

/* Projects that go along with their connections: what goes, who may, what is there already, and who is asked. */

let db: TestDatabase;
let sim: HqSimulator;
// Passphrases are made to take their time.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 5, cases: 1, seed: 3 }],
    users: [{ username: 'john@example.com' }, { username: 'ada@example.com', apiKey }],
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const apiKey = 'k3y-canary-0123456789';
const secret = 'client secret canary';
const never = async (): Promise<string> => {
  throw new Error('nothing was to be asked');
};

it('a plain export has no secret and no sign-in; a sealed one has what was chosen', async () => {
  await using one = await openWorkspace();
  const link = await ready(one, db, sim);
  await one.api.sources.update({ id: link.sourceId, clientSecret: secret });
  const [project] = await one.api.projects.list();
  const ids = [project?.connectionId ?? ''];
  const plain = await one.api.connections.export({ ids, projects: [link.projectId] });
  expect(plain.text).not.toContain(secret);
  expect(JSON.parse(plain.text ?? '')).toMatchObject({
    version: 2,
    projects: [{ name: project?.name, connection: 0, links: [{ source: 0 }], signIns: [] }],
  });
  expect(JSON.parse((await one.api.connections.export({ ids })).text ?? '')).toMatchObject({ version: 1 });
  // Without the sign-in nothing is shared.
  const bundle = await sealedProject(one, link, false);
  expect((await signInOf(one)).isShared).toBe(false);

  await using two = await openWorkspace();
  const { plan, result } = await takeAll(two, bundle);
  expect(plan.projects).toMatchObject([
    { status: 'new', links: [{ status: 'new', hasClientSecret: true, signIn: null, isShared: false }] },
  ]);
  expect(result.problems).toEqual([]);
  expect(await two.api.sources.list()).toMatchObject([{ hasClientSecret: true, baseUrl: sim.url }]);
  expect(await two.api.credentials.list()).toEqual([]);
  const [entry] = await two.api.audit.list({ action: 'imports.apply', limit: 1 });
  expect(entry?.details).toContain('projects=');
  expect(entry?.details).toContain('sources=');
});

it('an API key goes as it is, a person’s own sign-in never', async () => {
  await using one = await openWorkspace();
  const link = await ready(one, db, sim);
  const { id } = await signInOf(one);
  await one.api.credentials.disconnect({ id });
  await one.api.credentials.signInWith({
    ...{ sourceId: link.sourceId, projectId: link.projectId, kind: 'api_key' },
    fields: { user: 'ada@example.com', apiKey },
  });
  await one.api.credentials.signIn({ sourceId: link.sourceId });
  await using two = await openWorkspace();
  await takeAll(two, await sealedProject(one, link));
  const there = await two.api.credentials.list();
  expect(there.map(({ kind, isShared }) => [kind, isShared])).toEqual([['api_key', false]]);
  expect(await use(two)).toBe((await signInOf(one)).account);
});

it('only who manages projects takes them along or in', async () => {
  await using one = await openWorkspace();
  const link = await ready(one, db, sim);
  const bundle = await sealedProject(one, link);
  const { person } = await one.api.app.info();
  const dba = { name: 'Dora', roles: ['dba' as const], passphrase: 'dora canary words' };
  const dora = await one.api.people.create(dba);
  await one.api.session.signIn({ personId: dora.id, passphrase: dba.passphrase });
  const [project] = await one.api.projects.list();
  const ids = [project?.connectionId ?? ''];
  const along = { for: { passphrase: bundleWords }, reason: 'a try of a DBA', passphrase: dba.passphrase };
  await expect(
    one.api.connections.seal({ ids, projects: [{ id: link.projectId }], ...along }),
  ).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  await expect(one.api.connections.export({ ids, projects: [link.projectId] })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  await one.api.session.signIn({ personId: person.id, passphrase: ownWords });
  await expect(
    one.api.connections.export({
      ids: [(await one.api.connections.duplicate({ id: ids[0] ?? '', name: 'other' })).id],
      projects: [link.projectId],
    }),
  ).rejects.toMatchObject({ code: 'INPUT_INVALID' });

  await using two = await openWorkspace();
  const own = (await two.api.app.info()).person;
  await two.api.people.setPassphrase({ id: own.id, next: ownWords });
  const there = await two.api.people.create(dba);
  await two.api.session.signIn({ personId: there.id, passphrase: dba.passphrase });
  const { plan, result } = await takeAll(two, bundle);
  expect(plan.projects[0]?.notes.join()).toContain('project_admin');
  expect(result.created).toHaveLength(1);
  expect(result.problems).toMatchObject([{ where: project?.name, message: expect.stringContaining('role') }]);
  expect(await two.api.projects.list()).toEqual([]);
  expect(await two.api.sources.list()).toEqual([]);
});

it('what is in the way is told, and the rest is taken', async () => {
  await using one = await openWorkspace();
  const link = await ready(one, db, sim);
  const bundle = await sealedProject(one, link);
  const [project] = await one.api.projects.list();
  await using two = await openWorkspace();
  const [source] = await one.api.sources.list();
  await two.api.sources.create({
    ...{ name: source?.name ?? '', sourceType: 'commcare', baseUrl: 'https://hq.example.org' },
    ...{ clientId: 'c', settings: { domain: 'another' } },
  });
  const plan = await two.api.imports.preview({ kind: 'sealed', text: bundle, passphrase: bundleWords });
  expect(plan.projects).toMatchObject([{ status: 'new', links: [{ status: 'taken', isShared: true }] }]);
  // The connection is left out: so is the project.
  const left = await two.api.imports.apply({ planId: plan.planId, projects: [project?.name ?? ''] });
  expect(left.problems).toEqual([
    { where: project?.name, message: expect.stringContaining('connection was not imported') },
  ]);
  const { result } = await takeAll(two, bundle);
  expect(result.problems).toMatchObject([{ message: expect.stringContaining(source?.name ?? '') }]);
  expect(result.projects).toMatchObject([{ name: project?.name }]);
  await two.api.sources.update({
    id: (await two.api.sources.list())[0]?.id ?? '',
    name: 'Mine',
  });
  const again = await takeAll(two, bundle);
  expect(again.plan.projects).toMatchObject([{ status: 'extended' }]);
  expect(again.result.problems).toEqual([]);
  expect(await use(two)).toBe((await signInOf(one)).account);
  // Elsewhere the name is another project's.
  await using three = await openWorkspace();
  const other = await three.api.connections.create({
    ...{ name: 'other', host: 'db.example.org', database: 'd', user: 'u', password: 'p' },
  });
  await three.api.projects.create({ name: project?.name ?? '', connectionId: other.id });
  const taken = await takeAll(three, bundle);
  expect(taken.plan.projects).toMatchObject([{ status: 'taken' }]);
  expect(taken.result.problems).toMatchObject([{ message: expect.stringContaining('already a project') }]);
});

it('the question outside the page names what goes, and nothing is shared where it is not confirmed', async () => {
  const questions: YesNo[] = [];
  let agrees = false;
  const desk = {
    ...keptDesk(systemClock),
    confirm: async (question: YesNo) => {
      questions.push(question);
      return agrees;
    },
  };
  await using ws = await openWorkspace({ kind: 'electron', desk });
  desk.typing = [ownWords];
  const link = await ready(ws, db, sim);
  const [project] = await ws.api.projects.list();
  const seal = {
    ids: [project?.connectionId ?? ''],
    projects: [{ id: link.projectId, signIns: true }],
    ...{ for: 'passphrase' as const, reason: 'a second workspace' },
  };
  desk.typing = [ownWords, bundleWords];
  await expect(ws.api.connections.seal(seal)).rejects.toMatchObject({ code: 'CANCELLED' });
  const { account } = await signInOf(ws);
  const question = english(questions.at(-1)?.what as Said);
  expect(question).toContain(`project ${project?.name}`);
  expect(question).toContain(`sign-in as ${account} to`);
  expect((await signInOf(ws)).isShared).toBe(false);
  expect(await db.query("SELECT to_regclass('headgate.sign_ins') AS there")).not.toEqual([]);
  desk.typing = [ownWords, bundleWords];
  agrees = true;
  expect(await ws.api.connections.seal(seal)).toMatchObject({ text: null });
  expect((await signInOf(ws)).isShared).toBe(true);
  const [entry] = await ws.api.audit.list({ action: 'connections.seal', limit: 1 });
  expect(entry?.details).toContain(`signIns=${account}`);
  expect(entry?.details).toContain('shared=1');
});

it('from the command line to the command line', async () => {
  using folder = temporaryFolder();
  const [file, plain] = [join(folder.path, 'bundle.age'), join(folder.path, 'plain.json')];
  await using one = await openWorkspace();
  await ready(one, db, sim);
  const name = (await one.api.projects.list())[0]?.name ?? '';
  const to = keptConsole();
  const options = { projects: [name], signIns: true, publicKey: undefined, own: ownWords };
  const more = { reason: 'a second workspace', passphrase: bundleWords, out: file };
  expect(await sealCommand(one, [], { ...options, ...more }, never, to)).toBe(0);
  expect(await exportCommand(one, [], { projects: [name], out: plain }, to)).toBe(0);
  expect(to.said.err).toContain('shared from now on');
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(plain, 'utf8')).projects).toHaveLength(1);
  await using two = await openWorkspace();
  const said = keptConsole();
  const taken = { yes: true, out: undefined, passphrase: bundleWords };
  expect(await importCommand(two, 'sealed', file, taken, said), said.said.err).toBe(0);
  expect(said.said.err).toContain('(shared)');
  expect(await use(two)).toBe((await signInOf(one)).account);
});
