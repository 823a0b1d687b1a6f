import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { documentOf, type Value } from '../document.ts';
import type { Json } from '../json.ts';
import { markAll, markOf } from '../marked.ts';
import { pinIds } from '../pins.ts';
import { largestListPage, readList, type Series } from './lists.ts';

const nothing = documentOf({});
const fieldsPart = new Set(['fields', 'item_attributes']);

/** Lookup tables: what each is called and which fields it has. */
export const lookupTablesShape: RecordShape = {
  key: 'id',
  keyName: 'lookup_table_id',
  columns: [
    { path: 'tag', type: 'text' },
    { path: 'is_global', type: 'boolean' },
    { path: 'description', type: 'text' },
  ],
  parts: (record) => [{ table: 'lookup_tables', label: 'lookup tables', value: record }],
  pin: (path) => (path.at(-1) === 'field_name' ? 'text' : pinIds(path)),
  indexes: [],
};

/**
 * Rows of lookup tables: `lookup_rows` has what every row has; each lookup table (told apart by its tag) has a table
 * of its fields.
 */
export const lookupRowsShape: RecordShape = {
  key: 'id',
  keyName: 'row_id',
  columns: [
    { path: 'tag', type: 'text' },
    { path: 'data_type_id', type: 'text' },
    { path: 'sort_key', type: 'bigint' },
  ],
  parts(record) {
    const mark = markOf(record);
    const tag = mark.get('tag');
    // A row whose lookup table is gone still has its id.
    const table = tag?.text() || `#${record.get('data_type_id')?.text() ?? ''}`;
    return [
      { table: 'lookup_rows', label: 'lookup rows', value: record, skip: fieldsPart, extra: { tag } },
      { table: `lookup/${table}`, label: `lookup ${table}`, value: mark.get('fields') ?? nothing },
    ];
  },
  pin: pinIds,
  indexes: ['tag'],
};

const tables: Series = {
  resource: 'lookup_table/v1',
  query: {},
  key: 'id',
  largestPage: largestListPage,
  noun: 'lookup tables',
};

export function readLookupTables(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  return readList(base, [tables], context);
}

/**
 * The rows of all lookup tables, which is the only way HQ gives them with their attributes. They name their table by
 * its id, so the tables are asked for first, also when reading continues.
 */
export async function* readLookupRows(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  const tags = new Map<string, string>();
  for await (const page of readList(base, [tables], { ...context, cursor: null })) {
    for (const table of page.records) tags.set(table.get('id')?.text() ?? '', table.get('tag')?.text() ?? '');
  }
  const rows: Series = {
    resource: 'lookup_table_item/v1',
    query: {},
    key: 'id',
    largestPage: largestListPage,
    noun: 'lookup rows',
    finish: (records) =>
      markAll(
        records,
        records.map((row) => ({
          tag: tags.get(row.get('data_type_id')?.text() ?? '') ?? null,
          fields: fieldsOf(row),
        })),
      ),
  };
  yield* readList(base, [rows], context);
}

/**
 * A row's fields as a person would put them in a table: `{"name": {"field_list": [{"field_value": "MMR", "properties":
 * {"lang": "en"}}]}}` becomes `name`, its first value, and, where values have attributes or a field has several, also
 * all of them as a repeat. The row's own attributes keep their name, `item_attributes`.
 */
function fieldsOf(row: Value): Json {
  const columns: [string, Json][] = [];
  const fields = row.get('fields');
  for (const name of fields?.keys() ?? []) {
    const values = fields?.get(name)?.get('field_list')?.items() ?? [];
    const all = values.map((value) => ({
      value: value.get('field_value')?.text() ?? '',
      attributes: value.get('properties')?.json() ?? {},
    }));
    const first = all[0];
    if (first === undefined) continue;
    columns.push([name, first.value]);
    const isPlain = all.length === 1 && Object.keys(first.attributes as object).length === 0;
    if (!isPlain) columns.push([`${name}@values`, all]);
  }
  const attributes = row.get('item_attributes');
  if (attributes?.kind === 'object') columns.push(['item_attributes', attributes.json()]);
  return Object.fromEntries(columns);
}
