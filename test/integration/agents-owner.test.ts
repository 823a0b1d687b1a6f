import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { App } from '../../main/app.ts';
import { systemClock } from '../../main/clock.ts';
import { agentDesk } from '../../main/headless/mcp/agent-desk.ts';
import { createSeating, openLine } from '../../main/headless/mcp/line.ts';
import { type Joined, joinOwner } from '../../main/owner/client.ts';
import { type Owner, ownWorkspace } from '../../main/owner/owner.ts';
import manifest from '../../package.json' with { type: 'json' };
import { keptLog } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* An agent at a workspace that another process owns: its seat there, who refuses it, and what happens when the owner ends. */

const { version } = manifest;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** A workspace with a project, owned as a desktop app would own it, and a grant. */
async function owned(folder: string): Promise<{ ws: Workspace; owner: Owner; end: () => Promise<void> }> {
  const ws = await openWorkspace({ folder });
  const owner = await ownWorkspace(
    {
      ...{ dataFolder: folder, platform: process.platform, version, random: randomBytes },
      ...{ log: keptLog().log, desk: keptDesk(systemClock), clock: systemClock },
    },
    ws.app,
  );
  if (owner === null) throw new Error('somebody else owns it');
  let ended = false;
  const end = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    await owner.close();
    await ws[Symbol.asyncDispose]();
  };
  cleanups.push(end);
  return { ws, owner, end };
}
async function granted({ api }: Workspace): Promise<{ token: string; projectId: string }> {
  const connection = await api.connections.create({
    ...{ name: 'c', host: 'h', database: 'd', user: 'u', password: 'pass-canary-31' },
  });
  const { id: projectId } = await api.projects.create({ name: 'Read', connectionId: connection.id });
  const { token } = await api.agents.grant({ projectId, name: 'guest' });
  return { token, projectId };
}
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-agents-owner-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const joining = (folder: string): Promise<Joined | null> =>
  joinOwner({
    ...{ folder, version, kind: 'agent', desk: agentDesk(), clock: systemClock, random: randomBytes },
    signal: new AbortController().signal,
  });

it('has an agent’s seat at the owner, which refuses what is not on its list', async () => {
  const folder = temporary();
  const { ws } = await owned(folder);
  const { token, projectId } = await granted(ws);
  const joined = await joining(folder);
  if (joined === null) throw new Error('nobody owns it');
  cleanups.push(() => joined.close());
  // By the wire itself: nothing on this side looks at what is called.
  const ask = (name: string, input: unknown = {}) => joined.call(name, input, randomUUID());
  expect(await ask('projects.list')).toMatchObject({ ok: false, error: { code: 'LOCKED' } });
  expect(await ask('agents.enter', { token })).toMatchObject({ ok: true, data: { name: 'guest' } });
  expect(await ask('projects.list')).toMatchObject({ ok: true, data: [{ id: projectId }] });
  for (const name of ['connections.list', 'people.list', 'audit.list', 'agents.list', 'session.state'])
    expect([name, await ask(name)]).toMatchObject([name, { error: { code: 'PERMISSION_DENIED' } }]);
  await expect(joined.jobEnded(randomUUID())).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  const written = (await ws.api.audit.list({ limit: 50 })).filter(({ person }) =>
    person.startsWith('agent guest of '),
  );
  expect(written.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
    expect.arrayContaining(['agents.enter ok', 'connections.list refused', 'people.list refused']),
  );
});

it('takes a new seat when the owner has ended: at the next owner, or in its own process', async () => {
  const folder = temporary();
  const first = await owned(folder);
  const { token, projectId } = await granted(first.ws);
  let openedHere = 0;
  const seating = createSeating({
    desk: agentDesk(),
    join: () => joining(folder),
    open: async (): Promise<App> => {
      openedHere += 1;
      const own = await openWorkspace({ folder });
      cleanups.push(() => own[Symbol.asyncDispose]());
      return own.app;
    },
  });
  const line = await openLine(seating, token);
  cleanups.push(() => line.leave());
  const mine = async (): Promise<string[]> => (await line.api.projects.list()).map(({ id }) => id);
  expect(await mine()).toEqual([projectId]);
  await first.end();
  const second = await owned(folder);
  // What is asked before it is known here that the owner has ended is told so.
  await expect.poll(mine).toEqual([projectId]);
  expect(openedHere).toBe(0);
  // Two calls that come at once wait for one seat.
  await second.end();
  await expect.poll(() => Promise.all([mine(), mine()])).toEqual([[projectId], [projectId]]);
  expect([openedHere, line.isOver()]).toEqual([1, false]);
});

it('is over when its grant ended while no owner was there', async () => {
  const folder = temporary();
  const first = await owned(folder);
  const { token } = await granted(first.ws);
  const seating = createSeating({
    desk: agentDesk(),
    join: () => joining(folder),
    open: async () => Promise.reject(new Error('not here')),
  });
  const line = await openLine(seating, token);
  cleanups.push(() => line.leave());
  await first.end();
  await expect(line.api.projects.list()).rejects.toMatchObject({ code: 'OWNER_UNREACHABLE' });
  const second = await owned(folder);
  const [grant] = await second.ws.api.agents.list();
  await second.ws.api.agents.revoke({ id: grant?.id ?? '' });
  const codeOf = () =>
    line.api.projects.list().then(
      () => 'answered',
      ({ code }: { code: string }) => code,
    );
  await expect.poll(codeOf).toBe('LOCKED');
  expect(line.isOver()).toBe(true);
});
