import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { Clock } from '../../main/host.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { sharing, signInOf, takeAll, tokensOf, use } from '../support/shared-workspaces.ts';
import { syncToEnd } from '../support/workspace.ts';

/*
 * Two workspaces share a project's sign-in by a bundle. The source rotates tokens, and ends a sign-in whose refresh token comes
 * twice: whoever asks it past the other one has lost it for both.
 */

let db: TestDatabase;
let sim: HqSimulator;
/** Milliseconds by which the workspaces are ahead: their tokens run out early then. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };

beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 5, cases: 1, seed: 3 }],
    // Ten seconds after they were given out they are renewed before they are used.
    accessTokenSeconds: 100,
    oauth: { reuseProtection: true },
  });
});
beforeEach(async () => {
  db = await createDatabase();
  sim.faults.clear();
  ahead = 0;
  return () => db[Symbol.asyncDispose]();
});
afterAll(() => sim.close());

const requests = (): number => sim.stats.requests.token;

it('30 rounds in which both renew at once make one request each, and both go on', async () => {
  await using both = await sharing(db, sim, { clock });
  const { one, two } = both;
  expect(await use(two)).toBe((await signInOf(one)).account);
  for (let round = 1; round <= 30; round += 1) {
    const before = requests();
    if (round % 2 === 0) ahead += 30_000;
    // What the source itself says: both have the same token, which it takes no more.
    else sim.oauth.expire((await tokensOf(one)).accessToken ?? '');
    await Promise.all([use(one), use(two)]);
    expect(requests() - before, `round ${round}`).toBe(1);
    expect(await tokensOf(two)).toEqual(await tokensOf(one));
  }
  expect((await signInOf(one)).state).toBe('valid');
  expect((await signInOf(two)).state).toBe('valid');
}, 120_000);

it('both sync, each into a schema of its own; what is there is taken once', async () => {
  await using both = await sharing(db, sim);
  const { one, two, link, bundle } = both;
  const there = await takeAll(two, bundle);
  expect(there.plan.projects).toMatchObject([{ status: 'same', links: [{ status: 'same' }] }]);
  expect(there.result).toMatchObject({ created: [], problems: [] });
  expect(await two.api.sources.list()).toHaveLength(1);
  const [project] = await two.api.projects.list();
  const [theirs] = await two.api.links.list({ projectId: project?.id ?? '' });
  if (!theirs) throw new Error('no link came along');
  expect(theirs).toMatchObject({ credentialMode: 'project', syncConfig: link.syncConfig });
  expect(theirs.dataset?.schemaName).not.toBe(link.dataset?.schemaName);
  for (const [ws, its] of [
    [one, link],
    [two, theirs],
  ] as const)
    expect(await syncToEnd(ws, its)).toMatchObject({ status: 'completed', rowCounts: { forms: 5 } });
});
