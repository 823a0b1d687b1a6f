import { say } from '../../../../../preload/messages/said.ts';
import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { Column, Table } from '../../../shape/layout.ts';
import { dotted, lookUp, type Names, textSegment, withoutText } from '../../../shape/names.ts';
import type { Shape } from '../../../shape/shape.ts';
import { overflowColumn, tableId } from '../finish/plan.ts';
import { requireLease, stagingSchema } from '../lease.ts';
import type { LiveTable } from '../publish/live.ts';
import { columnName, leftAlone, stagingTable } from '../staged-tables.ts';
import { goneTable } from '../state.ts';
import { inTransaction, rowsWithSettings } from '../transaction.ts';
import { Unproven } from './unproven.ts';

/** A dataset of which only the changes are staged. */
export interface PartialReading {
  /** How many tables it had when it was published last; those behind are new. */
  readonly tables: number;
  readonly parts: number;
  /** Whether the source says that a path of a part is a repeat: it has a table then though no record has an entry. */
  declares(part: string, path: readonly string[]): boolean;
}

/** What becomes of the tables of such a dataset. */
export interface PartialTables {
  /** Records that were read or are gone: only their published rows can differ. */
  readonly touched: number;
  /** By index of the table: how many published rows stay as they are. */
  readonly stay: readonly number[];
  /** Indexes of tables that there would not be, had everything been read. */
  readonly absent: ReadonlySet<number>;
}

/** Name of the table of the keys of records that were read or are gone. */
export const touchedTable = (dataset: string): string => `_touched_${dataset}`;

/** Tables looked at in one statement, and columns asked about in one. */
const tablesAtOnce = 50;
const columnsAtOnce = 500;

/**
 * Settles what the staged changes of a dataset mean for what is published: what was read once and is gone since counts as
 * gone, and columns and tables that nothing is left of go, as they would had everything been read. Fails with Unproven
 * where the changes alone can't tell.
 */
export async function settlePartial(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  names: Names,
  live: ReadonlyMap<string, LiveTable>,
  { tables: tablesBefore, parts: partsBefore, declares }: PartialReading,
): Promise<PartialTables> {
  const staging = stagingSchema(schema);
  const staged = (table: Table): string => qualified(staging, stagingTable(spec.name, table));
  const main = shape.tables[0] as Table;
  const touched = qualified(staging, touchedTable(spec.name));
  const liveOf = (table: Table): LiveTable | undefined =>
    live.get(lookUp(names.tables, tableId(shape, table)) ?? '');
  insistKnown(shape, tablesBefore, partsBefore, liveOf);

  const count = await settleGone(client, schema, spec.name, shape.tables.map(staged), staged(main), touched);

  const stay: number[] = [];
  const rows: number[] = [];
  for (const batch of batchesOf(shape.tables, tablesAtOnce)) {
    const asked = batch.flatMap((table) => {
      const published = liveOf(table);
      const key = table === main ? spec.shape.key : spec.shape.keyName;
      const from = published && `ONLY ${qualified(schema, published.name)} l`;
      return [
        `(SELECT count(*) FROM ${staged(table)})`,
        from === undefined ? '0' : `(SELECT count(*) FROM ${from})`,
        from === undefined || count === 0
          ? '0'
          : `(SELECT count(*) FROM ${from} JOIN ${touched} t ON t.k = l.${ident(key)})`,
      ];
    });
    const found = await rowsWithSettings<{ n: string }>(
      client,
      `SELECT unnest(ARRAY[${asked.join(', ')}]) AS n`,
    );
    for (let at = 0; at < found.length; at += 3) {
      const [own, all, changed] = found.slice(at, at + 3).map(({ n }) => Number(n)) as [
        number,
        number,
        number,
      ];
      rows.push(own);
      stay.push(all - changed);
    }
  }

  if (count > 0)
    for (const table of shape.tables)
      await dropEmptied(client, {
        ...{ schema, spec, shape, table, names, touched, isMain: table === main },
        ...{ staged: staged(table), live: liveOf(table) },
      });

  const hasRows = (table: Table): boolean => (stay[table.index] ?? 0) + (rows[table.index] ?? 0) > 0;
  const partHasRows = (part: number): boolean =>
    shape.tables.some((table) => table.part === part && table.path.length === 0 && hasRows(table));
  const isThere = (table: Table): boolean =>
    table === main ||
    hasRows(table) ||
    (table.path.length > 0 &&
      partHasRows(table.part) &&
      declares(shape.parts[table.part]?.id ?? '', table.path));
  const absent = new Set(shape.tables.filter((table) => !isThere(table)).map(({ index }) => index));
  return { touched: count, stay, absent };
}

/** Fails where the layout changed in a way that what is published is needed for, record by record. */
function insistKnown(
  shape: Shape,
  tablesBefore: number,
  partsBefore: number,
  liveOf: (table: Table) => LiveTable | undefined,
): void {
  for (const table of shape.tables) {
    const name = dotted(table.path);
    // Records that had one entry each hold it in the table around it, or hold a blank one nowhere.
    if (table.index >= tablesBefore && table.path.length > 0 && table.part < partsBefore)
      throw new Unproven(say('runs.delta.newRepeat', { path: name }));
    // Which values found no column depends on all that came before them.
    if (table.overflows || liveOf(table)?.columns.get(overflowColumn)?.type === 'jsonb')
      throw new Unproven(say('runs.delta.overflow', { table: shape.parts[table.part]?.label ?? name }));
  }
}

/** Of what is gone and what was read the later one counts. Returns how many records were touched by either. */
async function settleGone(
  client: PgClient,
  schema: string,
  dataset: string,
  tables: readonly string[],
  main: string,
  touched: string,
): Promise<number> {
  const gone = qualified(stagingSchema(schema), goneTable);
  await inTransaction(client, async () => {
    await requireLease(client);
    await client.query(
      `DELETE FROM ${gone} g USING (SELECT k, max(_v) AS v FROM ${main} GROUP BY k) s
       WHERE g.dataset = $1 AND g.k = s.k AND s.v > g.v`,
      [dataset],
    );
  });
  const { rows } = await inTransaction(client, () =>
    client.query<{ both: string }>(
      `SELECT EXISTS (SELECT FROM ${main} s JOIN ${gone} g ON g.dataset = $1 AND g.k = s.k) AS both`,
      [dataset],
    ),
  );
  if (rows[0]?.both === 't') {
    // The main table last: as long as it tells of one, a crash in between is made up for by the next attempt.
    for (const batch of batchesOf([...tables.filter((table) => table !== main), main], tablesAtOnce))
      await inTransaction(client, async () => {
        await requireLease(client);
        for (const table of batch)
          await client.query(`DELETE FROM ${table} s USING ${gone} g WHERE g.dataset = $1 AND g.k = s.k`, [
            dataset,
          ]);
      });
  }
  return inTransaction(client, async () => {
    await requireLease(client);
    await client.query(`DROP TABLE IF EXISTS ${touched}`);
    await client.query(`CREATE UNLOGGED TABLE ${touched} (k text NOT NULL PRIMARY KEY) WITH (${leftAlone})`);
    await client.query(
      `INSERT INTO ${touched} SELECT k FROM ${main} UNION SELECT k FROM ${gone} WHERE dataset = $1`,
      [dataset],
    );
    await client.query(`ANALYZE ${touched}`);
    const { rows: counted } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${touched}`);
    return Number(counted[0]?.n);
  });
}

interface Emptying {
  readonly schema: string;
  readonly spec: DatasetSpec;
  readonly shape: Shape;
  readonly table: Table;
  readonly names: Names;
  readonly touched: string;
  readonly isMain: boolean;
  readonly staged: string;
  readonly live: LiveTable | undefined;
}

/**
 * Takes columns that no record has a value for any more out of a table's layout. Only those can be among them that a
 * touched record had a published value in, and that no record that was read has one in.
 */
async function dropEmptied(client: PgClient, one: Emptying): Promise<void> {
  const { schema, spec, shape, table, names, touched, isMain, live } = one;
  const known = lookUp(names.columns, tableId(shape, table)) ?? {};
  const key = isMain ? spec.shape.key : spec.shape.keyName;
  const declared = new Set(isMain ? spec.shape.columns.map(({ path }) => path) : []);
  const own = table.columns.filter(({ path }) => !declared.has(dotted(shape.paths[path]?.segments ?? [])));
  if (own.length === 0) return;
  const flags = async (
    sql: (columns: readonly Column[]) => string,
    of: readonly Column[],
  ): Promise<Column[]> => {
    const found: Column[] = [];
    for (const some of batchesOf(of, columnsAtOnce)) {
      const { rows } = await inTransaction(client, () => client.query<{ yes: string }>(sql(some)));
      found.push(...some.filter((_, at) => rows[at]?.yes === 't'));
    }
    return found;
  };
  const list = (parts: readonly string[], from: string): string =>
    `SELECT unnest(ARRAY[${parts.join(', ')}]) AS yes FROM ${from}`;
  const read = new Set(
    await flags(
      (columns) =>
        list(
          columns.map(({ path }) => `count(s.${columnName(path)}) > 0`),
          `${one.staged} s`,
        ),
      own,
    ),
  );
  const rest = own.filter((column) => !read.has(column));
  const nameOf = ({ path }: Column): string | undefined => {
    const segments = shape.paths[path]?.segments ?? [];
    const own = lookUp(known, dotted(segments));
    // The text of an element is published as the element where they share a column.
    const element = segments.at(-1) === textSegment ? withoutText(segments, table.path.length) : [];
    const name = own ?? (element.length === 0 ? undefined : lookUp(known, dotted(element)));
    return name !== undefined && live?.columns.has(name) ? name : undefined;
  };
  const published = rest.filter((column) => nameOf(column) !== undefined);
  const cell = (column: Column): string => `l.${ident(nameOf(column) as string)}`;
  const from = live && `ONLY ${qualified(schema, live.name)} l`;
  const lost =
    from === undefined
      ? []
      : await flags(
          (columns) =>
            list(
              columns.map((column) => `count(${cell(column)}) > 0`),
              `${from} JOIN ${touched} t ON t.k = l.${ident(key)}`,
            ),
          published,
        );
  const left = new Set(
    from === undefined
      ? []
      : await flags(
          (columns) =>
            list(
              columns.map(
                (column) =>
                  `EXISTS (SELECT FROM ${from} WHERE ${cell(column)} IS NOT NULL AND NOT EXISTS (SELECT FROM ${touched} t WHERE t.k = l.${ident(key)}))`,
              ),
              '(SELECT) one',
            ),
          lost,
        ),
  );
  const emptied = new Set(lost.filter((column) => !left.has(column)));
  if (emptied.size === 0) return;
  const kept = table.columns.filter((column) => !emptied.has(column));
  table.columns.splice(0, table.columns.length, ...kept);
}
