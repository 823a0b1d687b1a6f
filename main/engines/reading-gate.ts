import type { QueryRefusal } from '../../preload/contract/query-words.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** How a language marks what is no word of it. */
export interface Dialect {
  /** What runs to the end of the line. */
  readonly lineComments: readonly string[];
  /** Whether a comment can hold another one. */
  readonly nestedComments: boolean;
  /** What a text can be quoted with; inside of a quote in which a backslash stands for itself, it is not named. */
  readonly backslashIn: readonly string[];
  /** Whether `r'…'` is a text in which a backslash stands for itself. */
  readonly rawTexts: boolean;
  /** Whether `$$…$$` is a text. */
  readonly dollarTexts: boolean;
  /** Words that a statement that reads has nowhere but in quotes, beside those of every language. */
  readonly never: readonly string[];
  /** Functions that reach beyond the tables of the server, or change something. */
  readonly beyond: RegExp;
}

type Token = { readonly kind: 'word' | 'mark' | 'quoted'; readonly text: string };

const reading = new Set(['select', 'with', 'show', 'describe', 'desc', 'explain']);
/** What a common table expression can lead to in place of a SELECT. */
const writing = /\b(?:insert|update|delete|merge|call|procedure|replace\s+into)\b/i;
const afterWith = new Set(['insert', 'update', 'delete', 'merge', 'call', 'procedure']);

type Refusal =
  | 'engines.query.quoteOpen'
  | 'engines.query.commentOpen'
  | 'engines.query.several'
  | 'engines.query.empty'
  | 'engines.query.onlyReading'
  | 'engines.query.wouldWrite'
  | 'engines.query.beyond';
const refuse = (reason: QueryRefusal, id: Refusal): AppError =>
  new AppError('QUERY_REFUSED', say(id), { query: { reason } });

const ofWord = /[\w$\u0080-\uffff]/;

/** Where a comment that begins at `at` ends. Fails where it never does. */
function endOfComment(sql: string, at: number, nested: boolean): number {
  let depth = 1;
  for (let next = at + 2; next < sql.length; next += 1) {
    const two = sql.slice(next, next + 2);
    if (two === '*/') {
      depth -= 1;
      next += 1;
      if (depth === 0) return next + 1;
    } else if (nested && two === '/*') {
      depth += 1;
      next += 1;
    }
  }
  throw refuse('unknown_syntax', 'engines.query.commentOpen');
}

/** Where a text that `sql[at]` opens ends; two quotation marks stand for one. Fails where it never does. */
function endOfQuote(sql: string, at: number, escapes: boolean): number {
  const quote = sql[at] as string;
  for (let next = at + 1; next < sql.length; next += 1) {
    if (escapes && sql[next] === '\\') next += 1;
    else if (sql[next] === quote) {
      if (sql[next + 1] !== quote) return next + 1;
      next += 1;
    }
  }
  throw refuse('unknown_syntax', 'engines.query.quoteOpen');
}

function tokensOf(sql: string, dialect: Dialect): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const mark = sql[at] as string;
    const raw = dialect.rawTexts && /^r['"]/i.test(sql.slice(at, at + 2));
    if (raw || mark === "'" || mark === '"' || mark === '`') {
      const opening = raw ? at + 1 : at;
      at = endOfQuote(sql, opening, !raw && dialect.backslashIn.includes(mark));
      tokens.push({ kind: 'quoted', text: '' });
    } else if (dialect.dollarTexts && sql.startsWith('$$', at)) {
      const end = sql.indexOf('$$', at + 2);
      if (end < 0) throw refuse('unknown_syntax', 'engines.query.quoteOpen');
      at = end + 2;
      tokens.push({ kind: 'quoted', text: '' });
    } else if (sql.startsWith('/*', at)) at = endOfComment(sql, at, dialect.nestedComments);
    else if (dialect.lineComments.some((comment) => sql.startsWith(comment, at))) {
      const length = sql.slice(at).search(/[\r\n]/);
      at = length < 0 ? sql.length : at + length + 1;
    } else if (ofWord.test(mark)) {
      const start = at;
      while (at < sql.length && ofWord.test(sql[at] as string)) at += 1;
      tokens.push({ kind: 'word', text: sql.slice(start, at).toLowerCase() });
    } else {
      if (!/\s/.test(mark)) tokens.push({ kind: 'mark', text: mark });
      at += 1;
    }
  }
  return tokens;
}

/**
 * The gate of a server that has no lock of its own against writing: one statement, by its first word one that reads, which
 * leads to nothing else. Where a backslash makes it uncertain what is quoted, what seems quoted counts as well. Answers the
 * statement as it is sent. Fails with QUERY_REFUSED.
 */
export function insistReading(text: string, dialect: Dialect): string {
  const sql = text.replace(/[\s;]+$/, '');
  const tokens = tokensOf(sql, dialect);
  const isMark = (at: number, mark: string): boolean =>
    tokens[at]?.kind === 'mark' && tokens[at]?.text === mark;
  if (tokens.some((_, at) => isMark(at, ';'))) throw refuse('several_statements', 'engines.query.several');
  let first = 0;
  while (isMark(first, '(')) first += 1;
  const begins = tokens[first];
  if (begins === undefined) throw refuse('empty', 'engines.query.empty');
  if (begins.kind !== 'word' || !reading.has(begins.text))
    throw refuse('not_reading', 'engines.query.onlyReading');
  // `a ->> b` runs b after a.
  if (tokens.some((_, at) => isMark(at, '-') && isMark(at + 1, '>') && isMark(at + 2, '>')))
    throw refuse('several_statements', 'engines.query.several');
  const mayLead = begins.text === 'with' || begins.text === 'explain';
  for (const { kind, text: word } of tokens) {
    if (kind !== 'word') continue;
    if (dialect.never.includes(word) || (mayLead && afterWith.has(word)))
      throw refuse('not_reading', 'engines.query.wouldWrite');
    if (dialect.beyond.test(word)) throw refuse('not_reading', 'engines.query.beyond');
  }
  if (/\\['"`]/.test(sql) && (writing.test(sql) || /;/.test(sql)))
    throw refuse('not_reading', 'engines.query.wouldWrite');
  return sql;
}
