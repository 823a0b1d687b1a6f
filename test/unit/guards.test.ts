import { describe, expect, it } from 'vitest';
import { type Refresh, review } from '../../main/sync/run/guards.ts';
import { driftOf, movesOf } from '../../main/sync/shape/drift.ts';
import type { DictionaryTable } from '../../preload/contract/models.ts';

const table = (
  name: string,
  columns: Record<string, string>,
  dataset = name,
  rows = 100,
): DictionaryTable => ({
  id: name,
  name,
  dataset,
  rows,
  description: null,
  source: 'External: test',
  columns: Object.entries(columns).map(([column, type]) => ({
    name: column,
    type,
    nullShare: 0,
    distinct: 0,
    sourcePath: column,
    label: null,
    description: null,
  })),
});
const forms = table('forms', { id: 'text', at: 'date', raw: 'jsonb' });
/** A refresh of one dataset that is as the one before, but for what a test changes. */
const refresh = (
  rows: { before?: number; records?: number; announced?: number | null; repeated?: number },
  change: Partial<Refresh> = {},
): Refresh => ({
  datasets: [
    {
      name: 'forms',
      table: 'forms',
      announced: rows.announced ?? null,
      records: rows.records ?? 100,
      repeated: rows.repeated ?? 0,
    },
  ],
  tables: [forms],
  before: [forms],
  rowsBefore: { forms: rows.before ?? 100 },
  shrinkPercent: 30,
  keepRaw: true,
  ...change,
});
const codes = (one: Refresh): string[] => review(one).map(({ code }) => code);

describe('a refresh', () => {
  it.each([
    ['as before', refresh({}), []],
    ['grown', refresh({ records: 5000 }), []],
    ['the first', refresh({ before: 0, records: 0 }), []],
    ['just above the threshold', refresh({ before: 1000, records: 700 }), []],
    ['just below it', refresh({ before: 1000, records: 699 }), ['shrunk']],
    ['empty', refresh({ records: 0 }), ['zero_rows']],
    [
      'below a threshold of its own',
      refresh({ before: 1000, records: 940 }, { shrinkPercent: 5 }),
      ['shrunk'],
    ],
    ['as announced', refresh({ before: 0, records: 5000, announced: 5000 }), []],
    ['a few fewer than announced', refresh({ before: 0, records: 90, announced: 100 }), []],
    ['eleven fewer', refresh({ before: 0, records: 89, announced: 100 }), ['count_mismatch']],
    ['one in a hundred fewer', refresh({ before: 0, records: 99_000, announced: 100_000 }), []],
    ['a page fewer', refresh({ before: 0, records: 98_999, announced: 100_000 }), ['count_mismatch']],
    [
      'fewer, and as many moved',
      refresh({ before: 0, records: 98_000, announced: 100_000, repeated: 1000 }),
      [],
    ],
    ['more that arrived meanwhile', refresh({ before: 0, records: 900, announced: 100 }), []],
    ['much more than announced', refresh({ before: 0, records: 5000, announced: 1000 }), ['count_mismatch']],
    ['without a table', refresh({}, { tables: [] }), ['table_gone']],
    ['without one that never had a row', refresh({}, { before: [forms, table('kids', {}, 'forms', 0)] }), []],
    [
      'without a column',
      refresh({}, { tables: [table('forms', { id: 'text', raw: 'jsonb' })] }),
      ['column_gone'],
    ],
    [
      'without raw by choice',
      refresh({}, { tables: [table('forms', { id: 'text', at: 'date' })], keepRaw: false }),
      [],
    ],
    ['without raw', refresh({}, { tables: [table('forms', { id: 'text', at: 'date' })] }), ['column_gone']],
    ['without overflow', refresh({}, { before: [table('forms', { id: 'text', overflow: 'jsonb' })] }), []],
    ['without a dataset by choice', refresh({}, { before: [forms, table('cases', { id: 'text' })] }), []],
    [
      'with another type',
      refresh({}, { tables: [table('forms', { id: 'uuid', at: 'text', raw: 'jsonb' })] }),
      [],
    ],
  ] as const)('%s', (_, one, expected) => {
    expect(codes(one)).toEqual(expected);
  });
});

describe('drift', () => {
  const at = '2026-03-01T08:00:00.000Z';
  it('is nothing before there is something to compare with, and between equals', () => {
    expect(driftOf([], [forms], at, 'b')).toEqual([]);
    expect(driftOf([forms], [forms], at, 'b')).toEqual([]);
  });
  it('names tables and columns that were added, removed and retyped', () => {
    const after = [
      table('forms', { id: 'uuid', at: 'date', score: 'numeric' }),
      table('cases', { id: 'text' }),
    ];
    const told = driftOf([forms, table('old', { id: 'text' })], after, at, 'b').map(
      ({ kind, table: name, column, before, after: now }) => [kind, name, column, before, now],
    );
    expect(told).toEqual([
      ['table_removed', 'old', null, null, null],
      ['column_removed', 'forms', 'raw', 'jsonb', null],
      ['column_retyped', 'forms', 'id', 'text', 'uuid'],
      ['column_added', 'forms', 'score', null, 'numeric'],
      ['table_added', 'cases', null, null, null],
    ]);
  });
});

describe('a column that moved to the table of a repeat', () => {
  /** A table of a form; its columns are called after their paths. */
  const part = (path: string, columns: Record<string, string>): DictionaryTable => {
    const made = table(`t ${path}`, columns, 'forms');
    return { ...made, id: path === '' ? 'form/x|y' : `form/x|y|${path}` };
  };
  const before = [
    part('', {
      'kids.age': 'bigint',
      'kids.toys.name': 'text',
      'kids.pets': 'jsonb',
      kidsize: 'text',
      gone: 'text',
    }),
  ];
  const after = [
    part('', { kidsize: 'text' }),
    part('kids', { 'kids.age': 'bigint' }),
    part('kids.toys', { 'kids.toys.name': 'text' }),
    part('kids.pets', { 'kids.pets.name': 'text' }),
  ];

  it('is told with the innermost repeat that has its values, and is not gone', () => {
    expect(movesOf(before, after)).toEqual([
      { table: 't ', column: 'kids.age', to: 't kids' },
      { table: 't ', column: 'kids.toys.name', to: 't kids.toys' },
      // A list of empty texts: entries without a value.
      { table: 't ', column: 'kids.pets', to: 't kids.pets' },
    ]);
    const reasons = review(refresh({}, { before, tables: after }));
    expect(reasons.map(({ code, column }) => [code, column])).toEqual([['column_gone', 'gone']]);
  });

  it('is gone where the repeat has no values of it', () => {
    const [own, , toys] = after as [DictionaryTable, DictionaryTable, DictionaryTable];
    const kids = part('kids', { 'kids.name': 'text' });
    const moves = movesOf(before, [own, kids, toys]);
    expect(moves.map(({ column }) => column)).toEqual(['kids.toys.name']);
  });
});
