import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { proxyCommand } from '../../main/headless/commands/proxy-command.ts';
import type { YesNo } from '../../main/host.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import type { ProxyView } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { makeCertificate } from '../support/certificates.ts';
import { keptConsole } from '../support/console.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FrontServer, startFront } from '../support/front-server.ts';
import { filesBelow, writings } from '../support/leaks.ts';
import { rawDb } from '../support/parts.ts';
import { behindProxy, type ProxyServer, startProxy } from '../support/proxy-server.ts';
import { keptDesk } from '../support/seat.ts';
import { clientOf, openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* The proxy that is entered in the workspace: who is asked before it counts, where its password goes, and every request. */

const ca = makeCertificate('Office CA', { ca: true });
const identity = makeCertificate('hq', { names: [behindProxy], issuer: ca });
const login = { user: 'office', password: `pr@xy:canary"é%2F-${'x'.repeat(8)}` };
const asked: YesNo[] = [];
let agrees = true;
const desk = {
  ...keptDesk(systemClock),
  async confirm(question: YesNo) {
    asked.push(question);
    return agrees;
  },
};
const usual: ProxyView = { mode: 'system', address: null, user: null, exceptions: '', hasPassword: false };

let db: TestDatabase;
let sim: HqSimulator;
let front: FrontServer;
let proxy: ProxyServer;
let ws: Workspace;
let url: string;
let address: string;

beforeAll(async () => {
  [db, sim, proxy] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 20, cases: 0, seed: 4 }] }),
    startProxy({ login }),
  ]);
  address = `http://127.0.0.1:${proxy.port}`;
  front = await startFront(sim.url, identity);
  url = front.url.replace('localhost', behindProxy);
  const browser = scriptedBrowser('allow');
  ws = await openWorkspace({ desk, env: {}, openUrl: (page) => browser(page.replace(url, sim.url)) });
});
afterAll(async () => {
  await ws?.[Symbol.asyncDispose]();
  for (const server of [front, proxy]) await server?.[Symbol.asyncDispose]();
  await sim?.close();
  await db?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  asked.length = 0;
  agrees = true;
});

const refusal = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => expect.unreachable(),
    (error: { code: string; message: string }) => error,
  );
const set = (input: Parameters<typeof ws.api.policy.setProxy>[0]) => ws.api.policy.setProxy(input);

it('is what the computer says until somebody who may decides otherwise, outside the page', async () => {
  expect(await ws.api.policy.proxy()).toEqual(usual);
  agrees = false;
  const manual = { mode: 'manual', address, ...login } as const;
  expect((await refusal(set(manual))).code).toBe('CANCELLED');
  expect(await ws.api.policy.proxy()).toEqual(usual);
  agrees = true;
  expect(await set(manual)).toEqual({ ...usual, mode: 'manual', address, user: 'office', hasPassword: true });
  expect(asked).toHaveLength(2);
  expect(english(asked[1]?.what as Said)).toContain(address);
  expect(english(asked[1]?.what as Said)).toContain('the proxy that this computer says');
});

it('carries every request to a source, and this computer is asked directly', async () => {
  const link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: url, domain: 'demo' },
    ...{ datasets: ['forms'], tlsCa: ca.cert },
  });
  expect((await ws.api.sources.discover({ id: link.sourceId })).scopes.length).toBeGreaterThan(0);
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed', rowCounts: { forms: 20 } });
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(url).host}`]));
  const paths = front.passed.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  for (const path of ['POST /oauth/token/', 'GET /api/identity/v1/', 'GET /a/demo/api/form/v1/'])
    expect(paths).toContain(path);
  const through = proxy.asked.length;
  const here = await ws.api.sources.create({
    ...{ name: 'Here', sourceType: 'commcare', baseUrl: sim.url, clientId: 'headgate-desktop' },
    settings: { domain: 'demo' },
  });
  await ws.api.credentials.signIn({ sourceId: here.id });
  expect(proxy.asked).toHaveLength(through);
});

it('its password goes to the proxy that it was entered for, and to no other', async () => {
  await using other = await startProxy();
  const elsewhere = `http://127.0.0.1:${other.port}`;
  const again = { code: 'INPUT_INVALID', message: expect.stringContaining('password: enter it again') };
  expect(await refusal(set({ mode: 'manual', address: elsewhere, user: 'office' }))).toMatchObject(again);
  expect(await refusal(set({ mode: 'manual', address, user: 'somebody' }))).toMatchObject(again);
  expect(asked).toEqual([]);
  // Another list of exceptions, or the same address in another spelling, is the same proxy.
  const kept = await set({
    mode: 'manual',
    address: `${address.slice(7)}/`,
    user: 'office',
    exceptions: 'a.org',
  });
  expect(kept).toMatchObject({ address, hasPassword: true, exceptions: 'a.org' });
  // Whoever writes to the workspace's file moves no password either.
  const { id } = (await ws.api.sources.list()).find(({ baseUrl }) => baseUrl === url) ?? expect.unreachable();
  {
    using file = rawDb(`${ws.folder}/headgate.db`);
    const row = file.prepare("SELECT value FROM policies WHERE name = 'proxy'").pluck();
    const moved = JSON.stringify({ ...JSON.parse(row.get() as string), address: elsewhere });
    file.prepare("UPDATE policies SET value = ? WHERE name = 'proxy'").run(moved);
  }
  expect((await refusal(ws.api.sources.discover({ id }))).code).toBe('PROXY_LOGIN');
  expect(other.heard).toEqual([]);
  await set({ mode: 'manual', address, ...login });
  expect((await ws.api.sources.discover({ id })).scopes.length).toBeGreaterThan(0);
});

it('that asks for a sign-in is told from the source, with what to do; so is one that can not be had', async () => {
  const { id } = (await ws.api.sources.list()).find(({ baseUrl }) => baseUrl === url) ?? expect.unreachable();
  await set({ mode: 'manual', address });
  expect(await refusal(ws.api.sources.discover({ id }))).toMatchObject({
    code: 'PROXY_LOGIN',
    message: `The proxy 127.0.0.1:${proxy.port} asks for a user and a password.`,
    advice: expect.stringContaining('Settings, Proxy'),
  });
  await set({ mode: 'manual', address, user: 'office', password: 'not-the-one' });
  expect(await refusal(ws.api.sources.discover({ id }))).toMatchObject({
    code: 'PROXY_LOGIN',
    message: expect.stringContaining('does not accept'),
  });
  // None at all: the name is one that only the proxy knows.
  await set({ mode: 'none' });
  expect(await ws.api.policy.proxy()).toEqual({ ...usual, mode: 'none' });
  await set({ mode: 'system' });
});

it.each([
  ['socks5://proxy:1080', 'SOCKS5'],
  ['http://u:secret-in-it@proxy:1', 'user or a password'],
  ['http://proxy:1/path', 'no address'],
  ['http://', 'no address'],
])('an address like %s is refused, and not repeated with what may be secret in it', async (given, why) => {
  const { code, message } = await refusal(set({ mode: 'manual', address: given }));
  expect([code, message]).toEqual(['INPUT_INVALID', expect.stringContaining(why)]);
  expect(message).not.toContain('secret-in-it');
});

it('is set at the command line too, where its password is asked for', async () => {
  const to = keptConsole();
  const session = { app: ws.app, api: clientOf(ws.app) } as unknown as Parameters<typeof proxyCommand>[0];
  const questions: string[] = [];
  const ask = async (question: Said): Promise<string> => {
    questions.push(english(question));
    return login.password;
  };
  const run = (what?: string, user?: string, except?: string) =>
    proxyCommand(session, what, { user, except }, ask, to);
  expect(await run()).toBe(0);
  expect(await run(address, 'office', 'a.org')).toBe(0);
  expect(await run('none')).toBe(0);
  expect(await run(undefined, 'office')).toBe(2);
  expect(questions).toEqual(['Password of office at the proxy']);
  expect(to.said.out.split('\n').filter(Boolean)).toEqual([
    'What this computer says: its environment, else its settings.',
    `${address}, as office, but not for a.org`,
    'No proxy: sources are asked directly.',
  ]);
});

it('its password is in nothing that left the core, and the log says who moved what', async () => {
  const told = (await ws.api.audit.list({ action: 'policy.setProxy' })).map(({ details }) => details);
  expect(told).toContain(`mode=system→manual address=none→${address} user=none→office secrets=password`);
  const said = JSON.stringify([
    ...[ws.events, ws.logs, asked, desk.saved, told],
    ...[await ws.api.policy.proxy(), await ws.api.app.diagnostics({}), await ws.api.audit.list({})],
  ]);
  const forms = [...writings(login.password), ...writings(`${login.user}:${login.password}`)];
  for (const form of forms) {
    expect(said.includes(form), form).toBe(false);
    for (const file of filesBelow(ws.folder)) expect(readFileSync(file).includes(form), file).toBe(false);
  }
});
