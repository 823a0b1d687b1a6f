import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stagingSchema } from '../../main/sync/destination/postgres/lease.ts';
import type { DescribedColumn, DescribedTable, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What people say about tables and columns: here, as comments in the database, and in its catalogue. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let reader = '';
let stranger = '';
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  reader = `reads_${db.database}`;
  stranger = `strange_${db.database}`;
  await db.query(`CREATE ROLE ${reader}`);
  await db.query(`CREATE ROLE ${stranger}`);
  sim = await createHqSimulator({
    domains: ['said', 'kept', 'again', 'locked', 'paused', 'read', 'many'].map((name) => ({
      ...{ name, forms: 40, cases: 30, seed: 7 },
    })),
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  for (const role of [reader, stranger]) await db.query(`DROP OWNED BY ${role}`);
  await db[Symbol.asyncDispose]();
});

const link = (domain: string, more: Partial<Parameters<typeof setUp>[1]> = {}): Promise<Link> =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain, ...more });
const idOf = (made: Link): string => made.dataset?.id ?? '';
const schemaOf = (made: Link): string => made.dataset?.schemaName ?? '';

async function tableOf(made: Link, name: string): Promise<DescribedTable> {
  const { tables } = await ws.api.datasets.dictionary({ id: idOf(made) });
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`there is no table ${name}`);
  return table;
}
const columnOf = ({ columns }: DescribedTable, name: string): DescribedColumn => {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`there is no column ${name}`);
  return column;
};
async function commentOf(made: Link, table: string, column?: string): Promise<string | null> {
  const [row] = await db.query(
    column === undefined
      ? 'SELECT obj_description(to_regclass($1)) AS text'
      : `SELECT col_description(to_regclass($1), (SELECT attnum FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2)) AS text`,
    column === undefined ? [`${schemaOf(made)}.${table}`] : [`${schemaOf(made)}.${table}`, column],
  );
  return (row?.['text'] as string | null) ?? null;
}
const said = "The household's water source\nas the „visitor“ saw it: 'well' -- or \\ पानी";

describe('what a person says of a column', () => {
  it('stands beside the words of the source, at once as its comment, and outlives refreshes', async () => {
    const made = await link('said');
    await syncToEnd(ws, made);
    const visit = await tableOf(made, 'form_household_visit');
    const before = columnOf(visit, 'water_distance_km');
    const source = before.description ?? before.sourcePath;
    expect(before.note).toBeNull();
    expect(await commentOf(made, visit.name, before.name)).toBe(source);
    const change = { id: idOf(made), table: visit.id, column: before.name };
    const answer = await ws.api.dictionary.describe({ ...change, description: `  ${said}\r\n` });
    expect(answer).toMatchObject({ comment: 'written', note: { description: said, sensitivity: [] } });
    expect(await commentOf(made, visit.name, before.name)).toBe(`${said}\n${source}`);
    const after = columnOf(await tableOf(made, visit.name), before.name);
    expect(after).toMatchObject({ description: before.description, note: { description: said } });
    // Of the table itself too.
    await ws.api.dictionary.describe({ ...change, column: null, description: 'One row per visit.' });
    expect(await commentOf(made, visit.name)).toBe(`One row per visit.\n${visit.description}`);

    sim.domain('said').add('form', 3);
    expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
    expect(await commentOf(made, visit.name, before.name)).toMatch(said);
    expect(await commentOf(made, visit.name)).toMatch(/^One row per visit\.\n/);
    const refreshed = await tableOf(made, visit.name);
    expect(refreshed.note?.description).toBe('One row per visit.');
    expect(columnOf(refreshed, before.name).note?.description).toBe(said);
    expect(refreshed.coverage).toEqual({
      columns: refreshed.columns.length,
      described: refreshed.columns.filter(
        ({ note, label, sourcePath, description }) =>
          note !== null || label !== null || (sourcePath === null && description !== null),
      ).length,
      byPeople: 1,
    });

    // Taken away, the words of the source are what is left.
    expect(await ws.api.dictionary.describe({ ...change, description: '' })).toEqual({
      ...{ comment: 'written', note: null },
    });
    expect(await commentOf(made, visit.name, before.name)).toBe(source);
    const entries = await ws.api.audit.list({ limit: 20 });
    const text = JSON.stringify(entries);
    expect(text).toContain('table=form_household_visit column=water_distance_km description=set');
    expect(text).toContain('description=cleared');
    expect(text).not.toContain('water source');
  });

  it('is kept where the tables are dropped and made anew, also with another link of the same source', async () => {
    const made = await link('again', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const village = await tableOf(made, 'case_village');
    const [column] = village.columns.filter(({ sourcePath }) => sourcePath !== null);
    if (column === undefined) throw new Error('there is no column with a path');
    await ws.api.dictionary.describe({
      ...{ id: idOf(made), table: village.id, column: column.name },
      ...{ description: 'kept', sensitivity: ['location'] },
    });
    const { projectId, sourceId, syncConfig } = made;
    await ws.api.links.delete({ id: made.id, dropSchemas: true });
    const again = await ws.api.links.create({
      ...{ projectId, sourceId, syncConfig, credentialMode: made.credentialMode },
    });
    await syncToEnd(ws, again);
    const anew = await tableOf(again, 'case_village');
    expect(columnOf(anew, column.name).note).toMatchObject({
      ...{ description: 'kept', sensitivity: ['location'] },
    });
    expect(await commentOf(again, anew.name, column.name)).toMatch(/^kept\n/);
  });

  it('leaves a comment alone that somebody wrote by hand', async () => {
    const made = await link('kept', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const cases = await tableOf(made, 'cases');
    const change = { id: idOf(made), table: cases.id, column: 'case_type' };
    const relation = `"${schemaOf(made)}".cases`;
    await db.query(`COMMENT ON COLUMN ${relation}.case_type IS 'by a DBA'`);
    await db.query(`COMMENT ON TABLE ${relation} IS NULL`);
    expect((await ws.api.dictionary.describe({ ...change, description: 'mine' })).comment).toBe('kept');
    expect(
      (await ws.api.dictionary.describe({ ...change, column: null, description: 'mine too' })).comment,
    ).toBe('kept');
    await syncToEnd(ws, made);
    expect(await commentOf(made, 'cases', 'case_type')).toBe('by a DBA');
    expect(await commentOf(made, 'cases')).toBeNull();
    // It is known here all the same.
    expect(columnOf(await tableOf(made, 'cases'), 'case_type').note?.description).toBe('mine');
  });

  it('waits for the next refresh where somebody has the table, and is recognised then', async () => {
    const made = await link('locked', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const cases = await tableOf(made, 'cases');
    const change = { id: idOf(made), table: cases.id, column: 'case_type' };
    await ws.api.dictionary.describe({ ...change, description: 'first' });
    const client = await db.connect();
    await client.query(`BEGIN; LOCK TABLE "${schemaOf(made)}".cases IN SHARE ROW EXCLUSIVE MODE`);
    expect((await ws.api.dictionary.describe({ ...change, description: 'second' })).comment).toBe('later');
    await client.query('ROLLBACK');
    await client.end();
    expect(await commentOf(made, 'cases', 'case_type')).toMatch(/^first\n/);
    await syncToEnd(ws, made);
    expect(await commentOf(made, 'cases', 'case_type')).toMatch(/^second\n/);
    // Nor is anything written into a schema that is not Headgate's any more.
    await db.query(`COMMENT ON SCHEMA "${schemaOf(made)}" IS 'mine now'`);
    expect((await ws.api.dictionary.describe({ ...change, description: 'third' })).comment).toBe('later');
    expect(await commentOf(made, 'cases', 'case_type')).toMatch(/^second\n/);
  });

  it('waits while the dataset is being refreshed', async () => {
    const made = await link('paused', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const cases = await tableOf(made, 'cases');
    const client = await db.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `headgate ${schemaOf(made)}`,
    ]);
    const change = { id: idOf(made), table: cases.id, column: 'case_type' };
    expect((await ws.api.dictionary.describe({ ...change, description: 'x' })).comment).toBe('later');
    await client.query('ROLLBACK');
    await client.end();
    expect((await ws.api.dictionary.describe({ ...change, sensitivity: ['health'] })).comment).toBe(
      'written',
    );
    expect(await commentOf(made, 'cases', 'case_type')).toMatch(/^x\n/);
    // Somebody has begun, and is gone at the moment: what is staged has a comment of its own to come.
    await db.query(`CREATE SCHEMA "${stagingSchema(schemaOf(made))}"`);
    expect((await ws.api.dictionary.describe({ ...change, description: 'y' })).comment).toBe('later');
    expect(await commentOf(made, 'cases', 'case_type')).toMatch(/^x\n/);
    await db.query(`DROP SCHEMA "${stagingSchema(schemaOf(made))}"`);
  });
});

describe('headgate.dictionary', () => {
  it('tells those who may read the tables, and nobody else, and only what differs is written', async () => {
    const made = await link('read', { datasets: ['cases'], readerRoles: [reader] });
    await syncToEnd(ws, made);
    const cases = await tableOf(made, 'cases');
    await ws.api.dictionary.describe({
      ...{ id: idOf(made), table: cases.id, column: 'case_type' },
      ...{ description: 'What kind of case', sensitivity: ['personal', 'health'] },
    });
    const read = async (role: string) => {
      const client = await db.connect();
      await client.query(`SET ROLE ${role}`);
      try {
        const { rows } = await client.query<Record<string, string | null>>(
          'SELECT table_name, column_name, label, description, sensitivity FROM headgate.dictionary WHERE schema_name = $1',
          [schemaOf(made)],
        );
        return rows;
      } finally {
        await client.end();
      }
    };
    const rows = await read(reader);
    expect(
      rows.find((row) => row['table_name'] === 'cases' && row['column_name'] === 'case_type'),
    ).toMatchObject({
      description: 'What kind of case',
      sensitivity: '{personal,health}',
    });
    expect(rows.filter((row) => row['table_name'] === 'cases').length).toBe(cases.columns.length + 1);
    // Whoever may ask the catalogue, and not read the tables, is told nothing of them.
    await db.query(
      `GRANT USAGE ON SCHEMA headgate TO ${stranger}; GRANT SELECT ON headgate.dictionary TO ${stranger}`,
    );
    expect(await read(stranger)).toEqual([]);
    const client = await db.connect();
    await client.query(`SET ROLE ${reader}`);
    await expect(client.query('SELECT * FROM headgate.notes')).rejects.toThrow('permission denied');
    await client.end();
    const versions = () =>
      db.query('SELECT xmin::text, * FROM headgate.notes WHERE dataset = $1', [idOf(made)]);
    const before = await versions();
    expect(before.length).toBe(1);
    await syncToEnd(ws, made);
    expect(await versions()).toEqual(before);
    await ws.api.dictionary.describe({
      ...{ id: idOf(made), table: cases.id, column: 'case_type', description: null, sensitivity: [] },
    });
    expect(await versions()).toEqual([]);
    await ws.api.links.delete({ id: made.id, dropSchemas: true });
    expect(await read(reader)).toEqual([]);
  });
});

describe('sensitivity', () => {
  it('is suggested until a person decides', async () => {
    const made = await link('many', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const find = async () => {
      const { tables } = await ws.api.datasets.dictionary({ id: idOf(made) });
      return tables.flatMap((table) =>
        table.columns.flatMap((column) => (column.suggested.length > 0 ? [{ table, column }] : [])),
      );
    };
    const all = await find();
    const [one, two] = all;
    if (one === undefined || two === undefined) throw new Error('nothing is suggested');
    const [tag] = one.column.suggested;
    if (tag === undefined) throw new Error('no tag is suggested');
    const accept = {
      id: idOf(made),
      table: one.table.id,
      column: one.column.name,
      sensitivity: one.column.suggested,
    };
    expect((await ws.api.dictionary.describe(accept)).note?.sensitivity).toEqual(one.column.suggested);
    await ws.api.dictionary.describe({
      ...{ id: idOf(made), table: two.table.id, column: two.column.name, declined: two.column.suggested },
    });
    expect((await find()).length).toBe(all.length - 2);
  });
});
