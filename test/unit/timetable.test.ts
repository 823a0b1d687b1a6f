import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { createTimetable, type Entry } from '../../main/schedule/timetable.ts';
import type { StoredTurn } from '../../main/store/data/timetable.ts';
import { plain as text } from '../../preload/contract/said.ts';

const minute = 60_000;
const begin = Date.parse('2026-06-01T06:00:00Z');
const silent = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

/** A timetable whose clock is set by hand and whose store outlives it. */
function bench(
  entries: (ran: (name: string) => void) => readonly Entry[],
  stored = new Map<string, StoredTurn>(),
) {
  let now = begin;
  const ran: string[] = [];
  const writes: StoredTurn[] = [];
  const turns = {
    find: (name: string) => stored.get(name) ?? null,
    put(turn: StoredTurn) {
      writes.push(turn);
      stored.set(turn.name, turn);
    },
  };
  const build = () =>
    createTimetable({ entries: entries((name) => void ran.push(name)), turns, now: () => now, log: silent });
  let timetable = build();
  return {
    ran,
    writes,
    stored,
    list: () => timetable.list(),
    restart() {
      timetable = build();
    },
    async go(minutes: number, step = 1) {
      for (let gone = 0; gone < minutes; gone += step) {
        await timetable.tick();
        now += step * minute;
      }
    },
    jump(minutes: number) {
      now += minutes * minute;
    },
    tick: () => timetable.tick(),
  };
}

const plain =
  (name: string, every: number, at = 0) =>
  (ran: (name: string) => void): readonly Entry[] => [
    {
      ...{ name, every, at },
      run() {
        ran(name);
        return { count: 1 };
      },
    },
  ];

describe('a job of the timetable', () => {
  it('has its turn at its minute, and at the first look', async () => {
    const one = bench(plain('expire', 60, 15));
    await one.go(180);
    // At once, then at :15 of each hour.
    expect(one.ran).toHaveLength(4);
    expect(one.list()).toMatchObject([{ name: 'expire', dueAt: '2026-06-01T09:15:00.000Z', outcome: 'did' }]);
  });

  it('makes up once what was missed, also by Headgate not running', async () => {
    const one = bench(plain('expire', 60, 15));
    await one.go(30);
    one.ran.length = 0;
    one.jump(9 * 60);
    one.restart();
    await one.tick();
    await one.tick();
    expect(one.ran).toEqual(['expire']);
    expect(one.list()).toMatchObject([{ madeUp: true, dueAt: '2026-06-01T16:15:00.000Z' }]);
    one.jump(60);
    await one.tick();
    expect(one.list()).toMatchObject([{ madeUp: false }]);
  });

  it('is not stopped by a clock that was ahead', async () => {
    const one = bench(plain('tokens', 15));
    one.jump(60 * 24 * 400);
    await one.tick();
    one.jump(-60 * 24 * 400);
    one.restart();
    await one.tick();
    await one.go(30);
    expect(one.ran).toHaveLength(3);
    expect(one.list()).toMatchObject([{ dueAt: '2026-06-01T06:30:00.000Z' }]);
  });

  it('is not begun twice, and does not keep others waiting', async () => {
    let open = 0;
    let most = 0;
    let finish = (): void => {};
    const one = bench((ran) => [
      {
        ...{ name: 'slow', every: 1 },
        async run() {
          open += 1;
          most = Math.max(most, open);
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          open -= 1;
          return { count: 1 };
        },
      },
      ...plain('quick', 1)(ran),
    ]);
    const looks: Promise<void>[] = [];
    for (const times of [1, 2, 3]) {
      looks.push(one.tick());
      await expect.poll(() => one.ran.length).toBe(times);
      one.jump(1);
    }
    expect([open, most]).toEqual([1, 1]);
    finish();
    await Promise.all(looks);
  });

  it('that fails is told, and has its next turn', async () => {
    let fails = true;
    const one = bench(() => [
      {
        ...{ name: 'tokens', every: 15 },
        run() {
          if (fails) throw new AppError('STORE_UNAVAILABLE', text('The disk is full.'));
          return { count: 0, waiting: 2 };
        },
      },
    ]);
    await one.go(15);
    expect(one.list()).toMatchObject([{ outcome: 'failed', error: 'STORE_UNAVAILABLE', count: 0 }]);
    fails = false;
    await one.go(1);
    expect(one.list()).toMatchObject([{ outcome: 'nothing', error: null, waiting: 2 }]);
  });

  it('that looks each minute and finds nothing is not written down each minute', async () => {
    const one = bench(() => [{ name: 'resume', every: 1, run: () => ({ count: 0 }) }]);
    await one.go(600);
    expect(one.writes.length).toBeLessThanOrEqual(1);
  });
});
