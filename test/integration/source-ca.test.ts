import { afterAll, beforeAll, expect, it } from 'vitest';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import type { Job, Link, Source } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { makeCertificate } from '../support/certificates.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FrontServer, startFront } from '../support/front-server.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A source whose certificate an authority issued that only the source knows: every kind of request to it. */

const ca = makeCertificate('Ministry CA', { ca: true });
const other = makeCertificate('Other CA', { ca: true });
const identity = makeCertificate('hq', { names: ['localhost'], issuer: ca });

let db: TestDatabase;
let sim: HqSimulator;
let front: FrontServer;
let ws: Workspace;
let link: Link;

beforeAll(async () => {
  [db, sim] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 20, cases: 3, seed: 4 }] }),
  ]);
  front = await startFront(sim.url, identity);
  const browser = scriptedBrowser('allow');
  // The person's browser has certificates of its own.
  ws = await openWorkspace({ openUrl: (url) => browser(url.replace(front.url, sim.url)) });
  link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: front.url, domain: 'demo' },
    ...{ datasets: ['forms'], tlsCa: ca.cert },
  });
});
afterAll(async () => {
  await ws?.[Symbol.asyncDispose]();
  await front?.[Symbol.asyncDispose]();
  await sim?.close();
  await db?.[Symbol.asyncDispose]();
});

const sourceOf = async (): Promise<Source> => {
  const found = (await ws.api.sources.list()).find(({ id }) => id === link.sourceId);
  return found ?? expect.unreachable();
};
const paths = (): string[] => front.passed.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
const refused = (work: Promise<unknown>): Promise<{ code: string; message: string; advice: string }> =>
  work.then(
    () => expect.unreachable(),
    (error: { code: string; message: string; advice: string }) => error,
  );

it('is trusted for the sign-in, who it is, what there is to choose, and the data', async () => {
  expect((await sourceOf()).tlsCa).toBe(ca.cert);
  expect((await ws.api.sources.discover({ id: link.sourceId })).scopes.length).toBeGreaterThan(0);
  await ws.api.sources.choices({ id: link.sourceId });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed', rowCounts: { forms: 20 } });
  expect(new Set(paths())).toEqual(
    new Set([
      'POST /oauth/token/',
      'GET /api/identity/v1/',
      'GET /api/user_domains/v1/',
      'GET /a/demo/api/application/v1/',
      'GET /a/demo/api/form/v1/',
    ]),
  );
});

it('another one is refused at once, by every kind of request, and nothing is sent', async () => {
  const { id } = await ws.api.sources.update({ id: link.sourceId, tlsCa: other.cert });
  const [sent, opened] = [front.passed.length, front.opened];
  const wrong = {
    code: 'SOURCE_CERTIFICATE',
    advice: expect.stringContaining('CA certificate of this source'),
    message: expect.stringContaining('nobody that is trusted for this source'),
  };
  expect(await refused(ws.api.sources.discover({ id }))).toMatchObject(wrong);
  expect(await refused(ws.api.credentials.signIn({ sourceId: id }))).toMatchObject(wrong);
  const job: Job = await syncToEnd(ws, link);
  expect(job).toMatchObject({ status: 'failed', error: wrong });
  expect(front.passed).toHaveLength(sent);
  // Asking again cures no certificate. What a sync asks at once, pages and labels, it asks in two places.
  expect(front.opened - opened).toBeLessThanOrEqual(4);
  const none = await ws.api.sources.update({ id, tlsCa: null });
  expect(none.tlsCa).toBeNull();
  expect(await refused(ws.api.sources.discover({ id }))).toMatchObject(wrong);
});

it('is read before it is kept, and told in the log by no more than that it is there', async () => {
  const spoilt = ca.cert.replace(/\n[A-Za-z]{6}/, '\nAAAAAA');
  expect(await refused(ws.api.sources.update({ id: link.sourceId, tlsCa: spoilt }))).toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringMatching(/^tlsCa: /),
  });
  expect(
    await refused(ws.api.sources.update({ id: link.sourceId, tlsCa: `${ca.cert}${spoilt}` })),
  ).toMatchObject({ message: 'tlsCa: certificate 2 of 2 can not be read.' });
  await ws.api.sources.update({ id: link.sourceId, tlsCa: `${other.cert}\n${ca.cert}` });
  expect((await ws.api.sources.discover({ id: link.sourceId })).scopes.length).toBeGreaterThan(0);
  const told = (await ws.api.audit.list({ action: 'sources.update' })).map(({ details }) => details);
  expect(told).toContain('tlsCa=none→given');
  expect(told).toContain('tlsCa=given→none');
});

it('is trusted when the sign-in is revoked', async () => {
  const [credential] = (await ws.api.credentials.list()).filter((each) => each.sourceId === link.sourceId);
  await ws.api.credentials.disconnect({ id: credential?.id ?? '' });
  expect(paths()).toContain('POST /oauth/revoke_token/');
});
