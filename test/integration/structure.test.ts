import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* What is in a database: read live, remembered, compared. */

let db: TestDatabase;
let ws: Workspace;
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});

it('is told with keys, comments and estimates; from memory with its age when the database is gone; with what changed', async () => {
  await db.query(`CREATE SCHEMA field; COMMENT ON SCHEMA field IS 'Field data';
    CREATE TABLE field.site (id int PRIMARY KEY, name text NOT NULL);
    COMMENT ON TABLE field.site IS 'Where we work'; COMMENT ON COLUMN field.site.name IS 'As on the map';
    CREATE TABLE field.visit (site int REFERENCES field.site, at timestamptz, n numeric(10,2), PRIMARY KEY (site, at));
    CREATE VIEW field.recent AS SELECT * FROM field.visit; CREATE MATERIALIZED VIEW field.sums AS SELECT 1 AS one;
    CREATE TABLE field.parts (k int) PARTITION BY LIST (k); CREATE TABLE field.part_1 PARTITION OF field.parts FOR VALUES IN (1);
    INSERT INTO field.site SELECT g, 'x' FROM generate_series(1, 500) g; ANALYZE field.site;
    CREATE SCHEMA closed`);
  const role = await createRole(db);
  await db.query(`GRANT USAGE ON SCHEMA field TO ${role.name}; REVOKE ALL ON SCHEMA closed FROM PUBLIC`);
  const { id } = await ws.api.connections.create(role.input());
  const first = await ws.api.connections.structure({ id });
  expect(first).toMatchObject({ warning: null, cut: false, changes: [], changesSince: null });
  const field = first.schemas.find(({ name }) => name === 'field');
  expect(first.schemas.map(({ name }) => name)).not.toContain('closed');
  expect(field?.comment).toBe('Field data');
  expect(field?.tables.map(({ name, kind }) => [name, kind])).toEqual([
    ['parts', 'partitioned'],
    ['recent', 'view'],
    ['site', 'table'],
    ['sums', 'materialized_view'],
    ['visit', 'table'],
  ]);
  const [site, visit] = ['site', 'visit'].map((name) => field?.tables.find((table) => table.name === name));
  expect(site).toMatchObject({ comment: 'Where we work', rows: 500, primaryKey: ['id'] });
  expect(site?.columns).toEqual([
    { name: 'id', type: 'integer', nullable: false, comment: null },
    { name: 'name', type: 'text', nullable: false, comment: 'As on the map' },
  ]);
  expect(visit).toMatchObject({
    rows: null,
    primaryKey: ['site', 'at'],
    foreignKeys: [{ columns: ['site'], references: 'field.site', referenced: ['id'] }],
  });

  await db.query(`ALTER TABLE field.site ALTER COLUMN name TYPE varchar(80); ALTER TABLE field.site ADD COLUMN code int;
    DROP VIEW field.recent; CREATE TABLE field.extra ()`);
  // What was read is answered at once, until somebody asks for a live look.
  expect((await ws.api.connections.structure({ id })).at).toBe(first.at);
  const second = await ws.api.connections.structure({ id, refresh: true });
  expect(second.changesSince).toBe(first.at);
  expect(
    second.changes.map(({ kind, table, column, before, after }) => [kind, table, column, before, after]),
  ).toEqual([
    ['table_added', 'extra', null, null, null],
    ['column_retyped', 'site', 'name', 'text', 'character varying(80)'],
    ['column_added', 'site', 'code', null, 'integer'],
    ['table_removed', 'recent', null, null, null],
  ]);

  await ws.api.connections.update({ id, host: 'db.nowhere.invalid', password: role.password });
  const away = await ws.api.connections.structure({ id, refresh: true });
  expect(away).toMatchObject({ at: second.at, warning: { code: 'DB_HOST_UNKNOWN' } });
  expect(away.schemas).toEqual(second.schemas);
  const other = await ws.api.connections.create(role.input({ host: 'db.nowhere.invalid' }));
  await expect(ws.api.connections.structure({ id: other.id })).rejects.toMatchObject({
    code: 'DB_HOST_UNKNOWN',
  });
});
