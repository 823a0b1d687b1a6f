import { afterAll, beforeAll } from 'vitest';
import { openStage, type Stage } from './stage.ts';

/** One stage for all tests of a file; what it answers opens windows on it. */
export function sharedStage(asShipped = false): Stage['open'] {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await openStage(asShipped);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });
  return (...of) => {
    if (!stage) throw new Error('no stage yet: windows are opened inside tests');
    return stage.open(...of);
  };
}
