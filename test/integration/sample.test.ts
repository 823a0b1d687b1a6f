import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Client } from '../../preload/contract/client.ts';
import type { SampleState } from '../../preload/contract/models.ts';
import { temporaryFolder } from '../support/parts.ts';
import { sampleServers } from '../support/sample.ts';
import { openWorkspace } from '../support/workspace.ts';

/* The sample workspace on its real servers: what it makes, that it leaves nothing, and that it touches nothing else. */

const slow = 240_000;

/** All that a person could find in a workspace. */
const inventory = async (api: Client) => ({
  connections: (await api.connections.list({})).items.map(({ name }) => name).sort(),
  projects: (await api.projects.list({})).map(({ name }) => name).sort(),
  sources: (await api.sources.list({})).map(({ name }) => name).sort(),
  links: (await api.links.list({})).map(({ sourceName }) => sourceName).sort(),
  credentials: (await api.credentials.list({})).length,
  kept: (await api.kept.list({})).length,
});

/** Where the sample of a workspace has its files. */
const filesOf = (folder: string): string => {
  const { tag } = JSON.parse(readFileSync(join(folder, 'sample.json'), 'utf8')) as { tag: string };
  return sampleServers().placeFor(folder, tag);
};
const postmasterOf = (folder: string): number =>
  Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The sync that the sample began, at its end. */
async function synced(workspace: Awaited<ReturnType<typeof openWorkspace>>, { projectId }: SampleState) {
  const [link] = await workspace.api.links.list({ projectId: projectId ?? '' });
  const job = link?.dataset?.job;
  if (!link?.dataset) throw new Error('the sample has no dataset');
  if (job) await workspace.app.jobEnded(job.id);
  return link.dataset.id;
}

it('comes with one call, reads real pages, and goes with one call: nothing else of the workspace is touched', {
  timeout: slow,
}, async () => {
  using folder = temporaryFolder();
  await using workspace = await openWorkspace({ folder: folder.path, sample: sampleServers() });
  const { api } = workspace;
  // What is here before, of the same names, stays.
  const mine = await api.connections.create({
    ...{ name: 'Sample – PostgreSQL', host: '127.0.0.1', database: 'mine', tlsMode: 'disable' },
    ...{ user: 'me', password: 'mine' },
  });
  await api.projects.create({ name: 'Sample', connectionId: mine.id });
  const before = await inventory(api);
  expect(await api.demo.state({})).toMatchObject({ phase: 'none', missing: null, projectId: null });

  const state = await api.demo.start({});
  expect(state).toMatchObject({ phase: 'ready', step: null, missing: null, trouble: null });
  const datasetId = await synced(workspace, state);
  const tables = await api.datasets.tables({ id: datasetId });
  expect(tables.find(({ name }) => name === 'forms')?.rows).toBe(2400);
  expect(tables.find(({ name }) => name === 'cases')?.rows).toBe(800);
  // Its role is no superuser's.
  const tested = await api.connections.test({ id: state.connectionId ?? '' });
  expect(tested).toMatchObject({ ok: true });
  // Asked for once more, it is the same one.
  expect(await api.demo.start({})).toEqual(state);

  const files = filesOf(folder.path);
  const server = postmasterOf(files);
  expect(lives(server)).toBe(true);
  await api.demo.leave({});
  expect(await inventory(api)).toEqual(before);
  expect(await api.demo.state({})).toMatchObject({ phase: 'none', projectId: null });
  expect(existsSync(files)).toBe(false);
  expect(lives(server)).toBe(false);
  expect(existsSync(join(folder.path, 'sample.json'))).toBe(false);
  const log = await api.audit.list({});
  const entries = log.filter(({ action }) => action.startsWith('demo.'));
  expect(entries.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['demo.leave', 'ok'],
    ['demo.start', 'ok'],
    ['demo.start', 'ok'],
  ]);
  expect(entries.at(-1)?.details).toContain(`connectionId=${state.connectionId}`);
});

/** Lets another process make a sample here, and kills it, as nobody can be prepared for, when it says so. */
async function killedAt(folder: string, step: string): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/support/sample-child.ts', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.split('\n').some((line) => line.startsWith(step))) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended by itself: ${text}`)));
  });
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  return text;
}

it.each(['servers', 'workspace', 'signIn', 'sync'])(
  'is cleaned up at the next start when it was killed while it was made: %s',
  { timeout: slow },
  async (step) => {
    using folder = temporaryFolder();
    await killedAt(folder.path, step);
    const files = filesOf(folder.path);
    await using workspace = await openWorkspace({ folder: folder.path, sample: sampleServers() });
    workspace.app.startTimetable();
    await expect
      .poll(async () => (await workspace.api.demo.state({})).phase, { timeout: 60_000 })
      .toBe('none');
    expect(await inventory(workspace.api)).toEqual({
      ...{ connections: [], projects: [], sources: [], links: [], credentials: 0, kept: 0 },
    });
    expect(existsSync(files)).toBe(false);
    expect(existsSync(join(folder.path, 'sample.json'))).toBe(false);
    // It can be had again at once.
    expect(await workspace.api.demo.start({})).toMatchObject({ phase: 'ready' });
    await workspace.api.demo.leave({});
  },
);

it('is taken up at the next start when it was killed while it ran: same tables, and it reads on', {
  timeout: slow,
}, async () => {
  using folder = temporaryFolder();
  const text = await killedAt(folder.path, 'done');
  const made = JSON.parse(text.slice(text.indexOf('done ') + 5).split('\n')[0] ?? '') as SampleState;
  await using workspace = await openWorkspace({ folder: folder.path, sample: sampleServers() });
  expect(await workspace.api.demo.state({})).toMatchObject({ phase: 'stopped' });
  workspace.app.startTimetable();
  await expect
    .poll(async () => (await workspace.api.demo.state({})).phase, { timeout: 60_000 })
    .toBe('ready');
  const state = await workspace.api.demo.state({});
  expect(state).toEqual(made);
  const [link] = await workspace.api.links.list({ projectId: state.projectId ?? '' });
  // What the killed process was at is taken up too; one more from the start reads with the sign-in of now.
  await synced(workspace, state);
  const job = await workspace.api.syncs.start({ linkId: link?.id ?? '' });
  expect((await workspace.app.jobEnded(job.id)).status).toBe('completed');
  const files = filesOf(folder.path);
  await workspace.api.demo.leave({});
  expect(existsSync(files)).toBe(false);
});

it('is stopped with Headgate, and there again afterwards', { timeout: slow }, async () => {
  using folder = temporaryFolder();
  let server: number;
  let datasetId: string;
  {
    await using first = await openWorkspace({ folder: folder.path, sample: sampleServers() });
    datasetId = await synced(first, await first.api.demo.start({}));
    server = postmasterOf(filesOf(folder.path));
  }
  expect(lives(server)).toBe(false);
  await using second = await openWorkspace({ folder: folder.path, sample: sampleServers() });
  second.app.startTimetable();
  await expect.poll(async () => (await second.api.demo.state({})).phase, { timeout: 60_000 }).toBe('ready');
  const { rows } = await second.api.datasets.rows({ id: datasetId, table: 'cases', limit: 5 });
  expect(rows).toHaveLength(5);
  await second.api.demo.leave({});
});

it('does not go while a project of one’s own stands on it, and says which', { timeout: slow }, async () => {
  await using workspace = await openWorkspace({ sample: sampleServers() });
  const { api } = workspace;
  const { connectionId } = await api.demo.start({ name: 'Muestra' });
  const own = await api.projects.create({ name: 'Mine', connectionId: connectionId ?? '' });
  await expect(api.demo.leave({})).rejects.toMatchObject({
    wire: { code: 'IN_USE', message: expect.stringContaining('“Mine”') },
  });
  expect(await api.demo.state({})).toMatchObject({ phase: 'ready' });
  expect((await inventory(api)).projects).toEqual(['Mine', 'Muestra']);
  await api.projects.delete({ id: own.id });
  await api.demo.leave({});
  expect((await inventory(api)).projects).toEqual([]);
});

it('leaves nothing where it can not be made, or where somebody changes their mind', {
  timeout: slow,
}, async () => {
  using folder = temporaryFolder();
  const real = sampleServers();
  let place = '';
  const failing = {
    ...real,
    async start(options: Parameters<typeof real.start>[0]) {
      place = options.folder;
      const running = await real.start(options);
      return {
        ...running,
        consent: () => Promise.reject(new Error('nobody is there')),
        hqUrl: 'http://127.0.0.1:1',
      };
    },
  };
  await using workspace = await openWorkspace({ folder: folder.path, sample: failing });
  const controller = new AbortController();
  const started = workspace.api.demo.start({}, { signal: controller.signal });
  await expect
    .poll(async () => (await workspace.api.demo.state({})).step, { timeout: 60_000 })
    .toBe('signIn');
  controller.abort();
  await expect(started).rejects.toMatchObject({ wire: { code: 'CANCELLED' } });
  await expect.poll(async () => (await workspace.api.demo.state({})).phase).toBe('none');
  expect(await inventory(workspace.api)).toMatchObject({ connections: [], projects: [], sources: [] });
  expect(existsSync(place)).toBe(false);
});

it('is not there in a build without its servers, and says so in one sentence', async () => {
  await using workspace = await openWorkspace();
  const { missing } = await workspace.api.demo.state({});
  expect(missing?.message).toBe('The sample workspace is not part of this build.');
  await expect(workspace.api.demo.start({})).rejects.toMatchObject({ wire: { code: 'NOT_HERE' } });
  await expect(workspace.api.demo.leave({})).rejects.toMatchObject({ wire: { code: 'NOT_FOUND' } });
});

it('needs the rights to all that it makes', async () => {
  await using workspace = await openWorkspace({ sample: sampleServers() });
  const [everything] = await workspace.api.people.list({});
  await workspace.api.people.update({ id: everything?.id ?? '', roles: ['dba'] });
  await expect(workspace.api.demo.start({})).rejects.toMatchObject({ wire: { code: 'PERMISSION_DENIED' } });
  await expect(workspace.api.demo.leave({})).rejects.toMatchObject({ wire: { code: 'PERMISSION_DENIED' } });
  expect(await workspace.api.demo.state({})).toMatchObject({ phase: 'none' });
});
