import { z } from 'zod';
import { id } from './base.ts';
import { landedColumn, landedRows } from './data.ts';

/** Rows of one page at most. */
export const mostRowsOfPage = 200;
/** Conditions at once at most. */
const mostFilters = 20;
/** Values that one condition may name. */
const mostValues = 100;

const columnName = z.string().min(1).max(63);
/** PostgreSQL has no way to hold a NUL in a text. */
const text = z
  .string()
  .max(2000)
  .refine((value) => !value.includes('\0'), 'has a character that no database holds');

/**
 * A condition on one column. What is looked for is text, as PostgreSQL prints it; it is checked against the column's type and
 * goes to the database as a parameter.
 */
export const rowFilter = z.discriminatedUnion('kind', [
  z.strictObject({ column: columnName, kind: z.literal('equals'), value: text }),
  z.strictObject({
    column: columnName,
    kind: z.literal('oneOf'),
    values: z.array(text).min(1).max(mostValues),
  }),
  /** Part of the text, in upper or lower case. */
  z.strictObject({ column: columnName, kind: z.literal('contains'), text: text.min(1) }),
  /** NULL, and of texts also the one without a letter. */
  z.strictObject({ column: columnName, kind: z.literal('empty') }),
  z.strictObject({ column: columnName, kind: z.literal('filled') }),
  /** Both ends are in it; one may be left open. */
  z
    .strictObject({
      column: columnName,
      kind: z.literal('range'),
      from: text.nullable(),
      to: text.nullable(),
    })
    .refine(({ from, to }) => from !== null || to !== null, 'has no end'),
]);
export type RowFilter = z.infer<typeof rowFilter>;

export const rowFilters = z.array(rowFilter).max(mostFilters);

export const directions = ['up', 'down'] as const;
export const rowOrder = z.strictObject({ column: columnName, direction: z.enum(directions) });
export type RowOrder = z.infer<typeof rowOrder>;

/** The key of a row, as PostgreSQL prints it, column by column. */
export const rowKey = z.array(text).min(1).max(32);

/** Where a page begins: behind or before a row of the same published state, or at the end of the table. */
export const rowCursor = z.union([
  z.strictObject({ way: z.enum(['after', 'before']), key: rowKey, version: z.string().max(100) }),
  z.strictObject({ way: z.literal('last'), version: z.string().max(100).nullable().default(null) }),
]);
export type RowCursor = z.infer<typeof rowCursor>;

const table = z.string().min(1).max(63);

export const rowsAsked = z.strictObject({
  id,
  table,
  /** Null: the newest first where the table has a time, else by its key. */
  order: rowOrder.nullable().default(null),
  filters: rowFilters.default([]),
  /** Null: from the beginning. */
  from: rowCursor.nullable().default(null),
  limit: z.int().min(1).max(mostRowsOfPage).default(50),
  /** Only these columns, in this order; null for all of them. */
  columns: z.array(columnName).max(1600).nullable().default(null),
});
export type RowsAsked = z.infer<typeof rowsAsked>;

export const landedPage = landedRows.extend({
  /** The key of each row, for the page behind or before it, and for the whole row. */
  keys: z.array(z.array(z.string())),
  /** How they are ordered; null where it is by the key. */
  order: rowOrder.nullable(),
  /** By it a page knows that it belongs to the same published state as the one before. */
  version: z.string(),
  /**
   * Somebody published meanwhile what the cursor does not belong to: there are no rows then, and whoever reads begins anew.
   */
  outdated: z.boolean(),
  /** Rows without the filters, exact, as published; null where another Headgate published and has not told. */
  total: z.int().nullable(),
  /** Whether there are rows at the other side of the cursor too, as far as is known. */
  more: z.boolean(),
});
export type LandedPage = z.infer<typeof landedPage>;

export const rowCount = z.strictObject({
  rows: z.int(),
  /** Counted, not estimated because counting would have taken too long. */
  exact: z.boolean(),
  version: z.string(),
});
export type RowCount = z.infer<typeof rowCount>;

export const distribution = z.strictObject({
  column: z.string(),
  /** Rows that were looked at. */
  rows: z.int(),
  /** Looked at a part of the table, because all of it would have taken too long. */
  sampled: z.boolean(),
  filled: z.int(),
  /** Different values; null where it is not known. */
  distinct: z.int().nullable(),
  min: z.string().nullable(),
  max: z.string().nullable(),
  /** The most frequent values, NULL left out, and how often each is there. */
  top: z.array(z.strictObject({ value: z.string(), rows: z.int() })),
  version: z.string(),
});
export type Distribution = z.infer<typeof distribution>;

/** One row with its values whole; those longer than a megabyte are cut and end in `…`. */
export const landedRow = z.strictObject({
  columns: z.array(landedColumn),
  /** Null where it is not there any more. */
  values: z.array(z.string().nullable()).nullable(),
  version: z.string(),
});
export type LandedRow = z.infer<typeof landedRow>;

/** A table as people call it, of what is published; known also while its database is not to be had. */
export const tableTitle = z.strictObject({
  name: z.string(),
  /** What the source calls it, e.g. the title of a form; null where that is not known. */
  title: z.string().nullable(),
  /** The language of the title as HTML names it, where the source says which one it is. */
  lang: z.string().max(35).optional(),
  /** Name of the connector's dataset that it belongs to. */
  dataset: z.string(),
  rows: z.int(),
  columns: z.int(),
  /** Which share of its values is there, 0 to 1, as far as it was estimated; null while unknown. */
  filled: z.number().nullable(),
  /** The table it is a repeat of. */
  parent: z.string().nullable(),
});
export type TableTitle = z.infer<typeof tableTitle>;

export const datasetTitles = z.strictObject({ datasetId: id, tables: z.array(tableTitle) });
export type DatasetTitles = z.infer<typeof datasetTitles>;
