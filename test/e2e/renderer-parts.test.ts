import { expect, it } from 'vitest';
import { takeApart } from '../../renderer/refusal.ts';
import { subjectText } from '../../renderer/screens/activity-subjects.ts';
import { arrange } from '../../renderer/screens/data/arrange.ts';

/** Parts of the renderer that need no page. */

it('takes a refused input apart', () => {
  const error = (code: 'INPUT_INVALID' | 'NAME_TAKEN' | 'INTERNAL', message: string) =>
    ({ code, kind: 'config', message, advice: 'Correct it.' }) as const;
  const names = { name: 'name', baseUrl: 'baseUrl', 'settings.domain': 'domain', roles: 'roles' } as const;
  const message =
    'name: at most 200 characters; baseUrl: must begin with https:// (http:// only for 127.0.0.1); roles.3: too long; name: second';
  expect(takeApart(error('INPUT_INVALID', message), names)).toEqual({
    fields: {
      name: 'At most 200 characters.',
      baseUrl: 'Must begin with https:// (http:// only for 127.0.0.1).',
      roles: 'Too long.',
    },
    rest: null,
  });
  const whole = error('INPUT_INVALID', 'The source has no project space; choose one');
  expect(takeApart(whole, names)).toEqual({ fields: {}, rest: whole });
  expect(takeApart(error('NAME_TAKEN', 'It is taken.'), names).fields).toEqual({ name: 'It is taken.' });
  const defect = error('INTERNAL', 'name: no');
  expect(takeApart(defect, names)).toEqual({ fields: {}, rest: defect });
});

it('lists main tables first, and repeats below their parents', () => {
  const table = (name: string, ...columns: string[]) => ({
    name,
    comment: null,
    rows: 1,
    columns: columns.map((column) => ({ name: column, type: 'integer', comment: null })),
  });
  const found = arrange([
    table('case_patient'),
    table('case_patient_visit'),
    table('cases'),
    table('form_visit'),
    table('form_visit_members', 'position'),
    table('form_visit_members_2', 'position'),
    table('form_visit_members_doses', 'position', 'members_position'),
    table('forms'),
    table('forms_attachments', 'position'),
    table('users'),
  ]);
  const lines = [...found.values()].flat();
  expect(
    lines.map((line) => `${'  '.repeat(line.depth)}${line.table.name.slice(line.prefix.length)}`),
  ).toEqual([
    'forms',
    '  attachments',
    'cases',
    'users',
    'form_visit',
    '  members',
    '    doses',
    '  members_2',
    'case_patient',
    'case_patient_visit',
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
