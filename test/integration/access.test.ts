import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallName } from '../../preload/contract/channels.ts';
import type { Link, Person, Profile } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf } from '../support/parts.ts';
import { openWorkspace, setUp, type Workspace } from '../support/workspace.ts';

/* One workspace through its life: one person, then several, behind passphrases. */

const words = { owner: 'owner-canary-passphrase', ada: 'ada-canary-passphrase' };
let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let ws: Workspace;
let link: Link;
let owner: Person;
let ada: Profile;

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-access-'));
  sim = await createHqSimulator({ domains: [{ name: 'door', forms: 400, cases: 50, seed: 9 }] });
  ws = await openWorkspace({ folder });
  link = await setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'door',
  });
  owner = (await ws.api.app.info()).person;
  await ws.api.people.setPassphrase({ id: owner.id, next: words.owner });
  ada = await ws.api.people.create({ name: 'Ada', roles: ['analyst'], passphrase: words.ada });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
const signIn = (person: Pick<Person, 'id'>, passphrase: string) =>
  ws.api.session.signIn({ personId: person.id, passphrase });

it('a sync goes on behind the lock, and nobody sees it there', async () => {
  const job = await ws.api.syncs.start({ linkId: link.id });
  await ws.api.session.lock();
  ws.events.length = 0;
  expect((await ws.app.jobEnded(job.id)).status).toBe('completed');
  expect(new Set(ws.events.map(({ name }) => name))).toEqual(new Set(['store.changed']));
  expect(await codeOf(() => ws.api.datasets.list())).toBe('LOCKED');
  expect(await ws.api.session.state()).toMatchObject({
    locked: true,
    person: { name: owner.name, roles: [] },
  });
  expect(await codeOf(() => signIn(owner, 'wrong'))).toBe('PASSPHRASE_WRONG');
  await signIn(owner, words.owner);
  expect((await ws.api.datasets.list())[0]?.status).toBe('ready');
});

it('a connection that is for some is used and managed by those', async () => {
  const { id: connectionId } = (await ws.api.connections.list()).items[0] as { id: string };
  await ws.api.connections.update({ id: connectionId, access: 'granted' });
  const { api } = ws;
  const may = async () => (await api.connections.get({ id: connectionId })).may;
  const rename = () => api.connections.update({ id: connectionId, description: 'changed' });
  const datasets = await api.datasets.list();
  const rows = () => api.datasets.tables({ id: datasets[0]?.id as string });
  const asAda = async (work: () => Promise<void>): Promise<void> => {
    await signIn(ada, words.ada);
    await work();
    await signIn(owner, words.owner);
  };

  await asAda(async () => {
    expect(await may()).toBe('see');
    expect(await codeOf(() => api.connections.test({ id: connectionId }))).toBe('CONNECTION_NOT_GRANTED');
    expect(await codeOf(() => api.syncs.start({ linkId: link.id }))).toBe('CONNECTION_NOT_GRANTED');
    expect(await codeOf(rename)).toBe('PERMISSION_DENIED');
    // Not even of the roles that could: they are the owner's.
    expect(await codeOf(rows)).toBe('PERMISSION_DENIED');
  });
  await api.grants.set({ connectionId, personId: ada.id, level: 'use' });
  await asAda(async () => {
    expect(await may()).toBe('use');
    expect((await api.connections.test({ id: connectionId })).ok).toBe(true);
    expect(await codeOf(rename)).toBe('PERMISSION_DENIED');
  });
  await api.grants.set({ connectionId, personId: ada.id, level: 'manage' });
  await asAda(async () => {
    expect(await may()).toBe('manage');
    expect((await rename()).description).toBe('changed');
    expect(await codeOf(() => api.audit.list({}))).toBe('PERMISSION_DENIED');
  });
  const tried = await api.audit.list({ person: 'ada', outcome: 'refused' });
  expect(tried.map(({ details }) => details)).toContain('CONNECTION_NOT_GRANTED');
  expect(await api.audit.verify()).toMatchObject({ firstBroken: null });
});

describe('headgate at the command line', () => {
  interface Result {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }
  function headgate(args: string[], env: Record<string, string> = {}): Promise<Result> {
    const child = spawn(process.execPath, ['main/headless/index.ts', ...args, '--data', folder], {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  }
  const list: [string, CallName] = ['call', 'projects.list'];

  it('lets nobody in without a profile and its passphrase, and says how', async () => {
    const [none, state, unnamed, unknown] = await Promise.all([
      headgate(list),
      headgate(['call', 'session.state']),
      headgate([...list, '--as', 'Ada']),
      headgate(list, { HEADGATE_PERSON: 'Eve' }),
    ]);
    expect(none).toMatchObject({ code: 4, out: '' });
    expect(none.err).toMatch(/--as NAME or HEADGATE_PERSON\. Profiles: .*, Ada\.\n\(LOCKED\)/);
    expect(state.code).toBe(0);
    expect(JSON.parse(state.out)).toMatchObject({ person: null, locked: true });
    expect(unnamed).toMatchObject({ code: 4, out: '' });
    expect(unnamed.err).toContain('HEADGATE_PERSON_PASSPHRASE');
    expect(unknown.code).toBe(3);
    expect(unknown.err).toContain('There is no profile “Eve”.');
  });

  it('works as whoever signs in, with their roles and under their name', async () => {
    const env = { HEADGATE_PERSON: 'ada', HEADGATE_PERSON_PASSPHRASE: words.ada };
    const wrong = await headgate(list, { ...env, HEADGATE_PERSON_PASSPHRASE: 'wrong' });
    expect(wrong).toMatchObject({ code: 4, out: '' });
    expect(wrong.err).toContain('(PASSPHRASE_WRONG)');
    const right = await headgate(list, env);
    expect(right.code).toBe(0);
    expect(JSON.parse(right.out)).toHaveLength(1);
    const denied = await headgate(['call', 'vault.rotate'], env);
    expect(denied).toMatchObject({ code: 4, out: '' });
    expect(denied.err).toContain('(PERMISSION_DENIED)');
    expect((await ws.api.audit.list({ person: 'Ada', limit: 1 }))[0]).toMatchObject({
      action: 'vault.rotate',
      outcome: 'refused',
    });
    expect(JSON.stringify([wrong, right, denied])).not.toContain(words.ada);
  });

  it('explains it', async () => {
    const { out } = await headgate(['--help']);
    for (const word of ['--as NAME', 'HEADGATE_PERSON', 'HEADGATE_PERSON_PASSPHRASE'])
      expect(out).toContain(word);
  });
});
