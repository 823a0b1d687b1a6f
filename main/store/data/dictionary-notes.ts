import type { DictionaryNote, Sensitivity } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

/** Things of one project and source that people can say something about; every run of it is handed all of them. */
const mostNotes = 20_000;

/** Whose data: notes are the same for every dataset of a project and a source. */
export interface NotesOf {
  readonly projectId: string;
  readonly sourceId: string;
}

/** What a note is about, as the source knows it. */
export interface NotePlace {
  readonly table: string;
  /** Empty for the table itself. */
  readonly element: string;
}

export interface StoredNote extends NotePlace, DictionaryNote {
  /** Digests of descriptions that may stand in databases as comments, the latest first. */
  readonly told: readonly string[];
}

type Row = Record<string, string | null>;

/** What people say about tables and columns. */
export function dictionaryNoteRepository(db: Db) {
  const columns = `n.table_id, n.element, n.description, n.sensitivity, n.declined, n.told, n.updated_at, p.name AS by
    FROM dictionary_notes n LEFT JOIN people p ON p.id = n.described_by
    WHERE n.project_id = @projectId AND n.data_source_id = @sourceId`;
  const list = db.prepare(`SELECT ${columns} ORDER BY n.table_id, n.element`);
  const ofTable = db.prepare(`SELECT ${columns} AND n.table_id = @table ORDER BY n.element`);
  const get = db.prepare(`SELECT ${columns} AND n.table_id = @table AND n.element = @element`);
  const count = db
    .prepare(
      'SELECT count(*) FROM dictionary_notes WHERE project_id = @projectId AND data_source_id = @sourceId',
    )
    .pluck();
  const put = db.prepare(`INSERT INTO dictionary_notes
    (project_id, data_source_id, table_id, element, description, sensitivity, declined, told, described_by, updated_at)
    VALUES (@projectId, @sourceId, @table, @element, @description, @sensitivity, @declined, @told, @personId, @now)
    ON CONFLICT DO UPDATE SET description = excluded.description, sensitivity = excluded.sensitivity,
      declined = excluded.declined, told = excluded.told, described_by = excluded.described_by, updated_at = excluded.updated_at`);

  const read = (row: Row): StoredNote => ({
    table: row['table_id'] as string,
    element: row['element'] as string,
    description: row['description'] as string | null,
    sensitivity: JSON.parse(row['sensitivity'] as string) as Sensitivity[],
    declined: JSON.parse(row['declined'] as string) as Sensitivity[],
    told: JSON.parse(row['told'] as string) as string[],
    by: row['by'] as string | null,
    at: row['updated_at'] as string,
  });

  return {
    /** In the order of their places. */
    list: ({ projectId, sourceId }: NotesOf): StoredNote[] =>
      (list.all({ projectId, sourceId }) as Row[]).map(read),
    /** Of one table. */
    ofTable: ({ projectId, sourceId }: NotesOf, table: string): StoredNote[] =>
      (ofTable.all({ projectId, sourceId, table }) as Row[]).map(read),
    find({ projectId, sourceId }: NotesOf, { table, element }: NotePlace): StoredNote | null {
      const row = get.get({ projectId, sourceId, table, element }) as Row | undefined;
      return row ? read(row) : null;
    },
    /** Fails with INPUT_INVALID where there are too many. */
    put(
      { projectId, sourceId }: NotesOf,
      { table, element, description, ...note }: Omit<StoredNote, 'by' | 'at'>,
      personId: string,
      now: string,
    ): void {
      const isNew = this.find({ projectId, sourceId }, { table, element }) === null;
      if (isNew && (count.get({ projectId, sourceId }) as number) >= mostNotes)
        throw new AppError('INPUT_INVALID', say('store.tablesColumnsSourceCan', { mostNotes }));
      put.run({
        ...{ projectId, sourceId, table, element, description, personId, now },
        sensitivity: JSON.stringify(note.sensitivity),
        declined: JSON.stringify(note.declined),
        told: JSON.stringify(note.told),
      });
    },
  };
}
