import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { literal, qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { Column, Table } from '../../../shape/layout.ts';
import { dotted, textSegment } from '../../../shape/names.ts';
import type { Shape } from '../../../shape/shape.ts';
import { stagingSchema } from '../lease.ts';
import { asText, columnName, planDdl, positionName, stagingTable } from '../staged-tables.ts';
import { inTransaction } from '../transaction.ts';

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  path.length >= prefix.length && prefix.every((segment, at) => path[at] === segment);

const segmentsOf = (shape: Shape, path: number): readonly string[] => shape.paths[path]?.segments ?? [];

/** Whether a path is that of an element's text. */
const isTextOf = (segments: readonly string[], element: readonly string[]): boolean =>
  segments.at(-1) === textSegment && dotted(segments.slice(0, -1)) === dotted(element);

/** Where the staged rows of a dataset are. */
interface Place {
  readonly client: PgClient;
  readonly schema: string;
  readonly dataset: string;
  readonly shape: Shape;
}

const staged = ({ schema, dataset }: Place, table: Table): string =>
  qualified(stagingSchema(schema), stagingTable(dataset, table));

/** Repeats that are moved in one transaction: each takes a handful of locks. */
const repeatsAtOnce = 50;

/** The path of the objects that a table holds in its own columns though they belong to a repeat; undefined without any. */
function loneIn(shape: Shape, holder: Table, repeat: Table): number | undefined {
  const wanted = dotted(repeat.path);
  return [...holder.inlined].find((path) => dotted(segmentsOf(shape, path)) === wanted);
}

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

/**
 * Moves objects that arrived alone, before it was known that their path is a repeat, from the columns of the table
 * around them into the repeat's own table. Outer repeats first, so that inner ones follow their parents. In transactions
 * of a few repeats each, so that a domain with thousands of them fits the server's lock table; `save` writes the layout
 * down in the same transaction, so that what is moved is known to be moved after a crash. Returns the names of the staged
 * tables that were changed.
 */
export async function moveLoneRepeats(
  client: PgClient,
  schema: string,
  dataset: string,
  shape: Shape,
  save: () => Promise<void>,
): Promise<Set<string>> {
  const changed = new Set<string>();
  const place: Place = { client, schema, dataset, shape };
  const repeats = shape.tables
    .filter((table) => table.path.length > 0)
    .sort((a, b) => a.path.length - b.path.length);
  for (const batch of batchesOf(repeats, repeatsAtOnce)) {
    if (batch.every((repeat) => holdersOf(shape, repeat).length === 0)) continue;
    await inTransaction(client, async () => {
      for (const repeat of batch) {
        for (const holder of holdersOf(shape, repeat)) {
          const lone = loneIn(shape, holder, repeat);
          if (lone === undefined) continue;
          await moveLone(place, holder, repeat, lone);
          for (const table of [holder, repeat]) changed.add(stagingTable(dataset, table));
        }
      }
      await save();
    });
  }
  return changed;
}

async function moveLone(place: Place, holder: Table, repeat: Table, lone: number): Promise<void> {
  const { client, shape } = place;
  // Strictly below: a plain value at the path itself is the holder's own.
  const below = holder.columns.filter(({ path }) => {
    const segments = segmentsOf(shape, path);
    return segments.length > repeat.path.length && startsWith(segments, repeat.path);
  });
  const homeless = await unifyTypes(place, holder, repeat, below);
  const moved = below.filter((column) => !homeless.includes(column));
  const from = staged(place, holder);
  const keys = ['k', ...holder.repeats.map(positionName), '_v'];
  const columns = moved.map((column) => columnName(column.path));
  const overflow = overflowBelow(shape, holder, repeat, homeless);
  const present = [
    `_x->'e' @> '${lone}'`,
    ...below.map((column) => `${columnName(column.path)} IS NOT NULL`),
    ...(overflow === null ? [] : ["o <> '{}'"]),
  ].join(' OR ');
  const rest =
    overflow === null
      ? '_x'
      : "nullif(coalesce(_x - 'o', '{}') || CASE WHEN o = '{}' THEN o ELSE jsonb_build_object('o', o) END, '{}')";
  const source = overflow === null ? from : `${from}, LATERAL (SELECT ${overflow} AS o) AS below`;
  const told = shape.keepsBlanks ? withBlanks(rest, blanksPart(repeat, true)) : rest;
  await client.query(
    `INSERT INTO ${staged(place, repeat)} (${[...keys, ...columns, '_x'].join(', ')})
     SELECT ${[...keys, ...columns, told].join(', ')} FROM ${source} WHERE ${present}`,
  );
  if (shape.keepsBlanks) {
    const beside = withBlanks('_x', blanksPart(repeat, false));
    await client.query(`UPDATE ${from} SET _x = ${beside} WHERE ${blanksPart(repeat, true)} IS NOT NULL`);
  }
  if (homeless.length > 0) repeat.overflows = true;
  if (holder.overflows) await takeFromOverflow(place, holder, repeat);
  // The text of an element stands in the element's own column too, where it was not known that the element is an entry.
  const text = below.find(({ path }) => isTextOf(segmentsOf(shape, path), repeat.path));
  const plain = holder.columns.find(({ path }) => dotted(segmentsOf(shape, path)) === dotted(repeat.path));
  if (text && plain)
    await client.query(
      `UPDATE ${from} SET ${columnName(plain.path)} = NULL WHERE ${columnName(text.path)} IS NOT NULL AND ${columnName(plain.path)} IS NOT NULL`,
    );
  if (below.length > 0) {
    const drops = below.map((column) => `DROP COLUMN ${columnName(column.path)}`);
    await client.query(`ALTER TABLE ${from} ${drops.join(', ')}`);
    holder.columns.splice(
      0,
      holder.columns.length,
      ...holder.columns.filter((column) => !below.includes(column)),
    );
  }
  for (const path of holder.inlined) {
    if (startsWith(segmentsOf(shape, path), repeat.path)) {
      holder.inlined.delete(path);
      if (path !== lone) repeat.inlined.add(path);
    }
  }
}

/** SQL for the questions of a row left blank that lie below a repeat, or beside it; null where there are none. */
const blanksPart = (repeat: Table, isBelow: boolean): string =>
  `(SELECT jsonb_agg(path) FROM jsonb_array_elements_text(_x->'b') AS path
    WHERE ${isBelow ? '' : 'NOT '}starts_with(path, ${literal(`${dotted(repeat.path)}.`)}))`;

/** SQL for what the typed columns can't tell, with other questions left blank. */
const withBlanks = (rest: string, blanks: string): string =>
  `nullif((coalesce(${rest}, '{}') - 'b') || jsonb_strip_nulls(jsonb_build_object('b', ${blanks})), '{}')`;

/** SQL for the keys of a row's overflow that lie below a repeat, or beside it, as one object; null where there are none. */
const overflowPart = (repeat: Table, isBelow: boolean): string =>
  `(SELECT jsonb_object_agg(key, value) FROM jsonb_each(_x->'o')
    WHERE ${isBelow ? '' : 'NOT '}starts_with(key, ${literal(`${dotted(repeat.path)}.`)}))`;

/** SQL for all that a lone item takes along in its overflow; null when no row has any. */
function overflowBelow(
  shape: Shape,
  holder: Table,
  repeat: Table,
  homeless: readonly Column[],
): string | null {
  const parts: string[] = [];
  if (holder.overflows) parts.push(overflowPart(repeat, true));
  if (homeless.length > 0) {
    const values = homeless.map((column) => {
      const name = columnName(column.path);
      const text = `coalesce(_x->'v'->>'${column.path}', ${asText(column)})`;
      const value = column.applied === 'jsonb' ? name : `to_jsonb(${text})`;
      return `(${literal(dotted(segmentsOf(shape, column.path)))}, ${value})`;
    });
    parts.push(
      `(SELECT jsonb_object_agg(path, value) FROM (VALUES ${values.join(', ')}) AS t (path, value) WHERE value IS NOT NULL)`,
    );
  }
  return parts.length === 0 ? null : parts.map((part) => `coalesce(${part}, '{}')`).join(' || ');
}

/** What lies below the repeat is no longer the holder's; both are told whether anything is left in their overflow. */
async function takeFromOverflow(place: Place, holder: Table, repeat: Table): Promise<void> {
  const { client } = place;
  const from = staged(place, holder);
  const { rowCount } = await client.query(
    `UPDATE ${from} SET _x = nullif(CASE WHEN beside IS NULL THEN _x - 'o' ELSE jsonb_set(_x, '{o}', beside) END, '{}')
     FROM (SELECT ctid AS row, ${overflowPart(repeat, false)} AS beside FROM ${from}
           WHERE ${overflowPart(repeat, true)} IS NOT NULL) AS found
     WHERE ${from}.ctid = found.row`,
  );
  if ((rowCount ?? 0) === 0) return;
  repeat.overflows = true;
  const { rows } = await client.query(`SELECT 1 FROM ${from} WHERE _x ? 'o' LIMIT 1`);
  holder.overflows = rows.length > 0;
}

/**
 * Gives the moved columns and those they move to one type that holds both, and keeps every text exactly. Returns those
 * for which the repeat's table has no room.
 */
async function unifyTypes(
  place: Place,
  holder: Table,
  repeat: Table,
  moved: readonly Column[],
): Promise<Column[]> {
  const { client, schema, dataset, shape } = place;
  const table = staged(place, holder);
  const homeless: Column[] = [];
  for (const column of moved) {
    const target = shape.columnFor(repeat, column.path, column);
    if (target === null) {
      homeless.push(column);
      continue;
    }
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
    for (const [bit, count] of column.evidence.entries()) target.add(bit, count);
  }
  const ddl = planDdl([holder, repeat], stagingSchema(schema), dataset, { keepRaw: false, unlogged: false });
  if (ddl.length > 0) await client.query(ddl.join(';\n'));
  return homeless;
}
