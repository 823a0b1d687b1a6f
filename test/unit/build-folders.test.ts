import type { RolldownOptions } from 'rolldown';
import { expect, it } from 'vitest';
import config from '../../main/rolldown.config.ts';

it('no bundle empties the folder that others are written to at the same time', () => {
  const outputs = (config as RolldownOptions[]).flatMap(({ output }) => output ?? []);
  expect(outputs.length).toBeGreaterThan(2);
  expect(outputs.filter(({ cleanDir }) => cleanDir === true)).toEqual([]);
});
