import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'small', forms: 20, cases: 5, seed: 1 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

it('is the project’s own schema and every dataset that is there; what is not is read', async () => {
  await using ws = await openWorkspace();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const link = await setUp(ws.api, setup);
  const schema = link.dataset?.schemaName ?? '';
  await ws.api.projects.update({ id: link.projectId, dbSchema: 'Own "one" \\ here' });
  const before = await ws.api.projects.searchPath({ projectId: link.projectId });
  expect(before).toMatchObject({ schemas: ['Own "one" \\ here'], queued: 1 });
  const [job] = await ws.api.syncs.list({});
  expect(await ws.app.jobEnded(job?.id ?? '')).toMatchObject({ status: 'completed', trigger: 'schedule' });

  const path = await ws.api.projects.searchPath({ projectId: link.projectId });
  expect(path).toMatchObject({ schemas: ['Own "one" \\ here', schema], queued: 0 });
  const { host, port, user, password } = db.postgres;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const shown = async (query: string, first?: string) => {
    const client = new pg.Client(`postgresql://${login}@${host}:${port}/${db.database}${query}`);
    await client.connect();
    if (first) await client.query(first);
    const answers = [
      await client.query('SHOW search_path'),
      await client.query('SELECT count(*)::int AS n FROM forms'),
    ];
    await client.end();
    // The server shows what it was given, quoted or not.
    return answers
      .map(({ rows }) => Object.values(rows[0])[0])
      .map((each) => (typeof each === 'string' ? each.replace(`"${schema}"`, schema) : each));
  };
  const expected = [`"Own ""one"" \\ here", ${schema}`, 20];
  expect(await shown('', path.set)).toEqual(expected);
  expect(await shown(`?${path.urlParameter}`)).toEqual(expected);
  await db.query(path.alterRole.replace('CURRENT_USER', user));
  expect(await shown('')).toEqual(expected);
});

it('reads nothing of a link or a source that is switched off, and nothing without a sign-in', async () => {
  await using ws = await openWorkspace();
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'small' };
  const link = await setUp(ws.api, setup);
  const queued = async () => (await ws.api.projects.searchPath({ projectId: link.projectId })).queued;
  await ws.api.links.update({ id: link.id, isActive: false });
  expect(await queued()).toBe(0);
  await ws.api.links.update({ id: link.id, isActive: true });
  await ws.api.sources.update({ id: link.sourceId, isActive: false });
  expect(await queued()).toBe(0);
  const refused = await syncToEnd(ws, link);
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'SOURCE_OFF' } });
  await ws.api.sources.update({ id: link.sourceId, isActive: true });
  const [credential] = await ws.api.credentials.list();
  await ws.api.credentials.disconnect({ id: credential?.id ?? '' });
  expect(await queued()).toBe(0);
});
