import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/*
 * A project goes to another database, a link to another mode: what is there is told first, the new tables come beside the old
 * ones, and the old ones stay or go once the new ones are there. Nothing is left that nobody knows of.
 */

let here: TestDatabase;
let there: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;

beforeAll(async () => {
  [here, there] = await Promise.all([createDatabase(), createDatabase()]);
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 30, cases: 3, seed: 4 },
      { name: 'other', forms: 7, cases: 3, seed: 5 },
    ],
  });
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await here[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const schemas = async (db: TestDatabase, like: string): Promise<string[]> =>
  (await db.query('SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1) ORDER BY 1', [like])).map(
    ({ nspname }) => nspname as string,
  );
const formsIn = (db: TestDatabase, schema: string) => db.query(`SELECT count(*) AS n FROM "${schema}".forms`);

/** A project whose forms are read into the first database, and a connection to the second one. */
async function published(): Promise<{ link: Link; schema: string; connectionId: string }> {
  const link = await setUp(ws.api, {
    ...{ postgres: here.postgres, database: here.database, sourceUrl: sim.url, domain: 'demo' },
    datasets: ['forms'],
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  const connection = await ws.api.connections.create({
    ...{ name: `there ${link.id.slice(0, 8)}`, host: there.postgres.host, port: there.postgres.port },
    ...{ database: there.database, tlsMode: 'disable', user: there.postgres.user },
    password: there.postgres.password,
  });
  return { link, schema: link.dataset?.schemaName ?? '', connectionId: connection.id };
}
const onlyLink = async (projectId: string): Promise<Link> =>
  (await ws.api.links.list({ projectId }))[0] as Link;
const keptOf = async (schema: string) =>
  (await ws.api.kept.list()).find(({ schemaName }) => schemaName === schema);
/** Resolves when what was begun by itself has ended. */
async function read(datasetId: string): Promise<void> {
  const [job] = (await ws.api.syncs.list({ limit: 500 })).filter((each) => each.datasetId === datasetId);
  if (job) await ws.app.jobEnded(job.id);
}

it('says what a move would leave behind, and does nothing before it is told what becomes of it', async () => {
  const { link, schema, connectionId } = await published();
  const left = [
    { datasetId: link.dataset?.id, schemaName: schema, rows: expect.any(Number), personName: 'Owner' },
  ];
  const wouldBe = await ws.api.kept.wouldBe({ projectId: link.projectId });
  expect(wouldBe).toMatchObject([{ ...left[0], personName: expect.any(String) }]);
  expect(await ws.api.kept.wouldBe({ linkId: link.id })).toEqual(wouldBe);
  expect(await ws.api.kept.wouldBe({ sourceId: link.sourceId })).toEqual(wouldBe);
  await expect(ws.api.projects.update({ id: link.projectId, connectionId })).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining(schema),
  });
  await expect(ws.api.links.update({ id: link.id, credentialMode: 'project' })).rejects.toMatchObject({
    code: 'IN_USE',
  });
  expect(await onlyLink(link.projectId)).toMatchObject({
    dataset: { id: link.dataset?.id, status: 'ready' },
  });
});

it('moves a project: the old tables are read until the new ones are there, then they go', async () => {
  const { link, schema, connectionId } = await published();
  const project = await ws.api.projects.update({ id: link.projectId, connectionId, oldTables: 'drop' });
  expect(project).toMatchObject({ connectionId });
  const moved = await onlyLink(link.projectId);
  const dataset = moved.dataset;
  expect(dataset).toMatchObject({ connectionId, dataAsOf: null, job: { trigger: 'schedule' } });
  expect(dataset?.schemaName).not.toBe(schema);
  expect(await keptOf(schema)).toMatchObject({ replacedBy: dataset?.id, dataAsOf: expect.any(String) });
  expect(await formsIn(here, schema)).toEqual([{ n: '30' }]);
  await read(dataset?.id ?? '');
  expect(await formsIn(there, dataset?.schemaName ?? '')).toEqual([{ n: '30' }]);
  await expect
    .poll(async () => {
      await ws.app.tick();
      return keptOf(schema);
    })
    .toBeUndefined();
  expect(await schemas(here, schema)).toEqual([]);
  expect(
    await here.query('SELECT schema_name FROM headgate.datasets WHERE schema_name = $1', [schema]),
  ).toEqual([]);
});

it('keeps tables that other people built on, and says so in the list', async () => {
  const { link, schema, connectionId } = await published();
  await here.query(`CREATE VIEW public."on_${schema}" AS SELECT * FROM "${schema}".forms`);
  await ws.api.projects.update({ id: link.projectId, connectionId, oldTables: 'drop' });
  const { dataset } = await onlyLink(link.projectId);
  await read(dataset?.id ?? '');
  await expect
    .poll(async () => {
      await ws.app.tick();
      return (await keptOf(schema))?.replacedBy;
    })
    .toBeNull();
  expect(await formsIn(here, schema)).toEqual([{ n: '30' }]);
});

it('gives a link another mode: each has tables of its own, and the old ones stay where that is said', async () => {
  const { link, schema } = await published();
  const changed = await ws.api.links.update({ id: link.id, credentialMode: 'project', oldTables: 'keep' });
  expect(changed).toMatchObject({
    credentialMode: 'project',
    dataset: { personId: null, status: 'pending', signIn: 'missing', outlook: { wait: 'signed_out' } },
  });
  expect(await keptOf(schema)).toMatchObject({ replacedBy: null, personName: expect.any(String) });
  await ws.api.credentials.signIn({ sourceId: link.sourceId, projectId: link.projectId });
  expect(await syncToEnd(ws, changed)).toMatchObject({ status: 'completed' });
  expect(await formsIn(here, schema)).toEqual([{ n: '30' }]);
  const back = await ws.api.links.update({ id: link.id, credentialMode: 'user', oldTables: 'keep' });
  expect(back).toMatchObject({ credentialMode: 'user', dataset: { personId: expect.any(String) } });
});

it('reads another project space beside the tables of the one before', async () => {
  const { link, schema } = await published();
  const settings = { domain: 'other' };
  await expect(ws.api.sources.update({ id: link.sourceId, settings })).rejects.toMatchObject({
    code: 'IN_USE',
  });
  await ws.api.sources.update({ id: link.sourceId, settings, oldTables: 'keep' });
  const { dataset } = await onlyLink(link.projectId);
  expect(dataset?.schemaName).not.toBe(schema);
  await read(dataset?.id ?? '');
  expect(await formsIn(here, dataset?.schemaName ?? '')).toEqual([{ n: '7' }]);
  expect(await formsIn(here, schema)).toEqual([{ n: '30' }]);
});
