import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { addressOfConnection } from '../../preload/contract/connection-address.ts';
import type { ConnectionInput, Person } from '../../preload/contract/models.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf } from '../support/parts.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Tables of a database as a source, through the whole core: a connection is lent, tables are chosen, landed and refreshed. */

// The suite's own, which each workspace is searched for when it closes.
const { password } = inject('postgres');
let target: TestDatabase;
let ws: Workspace;
let count = 0;

beforeAll(async () => {
  [target, ws] = await Promise.all([createDatabase(), openWorkspace()]);
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

const connect = async (more: Partial<ConnectionInput>) => {
  count += 1;
  return await ws.api.connections.create({
    ...{ name: `connection ${count}`, host: '127.0.0.1', tlsMode: 'disable', password, ...more },
  } as ConnectionInput);
};
const overTarget = () => {
  const { port, user, password: word } = target.postgres;
  return connect({ port, user, password: word, database: target.database });
};
/** A source over a connection, lent to a new project, with these tables chosen. */
const landed = async (connectionId: string, schema: string, datasets: string[]) => {
  count += 1;
  const source = await ws.api.sources.create({
    ...{ name: `tables ${count}`, sourceType: 'database_tables', baseUrl: addressOfConnection(connectionId) },
    settings: { table_schema: schema },
  });
  const project = await ws.api.projects.create({ name: `P ${count}`, connectionId: (await overTarget()).id });
  await ws.api.credentials.signInWith({
    ...{ sourceId: source.id, projectId: project.id, kind: 'connection', fields: {} },
  });
  const link = await ws.api.links.create({
    ...{ projectId: project.id, sourceId: source.id, credentialMode: 'project' },
    syncConfig: { datasets, refresh: { how: 'full', wholeEveryDays: 7 } },
  });
  return { source, project, link, sync: () => syncToEnd(ws, link) };
};
const schemaOf = async (linkId: string): Promise<string> =>
  (await ws.api.links.list()).find(({ id }) => id === linkId)?.dataset?.schemaName ?? '';

describe('tables of a PostgreSQL', () => {
  let origin: TestDatabase;
  beforeAll(async () => {
    origin = await createDatabase();
    await origin.query(`CREATE SCHEMA clinic;
      CREATE TABLE clinic.sites (id integer PRIMARY KEY, name text NOT NULL);
      CREATE TABLE clinic.visits (id bigint PRIMARY KEY, site integer REFERENCES clinic.sites, note text, weight numeric(6,2),
        seen timestamptz, noted timestamp(3), day date, at time, ok boolean, extra jsonb, tags text[], code varchar(8));
      COMMENT ON TABLE clinic.visits IS 'Every visit'; COMMENT ON COLUMN clinic.visits.weight IS 'in kilograms';
      INSERT INTO clinic.sites SELECT n, 'site ' || n FROM generate_series(1, 20) n;
      INSERT INTO clinic.visits SELECT n, 1 + n % 20, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'seen "' || n END, n / 4.0,
        timestamptz '2026-01-01 00:00:00.5+05:30' + n * interval '1 minute', timestamp '2026-02-03 04:05:06.789', date '2026-02-28',
        time '23:59:59', n % 2 = 0, jsonb_build_object('a', n, 'b', '[{"c": 12345678901234567890}]'::jsonb), ARRAY['x', 'y, z'], lpad(n::text, 8, '0')
        FROM generate_series(1, 12000) n;
      GRANT USAGE ON SCHEMA clinic TO ${origin.postgres.user}; GRANT SELECT ON ALL TABLES IN SCHEMA clinic TO ${origin.postgres.user}`);
  });
  afterAll(() => origin[Symbol.asyncDispose]());

  it('are landed with their types, comments and empty texts, and follow what changes', async () => {
    const { port, user, password: word } = origin.postgres;
    const from = await connect({ port, user, password: word, database: origin.database });
    const { source, project, link, sync } = await landed(from.id, 'clinic', ['sites', 'visits']);
    const found = await ws.api.sources.discover({ id: source.id, projectId: project.id });
    expect(found.scopes.map(({ value }) => value)).toContain('clinic');
    expect(found.datasets.map(({ name, usual }) => [name, usual])).toEqual([
      ['sites', false],
      ['visits', false],
    ]);
    expect(await sync()).toMatchObject({ status: 'completed' });
    const schema = await schemaOf(link.id);
    const tables = await columnsOf(target, schema);
    expect(Object.fromEntries(tables.get('visits') ?? [])).toEqual({
      ...{ row_key: 'text', id: 'bigint', site: 'bigint', note: 'text', weight: 'numeric', ok: 'boolean' },
      ...{ seen: 'timestamp with time zone', noted: 'timestamp without time zone', day: 'date' },
      ...{ at: 'time without time zone', extra: 'jsonb', tags: 'jsonb', code: 'text' },
    });
    const rows = () =>
      target.query(`SELECT count(*) AS n, count(note) AS noted, count(*) FILTER (WHERE note = '') AS empty, sum(weight) AS weight,
        max(code) AS code, count(DISTINCT extra #> '{b,0,c}') AS exact FROM ${schema}.visits`);
    expect(await rows()).toEqual([
      { n: '12000', noted: '8000', empty: '4000', weight: '18001500.00', code: '00012000', exact: '1' },
    ]);
    const [indexed] = await target.query(
      `SELECT count(*) AS n FROM pg_indexes WHERE schemaname = $1 AND tablename = 'visits' AND indexdef ~ '\\((id|site)\\)'`,
      [schema],
    );
    expect(indexed).toEqual({ n: '2' });
    const known = await ws.api.datasets.dictionary({ id: link.dataset?.id ?? '' });
    const visits = known.tables.find(({ name }) => name === 'visits');
    expect(visits?.description).toContain('Every visit');
    expect(visits?.columns.find(({ name }) => name === 'weight')?.label).toBe('in kilograms');

    await origin.query(`UPDATE clinic.visits SET note = NULL WHERE id <= 10; DELETE FROM clinic.visits WHERE id > 11000;
      ALTER TABLE clinic.visits ADD COLUMN late text; UPDATE clinic.visits SET late = 'x' WHERE id = 5`);
    expect(await sync()).toMatchObject({ status: 'completed' });
    expect(await rows()).toMatchObject([{ n: '11000', code: '00011000' }]);
    expect(await target.query(`SELECT id FROM ${schema}.visits WHERE late = 'x' AND note IS NULL`)).toEqual([
      { id: '5' },
    ]);

    await origin.query('ALTER TABLE clinic.sites RENAME TO places');
    const failed = await sync();
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'DATASET_GONE' } });
    expect(failed.error?.message).toContain('sites');
    expect(await rows()).toMatchObject([{ n: '11000' }]);

    // It is read over its connection: neither is there without the other.
    expect((await ws.api.connections.usage({ id: from.id })).sources).toEqual([
      { id: source.id, name: source.name },
    ]);
    expect(await codeOf(() => ws.api.connections.delete({ id: from.id }))).toBe('IN_USE');
    await ws.api.links.delete({ id: link.id });
    await ws.api.sources.delete({ id: source.id });
    await ws.api.connections.delete({ id: from.id });
  });
});

describe('whose connection it is', () => {
  let origin: TestDatabase;
  let ada: Person;
  let owner: Person;
  const words = 'a-long-canary-passphrase';
  beforeAll(async () => {
    origin = await createDatabase();
    await origin.query(`CREATE TABLE plain (id int PRIMARY KEY); INSERT INTO plain VALUES (1), (2);
      GRANT SELECT ON plain TO ${origin.postgres.user}`);
    owner = (await ws.api.app.info()).person;
    await ws.api.people.setPassphrase({ id: owner.id, next: words });
    ada = await ws.api.people.create({ name: 'Ada', roles: ['project_admin'], passphrase: words });
  });
  afterAll(() => origin[Symbol.asyncDispose]());
  const asAda = async <T>(work: () => Promise<T>): Promise<T> => {
    await ws.api.session.signIn({ personId: ada.id, passphrase: words });
    try {
      return await work();
    } finally {
      await ws.api.session.signIn({ personId: owner.id, passphrase: words });
    }
  };
  const overOrigin = () => {
    const { port, user, password: word } = origin.postgres;
    return connect({ port, user, password: word, database: origin.database, access: 'granted' });
  };
  const input = (connectionId: string) => {
    count += 1;
    const address = addressOfConnection(connectionId);
    return {
      name: `tables ${count}`,
      sourceType: 'database_tables',
      baseUrl: address,
      settings: { table_schema: 'public' },
    };
  };

  it('is asked of whoever makes a source of it, moves one to it, or lends it', async () => {
    const mine = await overOrigin();
    const { source, project } = await landed(mine.id, 'public', ['plain']);
    const theirs = await overTarget();
    await asAda(async () => {
      expect(await codeOf(() => ws.api.sources.create(input(mine.id)))).toBe('CONNECTION_NOT_GRANTED');
      const own = await ws.api.sources.create(input(theirs.id));
      const moved = { id: own.id, baseUrl: addressOfConnection(mine.id) };
      expect(await codeOf(() => ws.api.sources.update(moved))).toBe('CONNECTION_NOT_GRANTED');
      const lend = { sourceId: source.id, kind: 'connection' as const, fields: {} };
      expect(await codeOf(() => ws.api.credentials.signInWith(lend))).toBe('CONNECTION_NOT_GRANTED');
      const forProject = { ...lend, projectId: project.id };
      expect(await codeOf(() => ws.api.credentials.signInWith(forProject))).toBe('CONNECTION_NOT_GRANTED');
    });
  });

  it('is asked of whoever chooses another schema, more tables, or looks what there is', async () => {
    const mine = await overOrigin();
    const { source, project, link, sync } = await landed(mine.id, 'public', ['plain']);
    await asAda(async () => {
      const refused = [
        () => ws.api.sources.discover({ id: source.id, projectId: project.id }),
        () => ws.api.sources.update({ id: source.id, settings: { table_schema: 'other' } }),
        () =>
          ws.api.links.update({
            id: link.id,
            syncConfig: { ...link.syncConfig, datasets: ['plain', 'wages'] },
          }),
      ];
      for (const attempt of refused) expect(await codeOf(attempt)).toBe('CONNECTION_NOT_GRANTED');
      // What was chosen by somebody who may goes on.
      expect(await sync()).toMatchObject({ status: 'completed' });
    });
  });

  it('is asked again before each run of a person’s own dataset', async () => {
    const mine = await overOrigin();
    await ws.api.grants.set({ connectionId: mine.id, personId: ada.id, level: 'use' });
    const { source, project } = await landed(mine.id, 'public', ['plain']);
    const link = await asAda(async () => {
      await ws.api.credentials.signInWith({ sourceId: source.id, kind: 'connection', fields: {} });
      const [one] = await ws.api.links.list({ projectId: project.id });
      return await ws.api.links.update({ id: one?.id ?? '', credentialMode: 'user' });
    });
    expect(await asAda(() => syncToEnd(ws, link))).toMatchObject({ status: 'completed' });
    await ws.api.grants.set({ connectionId: mine.id, personId: ada.id, level: null });
    expect(await asAda(() => syncToEnd(ws, link))).toMatchObject({
      ...{ status: 'failed', error: { code: 'CONNECTION_NOT_GRANTED' } },
    });
  });

  it('ends what was lent when the source moves to another, and takes no address of a server', async () => {
    const mine = await overOrigin();
    const other = await overOrigin();
    const { source, project, sync } = await landed(mine.id, 'public', ['plain']);
    expect(await sync()).toMatchObject({ status: 'completed' });
    await ws.api.sources.update({ id: source.id, baseUrl: addressOfConnection(other.id) });
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'SIGN_IN_NEEDED' } });
    await ws.api.credentials.signInWith({
      ...{ sourceId: source.id, projectId: project.id, kind: 'connection', fields: {} },
    });
    expect(await sync()).toMatchObject({ status: 'completed' });
    const server = 'https://forms.example.org';
    for (const wrong of [
      () => ws.api.sources.update({ id: source.id, baseUrl: server }),
      () => ws.api.sources.create({ ...input(mine.id), baseUrl: server }),
      () => ws.api.sources.create({ ...input(mine.id), sourceType: 'odk_central', settings: {} }),
      () => ws.api.sources.create(input(crypto.randomUUID())),
    ])
      expect(['INPUT_INVALID', 'NOT_FOUND']).toContain(await codeOf(wrong));
  });

  it('is read no more when it is switched off, and says so', async () => {
    const mine = await overOrigin();
    const { sync } = await landed(mine.id, 'public', ['plain']);
    expect(await sync()).toMatchObject({ status: 'completed' });
    await ws.api.connections.bulk({ ids: [mine.id], change: { state: 'disabled' } });
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'CONNECTION_OFF' } });
  });
});
