import { expect, it } from 'vitest';
import { createMemory } from '../../main/memory.ts';

/* When the process holds its heap tight: as long as somebody reads page by page, and not a moment longer. */

it('holds the heap tight from the first who reads to the last, and gives it back once', () => {
  const told: string[] = [];
  const memory = createMemory({ setFlag: (flag) => told.push(flag), collect: () => told.push('collect') });
  const tight = ['--semi-space-growth-factor=1', '--heap-growing-percent=20', 'collect'];
  const first = memory.holdTight();
  const second = memory.holdTight();
  expect(told).toEqual(tight);
  first();
  first();
  expect(told).toEqual(tight);
  second();
  expect(told.slice(3)).toEqual(['--semi-space-growth-factor=2', '--heap-growing-percent=0']);
  memory.holdTight()();
  expect(told).toHaveLength(10);
});
