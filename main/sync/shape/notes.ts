import { createHash } from 'node:crypto';

/** What people say about a table or a column, as a run needs it: kept by what the source calls the thing. */
export interface PersonsNote {
  readonly table: string;
  /** See `elementOf`; empty for the table itself. */
  readonly element: string;
  readonly description: string | null;
  readonly sensitivity: readonly string[];
  /** Digests of descriptions that Headgate wrote, or tried to; see `digestOf`. */
  readonly told: readonly string[];
}

/** How the table itself is called among the elements of a table. */
export const tableItself = '';

/** What a column is known by however it is called: its path, or, where it stands for none, a space and its fixed name. */
export const elementOf = ({ name, sourcePath }: { name: string; sourcePath: string | null }): string =>
  sourcePath ?? ` ${name}`;

export type Notes = <T extends PersonsNote>(
  notes: readonly T[],
) => (table: string, element: string) => T | undefined;

/** Finds a note by what it is about. */
export const noteFinder: Notes = (notes) => {
  const key = (table: string, element: string): string => `${table}\0${element}`;
  const found = new Map(notes.map((note) => [key(note.table, note.element), note]));
  return (table, element) => found.get(key(table, element));
};

/** Stands for a description that may be a comment somewhere: what a person took away is not kept for that. */
export const digestOf = (description: string): string =>
  createHash('sha256').update(description).digest('base64url').slice(0, 22);

/** The comment of something that a person described: their text, and below it what is known of its source. */
export const spoken = (description: string | null | undefined, source: string): string =>
  description == null ? source : source === '' ? description : `${description}\n${source}`;

/** Whether a comment is a person's description as Headgate wrote it, above one of these texts of the source. */
export function isSpoken(comment: string, sources: readonly string[], told: readonly string[]): boolean {
  return sources.some((source) => {
    const end = source === '' ? '' : `\n${source}`;
    return comment.endsWith(end) && told.includes(digestOf(comment.slice(0, comment.length - end.length)));
  });
}
