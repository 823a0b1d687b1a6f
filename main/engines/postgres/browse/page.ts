import type { RowOrder } from '../../../../preload/contract/models.ts';
import { say } from '../../../../preload/messages/said.ts';
import { badField } from '../../../errors.ts';
import type { Page, PageAsked } from '../../engine.ts';
import type { PgClient } from '../postgres-client.ts';
import { conditionOf } from './filters.ts';
import { orderedBy, usualOrder } from './order.ts';
import { type BrowsedColumn, type BrowsedTable, own, type Places, places, stillTable } from './table.ts';

/** Longer texts are cut: a page of rows stays well below a megabyte. */
const longestText = 2000;

type Line = (string | null)[];

/** A value as text, cut where it is longer than a page has room for. */
export const shown = ({ name }: BrowsedColumn, most = longestText): string => {
  const text = `${own(name)}::text`;
  return `CASE WHEN length(${text}) > ${most} THEN left(${text}, ${most}) || '…' ELSE ${text} END`;
};

function columnsOf(table: BrowsedTable, wanted: readonly string[] | null): readonly BrowsedColumn[] {
  if (wanted === null) return table.columns;
  const known = new Map(table.columns.map((column) => [column.name, column]));
  // One that is gone since is left out; the answer says which ones it has.
  return wanted.flatMap((name) => known.get(name) ?? []);
}

/**
 * One page of a table, at the beginning of a transaction of `stillBounds`. Rows without a value in the ordered column come
 * last in either direction; of equals the key decides. No rows are counted off: the page begins at the key of its neighbour.
 */
export async function readPage(client: PgClient, asked: PageAsked): Promise<Page> {
  const table = await stillTable(client, asked.schema, asked.table);
  const { from, limit } = asked;
  const columns = columnsOf(table, asked.columns);
  const usual = asked.order ?? usualOrder(table.columns);
  const ordered = usual && table.columns.find(({ name }) => name === usual.column);
  if (usual && !ordered) throw badField('order.column', say('browse.noColumn', { column: usual.column }));
  const order = usual && ordered ? { ...usual, sql: orderedBy(own(ordered.name), ordered.type) } : null;
  const head = {
    ...{ columns: columns.map((column) => ({ ...column })), order: usual, version: table.version },
    ...{ job: table.job },
  };
  const gone: Page = { ...head, rows: [], keys: [], outdated: true, more: false };
  if (from?.version != null && from.version !== table.version) return gone;
  if (from && from.way !== 'last' && from.key.length !== table.key.length)
    throw badField('from.key', say('browse.otherKey'));

  const backward = from !== null && from.way !== 'after';
  const key = from !== null && from.way !== 'last' ? from.key : null;
  const filled = key !== null && order !== null ? await isFilledAt(client, table, order, key) : true;
  // Somebody took the row at the cursor away by hand: where its neighbours are can't be told.
  if (filled === null) return gone;
  const found: Line[] = [];
  for (const part of partsOf(table, order, key && { key, filled }, backward)) {
    const left = limit + 1 - found.length;
    if (left <= 0) break;
    const params = places();
    const begins = part.begins(params);
    const fits = conditionOf(asked.filters, table.columns, params);
    const keys = table.key.map(({ sql }) => `${sql}::text`);
    const list = [...keys, ...columns.map((column) => shown(column))].join(', ');
    const { rows } = await client.query<Line>({
      text: `SELECT ${list} FROM ${table.from} WHERE ${begins} AND ${fits} ORDER BY ${part.order} LIMIT ${left}`,
      values: params.values,
      rowMode: 'array',
    });
    for (const row of rows) found.push(row);
  }
  const page = found.slice(0, limit);
  if (backward) page.reverse();
  const width = table.key.length;
  return {
    ...head,
    rows: page.map((row) => row.slice(width)),
    keys: page.map((row) => row.slice(0, width).map((each) => each ?? '')),
    outdated: false,
    more: found.length > limit,
  };
}

interface Part {
  /** The condition that it begins with. */
  readonly begins: (params: Places) => string;
  readonly order: string;
}

type Ordered = RowOrder & { readonly sql: string };

/** The cursor's key as parameters. */
const keyOf = (table: BrowsedTable, key: readonly string[], params: Places): string =>
  key.map((value, n) => `${params.put(value)}::${table.key[n]?.type ?? 'text'}`).join(', ');

/** Whether the row at the cursor has a value in the ordered column; null where there is no such row any more. */
async function isFilledAt(
  client: PgClient,
  table: BrowsedTable,
  { sql }: Ordered,
  key: readonly string[],
): Promise<boolean | null> {
  const params = places();
  const keys = table.key.map((each) => each.sql).join(', ');
  const { rows } = await client.query<{ filled: string }>(
    `SELECT (${sql} IS NOT NULL)::text AS filled FROM ${table.from} WHERE (${keys}) = (${keyOf(table, key, params)})`,
    params.values,
  );
  return rows[0] === undefined ? null : rows[0].filled === 'true';
}

/**
 * The stretches that a page is put together from, each in an order that an index has: rows with a value, then those
 * without; the other way round when it is read backwards.
 */
function partsOf(
  table: BrowsedTable,
  order: Ordered | null,
  at: { readonly key: readonly string[]; readonly filled: boolean } | null,
  backward: boolean,
): Part[] {
  const keys = table.key.map(({ sql }) => sql);
  const way = backward ? 'DESC' : 'ASC';
  const keyOrder = keys.map((sql) => `${sql} ${way}`).join(', ');
  const behind = (params: Places): string =>
    at === null ? 'true' : `(${keys.join(', ')}) ${backward ? '<' : '>'} (${keyOf(table, at.key, params)})`;
  if (order === null) return [{ begins: behind, order: keyOrder }];

  const { sql } = order;
  const rises = (order.direction === 'up') !== backward;
  const [beyond, until] = rises ? ['>', '>='] : ['<', '<='];
  const near = (params: Places): string => {
    if (at === null) return 'true';
    // The value of the row at the cursor is looked up by its key: it may be a text of any length.
    const value = `(SELECT ${sql} FROM ${table.from} WHERE (${keys.join(', ')}) = (${keyOf(table, at.key, params)}))`;
    return `${sql} ${until} ${value} AND (${sql} ${beyond} ${value} OR ${behind(params)})`;
  };
  const filledOrder = `${sql} ${rises ? 'ASC' : 'DESC'}, ${keyOrder}`;
  const filled = (begins: Part['begins']): Part => ({
    order: filledOrder,
    begins: (params) => `${sql} IS NOT NULL AND ${begins(params)}`,
  });
  const empty = (begins: Part['begins']): Part => ({
    order: keyOrder,
    begins: (params) => `${sql} IS NULL AND ${begins(params)}`,
  });
  const all = (): string => 'true';
  if (at === null) return backward ? [empty(all), filled(all)] : [filled(all), empty(all)];
  if (backward) return at.filled ? [filled(near)] : [empty(behind), filled(all)];
  return at.filled ? [filled(near), empty(all)] : [empty(behind)];
}
