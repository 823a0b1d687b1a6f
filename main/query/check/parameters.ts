import type { QueryParameters } from '../../../preload/contract/models.ts';
import { type Grammar, positionOf } from './grammar.ts';
import { refused } from './refused.ts';

/**
 * A statement with `$1` … and the values for them. Of values that are given by name each `:name` becomes the next number; a
 * colon before anything else stays what it is (`a[1:2]`, `x::date`). The values stay values: none of their text is put into
 * the statement. Fails with QUERY_REFUSED where a value is missing or has no place.
 */
export function withParameters(
  grammar: Pick<Grammar, 'tokens'>,
  sql: string,
  given: QueryParameters | undefined,
): { sql: string; values: readonly (string | null)[] } {
  if (given === undefined) return { sql, values: [] };
  if (Array.isArray(given)) return { sql, values: given };
  const bytes = Buffer.from(sql);
  const tokens = grammar.tokens(sql);
  // The names become numbers: one that stands there already would get another value.
  const numbered = Object.keys(given).length > 0 && tokens.find(({ kind }) => kind === 'PARAM');
  if (numbered)
    throw refused('parameters', 'The statement has places by number and by name; name all of them.', {
      position: positionOf(sql, numbered.start),
    });
  const numbers = new Map<string, number>();
  const parts: string[] = [];
  let from = 0;
  for (const [at, { text, start, end }] of tokens.entries()) {
    const next = tokens[at + 1];
    if (text !== ':' || next === undefined || next.start !== end || !/^[A-Za-z_]\w*$/.test(next.text))
      continue;
    if (!Object.hasOwn(given, next.text)) {
      if (tokens[at - 1]?.end === start) continue;
      throw refused('parameters', `There is no value for “:${next.text}”.`, {
        position: positionOf(sql, start),
      });
    }
    const number = numbers.get(next.text) ?? numbers.size + 1;
    numbers.set(next.text, number);
    parts.push(bytes.subarray(from, start).toString(), `$${number}`);
    from = next.end;
  }
  const unused = Object.keys(given).find((name) => !numbers.has(name));
  if (unused !== undefined) throw refused('parameters', `The statement has no “:${unused}”.`);
  parts.push(bytes.subarray(from).toString());
  const values = [...numbers].sort(([, a], [, b]) => a - b).map(([name]) => given[name] as string | null);
  return { sql: parts.join(''), values };
}
