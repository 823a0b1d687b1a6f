import type { Db } from '../db.ts';

/** So many rows of a dataset that goes are removed in one step. */
const removedAtOnce = 100;
/** Pages of the index that are written anew in one step. */
const mergedAtOnce = 8;
/** So many of what fits are put in order; whoever finds more types another word. */
const mostRanked = 3000;

/** A table (with an empty column name) or a column, as it is looked for. */
export interface Words {
  readonly column: string;
  readonly question: string;
  readonly note: string;
  readonly name: string;
  readonly rest: string;
  readonly type: string | null;
  readonly path: string | null;
  /** The language of the question, where it is known. */
  readonly lang: string | null;
}

/** Words that are there, under the name that the table had. */
export interface KeptWords extends Words {
  readonly id: number;
  readonly table: string;
}

export interface FoundWords {
  readonly datasetId: string;
  readonly table: string;
  readonly column: string;
  readonly question: string;
  readonly note: string;
  readonly type: string | null;
  readonly path: string | null;
  readonly lang: string | null;
}

/**
 * The words of dictionaries, for a search over all of them. What a table's rows were made from is its digest; while somebody
 * writes them it is a text of theirs, so that two processes never mix theirs.
 */
export function dictionarySearchRepository(db: Db) {
  const state = db.prepare('SELECT state FROM dictionary_index_states WHERE dataset_id = ?').pluck();
  const putState = db.prepare(`INSERT INTO dictionary_index_states (dataset_id, state) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET state = excluded.state`);
  const dropState = db.prepare('DELETE FROM dictionary_index_states WHERE dataset_id = ?');
  const digest = db
    .prepare('SELECT digest FROM dictionary_indexed WHERE dataset_id = ? AND table_id = ?')
    .pluck();
  const putDigest = db.prepare(`INSERT INTO dictionary_indexed (dataset_id, table_id, digest) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET digest = excluded.digest`);
  const dropDigest = db.prepare('DELETE FROM dictionary_indexed WHERE dataset_id = ? AND table_id = ?');
  const tables = db.prepare('SELECT table_id FROM dictionary_indexed WHERE dataset_id = ?').pluck();
  const rows =
    db.prepare(`SELECT id, table_name AS "table", column_name AS "column", question, note, name, rest, type, path, lang
    FROM dictionary_words WHERE dataset_id = ? AND table_id = ?`);
  const remove = db.prepare('DELETE FROM dictionary_words WHERE id = ?');
  const clearColumn = db.prepare(
    'DELETE FROM dictionary_words WHERE dataset_id = ? AND table_id = ? AND column_name = ?',
  );
  const shed = db.prepare('SELECT 1 FROM dictionary_words WHERE dataset_id = ? LIMIT ?');
  const removeSome = db.prepare(`DELETE FROM dictionary_words WHERE id IN
    (SELECT id FROM dictionary_words WHERE dataset_id = ? LIMIT ${removedAtOnce})`);
  const command = (name: string, value: number) =>
    db.prepare(`INSERT INTO dictionary_search (dictionary_search, rank) VALUES ('${name}', ${value})`);
  const mark = command('secure-delete', 0);
  const overwrite = command('secure-delete', 1);
  const merge = command('merge', -mergedAtOnce);
  const secure = db.prepare("SELECT v FROM dictionary_search_config WHERE k = 'secure-delete'").pluck();
  const changes = db.prepare('SELECT total_changes()').pluck();
  const add =
    db.prepare(`INSERT INTO dictionary_words (dataset_id, table_id, table_name, column_name, question, note, name, rest, type, path, lang)
    VALUES (@datasetId, @tableId, @tableName, @column, @question, @note, @name, @rest, @type, @path, @lang)`);
  const search = db.prepare(`SELECT datasetId, "table", "column", question, note, type, path, lang FROM (
      SELECT w.dataset_id AS datasetId, w.table_name AS "table", w.column_name AS "column", w.question, w.note, w.type, w.path, w.lang,
        w.id, a.key AS place, bm25(dictionary_search, 10, 8, 4, 1) AS score
      FROM dictionary_search JOIN dictionary_words w ON w.id = dictionary_search.rowid
      JOIN json_each(@among) a ON a.value = w.dataset_id
      WHERE dictionary_search MATCH @match LIMIT ${mostRanked})
    ORDER BY score, place, "table", "column", id LIMIT @limit`);

  return {
    /** The version of a dictionary whose words are in it; null where that is not known. */
    state: (datasetId: string): string | null => (state.get(datasetId) as string | undefined) ?? null,
    putState: (datasetId: string, version: string): void => void putState.run(datasetId, version),
    digest: (datasetId: string, tableId: string): string | null =>
      (digest.get(datasetId, tableId) as string | undefined) ?? null,
    putDigest: (datasetId: string, tableId: string, text: string): void =>
      void putDigest.run(datasetId, tableId, text),
    dropDigest: (datasetId: string, tableId: string): void => void dropDigest.run(datasetId, tableId),
    /** The tables that there may be words of. */
    tables: (datasetId: string): string[] => tables.all(datasetId) as string[],
    /** What there is of a table. */
    rows: (datasetId: string, tableId: string): KeptWords[] => rows.all(datasetId, tableId) as KeptWords[],
    remove: (id: number): void => void remove.run(id),
    /**
     * Removes a few words of a dataset that is about to be deleted; false when there are none left. To take many words out of
     * the index one by one takes long: they are only marked, and then the index is written anew without them.
     */
    shed(datasetId: string): boolean {
      if (shed.get(datasetId, 1) !== undefined) {
        if (secure.get() !== 0) mark.run();
        removeSome.run(datasetId);
        return true;
      }
      if (secure.get() !== 0) return false;
      const before = changes.get() as number;
      merge.run();
      if ((changes.get() as number) - before >= 2) return true;
      overwrite.run();
      return false;
    },
    add: (datasetId: string, table: { id: string; name: string }, words: Words): void =>
      void add.run({ datasetId, tableId: table.id, tableName: table.name, ...words }),
    /** Something else is said of a column (or, with an empty name, of a table): what was there is gone at once. */
    forget(datasetId: string, tableId: string, column: string): void {
      clearColumn.run(datasetId, tableId, column);
      dropDigest.run(datasetId, tableId);
      dropState.run(datasetId);
    },
    /**
     * What fits an FTS5 expression among these datasets, the best first; of what fits equally, in the order of the datasets,
     * then by name.
     */
    search: (among: readonly string[], match: string, limit: number): FoundWords[] =>
      search.all({ among: JSON.stringify(among), match, limit }) as FoundWords[],
  };
}
