import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres-client.ts';
import { qualified } from '../../../../engines/sql.ts';
import type { Column, Table } from '../../../shape/layout.ts';
import { dotted } from '../../../shape/names.ts';
import type { Shape } from '../../../shape/shape.ts';
import { asText, columnName, planDdl, positionName, stagingTable } from '../encode.ts';
import { stagingSchema } from '../lease.ts';
import { inTransaction } from '../transaction.ts';

/** Repeats that are moved in one transaction: each takes a handful of locks. */
const repeatsAtOnce = 50;

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  path.length >= prefix.length && prefix.every((segment, at) => path[at] === segment);

const segmentsOf = (shape: Shape, path: number): readonly string[] => shape.paths[path]?.segments ?? [];

/**
 * Moves objects that arrived alone, before it was known that their path is a repeat, from the columns of the table
 * around them into the repeat's own table. Outer repeats first, so that inner ones follow their parents. In transactions
 * of a few repeats each, so that a domain with thousands of them fits the server's lock table; `save` writes the layout
 * down in the same transaction, so that what is moved is known to be moved after a crash.
 */
export async function moveLoneRepeats(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  save: () => Promise<void>,
): Promise<void> {
  const repeats = shape.tables
    .filter((table) => table.path.length > 0 && holdersOf(shape, table).length > 0)
    .sort((a, b) => a.path.length - b.path.length);
  for (let at = 0; at < repeats.length; at += repeatsAtOnce) {
    await inTransaction(client, async () => {
      for (const repeat of repeats.slice(at, at + repeatsAtOnce))
        await moveInto(client, schema, spec, shape, repeat);
      await save();
    });
  }
}

/** The path of the objects that a table holds in its own columns though they belong to the repeat; undefined without any. */
const loneIn = (shape: Shape, holder: Table, repeat: Table): number | undefined => {
  const wanted = dotted(repeat.path);
  return [...holder.inlined].find((path) => dotted(segmentsOf(shape, path)) === wanted);
};

/** Tables that hold objects of a repeat in their own columns, outermost first. */
const holdersOf = (shape: Shape, repeat: Table): Table[] =>
  shape.tables
    .filter(
      (table) =>
        table.part === repeat.part &&
        table !== repeat &&
        table.inlined.size > 0 &&
        startsWith(repeat.path, table.path) &&
        loneIn(shape, table, repeat) !== undefined,
    )
    .sort((a, b) => a.path.length - b.path.length);

async function moveInto(
  client: PgClient,
  schema: string,
  spec: DatasetSpec,
  shape: Shape,
  repeat: Table,
): Promise<void> {
  for (const holder of holdersOf(shape, repeat)) {
    const lone = loneIn(shape, holder, repeat);
    if (lone === undefined) continue;
    // Strictly below: a plain value at the path itself is the holder's own.
    const moved = holder.columns.filter(({ path }) => {
      const segments = segmentsOf(shape, path);
      return segments.length > repeat.path.length && startsWith(segments, repeat.path);
    });
    await unifyTypes(client, schema, spec.name, shape, holder, repeat, moved);
    const from = qualified(stagingSchema(schema), stagingTable(spec.name, holder));
    const into = qualified(stagingSchema(schema), stagingTable(spec.name, repeat));
    const keys = ['k', ...holder.repeats.map(positionName), '_v', '_x'];
    const columns = [...keys, ...moved.map((column) => columnName(column.path))].join(', ');
    const present = [
      `_x->'e' @> '${lone}'`,
      ...moved.map((column) => `${columnName(column.path)} IS NOT NULL`),
    ].join(' OR ');
    await client.query(`INSERT INTO ${into} (${columns}) SELECT ${columns} FROM ${from} WHERE ${present}`);
    if (moved.length > 0) {
      const drops = moved.map((column) => `DROP COLUMN ${columnName(column.path)}`);
      await client.query(`ALTER TABLE ${from} ${drops.join(', ')}`);
      holder.columns.splice(
        0,
        holder.columns.length,
        ...holder.columns.filter((column) => !moved.includes(column)),
      );
    }
    for (const path of holder.inlined) {
      if (startsWith(segmentsOf(shape, path), repeat.path)) {
        holder.inlined.delete(path);
        if (path !== lone) repeat.inlined.add(path);
      }
    }
  }
}

/** Gives the moved columns and those they move to one type that holds both, and keeps every text exactly. */
async function unifyTypes(
  client: PgClient,
  schema: string,
  dataset: string,
  shape: Shape,
  holder: Table,
  repeat: Table,
  moved: readonly Column[],
): Promise<void> {
  const table = qualified(stagingSchema(schema), stagingTable(dataset, holder));
  for (const column of moved) {
    const target = shape.columnFor(repeat, column.path, column);
    const mask = column.mask | target.mask;
    if (
      column.format !== target.format &&
      (column.applied === 'timestamptz' || column.applied === 'timestamp')
    ) {
      // Written differently there: from now on the text itself is the only record of how it was written here.
      const name = columnName(column.path);
      await client.query(
        `UPDATE ${table} SET _x = coalesce(_x, '{}') || jsonb_build_object('v',
           jsonb_build_object('${column.path}', ${asText(column)}) || coalesce(_x->'v', '{}')) WHERE ${name} IS NOT NULL`,
      );
    }
    column.mask = mask;
    target.mask = mask;
    column.evidence.forEach((count, bit) => {
      target.evidence[bit] = (target.evidence[bit] as number) + count;
    });
  }
  const ddl = planDdl(shape, stagingSchema(schema), dataset, { keepRaw: false, unlogged: false });
  if (ddl.length > 0) await client.query(ddl.join(';\n'));
}
