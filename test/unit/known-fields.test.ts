import { expect, it } from 'vitest';
import type { KnownField, RecordShape } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { Json } from '../../main/connectors/json.ts';
import { typeOf } from '../../main/sync/shape/kinds.ts';
import { createShape, type Shape } from '../../main/sync/shape/shape.ts';

/* What a source's metadata says of its fields, what is no data, and lists that a connector adds. */

const fields: readonly KnownField[] = [
  { path: ['visited'], type: 'date' },
  { path: ['group', 'size'], type: 'bigint' },
  { path: ['member'], type: 'repeat' },
  { path: ['member', 'age'], type: 'bigint' },
  { path: ['member', 'dose'], type: 'repeat' },
  { path: ['member', 'dose', 'weight'], type: 'numeric' },
];
const types = new Map(fields.map(({ path, type }) => [path.join('.'), type]));
const spec: RecordShape = {
  key: 'id',
  keyName: 'visit_id',
  title: 'Visits',
  columns: [],
  fields,
  parts: (record) => [
    {
      ...{ table: 'v', label: 'Visits', value: record },
      lists: { files: documentOf([{ name: 'a.jpg' }, { name: 'b.jpg' }]) },
    },
  ],
  pin: (path) => {
    const type = types.get(path.join('.'));
    return type === 'repeat' ? undefined : type;
  },
  omits: (path) => path.at(-1)?.endsWith('@link') === true,
  indexes: [],
};

/** Tables by their paths, with their columns and types. */
const tablesOf = ({ tables, paths }: Shape): Record<string, Record<string, string>> =>
  Object.fromEntries(
    tables.map(({ path, columns }) => [
      path.join('.'),
      Object.fromEntries(
        columns.map((column) => [paths[column.path]?.segments.join('.'), typeOf(column.mask)]),
      ),
    ]),
  );
const add = (shape: Shape, ...records: Json[]): void => {
  for (const record of records) shape.add(documentOf(record));
};

const empty = {
  '': { visited: 'date', 'group.size': 'bigint' },
  member: { 'member.age': 'bigint' },
  'member.dose': { 'member.dose.weight': 'numeric' },
};

it('columns and repeats are there before a record was seen, with the types of the metadata', () => {
  const shape = createShape(spec, 'v');
  expect(tablesOf(shape)).toEqual(empty);
  expect(shape.parts).toEqual([{ id: 'v', label: 'Visits' }]);
  const saved = shape.changes()?.text as string;
  // As another process finds them.
  expect(tablesOf(createShape(spec, 'v', { layout: [saved], seq: 0 }))).toEqual(empty);
});

it('a value that does not fit widens its column, and one that fits does not', () => {
  const shape = createShape(spec, 'v');
  add(shape, {
    id: '1',
    visited: '2025-03-01',
    group: { size: 'many' },
    member: [{ age: 3, dose: [{ weight: 2 }] }],
  });
  expect(tablesOf(shape)).toMatchObject({
    '': { visited: 'date', 'group.size': 'text' },
    member: { 'member.age': 'bigint' },
    'member.dose': { 'member.dose.weight': 'numeric' },
  });
  expect(shape.tables.every(({ overflows }) => !overflows)).toBe(true);
});

it('what is no data gets no column, at any depth, whatever stands there', () => {
  const shape = createShape(spec, 'v');
  add(shape, {
    id: '1',
    'member@link': 'Visits(1)/member',
    'other@link': { a: [{ b: 1 }] },
    member: [{ age: 3, 'dose@link': 'Visits(1)/member(1)/dose' }],
  });
  const names = Object.values(tablesOf(shape)).flatMap((columns) => Object.keys(columns));
  expect(names.filter((name) => name.includes('@link'))).toEqual([]);
  expect(Object.keys(tablesOf(shape)).sort()).toEqual(['', 'files', 'member', 'member.dose']);
});

it('a list that the connector adds is a repeat of each record, beside those of the record itself', () => {
  const shape = createShape(spec, 'v');
  add(shape, { id: '1', member: [{ age: 3 }] }, { id: '2', visited: '2025-03-02' });
  const files = shape.tables.find(({ path }) => path.join('.') === 'files');
  expect(files?.rows.count).toBe(4);
  // What comes after it is still read from the record's own text.
  expect(tablesOf(shape)['']).toEqual({ visited: 'date', 'group.size': 'bigint' });
  expect(tablesOf(shape)['files']).toEqual({ 'files.name': 'text' });
});
