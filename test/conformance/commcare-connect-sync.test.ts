import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcareConnect } from '../../main/connectors/commcare-connect/index.ts';
import type { Link } from '../../preload/contract/models.ts';
import {
  type ConnectSimulator,
  createConnectSimulator,
  OPPORTUNITY_LISTS,
} from '../simulators/commcare-connect/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* CommCare Connect through the calls of the contract: from a sign-in to tables that can be joined. */

const few = Object.fromEntries([...OPPORTUNITY_LISTS, 'labs_record'].map((list) => [list, 20]));
let db: TestDatabase;
let ws: Workspace;
let sim: ConnectSimulator;
let sourceId = '';
let connectionId = '';

beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createConnectSimulator({
    organizations: [
      { slug: 'acme', name: 'Acme' },
      { slug: 'pm', name: 'Program managers' },
    ],
    programs: [{ id: 5, organization: 'pm' }],
    opportunities: [
      { id: 12, rows: { ...few, user_visits: 3000 } },
      { id: 13, program: 5, rows: { ...few, user_visits: 400 } },
      { id: 14, organization: 'pm' },
    ],
    lloEntities: 3,
  });
  const { host, port, user, password } = db.postgres;
  const target = { host, port, user, password, database: db.database, tlsMode: 'disable' as const };
  connectionId = (await ws.api.connections.create({ name: 'target', ...target })).id;
  const source = await ws.api.sources.create({
    name: 'Connect',
    sourceType: 'commcare_connect',
    baseUrl: sim.url,
    clientId: 'headgate-desktop',
    settings: {},
  });
  sourceId = source.id;
  await ws.api.credentials.signIn({ sourceId });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

async function link(name: string, datasets: string[], opportunities: string[] = []): Promise<Link> {
  const project = await ws.api.projects.create({ name, connectionId });
  return ws.api.links.create({
    projectId: project.id,
    sourceId,
    credentialMode: 'user',
    syncConfig: {
      datasets,
      keepRaw: true,
      readerRoles: [],
      options: opportunities.length === 0 ? {} : { opportunities },
    },
  });
}

describe('CommCare Connect', () => {
  it('is a kind of source that signs in and shows its organisations', async () => {
    const types = await ws.api.sources.types();
    expect(types.map(({ type }) => type)).toContain('commcare_connect');
    const found = await ws.api.sources.discover({ id: sourceId });
    expect(found.account).toBe('john');
    expect(found.scopes).toEqual([
      { value: 'acme', label: 'Acme' },
      { value: 'pm', label: 'Program managers' },
    ]);
  });

  it('lands every dataset in tables that can be joined', async () => {
    const made = await link(
      'Everything',
      commcareConnect.datasets.map(({ name }) => name),
    );
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', error: null });
    expect(job.rowCounts).toMatchObject({
      opportunities: 3,
      organizations: 2,
      programs: 1,
      user_visits: 3400,
      completed_works: 40,
      payments: 40,
      work_areas: 40,
      llo_entities: 3,
      labs_records: 40,
    });
    const schema = made.dataset?.schemaName ?? '';
    const columns = await columnsOf(db, schema);
    const visits = columns.get('user_visits');
    expect(visits?.get('visit_date')).toBe('timestamp with time zone');
    expect(visits?.get('flagged')).toBe('boolean');
    expect(visits?.get('form_id')).toBe('text');
    expect([...(visits?.keys() ?? [])].some((name) => name.startsWith('form_json'))).toBe(false);
    // Two forms of one name have a table each, and every visit has one row in one of the three.
    const forms = [...columns.keys()].filter(
      (name) => name.startsWith('visit_form') && !columns.get(name)?.has('position'),
    );
    expect(forms).toHaveLength(3);
    const parts = forms
      .map((name) => `SELECT visit_id, village FROM "${schema}"."${name}"`)
      .join(' UNION ALL ');
    const [row] = await db.query(
      `SELECT count(*) AS n, count(DISTINCT v.id) AS d, count(DISTINCT o.name) AS o,
              count(*) FILTER (WHERE f.village IS DISTINCT FROM v.raw #>> '{form_json,form,village}') AS wrong
       FROM (${parts}) f JOIN "${schema}".user_visits v ON v.id = f.visit_id
       JOIN "${schema}".opportunities o ON o.id = v.opportunity_id`,
    );
    expect(row).toEqual({ n: '3400', d: '3400', o: '2', wrong: '0' });
    // Lists that do not say their opportunity say it in their table.
    for (const table of ['user_data', 'work_areas', 'assigned_tasks', 'task_types']) {
      const counts = await db.query(
        `SELECT opportunity_id, count(*) AS n FROM "${schema}"."${table}" GROUP BY 1 ORDER BY 1`,
      );
      expect(counts, table).toEqual([
        { opportunity_id: '12', n: '20' },
        { opportunity_id: '13', n: '20' },
      ]);
    }
    expect(columns.get('work_areas')?.get('boundary')).toBe('jsonb');
    expect(columns.get('audit_report_entries')?.get('audit_report')).toBe('text');
    // A repeat of one child arrives as an object; it lands in the repeat's table all the same.
    const repeats = [...columns.keys()].filter((name) => name.endsWith('_children'));
    expect(repeats).toHaveLength(3);
    const items = repeats.map((name) => `SELECT visit_id FROM "${schema}"."${name}"`).join(' UNION ALL ');
    const [children] = await db.query(
      `SELECT (SELECT count(*) FROM (${items}) x) AS landed,
              (SELECT sum((raw #>> '{form_json,form,children,@count}')::int) FROM "${schema}".user_visits) AS sent`,
    );
    expect(children?.['landed']).toBe(children?.['sent']);
  });

  it('reads the chosen opportunities only, and again with what changed since', async () => {
    const made = await link('One', ['user_visits', 'completed_works'], ['13']);
    expect((await syncToEnd(ws, made)).rowCounts).toMatchObject({ user_visits: 400, completed_works: 20 });
    const handle = sim.opportunity(13);
    handle.edit('user_visits', [3]);
    handle.add('user_visits', 5);
    expect((await syncToEnd(ws, made)).rowCounts).toMatchObject({ user_visits: 405 });
    const schema = made.dataset?.schemaName ?? '';
    const [row] = await db.query(`SELECT status, review_status FROM "${schema}".user_visits WHERE id = $1`, [
      String(handle.ids('user_visits')[3]),
    ]);
    expect(row).toEqual({ status: 'approved', review_status: 'agree' });
  });
});
