import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { AppError } from '../../main/errors.ts';
import { type Joined, joinOwner } from '../../main/owner/client.ts';
import { type Owner, ownWorkspace } from '../../main/owner/owner.ts';
import { longestGreeting, wireVersion } from '../../main/owner/wire.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { Client } from '../../preload/contract/client.ts';
import { plain } from '../../preload/contract/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { keptLog } from '../support/parts.ts';
import { type KeptDesk, keptDesk } from '../support/seat.ts';
import { clientOf, openWorkspace, setUp, type Workspace } from '../support/workspace.ts';

/* One process owns a workspace and listens; commands on the same computer are its clients, each with a seat of its own. */

const { version } = manifest;
const phrase = 'owner canary battery staple';
const secret = 'owner-canary-of-a-database';

let program: Awaited<ReturnType<typeof bundleProgram>>;
const cleanups: (() => unknown)[] = [];
beforeAll(async () => {
  program = await bundleProgram('owner');
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => program.remove());

const temporary = (prefix = 'headgate-owner-'): string => {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

interface Command {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly code: Promise<number | null>;
}
function headgate(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const child = spawn(process.execPath, [program.file, ...args, '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  cleanups.push(() => child.kill('SIGKILL'));
  return { child, said, code: new Promise((resolve) => child.once('close', resolve)) };
}
const answered = async <T>(command: Command): Promise<T> => {
  expect(await command.code, command.said.err).toBe(0);
  return (JSON.parse(command.said.out) as { data: T }).data;
};

/** This process owns a workspace, as a desktop app would. */
async function owning(folder = temporary(), said = version): Promise<{ ws: Workspace; owner: Owner }> {
  const ws = await openWorkspace({ folder });
  cleanups.push(() => ws[Symbol.asyncDispose]());
  const host = {
    ...{ dataFolder: folder, platform: process.platform, version: said, random: randomBytes },
    ...{ log: keptLog().log, desk: keptDesk(systemClock), clock: systemClock },
  };
  const owner = await ownWorkspace(host, ws.app);
  if (owner === null) throw new Error('somebody else owns it');
  cleanups.push(() => owner.close());
  return { ws, owner };
}
async function joining(
  folder: string,
  kind: 'window' | 'terminal' = 'terminal',
): Promise<{ joined: Joined; api: Client; desk: KeptDesk }> {
  const desk = keptDesk(systemClock);
  const signal = new AbortController().signal;
  const joined = await joinOwner({
    ...{ folder, version, kind, desk, signal, clock: systemClock, random: randomBytes },
  });
  if (joined === null) throw new Error('nobody owns it');
  cleanups.push(() => joined.close());
  return { joined, api: clientOf(joined), desk };
}
const connection = { name: 'One', host: 'db.example.org', database: 'd', user: 'u', password: secret };
/** The owner of the workspace has a passphrase, and there is Ada, who may only look. */
async function withPeople(api: Client): Promise<void> {
  const { person } = await api.session.state();
  await api.people.setPassphrase({ id: person?.id ?? '', next: phrase });
  await api.people.create({ name: 'Ada', roles: ['viewer'], passphrase: phrase });
}

describe('a command', () => {
  it('works through the process that has the workspace open, and opens it itself where none has', async () => {
    const folder = temporary();
    const alone = await answered<{ runner: string }>(headgate(folder, ['call', 'app.info', '--json']));
    const { ws, owner } = await owning(folder);
    const { runner } = await ws.api.app.info();
    expect(await answered(headgate(folder, ['call', 'app.info', '--json']))).toMatchObject({ runner });
    expect(alone.runner).not.toBe(runner);
    await expect.poll(() => owner.clients).toBe(0);
    await owner.close();
    const after = await answered<{ runner: string }>(headgate(folder, ['call', 'app.info', '--json']));
    expect(after.runner).not.toBe(runner);
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  });

  it('has a seat, rights and a name in the log of its own', async () => {
    const { ws } = await owning();
    const { folder } = ws;
    await withPeople(ws.api);
    // Before the door there is nothing to wait for.
    const { joined } = await joining(folder);
    await expect(joined.jobEnded(randomUUID())).rejects.toMatchObject({ code: 'LOCKED' });
    const nobody = headgate(folder, ['connections']);
    expect(await nobody.code).toBe(4);
    expect(nobody.said.err).toContain('(LOCKED)');
    const ada = { HEADGATE_PERSON: 'Ada', HEADGATE_PERSON_PASSPHRASE: phrase };
    const refused = headgate(folder, ['call', 'connections.create', JSON.stringify(connection)], ada);
    expect(await refused.code).toBe(4);
    expect(refused.said.err).toContain('(PERMISSION_DENIED)');
    await answered(headgate(folder, ['call', 'projects.list', '--json'], ada));
    // The window's seat is as it was.
    expect(await ws.api.session.state()).toMatchObject({
      locked: false,
      person: { name: expect.not.stringMatching('Ada') },
    });
    const entries = await ws.api.audit.list({});
    expect(entries.find(({ action }) => action === 'connections.create')).toMatchObject({
      person: 'Ada',
      outcome: 'refused',
    });
    // Locking the window does not end what others do, and the other way round.
    await ws.api.session.lock();
    await answered(headgate(folder, ['call', 'projects.list', '--json'], ada));
    expect(nobody.said.out + refused.said.out + refused.said.err).not.toContain(phrase);
  });

  it('hands out the log piece by piece, with an owner and without', async () => {
    const folder = temporary();
    const { ws, owner } = await owning(folder);
    for (let n = 0; n < 30; n += 1) await ws.api.connections.create({ ...connection, name: `C ${n}` });
    const there = headgate(folder, ['audit', 'export', 'json']);
    expect(await there.code, there.said.err).toBe(0);
    const lines = (text: string): unknown[] => JSON.parse(text) as unknown[];
    expect(there.said.out.match(/"connections.create"/g)).toHaveLength(30);
    await owner.close();
    const here = headgate(folder, ['audit', 'export', 'json']);
    expect(await here.code, here.said.err).toBe(0);
    expect(lines(here.said.out).length).toBeGreaterThanOrEqual(lines(there.said.out).length);
    const refused = headgate(folder, ['call', 'connections.export', '{"save":true}']);
    expect(await refused.code).toBe(3);
    expect(refused.said.err).toContain('(NOT_HERE)');
  });

  it('of another version is told so', async () => {
    const { ws } = await owning(temporary(), '0.0.1-other');
    const other = headgate(ws.folder, ['connections']);
    expect(await other.code).toBe(5);
    expect(other.said.err).toContain('version 0.0.1-other');
    expect(other.said.err).toContain('(OWNER_UNREACHABLE)');
  });

  it('finds the way also where the folder’s name is longer than the name of a socket', async () => {
    const folder = join(temporary(), 'a folder of a person who likes long names '.repeat(4));
    mkdirSync(folder);
    const { ws } = await owning(folder);
    const { runner } = await ws.api.app.info();
    expect(await answered(headgate(folder, ['call', 'app.info', '--json']))).toMatchObject({ runner });
  });
});

describe('headgate serve', () => {
  const serving = async (folder: string): Promise<Command> => {
    const serve = headgate(folder, ['serve']);
    await expect.poll(() => serve.said.err, { timeout: 30_000 }).toContain('keeps its timetable');
    return serve;
  };

  it('is the only one, ends in order, and leaves nothing that is in the way after it was killed', async () => {
    const folder = temporary();
    const first = await serving(folder);
    const second = headgate(folder, ['serve']);
    expect(await second.code).toBe(5);
    expect(second.said.err).toContain('(OWNER_UNREACHABLE)');
    first.child.kill('SIGKILL');
    await first.code;
    expect(existsSync(join(folder, 'owner.json'))).toBe(true);
    // Nobody owns it: the command does, and the next one to serve.
    await answered(headgate(folder, ['call', 'app.info', '--json']));
    const third = await serving(folder);
    const { joined } = await joining(folder);
    third.child.kill('SIGTERM');
    expect(await third.code).toBe(0);
    await joined.over;
    expect(await joined.call('app.info', {}, 'late')).toMatchObject({ error: { code: 'OWNER_UNREACHABLE' } });
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  });
});

describe('a sync', () => {
  let db: TestDatabase;
  let sim: HqSimulator;
  beforeAll(async () => {
    db = await createDatabase();
    sim = await createHqSimulator({ domains: [{ name: 'owned', forms: 60, cases: 2, seed: 4 }] });
  });
  afterAll(async () => {
    await sim.close();
    await db[Symbol.asyncDispose]();
  });
  afterEach(() => sim.faults.clear());

  it('runs at the owner: shown to whoever began it, cancelled by Ctrl-C, and not ended by the command’s own end', async () => {
    const { ws } = await owning();
    const link = await setUp(ws.api, {
      ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'owned' },
      ...{ datasets: ['forms'], keepRaw: false },
    });
    const project = (await ws.api.projects.list())[0]?.name ?? '';
    const { runner } = await ws.api.app.info();
    const openJob = async () =>
      (await ws.api.links.list({ projectId: link.projectId }))[0]?.dataset?.job ?? null;
    const standing = async (): Promise<Command> => {
      sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
      const before = sim.stats.requests['form'] ?? 0;
      const command = headgate(ws.folder, ['sync', project]);
      await expect.poll(() => sim.stats.requests['form'] ?? 0, { timeout: 30_000 }).toBeGreaterThan(before);
      return command;
    };
    const ended = await standing();
    expect(await openJob()).toMatchObject({ runner: { id: runner } });
    ended.child.kill('SIGTERM');
    expect(await ended.code, ended.said.err).toBe(8);
    expect(await openJob()).toMatchObject({ status: 'running' });
    await ws.api.syncs.cancel({ id: (await openJob())?.id ?? '' });
    await expect.poll(openJob, { timeout: 30_000 }).toBeNull();
    const cancelled = await standing();
    cancelled.child.kill('SIGINT');
    expect(await cancelled.code, cancelled.said.err).toBe(130);
    sim.faults.clear();
    const done = headgate(ws.folder, ['sync', project]);
    expect(await done.code, done.said.err).toBe(0);
    expect(done.said.out).toContain('published in');
  }, 120_000);
});

describe('a desk', () => {
  it('is the client’s: a secret is shown there and nowhere else, until the client leaves', async () => {
    const { ws } = await owning();
    const { id } = await ws.api.connections.create(connection);
    await withPeople(ws.api);
    const { api, joined, desk } = await joining(ws.folder);
    const own = (await api.session.state()).profiles.find(({ name }) => name !== 'Ada');
    await api.session.signIn({ personId: own?.id ?? '', passphrase: phrase });
    const shown = api.secrets.reveal({
      connectionId: id,
      field: 'password',
      passphrase: phrase,
      reason: 'because',
    });
    shown.catch(() => {});
    await expect.poll(() => desk.visible).toBe(1);
    expect(desk.shown).toMatchObject([{ secret, ms: 20_000 }]);
    // What is saved comes in pieces, and its failing is passed on.
    expect(await api.audit.export({ format: 'csv', save: true })).toMatchObject({
      path: expect.stringContaining('/saved/'),
    });
    expect(desk.saved[0]?.text).toContain('connections.create');
    await joined.close();
    await expect(shown).rejects.toMatchObject({ code: 'OWNER_UNREACHABLE' });
    await expect.poll(() => desk.visible).toBe(0);
    // At the owner it is written down who had it shown.
    const entries = await ws.api.audit.list({});
    expect(entries.find(({ action }) => action === 'secrets.reveal')).toMatchObject({ person: own?.name });
  });

  it('of a window is handed no text that opens to secrets, whoever owns the workspace', async () => {
    const { ws } = await owning();
    const { id } = await ws.api.connections.create(connection);
    await withPeople(ws.api);
    const { api, desk } = await joining(ws.folder, 'window');
    const own = (await api.session.state()).profiles.find(({ name }) => name !== 'Ada');
    // What a page says is no passphrase; the person is asked at their own desk.
    const door = { personId: own?.id ?? '', passphrase: phrase };
    await expect(api.session.signIn(door)).rejects.toMatchObject({ code: 'CANCELLED' });
    desk.types = phrase;
    await api.session.signIn({ personId: door.personId });
    expect(desk.asked.join()).toContain(`Profile: ${own?.name}`);
    const sealed = { ids: [id], for: { passphrase: phrase }, passphrase: phrase, reason: 'because' };
    desk.types = null;
    await expect(api.connections.seal(sealed)).rejects.toMatchObject({ code: 'CANCELLED' });
    desk.types = phrase;
    expect(await api.connections.seal(sealed)).toMatchObject({ text: null });
    expect(desk.saved).toHaveLength(1);
    desk.confirm = () => Promise.reject(new Error('the desk is on fire'));
    await expect(api.connections.seal(sealed)).rejects.toMatchObject({ code: 'CANCELLED' });
    // That nothing was asked is told as it is.
    const notAsked = () => Promise.reject(new AppError('NOT_ASKED', plain('Something else is asked.')));
    for (const way of ['confirm', 'askTyped'] as const) {
      desk[way] = notAsked;
      await expect(api.connections.seal(sealed)).rejects.toMatchObject({ code: 'NOT_ASKED' });
    }
  });
});

describe('at a window', () => {
  it('who decides what opens the vault, or loosens the policy, types their passphrase outside the page first', async () => {
    const { ws } = await owning();
    await ws.api.connections.create(connection);
    await ws.api.policy.set({ idleLockMinutes: 5 });
    await withPeople(ws.api);
    const { api, desk } = await joining(ws.folder, 'window');
    const own = (await api.session.state()).profiles.find(({ name }) => name !== 'Ada');
    desk.types = phrase;
    await api.session.signIn({ personId: own?.id ?? '' });
    const file = join(ws.folder, 'another.key');
    const deeds = [
      () => api.vault.addSlot({ to: 'key_file', file }),
      () => api.policy.set({ idleLockMinutes: 60 }),
    ];
    desk.types = null;
    for (const typing of [[], ['not the right one']])
      for (const deed of deeds) {
        desk.typing = [...typing];
        await expect(deed()).rejects.toMatchObject({ code: 'CANCELLED' });
        expect(desk.typing).toEqual([]);
      }
    expect(await api.audit.list({ outcome: 'refused' })).toMatchObject([
      { action: 'policy.set', details: 'PASSPHRASE_WRONG' },
      { action: 'vault.addSlot', details: 'PASSPHRASE_WRONG' },
    ]);
    expect(await api.vault.slots()).toHaveLength(1);
    expect(await api.policy.get()).toMatchObject({ idleLockMinutes: 5 });
    desk.types = phrase;
    for (const deed of deeds) await deed();
    expect(await api.vault.slots()).toHaveLength(2);
    expect(desk.asked.join()).toContain('Let the vault be opened in one more way?');
    // What is only stricter is nobody's harm.
    desk.types = null;
    await api.policy.set({ idleLockMinutes: 10 });
  });
});

describe('a stranger', () => {
  /** Everything that is said to whoever says `lines` and waits for the end. */
  const talk = (path: string, lines: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      let heard = '';
      const socket = createConnection(path, () => {
        for (const line of lines) socket.write(line);
      });
      socket.setEncoding('utf8').on('data', (text) => (heard += text));
      socket.on('error', () => {});
      socket.once('close', () => resolve(heard));
    });

  it('without the key is told a number and nothing else, whatever they say', async () => {
    const { ws, owner } = await owning();
    const { path, key } = JSON.parse(readFileSync(join(ws.folder, 'owner.json'), 'utf8')) as Record<
      string,
      string
    >;
    const hello = { nonce: '0'.repeat(32), proof: '0'.repeat(64), kind: 'terminal' };
    const call = { say: 'call', id: 'a', name: 'connections.list', input: {} };
    for (const said of [
      [`${JSON.stringify(hello)}\n${JSON.stringify(call)}\n`],
      [`${JSON.stringify(call)}\n`],
      ['{}\n'],
      ['no json\n'],
      ['x'.repeat(longestGreeting + 2)],
      [`${JSON.stringify({ ...hello, proof: key })}\n`],
    ]) {
      const heard = await talk(path ?? '', said);
      expect(Object.keys(JSON.parse(heard))).toEqual(['headgate', 'version', 'nonce']);
    }
    await expect.poll(() => owner.clients).toBe(0);
    for (const file of ['owner.json', 'owner.sock', 'owner.db'])
      expect(statSync(join(ws.folder, file)).mode & 0o077, file).toBe(0);
  });

  it('who waits in the owner’s place is not believed', async () => {
    const { ws, owner } = await owning();
    const { path = '' } = JSON.parse(readFileSync(join(ws.folder, 'owner.json'), 'utf8')) as Record<
      string,
      string
    >;
    // It goes without taking leave, and somebody without the key listens where it did.
    rmSync(path);
    const heard: string[] = [];
    const stranger = createServer((socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => {
        heard.push(text);
        socket.write(`${JSON.stringify({ proof: 'f'.repeat(64) })}\n`);
      });
      socket.on('error', () => {});
      socket.write(`${JSON.stringify({ headgate: wireVersion, version, nonce: 'a'.repeat(32) })}\n`);
    });
    await new Promise<void>((resolve) => stranger.listen(path, resolve));
    const command = headgate(ws.folder, ['connections'], { HEADGATE_PERSON_PASSPHRASE: phrase });
    expect(await command.code).toBe(5);
    expect(command.said.err).toContain('is not the Headgate that opened it');
    expect(heard.join('')).not.toContain(phrase);
    await new Promise((resolve) => stranger.close(resolve));
    await owner.close();
  });

  it('can’t lead a command elsewhere with a file that others can write', async () => {
    const { ws, owner } = await owning();
    chmodSync(join(ws.folder, 'owner.json'), 0o644);
    const asked = new AbortController();
    const waiting = joinOwner({
      ...{ folder: ws.folder, version, kind: 'terminal', desk: keptDesk(systemClock) },
      ...{ signal: asked.signal, clock: systemClock, random: randomBytes },
    });
    waiting.catch(() => {});
    await expect.poll(() => owner.clients).toBe(0);
    asked.abort();
    await expect(waiting).rejects.toThrow();
  });
});
