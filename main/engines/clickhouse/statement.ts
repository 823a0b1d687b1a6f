import type { QueryRefusal } from '../../../preload/contract/query-words.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** Statements that only read; the server holds each of them to that (`readonly = 2`). */
const reading = new Set(['select', 'with', 'show', 'describe', 'desc', 'explain', 'exists']);

/** Functions in the place of a table that read, or ask, something else than the server's own tables. */
const beyond = new Set([
  ...[
    'url',
    'urlcluster',
    'file',
    'filecluster',
    'remote',
    'remotesecure',
    's3',
    's3cluster',
    'gcs',
    'oss',
    'cosn',
  ],
  ...[
    'hdfs',
    'hdfscluster',
    'azureblobstorage',
    'azureblobstoragecluster',
    'mysql',
    'postgresql',
    'mongodb',
    'redis',
  ],
  ...[
    'sqlite',
    'odbc',
    'jdbc',
    'executable',
    'executablepool',
    'deltalake',
    'deltalakecluster',
    'hudi',
    'iceberg',
  ],
  ...[
    'icebergs3',
    'icebergazure',
    'icebergcluster',
    'ytsaurus',
    'arrowflight',
    'input',
    'cluster',
    'clusterallreplicas',
  ],
]);

type Refusal =
  | 'engines.query.quoteOpen'
  | 'engines.query.commentOpen'
  | 'engines.query.several'
  | 'engines.query.empty'
  | 'engines.query.onlyReading'
  | 'engines.query.into'
  | 'engines.query.beyond'
  | 'engines.query.format';

const refuse = (reason: QueryRefusal, id: Refusal): AppError =>
  new AppError('QUERY_REFUSED', say(id), { query: { reason } });

/** The words and marks of a statement; what is quoted or a comment is none. */
function wordsOf(sql: string): string[] {
  const words: string[] = [];
  const pattern =
    /('(?:[^'\\]|\\.|'')*('?)|"(?:[^"\\]|\\.|"")*("?)|`(?:[^`\\]|\\.|``)*(`?))|(\/\*[\s\S]*?(\*\/|$)|--[^\n]*|#[ !][^\n]*)|([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|\s+|(.)/gsu;
  for (const [, quoted, single, double, back, comment, closed, word, mark] of sql.matchAll(pattern)) {
    if (quoted !== undefined) {
      if (!(single || double || back) || quoted.length < 2)
        throw refuse('unknown_syntax', 'engines.query.quoteOpen');
      words.push('"');
    } else if (comment !== undefined) {
      if (comment.startsWith('/*') && closed === '')
        throw refuse('unknown_syntax', 'engines.query.commentOpen');
    } else if (word !== undefined) words.push(word.toLowerCase());
    else if (mark !== undefined) words.push(mark);
  }
  return words;
}

/**
 * Fails with QUERY_REFUSED unless it is one statement that reads the server's own tables; the format is ours to choose. Answers
 * the statement without the semicolon at its end.
 */
export function insistReading(sql: string): string {
  const words = wordsOf(sql);
  while (words.at(-1) === ';') words.pop();
  if (words.includes(';')) throw refuse('several_statements', 'engines.query.several');
  const first = words.find((word) => word !== '(');
  if (first === undefined) throw refuse('empty', 'engines.query.empty');
  if (!reading.has(first)) throw refuse('not_reading', 'engines.query.onlyReading');
  for (const [at, word] of words.entries()) {
    const next = words[at + 1];
    if (word === 'into' && next === 'outfile') throw refuse('not_reading', 'engines.query.into');
    if (beyond.has(word) && next === '(') throw refuse('foreign_table', 'engines.query.beyond');
    if (word === 'format' && next !== undefined && /^[a-z]/.test(next) && at === words.length - 2)
      throw refuse('unknown_syntax', 'engines.query.format');
  }
  return sql.replace(/[\s;]+$/, '');
}
