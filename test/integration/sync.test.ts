import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { columnsOf, createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;

beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 3300, cases: 700, seed: 7 },
      { name: 'shuffled', forms: 1500, cases: 300, seed: 7 },
      { name: 'villages', forms: 10, cases: 300, seed: 7 },
      { name: 'ties', forms: 4200, cases: 50, seed: 3, tie: { at: 500, count: 2600 }, unstableTies: true },
      { name: 'moving', forms: 2500, cases: 300, seed: 11 },
      { name: 'empty', forms: 0, cases: 0, seed: 1 },
      { name: 'faulty', forms: 2400, cases: 300, seed: 5 },
    ],
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const link = (domain: string, more: Partial<Parameters<typeof setUp>[1]> = {}) =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain, ...more });
const schemaOf = (made: Awaited<ReturnType<typeof link>>): string => made.dataset?.schemaName ?? '';

describe('a sync', () => {
  it('lands every form and case in typed tables with keys, comments and child tables', async () => {
    const made = await link('demo');
    const told: number[] = [];
    const off = ws.app.onEvent((name) => {
      if (name === 'sync.progressed') told.push(Date.now());
    });
    const job = await syncToEnd(ws, made);
    off();
    expect(job).toMatchObject({ status: 'completed', error: null, phase: 'done' });
    // Live, but never more than ten times a second; the end is always told.
    expect(told.length).toBeGreaterThan(1);
    for (let at = 10; at < told.length - 1; at += 1) {
      expect((told[at] as number) - (told[at - 10] as number)).toBeGreaterThan(900);
    }
    expect(job.tables).toEqual([
      { dataset: 'forms', fetched: 3300, total: 3300, status: 'done' },
      { dataset: 'cases', fetched: 700, total: 700, status: 'done' },
    ]);
    expect(job.rowCounts).toMatchObject({ forms: 3300, cases: 700 });
    const schema = schemaOf(made);
    const columns = await columnsOf(db, schema);
    expect(columns.get('forms')?.get('received_on')).toBe('timestamp with time zone');
    expect(columns.get('forms')?.get('archived')).toBe('boolean');
    expect(columns.get('forms')?.get('raw')).toBe('jsonb');
    const visit = columns.get('form_household_visit');
    expect(visit?.get('visit_date')).toBe('date');
    expect(visit?.get('member_count')).toBe('bigint');
    expect(visit?.get('water_distance_km')).toBe('numeric');
    // Half of the forms carry numbers there and the other half words.
    expect(visit?.get('muac')).toBe('text');
    // Every submission has exactly one row in one of the forms' tables.
    const forms = [...columns.keys()].filter(
      (name) => name.startsWith('form_') && !columns.get(name)?.has('position'),
    );
    const parts = forms.map((name) => `SELECT form_id FROM "${schema}"."${name}"`).join(' UNION ALL ');
    const [row] = await db.query(`SELECT count(*) AS n, count(DISTINCT form_id) AS d FROM (${parts}) x`);
    expect(row).toEqual({ n: '3300', d: '3300' });
    // What the tables say is what the source said.
    const [wrong] = await db.query(
      `SELECT count(*) AS n FROM "${schema}".form_household_visit v JOIN "${schema}".forms f ON f.id = v.form_id
       WHERE v.village IS DISTINCT FROM nullif(f.raw #>> '{form,village}', '')
          OR v.visit_date::text IS DISTINCT FROM nullif(f.raw #>> '{form,visit_date}', '')`,
    );
    expect(wrong).toEqual({ n: '0' });
    const [members] = await db.query(
      `SELECT (SELECT count(*) FROM "${schema}".form_household_visit_members) +
              (SELECT count(*) FROM "${schema}"."${[...columns.keys()].find((n) => /^form_household_visit_[0-9a-f]{6}_members$/.test(n))}") AS landed,
              (SELECT sum(CASE jsonb_typeof(raw #> '{form,members,item}') WHEN 'array' THEN jsonb_array_length(raw #> '{form,members,item}')
                 WHEN 'object' THEN 1 ELSE 0 END) FROM "${schema}".forms) AS sent`,
    );
    expect(members?.['landed']).toBe(members?.['sent']);
    const keys = await db.query(
      `SELECT c.relname, count(*) AS n FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND i.indisprimary GROUP BY 1`,
      [schema],
    );
    expect(keys.length).toBe(columns.size);
    const [comment] = await db.query(
      `SELECT col_description('"${schema}".form_household_visit'::regclass, attnum) AS text FROM pg_attribute
       WHERE attrelid = '"${schema}".form_household_visit'::regclass AND attname = 'water_distance_km'`,
    );
    expect(comment?.['text']).toBe('How far is it (km)? — water.distance_km');
    expect(await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%staging%'")).toEqual([]);

    // The same again gives the same: names, types and rows.
    await db.query(`CREATE SCHEMA before`);
    for (const name of columns.keys())
      await db.query(`CREATE TABLE before."${name}" AS TABLE "${schema}"."${name}"`);
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    expect(await differences(db, 'before', schema)).toEqual([]);
  });

  it('gives the same tables whatever order the records come in', async () => {
    const [a, b] = [await link('shuffled'), await link('shuffled')];
    await syncToEnd(ws, a);
    const domain = sim.domain('shuffled');
    // Every other form and case moves to the end, in an order of its own: repeats with one item, late columns and
    // mixed types now come in another order.
    const order = Array.from({ length: 750 }, (_, at) => (at * 7) % 1500);
    domain.touch('form', order);
    domain.touch(
      'case',
      order.filter((at) => at < 300),
    );
    await syncToEnd(ws, b);
    const ignore = ['indexed_on', 'server_modified_on', 'raw', 'domain'];
    for (const schema of [schemaOf(a), schemaOf(b)]) {
      for (const [table, columns] of await columnsOf(db, schema)) {
        for (const column of ignore.filter((name) => columns.has(name))) {
          await db.query(`ALTER TABLE "${schema}"."${table}" DROP COLUMN "${column}"`);
        }
        if (columns.has('attachments'))
          await db.query(`ALTER TABLE "${schema}"."${table}" DROP COLUMN attachments`);
      }
    }
    expect(await differences(db, schemaOf(a), schemaOf(b))).toEqual([]);
  });

  it('drains a run of one timestamp that is longer than a page, also when its order changes', async () => {
    const made = await link('ties', { keepRaw: false });
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', rowCounts: { forms: 4200 } });
    expect((await columnsOf(db, schemaOf(made))).get('forms')?.has('raw')).toBe(false);
  });

  it('keeps the later version of what changes meanwhile, once', async () => {
    const domain = sim.domain('moving');
    const made = await link('moving');
    let pages = 0;
    sim.faults.add({ match: 'form', kind: 'slow', ms: 50, times: 'always' });
    const moved: number[] = [];
    const timer = setInterval(() => {
      pages += 1;
      if (pages <= 4) {
        moved.push(pages * 10);
        domain.touch('form', [pages * 10]);
      }
    }, 20);
    const job = await syncToEnd(ws, made);
    clearInterval(timer);
    sim.faults.clear();
    expect(job.rowCounts).toMatchObject({ forms: 2500, cases: 300 });
    expect(moved.length).toBeGreaterThan(0);
    const again = await syncToEnd(ws, made);
    expect(again.rowCounts).toEqual(job.rowCounts);
  });

  it('says so when a project space is empty, and never replaces data by nothing', async () => {
    const made = await link('empty');
    const job = await syncToEnd(ws, made);
    expect(job.status).toBe('completed');
    expect(job.notice).toMatch(/project space “empty” holds no forms or cases/);
    expect((await columnsOf(db, schemaOf(made))).get('cases')?.get('case_type')).toBe('text');

    const filled = await link('moving');
    await syncToEnd(ws, filled);
    const domain = sim.domain('moving');
    for (const resource of ['form', 'case'] as const) {
      domain.vanish(
        resource,
        Array.from({ length: domain.count(resource) }, (_, at) => domain.id(resource, at)),
      );
    }
    const gone = await syncToEnd(ws, filled);
    expect(gone).toMatchObject({ status: 'held', error: null });
    const held = (await ws.api.datasets.list()).find(({ linkId }) => linkId === filled.id)?.held;
    expect(held?.reasons.filter(({ code }) => code === 'zero_rows').map(({ table }) => table)).toEqual([
      'forms',
      'cases',
    ]);
    const [row] = await db.query(`SELECT count(*) AS n FROM "${schemaOf(filled)}".forms`);
    expect(row).toEqual({ n: '2500' });
  });

  it.each([
    ['a body cut off', { match: 'form', kind: 'cut', after: 1, times: 2 }],
    ['a 500 in the middle', { match: 'form', kind: 'status', status: 500, after: 1, times: 2 }],
    ['broken JSON', { match: 'case', kind: 'wrongJson', times: 2 }],
    ['a login page of the network', { match: 'form', kind: 'html', after: 1, times: 1 }],
    ['a connection reset', { match: 'form', kind: 'resetBeforeHeaders', times: 2 }],
    [
      '429 with a time',
      { match: 'case', kind: 'status', status: 429, headers: { 'retry-after': '0.2' }, times: 2 },
    ],
    ['429 without a time', { match: 'form', kind: 'status', status: 429, body: '', times: 1 }],
  ] as const)('rides out %s and loses nothing', async (_, fault) => {
    const made = await link('faulty');
    sim.faults.add(fault);
    const job = await syncToEnd(ws, made);
    sim.faults.clear();
    expect(job).toMatchObject({ status: 'completed', rowCounts: { forms: 2400, cases: 300 } });
  });

  it('continues after an expired token with one refresh', async () => {
    const made = await link('faulty');
    sim.oauth.revokeAll();
    const expired = await syncToEnd(ws, made);
    expect(expired).toMatchObject({ status: 'failed', error: { code: 'SIGN_IN_EXPIRED' } });
    expect((await ws.api.datasets.list()).find((d) => d.linkId === made.id)?.signIn).toBe('expired');
    await ws.api.credentials.signIn({ sourceId: made.sourceId });
    expect((await syncToEnd(ws, made)).status).toBe('completed');
  });
});

describe('publishing', () => {
  it('keeps grants, row security, views, views on views and their grants', async () => {
    const made = await link('demo', { readerRoles: [] });
    await syncToEnd(ws, made);
    const schema = schemaOf(made);
    const role = `reader_${db.database}`;
    await db.query(`CREATE ROLE ${role}`);
    await db.query(`GRANT USAGE ON SCHEMA "${schema}" TO ${role}`);
    await db.query(`GRANT SELECT ON "${schema}".forms TO ${role} WITH GRANT OPTION`);
    await db.query(`GRANT SELECT (case_id) ON "${schema}".cases TO PUBLIC`);
    await db.query(`ALTER TABLE "${schema}".cases ENABLE ROW LEVEL SECURITY`);
    await db.query(`CREATE POLICY only_open ON "${schema}".cases FOR SELECT TO ${role} USING (NOT closed)`);
    await db.query('CREATE SCHEMA reports');
    await db.query(
      `CREATE VIEW reports.daily AS SELECT received_on::date AS day, count(*) AS n FROM "${schema}".forms GROUP BY 1`,
    );
    await db.query(`COMMENT ON VIEW reports.daily IS 'made by an analyst'`);
    await db.query(
      'CREATE VIEW reports.total WITH (security_barrier) AS SELECT sum(n) AS n FROM reports.daily',
    );
    await db.query(`GRANT SELECT ON reports.total TO ${role}`);
    const rights = (): Promise<Record<string, string | null>[]> =>
      db.query(
        `SELECT n.nspname, c.relname, c.relacl::text, c.relrowsecurity, c.reloptions::text, obj_description(c.oid) IS NULL AS bare,
           (SELECT string_agg(a.attname || a.attacl::text, ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL) AS columns,
           (SELECT string_agg(policyname || qual, ',') FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname) AS policies
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('reports', $1) AND c.relkind IN ('r', 'v') ORDER BY 1, 2`,
        [schema],
      );
    const before = await rights();
    expect((await syncToEnd(ws, made)).error).toBeNull();
    expect(await rights()).toEqual(before);
    expect((await db.query('SELECT n FROM reports.total'))[0]).toEqual({ n: '3300' });
  });

  it('keeps a table that a view reads, empty, when its source has nothing for it any more, and says so', async () => {
    const made = await link('villages', { datasets: ['cases'], guards: false });
    await syncToEnd(ws, made);
    const schema = schemaOf(made);
    const table = [...(await columnsOf(db, schema)).keys()].find((name) => name === 'case_village');
    await db.query(`CREATE VIEW public.villages AS SELECT case_id, population FROM "${schema}"."${table}"`);
    // All villages leave the source, and with them their table.
    const domain = sim.domain('villages');
    const villages = Array.from({ length: domain.count('case') }, (_, at) => domain.row('case', at))
      .filter((row) => row['case_type'] === 'village')
      .map((row) => String(row['case_id']));
    domain.vanish('case', villages);
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', error: null });
    expect(job.notice).toContain('case_village');
    expect(await db.query('SELECT count(*) AS n FROM public.villages')).toEqual([{ n: '0' }]);
    // Once the view is gone the next refresh drops the table.
    await db.query('DROP VIEW public.villages');
    expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', notice: null });
    expect([...(await columnsOf(db, schema)).keys()]).not.toContain('case_village');
  });

  it('never touches a schema that is not ours', async () => {
    const made = await link('empty');
    const schema = schemaOf(made);
    await db.query(`CREATE SCHEMA "${schema}"`);
    await db.query(`CREATE TABLE "${schema}".precious AS SELECT 1 AS one`);
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'SCHEMA_NOT_OURS' } });
    await expect(ws.api.links.delete({ id: made.id, dropSchemas: true })).rejects.toMatchObject({
      code: 'SCHEMA_NOT_OURS',
    });
    expect(await db.query(`SELECT one FROM "${schema}".precious`)).toEqual([{ one: '1' }]);
  });

  it('waits for readers that hold a lock and publishes when they let go', async () => {
    const made = await link('faulty', { datasets: ['cases'] });
    await syncToEnd(ws, made);
    const reader = await db.connect();
    await reader.query('BEGIN');
    await reader.query(`SELECT count(*) FROM "${schemaOf(made)}".cases`);
    const syncing = syncToEnd(ws, made);
    await new Promise((resolve) => setTimeout(resolve, 3500));
    await reader.query('COMMIT');
    await reader.end();
    expect((await syncing).status).toBe('completed');
  });

  it('cancels at once and leaves nothing behind', async () => {
    const made = await link('demo');
    sim.faults.add({ match: 'form', kind: 'slow', ms: 1500, after: 2, times: 'always' });
    const job = await ws.api.syncs.start({ linkId: made.id });
    await expect
      .poll(() => ws.api.syncs.list({ limit: 1 }).then(([j]) => j?.tables[0]?.fetched ?? 0), {
        timeout: 8000,
      })
      .toBeGreaterThan(1000);
    expect((await ws.api.syncs.start({ linkId: made.id })).id).toBe(job.id);
    const started = Date.now();
    const cancelled = await ws.api.syncs.cancel({ id: job.id });
    expect(cancelled.status).toBe('cancelled');
    // Below what the slow page takes: nobody waited for it.
    expect(Date.now() - started).toBeLessThan(1400);
    sim.faults.clear();
    expect(
      await db.query('SELECT nspname FROM pg_namespace WHERE nspname = $1', [`${schemaOf(made)}__staging`]),
    ).toEqual([]);
    const rest = await syncToEnd(ws, made);
    expect(rest).toMatchObject({ status: 'completed', rowCounts: { forms: 3300 } });
  });
});
