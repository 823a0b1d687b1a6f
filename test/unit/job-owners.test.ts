import { expect, it } from 'vitest';
import { osProcesses, type ProcessTable } from '../../main/os-process.ts';
import { createBudgets } from '../../main/sync/job/budget.ts';
import { createJobs, type JobDeps } from '../../main/sync/job/jobs.ts';
import { createOutcomes } from '../../main/sync/job/outcome.ts';
import { createThreads } from '../../main/sync/job/threads.ts';
import { type OneJob, oneJob, ownerHere } from '../support/one-job.ts';
import { instant, keptLog } from '../support/parts.ts';
import { movedClock } from '../support/seat.ts';

/* Whose a job is: of the process that runs it, as long as that one shows that it lives, whatever the clocks show. */

/** Who else could run it: a process that is alive, for all that the system tells. */
const somebody = ownerHere({ id: 'somebody', pid: 1, start: 1 });
const allAlive: ProcessTable = { ...osProcesses, fateOf: () => 'alive' };

function beside(one: OneJob, change: Partial<JobDeps> = {}) {
  const clock = movedClock();
  const time = { elapsed: 0 };
  const never = () => new Promise<never>(() => {});
  const jobs = createJobs({
    ...{ store: one.store, log: keptLog().log, clock, newId: () => 'me' },
    threads: createThreads({ worker: new URL('file:///none'), clock }),
    budgets: createBudgets({ load: () => null, save: () => {}, now: () => clock.now() }),
    ...{ atOnce: 2, random: () => 0, processes: allAlive, elapsed: () => time.elapsed },
    ...{ prepare: never, place: never, target: never, renewToken: never, tokenRefused: never, run: never },
    hide: (text) => text,
    ...{ onProgress: () => {}, onChanged: () => {}, mustWait: () => false },
    ...change,
  });
  const status = () => one.store.jobs.get('b');
  /** Looks every half a second for so long, as somebody does who waits. */
  const lookFor = (ms: number, meanwhile: () => void = () => {}): void => {
    for (let passed = 0; passed < ms; passed += 500) {
      time.elapsed += 500;
      meanwhile();
      jobs.closeOrphans();
    }
  };
  return { jobs, clock, time, status, lookFor };
}

it('a job without signs of life is an orphan after half a minute in which somebody looked', () => {
  using one = oneJob(somebody);
  const { status, lookFor } = beside(one);
  lookFor(29_000);
  expect(status()).toMatchObject({ status: 'queued' });
  lookFor(2000);
  expect(status()).toMatchObject({ status: 'paused', pausedBy: 'quit' });
});

it('one with signs of life never is, however far the clocks jump', () => {
  using one = oneJob(somebody);
  const { status, lookFor, clock } = beside(one);
  let looks = 0;
  lookFor(300_000, () => {
    looks += 1;
    if (looks % 20 === 0) one.store.jobs.beat('somebody');
    if (looks % 50 === 0) clock.jump((looks % 100 === 0 ? -5 : 5) * 365 * 86_400_000);
  });
  expect(status()).toMatchObject({ status: 'queued' });
  // And a dead one is not kept alive by them.
  lookFor(31_000, () => clock.jump(-3_600_000));
  expect(status()).toMatchObject({ status: 'paused', pausedBy: 'quit' });
});

it('a night of sleep is no silence: who looks has slept too', () => {
  using one = oneJob(somebody);
  const { status, lookFor, time, jobs } = beside(one);
  jobs.closeOrphans();
  time.elapsed += 8 * 3_600_000;
  lookFor(10_000);
  expect(status()).toMatchObject({ status: 'queued' });
  one.store.jobs.beat('somebody');
  lookFor(29_000);
  expect(status()).toMatchObject({ status: 'queued' });
});

it('a process that is known to be gone is not waited for', () => {
  using one = oneJob(somebody);
  const { jobs, status } = beside(one, { processes: { ...osProcesses, fateOf: () => 'gone' } });
  jobs.closeOrphans();
  expect(status()).toMatchObject({ status: 'paused', pausedBy: 'quit', runner: null });
});

it('a person takes a job from a living process, whose word counts no more', async () => {
  using one = oneJob(somebody);
  const { jobs, status } = beside(one);
  expect(jobs.start('d', 'person')).toMatchObject({ id: 'b', status: 'queued' });
  await expect(jobs.pause('b')).rejects.toMatchObject({
    code: 'DATASET_BUSY',
    advice: expect.stringContaining('syncs.takeOver'),
  });
  expect(jobs.running).toBe(0);
  const { host } = somebody;
  expect(status().runner).toEqual({ id: 'somebody', host, pid: 1 });
  const mine = { id: jobs.runner, host, pid: process.pid };
  expect(jobs.takeOver('b')).toMatchObject({ id: 'b', status: 'queued', runner: mine });
  expect(jobs.running).toBe(1);
  expect(one.store.jobs.inner('b')).toMatchObject({ owner: { id: 'me' }, claim: 2 });
  // Taken once more by the same is taken already.
  expect(jobs.takeOver('b')).toMatchObject({ id: 'b' });
  expect(one.store.jobs.inner('b').claim).toBe(2);
  const before = status();
  const { jobs: kept } = one.store;
  const theirs = createOutcomes({
    ...{ store: one.store, log: keptLog().log, now: () => 0, random: () => 0, owner: 'somebody' },
    hide: (text) => text,
  });
  expect(() => kept.intend('b', 'somebody', '{}')).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
  expect(() => kept.start('b', 'somebody', instant)).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
  kept.progress('b', 'somebody', 'reading', null, []);
  theirs.paused(before, 'quit');
  theirs.held(before, [], {});
  expect(status()).toEqual(before);
  expect(one.store.datasets.get('d').held).toBeNull();
  await jobs.close();
});

it('a job that was taken from here is let go of, and what becomes of it is told', async () => {
  using one = oneJob();
  one.store.jobs.orphan('b', one.owner.id);
  const { jobs, clock } = beside(one);
  jobs.takeUp();
  expect(jobs.running).toBe(1);
  one.store.jobs.orphan('b', 'me');
  one.store.jobs.claim('b', somebody, null);
  const ended = jobs.ended('b');
  await clock.pass(5000);
  expect(jobs.running).toBe(0);
  one.store.jobs.finish('b', { status: 'completed' }, instant);
  await clock.pass(1000);
  expect(await ended).toMatchObject({ status: 'completed' });
  await jobs.close();
});

it('two that begin at the same instant end up with the same job', async () => {
  using one = oneJob(somebody);
  let looked = 0;
  const { jobs } = beside(one, {
    store: {
      ...one.store,
      jobs: {
        ...one.store.jobs,
        // The other one writes its job down right after this one has looked.
        findOpen: (id) => (++looked === 1 ? null : one.store.jobs.findOpen(id)),
      },
    },
  });
  expect(jobs.start('d', 'person')).toMatchObject({ id: 'b', status: 'queued' });
  expect(looked).toBe(2);
  expect(jobs.running).toBe(0);
});

it('says for whom it waits, and goes on with the job when that one dies', async () => {
  using one = oneJob(somebody);
  let fate: ReturnType<ProcessTable['fateOf']> = 'alive';
  const { jobs, clock } = beside(one, { processes: { ...osProcesses, fateOf: () => fate } });
  const said: unknown[] = [];
  const ended = jobs.ended('b', { onWait: (_, what) => void said.push(what) });
  await clock.pass(1000);
  expect(said[0]).toEqual({ kind: 'process', owner: somebody });
  expect(jobs.running).toBe(0);
  fate = 'gone';
  await clock.pass(1000);
  expect(jobs.running).toBe(1);
  expect(one.store.jobs.inner('b').owner.id).toBe('me');
  await jobs.close();
  expect(await ended).toMatchObject({ status: 'paused', pausedBy: 'quit' });
});
