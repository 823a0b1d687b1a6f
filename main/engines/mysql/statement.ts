import type { QueryRefusal } from '../../../preload/contract/query-words.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** Statements that only read. What follows them is checked by the server, in a transaction that can't write. */
const reading = new Set(['select', 'with', 'values', 'table', 'show', 'describe', 'desc', 'explain']);

/** One piece of a statement, as far as it matters here. */
type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string }
  | { readonly kind: 'quoted' };

type Refusal =
  | 'engines.query.quoteOpen'
  | 'engines.query.commentOpen'
  | 'engines.query.runComment'
  | 'engines.query.several'
  | 'engines.query.empty'
  | 'engines.query.onlyReading'
  | 'engines.query.into'
  | 'engines.query.files';

const refuse = (reason: QueryRefusal, id: Refusal): AppError =>
  new AppError('QUERY_REFUSED', say(id), { query: { reason } });

/**
 * Takes a statement apart as the server's own reader does where a query could hide something: quotes of three kinds, comments of
 * three kinds. A comment that the server runs (`/*! … * /`, `/*M! … * /`) is refused, whatever is in it.
 */
function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const quotedUntil = (quote: string): void => {
    for (at += 1; at < sql.length; at += 1) {
      if (sql[at] === '\\' && quote !== '`') at += 1;
      else if (sql[at] === quote) {
        if (sql[at + 1] !== quote) break;
        at += 1;
      }
    }
    if (at >= sql.length) throw refuse('unknown_syntax', 'engines.query.quoteOpen');
    at += 1;
    tokens.push({ kind: 'quoted' });
  };
  while (at < sql.length) {
    const rest = sql.slice(at, at + 4);
    const mark = rest[0] as string;
    if (mark === "'" || mark === '"' || mark === '`') quotedUntil(mark);
    else if (/^\/\*(?:!|M!)/.test(rest)) throw refuse('not_reading', 'engines.query.runComment');
    else if (rest.startsWith('/*')) {
      const end = sql.indexOf('*/', at + 2);
      if (end < 0) throw refuse('unknown_syntax', 'engines.query.commentOpen');
      at = end + 2;
    } else if (mark === '#' || /^--(?:[\s]|$)/.test(rest)) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
    } else if (/[\w$\u0080-\uffff]/.test(mark)) {
      const start = at;
      while (at < sql.length && /[\w$\u0080-\uffff]/.test(sql[at] as string)) at += 1;
      tokens.push({ kind: 'word', text: sql.slice(start, at).toLowerCase() });
    } else {
      if (!/\s/.test(mark)) tokens.push({ kind: 'mark', text: mark });
      at += 1;
    }
  }
  return tokens;
}

/**
 * Fails with QUERY_REFUSED unless it is one statement that reads, by its first word, and hands nothing to files or variables of
 * the server: those a transaction that can't write does not stop. Answers what kind it is.
 */
export function insistReading(sql: string): 'rows' | 'direct' {
  const tokens = tokensOf(sql);
  while (tokens.at(-1)?.kind === 'mark' && (tokens.at(-1) as { text: string }).text === ';') tokens.pop();
  const is = (at: number, text: string): boolean => {
    const token = tokens[at];
    return token !== undefined && token.kind !== 'quoted' && token.text === text;
  };
  if (tokens.some((_, at) => is(at, ';'))) throw refuse('several_statements', 'engines.query.several');
  let first = 0;
  while (is(first, '(')) first += 1;
  const word = tokens[first];
  if (word === undefined) throw refuse('empty', 'engines.query.empty');
  if (word.kind !== 'word' || !reading.has(word.text))
    throw refuse('not_reading', 'engines.query.onlyReading');
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    // After INTO there is a file, or variables; before a column of that name it would be quoted.
    if (token.text === 'into') throw refuse('not_reading', 'engines.query.into');
    if (token.text === 'procedure' && is(at + 1, 'analyse'))
      throw refuse('not_reading', 'engines.query.into');
    if (token.text === 'load_file' && is(at + 1, '(')) throw refuse('not_reading', 'engines.query.files');
  }
  return ['select', 'with', 'values', 'table'].includes(word.text) ? 'rows' : 'direct';
}
