import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import type { Description, Options } from '../../main/connectors/connector.ts';
import { FORM_KINDS } from '../simulators/commcare-hq/generated-forms.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { realDataFolder } from '../simulators/commcare-hq/real-folder.ts';
import { contextFor, idsOf, readPages } from './commcare-hq-reading.ts';

const SIZES = { forms: 2400, cases: 300, seed: 7, largestPage: 300 } as const;
const folder = realDataFolder();
const [household, antenatal, infant, otherHousehold] = FORM_KINDS.map(({ xmlns }) => xmlns) as [
  string,
  string,
  string,
  string,
];

let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [
      { ...SIZES, name: 'demo' },
      { ...SIZES, name: 'deleted', forms: 20, deletedApplications: [0] },
      ...(folder === undefined ? [] : [{ name: 'real', real: folder }]),
    ],
  });
  sim.domain('demo').archive([0, 1, 2].map((at) => sim.domain('demo').id('form', at)));
});
afterAll(() => sim.close());

type Form = {
  id: string;
  app_id: string;
  archived: boolean;
  received_on: string;
  form: { '@xmlns': string };
};
const forms = (): Form[] => {
  const handle = sim.domain('demo');
  return Array.from({ length: handle.count('form') }, (_, at) => handle.row('form', at) as unknown as Form);
};
type Case = { case_id: string; case_type: string; server_last_modified: string };
const cases = (): Case[] => {
  const handle = sim.domain('demo');
  return Array.from({ length: handle.count('case') }, (_, at) => handle.row('case', at) as unknown as Case);
};
const sorted = (values: readonly string[]): string[] => [...values].sort();

/** Names of the parameters that requests of a kind carried. */
function asked(kind: 'form' | 'case'): Set<string> {
  return new Set(
    sim.stats.recent
      .filter((request) => request.kind === kind)
      .flatMap((request) => [...new URLSearchParams(request.path.split('?')[1]).keys()]),
  );
}

describe('options of forms', () => {
  const live = (): Form[] => forms().filter(({ archived }) => !archived);
  const cuts: [string, Options, (form: Form) => boolean][] = [
    ['one form', { xmlns: [antenatal] }, (form) => form.form['@xmlns'] === antenatal],
    [
      'several forms',
      { xmlns: [household, infant, household, ' '] },
      (form) => [household, infant].includes(form.form['@xmlns']),
    ],
    ['everything for an empty list', { app_id: [], xmlns: [] }, () => true],
    [
      'days',
      { received_from: '2024-06-10', received_to: '2024-07-01' },
      ({ received_on: at }) => at >= '2024-06-10' && at < '2024-07-02',
    ],
  ];

  it.each(cuts)('read %s', async (_, options, keep) => {
    const pages = await readPages('forms', contextFor(sim, 'demo', { options }));
    expect(sorted(idsOf(pages))).toEqual(
      sorted(
        live()
          .filter(keep)
          .map(({ id }) => id),
      ),
    );
    expect(pages.at(-1)?.total).toBe(idsOf(pages).length);
  });

  it('read several forms of several applications, and continue after any page', async () => {
    const apps = [...new Set(forms().map((form) => form.app_id))];
    const options = { app_id: apps, xmlns: [household, otherHousehold] };
    const pages = await readPages('forms', contextFor(sim, 'demo', { options }));
    const wanted = live().filter((form) => [household, otherHousehold].includes(form.form['@xmlns']));
    expect(sorted(idsOf(pages))).toEqual(sorted(wanted.map(({ id }) => id)));
    expect(pages.at(-1)?.total).toBe(wanted.length);
    for (const [at, { cursor }] of pages.entries()) {
      const rest = await readPages('forms', contextFor(sim, 'demo', { options, cursor }));
      expect(sorted([...idsOf(pages.slice(0, at + 1)), ...idsOf(rest)])).toEqual(sorted(idsOf(pages)));
    }
  });

  it('leave archived submissions out unless they are asked for', async () => {
    const count = async (options: Options): Promise<number> =>
      idsOf(await readPages('forms', contextFor(sim, 'demo', { options }))).length;
    expect(await count({})).toBe(2397);
    expect(await count({ include_archived: false })).toBe(2397);
    expect(await count({ include_archived: true })).toBe(2400);
  });

  it('choose attachments the same way', async () => {
    const options = { xmlns: [infant] };
    const pages = await readPages('form_attachments', contextFor(sim, 'demo', { options }));
    const wanted = new Set(
      live()
        .filter((form) => form.form['@xmlns'] === infant)
        .map(({ id }) => id),
    );
    const found = new Set(idsOf(pages).map((id) => id.split('/')[0] ?? ''));
    expect(found).toEqual(wanted);
  });

  it('send no parameter that HQ does not know, since it would give nothing instead of an error', () => {
    const known = [
      'limit',
      'order_by',
      'offset',
      'indexed_on_start',
      'received_on_start',
      'received_on_end',
      'include_archived',
      'xmlns',
      'app_id',
    ];
    expect([...asked('form')].filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(['yesterday', '2026-13-45', '2026-1-1'])('refuse the day %s', async (day) => {
    const reading = readPages('forms', contextFor(sim, 'demo', { options: { received_from: day } }));
    await expect(reading).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('options of cases', () => {
  const cuts: [string, Options, (one: Case) => boolean][] = [
    ['one type', { case_type: ['village'] }, (one) => one.case_type === 'village'],
    ['several types', { case_type: ['referral', 'patient'] }, (one) => one.case_type !== 'village'],
    [
      'days',
      { modified_from: '2024-06-10', modified_to: '2024-07-01' },
      ({ server_last_modified: at }) => at >= '2024-06-10' && at < '2024-07-02',
    ],
    [
      'days and a type',
      { modified_to: '2025-01-31', case_type: ['patient'] },
      (one) => one.case_type === 'patient' && one.server_last_modified < '2025-02-01',
    ],
  ];

  it.each(cuts)('read %s only', async (_, options, keep) => {
    const pages = await readPages('cases', contextFor(sim, 'demo', { options }));
    const wanted = cases().filter(keep);
    expect(wanted.length).toBeGreaterThan(0);
    expect(sorted(idsOf(pages))).toEqual(sorted(wanted.map((one) => one.case_id)));
    expect(pages.at(-1)?.total).toBe(wanted.length);
    for (const [at, { cursor }] of pages.entries()) {
      const rest = await readPages('cases', contextFor(sim, 'demo', { options, cursor }));
      expect(sorted([...idsOf(pages.slice(0, at + 1)), ...idsOf(rest)])).toEqual(sorted(idsOf(pages)));
    }
  });

  it('never filter by indexed_on.gte, which would take the place of the cursor', () => {
    const known = [
      'limit',
      'cursor',
      'indexed_on.gt',
      'case_type',
      'server_last_modified.gte',
      'server_last_modified.lt',
    ];
    expect([...asked('case')].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('name only datasets that there are', () => {
    const names = commcare.datasets.map(({ name }) => name);
    expect(
      commcare.options.flatMap((option) => option.datasets).filter((name) => !names.includes(name)),
    ).toEqual([]);
  });
});

describe('labels', () => {
  const labels = async (domain: string, options: Options = {}): Promise<Description[]> => {
    const { cursor: _, ...context } = contextFor(sim, domain, { options });
    return [...((await commcare.describe?.(['forms', 'cases'], context)) ?? [])];
  };
  const find = (all: readonly Description[], xmlns: string, ...path: string[]): string | undefined =>
    all.find((one) => one.part === `form/${xmlns}` && one.path.join('/') === path.join('/'))?.text;

  it('are those of the language asked for, also inside repeats and repeats in repeats', async () => {
    const french = await labels('demo', { language: 'fr' });
    expect(find(french, household)).toBe('Visite du ménage');
    expect(find(french, household, 'visit_date')).toBe('Date de la visite');
    expect(find(french, household, 'members', 'item', 'name')).toBe('Nom du membre');
    expect(find(french, household, 'members', 'item', 'doses', 'dose', 'vaccine')).toBe('Vaccin');
    expect(find(french, antenatal, 'grossesse', 'groupe', 'facteur-rh')).toBe('Facteur rhésus');
    expect(find(await labels('demo', { language: 'FR-ca' }), household)).toBe('Visite du ménage');
  });

  it('fall back to the first language of the application, then to any', async () => {
    const french = await labels('demo', { language: 'fr' });
    // Not translated into French; the first application speaks English, the second Hindi.
    expect(find(french, household, 'supervisor_comment')).toBe('Comment of the supervisor');
    expect(find(french, infant)).toBe('शिशु पंजीकरण');
    expect(find(french, infant, 'mother_name')).toBe('माँ का नाम');
    // Without a Hindi text, what the second application has is English.
    expect(find(french, infant, 'registered_at')).toBe('Registered at');
    const none = await labels('demo');
    expect(find(none, household, 'visit_date')).toBe('Date of the visit');
    expect(find(none, infant, 'शिशु', 'जन्म_तिथि')).toBe('जन्म तिथि');
  });

  it('are one line, and nothing where HQ only repeats the path', async () => {
    const all = await labels('demo');
    expect(find(all, household, 'muac')).toBe('Arm circumference (cm)');
    expect(find(all, household, 'member_count')).toBeUndefined();
    expect(all.every(({ text }) => text !== '' && !text.includes('\n'))).toBe(true);
  });

  it('tell forms of one name apart by their xmlns', async () => {
    const all = await labels('demo', { language: 'en' });
    expect(find(all, household)).toBe('Household visit');
    expect(find(all, otherHousehold)).toBe('Household visit');
    const keys = all.map(({ part, path }) => JSON.stringify([part, ...path]));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are missing for forms of deleted applications', async () => {
    const all = await labels('deleted');
    expect(new Set(all.map(({ part }) => part))).toEqual(
      new Set([`form/${infant}`, `form/${otherHousehold}`]),
    );
  });

  it('prefer the chosen application where two have a form', async () => {
    const form = (name: string): object => ({ xmlns: 'u:1', name: { en: name }, questions: [] });
    const app = (id: string): object => ({
      id,
      name: id,
      modules: [{ name: 'm', forms: [form(`of ${id}`)] }],
    });
    const body = JSON.stringify({ meta: {}, objects: [app('one'), app('two')] });
    sim.faults.add({ match: 'application', kind: 'status', status: 200, body, times: 'always' });
    expect(await labels('demo')).toEqual([{ part: 'form/u:1', path: [], text: 'of one', lang: 'en' }]);
    expect(await labels('demo', { app_id: ['two'] })).toEqual([
      { part: 'form/u:1', path: [], text: 'of two', lang: 'en' },
    ]);
    sim.faults.clear();
  });

  it('are not asked for without forms, and a failure says what it is', async () => {
    const { cursor: _, ...context } = contextFor(sim, 'demo');
    const before = sim.stats.requests.application;
    expect(await commcare.describe?.(['cases'], context)).toEqual([]);
    expect(sim.stats.requests.application).toBe(before);
    sim.faults.add({ match: 'application', kind: 'status', status: 403, body: '' });
    await expect(labels('demo')).rejects.toMatchObject({ code: 'SOURCE_NOT_AUTHORISED' });
    sim.faults.add({
      match: 'application',
      kind: 'status',
      status: 200,
      body: '{"objects":3}',
      times: 'always',
    });
    await expect(labels('demo')).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
    sim.faults.clear();
  });

  it.skipIf(folder === undefined)('are read from real applications (skipped without them)', async () => {
    const all = await labels('real', { language: 'en' });
    expect(find(all, 'my_sweet_xmlns')).toBe('Buy Candy Corn');
    expect(find(all, 'my_sweet_xmlns', 'question1')).toBe('question1');
  });
});

describe('choices', () => {
  it('are applications, forms with where they are, case types and languages', async () => {
    const { cursor: _, options: __, ...context } = contextFor(sim, 'demo');
    const choices = await commcare.choices?.(context);
    expect(choices?.['app_id']?.map(({ label }) => label)).toEqual(['Community health', 'शिशु देखभाल']);
    expect(choices?.['xmlns']).toEqual([
      { value: household, label: 'Community health › Households › Household visit' },
      { value: antenatal, label: 'Community health › Pregnancy › Antenatal visit' },
      { value: infant, label: 'शिशु देखभाल › शिशु › शिशु पंजीकरण' },
      { value: otherHousehold, label: 'शिशु देखभाल › परिवार › घर का दौरा' },
    ]);
    expect(choices?.['case_type']?.map(({ value }) => value)).toEqual(['patient', 'village']);
    expect(choices?.['language']?.map(({ value }) => value)).toEqual(['en', 'fr', 'hi']);
    const known = new Set(commcare.options.map(({ name }) => name));
    expect(Object.keys(choices ?? {}).every((name) => known.has(name))).toBe(true);
  });
});
