import { ident, literal } from '../../../../engines/postgres/sql.ts';
import { noteFinder, type PersonsNote, spoken, tableItself } from '../../../shape/notes.ts';
import type { PlannedColumn, TablePlan } from './plan.ts';

/** Columns that are given by the engine and stand for no path of the source: positions in repeats. */
const positionPrefix = 'position ';

/** The path of the values in the source's record; null for columns that stand for none. */
export const sourcePathOf = ({ id }: Pick<PlannedColumn, 'id'>): string | null =>
  id === null || id.startsWith(positionPrefix) ? null : id;

/** What people say of a planned table, or of one of its columns where one is given. */
export type NoteOf = (plan: TablePlan, column?: PlannedColumn) => PersonsNote | undefined;

export function notesOfPlans(notes: readonly PersonsNote[]): NoteOf {
  const find = noteFinder(notes);
  return ({ id }, column) =>
    find(id, column === undefined ? tableItself : (sourcePathOf(column) ?? ` ${column.to}`));
}

/** The comment of a planned table, or of one of its columns: what people say, and what the source does. */
export const commentOf = (noteOf: NoteOf, plan: TablePlan, column?: PlannedColumn): string =>
  spoken(noteOf(plan, column)?.description, (column ?? plan).comment);

/** The statement that writes a comment on a table (`relation` is its quoted name), or on one of its columns. */
export const commentOn = (relation: string, column: string | null, text: string): string =>
  `COMMENT ON ${column === null ? `TABLE ${relation}` : `COLUMN ${relation}.${ident(column)}`} IS ${literal(text)}`;
