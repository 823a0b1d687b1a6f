import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { Clock } from '../../main/host.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import type { Job, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { makeCertificate } from '../support/certificates.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FrontServer, startFront } from '../support/front-server.ts';
import { behindProxy, type ProxyServer, startProxy } from '../support/proxy-server.ts';
import { openWorkspace, setUp, type Workspace } from '../support/workspace.ts';

/*
 * A computer that loses its network and gets it back, with a source far away, which is reached over a proxy: syncs wait
 * and go on, nothing is told as a fault of the source.
 */

const ca = makeCertificate('Office CA', { ca: true });
const identity = makeCertificate('hq', { names: [behindProxy], issuer: ca });
const login = { user: 'office', password: 'pr@xy-canary' };
/** Waits are short: the network is looked at many times a second. */
const clock: Clock = { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) };
const connected = ['10.0.0.5'];

let db: TestDatabase;
let sim: HqSimulator;
let front: FrontServer;
let proxy: ProxyServer;
let ws: Workspace;
let link: Link;
let addresses = connected;
let jobs = 0;

beforeAll(async () => {
  [db, sim, proxy] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 2500, cases: 0, seed: 4 }] }),
    startProxy({ login }),
  ]);
  front = await startFront(sim.url, identity);
  const url = front.url.replace('localhost', behindProxy);
  const browser = scriptedBrowser('allow');
  ws = await openWorkspace({
    ...{ clock, addresses: () => addresses, env: { HTTPS_PROXY: proxy.url } },
    openUrl: (page) => browser(page.replace(url, sim.url)),
  });
  link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: url, domain: 'demo' },
    ...{ datasets: ['forms'], keepRaw: false, tlsCa: ca.cert },
  });
});
afterAll(async () => {
  await ws?.[Symbol.asyncDispose]();
  for (const server of [front, proxy]) await server?.[Symbol.asyncDispose]();
  await sim?.close();
  await db?.[Symbol.asyncDispose]();
});

const lastJob = async (): Promise<Job> => (await ws.api.syncs.list({}))[0] ?? expect.unreachable();
const isOffline = async (): Promise<boolean> => (await ws.api.app.info()).offline;
const told = (): number =>
  ws.events.filter(
    ({ name, payload }) => name === 'store.changed' && (payload as { entity: string }).entity === 'network',
  ).length;

it('without a network a sync waits for it, and goes on by itself', async () => {
  expect(await isOffline()).toBe(false);
  addresses = [];
  const asked = proxy.asked.length;
  const { id } = await ws.api.syncs.start({ linkId: link.id });
  await expect.poll(lastJob).toMatchObject({ id, status: 'paused', pausedBy: 'network', error: null });
  expect(await isOffline()).toBe(true);
  expect(told()).toBe(1);
  // Whoever insists changes nothing, and loses nothing.
  await ws.api.syncs.resume({ id });
  await expect.poll(lastJob).toMatchObject({ id, status: 'paused', pausedBy: 'network' });
  expect(proxy.asked).toHaveLength(asked);
  addresses = connected;
  expect(await ws.app.jobEnded(id)).toMatchObject({ status: 'completed', rowCounts: { forms: 2500 } });
  expect(told()).toBe(2);
  expect(proxy.asked.length).toBeGreaterThan(asked);
});

it('one that runs when the network goes stops after its last commit, and loses no attempt', async () => {
  sim.faults.add({ match: 'form', kind: 'hang', after: 1, times: 1 });
  const { id } = await ws.api.syncs.start({ linkId: link.id });
  await expect.poll(async () => (await lastJob()).tables[0]?.fetched ?? 0).toBeGreaterThan(0);
  addresses = [];
  expect(await isOffline()).toBe(true);
  await expect.poll(lastJob).toMatchObject({ id, status: 'paused', pausedBy: 'network', error: null });
  jobs = (await ws.api.syncs.list({})).length;
  const waits: string[] = [];
  const ended = ws.app.jobEnded(id, { onWait: (_, { kind }) => void waits.push(kind) });
  await expect.poll(() => waits.length).toBeGreaterThan(0);
  addresses = connected;
  expect(await ended).toMatchObject({ status: 'completed', rowCounts: { forms: 2500 } });
  expect(new Set(waits)).toEqual(new Set(['network']));
  expect(await ws.api.syncs.list({})).toHaveLength(jobs);
});

it('what is asked of a source offline says so, and what is paused by hand stays paused', async () => {
  addresses = [];
  const { id } = await ws.api.syncs.start({ linkId: link.id });
  await expect.poll(lastJob).toMatchObject({ id, pausedBy: 'network' });
  await ws.api.syncs.pause({ id });
  await proxy[Symbol.asyncDispose]();
  await expect(ws.api.sources.discover({ id: link.sourceId })).rejects.toMatchObject({
    code: 'OFFLINE',
    kind: 'transient',
    message: expect.stringMatching(/^This computer is offline/),
  });
  addresses = connected;
  expect(await isOffline()).toBe(false);
  expect(await lastJob()).toMatchObject({ id, status: 'paused', pausedBy: 'person' });
  await ws.api.syncs.cancel({ id });
});
