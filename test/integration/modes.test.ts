import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Credentials and schemas: of a project or of a person; what is deleted, what stays. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({ domains: [{ name: 'space', forms: 40, cases: 10, seed: 9 }] });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const setup = () => ({ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'space' });
const schemas = async (): Promise<string[]> =>
  (await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'data\\_%' ORDER BY 1")).map(
    (row) => row['nspname'] as string,
  );

it('a project’s own sign-in lands in the project’s schema, beside people’s', async () => {
  const mine = await setUp(ws.api, setup());
  await syncToEnd(ws, mine);
  const project = (await ws.api.projects.list()).find(({ id }) => id === mine.projectId);
  const shared = await ws.api.projects.create({ name: 'Shared', connectionId: project?.connectionId ?? '' });
  const link = await ws.api.links.create({
    projectId: shared.id,
    sourceId: mine.sourceId,
    credentialMode: 'project',
    syncConfig: { datasets: ['forms'] },
  });
  expect(link.dataset?.signIn).toBe('missing');
  // The person's own sign-in is not the project's.
  expect((await syncToEnd(ws, link)).error).toMatchObject({ code: 'SIGN_IN_NEEDED' });
  const credential = await ws.api.credentials.signIn({ sourceId: mine.sourceId, projectId: shared.id });
  expect(credential).toMatchObject({ projectId: shared.id, personId: null, state: 'valid' });
  expect((await syncToEnd(ws, link)).status).toBe('completed');
  const short = shared.id.slice(0, 8);
  expect(link.dataset).toMatchObject({ personId: null, schemaName: `data_${short}_commcare` });
  const me = (await ws.api.app.info()).person.id;
  expect(mine.dataset).toMatchObject({ personId: me, schemaName: `data_${me.slice(0, 8)}_commcare` });
  expect(await schemas()).toEqual([mine.dataset?.schemaName, link.dataset?.schemaName].sort());

  // A second sign-in of the same owner renews the first.
  const again = await ws.api.credentials.signIn({ sourceId: mine.sourceId, projectId: shared.id });
  expect(again.id).toBe(credential.id);

  // A connection in use stays; the answer names who uses it.
  await expect(ws.api.connections.delete({ id: shared.connectionId })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining('Shared'),
  });
  // Unlinking keeps the schema unless the person says otherwise.
  await ws.api.links.delete({ id: link.id });
  expect(await schemas()).toContain(link.dataset?.schemaName);
  await ws.api.links.delete({ id: mine.id, dropSchemas: true });
  expect(await schemas()).not.toContain(mine.dataset?.schemaName);
  // A deleted source is gone from every list at once, and its credentials with it.
  await ws.api.sources.delete({ id: mine.sourceId });
  expect((await ws.api.sources.list()).map(({ id }) => id)).not.toContain(mine.sourceId);
  expect(await ws.api.credentials.list()).toEqual([]);
  expect((await ws.api.vault.status()).secrets).toBe((await ws.api.connections.list()).total);
});

it('disconnecting revokes at the source and destroys the tokens here', async () => {
  const link = await setUp(ws.api, setup());
  const [credential] = (await ws.api.credentials.list()).filter(({ sourceId }) => sourceId === link.sourceId);
  const revoked = sim.stats.requests.revoke;
  await ws.api.credentials.disconnect({ id: credential?.id ?? '' });
  expect(sim.stats.requests.revoke).toBe(revoked + 1);
  expect((await syncToEnd(ws, link)).error).toMatchObject({ code: 'SIGN_IN_NEEDED' });
});

it('reader roles may read what is published, and only read', async () => {
  const role = `readers_${db.database}`;
  await db.query(`CREATE ROLE ${role}`);
  const link = await setUp(ws.api, { ...setup(), readerRoles: [role] });
  await syncToEnd(ws, link);
  const schema = link.dataset?.schemaName ?? '';
  const [rights] = await db.query(
    `SELECT has_schema_privilege($1, $2, 'USAGE') AS usage, has_table_privilege($1, $3, 'SELECT') AS read, has_table_privilege($1, $3, 'INSERT') AS write`,
    [role, schema, `"${schema}".forms`],
  );
  expect(rights).toEqual({ usage: 't', read: 't', write: 'f' });
});

it('an access token that ran out in the middle is renewed once and nothing is read twice', async () => {
  let now = Date.now();
  const short = await createHqSimulator({
    domains: [{ name: 'space', forms: 5000, cases: 10, seed: 9 }],
    clock: () => now,
    onRequest: ({ kind, nth }) => {
      // The third page finds the token expired.
      if (kind === 'form' && nth === 3) now += 901_000;
    },
  });
  const link = await setUp(ws.api, { ...setup(), sourceUrl: short.url });
  const tokens = short.stats.requests.token;
  const job = await syncToEnd(ws, link);
  expect(job).toMatchObject({ status: 'completed', rowCounts: { forms: 5000 } });
  expect(short.stats.requests.token).toBe(tokens + 1);
  await short.close();
});
