import type { SqlClient } from '../../engines/engine.ts';

/** Names of which the nearest are looked for; a project with more is helped less. */
const mostNames = 20_000;
const mostTold = 3;

/** Steps from one word to another: letters put in, left out, changed or swapped. Stops counting at `most`. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, (before[j - 2] as number) + 1);
      row.push(steps);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length] as number;
}

/** The names that are nearest to a word that is none: a slip away, or holding it. */
export function nearest(word: string, names: readonly string[]): string[] {
  const wanted = word.toLowerCase();
  const most = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => {
      const plain = name.toLowerCase();
      const steps = distance(wanted, plain, most);
      const holds = wanted.length > 2 && (plain.includes(wanted) || wanted.includes(plain));
      return { name, rank: steps <= most ? steps : holds ? most + 1 : null };
    })
    .filter((one): one is { name: string; rank: number } => one.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length)
    .slice(0, mostTold)
    .map(({ name }) => name);
}

/** A name, and what its comment says of it: the text of a question, where a column is one. */
export interface Described {
  readonly name: string;
  readonly comment: string | null;
}

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');

/** The names nearest to a word, then those whose comment has all of its parts as words, the shortest comments first. */
export function nearestDescribed(word: string, all: readonly Described[]): string[] {
  const byName = nearest(
    word,
    all.map(({ name }) => name),
  );
  const parts = wordsOf(word);
  const byComment = all
    .map(({ name, comment }) => ({
      name,
      length: comment?.length ?? 0,
      words: new Set(wordsOf(comment ?? '')),
    }))
    .filter(({ words }) => parts.length > 0 && parts.every((part) => words.has(part)))
    .sort((a, b) => a.length - b.length || a.name.length - b.name.length)
    .map(({ name }) => name);
  return [...new Set([...byName, ...byComment])].slice(0, mostTold);
}

/** What was probably meant, out of what is there. */
export const meant = {
  async tables(client: SqlClient, schemas: readonly string[], word: string): Promise<string[]> {
    const { rows } = await client.query<Described>(
      `SELECT DISTINCT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm') LIMIT ${mostNames}`,
      [schemas],
    );
    return nearestDescribed(word, rows);
  },
  async columns(
    client: SqlClient,
    tables: readonly { readonly schema: string; readonly name: string }[],
    word: string,
  ): Promise<string[]> {
    const { rows } = await client.query<Described>(
      `SELECT DISTINCT a.attname AS name, col_description(c.oid, a.attnum) AS comment FROM unnest($1::text[], $2::text[]) AS w (schema, name)
       JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LIMIT ${mostNames}`,
      [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
    );
    return nearestDescribed(word, rows);
  },
};
