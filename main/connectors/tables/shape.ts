import type { DatasetSpec, Description, Part, RecordShape } from '../connector.ts';
import type { SourceTable } from './table.ts';

/** The column that tells rows apart beside the table's own, whatever those are called. */
const keyColumn = ({ columns }: SourceTable): string => {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = 'row_key';
  while (names.has(name)) name = `_${name}`;
  return name;
};

/** A table's columns with the types that its own have; empty texts are values there, and not blanks. */
function shapeOf(table: SourceTable): RecordShape {
  const types = new Map(table.columns.map(({ name, reading }) => [name, reading.type]));
  return {
    key: keyColumn(table),
    keyName: keyColumn(table),
    title: table.name,
    columns: [],
    fields: table.columns.map(({ name, reading }) => ({ path: [name], type: reading.type })),
    parts: (record): Part[] => [{ table: table.name, label: table.name, value: record }],
    pin: ([name = '', ...below]) => (below.length === 0 ? types.get(name) : undefined),
    keepsEmpty: true,
    indexes: [...new Set([...table.key, ...table.references])].filter((name) => types.get(name) !== 'text'),
  };
}

/** How a table is read. */
export const specOf = (table: SourceTable): DatasetSpec => ({
  name: table.name,
  // It stands in the comment of the table that is made.
  label: table.comment ? `${table.name}: ${table.comment.replace(/\.$/, '')}` : table.name,
  description: table.comment ?? '',
  shape: shapeOf(table),
});

/** The comments of a table's columns, with the type of what is text only here. */
export function* descriptionsOf(table: SourceTable): Generator<Description, void> {
  for (const { name, comment, reading } of table.columns) {
    const text = [comment, reading.asText === undefined ? null : `(${reading.asText})`]
      .filter((each) => each !== null && each !== '')
      .join(' ');
    if (text !== '') yield { part: table.name, path: [name], text };
  }
}
