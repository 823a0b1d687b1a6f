import { expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { Outcome } from '../../main/sync/job/thread.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import { packList } from '../../main/sync/shape/packed.ts';
import type { Schedule } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { movedClock } from '../support/seat.ts';
import { openWorkspace } from '../support/workspace.ts';

/*
 * Some days of the timetable in seconds: the clock is moved by hand, and a run of a sync is a wait of its own that ends well,
 * fails, or is asked to wait. Everything around it is real: store, vault, sign-in, jobs, slots.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const step = 5 * minute;
const datasets = 20;
const days = 3;

/** Numbers 0 ≤ n < 1, the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const hourly: Schedule = { kind: 'every', hours: 1 };
const schedules: readonly Schedule[] = [
  { kind: 'every', hours: 24 },
  { kind: 'at', time: '06:00', zone: 'Africa/Nairobi', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  { kind: 'at', time: '02:30', zone: 'Europe/Berlin', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  { kind: 'at', time: '18:00', zone: 'America/New_York', weekdays: [1, 2, 3, 4, 5] },
];

it('some days: none overlaps, none is missed, the sign-in stays, each run is accounted for', {
  timeout: 240_000,
}, async () => {
  const sim = await createHqSimulator({
    domains: [{ name: 'small', forms: 5, cases: 5, seed: 1 }],
    accessTokenSeconds: 86_400,
  });
  // The clocks of Berlin change on the 29th of March 2026.
  const begin = Date.parse('2026-03-28T12:00:00Z');
  const clock = movedClock(begin);
  const random = randomOf(7);
  const running = new Set<string>();
  const runs: { datasetId: string; at: number; kind: Outcome['kind'] }[] = [];
  let overlaps = 0;
  let most = 0;
  await using ws = await openWorkspace({
    clock,
    async runSync(_, { datasetId }, __, stop) {
      if (running.has(datasetId)) overlaps += 1;
      running.add(datasetId);
      most = Math.max(most, running.size);
      const at = clock.now();
      try {
        await clock.sleep((10 + random() * 50) * 1000, stop).catch(() => {});
        const luck = random();
        const outcome: Outcome =
          luck < 0.03
            ? { kind: 'failed', error: new AppError('DB_LOST', plain('The connection was lost.')).toWire() }
            : luck < 0.06
              ? { kind: 'waits', until: clock.now() + 20 * minute, progressed: true }
              : {
                  kind: 'published',
                  result: {
                    ...{ dataAsOf: new Date(at).toISOString(), rowCounts: { forms: 5 }, notice: null },
                    ...{ tables: packList([]), names: noNames },
                  },
                };
        runs.push({ datasetId, at, kind: outcome.kind });
        return outcome;
      } finally {
        running.delete(datasetId);
      }
    },
  });
  const connection = await ws.api.connections.create({
    ...{ name: 'target', host: '127.0.0.1', port: 1, database: 'd', tlsMode: 'disable' },
    ...{ user: 'u', password: 'p' },
  });
  const source = await ws.api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: sim.url, clientId: 'headgate-desktop' },
    settings: { domain: 'small' },
  });
  await ws.api.credentials.signIn({ sourceId: source.id });
  const links = [];
  for (let n = 0; n < datasets; n += 1) {
    const project = await ws.api.projects.create({ name: `Project ${n}`, connectionId: connection.id });
    const schedule = (n % 10 === 0 ? hourly : schedules[n % schedules.length]) as Schedule;
    const link = await ws.api.links.create({
      ...{ projectId: project.id, sourceId: source.id, schedule, keepIdleHours: null },
      credentialMode: 'user',
      syncConfig: { datasets: ['forms'] },
    });
    links.push(link);
    await ws.api.syncs.start({ linkId: link.id });
  }
  /** One look; what it began goes on while time passes. */
  const look = async (): Promise<void> => {
    const over = ws.app.tick();
    await clock.pass(step);
    await Promise.race([over, clock.pass(0)]);
  };
  while (clock.now() < begin + days * day) {
    // The computer sleeps from 22:00 to 05:00 UTC.
    const at = new Date(clock.now());
    if (at.getUTCHours() === 22) clock.jump(7 * hour);
    else await look();
  }
  // What is under way comes to its end.
  for (let n = 0; n < 40; n += 1) await clock.pass(step);

  expect(overlaps).toBe(0);
  // Three of one source at once, however many were due.
  expect(most).toBe(3);
  const after = await ws.api.datasets.list();
  for (const { id, linkId, outlook, dataAsOf } of after) {
    const { schedule } = links.find((link) => link.id === linkId) ?? {};
    const mine = runs
      .filter(({ datasetId, kind }) => datasetId === id && kind === 'published')
      .map(({ at }) => at);
    const gaps = mine.slice(1).map((at, n) => at - (mine[n] as number));
    const isHourly = schedule?.kind === 'every' && schedule.hours === 1;
    // A night's sleep, and a failure with its retries; of the others three days with a weekend and New York's workdays.
    const longest = isHourly ? 10 * hour : 3 * day;
    expect(Math.max(0, ...gaps), JSON.stringify(schedule)).toBeLessThan(longest);
    expect(mine.length, JSON.stringify(schedule)).toBeGreaterThan(isHourly ? 40 : 1);
    expect(dataAsOf).not.toBeNull();
    expect(Date.parse(outlook.at ?? '')).toBeGreaterThan(clock.now() - 5 * hour);
  }
  const [credential] = await ws.api.credentials.list();
  expect(credential).toMatchObject({ state: 'valid' });
  const jobs = await ws.api.syncs.list({ limit: 500 });
  expect(jobs.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
  await sim.close();
});
