import type { Distribution, LandedRow, RowCount } from '../../../../preload/contract/models.ts';
import { say } from '../../../../preload/messages/said.ts';
import { badField } from '../../../errors.ts';
import type { BrowsedPart } from '../../engine.ts';
import type { PgClient } from '../postgres-client.ts';
import { conditionOf, kindOf } from './filters.ts';
import { orderedBy } from './order.ts';
import { shown } from './page.ts';
import { own, places, self, stillTable } from './table.ts';

/** Counting, and looking at one column, gives up after so long and answers with less. */
const longestLookMs = 5000;
/** Rows that are looked at where all of them take too long. */
const sampleRows = 20_000;
/** Letters of a value that are told apart, and shown. */
const longestValue = 200;
/** Letters of one value of a row that is shown whole. */
const longestWhole = 1_000_000;

/** Runs a statement that may take too long; null then, and the transaction goes on. */
async function within<T>(client: PgClient, ms: number, work: () => Promise<T>): Promise<T | null> {
  await client.query(`SAVEPOINT look; SET LOCAL statement_timeout = ${ms}`);
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== '57014') throw error;
    await client.query('ROLLBACK TO SAVEPOINT look');
    return null;
  }
}

/** How many rows fit; what the server's planner expects where that takes too long to count. */
export async function countRows(
  client: PgClient,
  { schema, table: name, filters }: BrowsedPart,
): Promise<RowCount> {
  const table = await stillTable(client, schema, name);
  const params = places();
  const rest = `FROM ${table.from} WHERE ${conditionOf(filters, table.columns, params)}`;
  const counted = await within(client, longestLookMs, () =>
    client.query<{ n: string }>(`SELECT count(*)::text AS n ${rest}`, params.values),
  );
  const { version } = table;
  if (counted) return { rows: Number(counted.rows[0]?.n ?? 0), exact: true, version };
  const plan = await client.query<Record<string, string>>(
    `EXPLAIN (FORMAT JSON) SELECT 1 ${rest}`,
    params.values,
  );
  const [told] = JSON.parse(plan.rows[0]?.['QUERY PLAN'] ?? '[]') as { Plan?: { 'Plan Rows'?: number } }[];
  return { rows: Math.round(told?.Plan?.['Plan Rows'] ?? 0), exact: false, version };
}

/** What one column holds, of all rows that fit, or of the first that are met where all of them take too long. */
export async function lookAtColumn(
  client: PgClient,
  asked: BrowsedPart & { readonly column: string; readonly limit: number },
): Promise<Distribution> {
  const table = await stillTable(client, asked.schema, asked.table);
  const column = table.columns.find(({ name }) => name === asked.column);
  if (!column) throw badField('column', say('browse.noColumn', { column: asked.column }));
  const name = own(column.name);
  const kind = kindOf(column.type);
  const hasEnds = kind === 'number' || kind === 'date' || kind === 'moment' || kind === 'text';
  const value = orderedBy(name, column.type);
  const look = async (source: string): Promise<Omit<Distribution, 'sampled' | 'version' | 'column'>> => {
    const params = places();
    const rest = `FROM ${source} WHERE ${conditionOf(asked.filters, table.columns, params)}`;
    const ends = hasEnds
      ? `left(min(${name})::text, ${longestValue}) AS least, left(max(${name})::text, ${longestValue}) AS most`
      : 'NULL AS least, NULL AS most';
    const facts = await client.query<
      Record<'rows' | 'filled' | 'different', string> & Record<'least' | 'most', string | null>
    >(
      `SELECT count(*)::text AS rows, count(${name})::text AS filled, count(DISTINCT ${value})::text AS different, ${ends} ${rest}`,
      params.values,
    );
    const top = await client.query<{ value: string; n: string }>(
      `SELECT left(${name}::text, ${longestValue}) AS value, count(*)::text AS n ${rest} AND ${name} IS NOT NULL
       GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${asked.limit}`,
      params.values,
    );
    const [fact] = facts.rows;
    return {
      rows: Number(fact?.rows ?? 0),
      filled: Number(fact?.filled ?? 0),
      distinct: Number(fact?.different ?? 0),
      min: fact?.least ?? null,
      max: fact?.most ?? null,
      top: top.rows.map(({ value: text, n }) => ({ value: text, rows: Number(n) })),
    };
  };
  const head = { column: column.name, version: table.version };
  const whole = await within(client, longestLookMs, () => look(table.from));
  if (whole) return { ...head, sampled: false, ...whole };
  const needed = [...new Set([column.name, ...asked.filters.map((filter) => filter.column)])]

    .map(own)
    .join(', ');
  const part = await look(`(SELECT ${needed} FROM ${table.from} LIMIT ${sampleRows}) AS ${self}`);
  // How many there are in a part says nothing of how many there are in all.
  return { ...head, sampled: true, ...part, distinct: null };
}

/** One row by its key, its values whole. */
export async function readRow(
  client: PgClient,
  {
    schema,
    table: name,
    key,
  }: { readonly schema: string; readonly table: string; readonly key: readonly string[] },
): Promise<LandedRow> {
  const table = await stillTable(client, schema, name);
  if (key.length !== table.key.length) throw badField('key', say('browse.otherKey'));
  const params = places();
  const fits = table.key.map(({ sql, type }, at) => `${sql} = ${params.put(key[at] ?? '')}::${type}`);
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${table.columns.map((column) => shown(column, longestWhole)).join(', ')} FROM ${table.from} WHERE ${fits.join(' AND ')}`,
    values: params.values,
    rowMode: 'array',
  });
  return {
    columns: table.columns.map((column) => ({ ...column })),
    values: rows[0] ?? null,
    version: table.version,
  };
}
