import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type HostileServer, startHostileServer } from '../support/hostile-server.ts';
import { rawDb } from '../support/parts.ts';
import { linkForms } from '../support/plain-link.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Whoever may change a source, and whoever may write to the workspace's file, gets nobody's tokens by it. */

let db: TestDatabase;
let sim: HqSimulator;
let evil: HostileServer;
let ws: Workspace;

beforeAll(async () => {
  [db, sim, evil] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 20, cases: 3, seed: 4 }] }),
    startHostileServer(),
  ]);
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await evil[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const linked = (): Promise<Link> => linkForms(ws.api, db, sim.url);
const signIns = async (sourceId: string): Promise<number> =>
  (await ws.api.credentials.list()).filter((each) => each.sourceId === sourceId).length;
/** Everything that sends a token somewhere. */
const tryEverything = async ({ id, sourceId }: Link): Promise<string[]> => {
  const codes: string[] = [];
  for (const call of [
    () => ws.api.sources.discover({ id: sourceId }),
    () => ws.api.sources.choices({ id: sourceId }),
    async () => {
      const job = await syncToEnd(ws, { id } as Link);
      if (job.error) throw job.error;
    },
  ]) {
    await call().then(
      () => codes.push('done'),
      (error: { code: string }) => codes.push(error.code),
    );
  }
  return codes;
};

it('a source at another server has no sign-ins any more, and they are revoked where they were given out', async () => {
  const link = await linked();
  await ws.api.sources.update({ id: link.sourceId, name: 'Renamed', baseUrl: `${sim.url}/` });
  expect(await signIns(link.sourceId)).toBe(1);
  const revoked = sim.stats.requests.revoke;
  const source = await ws.api.sources.update({ id: link.sourceId, baseUrl: evil.url });
  expect(source.credential).toBeNull();
  expect(await signIns(link.sourceId)).toBe(0);
  // Where a sign-in may go is sealed with it, and no secret: who reads the log learns where the source was moved to.
  const [moved] = await ws.api.audit.list({ action: 'sources.update' });
  expect(moved?.details).toBe(`baseUrl=${sim.url}→${evil.url} signInsEnded=1`);
  expect(sim.stats.requests.revoke).toBe(revoked + 1);
  expect(await tryEverything(link)).toEqual(['SIGN_IN_NEEDED', 'SIGN_IN_NEEDED', 'SIGN_IN_NEEDED']);
  expect(evil.received).toEqual([]);
  // Back where it was, it is signed in to anew.
  await ws.api.sources.update({ id: link.sourceId, baseUrl: sim.url });
  await ws.api.credentials.signIn({ sourceId: link.sourceId });
  expect(await tryEverything(link)).toEqual(['done', 'done', 'done']);
});

it('tokens stay with their server also where the address is changed behind Headgate’s back', async () => {
  const link = await linked();
  {
    using file = rawDb(`${ws.folder}/headgate.db`);
    file.prepare('UPDATE data_sources SET base_url = ? WHERE id = ?').run(evil.url, link.sourceId);
  }
  expect(await tryEverything(link)).toEqual(['SIGN_IN_NEEDED', 'SIGN_IN_NEEDED', 'SIGN_IN_NEEDED']);
  // Not even to be revoked.
  const [credential] = (await ws.api.credentials.list()).filter(({ sourceId }) => sourceId === link.sourceId);
  await ws.api.credentials.disconnect({ id: credential?.id ?? '' });
  expect(evil.received).toEqual([]);
});
