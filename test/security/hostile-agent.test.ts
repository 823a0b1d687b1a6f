import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentCalls } from '../../main/access/agent-calls.ts';
import { agentCallsAnHour } from '../../main/access/agent-session.ts';
import type { Place } from '../../main/app.ts';
import { agentDesk } from '../../main/headless/mcp/agent-desk.ts';
import { callNames } from '../../preload/contract/channels.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import type { AgentGrant, Link, Project, QueryAnswer } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { good } from '../support/dispatch.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { movedClock } from '../support/seat.ts';
import { slyStatements } from '../support/sly-statements.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* An agent that wants more than its grant: other projects, other calls, writing, and to stay when it has to go. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let role: TestRole;
let link: Link;
let other: Project;

beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
  sim = await createHqSimulator({ domains: [{ name: 'held', forms: 30, cases: 10, seed: 3 }] });
  ws = await openWorkspace();
  link = await setUp(ws.api, {
    postgres: { ...db.postgres, user: role.name, password: role.password },
    ...{ database: db.database, sourceUrl: sim.url, domain: 'held' },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  const [project] = await ws.api.projects.list();
  other = await ws.api.projects.create({ name: 'Secret plans', connectionId: project?.connectionId ?? '' });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

type Agent = Place & { leave(): void; grant: AgentGrant; token: string };
async function agent(more: { mayRefresh?: boolean; name?: string } = {}): Promise<Agent> {
  const { grant, token } = await ws.api.agents.grant({
    ...{ projectId: link.projectId, name: more.name ?? 'sly', mayRefresh: more.mayRefresh ?? false },
  });
  const place = ws.app.openPlace('agent', agentDesk());
  expect(await place.call('agents.enter', { token }, randomUUID())).toMatchObject({ ok: true });
  return { ...place, grant, token };
}
const ask = (place: Place, name: string, input: unknown = {}): Promise<Envelope<unknown>> =>
  place.call(name, input, randomUUID());
const codeOf = async (work: Promise<Envelope<unknown>>): Promise<string> => {
  const envelope = await work;
  return envelope.ok ? 'answered' : envelope.error.code;
};

it('is refused every call that is not on its list, before its input is looked at', async () => {
  const sly = await agent();
  const answered: string[] = [];
  for (const name of callNames) {
    if (agentCalls[name] !== undefined) continue;
    const code = await codeOf(ask(sly, name, good[name]));
    if (code !== 'PERMISSION_DENIED') answered.push(`${name}: ${code}`);
    expect(await codeOf(ask(sly, name, { no: 'sense' }))).toMatch(/PERMISSION_DENIED|INPUT_INVALID/);
  }
  expect(answered).toEqual([]);
  sly.leave();
});

it('has nobody’s rights before its token, though the only profile has no passphrase, and lends its token to no other seat', async () => {
  const place = ws.app.openPlace('agent', agentDesk());
  for (const name of callNames) expect(await codeOf(ask(place, name, good[name]))).not.toBe('answered');
  expect(await codeOf(ask(place, 'projects.list'))).toBe('LOCKED');
  place.leave();
  const { token, ...sly } = await agent();
  const terminal = ws.app.openPlace('terminal', agentDesk());
  expect(await codeOf(ask(terminal, 'agents.enter', { token }))).toBe('PERMISSION_DENIED');
  terminal.leave();
  sly.leave();
});

it('sees its own project and no other', async () => {
  const sly = await agent();
  const projects = await ask(sly, 'projects.list');
  expect(projects).toMatchObject({ ok: true, data: [{ id: link.projectId }] });
  expect(JSON.stringify(projects)).not.toContain('Secret plans');
  const tried: [string, unknown][] = [
    ['query.open', { projectId: other.id, sql: 'SELECT 1' }],
    ['query.explain', { projectId: other.id, sql: 'SELECT 1' }],
    ['datasets.list', { projectId: other.id }],
    ['datasets.list', {}],
    ['dictionary.search', { text: 'name', projectId: other.id }],
    ['dictionary.search', { text: 'name' }],
    ['datasets.tables', { id: randomUUID() }],
    ['datasets.dictionary', { id: other.id }],
    ['syncs.start', { linkId: link.id }],
  ];
  for (const [name, input] of tried)
    expect([name, await codeOf(ask(sly, name, input))]).toEqual([name, 'PERMISSION_DENIED']);
  // A query of its person's is not its own.
  const mine = await ws.api.query.open({
    projectId: link.projectId,
    sql: 'SELECT id FROM forms',
    pageRows: 1,
  });
  expect(await codeOf(ask(sly, 'query.page', { handle: mine.handle }))).toBe('QUERY_GONE');
  await expect(sly.jobEnded(randomUUID())).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  sly.leave();
});

it('hears nothing of what goes on', async () => {
  const sly = await agent();
  const heard: unknown[] = [];
  sly.onEvent((name) => heard.push(name));
  await ws.api.projects.update({ id: other.id, name: 'Secret plans, later' });
  expect(heard).toEqual([]);
  expect(ws.events.length).toBeGreaterThan(0);
  sly.leave();
});

it('writes nothing, whatever it asks', async () => {
  const sly = await agent();
  const writing = ['several_statements', 'not_reading', 'locks_rows', 'makes_table'];
  const tried = slyStatements.filter(([reason]) => writing.includes(reason)).map(([, sql]) => sql);
  expect(tried.length).toBeGreaterThan(20);
  const more = ['DROP TABLE forms', 'SELECT pg_read_file($$/etc/passwd$$)', 'SELECT * FROM pg_authid'];
  const got: string[] = [];
  for (const sql of [...tried, ...more])
    got.push(await codeOf(ask(sly, 'query.open', { projectId: link.projectId, sql })));
  expect(new Set(got)).toEqual(new Set(['QUERY_REFUSED']));
  const rows = await ask(sly, 'query.open', { projectId: link.projectId, sql: 'SELECT count(*) FROM forms' });
  expect(rows).toMatchObject({ ok: true, data: { rows: [['30']] } });
  sly.leave();
});

it('may ask for a refresh only where its grant says so', async () => {
  const allowed = await agent({ mayRefresh: true });
  expect(await codeOf(ask(allowed, 'syncs.start', { linkId: randomUUID() }))).toBe('PERMISSION_DENIED');
  const started = await ask(allowed, 'syncs.start', { linkId: link.id });
  expect(started).toMatchObject({ ok: true, data: { status: expect.any(String) } });
  await ws.app.jobEnded((started as { data: { id: string } }).data.id);
  allowed.leave();
});

it('loses what it has open, and every right, when it is revoked', async () => {
  const sly = await agent();
  const input = { projectId: link.projectId, sql: 'SELECT id FROM forms', pageRows: 1 };
  const opened = (await ask(sly, 'query.open', input)) as { data: QueryAnswer };
  const sessions = async (): Promise<number> =>
    (
      await db.query(
        `SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND usename = '${role.name}'`,
      )
    ).length;
  expect(await sessions()).toBeGreaterThan(0);
  await ws.api.agents.revoke({ id: sly.grant.id });
  expect(await codeOf(ask(sly, 'query.page', { handle: opened.data.handle }))).toBe('LOCKED');
  expect(await codeOf(ask(sly, 'projects.list'))).toBe('LOCKED');
  const place = ws.app.openPlace('agent', agentDesk());
  expect(await codeOf(ask(place, 'agents.enter', { token: sly.token }))).toBe('LOCKED');
  place.leave();
  sly.leave();
});

it('loses its rights with its person’s role and profile', async () => {
  const [owner] = await ws.api.people.list();
  await ws.api.people.setPassphrase({ id: owner?.id ?? '', next: 'pass-canary-20' });
  const person = await ws.api.people.create({
    name: 'Ann',
    roles: ['analyst'],
    passphrase: 'pass-canary-21',
  });
  const seat = ws.app.openPlace('terminal', agentDesk());
  await ask(seat, 'session.signIn', { personId: person.id, passphrase: 'pass-canary-21' });
  const made = (await ask(seat, 'agents.grant', { projectId: link.projectId, name: 'hers' })) as {
    data: { token: string; grant: AgentGrant };
  };
  // Of others one sees and ends nothing.
  const theirs = await ask(seat, 'agents.list');
  expect(theirs).toMatchObject({ ok: true, data: [{ id: made.data.grant.id }] });
  const place = ws.app.openPlace('agent', agentDesk());
  expect(await codeOf(ask(place, 'agents.enter', { token: made.data.token }))).toBe('answered');
  const sql = { projectId: link.projectId, sql: 'SELECT 1' };
  expect(await codeOf(ask(place, 'query.open', sql))).toBe('answered');
  await ws.api.people.update({ id: person.id, roles: ['viewer'] });
  expect(await codeOf(ask(place, 'query.open', sql))).toBe('PERMISSION_DENIED');
  await ws.api.people.delete({ id: person.id });
  expect(await codeOf(ask(place, 'projects.list'))).toBe('LOCKED');
  place.leave();
  seat.leave();
});

it('is stopped at its limit of an hour, whoever else asks', async () => {
  const sly = await agent();
  for (let made = 0; made < agentCallsAnHour; made += 1)
    expect(await codeOf(ask(sly, 'projects.list'))).toBe('answered');
  expect(await codeOf(ask(sly, 'projects.list'))).toBe('QUERY_LIMIT');
  // The limit is the grant's: a second seat has no more, its person has their own.
  const again = ws.app.openPlace('agent', agentDesk());
  await ask(again, 'agents.enter', { token: sly.token });
  expect(await codeOf(ask(again, 'projects.list'))).toBe('QUERY_LIMIT');
  expect((await ws.api.projects.list()).length).toBe(2);
  again.leave();
  sly.leave();
});

it('is written down as itself, with its person, and its token nowhere', async () => {
  const named = await agent({ name: 'scribe' });
  await ask(named, 'query.open', { projectId: link.projectId, sql: 'SELECT 1 AS one' });
  await ask(named, 'policy.get');
  const items = await ws.api.audit.list({ limit: 50 });
  const written = items.filter(({ person }) => person.startsWith('agent scribe of '));
  expect(written.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['policy.get', 'refused'],
    ['query.open', 'ok'],
    ['agents.enter', 'ok'],
  ]);
  const [asked] = (await ws.api.query.history({ projectId: link.projectId })).queries;
  expect(asked).toMatchObject({ way: 'agent', sql: 'SELECT 1 AS one' });
  expect(JSON.stringify([items, ws.logs])).not.toContain(named.token);
  named.leave();
});

it('has gone when its days are over', async () => {
  const clock = movedClock();
  await using later = await openWorkspace({ clock });
  const connection = await later.api.connections.create({
    ...{ name: 'c', host: 'h', database: 'd', user: 'u', password: 'pass-canary-22' },
  });
  const { id } = await later.api.projects.create({ name: 'p', connectionId: connection.id });
  const { token } = await later.api.agents.grant({ projectId: id, name: 'short', days: 1 });
  const place = later.app.openPlace('agent', agentDesk());
  expect(await codeOf(ask(place, 'agents.enter', { token }))).toBe('answered');
  expect(await codeOf(ask(place, 'projects.list'))).toBe('answered');
  clock.jump(24 * 3_600_000);
  expect(await codeOf(ask(place, 'projects.list'))).toBe('LOCKED');
  place.leave();
});
