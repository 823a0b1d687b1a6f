import type { DictionaryTable } from '../../../../../preload/contract/models.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { type Comments, lookUp } from '../../../shape/names.ts';
import { isSpoken, spoken } from '../../../shape/notes.ts';
import { type Tables, tableNames, tablesByName } from '../../../shape/packed.ts';
import { commentOn, type NoteOf } from '../finish/comment-of.ts';
import { inTransaction } from '../transaction.ts';
import { isLocked } from './patience.ts';
import type { TableWork } from './work.ts';

/** How a table's own comment is found among those of its columns; no column is called so. */
const ofTable = '';

/**
 * Comments of Headgate's that may stand on a table now, by column; null for the table itself. What else stands there is a
 * person's and stays.
 */
export type WrittenComments = (table: string) => ReadonlyMap<string | null, readonly string[]>;

/** What Headgate writes as comments, by column, out of a dictionary. */
function textsOf(table: DictionaryTable | undefined): Map<string, string> {
  const texts = new Map<string, string>();
  if (table?.description != null) texts.set(ofTable, table.description);
  for (const { name, description, sourcePath } of table?.columns ?? []) {
    const text = description ?? sourcePath;
    if (text !== null) texts.set(name, text);
  }
  return texts;
}

/** What was written at the last publish, and what earlier ones may have left, because their tables were locked. */
export function writtenBefore(published: Tables, earlier: Comments): WrittenComments {
  const tables = tablesByName(published);
  return (name) => {
    const known = new Map<string | null, readonly string[]>();
    for (const [column, text] of textsOf(tables(name))) known.set(column === ofTable ? null : column, [text]);
    for (const [column, texts] of Object.entries(lookUp(earlier, name) ?? {})) {
      const at = column === ofTable ? null : column;
      known.set(at, [...new Set([...(known.get(at) ?? []), ...texts])]);
    }
    return known;
  };
}

/** Texts that are remembered of one column at most, the latest first: enough for a table that is locked all the time. */
const mostTexts = 4;

/**
 * What may stand on published tables while a refresh is at work, and after it where nobody knows how far it came: the
 * comments of before, and those that it writes. Only what the dictionary alone does not tell is in it.
 */
export function mayStand(before: Tables, earlier: Comments, now: Tables): Comments {
  const next = tablesByName(now);
  const found: [string, Readonly<Record<string, readonly string[]>>][] = [];
  const old = tablesByName(before);
  for (const name of new Set([...tableNames(before), ...Object.keys(earlier)])) {
    const [was, will] = [textsOf(old(name)), textsOf(next(name))];
    const left = new Map(Object.entries(lookUp(earlier, name) ?? {}));
    const columns: [string, readonly string[]][] = [];
    for (const column of new Set([...was.keys(), ...will.keys(), ...left.keys()])) {
      const texts = [will.get(column), was.get(column), ...(left.get(column) ?? [])];
      const told = [...new Set(texts.filter((text) => text !== undefined))].slice(0, mostTexts);
      if (told.length > 1 || !was.has(column) || !will.has(column)) columns.push([column, told]);
    }
    if (columns.length > 0) found.push([name, Object.fromEntries(columns)]);
  }
  return Object.fromEntries(found);
}

/**
 * What is left of `mayStand` once a refresh is published: nothing of columns that have their comment, everything where it
 * is not known, and the last comments of columns that are not filled any more, which may come back. `uncommented`: tables
 * whose comments could not all be written; null when it did not come to that.
 */
export function stillStand(may: Comments, now: Tables, uncommented: readonly string[] | null): Comments {
  if (uncommented === null) return may;
  const tables = tablesByName(now);
  return Object.fromEntries(
    Object.entries(may).flatMap(([name, columns]) => {
      const settled = uncommented.includes(name) ? new Map() : textsOf(tables(name));
      const left = Object.entries(columns).filter(([column]) => !settled.has(column));
      return left.length === 0 ? [] : [[name, Object.fromEntries(left)]];
    }),
  );
}

/**
 * What is to stand on a table or a column instead of what stands there; null where that stays, because it is a person's own
 * comment, or the same. `sources` are texts of the source that Headgate wrote there, or is about to; `written` says whether it
 * ever did: what is missing then was taken away.
 */
export function newComment(
  now: string | undefined,
  {
    text,
    sources,
    told,
    written,
  }: {
    readonly text: string;
    readonly sources: readonly string[];
    readonly told: readonly string[];
    readonly written: boolean;
  },
): string | null {
  if (now === undefined) return written ? null : text;
  const ours = sources.includes(now) || isSpoken(now, sources, told);
  return ours && now !== text ? text : null;
}

/** The comments of a table and its columns, by column; null is the table itself. */
export async function presentComments(
  client: PgClient,
  table: string,
): Promise<ReadonlyMap<string | null, string>> {
  const { rows } = await client.query<{ column: string | null; comment: string }>(
    `SELECT a.attname AS column, d.description AS comment FROM pg_description d
     LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0
     WHERE d.classoid = 'pg_class'::regclass AND d.objoid = $1`,
    [table],
  );
  return new Map(rows.map(({ column, comment }) => [column, comment]));
}

/**
 * Writes the comments that changed, where the present one is Headgate's own: what the source says, below what people say.
 * Each is a short statement of its own; one that would have to wait is left for the next refresh. Returns the names of the
 * tables where some are.
 */
export async function updateComments(
  client: PgClient,
  works: readonly TableWork[],
  { written, noteOf }: { readonly written: WrittenComments; readonly noteOf: NoteOf },
  { schema, bound }: { readonly schema: string; readonly bound: string },
): Promise<string[]> {
  const left: string[] = [];
  for (const { plan, live } of works) {
    const before = written(plan.name);
    const own = (column: string | null): readonly string[] => before.get(column) ?? [];
    const wanted = [
      { column: null, source: plan.comment, note: noteOf(plan) },
      ...[...plan.keys, ...plan.values].map((column) => ({
        ...{ column: column.to, source: column.comment, note: noteOf(plan, column) },
      })),
    ];
    const differ = wanted.filter(
      ({ column, source, note }) =>
        note !== undefined || own(column).length === 0 || own(column).some((known) => known !== source),
    );
    if (differ.length === 0) continue;
    const present = await inTransaction(client, () => presentComments(client, live.oid));
    const relation = qualified(schema, plan.name);
    for (const { column, source, note } of differ) {
      const text = newComment(present.get(column), {
        ...{ text: spoken(note?.description, source), sources: [...own(column), source] },
        ...{ told: note?.told ?? [], written: own(column).length > 0 },
      });
      if (text === null) continue;
      try {
        await inTransaction(client, () => client.query(commentOn(relation, column, text)), bound);
      } catch (error) {
        if (!isLocked(error)) throw error;
        left.push(plan.name);
        break;
      }
    }
  }
  return left;
}
