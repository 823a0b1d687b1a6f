import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realDataFolder } from '../simulators/commcare-hq/real-folder.ts';
import { xmlToJson } from '../simulators/commcare-hq/xml2json.ts';
import {
  type CasePage,
  type FormPage,
  ids,
  type Row,
  type Running,
  start,
} from './commcare-hq-simulator-support.ts';

const folder = realDataFolder() ?? '';
const why = folder === '' ? ' (skipped: there are no real submissions beside this checkout)' : '';

describe('XML to JSON', () => {
  it('follows the rules of the reference', () => {
    const xml = `<?xml version="1.0"?><!-- c --><data xmlns="urn:a" xmlns:b="urn:b" name="N &amp; M">
      <one>1</one><many>1</many><many>2</many><empty/><blank>  </blank><b:meta><b:x>y</b:x></b:meta>
      <text lang="fr">é &#233; &#xe9; &lt;</text><mixed>beside<a>b</a></mixed><![CDATA[ ]]><c><![CDATA[<raw>]]></c></data>`;
    expect(xmlToJson(xml)).toEqual({
      '#type': 'data',
      '@name': 'N & M',
      '@xmlns': 'urn:a',
      one: '1',
      many: ['1', '2'],
      empty: '',
      blank: '  ',
      meta: { '@xmlns': 'urn:b', x: 'y' },
      text: { '@lang': 'fr', '#text': 'é é é <' },
      mixed: { a: 'b', '#text': 'beside' },
      c: '<raw>',
    });
    expect(() => xmlToJson('<a><b></a>')).toThrow(SyntaxError);
    expect(() => xmlToJson('<a>')).toThrow(SyntaxError);
  });
});

describe.skipIf(folder === '')(`a domain of real submissions${why}`, () => {
  let hq: Running;
  let forms: readonly (Row & { form: Row })[] = [];
  let cases: readonly Row[] = [];
  beforeAll(async () => {
    hq = await start({ domains: [{ name: 'real', real: folder }] });
    forms = (await hq.json<FormPage>('/a/real/api/form/v1/?order_by=indexed_on&limit=0'))
      .objects as typeof forms;
    cases = (await hq.json<CasePage>('/a/real/api/case/v2/?limit=5000')).cases;
  });
  afterAll(() => hq.sim.close());
  const byXmlns = (part: string): (Row & { form: Row }) | undefined =>
    forms.find((row) => String(row.form['@xmlns']).includes(part));

  it('has every submission once, with unique ids and times in order', () => {
    expect(forms).toHaveLength(12);
    for (const key of ['id', 'received_on', 'indexed_on']) expect(new Set(ids(forms, key)).size).toBe(12);
    const times = ids(forms, 'indexed_on');
    expect(times).toEqual([...times].sort());
    for (const row of forms) {
      expect(row['received_on']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(row.form['#type']).toBe(row['type']);
    }
  });

  it('shows stored documents as they are', () => {
    const stored = JSON.parse(
      readFileSync(join(folder, 'submissions/app_with_subcases.json'), 'utf8'),
    ) as readonly Row[];
    const row = byXmlns('EA845CA3');
    expect(row?.form).toEqual(stored[0]?.['form']);
    expect(row).toMatchObject({ id: stored[0]?.['_id'], app_id: stored[0]?.['app_id'], version: '50' });
  });

  it('converts raw submissions: repeats, namespaces, white space and times in UTC', () => {
    const repeats = byXmlns('FB088320')?.form['child_repeat'] as readonly Row[];
    expect(repeats).toHaveLength(3);
    const gps = forms.find((row) => JSON.stringify(row.form).includes('42.3739063'));
    expect(gps?.form['q8_participant_and_partner_use_condom_during_intercourse']).toBe('\n    ');
    expect(gps?.form['meta']).toMatchObject({
      '@xmlns': 'http://openrosa.org/jr/xforms',
      timeStart: '2013-07-19T21:21:31.188000Z',
      location: { '@xmlns': 'http://commcarehq.org/xforms', '#text': '42.3739063 -71.1109113 0.0 886.0' },
    });
    expect(gps?.['metadata']).toMatchObject({
      appVersion: '2.0',
      location: '42.3739063 -71.1109113 0.0 886.0',
    });
    expect(byXmlns('bihar')?.form['meta']).toMatchObject({ timeStart: '2012-05-18T08:10:03.177000Z' });
  });

  it('derives cases from blocks at any depth, in both case formats', () => {
    const stored = JSON.parse(
      readFileSync(join(folder, 'submissions/app_with_subcases.json'), 'utf8'),
    ) as readonly Row[];
    const known = ids(cases, 'case_id');
    expect(known).toEqual(expect.arrayContaining(stored[0]?.['__retrieved_case_ids'] as string[]));
    const find = (id: string): Row | undefined => cases.find((row) => row['case_id'] === id);
    expect(find('5539bd9d-d5d6-44c8-8f78-6915f16b6907')).toMatchObject({
      case_type: 'baby',
      case_name: 'Bob',
      properties: { eye_color: 'brown', facility_name: 'test' },
      indices: {
        parent: { case_id: '71626d9c-2d05-491f-81d9-becf8566618a', case_type: 'mom', relationship: 'child' },
      },
    });
    expect(find('a9df9e13-38a3-4e60-883c-448374fc0312')).toMatchObject({
      case_type: 'prescription',
      closed: true,
    });
    expect(find('CMYOSI95QCED3ZWIP9ZK1QNQ6')).toMatchObject({
      case_type: 'mother',
      case_name: 'mom',
      closed: true,
    });
    expect(find('32337c03-2b73-497f-ab18-2b587f8c21df')).toMatchObject({
      case_type: 'newborn_hiv_child',
      external_id: '32337c03-2b73-497f-ab18-2b587f8c21df',
      properties: { taluka: 'athani' },
    });
    expect(Object.keys(find('foo-case-id')?.['indices'] as object)).toEqual(['foo_ref', 'baz_ref']);
    expect(cases.filter((row) => row['case_type'] === 'task')).toHaveLength(9);
  });

  it('links cases and forms both ways', async () => {
    const id = '71626d9c-2d05-491f-81d9-becf8566618a';
    const page = await hq.json<FormPage>(`/a/real/api/form/v1/?case_id=${id}`);
    expect(ids(page.objects)).toEqual([byXmlns('EA845CA3')?.['id']]);
    expect(await hq.json(`/a/real/api/case/v1/${id}/`)).toMatchObject({ xform_ids: ids(page.objects) });
  });

  it('shows the applications', async () => {
    const page = await hq.json<FormPage>('/a/real/api/application/v1/');
    expect(page.meta.limit).toBeNull();
    expect(page.objects.map((row) => row['name'])).toEqual(['Maternal and Child Health', 'Candy']);
    const first = page.objects[0] as {
      id: string;
      modules: readonly { case_type: string; forms: readonly Row[] }[];
    };
    expect(first.modules[0]).toMatchObject({ case_type: 'mom', case_properties: ['last_status'] });
    expect(await hq.json(`/a/real/api/application/v1/${first.id}/`)).toEqual(first);
    expect((await hq.get('/a/real/api/application/v1/none/')).status).toBe(404);
  });

  it('cannot grow', () => {
    expect(() => hq.sim.domain('real').add('form', 1)).toThrow('cannot grow');
  });
});
