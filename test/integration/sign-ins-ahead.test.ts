import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { pausedWorkspace } from '../support/paused-workspace.ts';
import { setUp, type Workspace } from '../support/workspace.ts';

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [{ name: 'small', forms: 5, cases: 5, seed: 1 }],
    accessTokenSeconds: 15 * 60,
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const minute = 60_000;
const turnOf = async ({ api }: Workspace) =>
  (await api.timetable.get({})).jobs.find(({ name }) => name === 'tokens');

it('renews what runs out within the hour; trouble on the way ends nothing, a refusal ends it and is told once', async () => {
  using place = pausedWorkspace();
  const told: string[] = [];
  const look = async (work: (ws: Workspace) => Promise<void>): Promise<void> => {
    const ws = await place.open();
    await ws.app.tick();
    await work(ws);
    for (const line of ws.logs) if (line.includes('"desk.notified"')) told.push(line);
    await ws[Symbol.asyncDispose]();
    place.later(16 * minute);
  };
  const first = await place.open();
  await setUp(first.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'small',
  });
  const [before] = await first.api.credentials.list();
  await first[Symbol.asyncDispose]();

  await look(async (ws) => {
    expect(await turnOf(ws)).toMatchObject({ outcome: 'did', count: 1, waiting: 0 });
    const [after] = await ws.api.credentials.list();
    expect(Date.parse(after?.accessExpiresAt ?? '')).toBeGreaterThan(
      Date.parse(before?.accessExpiresAt ?? ''),
    );
  });
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>Welcome to the hotel</html>' };
  for (const trouble of [
    { match: 'token', kind: 'status', status: 200, ...html, times: 'always' },
    { match: 'token', kind: 'status', status: 403, body: 'blocked', times: 'always' },
  ] as const) {
    sim.faults.add(trouble);
    await look(async (ws) => {
      expect(await turnOf(ws)).toMatchObject({ outcome: 'nothing', count: 0, waiting: 1 });
      expect(await ws.api.credentials.list()).toMatchObject([{ state: 'valid' }]);
    });
    sim.faults.clear();
  }
  expect(told).toEqual([]);
  const refusal = { error: 'invalid_grant' };
  sim.faults.add({
    match: 'token',
    kind: 'status',
    status: 400,
    body: JSON.stringify(refusal),
    times: 'always',
  });
  for (const _ of [1, 2])
    await look(async (ws) => {
      expect(await ws.api.credentials.list()).toMatchObject([{ state: 'expired' }]);
    });
  expect(told).toEqual([expect.stringContaining('Sign in to')]);
});
