import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { FORM_KINDS } from '../simulators/commcare-hq/generated-forms.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { columnsOf, createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

const SIZES = {
  forms: 400,
  cases: 80,
  seed: 7,
  mobileWorkers: 90,
  deactivated: 20,
  locations: 60,
  lookupRows: 120,
  groups: 5,
  largestPage: 40,
} as const;

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;

beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({
    domains: [
      { ...SIZES, name: 'demo' },
      { ...SIZES, name: 'deleted', deletedApplications: [0, 1] },
      {
        ...SIZES,
        name: 'bare',
        forms: 0,
        cases: 0,
        mobileWorkers: 0,
        deactivated: 0,
        groups: 0,
        lookupRows: 0,
      },
    ],
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const all = commcare.datasets.map(({ name }) => name);
const link = (domain: string, datasets: string[] = all) =>
  setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain, datasets });
const schemaOf = (made: Awaited<ReturnType<typeof link>>): string => made.dataset?.schemaName ?? '';

describe('all datasets of CommCare HQ at once', () => {
  let schema = '';
  let made: Awaited<ReturnType<typeof link>>;
  let columns: Awaited<ReturnType<typeof columnsOf>>;
  const one = async (sql: string): Promise<string | null | undefined> =>
    Object.values((await db.query(sql.replaceAll('$', `"${schema}".`)))[0] ?? {})[0];

  beforeAll(async () => {
    made = await link('demo');
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', error: null });
    schema = schemaOf(made);
    columns = await columnsOf(db, schema);
  });

  it('land every row of every list', async () => {
    const domain = sim.domain('demo');
    const counts: [string, number][] = [
      ['forms', 400],
      ['cases', 80],
      ['users', 110],
      ['web_users', domain.rows('web-user').length],
      ['groups', 5],
      ['locations', 60],
      ['location_types', 3],
      ['applications', 2],
      ['lookup_tables', 3],
      ['lookup_rows', 120],
    ];
    for (const [table, count] of counts)
      expect([table, await one(`SELECT count(*) FROM $${table}`)]).toEqual([table, String(count)]);
    expect(await one('SELECT count(*) FROM $form_attachments a JOIN $forms f ON f.id = a.form_id')).toBe(
      await one('SELECT sum((SELECT count(*) FROM jsonb_object_keys(attachments))) FROM $forms'),
    );
  });

  it('say who is active, and join people, places, groups and submissions by their ids', async () => {
    expect(columns.get('users')?.get('is_active')).toBe('boolean');
    expect(await one('SELECT count(*) FROM $users WHERE NOT is_active')).toBe('20');
    expect(await one('SELECT count(*) FROM $forms f JOIN $users u ON u.id = f.metadata_user_id')).toBe('400');
    expect(
      await one(
        'SELECT count(*) FROM $users u LEFT JOIN $locations l ON l.location_id = u.primary_location WHERE u.primary_location IS NOT NULL AND l.location_id IS NULL',
      ),
    ).toBe('0');
    expect(
      await one(
        'SELECT count(*) FROM $locations c JOIN $locations p ON p.location_id = c.parent_location_id',
      ),
    ).toBe('55');
    expect(await one('SELECT count(*) > 0 FROM $groups g JOIN $users u ON g.users ? u.id')).toBe('t');
    const places = columns.get('locations');
    expect(places?.get('latitude')).toBe('numeric');
    expect(places?.get('last_modified')).toBe('timestamp without time zone');
    expect(places?.get('location_data_pop')).toBe('bigint');
    expect(places?.get('location_data_catchment_code')).toBe('text');
    expect(columns.get('web_users')?.get('permissions')).toBe('jsonb');
    expect(columns.get('users')?.get('user_data_chw_id')).toBe('text');
  });

  it('make a table of each lookup table, its fields plain columns and its attributes kept', async () => {
    expect([...columns.keys()].filter((name) => name.startsWith('lookup_')).sort()).toEqual([
      expect.stringMatching(/^lookup_[0-9a-f]{32}$/),
      'lookup_rows',
      'lookup_tables',
      'lookup_tables_fields',
      'lookup_vaccines',
      'lookup_vaccines_name_values',
      'lookup_गाँव_list',
    ]);
    expect(columns.get('lookup_vaccines')?.get('doses')).toBe('bigint');
    expect(columns.get('lookup_vaccines')?.get('code')).toBe('text');
    expect(
      await one(
        `SELECT count(*) FROM $lookup_rows r JOIN $lookup_vaccines v ON v.row_id = r.id
         JOIN $lookup_vaccines_name_values n ON n.row_id = r.id AND n.value = v.name AND n.attributes_lang = 'en'`,
      ),
    ).toBe(await one("SELECT count(*) FROM $lookup_rows WHERE tag = 'vaccines'"));
    const villages = columns.get('lookup_गाँव_list');
    expect(villages?.has('item_attributes_region')).toBe(true);
    // `Name`, `name`, `name values` and `id`: none takes another's place.
    expect(
      await one("SELECT count(*) FROM $\"lookup_गाँव_list\" WHERE name LIKE 'lower %' AND id::text LIKE '1%'"),
    ).toBe(await one("SELECT count(*) FROM $lookup_rows WHERE tag = 'गाँव-list'"));
  });

  it('make applications a set of tables that answers what a form asks', async () => {
    const rows = await db.query(
      `SELECT a.name, m.name_en AS module, f.name_en AS form, f.xmlns, q.value, q.translations_fr, q.repeat, o.value AS choice
       FROM "${schema}".applications a
       JOIN "${schema}".applications_modules m ON m.app_id = a.id
       JOIN "${schema}".applications_modules_forms f ON f.app_id = a.id AND f.modules_position = m.position
       JOIN "${schema}".applications_modules_forms_questions q
         ON q.app_id = a.id AND q.modules_position = m.position AND q.forms_position = f.position
       JOIN "${schema}".applications_modules_forms_questions_options o
         ON o.app_id = a.id AND o.modules_position = m.position AND o.forms_position = f.position
        AND o.questions_position = q.position
       WHERE f.name_en = 'Antenatal visit' AND q.value = '/data/consent' ORDER BY o.position`,
    );
    expect(rows).toEqual(
      ['yes', 'no'].map((choice) => ({
        name: 'Community health',
        module: 'Pregnancy',
        form: 'Antenatal visit',
        xmlns: expect.stringContaining('2B3C88D1'),
        value: '/data/consent',
        translations_fr: 'Êtes-vous d’accord ?',
        repeat: null,
        choice,
      })),
    );
    expect(await one('SELECT count(*) FROM $applications_modules WHERE error IS NOT NULL')).toBe('1');
    expect(await one('SELECT count(*) FROM $applications_versions')).toBe('4');
  });

  it('give the same again', async () => {
    await db.query('CREATE SCHEMA before_again');
    for (const name of columns.keys())
      await db.query(`CREATE TABLE before_again."${name}" AS TABLE "${schema}"."${name}"`);
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    expect(await differences(db, 'before_again', schema)).toEqual([]);
  });
});

describe('tables of forms', () => {
  const formTables = async (schema: string): Promise<Record<string, string | null>[]> => {
    const columns = await columnsOf(db, schema);
    const found = [];
    for (const table of [...columns.keys()].filter(
      (name) => name.startsWith('form_') && name !== 'form_attachments',
    )) {
      if (columns.get(table)?.has('position')) continue;
      const [row] = await db.query(
        `SELECT '${table}' AS table, min(f.xmlns) AS xmlns, count(DISTINCT f.xmlns) AS forms
         FROM "${schema}"."${table}" t JOIN "${schema}".forms f ON f.id = t.form_id`,
      );
      found.push(row as Record<string, string | null>);
    }
    return found;
  };

  it('are one per xmlns with a name of its own and in any script, also when the applications are deleted', async () => {
    const made = await link('deleted', ['forms']);
    expect((await syncToEnd(ws, made)).status).toBe('completed');
    const first = await formTables(schemaOf(made));
    expect(first).toHaveLength(4);
    expect(first.every(({ forms }) => forms === '1')).toBe(true);
    expect(new Set(first.map(({ xmlns }) => xmlns)).size).toBe(4);
    expect(first.map(({ table }) => table)).toEqual([
      'form_household_visit',
      expect.stringMatching(/^form_household_visit_[0-9a-f]{6}$/),
      'form_visite_prénatale',
      'form_शिशु_पंजीकरण',
    ]);
    // More submissions, in another order: every form keeps its table.
    const domain = sim.domain('deleted');
    domain.add('form', 40);
    domain.touch('form', [0, 1, 2, 3, 4, 5, 6, 7]);
    await syncToEnd(ws, made);
    expect(await formTables(schemaOf(made))).toEqual(first);
    // And another link to the same project space gives them the same names.
    const other = await link('deleted', ['forms']);
    await syncToEnd(ws, other);
    expect(await formTables(schemaOf(other))).toEqual(first);
  });
});

describe('options of a link', () => {
  it('decide what lands, form by form and type by type', async () => {
    const made = await link('demo', ['forms', 'cases', 'form_attachments']);
    const xmlns = [FORM_KINDS[0].xmlns, FORM_KINDS[3].xmlns];
    const options = { xmlns, case_type: ['village', 'referral'], received_from: '2024-06-01' };
    const { datasets, keepRaw, readerRoles } = made.syncConfig;
    await ws.api.links.update({ id: made.id, syncConfig: { datasets, keepRaw, readerRoles, options } });
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', error: null });
    const schema = schemaOf(made);
    const rows = await db.query(
      `SELECT xmlns, min(received_on) >= '2024-06-01' AS late FROM "${schema}".forms GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual(xmlns.map((one) => ({ xmlns: one, late: 't' })));
    const tables = [...(await columnsOf(db, schema)).keys()];
    expect(tables.filter((name) => name.startsWith('case_'))).toEqual(['case_referral', 'case_village']);
    expect(tables.filter((name) => /prénatale|शिशु/.test(name))).toEqual([]);
    const [stray] = await db.query(
      `SELECT count(*) AS n FROM "${schema}".form_attachments a
       WHERE NOT EXISTS (SELECT FROM "${schema}".forms f WHERE f.id = a.form_id)`,
    );
    expect(stray).toEqual({ n: '0' });
  });
});

describe('a project space without people and lookup rows', () => {
  it('has the tables all the same', async () => {
    const made = await link('bare', ['users', 'groups', 'lookup_rows', 'location_types']);
    const job = await syncToEnd(ws, made);
    expect(job).toMatchObject({ status: 'completed', error: null });
    const columns = await columnsOf(db, schemaOf(made));
    expect(columns.get('users')?.get('is_active')).toBe('boolean');
    expect(columns.get('lookup_rows')?.get('tag')).toBe('text');
    expect(columns.get('groups')?.get('name')).toBe('text');
  });
});
