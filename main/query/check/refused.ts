import type { QueryRefusal } from '../../../preload/contract/query-words.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** A statement that is not run, with the check that says so and where in the statement it is, in characters from 1. */
export function refused(
  reason: QueryRefusal,
  message: Said,
  more: {
    readonly position?: number | undefined;
    readonly cause?: unknown;
    readonly meant?: readonly string[];
  } = {},
): AppError {
  const { position, cause, meant } = more;
  return new AppError('QUERY_REFUSED', message, {
    cause,
    query: {
      reason,
      ...(position !== undefined && { position }),
      ...(meant && meant.length > 0 && { meant: [...meant] }),
    },
  });
}

/** What the parser did not understand, with its place in characters from 1; null where it does not know. */
export function syntaxError(message: string, position: number | null): AppError {
  return new AppError('QUERY_FAILED', say('query.statementMistake', { message }), {
    query: { trouble: 'syntax', sqlState: '42601', ...(position !== null && { position }) },
  });
}
