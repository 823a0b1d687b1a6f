import { z } from 'zod';
import { longestDescription, sensitivities } from '../dictionary-words.ts';
import { id, instant } from './base.ts';
import { dictionaryColumn, dictionaryTable } from './data.ts';

export * from '../dictionary-words.ts';

const tags = z
  .array(z.enum(sensitivities))
  .max(sensitivities.length)
  .refine((list) => new Set(list).size === list.length, 'names one twice');

/** What people say about a table or a column, beside what the source says. */
export const dictionaryNote = z.strictObject({
  description: z.string().nullable(),
  sensitivity: tags,
  /** Suggested, and declined by a person: not suggested again. */
  declined: tags,
  /** Who changed it last; null where that person is gone. */
  by: z.string().nullable(),
  at: instant,
});
export type DictionaryNote = z.infer<typeof dictionaryNote>;

/** How much of something is described. */
export const coverage = z.strictObject({
  columns: z.int(),
  /** Columns with a text of the source's or a person's. */
  described: z.int(),
  /** Columns with a text of a person's. */
  byPeople: z.int(),
});
export type Coverage = z.infer<typeof coverage>;

export const describedColumn = dictionaryColumn.extend({
  note: dictionaryNote.nullable(),
  /** What its name and type suggest; neither tagged so nor declined yet. */
  suggested: tags,
});
export type DescribedColumn = z.infer<typeof describedColumn>;

export const describedTable = dictionaryTable.extend({
  columns: z.array(describedColumn),
  note: dictionaryNote.nullable(),
  coverage,
});
export type DescribedTable = z.infer<typeof describedTable>;

/** What is published, described without a single value of it. Empty before the first publish. */
export const dictionary = z.strictObject({
  schemaName: z.string(),
  dataAsOf: instant.nullable(),
  jobId: id.nullable(),
  tables: z.array(describedTable),
  coverage,
});
export type Dictionary = z.infer<typeof dictionary>;

const text = z.string().max(longestDescription);

/** A change to what people say; what is left out stays. */
export const noteChange = z
  .strictObject({
    id,
    /** Of the table, as the dictionary has it; it stays the same when the name changes. */
    table: z.string().min(1).max(2000),
    /** The name of a column of that table; null for the table itself. */
    column: z.string().min(1).max(63).nullable(),
    /** Null, or an empty one, takes it away. */
    description: text.nullable().optional(),
    sensitivity: tags.optional(),
    declined: tags.optional(),
  })
  .refine(
    ({ description, sensitivity, declined }) =>
      description !== undefined || sensitivity !== undefined || declined !== undefined,
    'changes nothing',
  );

export const noteAnswer = z.strictObject({
  note: dictionaryNote.nullable(),
  /**
   * `written`: it stands in the database now. `later`: the next refresh writes it, because one is under way, the database was
   * not to be had, or a table is locked. `kept`: a comment that somebody wrote there by hand stays.
   */
  comment: z.enum(['written', 'later', 'kept']),
});
export type NoteAnswer = z.infer<typeof noteAnswer>;

export const dictionaryHit = z.strictObject({
  datasetId: id,
  projectName: z.string(),
  sourceName: z.string(),
  schemaName: z.string(),
  table: z.string(),
  /** Null where the table itself was found. */
  column: z.string().nullable(),
  type: z.string().nullable(),
  label: z.string().nullable(),
  /** The language of the label as HTML names it, where the source says which one it is. */
  lang: z.string().max(35).optional(),
  sourcePath: z.string().nullable(),
  /** A person's text. */
  description: z.string().nullable(),
});
export type DictionaryHit = z.infer<typeof dictionaryHit>;

/** The best ones first. */
export const dictionaryHits = z.strictObject({
  hits: z.array(dictionaryHit),
  /** Whether there are others. */
  more: z.boolean(),
});
export type DictionaryHits = z.infer<typeof dictionaryHits>;

export const dictionaryExport = z.strictObject({
  /** Null where it was saved. */
  text: z.string().nullable(),
  /** Where it was saved; null where it was not. */
  path: z.string().nullable(),
  tables: z.int(),
  columns: z.int(),
});
export type DictionaryExport = z.infer<typeof dictionaryExport>;
