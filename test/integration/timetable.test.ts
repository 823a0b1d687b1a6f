import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { pausedWorkspace } from '../support/paused-workspace.ts';
import { setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'small', forms: 20, cases: 5, seed: 1 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const hour = 3_600_000;
const of = async ({ api }: Workspace, link: { id: string }) =>
  (await api.datasets.list()).find(({ linkId }) => linkId === link.id);
const byClock = async ({ api }: Workspace) =>
  (await api.syncs.list({})).filter(({ trigger }) => trigger === 'schedule');

it('refreshes what is due once, on the planned time, and says of each dataset what comes next', async () => {
  using place = pausedWorkspace();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const before = await place.open();
  const active = await setUp(before.api, setup);
  const off = await setUp(before.api, setup);
  const never = await setUp(before.api, setup);
  await syncToEnd(before, active);
  await syncToEnd(before, off);
  await before.api.links.update({ id: off.id, isActive: false });
  // Else it would go, unused for days, as soon as it is refreshed.
  await before.api.links.update({ id: active.id, keepIdleHours: null });
  const planned = Date.parse((await of(before, active))?.outlook.at ?? '');
  expect(planned).toBeGreaterThan(Date.now() + 23 * hour);
  expect(await of(before, off)).toMatchObject({ outlook: { wait: 'link_off' } });
  expect(await of(before, never)).toMatchObject({
    status: 'pending',
    outlook: { at: null, wait: 'not_yet' },
  });
  await before.app.tick();
  expect(await byClock(before)).toEqual([]);
  await before[Symbol.asyncDispose]();

  // Missed three times over: made up once, and the grid stays.
  place.later(4 * 24 * hour + 600_000);
  await using ws = await place.open();
  await ws.app.tick();
  const [job, ...others] = await byClock(ws);
  expect(others).toEqual([]);
  const { jobs } = await ws.api.timetable.get({});
  expect(jobs.find(({ name }) => name === 'refresh')).toMatchObject({
    outcome: 'did',
    count: 1,
    madeUp: true,
  });
  expect(await ws.app.jobEnded(job?.id ?? '')).toMatchObject({
    status: 'completed',
    datasetId: active.dataset?.id,
  });
  await ws.app.tick();
  expect(await byClock(ws)).toHaveLength(1);
  const next = Date.parse((await of(ws, active))?.outlook.at ?? '');
  expect(next).toBeGreaterThan(Date.now());
  expect((planned - 600_000 - next) % (24 * hour)).toBe(0);
});

it('is held back where a person wants it, and a schedule by the clock is kept', async () => {
  using place = pausedWorkspace();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const before = await place.open();
  const link = await setUp(before.api, setup);
  await syncToEnd(before, link);
  const zone = 'Africa/Nairobi';
  const timeThere = (at = ''): string => new Date(at).toLocaleTimeString('en-GB', { timeZone: zone });
  const { dataset } = await before.api.links.update({
    id: link.id,
    schedule: { kind: 'at', time: '06:00', zone },
    keepIdleHours: null,
  });
  expect(timeThere(dataset?.outlook.at ?? '')).toBe('06:00:00');
  await before.api.timetable.hold({ on: true });
  await before[Symbol.asyncDispose]();

  place.later(25 * hour);
  const heldBack = await place.open();
  await heldBack.app.tick();
  expect(await byClock(heldBack)).toEqual([]);
  expect(await of(heldBack, link)).toMatchObject({ outlook: { wait: 'metered' } });
  await heldBack.api.timetable.hold({ on: false });
  await heldBack[Symbol.asyncDispose]();

  place.later(60_000);
  await using ws = await place.open();
  await ws.app.tick();
  const [job] = await byClock(ws);
  expect(await ws.app.jobEnded(job?.id ?? '')).toMatchObject({ status: 'completed' });
  const { at } = (await of(ws, link))?.outlook ?? {};
  expect(timeThere(at ?? '')).toBe('06:00:00');
  expect(Date.parse(at ?? '')).toBeGreaterThan(Date.now());
});

it('what failed is tried again, also where nothing was ever planned', async () => {
  using place = pausedWorkspace();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const before = await place.open();
  const link = await setUp(before.api, setup);
  const id = link.dataset?.connectionId ?? '';
  const { user, password, port } = db.postgres;
  await before.api.connections.update({ id, port: 1, user, password });
  const first = await before.api.syncs.start({ linkId: link.id });
  expect(await before.app.jobEnded(first.id)).toMatchObject({ status: 'failed' });
  expect(await of(before, link)).toMatchObject({
    status: 'error',
    outlook: { failures: 1, wait: 'retry', at: expect.stringMatching(/Z$/) },
  });
  await before.api.connections.update({ id, port, user, password });
  await before[Symbol.asyncDispose]();

  place.later(hour);
  await using ws = await place.open();
  await ws.app.tick();
  const [again] = await byClock(ws);
  expect(await ws.app.jobEnded(again?.id ?? '')).toMatchObject({ status: 'completed' });
  expect(await of(ws, link)).toMatchObject({ outlook: { failures: 0, wait: 'not_yet' } });
});

it('what a person stopped does not begin again before its next time', async () => {
  using place = pausedWorkspace();
  const slow = await createHqSimulator({
    domains: [{ name: 'small', forms: 20, cases: 5, seed: 1 }],
    latencyMs: 2000,
  });
  const before = await place.open();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: slow.url, domain: 'small' };
  const link = await setUp(before.api, setup);
  await syncToEnd(before, link);
  await before[Symbol.asyncDispose]();

  place.later(25 * hour);
  await using ws = await place.open();
  await ws.app.tick();
  const [job] = await byClock(ws);
  expect(await ws.api.syncs.cancel({ id: job?.id ?? '' })).toMatchObject({ status: 'cancelled' });
  const stopped = await of(ws, link);
  expect(Date.parse(stopped?.outlook.at ?? '')).toBeGreaterThan(Date.now() + 20 * hour);
  await slow.close();
});
