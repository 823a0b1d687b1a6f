import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { addressOfConnection } from '../../preload/contract/connection-address.ts';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
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
    ...{ name: `tables ${count}`, sourceType: 'tables', baseUrl: addressOfConnection(connectionId) },
    settings: { schema },
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
    console.log(await columnsOf(target, schema));
    console.log(await target.query(`SELECT * FROM ${schema}.visits ORDER BY id LIMIT 3`));
  });
});
