import type { RowOrder } from '../../../../preload/contract/models.ts';
import type { BrowsedColumn } from './table.ts';

/** The columns that say how new a row is, the best first. */
const newest = [
  ...[
    'received_on',
    'server_last_modified',
    'last_modified',
    'date_modified',
    'modified_on',
    'server_modified_on',
  ],
  ...['updated_at', 'visit_date', 'opened_on', 'date_opened', 'date_created', 'created_on', 'created_at'],
];

/** The newest first where there is a time to go by; null: by the key. */
export function usualOrder(columns: readonly BrowsedColumn[]): RowOrder | null {
  const times = new Set(
    columns.filter(({ type }) => /^(timestamp\b(?!.*\[\])|date$)/.test(type)).map(({ name }) => name),
  );
  const column = newest.find((name) => times.has(name));
  return column === undefined ? null : { column, direction: 'down' };
}

/** Types that PostgreSQL has no order for; they are put in the order of their texts. */
const orderless = /^(json|xml|point|line|lseg|box|path|polygon|circle|xid|cid|refcursor|aclitem)\b/;

/** What a column is put in order by. */
export const orderedBy = (name: string, type: string): string =>
  orderless.test(type) ? `${name}::text` : name;
