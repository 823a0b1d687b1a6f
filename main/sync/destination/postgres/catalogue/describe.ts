import type { DictionaryTable } from '../../../../../preload/contract/models.ts';
import type { Target } from '../../../../engines/engine.ts';
import { readOwnership, requireOwn } from '../../../../engines/postgres/ownership.ts';
import { type PgClient, withClient } from '../../../../engines/postgres/postgres-client.ts';
import { isRefused } from '../../../../engines/postgres/postgres-errors.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import type { Comments } from '../../../shape/names.ts';
import { elementOf, noteFinder, type PersonsNote, spoken, tableItself } from '../../../shape/notes.ts';
import { commentOn } from '../finish/comment-of.ts';
import { stagingSchema } from '../lease.ts';
import { newComment, presentComments, writtenBefore } from '../publish/comments.ts';
import { isLocked, lockTimeout } from '../publish/patience.ts';
import { tryLockOpening } from '../staging.ts';
import { begin } from '../transaction.ts';
import { noteInCatalogue } from './catalogue.ts';

/** A table of a published dataset, of which people say something else than before. */
export interface Described {
  readonly schema: string;
  readonly dataset: string;
  /** As it is published. */
  readonly table: DictionaryTable;
  /** The name of the column that it is about; null for the table itself. */
  readonly column: string | null;
  /** All notes of the table. */
  readonly notes: readonly PersonsNote[];
  /** Comments of Headgate's that may stand there beside those that the dictionary tells of. */
  readonly comments: Comments;
}

/**
 * What came of it: the comment stands there now; the next refresh writes it, because one is at work or somebody has the table
 * locked; or a person's own comment stays.
 */
export type WrittenNow = 'written' | 'later' | 'kept';

/**
 * Writes what people say of a table, or of one of its columns, where nobody works on the dataset: as its comment, unless
 * somebody put one there by hand, and into the catalogue. Waits for no lock longer than a publish does, and holds up nobody:
 * whoever opens the dataset meanwhile waits for one short transaction. Fails with SCHEMA_NOT_OURS, and as any session does.
 */
export async function describeInPlace(
  target: Target,
  described: Described,
  onUnwritten: (error: unknown) => void,
  signal: AbortSignal,
): Promise<WrittenNow> {
  return withClient(target, signal, async (client) => {
    await begin(client, await lockTimeout(client));
    try {
      const written = await write(client, described, onUnwritten);
      await client.query(written === 'later' ? 'ROLLBACK' : 'COMMIT');
      return written;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      if (isLocked(error)) return 'later';
      throw error;
    }
  });
}

async function write(
  client: PgClient,
  described: Described,
  onUnwritten: (error: unknown) => void,
): Promise<WrittenNow> {
  const { schema, dataset, table } = described;
  // Nobody takes or has the dataset's lease until this transaction ends.
  if (!(await tryLockOpening(client, schema))) return 'later';
  const { mark } = await requireOwn(client, schema, dataset, 'live');
  if (!mark?.tables.includes(table.name)) return 'later';
  if ((await readOwnership(client, stagingSchema(schema))).exists) return 'later';
  const comment = await writeComment(client, described);
  await client.query('SAVEPOINT headgate_catalogue');
  try {
    await noteInCatalogue(client, described);
  } catch (error) {
    if (!isRefused(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT headgate_catalogue');
    onUnwritten(error);
  }
  return comment;
}

async function writeComment(
  client: PgClient,
  { schema, table, column, notes, comments }: Described,
): Promise<WrittenNow> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'
       AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $3 AND NOT a.attisdropped))`,
    [schema, table.name, column],
  );
  const oid = rows[0]?.oid;
  if (oid === undefined) return 'later';
  const one = column === null ? null : table.columns.find(({ name }) => name === column);
  if (one === undefined) return 'later';
  const note = noteFinder(notes)(table.id, one === null ? tableItself : elementOf(one));
  const source = (one === null ? table.description : (one.description ?? one.sourcePath)) ?? '';
  const own = writtenBefore([table], comments)(table.name).get(column) ?? [];
  const now = (await presentComments(client, oid)).get(column);
  const text = spoken(note?.description, source);
  if (now === text) return 'written';
  const next = newComment(now, {
    ...{ text, sources: [...own, source], told: note?.told ?? [], written: own.length > 0 },
  });
  if (next === null) return 'kept';
  await client.query(commentOn(qualified(schema, table.name), column, next));
  return 'written';
}
