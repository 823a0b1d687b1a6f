import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dictionary, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb } from '../support/parts.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* What is published is described: to the window by the store, to everybody else by the target itself. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let reader = '';
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  reader = `reads_${db.database}`;
  await db.query(`CREATE ROLE ${reader}`);
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 400, cases: 200, seed: 7 },
      { name: 'drifts', forms: 5, cases: 200, seed: 7 },
      { name: 'full', forms: 300, cases: 5, seed: 7 },
      { name: 'empty', forms: 0, cases: 0, seed: 7 },
    ],
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db.query(`DROP OWNED BY ${reader}`);
  await db[Symbol.asyncDispose]();
});

const link = (domain: string, more: Partial<Parameters<typeof setUp>[1]> = {}): Promise<Link> =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain, ...more });
const idOf = (made: Link): string => made.dataset?.id ?? '';
const dictionaryOf = (made: Link): Promise<Dictionary> => ws.api.datasets.dictionary({ id: idOf(made) });

describe('the dictionary', () => {
  it('describes every table and column that is published, without a value of it', async () => {
    const made = await link('demo', { readerRoles: [reader] });
    expect(await dictionaryOf(made)).toMatchObject({ dataAsOf: null, jobId: null, tables: [] });
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', notice: null });
    const { tables, coverage, ...head } = await dictionaryOf(made);
    expect(coverage.columns).toBe(tables.reduce((sum, { columns }) => sum + columns.length, 0));
    const dataset = (await ws.api.datasets.list()).find(({ id }) => id === idOf(made));
    expect(head).toEqual({ schemaName: dataset?.schemaName, dataAsOf: dataset?.dataAsOf, jobId: job.id });
    expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toEqual(job.rowCounts);
    const landed = await ws.api.datasets.tables({ id: idOf(made) });
    expect(
      new Map(tables.map(({ name, columns }) => [name, columns.map((column) => [column.name, column.type])])),
    ).toEqual(
      new Map(landed.map(({ name, columns }) => [name, columns.map((column) => [column.name, column.type])])),
    );
    const forms = tables.find(({ id }) => id === 'forms');
    expect(forms).toMatchObject({ name: 'forms', dataset: 'forms', rows: 400 });
    expect(forms?.source).toBe(`External: CommCare HQ (${new URL(sim.url).host}, domain demo)`);
    const visit = tables.find(({ name }) => name === 'form_household_visit');
    expect(visit?.dataset).toBe('forms');
    expect(tables.find(({ name }) => name === 'case_village')?.dataset).toBe('cases');
    const column = visit?.columns.find(({ name }) => name === 'water_distance_km');
    expect(column).toMatchObject({ type: 'numeric', sourcePath: 'water.distance_km' });
    // The statistics are those of the data.
    for (const { name, columns, rows } of tables) {
      for (const { name: of, nullShare } of columns) {
        // The untouched records are left out of the statistics: they are most of the table, and nobody plans by them.
        if (of === 'raw') continue;
        const [real] = await db.query(
          `SELECT count(*) FILTER (WHERE "${of.replaceAll('"', '""')}" IS NULL)::float8 / greatest(count(*), 1) AS share FROM "${head.schemaName}"."${name}"`,
        );
        expect(nullShare, `${name}.${of}`).not.toBeNull();
        expect(Math.abs((nullShare ?? 0) - Number(real?.['share'])), `${name}.${of} of ${rows}`).toBeLessThan(
          0.01,
        );
      }
    }
    expect(forms?.columns.find(({ name }) => name === 'id')?.distinct).toBe(400);
    const [record] = await db.query(
      `SELECT id, received_on::text AS at FROM "${head.schemaName}".forms LIMIT 1`,
    );
    const text = JSON.stringify(tables);
    expect(text).not.toContain(record?.['id']);
  });

  it('says 0 for empty tables', async () => {
    const made = await link('empty');
    await syncToEnd(ws, made);
    const { tables } = await dictionaryOf(made);
    expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['forms', 0],
      ['cases', 0],
    ]);
    for (const { columns } of tables) {
      for (const { nullShare, distinct } of columns) expect([nullShare, distinct]).toEqual([0, 0]);
    }
  });

  it('stands in the target too, for the reader roles', async () => {
    const made = await link('demo', { readerRoles: [reader] });
    const job = await syncToEnd(ws, made);
    const { tables } = await dictionaryOf(made);
    const client = await db.connect();
    await client.query(`SET ROLE ${reader}`);
    const read = async (sql: string) => (await client.query<Record<string, string>>(sql, [idOf(made)])).rows;
    expect(await read('SELECT schema_name, job FROM headgate.datasets WHERE dataset = $1')).toEqual([
      { schema_name: made.dataset?.schemaName, job: job.id },
    ]);
    const counted = await read(
      'SELECT table_name, row_count FROM headgate.tables WHERE dataset = $1 ORDER BY 1',
    );
    expect(Object.fromEntries(counted.map((row) => [row['table_name'], Number(row['row_count'])]))).toEqual(
      job.rowCounts,
    );
    const columns = await read(
      'SELECT table_name, column_name, data_type FROM headgate.columns WHERE dataset = $1 ORDER BY table_name, position',
    );
    expect(columns.length).toBe(tables.reduce((sum, table) => sum + table.columns.length, 0));
    await expect(client.query('DELETE FROM headgate.datasets')).rejects.toThrow('permission denied');
    await client.end();
    const [mark] = await db.query("SELECT obj_description('headgate'::regnamespace, 'pg_namespace') AS text");
    expect(mark?.['text']).toContain('"role":"catalogue"');
    // What goes with its schema goes from the catalogue.
    await ws.api.links.delete({ id: made.id, dropSchemas: true });
    expect(await db.query('SELECT 1 FROM headgate.columns WHERE dataset = $1', [idOf(made)])).toEqual([]);
    expect(await db.query('SELECT 1 FROM headgate.datasets WHERE dataset = $1', [idOf(made)])).toEqual([]);
  });
});

describe('drift', () => {
  it('is what changed from publish to publish, here and in the target', async () => {
    const made = await link('drifts', { datasets: ['cases'], guards: false });
    await syncToEnd(ws, made);
    expect(await ws.api.datasets.changes({ id: idOf(made) })).toEqual([]);
    const { tables } = await dictionaryOf(made);
    await syncToEnd(ws, made);
    expect(await ws.api.datasets.changes({ id: idOf(made) })).toEqual([]);
    const domain = sim.domain('drifts');
    const villages = Array.from({ length: 200 }, (_, at) => domain.row('case', at)).filter(
      (row) => row['case_type'] === 'village',
    );
    domain.vanish(
      'case',
      villages.map((row) => String(row['case_id'])),
    );
    const gone = await syncToEnd(ws, made);
    const changes = await ws.api.datasets.changes({ id: idOf(made) });
    expect(changes).toContainEqual({
      at: expect.any(String),
      jobId: gone.id,
      kind: 'table_removed',
      table: 'case_village',
      column: null,
      before: null,
      after: null,
    });
    await ws.api.links.update({
      id: made.id,
      syncConfig: { datasets: ['cases'], keepRaw: false, guards: false },
    });
    await syncToEnd(ws, made);
    const [last] = await ws.api.datasets.changes({ id: idOf(made), limit: 1 });
    expect(last).toMatchObject({ kind: 'column_removed', table: 'cases', column: 'raw', before: 'jsonb' });
    const there = await db.query(
      'SELECT kind, table_name, column_name FROM headgate.changes WHERE dataset = $1 ORDER BY seq DESC',
      [idOf(made)],
    );
    const here = await ws.api.datasets.changes({ id: idOf(made), limit: 5000 });
    expect(there.map((row) => Object.values(row))).toEqual(
      here.map(({ kind, table, column }) => [kind, table, column]),
    );
    expect(tables.map(({ name }) => name)).toContain('case_village');
  });
});

describe('a catalogue that may not be written', () => {
  it.each([
    ['belongs to somebody else', 'CREATE SCHEMA headgate', /was not made by Headgate/],
    [
      'was made by another user',
      'CREATE SCHEMA headgate; COMMENT ON SCHEMA headgate IS \'Made and refreshed by Headgate. {"headgate":1,"dataset":"","workspace":"","role":"catalogue","tables":[]}\'',
      /The schema “headgate” is owned by “headgate”, not by the user of this connection/,
    ],
  ])('because it %s does not keep the data from being published, and is said', async (_, sql, reason) => {
    await using other = await createDatabase();
    await other.query(sql);
    const user = `writes_${other.database}`;
    await other.query(`CREATE ROLE ${user} LOGIN PASSWORD 'write-canary-1'`);
    await other.query(`GRANT CREATE ON DATABASE ${other.database} TO ${user}`);
    const made = await setUp(ws.api, {
      postgres: { ...other.postgres, user, password: 'write-canary-1' },
      database: other.database,
      sourceUrl: sim.url,
      domain: 'demo',
      datasets: ['cases'],
    });
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', rowCounts: { cases: 200 } });
    expect(job.notice).toMatch(reason);
    expect((await ws.api.datasets.list()).find(({ id }) => id === idOf(made))?.notice).toBe(job.notice);
    expect((await dictionaryOf(made)).tables.length).toBeGreaterThan(0);
  });
});

describe('a workspace file that can not be written', () => {
  const refuse = (when: string): void => {
    using file = rawDb(join(ws.folder, 'headgate.db'));
    file.exec(
      `CREATE TRIGGER disk_full BEFORE UPDATE ON sync_jobs WHEN ${when} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
    );
  };
  const allow = (): void => {
    using file = rawDb(join(ws.folder, 'headgate.db'));
    file.exec('DROP TRIGGER disk_full');
  };
  const relationOf = async (made: Link): Promise<unknown> =>
    (await db.query(`SELECT to_regclass('"${made.dataset?.schemaName}".forms')::oid AS oid`))[0]?.['oid'];

  it('before the publish keeps it from happening; a later sync reads what the source has then', async () => {
    const made = await link('full', { datasets: ['forms'] });
    await syncToEnd(ws, made);
    const before = await relationOf(made);
    refuse('NEW.intent IS NOT NULL AND OLD.intent IS NULL');
    const failed = await syncToEnd(ws, made);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'STORE_UNAVAILABLE' } });
    expect(await relationOf(made)).toBe(before);
    allow();
    sim.domain('full').add('form', 2);
    expect(await syncToEnd(ws, made)).toMatchObject({
      status: 'completed',
      rowCounts: { forms: sim.domain('full').count('form') },
    });
  });

  it('after the publish is made up for: what is published is found again, nothing twice', async () => {
    const made = await link('full', { datasets: ['forms'] });
    refuse("NEW.status = 'completed'");
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'STORE_UNAVAILABLE' } });
    const published = await relationOf(made);
    expect(published).not.toBeNull();
    expect((await ws.api.datasets.list()).find(({ id }) => id === idOf(made))?.dataAsOf).toBeNull();
    allow();
    const requests = sim.stats.requests['form'];
    ws.app.startTimetable();
    expect(await ws.app.jobEnded(job.id)).toMatchObject({
      id: job.id,
      status: 'completed',
      rowCounts: { forms: sim.domain('full').count('form') },
    });
    expect(sim.stats.requests['form']).toBe(requests);
    expect(await relationOf(made)).toBe(published);
    expect((await dictionaryOf(made)).jobId).toBe(job.id);
    expect((await ws.api.syncs.list({ datasetId: idOf(made) })).length).toBe(1);
  });
});
