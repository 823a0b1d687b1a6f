import type { QueryParameters } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
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
): { sql: string; values: readonly (string | null)[]; names: readonly string[] } {
  if (given === undefined) return { sql, values: [], names: [] };
  if (Array.isArray(given)) return { sql, values: given, names: [] };
  const bytes = Buffer.from(sql);
  const tokens = grammar.tokens(sql);
  // The names become numbers: one that stands there already would get another value.
  const numbered = Object.keys(given).length > 0 && tokens.find(({ kind }) => kind === 'PARAM');
  if (numbered)
    throw refused('parameters', say('query.statementPlacesNumberName'), {
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
      throw refused('parameters', say('query.noValue', { text: next.text }), {
        position: positionOf(sql, start),
      });
    }
    const number = numbers.get(next.text) ?? numbers.size + 1;
    numbers.set(next.text, number);
    parts.push(bytes.subarray(from, start).toString(), `$${number}`);
    from = next.end;
  }
  const unused = Object.keys(given).find((name) => !numbers.has(name));
  if (unused !== undefined) throw refused('parameters', say('query.statementNo', { unused }));
  parts.push(bytes.subarray(from).toString());
  const names = [...numbers].sort(([, a], [, b]) => a - b).map(([name]) => name);
  return { sql: parts.join(''), values: names.map((name) => given[name] as string | null), names };
}

/**
 * A statement as it is written down where no value may be: each literal is a `$n`, each named value keeps its `:name`. Empty
 * where the text is not understood, since a value could then be anywhere.
 */
export function withoutValues(
  grammar: Pick<Grammar, 'tokens' | 'withoutLiterals'>,
  asked: string,
  given: QueryParameters | undefined,
): string {
  try {
    const { sql, names } = withParameters(grammar, asked, given);
    const bare = grammar.withoutLiterals(sql);
    if (bare === null || names.length === 0) return bare ?? '';
    const bytes = Buffer.from(bare);
    const parts: string[] = [];
    let from = 0;
    for (const { kind, text, start, end } of grammar.tokens(bare)) {
      // The literals are numbered after the named values.
      const name = kind === 'PARAM' ? names[Number(text.slice(1)) - 1] : undefined;
      if (name === undefined) continue;
      parts.push(bytes.subarray(from, start).toString(), `:${name}`);
      from = end;
    }
    return parts.join('') + bytes.subarray(from).toString();
  } catch (error) {
    if (error instanceof AppError) return '';
    throw error;
  }
}
