import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcareConnect } from '../../main/connectors/commcare-connect/index.ts';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { refreshed } from '../support/refreshed.ts';
import { smallHq, xmlns } from '../support/small-hq.ts';

/* What CommCare means by what it sends, as it stands in the tables. */

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const typesIn = async (schema: string, table: string): Promise<Record<string, string>> =>
  Object.fromEntries((await columnsOf(db, schema)).get(table) ?? []);

describe('ids', () => {
  const [mother, other] = ['6c84fb90-12c4-11e1-840d-7b25c5ee775a', '0a1b2c3d-12c4-11e1-840d-7b25c5ee775a'];
  const hex = '6c84fb9012c411e1840d7b25c5ee775a';

  it('are text under any name, alone and in lists, so that they join', async () => {
    const hq = smallHq(db, 'ids');
    const kids = { '@ids': '12', '@count': '1', item: { '@id': mother } };
    hq.forms = [
      { form: { mother, household: mother, kids, case: { '@case_id': mother, index: { parent: '12' } } } },
    ];
    await hq.refresh();
    expect(await typesIn('ids', 'form_visit')).toMatchObject({
      mother: 'text',
      household: 'text',
      kids_ids: 'text',
      kids_count: 'bigint',
      kids_item_id: 'text',
      case_case_id: 'text',
      case_index_parent: 'text',
    });
    const joined = await db.query(
      'SELECT 1 FROM ids.form_visit a JOIN ids.form_visit b ON a.mother = b.case_case_id AND a.household = b.kids_item_id',
    );
    expect(joined).toHaveLength(1);
  });

  /** A schema as an earlier Headgate left it, whose ids had types of their own. */
  const published = async (schema: string) => {
    const hq = smallHq(db, schema);
    hq.forms = [{ form: { mother, n_ids: '12' } }, { form: { mother: other, n_ids: '13' } }];
    await hq.refresh();
    await db.query(
      `ALTER TABLE ${schema}.form_visit ALTER mother TYPE uuid USING mother::uuid, ALTER n_ids TYPE bigint USING n_ids::bigint`,
    );
    return hq;
  };

  it('that were published with another type become text where nobody uses them', async () => {
    const hq = await published('ids_free');
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(await typesIn('ids_free', 'form_visit')).toMatchObject({ mother: 'text', n_ids: 'text' });
    expect(await db.query('SELECT mother, n_ids FROM ids_free.form_visit ORDER BY form_id')).toEqual([
      { mother, n_ids: '12' },
      { mother: other, n_ids: '13' },
    ]);
  });

  it.each([false, true])(
    'that somebody uses keep it, and hold nothing until a value needs text (second column: %s)',
    async (secondColumn) => {
      const schema = `ids_used_${secondColumn}`;
      const hq = await published(schema);
      await db.query(`CREATE VIEW ${schema}.mothers AS SELECT mother, n_ids FROM ${schema}.form_visit`);
      hq.forms = [{ form: { mother: other, n_ids: '14' } }, { form: {} }];
      expect(await hq.refresh({ secondColumn })).toMatchObject({ kind: 'published' });
      expect(await typesIn(schema, 'form_visit')).toMatchObject({ mother: 'uuid', n_ids: 'bigint' });
      expect(await db.query(`SELECT * FROM ${schema}.mothers ORDER BY 1`)).toEqual([
        { mother: other, n_ids: '14' },
        { mother: null, n_ids: null },
      ]);
      const told = hq.published().tables.at(1)?.columns ?? [];
      expect(told.find(({ name }) => name === 'mother')?.type).toBe('uuid');
      hq.forms = [{ form: { mother: hex, n_ids: '14' } }];
      const again = hq.refresh({ secondColumn, guards: { on: false, shrinkPercent: 30 } });
      if (secondColumn) {
        await again;
        expect(await typesIn(schema, 'form_visit')).toMatchObject({ mother: 'uuid', mother_text: 'text' });
      } else await expect(again).rejects.toMatchObject({ code: 'PUBLISH_HELD' });
    },
  );
});

describe('a declared column', () => {
  it('keeps its type whatever comes, and what does not fit is told beside it', async () => {
    const hq = smallHq(db, 'declared');
    hq.forms = [
      { form: { q: '1' } },
      {
        form: { q: '2' },
        beside: { received_on: '2026-01-02T10:00:00.5', archived: 'yes', app_id: ['a', 'b'] },
      },
      { form: { q: '3' }, beside: { received_on: 'yesterday', edited_on: 5, archived: true } },
    ];
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(await typesIn('declared', 'forms')).toMatchObject({
      received_on: 'timestamp with time zone',
      edited_on: 'timestamp with time zone',
      archived: 'boolean',
      app_id: 'text',
      overflow: 'jsonb',
    });
    const rows = await db.query(
      `SELECT received_on AT TIME ZONE 'UTC' AS at, archived, overflow FROM declared.forms ORDER BY id`,
    );
    expect(rows).toEqual([
      { at: '2026-01-01 00:00:00', archived: null, overflow: null },
      { at: '2026-01-02 10:00:00.5', archived: null, overflow: '{"app_id": ["a", "b"], "archived": "yes"}' },
      { at: null, archived: 't', overflow: '{"edited_on": "5", "received_on": "yesterday"}' },
    ]);
    expect(hq.published().notice).toContain('see the column “overflow” of forms');
    hq.forms = hq.forms.slice(0, 1);
    await hq.refresh({ guards: { on: false, shrinkPercent: 30 } });
    expect(await typesIn('declared', 'forms')).toMatchObject({ received_on: 'timestamp with time zone' });
  });

  it('that was published as text for an odd value stays text', async () => {
    const hq = smallHq(db, 'declared_before');
    hq.forms = [{ form: { q: '1' } }];
    await hq.refresh();
    await db.query('ALTER TABLE declared_before.forms ALTER received_on TYPE text');
    hq.forms = [{ form: { q: '1' }, beside: { received_on: 'yesterday' } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(await db.query('SELECT received_on FROM declared_before.forms')).toEqual([
      { received_on: 'yesterday' },
    ]);
  });
});

describe('a repeat', () => {
  const visit = 'form_visit';
  const rowsOf = (schema: string, table: string): Promise<unknown[]> =>
    db.query(`SELECT form_id, position, age FROM ${schema}.${table} ORDER BY 1, 2`);

  it('is a table from the first day where the application says so, however many entries there are', async () => {
    const hq = smallHq(db, 'told');
    hq.questions = [
      { value: '/data/kid', tag: 'repeat', label: 'Kid' },
      { value: '/data/kid/age', repeat: '/data/kid', label: 'Age' },
      { value: '/data/pets/item/name', repeat: '/data/pets/item' },
    ];
    hq.forms = [{ form: { kid: { age: '1' }, pets: { item: { name: 'x' } } } }, { form: { kid: '' } }];
    await hq.refresh();
    expect(Object.keys(await typesIn('told', visit))).toEqual(['form_id']);
    expect(Object.keys(await typesIn('told', `${visit}_pets`))).toEqual(['form_id', 'name', 'position']);
    const lone = [
      { form_id: 'f0', position: '1', age: '1' },
      { form_id: 'f1', position: '1', age: null },
    ];
    expect(await rowsOf('told', `${visit}_kid`)).toEqual(lone);
    const before = hq.forms;
    hq.forms = [{ form: { ...before[0]?.form, kid: [{ age: '1' }, { age: '2' }] } }, { form: { kid: '' } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    hq.forms = before;
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    expect(await rowsOf('told', `${visit}_kid`)).toEqual(lone);
  });

  it('is a table without any entry too, the same one when they come, and in the way of nothing', async () => {
    const hq = smallHq(db, 'ahead');
    hq.questions = [
      { value: '/data/kid', tag: 'repeat' },
      { value: '/data/kid/age', repeat: '/data/kid' },
      { value: '/data/kid/toy', tag: 'repeat', repeat: '/data/kid' },
    ];
    const kid = `${visit}_kid`;
    const tables = async () =>
      (
        await db.query(
          "SELECT relname, oid FROM pg_class WHERE relnamespace = 'ahead'::regnamespace AND relkind = 'r' ORDER BY 1",
        )
      ).map(({ relname, oid }) => `${relname} ${oid}`);
    hq.forms = [{ form: { q: '1' } }];
    await hq.refresh();
    expect(await typesIn('ahead', kid)).toEqual({ form_id: 'text', position: 'integer' });
    expect(await typesIn('ahead', `${kid}_toy`)).toEqual({
      form_id: 'text',
      kid_position: 'integer',
      position: 'integer',
    });
    expect(hq.published().rowCounts).toMatchObject({ [kid]: 0, [`${kid}_toy`]: 0 });
    const first = await tables();
    await db.query(`CREATE VIEW ahead.kids AS SELECT form_id, position FROM ahead.${kid}`);
    // Also where the source does not say this time what it calls a repeat.
    const { questions } = hq;
    hq.questions = null;
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(await tables()).toEqual(first);
    hq.questions = questions;
    hq.forms = [{ form: { q: '1', kid: { age: '4' } } }, { form: { q: '2' } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    expect(await tables()).toEqual(first);
    expect(await typesIn('ahead', kid)).toMatchObject({ age: 'bigint' });
    expect(await db.query('SELECT * FROM ahead.kids')).toEqual([{ form_id: 'f0', position: '1' }]);
    // What the application has no more, and never had an entry, goes without a question.
    hq.questions = questions?.slice(0, 2) ?? null;
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect((await tables()).map((text) => text.split(' ')[0])).toEqual(['form_visit', kid, 'forms']);
  });

  it('that grows from one entry to two and back holds nothing, and the notice says where its columns went', async () => {
    const hq = smallHq(db, 'grows');
    const one = { kid: { age: '1', name: 'x' }, q: '1' };
    hq.forms = [{ form: one }, { form: one }];
    await hq.refresh();
    await db.query(`CREATE VIEW grows.ages AS SELECT kid_age FROM grows.${visit}`);
    hq.forms = [{ form: { q: '1', kid: [{ age: '1', name: 'x' }, { age: '2' }] } }, { form: one }];
    const end = await hq.refresh();
    expect(end).toMatchObject({ kind: 'published' });
    expect(hq.published().notice).toContain(
      '“kid_age”, “kid_name” of “form_visit” moved to “form_visit_kid”, because a record can have several there.',
    );
    const all = [
      { form_id: 'f0', position: '1', age: '1' },
      { form_id: 'f0', position: '2', age: '2' },
      { form_id: 'f1', position: '1', age: '1' },
    ];
    expect(await rowsOf('grows', `${visit}_kid`)).toEqual(all);
    expect(await db.query('SELECT * FROM grows.ages')).toEqual([{ kid_age: null }, { kid_age: null }]);
    hq.forms = [{ form: one }, { form: one }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(await rowsOf('grows', `${visit}_kid`)).toEqual([all[0], all[2]]);
  });

  it('has a row for each entry that was left blank', async () => {
    const hq = smallHq(db, 'blanks');
    hq.forms = [
      { form: { kids: { item: ['', ''] } } },
      { form: { kids: { item: [{ age: '1' }, ''] } } },
      { form: { kids: { item: { age: '3' } } } },
      { form: { kids: { item: '' }, list: ['a', ''] } },
    ];
    await hq.refresh();
    const always = [
      { form_id: 'f0', position: '1', age: null },
      { form_id: 'f0', position: '2', age: null },
      { form_id: 'f1', position: '1', age: '1' },
      { form_id: 'f1', position: '2', age: null },
      { form_id: 'f2', position: '1', age: '3' },
    ];
    expect(await rowsOf('blanks', `${visit}_kids`)).toEqual(always);
    expect(await typesIn('blanks', visit)).toEqual({ form_id: 'text', list: 'jsonb' });
    // From now on it is known for a repeat before anything is read.
    await hq.refresh();
    expect(await rowsOf('blanks', `${visit}_kids`)).toEqual([
      ...always,
      { form_id: 'f3', position: '1', age: null },
    ]);
  });
});

describe('a question that is a text in one form and has attributes in another', () => {
  const text = (value: string) => ({ '#text': value, '@lang': 'fr' });
  const rows = (schema: string, columns: string) =>
    db.query(`SELECT ${columns} FROM ${schema}.form_visit ORDER BY form_id`);

  it('is one column, of a type that holds both, from the first refresh and in every later one', async () => {
    const hq = smallHq(db, 'texts');
    const note = async () => (await rows('texts', 'note')).map((row) => row['note']);
    hq.questions = [{ value: '/data/note', label: 'A note' }];
    hq.forms = [{ form: { note: text('7') } }, { form: { note: text('8') } }];
    await hq.refresh();
    expect(await typesIn('texts', 'form_visit')).toEqual({
      form_id: 'text',
      note: 'bigint',
      note_lang: 'text',
    });
    const column = hq
      .published()
      .tables.at(1)
      ?.columns.find(({ name }) => name === 'note');
    expect(column).toMatchObject({ sourcePath: 'note', label: 'A note' });
    await db.query('CREATE VIEW texts.notes AS SELECT note FROM texts.form_visit');
    hq.forms = [{ form: { note: '7' } }, { form: { note: text('8') } }, { form: { note: '9' } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    expect(await note()).toEqual(['7', '8', '9']);
    hq.forms = [{ form: { note: '7' } }, { form: { note: text('10') } }, { form: {} }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    expect(await note()).toEqual(['7', '10', null]);
    hq.forms = [{ form: { note: '7' } }];
    await hq.refresh({ guards: { on: false, shrinkPercent: 30 } });
    expect(await typesIn('texts', 'form_visit')).toMatchObject({ note: 'bigint' });
  });

  it('keeps each text as it came where the two are of different types, also in a repeat and where blanks are kept', async () => {
    const forms = [
      { form: { at: '2026-01-01T10:00:00.5+02:00', n: text('1'), kids: ['a', text('b')] } },
      { form: { at: text('soon'), n: '1.50', kids: text('c') } },
      { form: { at: '', n: text('x') } },
    ];
    for (const schema of ['mixed_once', 'mixed_twice']) {
      const hq = smallHq(db, schema);
      const options = { keep_blanks: true };
      if (schema === 'mixed_twice') {
        hq.forms = [{ form: {} }, { form: {} }, { form: {} }];
        await hq.refresh({ options });
      }
      hq.forms = forms;
      expect(await hq.refresh({ options })).toMatchObject({ kind: 'published', result: { notice: null } });
      expect(await rows(schema, 'at, n')).toEqual([
        { at: '2026-01-01T10:00:00.5+02:00', n: '1' },
        { at: 'soon', n: '1.50' },
        { at: '', n: 'x' },
      ]);
      expect(
        await db.query(`SELECT form_id, position, value, lang FROM ${schema}.form_visit_kids ORDER BY 1, 2`),
      ).toEqual([
        { form_id: 'f0', position: '1', value: 'a', lang: null },
        { form_id: 'f0', position: '2', value: 'b', lang: 'fr' },
        { form_id: 'f1', position: '1', value: 'c', lang: 'fr' },
      ]);
    }
  });

  it('that grows into a repeat holds nothing: its text is the value of an entry', async () => {
    const hq = smallHq(db, 'text_grows');
    hq.forms = [{ form: { kid: text('a') } }];
    await hq.refresh();
    hq.forms = [{ form: { kid: [text('a'), text('b')] } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect(hq.published().notice).toContain('“kid”, “kid_lang” of “form_visit” moved to “form_visit_kid”');
    expect(await db.query('SELECT value FROM text_grows.form_visit_kid ORDER BY position')).toEqual([
      { value: 'a' },
      { value: 'b' },
    ]);
  });

  it('stays two columns where it was published as two', async () => {
    const hq = smallHq(db, 'apart');
    hq.forms = [{ form: { note: text('7') } }, { form: { note: '5' } }];
    // As an earlier Headgate named them.
    const names = {
      tables: {},
      columns: { [`form/${xmlns}`]: { 'note.#text': 'note_text', note: 'note', 'note.@lang': 'note_lang' } },
    };
    await hq.refresh({ names });
    expect(hq.published().names.columns[`form/${xmlns}`]).toMatchObject({ 'note.#text': 'note_text' });
    await db.query(
      'CREATE VIEW apart.notes AS SELECT note, note_text FROM apart.form_visit ORDER BY form_id',
    );
    hq.forms = [{ form: { note: '6' } }, { form: { note: text('8') } }];
    expect(await hq.refresh()).toMatchObject({ kind: 'published', result: { notice: null } });
    expect(await db.query('SELECT * FROM apart.notes')).toEqual([
      { note: '6', note_text: null },
      { note: null, note_text: '8' },
    ]);
  });
});

describe('a question that was left blank', () => {
  const forms = [
    { form: { name: '', age: '', group: { note: 'x', gone: '' }, kids: { age: '', name: 'n' } } },
    { form: { name: 'a', age: '5', kids: [{ age: '' }, { age: '3', name: '' }] } },
    { form: { group: { note: '' } } },
  ];

  it('is NULL as one that was not asked, unless the link keeps them apart', async () => {
    const hq = smallHq(db, 'asked');
    hq.forms = forms;
    await hq.refresh();
    const comment = async () =>
      (await db.query("SELECT obj_description('asked.forms'::regclass) AS text"))[0]?.['text'];
    expect(await comment()).toMatch(/was left blank, or was not asked\.$/);
    const asked = "SELECT to_jsonb(t) - 'form_id' AS row FROM asked.form_visit t ORDER BY form_id";
    const rows = async (sql = asked) =>
      (await db.query(sql)).map(({ row }) => JSON.parse(row as string) as unknown);
    expect(await rows()).toEqual([
      { name: null, age: null, group_note: 'x' },
      { name: 'a', age: 5, group_note: null },
      { name: null, age: null, group_note: null },
    ]);
    const apart = [
      { name: '', age: null, group_note: 'x', left_blank: ['name', 'age', 'group.gone'] },
      { name: 'a', age: 5, group_note: null, left_blank: null },
      { name: null, age: null, group_note: '', left_blank: ['group.note'] },
    ];
    const options = { keep_blanks: true };
    expect(await hq.refresh({ options })).toMatchObject({ kind: 'published' });
    expect(await rows()).toEqual(apart);
    expect(await comment()).toMatch(/was not asked, unless “left_blank” lists it\.$/);
    // What is published with it from the first day is the same.
    const anew = smallHq(db, 'asked_anew');
    anew.forms = forms;
    await anew.refresh({ options });
    expect(await rows(asked.replace('asked.', 'asked_anew.'))).toEqual(apart);
    const kids = 'SELECT to_jsonb(t) AS row FROM asked_anew.form_visit_kids t ORDER BY form_id, position';
    expect(await rows(kids)).toEqual([
      { form_id: 'f0', position: 1, age: null, name: 'n', left_blank: ['kids.age'] },
      { form_id: 'f1', position: 1, age: null, name: null, left_blank: ['kids.age'] },
      { form_id: 'f1', position: 2, age: 3, name: '', left_blank: ['kids.name'] },
    ]);
    expect(await rows(kids.replace('asked_anew', 'asked'))).toEqual(await rows(kids));
    const table = [...hq.published().tables].find(({ name }) => name === 'form_visit');
    expect(table?.columns.find(({ name }) => name === 'left_blank')?.description).toContain('was not asked');
    expect(await hq.refresh()).toMatchObject({ kind: 'published' });
    expect((await rows())[0]).toEqual({ name: null, age: null, group_note: 'x' });
  });
});

describe('a form that closes a case', () => {
  it('says so where the case block stands, also in groups and repeats', async () => {
    const hq = smallHq(db, 'closing');
    const block = (id: string, more = {}): object => ({ '@case_id': id, ...more });
    hq.forms = [
      { form: { case: block('c1', { close: '' }), close: '' } },
      { form: { case: block('c2', { close: {} }), group: { case: block('c3') } } },
      { form: { case: block('c4'), group: { case: block('c5', { close: '' }) } } },
      { form: { kids: [{ case: block('c6', { close: '' }) }, { case: block('c7') }], case: { close: '' } } },
    ] as typeof hq.forms;
    await hq.refresh();
    expect(await typesIn('closing', 'form_visit')).toEqual({
      form_id: 'text',
      case_case_id: 'text',
      case_close: 'boolean',
      group_case_case_id: 'text',
      group_case_close: 'boolean',
    });
    expect(
      await db.query(
        'SELECT case_case_id AS id, case_close AS own, group_case_close AS inner FROM closing.form_visit ORDER BY form_id',
      ),
    ).toEqual([
      { id: 'c1', own: 't', inner: null },
      { id: 'c2', own: 't', inner: null },
      { id: 'c4', own: null, inner: 't' },
      { id: null, own: null, inner: null },
    ]);
    expect(
      await db.query('SELECT case_case_id AS id, case_close AS c FROM closing.form_visit_kids ORDER BY 1'),
    ).toEqual([
      { id: 'c6', c: 't' },
      { id: 'c7', c: null },
    ]);
  });

  it('says so in the form of a visit too', async () => {
    await using visits = await refreshed(db, 'visits');
    const spec = commcareConnect.datasets.find(({ name }) => name === 'user_visits') as DatasetSpec;
    const block = { '@case_id': 'c1', close: '' };
    const form = { '@xmlns': 'http://example.org/visit', '@name': 'visit', deliver: { case: block } };
    await visits.refresh([{ id: 1, form_json: { id: 'f1', form } }], { spec });
    expect(
      await db.query(
        'SELECT deliver_case_case_id AS id, deliver_case_close AS c FROM visits.visit_form_visit',
      ),
    ).toEqual([{ id: 'c1', c: 't' }]);
  });
});

describe('labels', () => {
  it('that are known outlive an application list that fails, and the notice says so', async () => {
    const hq = smallHq(db, 'labels');
    hq.questions = [
      { value: '/data/q', label: 'A question' },
      { value: '/data/kid/age', repeat: '/data/kid', label: 'Age' },
    ];
    hq.forms = [{ form: { q: '1', kid: [{ age: '1' }, { age: '2' }] } }];
    await hq.refresh();
    const told = () =>
      db.query(
        `SELECT t.description, c.label FROM headgate.columns c JOIN headgate.tables t USING (dataset, table_name)
         WHERE t.schema_name = 'labels' AND c.label IS NOT NULL ORDER BY 2`,
      );
    const comment = () => db.query(`SELECT obj_description('labels.form_visit'::regclass) AS text`);
    const [labels, title] = [await told(), await comment()];
    expect(labels).toMatchObject([{ label: 'A question' }, { label: 'Age' }]);
    expect(title[0]?.['text']).toMatch(/^Visit \(/);
    hq.questions = null;
    await hq.refresh();
    expect(await told()).toEqual(labels);
    expect(await comment()).toEqual(title);
    expect(hq.published().notice).toContain('CommCare HQ did not say what its questions are called');
    hq.questions = [];
    await hq.refresh();
    expect(await told()).toEqual([]);
    expect(hq.published().notice).toBeNull();
  });
});
