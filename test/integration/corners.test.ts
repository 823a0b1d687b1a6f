import { afterAll, beforeAll, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { commcareConnect } from '../../main/connectors/commcare-connect/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { smallHq } from '../support/small-hq.ts';

/* Odd things that CommCare HQ really sends, and where they stand in the tables. */

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await db.query(`SELECT to_jsonb(t) AS row FROM (${sql}) t`)).map(
    ({ row }) => JSON.parse(row as string) as Record<string, unknown>,
  );

it('parts of a case block that are empty, and an index that was deleted, leave what says something', async () => {
  const hq = smallHq(db, 'blocks');
  const index = { parent: { '@case_type': 'household' } };
  hq.forms = [
    {
      form: {
        q: '1',
        case: { '@case_id': 'c1', create: null, update: '', index: null, '@date_modified': null },
      },
    },
    { form: { q: '2', case: { '@case_id': 'c2', update: '', index } } },
  ];
  await hq.refresh();
  expect(await rows('SELECT * FROM blocks.form_visit ORDER BY form_id')).toEqual([
    { form_id: 'f0', q: 1, case_case_id: 'c1', case_index_parent_case_type: null },
    { form_id: 'f1', q: 2, case_case_id: 'c2', case_index_parent_case_type: 'household' },
  ]);
});

it('the same thing in metadata and in the form is two columns, each as it came', async () => {
  const hq = smallHq(db, 'metadata');
  hq.forms = [
    {
      form: {
        meta: {
          timeStart: null,
          geo_point: { lat: '1.5', lon: '2.5' },
          appVersion: { '@xmlns': 'x', '#text': '2.53' },
        },
      },
      beside: {
        metadata: {
          timeStart: '2026-01-02T00:00:00.000000Z',
          geo_point: 'lat:1.5, lon:2.5',
          appVersion: '2.53',
        },
      },
    },
    { form: { meta: { timeStart: '2026-01-02T10:00:00.000000Z' } }, beside: { metadata: {} } },
  ];
  await hq.refresh();
  const [first] = await rows('SELECT * FROM metadata.form_visit ORDER BY form_id');
  expect(first).toMatchObject({ meta_geo_point_lat: 1.5, meta_geo_point_lon: 2.5, meta_time_start: null });
  const [beside] = await rows('SELECT * FROM metadata.forms ORDER BY id');
  expect(beside).toMatchObject({
    metadata_geo_point: 'lat:1.5, lon:2.5',
    metadata_time_start: '2026-01-02T00:00:00+00:00',
  });
});

it('answers are exactly what was typed, whatever they look like', async () => {
  const hq = smallHq(db, 'answers');
  const form = {
    ...{ several: 'fever cough', gps: '1.5 2.5 0.0 10.0', clock: '10:30:00.000+05:30', hidden: '' },
    ...{ phone: '00123', noted: { '#text': ' two  spaces ', '@lang': 'en' }, zoned: '2026-01-02T10:00:00' },
  };
  hq.forms = [{ form }];
  await hq.refresh();
  expect(await rows('SELECT * FROM answers.form_visit')).toMatchObject([
    {
      ...{ several: 'fever cough', gps: '1.5 2.5 0.0 10.0', clock: '10:30:00.000+05:30', phone: '00123' },
      ...{ noted: ' two  spaces ', noted_lang: 'en' },
    },
  ]);
  expect([...((await columnsOf(db, 'answers')).get('form_visit')?.keys() ?? [])]).not.toContain('hidden');
});

it('a form that two applications have is one table, and who had it stands with each submission', async () => {
  const hq = smallHq(db, 'copies');
  hq.forms = ['one', 'two'].map((app_id, at) => ({ form: { q: `${at}` }, beside: { app_id } }));
  await hq.refresh();
  expect(
    await rows(
      'SELECT app_id, q FROM copies.forms f JOIN copies.form_visit v ON v.form_id = f.id ORDER BY 2',
    ),
  ).toEqual([
    { app_id: 'one', q: 0 },
    { app_id: 'two', q: 1 },
  ]);
});

it('what a list does not show, or shows as it was first, is told where the list is chosen', () => {
  const told = (of: typeof commcare, name: string) =>
    of.datasets.find((dataset) => dataset.name === name)?.description ?? '';
  expect(told(commcare, 'cases')).toMatch(
    /leaves out who opened and closed a case.*“closed_on”.*“last_modified”/,
  );
  expect(told(commcareConnect, 'user_visits')).toMatch(
    /Answers are those that were sent first.*count forms by form_id/,
  );
});
