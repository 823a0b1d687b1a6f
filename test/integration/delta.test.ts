import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { deltaLink } from '../support/delta-link.ts';

/* A refresh that asks only for what may have changed gives the tables that reading everything does. */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 400, cases: 300, seed: 7, largestPage: 20 }],
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

it('asks for what changed, and finds what was archived and deleted', async () => {
  const hq = sim.domain('demo');
  const [delta, full] = [deltaLink(db, 'by_changes', sim), deltaLink(db, 'whole', sim, { mode: 'full' })];
  const compare = async (): Promise<void> => expect(await differences(db, 'whole', 'by_changes')).toEqual([]);
  await delta.publish();
  await full.publish();
  expect(delta.delta()).toBeNull();
  await compare();
  hq.add('form', 12);
  hq.edit('form', [3, 7, 100]);
  hq.archive([hq.id('form', 20), hq.id('form', 21)]);
  hq.vanish('form', [hq.id('form', 55)]);
  await full.publish();
  await delta.publish();
  expect(delta.fellBack()).toBeNull();
  expect(delta.delta()).toMatchObject({ total: 409, gone: 1 });
  await compare();
});
