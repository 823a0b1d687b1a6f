import { expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { createSlots, syncsAtOnce } from '../../main/sync/job/slots.ts';
import { plain } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';
import { keptLog } from '../support/parts.ts';
import { movedClock } from '../support/seat.ts';

/* So many at once and no more, in all and on one connection; the rest waits and is told why. */

function slots(limit: number, room: (connectionId: string, jobs: readonly string[]) => number = () => 99) {
  const clock = movedClock();
  const made = createSlots({
    ...{ limit, clock, log: keptLog().log, signal: new AbortController().signal },
    roomOf: async (connectionId, jobs) => room(connectionId, jobs),
  });
  const inside: string[] = [];
  const told = new Map<string, string>();
  const leave = new Map<string, () => void>();
  const enter = (
    jobId: string,
    connectionId = 'c',
    urgent = false,
    signal = new AbortController().signal,
    sourceId = `source of ${jobId}`,
  ) =>
    made.run(
      { jobId, connectionId, sourceId, urgent, signal, onWait: (why) => told.set(jobId, english(why)) },
      () => {
        inside.push(jobId);
        return new Promise<void>((resolve) => leave.set(jobId, resolve));
      },
    );
  const settle = () => clock.pass(0);
  return { clock, inside, told, leave, enter, settle };
}

it('lets in as many as fit, the others in their order, and first whoever is waited for', async () => {
  const one = slots(2);
  for (const name of ['a', 'b', 'c', 'd']) void one.enter(name, `on ${name}`);
  void one.enter('person', 'on p', true);
  await one.settle();
  expect(one.inside).toEqual(['person', 'a']);
  expect(one.told.get('c')).toBe('It waits for its turn: 2 syncs at once here.');
  one.leave.get('a')?.();
  await one.settle();
  expect(one.inside).toEqual(['person', 'a', 'b']);
});

it('lets in three of one source, and others past them', async () => {
  const one = slots(8);
  const { signal } = new AbortController();
  for (const name of ['a', 'b', 'c', 'd']) void one.enter(name, `on ${name}`, false, signal, 'hq');
  void one.enter('e', 'on e', false, signal, 'connect');
  await one.settle();
  expect(one.inside).toEqual(['a', 'b', 'c', 'e']);
  expect(one.told.get('d')).toBe('It waits for its turn: 3 syncs of one source at once.');
  one.leave.get('b')?.();
  await one.settle();
  expect(one.inside).toEqual(['a', 'b', 'c', 'e', 'd']);
});

it('lets in on one connection as many as its server has sessions for, and others past them', async () => {
  let room = 2;
  const one = slots(8, () => room);
  for (const name of ['a', 'b', 'c']) void one.enter(name, 'small');
  void one.enter('d', 'large');
  await one.settle();
  expect(one.inside).toEqual(['a', 'd', 'b']);
  expect(one.told.get('c')).toBe(
    'It waits for free sessions of its database, which has room for 2 syncs at once.',
  );
  // Somebody else has closed theirs; nobody told.
  room = 3;
  await one.clock.pass(5000);
  expect(one.inside).toEqual(['a', 'd', 'b', 'c']);
});

it('lets the first of a connection in unasked, and no second while there is no session even to ask', async () => {
  const asked: string[] = [];
  const one = slots(8, (connectionId, jobs) => {
    asked.push(`${connectionId}: ${jobs.join()}`);
    throw new AppError('DB_LOST', plain('no free connection'));
  });
  void one.enter('a');
  await one.settle();
  expect(one.inside).toEqual(['a']);
  expect(asked).toEqual([]);
  void one.enter('b');
  await one.settle();
  expect(one.inside).toEqual(['a']);
  expect(asked).toEqual(['c: a']);
  one.leave.get('a')?.();
  await one.settle();
  expect(one.inside).toEqual(['a', 'b']);
});

it('one that is stopped while it waits is out of the way', async () => {
  const one = slots(1);
  const stop = new AbortController();
  void one.enter('a');
  const waiting = one.enter('b', 'c', false, stop.signal);
  void one.enter('c');
  await one.settle();
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  one.leave.get('a')?.();
  await one.settle();
  expect(one.inside).toEqual(['a', 'c']);
});

it('is two for each core, within reason, or what was asked for', () => {
  expect([1, 2, 4, 64].map((cores) => syncsAtOnce(undefined, cores))).toEqual([2, 4, 8, 8]);
  expect(syncsAtOnce('1', 8)).toBe(1);
  expect(syncsAtOnce('many', 4)).toBe(8);
});
