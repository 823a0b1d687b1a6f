import type { QueryTrouble } from '../../../preload/contract/query-words.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { SqlClient } from '../../engines/engine.ts';
import type { ServerError } from '../../engines/postgres/postgres-errors.ts';
import { AppError } from '../../errors.ts';
import type { ReadTable } from '../check/harmless.ts';
import { meant } from '../check/meant.ts';

/** SQLSTATEs by what a person can do about them (docs, "PostgreSQL Error Codes"). */
function troubleOf(code: string): QueryTrouble {
  if (code === '42501') return 'permission';
  if (code === '57014' || code === '55P03') return 'timeout';
  if (code.startsWith('53') || code === '54000') return 'too_many';
  return code.startsWith('42') || code.startsWith('26') ? 'syntax' : 'execution';
}

/** What the server says of it, and what was probably meant where a name is unknown. `before` stands before the statement that was sent. */
export function explainTrouble(
  error: ServerError,
  { before, timeoutMs, names }: { before: number; timeoutMs: number; names?: readonly string[] },
): AppError {
  const { code = '', message = '', hint, position } = error;
  const trouble = troubleOf(code);
  const at = position === undefined ? undefined : Number(position) - before;
  const query = {
    trouble,
    sqlState: code,
    ...(at !== undefined && at > 0 && { position: at }),
    ...(names && names.length > 0 && { meant: [...names] }),
  };
  if (trouble === 'timeout' && code === '57014') {
    return new AppError('QUERY_TIMEOUT', say('query.queryNotDoneWithin', { seconds: timeoutMs / 1000 }), {
      cause: error,
      query,
    });
  }
  const answer = plain(sentence(message));
  const told =
    names && names.length > 0
      ? say('query.didYouMean', { answer, names: { eitherQuoted: [...names] } })
      : answer;
  return new AppError('QUERY_FAILED', told, {
    cause: error,
    query,
    ...(trouble === 'permission' && {
      advice: say('query.noRight'),
    }),
    ...(hint !== undefined && trouble !== 'permission' && { advice: plain(sentence(hint)) }),
  });
}

const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** The name of a column that the server does not know. */
const unknownColumn = /column "?(?:[^".]+\.)?([^"]+?)"? does not exist/;

/** Columns that were probably meant; asked in a transaction of its own, because the one that failed answers nothing. */
export async function columnsMeant(
  error: ServerError,
  client: SqlClient,
  tables: readonly ReadTable[],
): Promise<string[]> {
  const [, word] = error.code === '42703' ? (unknownColumn.exec(error.message ?? '') ?? []) : [];
  if (word === undefined) return [];
  try {
    await client.query('ROLLBACK; BEGIN READ ONLY; SET LOCAL search_path = pg_catalog');
    return await meant.columns(client, tables, word);
  } catch {
    return [];
  }
}
