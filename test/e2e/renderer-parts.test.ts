import { expect, it } from 'vitest';
import type { Job } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { formatPercent } from '../../renderer/format.ts';
import { takeApart } from '../../renderer/refusal.ts';
import { subjectText } from '../../renderer/screens/activity/subjects.ts';
import { listed } from '../../renderer/screens/data/titles.ts';
import { createFinder, selectOf } from '../../renderer/screens/dictionary/find.ts';
import { chosenOptions } from '../../renderer/screens/projects/option-fields.tsx';
import { stateOf } from '../../renderer/watch/dataset-state.ts';
import { jobSentence } from '../../renderer/watch/state.ts';
import { dataset, jobOf } from '../support/renderer-fixture/builders.ts';
import { describedBy } from '../support/renderer-fixture/described.ts';
import { minutes, types } from '../support/renderer-fixture/scenario.ts';

/** Parts of the renderer that need no page. */

it('takes a refused input apart', () => {
  const error = (
    code: 'INPUT_INVALID' | 'NAME_TAKEN' | 'INTERNAL',
    message: string,
    ...fields: string[][]
  ) => ({
    ...{ code, kind: 'config' as const, message, advice: 'Correct it.' },
    ...(fields.length > 0 && {
      fields: fields.map(([path = '', why = '']) => ({ path, said: plain(why) })),
    }),
  });
  const names = { name: 'name', baseUrl: 'baseUrl', 'settings.domain': 'domain', roles: 'roles' } as const;
  const refused = error(
    'INPUT_INVALID',
    'all of it',
    // What a person typed is repeated in the sentence, and looks like another field.
    ['name', '“a; baseUrl: b” has at most 200 characters'],
    ['baseUrl', 'must begin with https:// (http:// only for 127.0.0.1)'],
    ['roles.3', 'too long'],
    ['name', 'second'],
  );
  expect(takeApart(refused, names)).toEqual({
    fields: {
      name: '“a; baseUrl: b” has at most 200 characters.',
      baseUrl: 'Must begin with https:// (http:// only for 127.0.0.1).',
      roles: 'Too long.',
    },
    rest: null,
  });
  const elsewhere = error('INPUT_INVALID', 'moon: must be full', ['moon', 'must be full']);
  expect(takeApart(elsewhere, names)).toEqual({
    fields: {},
    rest: {
      ...elsewhere,
      said: { id: 'common.field', params: { path: 'moon', why: plain('must be full') } },
    },
  });
  const whole = error('INPUT_INVALID', 'The source has no project space; choose one');
  expect(takeApart(whole, names)).toEqual({ fields: {}, rest: whole });
  expect(takeApart(error('NAME_TAKEN', 'It is taken.'), names).fields).toEqual({ name: 'It is taken.' });
  const defect = error('INTERNAL', 'name: no');
  expect(takeApart(defect, names)).toEqual({ fields: {}, rest: defect });
});

it('lists forms first, each with its repeats below it, and tells those of one title apart', () => {
  const table = (name: string, title: string | null, parent: string | null = null) => ({
    ...{ name, title, parent, dataset: 'forms', rows: 1, columns: 3, filled: null },
  });
  const found = listed([
    table('case_patient', 'Patient'),
    table('cases', 'Cases'),
    table('form_visit_members_doses', 'doses', 'form_visit_members'),
    table('form_visit', 'Visit'),
    table('form_visit_members', 'members', 'form_visit'),
    table('form_visit_46a33c', 'Visit'),
    table('form_anc', 'Antenatal'),
    table('users', null),
    table('lost_child', 'lost', 'no_such_table'),
  ]);
  expect(
    found.map(({ depth, name, isTwin }) => `${'  '.repeat(depth)}${name}${isTwin ? ' (twin)' : ''}`),
  ).toEqual([
    'form_anc',
    'form_visit (twin)',
    '  form_visit_members',
    '    form_visit_members_doses',
    'form_visit_46a33c (twin)',
    'cases',
    'lost_child',
    'users',
    'case_patient',
  ]);
});

it('says what an entry of the activity log is about by name', () => {
  const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
  const names = new Map([[id, 'Malaria · HQ']]);
  expect(subjectText(`linkId=${id}`, names)).toBe('Malaria · HQ');
  expect(subjectText(`id=${id} name=A new name`, names)).toBe('Malaria · HQ · A new name');
  expect(subjectText(`id=${id} name=Malaria · HQ`, names)).toBe('Malaria · HQ');
  expect(subjectText(`id=${id}`, new Map())).toBe('id 6f9619ff…');
  expect(subjectText('name=a=b projectId=7', names)).toBe('a=b · 7');
  expect(subjectText('Token of the timetable', names)).toBe('Token of the timetable');
});

it('says of a dataset that somebody has to look at it, or that it stands', () => {
  const now = Date.parse(minutes(0));
  const base = dataset(1);
  const held = { at: minutes(-5), jobId: base.id, reasons: [] };
  const job = (pausedBy: Job['pausedBy'], waitingUntil: string | null = null) =>
    jobOf(1, base, { status: 'paused', finishedAt: null, pausedBy, waitingUntil });
  expect(stateOf({ ...base, held }, now)).toMatchObject({ doing: 'held', need: 'review' });
  expect(stateOf({ ...base, held, signIn: 'expired' }, now).need).toBe('reconnect');
  expect(stateOf({ ...base, job: job('person') }, now).doing).toBe('paused');
  expect(stateOf({ ...base, job: job('quit') }, now).doing).toBe('waiting');
  expect(jobSentence(job('source', minutes(9)), now)).toMatch(
    /^Waits for Malaria programme until .* \(rate limit\)/,
  );
  expect(jobSentence(job('source', minutes(-1)), now)).toContain('goes on within a minute');
  expect(jobSentence(job('person', minutes(9)), now)).toContain('when somebody resumes it');
  expect(jobSentence(job('quit'), now)).toContain('when Headgate starts');
  expect(jobSentence(job('network', minutes(9)), now)).toContain('Waits for the network');
  expect(stateOf({ ...base, job: job('network') }, now).doing).toBe('waiting');
});

it('finds in a dictionary, and writes a statement that PostgreSQL takes', () => {
  const column = (name: string, label: string | null = null, type = 'text') => ({
    name,
    type,
    nullShare: null,
    distinct: null,
    sourcePath: null,
    label,
    description: null,
  });
  const table = (name: string, ...columns: ReturnType<typeof column>[]) => ({
    id: name,
    name,
    dataset: 'forms',
    rows: 1,
    description: null,
    source: '',
    columns,
  });
  const visits = table(
    'form_visits',
    column('Âge', 'Âge de l’enfant'),
    column('select'),
    column('raw', null, 'jsonb'),
  );
  const tables = [visits, table('cases', column('age', 'Age in years'))];
  const described = describedBy({ schemaName: 's', dataAsOf: null, jobId: null }, tables);
  const find = createFinder(described);
  const names = (text: string) => find(text).hits.map((hit) => `${hit.table.name}.${hit.column.name}`);
  expect(names('age')).toEqual(['form_visits.Âge', 'cases.age']);
  expect(names('ENFANT age')).toEqual(['form_visits.Âge']);
  expect(find('visits')).toEqual({ tables: [described.tables[0]], hits: [] });
  expect(find('  ')).toEqual({ tables: described.tables, hits: [] });
  expect(selectOf('data_1', visits)).toBe(
    'SELECT\n  "Âge",\n  "select"\nFROM "data_1"."form_visits"\nLIMIT 100;',
  );
});

it('never rounds a share to all or nothing', () => {
  expect([0, 0.00001, 0.004, 0.43, 0.996, 0.99999, 1].map(formatPercent)).toEqual([
    '0%',
    '< 0.1%',
    '0.4%',
    '43%',
    '99.6%',
    '> 99.9%',
    '100%',
  ]);
});

it('keeps only the options that were chosen and are about something that is synced', () => {
  const type = types.find((each) => each.type === 'commcare');
  const values = {
    case_type: ['person'],
    xmlns: [],
    include_archived: false,
    received_from: '2026-01-01',
    language: '',
  };
  expect(chosenOptions(type, ['forms'], values)).toEqual({ received_from: '2026-01-01' });
  expect(chosenOptions(type, ['cases'], values)).toEqual({ case_type: ['person'] });
  expect(chosenOptions(type, ['users'], values)).toEqual({});
});
