import type { RowFilter, RowOrder } from '../../../preload/contract/models.ts';
import { literal, quoted } from '../../components/grid/sql-text.ts';

interface Place {
  readonly schema: string;
  readonly table: string;
  /** The tables are complete up to this moment. */
  readonly dataAsOf: string | null;
}

const head = ({ dataAsOf }: Place): string => (dataAsOf === null ? '' : `-- complete up to ${dataAsOf}\n`);
const from = ({ schema, table }: Place): string => `FROM ${quoted(schema)}.${quoted(table)}`;

function condition(filter: RowFilter, type: string): string {
  const name = quoted(filter.column);
  const value = (text: string): string => literal(text, type);
  switch (filter.kind) {
    case 'equals':
      return `${name} = ${value(filter.value)}`;
    case 'oneOf':
      return `${name} IN (${filter.values.map(value).join(', ')})`;
    case 'contains':
      return `strpos(lower(${name}::text), lower(${literal(filter.text, 'text')})) > 0`;
    case 'empty':
      return type === 'text' ? `coalesce(${name}, '') = ''` : `${name} IS NULL`;
    case 'filled':
      return type === 'text' ? `${name} <> ''` : `${name} IS NOT NULL`;
    case 'range':
      return [
        ...(filter.from === null ? [] : [`${name} >= ${value(filter.from)}`]),
        ...(filter.to === null ? [] : [`${name} <= ${value(filter.to)}`]),
      ].join(' AND ');
  }
}

/** What the grid shows as a statement, with the moment that the data is complete up to above it. */
export function selectRows(
  place: Place,
  columns: readonly { readonly name: string; readonly type: string }[],
  filters: readonly RowFilter[],
  order: RowOrder | null,
): string {
  const list = columns.map(({ name }) => `  ${quoted(name)}`).join(',\n');
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const where = filters
    .map((filter) => condition(filter, types.get(filter.column) ?? 'text'))
    .join('\n  AND ');
  const by = order && `${quoted(order.column)} ${order.direction === 'up' ? 'ASC' : 'DESC'} NULLS LAST`;
  return `${head(place)}SELECT\n${list === '' ? '  *' : list}\n${from(place)}${where === '' ? '' : `\nWHERE ${where}`}${by ? `\nORDER BY ${by}` : ''}\nLIMIT 100;`;
}

/** How often each value of a column is there: what a chart of it is drawn from. */
export function selectShares(place: Place, column: string): string {
  const name = quoted(column);
  return `${head(place)}SELECT ${name}, count(*) AS rows\n${from(place)}\nGROUP BY ${name}\nORDER BY rows DESC\nLIMIT 50;`;
}
