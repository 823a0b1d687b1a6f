import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link, Schedule } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Machine, machineOf, missedTimes, type World, worldOf } from '../support/machines.ts';
import { movedClock } from '../support/seat.ts';

/*
 * A month of two computers that share a database, in minutes: the clock is moved by hand, nights are slept through, the clocks
 * of two zones change, sources fail, limit and hand out new tokens. Real are stores, vaults, sign-ins, timetables, the first
 * read of every table and what the timetable does in the database; a refresh is a wait that ends as chance wants.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const step = 2 * hour;
/** The clocks of New York change on the 8th, those of Berlin on the 29th. */
const begin = Date.parse('2026-03-01T12:00:00Z');
const days = Number(process.env['HEADGATE_MONTH_DAYS'] ?? 31);
/** Each day of the computers begins and ends, hours UTC. */
const [wakes, sleeps] = [5, 22];

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const workdays = [1, 2, 3, 4, 5];
const schedules: readonly Schedule[] = [
  { kind: 'every', hours: 24 },
  { kind: 'at', time: '06:00', zone: 'Africa/Nairobi', weekdays: everyDay },
  { kind: 'at', time: '02:30', zone: 'Europe/Berlin', weekdays: everyDay },
  { kind: 'at', time: '18:00', zone: 'America/New_York', weekdays: workdays },
  { kind: 'every', hours: 48 },
  { kind: 'at', time: '07:15', zone: 'Asia/Kolkata', weekdays: [1, 4] },
  { kind: 'at', time: '12:00', zone: 'America/Sao_Paulo', weekdays: [7] },
];

let db: TestDatabase;
let sim: HqSimulator;
const clock = movedClock(begin);
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    ...{ domains: [{ name: 'small', forms: 5, cases: 5, seed: 1 }], clock: () => clock.now() },
    accessTokenSeconds: 15 * 3600,
  });
  // Somebody else's, and called as ours are.
  await db.query('CREATE SCHEMA data_of_others; CREATE TABLE data_of_others.t (n int)');
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

/** Forty datasets: those of a first computer with three people, and of a second one with one. */
async function prepare(world: World): Promise<{ first: Machine; second: Machine; idle: Link[] }> {
  const first = await machineOf(world, 'first');
  const second = await machineOf(world, 'second');
  const idle: Link[] = [];
  for (const [at, machine] of [...Array(28).fill(first), ...Array(8).fill(second)].entries()) {
    const isIdle = at % 9 === 8;
    const schedule: Schedule =
      at % 14 === 13 ? { kind: 'every', hours: 6 } : (schedules[at % schedules.length] as Schedule);
    const link = await machine.addProject({ schedule, keepIdleHours: isIdle ? 48 : null, mode: 'project' });
    if (isIdle && machine === first) idle.push(link);
  }
  // One source that each reads with an account of their own.
  const shared = await first.addProject({
    schedule: schedules[0] as Schedule,
    keepIdleHours: null,
    mode: 'user',
  });
  for (const name of ['Ada', 'Ben']) await first.addPerson(name, shared);
  await second.addProject({
    schedule: schedules[1] as Schedule,
    keepIdleHours: null,
    mode: 'user',
  });
  return { first, second, idle };
}

it(`${days} days: no overlap, no day missed, no sign-in lost, nothing left in the database or taken from it`, async () => {
  await using world = worldOf({ clock, db, sim, seed: 7 });
  const { first, second, idle } = await prepare(world);
  const machines = [first, second];
  expect(machines.reduce((sum, machine) => sum + machine.datasets, 0)).toBe(40);

  // One source is broken for some days, and nobody does anything about it.
  const { id: unlucky = '' } = (await first.all()).find(({ keepIdleHours }) => keepIdleHours === null) ?? {};
  const [breaks, mends] = [begin + 8 * day, begin + 12 * day];
  for (let at = 0; clock.now() < begin + days * day; at += 1) {
    if (clock.now() >= breaks && clock.now() < mends) world.broken.add(unlucky);
    else world.broken.delete(unlucky);
    const hours = new Date(clock.now()).getUTCHours();
    if (hours >= sleeps || hours < wakes) {
      // Once a week: each person has to sign in for it, which takes its time on purpose.
      if (new Date(clock.now()).getUTCDay() === 0) for (const machine of machines) await machine.account();
      const morning = new Date(clock.now() + (hours >= sleeps ? day : 0)).setUTCHours(wakes, 0, 0, 0);
      clock.jump(morning - clock.now());
    }
    // The source's sign-ins fail for a while now and then, and a hotel answers in its place.
    if (at % 25 === 12) sim.faults.add({ match: 'token', kind: 'status', status: 503, times: 3 });
    if (at % 33 === 15) {
      const page = { headers: { 'content-type': 'text/html' }, body: '<html>Welcome to the hotel</html>' };
      sim.faults.add({ match: 'token', kind: 'status', status: 200, ...page, times: 2 });
    }
    // Of what may go for want of use, one is asked for twice a week and the others never.
    if (at % 37 === 36 && idle[0]) await first.use(idle[0]);
    await world.look(step);
  }
  sim.faults.clear();
  await world.rest();
  for (const machine of machines) await machine.account();

  expect(world.overlaps).toEqual([]);
  expect(world.mostAtOnce).toBe(3);
  for (const machine of machines) {
    expect(machine.unaccounted).toEqual([]);
    for (const dataset of await machine.all()) {
      if (dataset.keepIdleHours !== null) continue;
      const { schedule } = dataset;
      const missed = missedTimes(
        world.runsOf(dataset.id),
        schedule,
        begin + day,
        begin + (days - 1) * day,
      ).filter(
        (time) => dataset.id !== unlucky || Date.parse(time) < breaks - day || Date.parse(time) > mends,
      );
      expect(missed, JSON.stringify(schedule)).toEqual([]);
      expect(dataset).toMatchObject({ status: 'ready' });
      expect(dataset.dataAsOf).not.toBeNull();
    }
    // Each alarm has its recovery: nothing is left that anybody was told of, and nothing told twice at once.
    expect(await machine.notices()).toMatchObject({ open: [] });
    // No sign-in was lost: each is good for one more renewal.
    for (const credential of await machine.credentials()) expect(credential.state).toBe('valid');
    clock.jump(15 * hour);
    expect(await machine.renewAll()).toBe(machine.signIns);
  }

  const told = await first.notices();
  if (days > 13) expect(told.ended.filter((what) => what.startsWith('failed'))).toHaveLength(1);

  // In the database are the tables that the stores tell of, and somebody else's; nothing else.
  const datasets = (await Promise.all(machines.map((machine) => machine.all()))).flat();
  const there = datasets.filter(({ dataAsOf }) => dataAsOf !== null).map(({ schemaName }) => schemaName);
  const schemas = await db.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'data\\_%' ORDER BY 1`);
  expect(schemas.map(({ nspname }) => nspname)).toEqual([...there, 'data_of_others'].sort());
  expect(datasets.filter(({ status }) => status === 'expired').length).toBeGreaterThan(0);
  expect(datasets.find(({ linkId }) => linkId === idle[0]?.id)?.times).toBeGreaterThan(1);
}, 600_000);
