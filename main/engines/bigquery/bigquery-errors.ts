import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { timedOut } from '../answer.ts';
import type { Target } from '../engine.ts';
import { explainHttpLine } from '../wire/http-errors.ts';
import { placeText } from '../wire/tcp.ts';

/** What the service says: its word for the reason counts, and not the status (BigQuery documentation, "Error messages"). */
export class BigqueryRefused extends Error {
  readonly status: number;
  readonly reason: string;
  readonly said: string;
  /** Seconds by which this computer's clock is ahead of the service's; null where it did not say. */
  readonly ahead: number | null;
  constructor(status: number, reason: string, said: string, ahead: number | null) {
    super(`BigQuery ${status} ${reason}`);
    this.status = status;
    this.reason = reason;
    this.said = said;
    this.ahead = ahead;
  }
}

/** A clock that is off by more makes a token that is not good yet, or no longer. */
const mostAhead = 60;
const noRight = new Set(['accessDenied', 'forbidden']);
const limits = new Set(['rateLimitExceeded', 'jobRateLimitExceeded', 'quotaExceeded', 'resourcesExceeded']);

/** Turns what a request fails with into a typed error that says what happened and where. Never carries the key. */
export function explainBigqueryError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const where = placeText(target.host, target.port);
  const made = (kind: AppError['code'], text: AppError['said'], advice?: AppError['said']): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });
  if (error instanceof BigqueryRefused) {
    const { status, reason, said, ahead } = error;
    if (status === 401) {
      return ahead !== null && Math.abs(ahead) > mostAhead
        ? made(
            'DB_LOGIN_REFUSED',
            say('engines.clockOff', { where, seconds: Math.round(Math.abs(ahead)) }),
            say('engines.clockOff.advice'),
          )
        : made(
            'DB_LOGIN_REFUSED',
            say('engines.bigquery.keyRefused', { where }),
            say('engines.bigquery.keyRefused.advice'),
          );
    }
    if (reason === 'billingNotEnabled')
      return made('DB_NO_RIGHT', say('engines.bigquery.noBilling', { database: target.database }));
    if (noRight.has(reason))
      return made(
        'DB_NO_RIGHT',
        say('engine.userMayNotDo', { user: target.user, message: said.replace(/\.$/, '') }),
        say('engines.bigquery.noRight.advice'),
      );
    if (reason === 'notFound')
      return made(
        'DB_MISSING',
        say('engines.bigquery.notFound', { said: said.replace(/\.$/, '') }),
        say('engines.bigquery.notFound.advice'),
      );
    if (limits.has(reason) || status === 429)
      return made(
        'DB_LOST',
        say('engines.bigquery.tooMuch', { where }),
        say('engines.bigquery.tooMuch.advice'),
      );
    if (reason === '' && status >= 300)
      return made(
        'DB_REFUSED',
        say('engines.notThisEngine', { where, engine: 'BigQuery' }),
        say('engines.notThisEngine.advice'),
      );
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: said.replace(/\.$/, '') }));
  }
  return explainHttpLine(error, where, () =>
    made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'BigQuery' }),
      say('engines.notThisEngine.advice'),
    ),
  );
}

/** What the service says of a statement; undefined where it is about something else. */
export function explainStatement(error: BigqueryRefused, timeoutMs: number): AppError | undefined {
  const { reason, said } = error;
  if (reason === 'timeout' || reason === 'stopped') return timedOut(timeoutMs);
  const trouble = noRight.has(reason)
    ? 'permission'
    : reason === 'bytesBilledLimitExceeded' || reason === 'responseTooLarge' || limits.has(reason)
      ? 'too_many'
      : reason === 'invalidQuery' || reason === 'notFound'
        ? 'syntax'
        : reason === 'invalid'
          ? 'execution'
          : undefined;
  if (trouble === undefined) return undefined;
  return new AppError('QUERY_FAILED', plain(/[.?!]$/.test(said) ? said : `${said}.`), {
    cause: error,
    query: { trouble },
    ...(trouble === 'permission' && { advice: say('query.noRight') }),
  });
}
