import { expect, it } from 'vitest';
import { createTicks } from '../../renderer/ticks.ts';

it('hundreds of times that are shown share one timer of their pace, which goes with the last of them', () => {
  const timers = new Map<number, () => void>();
  let [next, batches] = [0, 0];
  const ticks = createTicks({
    start: (act) => {
      timers.set(next, act);
      return next++;
    },
    stop: (timer) => void timers.delete(timer),
    together: (act) => {
      batches += 1;
      act();
    },
  });
  let told = 0;
  const ends = Array.from({ length: 300 }, () => ticks.every(30_000, () => told++));
  const countdown = ticks.every(1000, () => told++);
  expect(timers.size).toBe(2);
  timers.get(0)?.();
  expect([told, batches]).toEqual([300, 1]);
  countdown();
  expect([...timers.keys()]).toEqual([0]);
  for (const end of ends) end();
  // What ended twice, as effects in development do, stops nothing that began since.
  const again = ticks.every(30_000, () => told++);
  ends[0]?.();
  expect(timers.size).toBe(1);
  again();
  expect(timers.size).toBe(0);
});
